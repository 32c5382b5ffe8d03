//! What is kept of a member in draws, for the archive that members may have.

use runtime::archive::{Field, Kind, Sheet};

use super::kept::{MACHINERY, OWN, WHOSE, sheet};

pub(super) const DRAW_ENTRANTS: Sheet = sheet(
    "draw_entrants",
    "draw_entrants",
    OWN,
    &["draw"],
    &[
        WHOSE,
        Field::shown("draw", Kind::Text),
        Field::shown("tickets", Kind::Whole),
        Field::filed("holder", Kind::Id),
    ],
);

pub(super) const DRAW_ENTRIES: Sheet = sheet(
    "draw_entries",
    "draw_entries",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("made_at", Kind::Time),
        Field::shown("draw", Kind::Text),
        Field::shown("source", Kind::Word),
        Field::shown("tickets", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::filed("position", Kind::Whole),
        Field::filed("amount", Kind::Whole),
        Field::filed("returned", Kind::Whole),
        Field::filed("reference", Kind::Text),
        Field::filed("holder", Kind::Id),
        Field::withheld("id", Kind::Id, MACHINERY),
    ],
);

pub(super) const DRAW_WINS: Sheet = sheet(
    "draw_wins",
    "draw_wins",
    OWN,
    &["draw", "place"],
    &[
        WHOSE,
        Field::shown("draw", Kind::Text),
        Field::shown("place", Kind::Whole),
        Field::shown("ticket", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::shown("claim_until", Kind::Time),
        Field::shown("claimed_at", Kind::Time),
        Field::filed("prize", Kind::Whole),
        Field::filed("holder", Kind::Id),
        Field::filed("handed_at", Kind::Time),
        Field::filed("handed_branch", Kind::Text),
        Field::filed("ended_at", Kind::Time),
        Field::withheld(
            "handed_by",
            Kind::Text,
            "who of the staff did it is about them, and not about the member",
        ),
    ],
);
