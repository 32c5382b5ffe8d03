//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use kernel::{BatchId, BranchCode, HouseholdId, KeyId, MemberId, PartnerCode, RegionCode, StaffId, TillCode};
use store::StoreError;
use web::{Arg, ErrorCode, Problem};

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
    /// The identity provider does not answer, or not as one does.
    ProviderSilent(anyhow::Error),
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
    /// The session, of that member.
    Session,
    /// The person of the staff.
    Staff(StaffId),
    /// The role, of that person.
    Grant,
    /// The purpose, or that version of its words.
    Purpose,
    /// A household to which the member belongs.
    OwnHousehold,
    /// The invitation, by or to that member.
    Invitation,
    /// The card, of that member.
    Card,
    /// The batch of cards.
    Batch(BatchId),
    /// The session, of that person.
    StaffSession,
    /// The question.
    Question,
    /// The partner.
    Partner(PartnerCode),
    /// A partner's key.
    PartnerKey,
    /// The change of a phone, of that member.
    PhoneChange,
    /// The merge, into that member.
    Merge,
    /// An identity provider for the staff.
    Provider,
    /// What holds for referrals.
    ReferralTerms,
    /// The plan.
    Plan,
    /// The checkout, of that member.
    Checkout,
    /// The stray payment.
    Stray,
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
            Error::Unavailable(fault) | Error::ProviderSilent(fault) | Error::Fault(fault) => fault,
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
    pub ENROLMENT_REFUSED = "membership.enrolment_refused", Rejected, "The till's code is not one that is good: wrong, used, older than 15 minutes, or tried five times. Ask the back office for another one.";
    pub PUBLIC_KEY_INVALID = "membership.public_key_invalid", Rejected, "A public key is an Ed25519 one: 32 bytes, in base64url without padding.";
    pub PUBLIC_KEY_TAKEN = "membership.public_key_taken", Conflict, "The public key is another till's, or was revoked. Make a fresh key pair.";
    pub TILL_KEY_PLAIN = "membership.till_key_plain", Conflict, "Only a key that signs its calls can name its successor. Enrol the till by a code.";
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
    pub PHONE_COUNTRY_CLOSED = "membership.phone_country_closed", Rejected, "No codes are sent to numbers of this country; membership.code_countries lists those that are open.";
    pub CODES_TOO_MANY = "membership.codes_too_many", TooMany, "Codes were asked for too often, for this phone or from this place. Wait as long as Retry-After says; known and unknown phones are counted alike.";
    pub CODES_EXHAUSTED = "membership.codes_exhausted", Unavailable, "What the chain spends on messages in a day is spent. Nobody gets a code until Retry-After is over, or the chain raises its budget.";
    pub CODE_MALFORMED = "membership.code_malformed", Rejected, "A code has 6 digits; Persian and Arabic digits are read.";
    pub CODE_WRONG = "membership.code_wrong", Rejected, "The code is not the one that was sent; tries_left says how many attempts are left. A number that nobody has answers so, too.";
    pub CODE_SPENT = "membership.code_spent", Gone, "The code was used, is too old, was tried too often, or was never asked for. Ask for another one.";
    pub DEVICE_INVALID = "membership.device_invalid", Rejected, "A device's name is one line of 1 to 60 characters, without characters that hide or reorder text.";
    pub REFRESH_REFUSED = "membership.refresh_refused", Unauthenticated, "The refresh token continues no session: unknown, too old, or its session was ended. Sign in again.";
    pub REFRESH_REUSED = "membership.refresh_reused", Unauthenticated, "The refresh token was used before: somebody has a copy, so its session was ended. Sign in again.";
    pub SESSION_UNKNOWN = "membership.session_unknown", Missing, "The member has no session of this id.";
    pub SESSION_OVER = "membership.session_over", Gone, "The session was ended or ran out. Sign in again.";
    pub STAFF_UNKNOWN = "membership.staff_unknown", Missing, "Nobody of the staff has this id.";
    pub GRANT_UNKNOWN = "membership.grant_unknown", Missing, "The person was never given a role under this id.";
    pub STAFF_SESSION_UNKNOWN = "membership.staff_session_unknown", Missing, "The person has no session of this id, or nobody has this token.";
    pub INVITATION_REFUSED = "membership.invitation_refused", Gone, "The invitation was followed, is older than three days, was replaced by another one, or never was; or no password was chosen with it yet.";
    pub PASSWORD_LENGTH = "membership.password_length", Rejected, "A password has 12 characters or more, and 256 bytes at most.";
    pub PASSWORD_GUESSABLE = "membership.password_guessable", Rejected, "The password is among the first that anybody would try, or little more than the user name.";
    pub FACTOR_MALFORMED = "membership.factor_malformed", Rejected, "A code has 6 digits, or is a recovery code of 16 letters and digits.";
    pub FACTOR_WRONG = "membership.factor_wrong", Rejected, "The code is not the one that the app shows now. See that the clocks are right.";
    pub SIGN_IN_REFUSED = "membership.sign_in_refused", Unauthenticated, "User name, password and code do not belong together; which of them is wrong is not told.";
    pub SIGN_IN_DELAYED = "membership.sign_in_delayed", TooMany, "There were too many failures under this user name. Wait as long as Retry-After says; names that nobody has are counted alike.";
    pub SIGN_INS_BUSY = "membership.sign_ins_busy", Unavailable, "More people sign in than can be served in time. Nothing was done; send it again.";
    pub USER_NAME_INVALID = "membership.user_name_invalid", Rejected, "A user name has 3 to 32 characters of a-z, 0-9, '.', '_' and '-', and begins with a letter.";
    pub USER_NAME_TAKEN = "membership.user_name_taken", Conflict, "Somebody else of the staff has the user name, or had it once.";
    pub STAFF_NAME_INVALID = "membership.staff_name_invalid", Rejected, "A person's name is one line of 1 to 60 characters, without characters that hide or reorder text.";
    pub PLACE_TWICE = "membership.place_twice", Malformed, "A role is given at a branch, in a region or everywhere: name one of them, or none.";
    pub STAFF_OWN_AFFAIR = "membership.staff_own_affair", Rejected, "Nobody changes their own roles, or whether they may come in: another administrator does.";
    pub STAFF_DISABLED = "membership.staff_disabled", Conflict, "The person may not come in, and gets no role before they may.";
    pub GRANTS_TOO_MANY = "membership.grants_too_many", Conflict, "The person has as many roles as one may have; take one away first.";
    pub CONSENT_PURPOSE_UNKNOWN = "membership.consent_purpose_unknown", Missing, "The chain asks for no consent of this code, or never in these words.";
    pub CONSENT_PURPOSES_TOO_MANY = "membership.consent_purposes_too_many", Conflict, "The chain has as many purposes as it may have; limit says how many.";
    pub CONSENT_TEXT_INVALID = "membership.consent_text_invalid", Rejected, "The words that ask for a consent are one line of 1 to 1,000 characters in each language, without characters that hide or reorder text; pointer names the language.";
    pub CONSENT_TEXT_OUTDATED = "membership.consent_text_outdated", Conflict, "The member was shown other words than those that are asked now. Show the words of version text_version, and send the consent to those.";
    pub LEAVING_REASON_MISSING = "membership.leaving_reason_missing", Rejected, "The back office says why a member leaves: asked, deceased or duty. Members need no reason.";
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
    pub PHONE_NOT_CONFIRMED = "membership.phone_not_confirmed", Forbidden, "The member has not shown that their phone is theirs. Signing in with a one-time code shows it.";
    pub HOUSEHOLD_NONE = "membership.household_none", Missing, "The member belongs to no household.";
    pub HOUSEHOLD_HEAD_ONLY = "membership.household_head_only", Rejected, "Only who heads the household invites, removes and gives roles.";
    pub HOUSEHOLD_HEAD_STAYS = "membership.household_head_stays", Rejected, "Who heads the household is not removed and gets no other role; they pass the headship on, or leave.";
    pub HOUSEHOLD_CHILD_HEAD = "membership.household_child_head", Rejected, "A child does not come to head a household. Give them the role member first.";
    pub INVITATION_NEEDS_ONE = "membership.invitation_needs_one", Malformed, "Send exactly one of phone, card and member_id.";
    pub INVITATION_SELF = "membership.invitation_self", Rejected, "The phone, card or id is the member's own.";
    pub INVITATION_UNKNOWN = "membership.invitation_unknown", Missing, "There is no such invitation by or to this member.";
    pub INVITATION_OVER = "membership.invitation_over", Gone, "The invitation was used, declined, withdrawn or is too old, or who made it heads that household no more.";
    pub INVITATIONS_TOO_MANY = "membership.invitations_too_many", TooMany, "The member made as many invitations within a day as one may; limit says how many. Wait as long as Retry-After says.";
    pub CARD_UNKNOWN = "membership.card_unknown", Missing, "The member has, and had, no card of this id.";
    pub CARD_BLOCKED = "membership.card_blocked", Gone, "The card is blocked and leads to nobody. Ask the customer for their phone, or replace the card.";
    pub CARD_STAYS_BLOCKED = "membership.card_stays_blocked", Rejected, "The card was stolen, damaged or replaced, so it stays blocked; only a lost card is found again.";
    pub CARD_TO_SELF = "membership.card_to_self", Rejected, "The card is theirs already. A card is handed over to another member.";
    pub STEP_UP_NEEDED = "membership.step_up_needed", Forbidden, "Members do this in a session that was raised by a fresh code a few minutes ago.";
    pub RECEIVER_NEEDS_ONE = "membership.receiver_needs_one", Malformed, "Send exactly one of phone, card and member_id; members send no phone.";
    pub CARD_IS_TOKEN = "membership.card_is_token", Rejected, "The number is one that an app shows in place of a card for a minute, so it cannot be linked.";
    pub CARD_TOKEN_LAPSED = "membership.card_token_lapsed", Gone, "The number that the app showed in place of a card lapsed. Let the customer show the card again.";
    pub CARD_BATCH_UNKNOWN = "membership.card_batch_unknown", Missing, "There is no batch of cards of this id.";
    pub CARD_BATCH_NAME = "membership.card_batch_name", Rejected, "A batch's name is one line of 1 to 80 characters, without characters that hide or reorder text.";
    pub CARD_BATCH_SIZE = "membership.card_batch_size", Rejected, "A batch has 1 to 100,000 cards.";
    pub CARD_BATCH_TAKEN = "membership.card_batch_taken", Conflict, "The id names another batch. Make another id for another batch.";
    pub CARD_BATCHES_TOO_MANY = "membership.card_batches_too_many", Conflict, "As many batches as may be are being made already; limit says how many. Wait until one is ready.";
    pub CARD_BATCH_NOT_READY = "membership.card_batch_not_ready", Conflict, "The batch's numbers are still being made. Ask again in a moment.";
    pub CARD_NOT_OPEN = "membership.card_not_open", Rejected, "The card is of a batch that was closed or is not ready, so it leads to nobody.";
    pub CARD_NOT_MADE = "membership.card_not_made", Rejected, "The number lies in the chain's own range and was never made here.";
    pub QUESTION_UNKNOWN = "membership.question_unknown", Missing, "The chain asks no question of this code.";
    pub QUESTION_CODE_TOO_LONG = "membership.question_code_too_long", Rejected, "The code of a question has 24 characters at most, so that the action that rewards it can be named by it.";
    pub QUESTION_WORDS_INVALID = "membership.question_words_invalid", Rejected, "A question, its purpose and its options are one line of 1 to 200 characters in each language, without characters that hide or reorder text; pointer names the one.";
    pub QUESTION_OPTIONS_INVALID = "membership.question_options_invalid", Rejected, "A question of kind choice or choices has 2 to 30 options, each with a code of its own; others have none.";
    pub QUESTION_ASK_AGAIN = "membership.question_ask_again", Rejected, "A question that was declined is asked again after 1 to 3,650 days, or never.";
    pub QUESTION_KIND_FIXED = "membership.question_kind_fixed", Conflict, "Answers that were given must stay answers: a question keeps its kind, but for birthday and birth_date. Ask another question.";
    pub QUESTION_BIRTHDAY_ASKED = "membership.question_birthday_asked", Conflict, "Another question of the chain asks for the birthday; one may.";
    pub QUESTIONS_TOO_MANY = "membership.questions_too_many", Conflict, "The chain has as many questions as it may have, retired ones included; limit says how many.";
    pub QUESTION_RETIRED = "membership.question_retired", Conflict, "The question is not asked any more. Who answered it can still change the answer.";
    pub ANSWER_INVALID = "membership.answer_invalid", Rejected, "The answer does not fit the question; kind says what it asks for.";
    pub ANSWER_GIVEN = "membership.answer_given", Conflict, "The member answered the question before. A till does not change answers; the member does, or the back office.";
    pub TEXT_NO_NAME = "membership.text_no_name", Rejected, "The text is no first name: reason is empty, keyword, link, digits, too_long or letters. Nobody joined.";
    pub TEXT_TAKEN = "membership.text_taken", Conflict, "A text with this message_id came before, with another sender or other contents.";
    pub TEXTS_TOO_MANY = "membership.texts_too_many", TooMany, "The phone sent as many texts as count in a day (membership.texts_per_phone_day). Retry-After says when the next one does.";
    pub TEXT_ID_INVALID = "membership.text_id_invalid", Rejected, "The provider's id of a text is 1 to 128 visible ASCII characters without spaces.";
    pub TEXT_OUT_OF_TIME = "membership.text_out_of_time", Rejected, "A text is passed on within two days after it was received, and was not received in the future.";
    pub PARTNER_UNKNOWN = "membership.partner_unknown", Missing, "The chain has no partner of this code.";
    pub PARTNER_KEY_UNKNOWN = "membership.partner_key_unknown", Missing, "No partner has, or had, this key.";
    pub PARTNER_KEY_OVER = "membership.partner_key_over", Gone, "The partner's key was revoked, or its time is over. Issue another one.";
    pub PARTNER_KEYS_TOO_MANY = "membership.partner_keys_too_many", Conflict, "The partner has as many good keys as it may have; limit says how many. Revoke one first.";
    pub PARTNER_NAME_INVALID = "membership.partner_name_invalid", Rejected, "A partner's name is one line of 1 to 60 characters, without characters that hide or reorder text.";
    pub PARTNER_NETWORKS_INVALID = "membership.partner_networks_invalid", Rejected, "A partner's list has 20 entries at most, each an address such as 2001:db8::7 or a network such as 192.0.2.0/24; pointer names the entry.";
    pub PROVIDER_MISSING = "membership.provider_missing", Missing, "The chain has no identity provider: its staff sign in with passwords.";
    pub PROVIDER_SILENT = "membership.provider_silent", Unavailable, "The identity provider does not answer, or not as one does. Try again.";
    pub PROVIDER_REFUSED = "membership.provider_refused", Unauthenticated, "The identity provider does not vouch for what came back: the code is used, wrong or another's. Begin again.";
    pub LOGIN_INVALID = "membership.login_invalid", Gone, "What came back was not asked for with this login, or longer than ten minutes ago. Begin again.";
    pub SUBJECT_UNKNOWN = "membership.subject_unknown", Forbidden, "The identity provider knows the person, and nobody on the chain's own list, or nobody who may come in, is meant by that. An administrator links them.";
    pub SUBJECT_TAKEN = "membership.subject_taken", Conflict, "The identity provider's subject leads to another person of the staff.";
    pub SUBJECT_INVALID = "membership.subject_invalid", Rejected, "A subject is the claim sub as the identity provider sends it: 1 to 255 visible ASCII characters.";
    pub PASSWORD_SIGN_IN_CLOSED = "membership.password_sign_in_closed", Forbidden, "This chain's staff sign in by its identity provider; passwords are for emergencies.";
    pub ARCHIVES_TOO_MANY = "membership.archives_too_many", TooMany, "As many archives of the member were handed out within a day as there may be (membership.archives_day); limit says how many. Wait as long as Retry-After says.";
    pub ARCHIVE_UNREADY = "membership.archive_unready", Unavailable, "A service did not answer with its part in time, which service names, or as many archives are being made as may be. An archive is whole or there is none: nothing was handed out. Try again.";
    pub ARCHIVE_TOO_LARGE = "membership.archive_too_large", Conflict, "The archive would be larger than it may be (membership.archive_mib); limit says how many MiB it may have. The chain can raise it.";
    pub PHONE_CHANGE_UNKNOWN = "membership.phone_change_unknown", Missing, "The member has no change of a phone of this id that the caller may go on with.";
    pub PHONE_CHANGE_OVER = "membership.phone_change_over", Gone, "The change of the phone was decided, given up, or waited too long. Ask for another one.";
    pub PHONE_CHANGE_REASON = "membership.phone_change_reason", Rejected, "The back office says why a member's phone changes: lost, stolen or number_gone. Members need no reason.";
    pub PHONE_OWN = "membership.phone_own", Conflict, "The phone leads to this member already.";
    pub PHONE_OF_OTHER = "membership.phone_of_other", Conflict, "The phone leads to another member, and stays theirs. Whoever has both phones has two memberships: the back office sees to it that one is left.";
    pub MEMBER_MERGED = "membership.member_merged", Gone, "The membership went into another one of the same person; merged_into names the member who has everything of it now.";
    pub MERGE_UNKNOWN = "membership.merge_unknown", Missing, "No merge of this id goes into the member.";
    pub MERGE_SAME = "membership.merge_same", Rejected, "A membership does not go into itself; name two.";
    pub MERGE_OVER = "membership.merge_over", Gone, "The merge was decided, given up, or waited too long. Ask for another one.";
    pub MERGE_PHONE_CHANGING = "membership.merge_phone_changing", Conflict, "The phone of one of the two is being changed, or the change can still be called back or guards the account. Wait until that is over.";
    pub MERGE_PLANS = "membership.merge_plans", Conflict, "Both pay for a plan that runs. End one of them first.";
    pub MERGE_HEADS = "membership.merge_heads", Conflict, "Both head a household to which others belong. One of them passes the headship on first.";
    pub PHONE_RESTING = "membership.phone_resting", Conflict, "A member gave this number up a few days ago and can still call that back (membership.phone_recall_days). Afterwards it is free.";
    pub PHONE_RECALL_REFUSED = "membership.phone_recall_refused", Gone, "The code calls nothing back: it is wrong, was used, or is too old. The chain's people can still help.";
    pub SECOND_PERSON_NEEDED = "membership.second_person_needed", Rejected, "Whoever asked for it cannot approve it: another person does.";
    pub PARTNER_OVERLAP = "membership.partner_overlap", Rejected, "A replaced key stays good for 30 days at most.";
    pub INSTALLATION_INVALID = "membership.installation_invalid", Rejected, "What an app calls itself on a device is 16 to 64 visible ASCII characters without spaces.";
    pub REFERRAL_TERMS_INVALID = "membership.referral_terms_invalid", Rejected, "A field of the terms cannot be used; pointer names it.";
    pub REFERRAL_TERMS_UNKNOWN = "membership.referral_terms_unknown", Missing, "The chain has not said yet what holds for referrals.";
    pub REFERRALS_CLOSED = "membership.referrals_closed", Conflict, "The chain takes no referrals now.";
    pub REFERRAL_CODE_MALFORMED = "membership.referral_code_malformed", Rejected, "The text is no referral code: a character is wrong, missing or too much, or two changed places.";
    pub REFERRAL_CODE_UNKNOWN = "membership.referral_code_unknown", Rejected, "No member has this referral code.";
    pub REFERRAL_GIVEN = "membership.referral_given", Conflict, "The member gave another code before; one counts.";
    pub REFERRAL_LATE = "membership.referral_late", Rejected, "The member is not new: they joined longer ago than the terms allow, or bought something before.";
    pub REFERRAL_OWN = "membership.referral_own", Rejected, "The code is the member's own.";
    pub REFERRAL_HOUSEHOLD = "membership.referral_household", Rejected, "Both belong to one household; referrals are for others.";
    pub REFERRAL_SAME_DEVICE = "membership.referral_same_device", Rejected, "Both were signed in on one device; referrals are for others.";
    pub REFERRALS_TOO_MANY = "membership.referrals_too_many", Conflict, "Whose code it is referred as many within 30 days as one may; limit says how many.";
    pub REFERRAL_ATTEMPTS_TOO_MANY = "membership.referral_attempts_too_many", TooMany, "As many codes as one may give in a day were given for this member. Wait as long as Retry-After says.";
    pub PLAN_UNKNOWN = "membership.plan_unknown", Missing, "The chain has no plan of this code.";
    pub PLAN_CODE_TOO_LONG = "membership.plan_code_too_long", Rejected, "The code of a plan has 24 characters at most, so that the segment of its members can be named by it.";
    pub PLAN_TERMS_INVALID = "membership.plan_terms_invalid", Rejected, "A field of the plan cannot be used; pointer names it.";
    pub PLANS_TOO_MANY = "membership.plans_too_many", Conflict, "The chain has as many plans as it may have, those that are not sold any more included; limit says how many.";
    pub PLAN_CLOSED = "membership.plan_closed", Conflict, "The plan is not sold any more: it is neither begun nor renewed.";
    pub PLAN_AMOUNT_WRONG = "membership.plan_amount_wrong", Rejected, "The plan costs something else; price and currency say what. Nothing was recorded.";
    pub PLAN_OTHER = "membership.plan_other", Conflict, "The member has another plan that runs. It ends first.";
    pub PLAN_NOT_DUE = "membership.plan_not_due", Conflict, "The next period cannot be paid yet; renewable_from says from when on.";
    pub PLAN_NONE = "membership.plan_none", Conflict, "The member has no plan that runs.";
    pub CHECKOUTS_CLOSED = "membership.checkouts_closed", Conflict, "The chain takes no payments in the app (membership.payments_url). Plans are paid at the till.";
    pub CHECKOUT_OPEN = "membership.checkout_open", Conflict, "The member is paying for another plan; checkout_id names it. That one is paid first, or lapses.";
    pub CHECKOUT_UNKNOWN = "membership.checkout_unknown", Missing, "The member has no such checkout, or it ended longer ago than it is kept.";
    pub PAYMENT_EVENT_FORGED = "membership.payment_event_forged", Unauthenticated, "The message is not signed as the payment provider signs, or is too old.";
    pub PAYMENT_EVENT_UNREADABLE = "membership.payment_event_unreadable", Rejected, "The message is the payment provider's, and not as agreed.";
    pub STRAY_UNKNOWN = "membership.stray_payment_unknown", Missing, "There is no such stray payment.";
    pub STRAY_SETTLED = "membership.stray_payment_settled", Conflict, "Somebody said before what became of the stray payment, and said something else.";
    pub RECEIPT_INVALID = "membership.receipt_invalid", Rejected, "A receipt's number is one line of 1 to 64 characters, without characters that hide or reorder text.";
    pub RECEIPT_TAKEN = "membership.receipt_taken", Conflict, "The receipt names another payment at this till.";
    pub KEY_REUSED = "membership.idempotency_key_reused", Rejected, "The Idempotency-Key was used for another payment. Make a fresh key for another payment.";
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::TillKeysTooMany { limit } => limited(&TILL_KEYS_TOO_MANY, limit),
            Rejection::CardsTooMany { limit } => limited(&CARDS_TOO_MANY, limit),
            Rejection::CardTaken => Self::new(&CARD_TAKEN),
            Rejection::InOtherHousehold => Self::new(&HOUSEHOLD_OTHER),
            Rejection::HouseholdFull { limit } => limited(&HOUSEHOLD_FULL, limit),
            Rejection::CodesTooMany { seconds } => {
                Self::new(&CODES_TOO_MANY).arg("seconds", seconds).header(RETRY_AFTER, seconds.into())
            }
            Rejection::CodesExhausted { seconds } => {
                Self::new(&CODES_EXHAUSTED).header(RETRY_AFTER, seconds.into())
            }
            Rejection::CodeWrong { left } => {
                Self::new(&CODE_WRONG).arg("left", left).extension("tries_left", left).pointer("/code")
            }
            Rejection::CodeSpent => Self::new(&CODE_SPENT),
            Rejection::RefreshRefused => Self::new(&REFRESH_REFUSED),
            Rejection::RefreshReused => Self::new(&REFRESH_REUSED),
            Rejection::SessionOver => Self::new(&SESSION_OVER),
            Rejection::InvitationRefused => Self::new(&INVITATION_REFUSED),
            Rejection::PasswordLength => Self::new(&PASSWORD_LENGTH).pointer("/password"),
            Rejection::PasswordGuessable => Self::new(&PASSWORD_GUESSABLE).pointer("/password"),
            Rejection::FactorWrong => Self::new(&FACTOR_WRONG).pointer("/code"),
            Rejection::SignInRefused => Self::new(&SIGN_IN_REFUSED),
            Rejection::SignInDelayed { seconds } => {
                Self::new(&SIGN_IN_DELAYED).arg("seconds", seconds).header(RETRY_AFTER, seconds.into())
            }
            Rejection::SignInsBusy => {
                Self::new(&SIGN_INS_BUSY).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Rejection::UserNameTaken => Self::new(&USER_NAME_TAKEN).pointer("/user_name"),
            Rejection::StaffOwnAffair => Self::new(&STAFF_OWN_AFFAIR),
            Rejection::StaffDisabled => Self::new(&STAFF_DISABLED),
            Rejection::GrantsTooMany { limit } => limited(&GRANTS_TOO_MANY, limit),
            Rejection::ReasonMissing => Self::new(&LEAVING_REASON_MISSING).pointer("/reason"),
            Rejection::PurposesTooMany { limit } => limited(&CONSENT_PURPOSES_TOO_MANY, limit),
            Rejection::ConsentTextOutdated { version } => {
                Self::new(&CONSENT_TEXT_OUTDATED).extension("text_version", version).pointer("/text_version")
            }
            Rejection::Profile(refusal) => refusal.into(),
            Rejection::Text(refusal) => refusal.into(),
            Rejection::Household(refusal) => refusal.into(),
            Rejection::Card(refusal) => refusal.into(),
            Rejection::Batch(refusal) => refusal.into(),
            Rejection::Merge(refusal) => refusal.into(),
            Rejection::Partner(refusal) => refusal.into(),
            Rejection::Provider(refusal) => refusal.into(),
            Rejection::Referral(refusal) => refusal.into(),
            Rejection::Phone(refusal) => refusal.into(),
            Rejection::Plan(refusal) => refusal.into(),
            Rejection::Checkout(refusal) => refusal.into(),
            Rejection::EnrolmentRefused => Self::new(&ENROLMENT_REFUSED).pointer("/code"),
            Rejection::PublicKeyTaken => Self::new(&PUBLIC_KEY_TAKEN).pointer("/public_key"),
            Rejection::TillKeyPlain => Self::new(&TILL_KEY_PLAIN),
            Rejection::Archive(refusal) => refusal.into(),
        }
    }
}

/// More of something than there may be, with how many there may be.
pub(crate) fn limited<N: Copy + Into<Arg> + Into<serde_json::Value>>(
    code: &'static ErrorCode,
    limit: N,
) -> Problem {
    Problem::new(code).arg("limit", limit).extension("limit", limit)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let soon = HeaderValue::from_static("1");
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Rejected(rejection) => rejection.into(),
            Error::Contended => Self::new(&CONTENDED).header(RETRY_AFTER, soon),
            Error::Unavailable(fault) => Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, soon),
            Error::ProviderSilent(fault) => Self::fault_as(&PROVIDER_SILENT, fault).header(RETRY_AFTER, soon),
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
