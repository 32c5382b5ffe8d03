//! Who of the back office looked, and whether the account is guarded after a change of the phone.

use runtime::archive::{Field, Kind, Sheet};

use super::{STAFF, WHOSE, sheet};

pub(super) const GUARD: Sheet = Sheet {
    wide: true,
    ..sheet(
        "guard",
        "guards",
        &["member_id"],
        &[WHOSE, Field::shown("until", Kind::Time), Field::shown("points_left", Kind::Whole)],
    )
};

pub(super) const LOOKS: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "looks",
        "looks",
        &["number"],
        &[
            WHOSE,
            Field::shown("looked_at", Kind::Time),
            Field::shown("reason", Kind::Word),
            Field::filed("operation", Kind::Text),
            Field::filed("reference", Kind::Text),
            Field::filed("number", Kind::Whole),
            Field::withheld("staff_id", Kind::Id, STAFF),
            Field::withheld("seal", Kind::Bytes, "a seal over the whole record"),
        ],
    )
};
