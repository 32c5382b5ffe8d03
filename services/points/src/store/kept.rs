//! What points keeps of a member, for the archive that members may have: every table, and every column of it.

mod guard;
mod merges;
mod words;

use runtime::archive::{Field, Kept, Kind, LOOKS, Sheet, WHOSE, sheet};

use words::{
    account_state, journal_kind, occasion_word, proposal_state, template, transfer_kind, transfer_status,
};

/// All of it, as people read it.
pub const KEPT: Kept = Kept {
    sheets: &[
        &ACCOUNT,
        &LOTS,
        &PENDING,
        &HOLDS,
        &HISTORY,
        &MOVEMENTS,
        &SENT,
        &RECEIVED,
        &TIER,
        &TIER_GRANTS,
        &PROPOSALS,
        &WAITING_RETURNS,
        &SEGMENTS,
        &PLAN,
        &guard::GUARD,
        &LOOKS,
        &merges::MERGES,
        &merges::HISTORY,
        &merges::MOVEMENTS,
        &OCCASIONS,
        &HOUSEHOLD,
        &IDENTIFIERS,
        &KNOWN,
    ],
    apart: &[
        ("programmes", "the chain's rules, which are public"),
        ("programme_head", "how many versions of them there are"),
        ("regions", "places"),
        ("branches", "places"),
        ("segments", "the names of segments; who is in them stands in segment_members"),
        (
            "tallies",
            "how much of a limit was used, under digests that lead to nobody; the history says what was earned",
        ),
        ("simulations", "sums over many members"),
        ("closed_days", "days that were summed"),
        ("day_flows", "sums over many members"),
        ("day_owed", "sums over many members"),
        ("rates", "what a point is worth"),
        ("look_chain", "where the record of looks begins and ends"),
        (
            "ended_redemptions",
            "the ids of redemptions that came to nothing or were cancelled; rewards says whose they were",
        ),
        ("idle_clocks", "how far a change of the rules has come"),
        ("erased_members", "the ids of those who left, of whom nothing else is kept"),
    ],
};

const STAFF: &str = "who of the staff did it is about them, and not about the member";
const MACHINERY: &str = "a digest by which nothing is done twice";

const ACCOUNT: Sheet = Sheet {
    wide: true,
    ..sheet(
        "account",
        "accounts",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("balance", Kind::Whole),
            Field::shown("debt", Kind::Whole),
            Field::shown("marks", Kind::Coded(account_state)),
            Field::shown("next_on", Kind::Day),
            Field::shown("next_points", Kind::Whole),
            Field::filed("idle_on", Kind::Day),
            Field::filed("version", Kind::Whole),
        ],
    )
};

const LOTS: Sheet = sheet(
    "lots",
    "lots",
    &["expires_on", "funder"],
    &[
        WHOSE,
        Field::shown("points", Kind::Whole),
        Field::shown("expires_on", Kind::Day),
        Field::shown("funder", Kind::Text),
        Field::filed("bound", Kind::Whole),
    ],
);

const ASIDE_KEY: &[&str] = &["hold_id", "ready_at", "expires_on", "funder"];

/// Of pending points `ready_at` is a day, of held ones an instant, which is a far larger number.
const PENDING: Sheet = Sheet {
    whose: "member_id = $1 AND ready_at < 10000000000",
    ..sheet(
        "pending",
        "asides",
        ASIDE_KEY,
        &[
            WHOSE,
            Field::shown("points", Kind::Whole),
            Field::shown("ready_at", Kind::Day),
            Field::shown("expires_on", Kind::Day),
            Field::shown("funder", Kind::Text),
            Field::withheld("hold_id", Kind::Id, "nothing stands there"),
            Field::filed("bound", Kind::Whole),
        ],
    )
};

const HOLDS: Sheet = Sheet {
    whose: "member_id = $1 AND ready_at >= 10000000000",
    ..sheet(
        "holds",
        "asides",
        ASIDE_KEY,
        &[
            WHOSE,
            Field::shown("points", Kind::Whole),
            Field::shown("ready_at", Kind::Time),
            Field::shown("expires_on", Kind::Day),
            Field::shown("funder", Kind::Text),
            Field::filed("hold_id", Kind::Id),
            Field::filed("bound", Kind::Whole),
        ],
    )
};

