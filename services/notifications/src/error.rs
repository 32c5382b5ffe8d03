//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use locale::pattern::PatternFlaw;
use store::StoreError;
use web::Problem;

use crate::domain::{
    call::{CallState, MOST_CALLS},
    campaign::{MOST_CAMPAIGNS, Stage},
    template::{Flaw, WhatIsWrong},
};

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
    /// It cannot be done as things are.
    Refused(Refusal),
    /// Points does not say whom a campaign is about; the same call may succeed later.
    PointsSilent(anyhow::Error),
    /// Membership does not say where members are reached; the same call may succeed later.
    MembershipSilent(anyhow::Error),
    /// The database does not answer in time; the same call may succeed later.
    Unavailable(anyhow::Error),
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The dead letter.
    DeadLetter,
    /// The kind of message, or the version of its template.
    Template,
    /// The member.
    Member,
    /// A phone behind a text.
    Sender,
    /// A text that people are to read.
    UnknownText,
    /// The campaign.
    Campaign,
    /// The segment that a campaign or a list of calls is about.
    Segment,
    /// The call.
    Call,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Words that could not be said.
    Template(Flaw),
    /// The draft is another one by now.
    DraftChanged,
    /// Nothing leads to the member.
    Unreachable,
    /// The campaign is no draft any more.
    CampaignFixed {
        /// Where it stands.
        stage: Stage,
    },
    /// The step cannot be taken as the campaign stands.
    NotNow {
        /// Where it stands.
        stage: Stage,
    },
    /// There are as many campaigns as there may be.
    TooManyCampaigns,
    /// The campaign is about others than those on a list.
    NoList,
    /// Nobody is on its list.
    NobodyListed,
    /// It would end before it begins.
    EndsBefore,
    /// The list has as many calls as people can make.
    CallListFull,
    /// Somebody spoke with the member already.
    CallOver {
        /// Where the call stands.
        state: CallState,
    },
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_transient() { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(fault)
            | Error::PointsSilent(fault)
            | Error::MembershipSilent(fault)
            | Error::Fault(fault) => fault,
            other @ (Error::Missing(_) | Error::Refused(_)) => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub CAMPAIGN_UNKNOWN = "notifications.campaign_unknown", Missing, "There is no campaign of this code.";
    pub CAMPAIGN_SEGMENT_UNKNOWN = "notifications.campaign_segment_unknown", Rejected, "There is no segment of the code that the campaign, or the list of calls, names. PUT /v1/segments/{segment} opens one.";
    pub CAMPAIGN_INVALID = "notifications.campaign_invalid", Rejected, "Something in the campaign cannot be; pointer says where, and flaw what is wrong with a text. The guide has the limits.";
    pub CAMPAIGN_FIXED = "notifications.campaign_fixed", Conflict, "The campaign is no draft any more, so it says what it says; `stage` tells where it stands. One that has not begun can be recalled.";
    pub CAMPAIGN_NOT_NOW = "notifications.campaign_not_now", Conflict, "This cannot be done with the campaign as it stands; `stage` tells how that is.";
    pub CAMPAIGN_HAS_NO_LIST = "notifications.campaign_has_no_list", Conflict, "The campaign is about a segment, everybody or what happens to members: its audience has to be of type list.";
    pub CAMPAIGN_LIST_EMPTY = "notifications.campaign_list_empty", Rejected, "Nobody is on the campaign's list.";
    pub CAMPAIGN_MEMBERS_INVALID = "notifications.campaign_members_invalid", Rejected, "One request puts 1 to 100,000 members on a list.";
    pub CAMPAIGN_ENDS_BEFORE = "notifications.campaign_ends_before", Rejected, "The campaign's end comes before its beginning.";
    pub CAMPAIGNS_TOO_MANY = "notifications.campaigns_too_many", Rejected, "The chain has as many campaigns as there may be; `most` says how many.";
    pub POINTS_SILENT = "notifications.points_silent", Unavailable, "Points does not say in time whom the campaign, or the list of calls, is about. Send the same request again.";
    pub CALL_UNKNOWN = "notifications.call_unknown", Missing, "There is no such call: its member is gone, it is kept no longer, or it never was.";
    pub CALL_LIST_FULL = "notifications.call_list_full", Rejected, "The segment has more members than a list has calls; `most` says how many that may be. Those who were put on it stay.";
    pub CALL_OVER = "notifications.call_over", Conflict, "Somebody spoke with the member already; `state` tells where the call stands.";
    pub MEMBERSHIP_SILENT = "notifications.membership_silent", Unavailable, "Membership does not say in time who may be called. Send the same request again.";
    pub DEAD_LETTER_UNKNOWN = "notifications.dead_letter_unknown", Missing, "There is no such dead letter: it was sent again, is kept no longer, or never was.";
    pub DAYS_OUT_OF_RANGE = "notifications.days_out_of_range", Malformed, "from is not after until, and they are 366 days apart at most.";
    pub LIMIT_OUT_OF_RANGE = "notifications.limit_out_of_range", Malformed, "A page has 1 to 500 items.";
    pub CURSOR_INVALID = "notifications.cursor_invalid", Malformed, "The cursor is none that this list gave out. Begin again without one.";
    pub TEMPLATE_UNKNOWN = "notifications.template_unknown", Missing, "There is no such kind of message, no such version of it, or nothing of the chain's own.";
    pub TEMPLATE_INCOMPLETE = "notifications.template_incomplete", Rejected, "A template has words in Persian, Arabic and English; pointer says which are missing or empty.";
    pub TEMPLATE_UNREADABLE = "notifications.template_unreadable", Rejected, "The text is no Fluent pattern of text, names and choices; pointer says which one.";
    pub TEMPLATE_NAME_UNKNOWN = "notifications.template_name_unknown", Rejected, "The text names what this kind of message does not have; names lists what it has.";
    pub TEMPLATE_TOO_LONG = "notifications.template_too_long", Rejected, "The title has 300 characters at most, the text 2,000.";
    pub TEMPLATE_PARTS = "notifications.template_parts", Rejected, "As a text message it would take more parts than the chain allows.";
    pub DRAFT_CHANGED = "notifications.draft_changed", Conflict, "The draft has another number by now, or there is none. Look at it again.";
    pub PREFERENCE_INVALID = "notifications.preference_invalid", Rejected, "1 to 30 preferences, each of a topic that is a choice and a channel; pointer says what is wrong.";
    pub MEMBER_UNKNOWN = "notifications.member_unknown", Missing, "There is no such member, or they left.";
    pub MEMBER_UNREACHABLE = "notifications.member_unreachable", Rejected, "No provider took the message, or the member has no phone.";
    pub DOOR_UNKNOWN = "notifications.door_unknown", Missing, "There is no such door for texts; the file of providers names them.";
    pub TEXT_UNREADABLE = "notifications.text_unreadable", Rejected, "What came has no sender, no text or no id under the names that the door has for them.";
    pub SENDER_INVALID = "notifications.sender_invalid", Rejected, "The sender is no mobile number of a country that is open.";
    pub UNKNOWN_TEXT_CLOSED = "notifications.unknown_text_closed", Missing, "There is no such text that waits for people: it was closed, is kept no longer, or never came.";
    pub ANSWER_INVALID = "notifications.answer_invalid", Rejected, "An answer has 1 to 600 characters.";
    pub RECEIPT_DOOR_UNKNOWN = "notifications.receipt_door_unknown", Missing, "There is no such provider, or what came has neither its signature nor its secret.";
    pub RECEIPT_UNREADABLE = "notifications.receipt_unreadable", Rejected, "The receipt is the provider's, and says of no message what became of it.";
    pub DATABASE_BUSY = "notifications.database_busy", Unavailable, "The database does not answer in time. Send the same request again.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        Self::new(match missing {
            Missing::DeadLetter => &DEAD_LETTER_UNKNOWN,
            Missing::Template => &TEMPLATE_UNKNOWN,
            Missing::Member => &MEMBER_UNKNOWN,
            Missing::Sender => &SENDER_INVALID,
            Missing::UnknownText => &UNKNOWN_TEXT_CLOSED,
            Missing::Campaign => &CAMPAIGN_UNKNOWN,
            Missing::Segment => &CAMPAIGN_SEGMENT_UNKNOWN,
            Missing::Call => &CALL_UNKNOWN,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let at =
            |code, stage: Stage| Self::new(code).arg("stage", stage.word()).extension("stage", stage.word());
        match refusal {
            Refusal::Template(flaw) => flaw.into(),
            Refusal::DraftChanged => Self::new(&DRAFT_CHANGED),
            Refusal::Unreachable => Self::new(&MEMBER_UNREACHABLE),
            Refusal::CampaignFixed { stage } => at(&CAMPAIGN_FIXED, stage),
            Refusal::NotNow { stage } => at(&CAMPAIGN_NOT_NOW, stage),
            Refusal::TooManyCampaigns => {
                Self::new(&CAMPAIGNS_TOO_MANY).arg("most", MOST_CAMPAIGNS).extension("most", MOST_CAMPAIGNS)
            }
            Refusal::NoList => Self::new(&CAMPAIGN_HAS_NO_LIST),
            Refusal::NobodyListed => Self::new(&CAMPAIGN_LIST_EMPTY),
            Refusal::EndsBefore => Self::new(&CAMPAIGN_ENDS_BEFORE),
            Refusal::CallListFull => {
                Self::new(&CALL_LIST_FULL).arg("most", MOST_CALLS).extension("most", MOST_CALLS)
            }
            Refusal::CallOver { state } => {
                Self::new(&CALL_OVER).arg("state", state.word()).extension("state", state.word())
            }
        }
    }
}

impl From<Flaw> for Problem {
    fn from(Flaw { language, in_title, what }: Flaw) -> Self {
        let part = if in_title { "title" } else { "text" };
        let at = |code| Self::new(code).pointer(format!("/words/{language}/{part}"));
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        match what {
            WhatIsWrong::Missing | WhatIsWrong::Pattern(PatternFlaw::Empty) => at(&TEMPLATE_INCOMPLETE),
            WhatIsWrong::TooLong { most } => at(&TEMPLATE_TOO_LONG).arg("most", number(most)),
            WhatIsWrong::Pattern(flaw) => at(&TEMPLATE_UNREADABLE).arg("said", flaw.to_string()),
            WhatIsWrong::Unknown { name } => at(&TEMPLATE_NAME_UNKNOWN).arg("name", name),
            WhatIsWrong::TooManyParts { parts, most } => {
                at(&TEMPLATE_PARTS).arg("parts", number(parts)).arg("most", number(most))
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Refused(refusal) => refusal.into(),
            Error::PointsSilent(fault) => {
                Self::fault_as(&POINTS_SILENT, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::MembershipSilent(fault) => {
                Self::fault_as(&MEMBERSHIP_SILENT, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Unavailable(fault) => {
                Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
