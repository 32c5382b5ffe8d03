//! The codes under which callers meet a refusal of points, and which of them each subject's routes answer with.

use web::ErrorCode;

pub use crate::http::{
    come_back, fault, not_simulated, not_taken, operation_refused, programme_not_changed, refused, rejected,
    return_refused, shared_fault, unknown_customer,
};

web::error_codes! {
    pub CUSTOMER_UNKNOWN = "points.customer_unknown", Missing, "Nobody is known by this phone or card. The answer's `join` says how the till joins the customer: with the phone and a first name.";
    pub MEMBER_UNKNOWN = "points.member_unknown", Missing, "There is no member with this id.";
    pub PURCHASE_UNKNOWN = "points.purchase_unknown", Missing, "There is no purchase with this id or receipt, or it is read by a till of another branch.";
    pub PROGRAMME_MISSING = "points.programme_missing", Rejected, "No programme is live yet, so nobody can say what a purchase earns. The operator publishes one with PUT /v1/programme.";
    pub PROGRAMME_INVALID = "points.programme_invalid", Rejected, "The programme document has mistakes; `mistakes` lists every one with its pointer.";
    pub VERSION_UNKNOWN = "points.programme_version_unknown", Missing, "The programme has no version of this number.";
    pub VERSION_FIXED = "points.programme_version_fixed", Conflict, "The version was announced, so it never changes. Draft another one with POST /v1/programme/versions.";
    pub LIVE_FROM_OVER = "points.live_from_over", Rejected, "A version goes live now or later, never in the past.";
    pub SIMULATION_UNKNOWN = "points.simulation_unknown", Missing, "There is no simulation with this id.";
    pub PERIOD_EMPTY = "points.period_empty", Rejected, "The period ends before it begins.";
    pub KEY_REUSED = "points.idempotency_key_reused", Rejected, "The Idempotency-Key was used before for another request of this till. Make a new key for a new purchase.";
    pub RECEIPT_TAKEN = "points.receipt_taken", Conflict, "This receipt of this till was recorded before with other contents. A receipt is recorded once, for ever.";
    pub STILL_RUNNING = "points.still_running", Conflict, "The purchase was taken, and its outcome is not known yet. Send the same request with the same key again.";
    pub TOO_BUSY = "points.too_busy", Unavailable, "More requests are waiting than can be served in time. Nothing was done; send the request again after Retry-After.";
    pub STOPPING = "points.stopping", Unavailable, "This instance is stopping. Nothing was done; send the request again.";
    pub MEMBERSHIP_SILENT = "points.membership_silent", Unavailable, "The customer is not known here yet, and membership gave no answer. Nothing was done; send the request again.";
    pub DATABASE_BUSY = "points.database_busy", Unavailable, "The database did not answer in time. Send the same request with the same key again.";
    pub BRANCH_UNKNOWN = "points.branch_unknown", Rejected, "The chain has no branch with this code.";
    pub BRANCH_OF_ANOTHER_KEY = "points.branch_of_another_key", Forbidden, "The till's key belongs to another branch than the one the purchase names.";
    pub CURRENCY_UNKNOWN = "points.currency_unknown", Rejected, "The currency is none that the platform knows (ISO 4217, capital letters).";
    pub CURRENCY_OTHER = "points.currency_other", Rejected, "The chain sells in another currency.";
    pub AMOUNT_NEGATIVE = "points.amount_negative", Rejected, "An amount is negative. A return is recorded with POST /v1/returns.";
    pub RETURN_TOO_LARGE = "points.return_too_large", Rejected, "More is returned than is left of the purchase, or nothing; `left` says how much there is.";
    pub RETURN_LINE_UNKNOWN = "points.return_line_unknown", Rejected, "The purchase's receipt has no such line, or none at all. A line is named by its place on the receipt, from 1, by its article, or by both.";
    pub RETURN_LINE_AMBIGUOUS = "points.return_line_ambiguous", Rejected, "Several lines of the receipt have this article, or nothing names the line: name it by its place, `line`.";
    pub RETURN_LINE_TOO_LARGE = "points.return_line_too_large", Rejected, "More of a line is returned than is left of it, or nothing; `left` says how much of its amount and quantity there is.";
    pub RETURN_TOLD_TWICE = "points.return_told_twice", Rejected, "A return names an amount or lines, never both.";
    pub AMOUNT_TOO_LARGE = "points.amount_too_large", Rejected, "The amount is larger than the chain allows for one purchase.";
    pub LINES_TOO_MANY = "points.lines_too_many", Rejected, "The receipt has more lines than one request takes.";
    pub LINES_DO_NOT_ADD_UP = "points.lines_do_not_add_up", Rejected, "The lines' amounts do not add up to the purchase's amount.";
    pub QUANTITY_OUT_OF_RANGE = "points.quantity_out_of_range", Rejected, "A line's quantity is out of range; it counts thousandths of the article's unit.";
    pub TEXT_INVALID = "points.text_invalid", Rejected, "A text is empty, too long, or has invisible characters.";
    pub CLOCK_AHEAD = "points.clock_ahead", Rejected, "The purchase lies further in the future than the till's clock may be wrong. Set the till's clock.";
    pub PHONE_INVALID = "points.phone_invalid", Rejected, "This is no phone number.";
    pub CARD_INVALID = "points.card_invalid", Rejected, "This is no card number: 12 to 19 digits.";
    pub TOO_MANY_POINTS = "points.too_many_points", Rejected, "The purchase would earn more points than can be counted. The programme's rules need a look.";
    pub ACCOUNT_FROZEN = "points.account_frozen", Rejected, "The account is frozen: it earns, and nothing is spent or passed on until it is opened again.";
    pub ACCOUNT_GUARDED = "points.account_guarded", Rejected, "The member's phone was changed without the former one at hand, or that was called back. Until `until` no points are passed on, and `left` may still be spent (points.guarded_points).";
    pub ACCOUNT_CLOSED = "points.account_closed", Rejected, "The account is closed for good.";
    pub STATE_UNCHANGED = "points.state_unchanged", Conflict, "The account is in that state already.";
    pub SPENDING_OFF = "points.spending_off", Rejected, "The live programme has no price at which points pay for purchases: its section `spending` is left out.";
    pub SPEND_TOO_SMALL = "points.spend_too_small", Rejected, "Fewer points than the programme lets pay for a purchase; `minimum` says how many it takes.";
    pub SPEND_NOT_IN_STEPS = "points.spend_not_in_steps", Rejected, "The points are no whole number of the programme's steps; `step` says how many points a step has, `worth` what it pays.";
    pub SPEND_TOO_LARGE = "points.spend_too_large", Rejected, "More than the programme lets points pay of this purchase; `most` says how many points may.";
    pub REDEMPTION_PAID = "points.redemption_paid_for_purchase", Conflict, "The points paid for a purchase, `purchase`: they come back when it is returned.";
    pub BALANCE_TOO_LOW = "points.balance_too_low", Rejected, "The member has fewer points than that; the answer says how many are missing.";
    pub HOLD_UNKNOWN = "points.hold_unknown", Missing, "There is no such hold.";
    pub HOLD_OVER = "points.hold_over", Conflict, "The hold was captured or released before, or its time is over.";
    pub CAPTURE_TOO_LARGE = "points.capture_too_large", Rejected, "More points are to be captured than the hold has; the answer says how many it has.";
    pub REDEMPTION_UNKNOWN = "points.redemption_unknown", Missing, "There is no such redemption.";
    pub ACTIVATED_BEFORE = "points.activated_before", Conflict, "What was pending of the purchase was activated before.";
    pub REVERSED_BEFORE = "points.reversed_before", Conflict, "The redemption was undone before.";
    pub POINTS_OUT_OF_RANGE = "points.points_out_of_range", Rejected, "The number of points is out of range.";
    pub LIFETIME_OUT_OF_RANGE = "points.lifetime_out_of_range", Rejected, "A hold lives for 1 second to 7 days.";
    pub DAY_IS_PAST = "points.day_is_past", Rejected, "The day is over already.";
    pub FUNDER_UNKNOWN = "points.funder_unknown", Rejected, "The chain has no branch of this code that could pay for the points.";
    pub RETURN_UNKNOWN = "points.return_unknown", Missing, "There is no return with this id, neither recorded nor waiting.";
    pub PROPOSAL_UNKNOWN = "points.proposal_unknown", Missing, "There is no such proposal.";
    pub PROPOSAL_DECIDED = "points.proposal_decided", Conflict, "The proposal was approved or rejected before.";
    pub SECOND_PERSON_NEEDED = "points.second_person_needed", Rejected, "Whoever proposed it cannot approve it: a second person decides.";
    pub PERSON_OTHER = "points.person_other", Rejected, "Staff act under their own id: the person whom the request names is not the caller, or nobody is named.";
    pub TRANSFERS_OFF = "points.transfers_off", Rejected, "The live programme has no transfers: its section `transfers` is left out.";
    pub TRANSFER_UNKNOWN = "points.transfer_unknown", Missing, "There is no transfer with this id.";
    pub TRANSFER_TO_SELF = "points.transfer_to_self", Rejected, "Sender and receiver are the same member.";
    pub TRANSFER_OUTSIDE_CIRCLE = "points.transfer_outside_circle", Rejected, "The programme does not let this sender transfer to this receiver; `to` says to whom it does.";
    pub TRANSFER_ACCOUNT_TOO_YOUNG = "points.transfer_account_too_young", Rejected, "The sender's account is younger than the programme asks for; `days` says how old it must be.";
    pub TRANSFER_SENDER_OWES = "points.transfer_sender_owes", Rejected, "The sender owes points, as `debt` says; what is owed is paid by later earnings first.";
    pub TRANSFER_TOO_SMALL = "points.transfer_too_small", Rejected, "Fewer points than one transfer has at least; `minimum` says how many.";
    pub TRANSFER_TOO_LARGE = "points.transfer_too_large", Rejected, "More points than one transfer has at most; `maximum` says how many.";
    pub POINTS_NOT_TRANSFERABLE = "points.points_not_transferable", Rejected, "The sender has so many points, and rules gave some of them for the sender alone; `transferable` says how many may go to another member.";
    pub TRANSFER_SENDER_CAP = "points.transfer_sender_cap", Rejected, "The sender would give more points in a day, month or year than the programme lets one member give; `left` says how many are left in the window `per`.";
    pub TRANSFER_RECEIVER_CAP = "points.transfer_receiver_cap", Rejected, "The receiver would get more points in a day, month or year than the programme lets one member get; `left` says how many are left in the window `per`.";
    pub TRANSFER_RECEIVERS_CAP = "points.transfer_receivers_cap", Rejected, "The sender has given to as many members in the window `per` as the programme lets one member give to.";
    pub PHONE_UNCONFIRMED = "points.phone_unconfirmed", Forbidden, "The member has not shown yet that the phone is theirs; points can be spent or passed on after that. At a till: `POST /v1/members/{member_id}/vouchings`.";
    pub STEP_UP_NEEDED = "points.step_up_needed", Forbidden, "The member's session must be raised by a fresh one-time code first: `POST /v1/members/{member_id}/step-up`.";
    pub CODE_NEEDED = "points.code_needed", Forbidden, "Spending more points than `above` at once takes a fresh one-time code of the member, given at this till: `POST /v1/members/{member_id}/vouchings`.";
    pub PROOF_UNAVAILABLE = "points.proof_unavailable", Unavailable, "The programme asks whoever spends to prove themselves, and membership gave no answer about that. Nothing was done; send the request again.";
    pub BEHALF_OF_STAFF = "points.behalf_of_staff", Forbidden, "Staff alone acts on somebody's behalf; a member leaves `on_behalf` out.";
    pub TRANSFER_NOT_WAITING = "points.transfer_not_waiting", Conflict, "The transfer does not wait for this; `status` says where it stands.";
    pub ACTION_UNKNOWN = "points.action_unknown", Missing, "There is no action with this id.";
    pub ACTION_WITHOUT_RULE = "points.action_without_rule", Rejected, "No rule of the live programme is about this action, so it earns nothing and is not recorded.";
    pub ACTION_TAKEN = "points.action_taken", Conflict, "This action of this member with this reference was recorded before with other contents. An action is recorded once, for ever.";
    pub REVERSAL_TOO_LARGE = "points.reversal_too_large", Rejected, "More is to be undone than is left of the action's value, or nothing; `left` says how much there is.";
    pub VALUE_OUT_OF_RANGE = "points.value_out_of_range", Rejected, "The value of an action is out of range: more than none, and at most `points.largest_amount`.";
    pub CURSOR_INVALID = "points.cursor_invalid", Malformed, "The cursor is not one that this list gave out.";
    pub PERIOD_INVALID = "points.period_invalid", Malformed, "The period ends before it begins, is longer than ten years, or a day that is not over is asked for.";
    pub MONTH_INVALID = "points.month_invalid", Malformed, "The month is not written as year and month of its calendar, or has not begun.";
    pub TIERS_MISSING = "points.tiers_missing", Missing, "The live programme has no tiers.";
    pub TIER_UNKNOWN = "points.tier_unknown", Rejected, "The live programme has no tier of this code.";
    pub GRANT_OVER = "points.grant_over", Rejected, "The last day of the grant is over already.";
    pub GRANT_UNKNOWN = "points.grant_unknown", Missing, "The member has no grant of this number.";
    pub GRANT_ENDED = "points.grant_ended", Conflict, "The grant was ended before by somebody else, or for another reason.";
    pub GRANT_REPLACED = "points.grant_replaced", Conflict, "A later grant took the place of this one; that one can be ended.";
    pub SEGMENT_UNKNOWN = "points.segment_unknown", Missing, "The chain has no segment of this code. PUT /v1/segments/{segment} opens one.";
    pub SEGMENTS_TOO_MANY = "points.segments_too_many", Rejected, "The chain has as many segments as there may be; `most` says how many.";
    pub MEMBERS_TOO_MANY = "points.members_too_many", Rejected, "One request names more members than it may; `most` says how many. Send them in parts.";
    pub RATES_INVALID = "points.rates_invalid", Rejected, "The rates have a mistake, at the pointer: a cost or share out of range, a branch that does not exist, or one that is named twice.";
    pub LIMIT_OUT_OF_RANGE = "points.limit_out_of_range", Malformed, "The limit is out of range.";
}