const HISTORY: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "history",
        "journals",
        &["version"],
        &[
            WHOSE,
            Field::shown("recorded_at", Kind::Time),
            Field::shown("kind", Kind::Coded(journal_kind)),
            Field::shown("branch", Kind::Text),
            Field::shown("receipt", Kind::Text),
            Field::shown("amount", Kind::Money),
            Field::shown("points", Kind::Whole),
            Field::shown("balance", Kind::Whole),
            Field::shown("reason", Kind::Text),
            Field::filed("id", Kind::Id),
            Field::filed("version", Kind::Whole),
            Field::filed("programme_version", Kind::Whole),
            Field::filed("till", Kind::Text),
            Field::filed("operation", Kind::Text),
            Field::filed("occurred_at", Kind::Time),
            Field::filed("currency", Kind::Text),
            Field::filed("trace", Kind::Document),
            Field::filed("expires_next_on", Kind::Day),
            Field::filed("expires_next_points", Kind::Whole),
            Field::filed("lines", Kind::Document),
            Field::filed("original", Kind::Id),
            Field::filed("details", Kind::Document),
            Field::filed("template", Kind::Coded(template)),
            Field::filed("debit", Kind::Id),
            Field::filed("credit", Kind::Id),
            Field::filed("moved", Kind::Whole),
            Field::filed("expires_on", Kind::Day),
            Field::filed("funder", Kind::Text),
            Field::filed("bound", Kind::Whole),
            Field::withheld("idempotency_key", Kind::Id, MACHINERY),
            Field::withheld("fingerprint", Kind::Id, MACHINERY),
            Field::withheld("actor", Kind::Text, STAFF),
        ],
    )
};

const MOVEMENTS: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "movements",
        "legs",
        &["version", "leg"],
        &[
            WHOSE,
            Field::filed("version", Kind::Whole),
            Field::filed("leg", Kind::Whole),
            Field::filed("template", Kind::Coded(template)),
            Field::filed("debit", Kind::Id),
            Field::filed("credit", Kind::Id),
            Field::filed("points", Kind::Whole),
            Field::filed("expires_on", Kind::Day),
            Field::filed("funder", Kind::Text),
            Field::filed("bound", Kind::Whole),
        ],
    )
};

const TRANSFER_KEY: &[&str] = &["requested_on", "id"];

const SENT: Sheet = Sheet {
    whose: "sender = $1",
    newest_first: true,
    ..sheet(
        "transfers_sent",
        "transfers",
        TRANSFER_KEY,
        &[
            Field::shown("requested_at", Kind::Time),
            Field::shown("kind", Kind::Coded(transfer_kind)),
            Field::shown("status", Kind::Coded(transfer_status)),
            Field::shown("points", Kind::Whole),
            Field::shown("fee", Kind::Whole),
            Field::shown("ended_at", Kind::Time),
            Field::shown("reason", Kind::Text),
            Field::filed("id", Kind::Id),
            Field::withheld("sender", Kind::Id, "the member's own id"),
            Field::filed("receiver", Kind::Id),
            Field::filed("programme_version", Kind::Whole),
            Field::filed("requested_on", Kind::Day),
            Field::filed("confirmed_at", Kind::Time),
            Field::filed("approved_at", Kind::Time),
            Field::filed("accepted_at", Kind::Time),
            Field::filed("due_at", Kind::Time),
            Field::filed("sent_version", Kind::Whole),
            Field::filed("ended_version", Kind::Whole),
            Field::withheld("agent", Kind::Text, STAFF),
            Field::withheld("reviewer", Kind::Text, STAFF),
        ],
    )
};

const RECEIVED: Sheet = Sheet {
    whose: "receiver = $1",
    newest_first: true,
    ..sheet(
        "transfers_received",
        "transfers",
        TRANSFER_KEY,
        &[
            Field::shown("requested_at", Kind::Time),
            Field::shown("kind", Kind::Coded(transfer_kind)),
            Field::shown("status", Kind::Coded(transfer_status)),
            Field::shown("points", Kind::Whole),
            Field::shown("ended_at", Kind::Time),
            Field::filed("id", Kind::Id),
            Field::filed("sender", Kind::Id),
            Field::withheld("receiver", Kind::Id, "the member's own id"),
            Field::filed("programme_version", Kind::Whole),
            Field::filed("requested_on", Kind::Day),
            Field::filed("accepted_at", Kind::Time),
            Field::filed("due_at", Kind::Time),
            Field::filed("ended_version", Kind::Whole),
            Field::withheld("fee", Kind::Whole, "what the sender paid"),
            Field::withheld("reason", Kind::Text, "written about the sender"),
            Field::withheld("confirmed_at", Kind::Time, "the sender's own step"),
            Field::withheld("approved_at", Kind::Time, "a step of the sender's side"),
            Field::withheld("sent_version", Kind::Whole, "of the sender's account"),
            Field::withheld("agent", Kind::Text, STAFF),
            Field::withheld("reviewer", Kind::Text, STAFF),
        ],
    )
};

