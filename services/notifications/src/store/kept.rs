//! What notifications keeps of a member, for the archive that members may have: every table, and every column of it.

use runtime::archive::{Field, Kept, Kind, Sheet};

use crate::domain::{attempt::Standing, call::CallState, campaign::Arm, message::State};

/// All of it, as people read it.
pub const KEPT: Kept = Kept {
    sheets: &[&MESSAGES, &ATTEMPTS, &WISHES, &TEXTS, &CAMPAIGNS, &CAMPAIGN_LISTS, &CALLS, &LOOKS],
    apart: &[
        ("campaigns", "what the chain wants to say to many; nobody stands in it"),
        ("spent", "what providers cost; nobody stands in it"),
        ("erased_members", "the ids of those who left, of whom nothing else leads to anybody"),
        ("merged_members", "ids of members who turned out to be somebody else"),
        ("templates", "what the chain has written itself of what messages say; nobody stands in it"),
        ("heard_texts", "keyed hashes by which a text is known again for some days; they lead to nobody"),
        ("look_chain", "where the record of looks begins and ends"),
    ],
};

pub(super) const OWN: &str = "member_id = $1";
pub(super) const WHOSE: Field =
    Field::withheld("member_id", Kind::Id, "the member's own id, which the file names once");
const MACHINERY: &str = "by which nothing is done twice, and no message is left out";

pub(super) const fn sheet(
    name: &'static str,
    table: &'static str,
    whose: &'static str,
    key: &'static [&'static str],
    fields: &'static [Field],
) -> Sheet {
    Sheet { name, table, whose, key, newest_first: true, wide: false, fields }
}

fn state(number: i64) -> Option<String> {
    let state = i16::try_from(number).ok().and_then(State::from_number)?;
    Some(state.word().to_owned())
}

fn standing(number: i64) -> Option<String> {
    let standing = i16::try_from(number).ok().and_then(Standing::from_number)?;
    Some(standing.word().to_owned())
}

fn call_state(number: i64) -> Option<String> {
    let state = i16::try_from(number).ok().and_then(CallState::from_number)?;
    Some(state.word().to_owned())
}

fn arm(number: i64) -> Option<String> {
    let arm = i16::try_from(number).ok().and_then(Arm::from_number)?;
    Some(arm.word().to_owned())
}

const MESSAGES: Sheet = sheet(
    "messages",
    "messages",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("told_at", Kind::Time),
        Field::shown("kind", Kind::Word),
        Field::shown("state", Kind::Coded(state)),
        Field::shown("why", Kind::Word),
        Field::filed("named", Kind::Document),
        Field::filed("cause", Kind::Text),
        Field::filed("queued_at", Kind::Time),
        Field::filed("finished_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld("lane", Kind::Whole, MACHINERY),
        Field::withheld("due_at", Kind::Time, MACHINERY),
        Field::withheld("not_after", Kind::Time, MACHINERY),
        Field::withheld("tries", Kind::Whole, MACHINERY),
        Field::withheld("failures", Kind::Whole, MACHINERY),
    ],
);

const ATTEMPTS: Sheet = sheet(
    "attempts",
    "attempts",
    "message_id IN (SELECT id FROM messages WHERE member_id = $1)",
    &["id"],
    &[
        Field::shown("begun_at", Kind::Time),
        Field::shown("channel", Kind::Word),
        Field::shown("standing", Kind::Coded(standing)),
        Field::filed("provider", Kind::Text),
        Field::filed("why", Kind::Text),
        Field::filed("noted_at", Kind::Time),
        Field::filed("message_id", Kind::Id),
        Field::filed("id", Kind::Id),
        Field::withheld("reference", Kind::Text, "the provider's own name for the message"),
        Field::withheld("parts", Kind::Whole, "what the chain pays for"),
        Field::withheld("cost", Kind::Whole, "what the chain pays"),
    ],
);

const WISHES: Sheet = sheet(
    "wishes",
    "wishes",
    OWN,
    &["topic", "channel"],
    &[
        WHOSE,
        Field::shown("topic", Kind::Word),
        Field::shown("channel", Kind::Word),
        Field::shown("wanted", Kind::Truth),
        Field::shown("said_at", Kind::Time),
        Field::filed("said_by", Kind::Word),
    ],
);

const TEXTS: Sheet = sheet(
    "unknown_texts",
    "unknown_texts",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("heard_at", Kind::Time),
        Field::shown("closed_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld(
            "sealed",
            Kind::Bytes,
            "what you texted yourself, sealed until somebody of us reads it",
        ),
        Field::withheld(
            "closed_by",
            Kind::Text,
            "who of the staff did it is about them, and not about the member",
        ),
    ],
);

const CAMPAIGNS: Sheet = sheet(
    "campaigns",
    "campaign_members",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("assigned_at", Kind::Time),
        Field::shown("campaign", Kind::Text),
        Field::shown("arm", Kind::Coded(arm)),
        Field::shown("bought_at", Kind::Time),
        Field::filed("amount", Kind::Whole),
        Field::filed("counts_until", Kind::Time),
        Field::filed("cause", Kind::Text),
        Field::filed("id", Kind::Id),
    ],
);

const CAMPAIGN_LISTS: Sheet = sheet(
    "campaign_lists",
    "campaign_lists",
    OWN,
    &["campaign"],
    &[WHOSE, Field::shown("campaign", Kind::Text)],
);

const CALLS: Sheet = sheet(
    "calls",
    "calls",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("asked_at", Kind::Time),
        Field::shown("why", Kind::Word),
        Field::shown("state", Kind::Coded(call_state)),
        Field::shown("outcome", Kind::Word),
        Field::shown("done_at", Kind::Time),
        Field::filed("call_list", Kind::Text),
        Field::filed("id", Kind::Id),
        Field::withheld("asked_by", Kind::Id, "who of the staff asked for it is about them"),
        Field::withheld("done_by", Kind::Id, "who of the staff called is about them"),
    ],
);

const LOOKS: Sheet = sheet(
    "looks",
    "looks",
    OWN,
    &["number"],
    &[
        WHOSE,
        Field::shown("looked_at", Kind::Time),
        Field::shown("reason", Kind::Word),
        Field::filed("operation", Kind::Text),
        Field::filed("reference", Kind::Text),
        Field::filed("number", Kind::Whole),
        Field::withheld(
            "staff_id",
            Kind::Id,
            "who of the staff did it is about them, and not about the member",
        ),
        Field::withheld("seal", Kind::Bytes, "a seal over the whole record"),
    ],
);
