//! Other memberships of the same person that became one with theirs.

use runtime::archive::{Field, Kind, Sheet, sheet};

use super::HASH;

const STAFF: &str = "who of the staff it was is about them";

pub(super) const MERGES: Sheet = Sheet {
    whose: "survivor = $1 OR absorbed = $1",
    ..sheet(
        "merges",
        "merges",
        &["id"],
        &[
            Field::shown("asked_at", Kind::Time),
            Field::shown("reason", Kind::Word),
            Field::shown("status", Kind::Word),
            Field::shown("merged_at", Kind::Time),
            Field::shown("ended_at", Kind::Time),
            Field::filed("id", Kind::Id),
            Field::filed("survivor", Kind::Id),
            Field::filed("absorbed", Kind::Id),
            Field::filed("survivor_at", Kind::Time),
            Field::filed("absorbed_at", Kind::Time),
            Field::filed("survivor_tries", Kind::Whole),
            Field::filed("absorbed_tries", Kind::Whole),
            Field::filed("expires_at", Kind::Time),
            Field::filed("over_at", Kind::Time),
            Field::withheld("survivor_code", Kind::Bytes, HASH),
            Field::withheld("absorbed_code", Kind::Bytes, HASH),
            Field::withheld("asked_by", Kind::Text, STAFF),
            Field::withheld("approved_by", Kind::Text, STAFF),
        ],
    )
};

/// Ids that lead to the member.
pub(super) const OTHER_IDS: Sheet = Sheet {
    whose: "survivor = $1",
    ..sheet(
        "merged_members",
        "merged_members",
        &["member_id"],
        &[
            Field::shown("merged_at", Kind::Time),
            Field::filed("member_id", Kind::Id),
            Field::withheld("survivor", Kind::Id, "the member's own id"),
        ],
    )
};
