//! Whether the account is guarded after a change of the phone.

use runtime::archive::{Field, Kind, Sheet, WHOSE, sheet};

pub(super) const GUARD: Sheet = Sheet {
    wide: true,
    ..sheet(
        "guard",
        "guards",
        &["member_id"],
        &[WHOSE, Field::shown("until", Kind::Time), Field::shown("points_left", Kind::Whole)],
    )
};