const TIER: Sheet = Sheet {
    wide: true,
    ..sheet(
        "tier",
        "standings",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("changes_on", Kind::Day),
            Field::filed("standing", Kind::Document),
            Field::filed("revision", Kind::Whole),
        ],
    )
};

const TIER_GRANTS: Sheet = sheet(
    "tier_grants",
    "tier_grants",
    &["number"],
    &[
        WHOSE,
        Field::shown("granted_at", Kind::Time),
        Field::shown("tier", Kind::Text),
        Field::shown("until", Kind::Day),
        Field::shown("reason", Kind::Text),
        Field::shown("ended_at", Kind::Time),
        Field::shown("end_reason", Kind::Text),
        Field::filed("number", Kind::Whole),
        Field::withheld("actor", Kind::Text, STAFF),
        Field::withheld("ended_by", Kind::Text, STAFF),
    ],
);

const PROPOSALS: Sheet = sheet(
    "proposals",
    "proposals",
    &["id"],
    &[
        WHOSE,
        Field::shown("proposed_at", Kind::Time),
        Field::shown("points", Kind::Whole),
        Field::shown("reason", Kind::Text),
        Field::shown("state", Kind::Coded(proposal_state)),
        Field::shown("decided_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::filed("expires_on", Kind::Day),
        Field::filed("funder", Kind::Text),
        Field::withheld("actor", Kind::Text, STAFF),
        Field::withheld("decided_by", Kind::Text, STAFF),
        Field::withheld("idempotency_key", Kind::Id, MACHINERY),
        Field::withheld("fingerprint", Kind::Id, MACHINERY),
    ],
);

/// Returns of purchases that the member made; one that came before its purchase is nobody's until that comes.
const WAITING_RETURNS: Sheet = Sheet {
    whose: "original IN (SELECT id FROM journals WHERE member_id = $1)",
    ..sheet(
        "waiting_returns",
        "waiting_returns",
        &["id"],
        &[
            Field::shown("came_at", Kind::Time),
            Field::filed("id", Kind::Id),
            Field::filed("original", Kind::Id),
            Field::filed("asked", Kind::Document),
            Field::filed("refused", Kind::Text),
            Field::withheld("idempotency_key", Kind::Id, MACHINERY),
            Field::withheld("fingerprint", Kind::Id, MACHINERY),
        ],
    )
};

const SEGMENTS: Sheet =
    sheet("segments", "segment_members", &["segment"], &[WHOSE, Field::shown("segment", Kind::Text)]);

const PLAN: Sheet = sheet(
    "plan",
    "plan_standings",
    &["member_id"],
    &[WHOSE, Field::shown("segment", Kind::Text), Field::filed("seq", Kind::Whole)],
);

const OCCASIONS: Sheet = sheet(
    "occasions",
    "occasions",
    &["told_at", "occasion"],
    &[WHOSE, Field::shown("told_at", Kind::Time), Field::shown("occasion", Kind::Coded(occasion_word))],
);

const HOUSEHOLD: Sheet = Sheet {
    wide: true,
    whose: "member_id = $1 AND counts = 1",
    ..sheet(
        "household",
        "households",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("since", Kind::Time),
            Field::shown("head", Kind::Truth),
            Field::filed("household", Kind::Id),
            Field::withheld("counts", Kind::Truth, "the same in all rows that are given out"),
            Field::filed("told", Kind::Whole),
        ],
    )
};

const IDENTIFIERS: Sheet = sheet(
    "identifiers",
    "identifiers",
    &["told_at", "digest"],
    &[
        WHOSE,
        Field::shown("kind", Kind::Word),
        Field::shown("active", Kind::Truth),
        Field::filed("told_at", Kind::Time),
        Field::withheld("digest", Kind::Id, "a keyed hash of the phone or card, which membership keeps"),
        Field::withheld("gone_at", Kind::Whole, "since when the key of that hash is not in use"),
    ],
);

const KNOWN: Sheet = Sheet {
    wide: true,
    ..sheet(
        "known",
        "members",
        &["member_id"],
        &[WHOSE, Field::shown("joined_at", Kind::Time), Field::filed("confirmed_at", Kind::Time)],
    )
};
