//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use kernel::{BranchCode, HouseholdId, KeyId, MemberId, RegionCode, TillCode};
use serde_json::json;
use store::StoreError;
use web::Problem;

use crate::{domain::rejection::Rejection, store::cipher::SealBroken};

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
    /// The business says no.
    Rejected(Rejection),
    /// Others changed the same thing again and again in the meantime.
    Contended,
    /// The database does not answer in time; the same call may succeed later.
    Unavailable(anyhow::Error),
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The region.
    Region(RegionCode),
    /// The branch.
    Branch(BranchCode),
    /// The till at its branch.
    Till(BranchCode, TillCode),
    /// A till key by its id.
    TillKey(KeyId),
    /// The member.
    Member(MemberId),
    /// The household: nobody belongs to it.
    Household(HouseholdId),
    /// The member, in that household.
    HouseholdMember(MemberId),
    /// Somebody with the phone or card that was asked about.
    Identified,
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_transient() { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

impl From<SealBroken> for Error {
    fn from(error: SealBroken) -> Self {
        Self::Fault(error.into())
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
            Error::Unavailable(fault) | Error::Fault(fault) => fault,
            other => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub REGION_UNKNOWN = "membership.region_unknown", Rejected, "The chain has no region of this code. Open the region first.";
    pub BRANCH_UNKNOWN = "membership.branch_unknown", Missing, "The chain has no branch of this code.";
    pub TILL_UNKNOWN = "membership.till_unknown", Missing, "The branch has no till of this code.";
    pub TILL_KEY_UNKNOWN = "membership.till_key_unknown", Missing, "There is no such till key.";
    pub TILL_KEY_REVOKED = "membership.till_key_revoked", Gone, "The till key was revoked; the till needs another one.";
    pub TILL_KEYS_TOO_MANY = "membership.till_keys_too_many", Conflict, "The till has as many valid keys as it may have. Revoke one first.";
    pub MEMBER_UNKNOWN = "membership.member_unknown", Missing, "There is no member of this id.";
    pub IDENTIFIER_UNKNOWN = "membership.identifier_unknown", Missing, "The phone or card leads to no member. The member join says how the customer joins in one call.";
    pub PHONE_INVALID = "membership.phone_invalid", Rejected, "The text is not a phone number that exists. Send it in E.164 (+989121234567) or as it is dialled in the chain's own country; Persian and Arabic digits are read.";
    pub PHONE_NOT_MOBILE = "membership.phone_not_mobile", Rejected, "The number cannot receive text messages, such as a fixed line. Ask for a mobile number.";
    pub FIRST_NAME_EMPTY = "membership.first_name_empty", Rejected, "The first name has no letter in it.";
    pub FIRST_NAME_TOO_LONG = "membership.first_name_too_long", Rejected, "The first name has more characters than are kept; limit says how many are.";
    pub FIRST_NAME_FORBIDDEN = "membership.first_name_forbidden", Rejected, "The first name has a control character or one that hides or reorders text; character names it.";
    pub CARD_MALFORMED = "membership.card_malformed", Rejected, "A card number has 12 to 19 digits; Persian and Arabic digits are read.";
    pub CARD_CHECK_DIGIT = "membership.card_check_digit", Rejected, "The card number's check digit does not fit: a digit was mistyped.";
    pub CARD_TAKEN = "membership.card_taken", Conflict, "The card leads to another member.";
    pub CARDS_TOO_MANY = "membership.cards_too_many", Conflict, "The member has as many cards as a member may have.";
    pub HOUSEHOLD_UNKNOWN = "membership.household_unknown", Missing, "Nobody belongs to a household of this id.";
    pub HOUSEHOLD_MEMBER_UNKNOWN = "membership.household_member_unknown", Missing, "The member does not belong to this household.";
    pub HOUSEHOLD_OTHER = "membership.household_other", Conflict, "The member belongs to another household and must leave it first.";
    pub HOUSEHOLD_FULL = "membership.household_full", Conflict, "The household has as many members as a household may have.";
    pub LOOKUP_NEEDS_ONE = "membership.lookup_needs_one", Malformed, "Send either a phone or a card, not both and not neither.";
    pub PLACE_NAME_MISSING = "membership.place_name_missing", Rejected, "A region or branch needs a name in at least one language.";
    pub PLACE_NAME_EMPTY = "membership.place_name_empty", Rejected, "The name has no letter or digit in it.";
    pub PLACE_NAME_TOO_LONG = "membership.place_name_too_long", Rejected, "The name has more characters than are kept; limit says how many are.";
    pub PLACE_NAME_FORBIDDEN = "membership.place_name_forbidden", Rejected, "The name has a control character or one that hides or reorders text; character names it.";
    pub TIME_ZONE_UNKNOWN = "membership.time_zone_unknown", Rejected, "There is no such IANA time zone. Send one such as Asia/Tehran, or leave it out for the chain's own.";
    pub LIMIT_OUT_OF_RANGE = "membership.limit_out_of_range", Malformed, "A page has 1 to 500 items.";
    pub CURSOR_INVALID = "membership.cursor_invalid", Malformed, "The cursor is not one that this list gave out. Begin again without it.";
    pub DIGEST_INVALID = "membership.digest_invalid", Malformed, "A key's digest is 64 hexadecimal characters.";
    pub CONTENDED = "membership.contended", Unavailable, "Others are changing the same thing at the same time. Nothing was done; send it again.";
    pub DATABASE_BUSY = "membership.database_busy", Unavailable, "The database did not answer in time. Send the same request again after the time in Retry-After.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Region(region) => {
                Self::new(&REGION_UNKNOWN).arg("region", region.as_str()).pointer("/region")
            }
            Missing::Branch(branch) => Self::new(&BRANCH_UNKNOWN).arg("branch", branch.as_str()),
            Missing::Till(branch, till) => {
                Self::new(&TILL_UNKNOWN).arg("branch", branch.as_str()).arg("till", till.as_str())
            }
            Missing::TillKey(_) => Self::new(&TILL_KEY_UNKNOWN),
            Missing::Member(_) => Self::new(&MEMBER_UNKNOWN),
            Missing::Household(_) => Self::new(&HOUSEHOLD_UNKNOWN),
            Missing::HouseholdMember(_) => Self::new(&HOUSEHOLD_MEMBER_UNKNOWN),
            Missing::Identified => Self::new(&IDENTIFIER_UNKNOWN).extension(
                "join",
                json!({ "method": "POST", "path": "/v1/members", "needs": ["phone", "first_name"] }),
            ),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::TillKeysTooMany { limit } => {
                Self::new(&TILL_KEYS_TOO_MANY).arg("limit", limit).extension("limit", limit)
            }
            Rejection::CardsTooMany { limit } => {
                Self::new(&CARDS_TOO_MANY).arg("limit", limit).extension("limit", limit)
            }
            Rejection::CardTaken => Self::new(&CARD_TAKEN),
            Rejection::InOtherHousehold => Self::new(&HOUSEHOLD_OTHER),
            Rejection::HouseholdFull { limit } => {
                Self::new(&HOUSEHOLD_FULL).arg("limit", limit).extension("limit", limit)
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let soon = HeaderValue::from_static("1");
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Rejected(rejection) => rejection.into(),
            Error::Contended => Self::new(&CONTENDED).header(RETRY_AFTER, soon),
            Error::Unavailable(fault) => Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, soon),
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
