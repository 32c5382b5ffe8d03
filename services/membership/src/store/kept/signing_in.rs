//! Where members are signed in, and how they came in: nothing that opens anything.

use runtime::archive::{Field, Kind, Sheet, WHOSE, sheet};

use super::HASH;

pub(super) const SESSIONS: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "sessions",
        "sessions",
        &["id"],
        &[
            WHOSE,
            Field::shown("device", Kind::Sealed),
            Field::shown("started_at", Kind::Time),
            Field::shown("last_used_at", Kind::Time),
            Field::shown("expires_at", Kind::Time),
            Field::shown("ended_at", Kind::Time),
            Field::shown("ended_why", Kind::Word),
            Field::filed("stepped_up_until", Kind::Time),
            Field::withheld("installation", Kind::Bytes, HASH),
            Field::filed("id", Kind::Id),
        ],
    )
};

pub(super) const REFRESH_TOKENS: Sheet = Sheet {
    whose: "session_id IN (SELECT id FROM sessions WHERE member_id = $1)",
    ..sheet(
        "refresh_tokens",
        "refresh_tokens",
        &["digest"],
        &[
            Field::filed("session_id", Kind::Id),
            Field::filed("issued_at", Kind::Time),
            Field::filed("used_at", Kind::Time),
            Field::withheld("digest", Kind::Bytes, HASH),
        ],
    )
};

pub(super) const CODES: Sheet = Sheet {
    whose: "member_id = $1 OR phone IN (SELECT digest FROM identifiers WHERE member_id = $1)",
    ..sheet(
        "codes",
        "sign_ins",
        &["id"],
        &[
            WHOSE,
            Field::shown("made_at", Kind::Time),
            Field::shown("expires_at", Kind::Time),
            Field::shown("used_at", Kind::Time),
            Field::filed("tries_left", Kind::Whole),
            Field::filed("id", Kind::Id),
            Field::withheld("phone", Kind::Bytes, HASH),
            Field::withheld("code", Kind::Bytes, HASH),
        ],
    )
};

pub(super) const MESSAGES: Sheet = Sheet {
    whose: "member_id = $1 OR id IN (SELECT id FROM sign_ins WHERE member_id = $1 OR phone IN \
            (SELECT digest FROM identifiers WHERE member_id = $1))",
    ..sheet(
        "messages",
        "sign_in_messages",
        &["id"],
        &[
            WHOSE,
            Field::filed("id", Kind::Id),
            Field::filed("expires_at", Kind::Time),
            Field::filed("due_at", Kind::Time),
            Field::withheld("kind", Kind::Word, "what the message brings, which must come there alone"),
            Field::withheld(
                "sealed",
                Kind::Bytes,
                "a code on its way to the phone, which must come there alone",
            ),
        ],
    )
};

pub(super) const VOUCHINGS: Sheet = sheet(
    "vouchings",
    "vouchings",
    &["id"],
    &[
        WHOSE,
        Field::shown("branch", Kind::Text),
        Field::filed("till", Kind::Text),
        Field::shown("expires_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld("staff", Kind::Text, "who of the staff it was is about them"),
    ],
);