/// What can go wrong when a purchase is recorded.
pub static OF_PURCHASES: &[&ErrorCode] = &[
    &CUSTOMER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &PROGRAMME_MISSING,
    &KEY_REUSED,
    &RECEIPT_TAKEN,
    &STILL_RUNNING,
    &TOO_BUSY,
    &STOPPING,
    &MEMBERSHIP_SILENT,
    &DATABASE_BUSY,
    &BRANCH_UNKNOWN,
    &BRANCH_OF_ANOTHER_KEY,
    &CURRENCY_UNKNOWN,
    &CURRENCY_OTHER,
    &AMOUNT_NEGATIVE,
    &AMOUNT_TOO_LARGE,
    &LINES_TOO_MANY,
    &LINES_DO_NOT_ADD_UP,
    &QUANTITY_OUT_OF_RANGE,
    &TEXT_INVALID,
    &CLOCK_AHEAD,
    &PHONE_INVALID,
    &CARD_INVALID,
    &TOO_MANY_POINTS,
    &POINTS_OUT_OF_RANGE,
    &SPENDING_OFF,
    &PHONE_UNCONFIRMED,
    &CODE_NEEDED,
    &PROOF_UNAVAILABLE,
    &SPEND_TOO_SMALL,
    &SPEND_NOT_IN_STEPS,
    &SPEND_TOO_LARGE,
    &BALANCE_TOO_LOW,
    &ACCOUNT_FROZEN,
    &ACCOUNT_GUARDED,
    &ACCOUNT_CLOSED,
    &HOLD_OVER,
    &CAPTURE_TOO_LARGE,
];

