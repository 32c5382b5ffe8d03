//! Friends who were brought, and who brought them: neither learns the other's id.

use runtime::archive::{Field, Kind, Sheet, WHOSE, sheet};

const OTHER: &str = "somebody else's id";

pub(super) const CODE: Sheet = sheet(
    "referral_code",
    "referral_codes",
    &["member_id"],
    &[WHOSE, Field::shown("code", Kind::Text), Field::shown("made_at", Kind::Time)],
);

/// That the member was brought by somebody.
pub(super) const REFERRED: Sheet = Sheet {
    whose: "friend = $1",
    ..sheet(
        "referred",
        "referrals",
        &["friend"],
        &[
            Field::withheld("friend", Kind::Id, "the member's own id"),
            Field::withheld("referrer", Kind::Id, OTHER),
            Field::shown("made_at", Kind::Time),
            Field::shown("until", Kind::Time),
            Field::shown("counted_at", Kind::Time),
            Field::shown("undone_at", Kind::Time),
            Field::filed("minimum_amount", Kind::Money),
            Field::filed("currency", Kind::Text),
            Field::filed("purchase", Kind::Id),
            Field::filed("amount", Kind::Money),
        ],
    )
};

/// Whom the member brought.
pub(super) const FRIENDS: Sheet = Sheet {
    whose: "referrer = $1",
    ..sheet(
        "friends",
        "referrals",
        &["made_at", "friend"],
        &[
            Field::withheld("friend", Kind::Id, OTHER),
            Field::withheld("referrer", Kind::Id, "the member's own id"),
            Field::shown("made_at", Kind::Time),
            Field::shown("until", Kind::Time),
            Field::shown("counted_at", Kind::Time),
            Field::shown("undone_at", Kind::Time),
            Field::filed("minimum_amount", Kind::Money),
            Field::filed("currency", Kind::Text),
            Field::withheld("purchase", Kind::Id, "what the friend bought"),
            Field::withheld("amount", Kind::Money, "what the friend paid"),
        ],
    )
};

/// What of the purchase that counted was returned.
pub(super) const RETURNS: Sheet = Sheet {
    whose: "friend = $1",
    ..sheet(
        "referral_returns",
        "referral_returns",
        &["return_id"],
        &[
            Field::withheld("friend", Kind::Id, "the member's own id"),
            Field::filed("return_id", Kind::Id),
            Field::filed("amount", Kind::Whole),
        ],
    )
};
