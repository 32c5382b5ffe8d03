//! What is kept of a member about challenges and contests, for the archive that members may have.

use runtime::archive::{Field, Kind, Sheet};

use super::kept::{OWN, WHOSE, sheet};

pub(super) const CHALLENGE_ENTRIES: Sheet = sheet(
    "challenge_entries",
    "challenge_entries",
    OWN,
    &["challenge"],
    &[
        WHOSE,
        Field::shown("challenge", Kind::Text),
        Field::shown("counted", Kind::Whole),
        Field::shown("reached_at", Kind::Time),
        Field::shown("place", Kind::Whole),
        Field::filed("since", Kind::Time),
        Field::filed("gift_id", Kind::Id),
    ],
);

pub(super) const CHALLENGE_MARKS: Sheet = sheet(
    "challenge_marks",
    "challenge_marks",
    OWN,
    &["challenge", "journal_id"],
    &[
        WHOSE,
        Field::shown("challenge", Kind::Text),
        Field::shown("made_at", Kind::Time),
        Field::shown("branch", Kind::Text),
        Field::shown("measure", Kind::Whole),
        Field::filed("day", Kind::Whole),
        Field::filed("purchase_id", Kind::Id),
        Field::filed("journal_id", Kind::Id),
    ],
);