/// What can go wrong with every operation on an account.
pub static OF_OPERATIONS: &[&ErrorCode] = &[
    &CUSTOMER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &KEY_REUSED,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &MEMBERSHIP_SILENT,
    &PHONE_INVALID,
    &CARD_INVALID,
    &POINTS_OUT_OF_RANGE,
    &TEXT_INVALID,
    &PHONE_UNCONFIRMED,
    &CODE_NEEDED,
    &PROOF_UNAVAILABLE,
    &BALANCE_TOO_LOW,
    &ACCOUNT_FROZEN,
    &ACCOUNT_GUARDED,
    &ACCOUNT_CLOSED,
    &TOO_MANY_POINTS,
];

/// What can go wrong when points are set aside, or what becomes of them.
pub static OF_HOLDS: &[&ErrorCode] = &[
    &CUSTOMER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &KEY_REUSED,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &MEMBERSHIP_SILENT,
    &PHONE_INVALID,
    &CARD_INVALID,
    &POINTS_OUT_OF_RANGE,
    &LIFETIME_OUT_OF_RANGE,
    &PHONE_UNCONFIRMED,
    &CODE_NEEDED,
    &PROOF_UNAVAILABLE,
    &BALANCE_TOO_LOW,
    &ACCOUNT_FROZEN,
    &ACCOUNT_GUARDED,
    &ACCOUNT_CLOSED,
    &HOLD_UNKNOWN,
    &HOLD_OVER,
    &CAPTURE_TOO_LARGE,
];

