//! What is kept of a member about personal offers, for the archive that members may have.

use runtime::archive::{Field, Kind, Sheet};

use super::kept::{MACHINERY, OWN, WHOSE, sheet};

pub(super) const OFFER_MEMBERS: Sheet = sheet(
    "offers_for_you",
    "personal_offer_members",
    OWN,
    &["offer"],
    &[WHOSE, Field::shown("offer", Kind::Text)],
);

pub(super) const OFFER_TAKINGS: Sheet = sheet(
    "offer_takings",
    "offer_takings",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("offer", Kind::Text),
        Field::shown("number", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::shown("activated_at", Kind::Time),
        Field::shown("use_by", Kind::Time),
        Field::filed("purchase_id", Kind::Id),
        Field::filed("measure", Kind::Whole),
        Field::filed("gift_id", Kind::Id),
        Field::filed("ended_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld("cost", Kind::Whole, "what it costs the chain"),
    ],
);

pub(super) const OFFER_HEARINGS: Sheet = sheet(
    "offer_hearings",
    "offer_hearings",
    OWN,
    &["member_id"],
    &[WHOSE, Field::withheld("seq", Kind::Whole, MACHINERY)],
);

pub(super) const TASTES: Sheet = sheet(
    "tastes",
    "tastes",
    OWN,
    &["category"],
    &[
        WHOSE,
        Field::shown("category", Kind::Text),
        Field::filed("period", Kind::Whole),
        Field::filed("buckets", Kind::Text),
    ],
);
