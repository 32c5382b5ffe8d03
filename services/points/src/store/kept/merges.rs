//! Other accounts of the same person that went into theirs, and what had happened to them.

use runtime::archive::{Field, Kind, Sheet, sheet};

/// By every other name of the member.
const OTHER_NAMES: &str = "member_id IN (SELECT member_id FROM merged_members WHERE survivor = $1)";

pub(super) const MERGES: Sheet = Sheet {
    whose: "survivor = $1",
    ..sheet(
        "merges",
        "merged_members",
        &["member_id"],
        &[
            Field::shown("merged_at", Kind::Time),
            Field::filed("member_id", Kind::Id),
            Field::withheld("survivor", Kind::Id, "the member's own id"),
        ],
    )
};

pub(super) const HISTORY: Sheet =
    Sheet { name: "merged_history", whose: OTHER_NAMES, key: &["member_id", "version"], ..super::HISTORY };

pub(super) const MOVEMENTS: Sheet = Sheet {
    name: "merged_movements",
    whose: OTHER_NAMES,
    key: &["member_id", "version", "leg"],
    ..super::MOVEMENTS
};