/// What can go wrong when a redemption is undone.
pub static OF_REVERSALS: &[&ErrorCode] = &[
    &REDEMPTION_UNKNOWN,
    &REDEMPTION_PAID,
    &REVERSED_BEFORE,
    &KEY_REUSED,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &ACCOUNT_CLOSED,
];

/// What can go wrong when people correct an account by hand.
pub static OF_ADJUSTMENTS: &[&ErrorCode] = &[
    &MEMBER_UNKNOWN,
    &KEY_REUSED,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &MEMBERSHIP_SILENT,
    &POINTS_OUT_OF_RANGE,
    &DAY_IS_PAST,
    &TEXT_INVALID,
    &FUNDER_UNKNOWN,
    &BALANCE_TOO_LOW,
    &ACCOUNT_CLOSED,
    &STATE_UNCHANGED,
    &TOO_MANY_POINTS,
    &PROPOSAL_UNKNOWN,
    &PROPOSAL_DECIDED,
    &SECOND_PERSON_NEEDED,
    &PERSON_OTHER,
];

/// What can go wrong when a return is recorded.
pub static OF_RETURNS: &[&ErrorCode] = &[
    &PURCHASE_UNKNOWN,
    &RETURN_TOO_LARGE,
    &RETURN_TOLD_TWICE,
    &RETURN_LINE_UNKNOWN,
    &RETURN_LINE_AMBIGUOUS,
    &RETURN_LINE_TOO_LARGE,
    &LINES_TOO_MANY,
    &QUANTITY_OUT_OF_RANGE,
    &KEY_REUSED,
    &RECEIPT_TAKEN,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &CURRENCY_UNKNOWN,
    &CURRENCY_OTHER,
    &AMOUNT_NEGATIVE,
    &TEXT_INVALID,
    &CLOCK_AHEAD,
];
