//! Which phones led to the member, and who asked for another.

use runtime::archive::{Field, Kind, Sheet, WHOSE, sheet};

use super::HASH;

pub(super) const CHANGES: Sheet = sheet(
    "phone_changes",
    "phone_changes",
    &["id"],
    &[
        WHOSE,
        Field::shown("phones", Kind::Sealed),
        Field::shown("asked_at", Kind::Time),
        Field::shown("reason", Kind::Word),
        Field::shown("status", Kind::Word),
        Field::shown("changed_at", Kind::Time),
        Field::shown("ended_at", Kind::Time),
        Field::shown("guarded_until", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::filed("session_id", Kind::Id),
        Field::filed("expires_at", Kind::Time),
        Field::filed("confirmed_at", Kind::Time),
        Field::filed("recall_until", Kind::Time),
        Field::filed("tries_left", Kind::Whole),
        Field::filed("over_at", Kind::Time),
        Field::withheld("phone", Kind::Bytes, HASH),
        Field::withheld("former", Kind::Bytes, HASH),
        Field::withheld("code", Kind::Bytes, HASH),
        Field::withheld("recall", Kind::Bytes, HASH),
        Field::withheld("asked_by", Kind::Text, "who of the staff it was is about them"),
        Field::withheld("approved_by", Kind::Text, "who of the staff it was is about them"),
    ],
);
