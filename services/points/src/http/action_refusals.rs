//! What can go wrong with actions and with what is pending of purchases.

use web::{ErrorCode, Problem};

use crate::{
    commands::{record_actions, reverse_action},
    domain::Rejection,
    error::{
        ACCOUNT_CLOSED, ACTION_TAKEN, ACTION_UNKNOWN, ACTION_WITHOUT_RULE, ACTIVATED_BEFORE, BRANCH_UNKNOWN,
        CARD_INVALID, CLOCK_AHEAD, CURRENCY_OTHER, CUSTOMER_UNKNOWN, DATABASE_BUSY, KEY_REUSED,
        MEMBER_UNKNOWN, MEMBERSHIP_SILENT, PERSON_OTHER, PHONE_INVALID, PROGRAMME_MISSING, PURCHASE_UNKNOWN,
        REVERSAL_TOO_LARGE, STILL_RUNNING, TEXT_INVALID, TOO_MANY_POINTS, VALUE_OUT_OF_RANGE, fault,
        rejected,
    },
};

/// What can go wrong when an action is recorded.
pub static OF_ACTIONS: &[&ErrorCode] = &[
    &CUSTOMER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &PROGRAMME_MISSING,
    &ACTION_WITHOUT_RULE,
    &KEY_REUSED,
    &ACTION_TAKEN,
    &STILL_RUNNING,
    &MEMBERSHIP_SILENT,
    &DATABASE_BUSY,
    &BRANCH_UNKNOWN,
    &CURRENCY_OTHER,
    &VALUE_OUT_OF_RANGE,
    &TEXT_INVALID,
    &CLOCK_AHEAD,
    &PHONE_INVALID,
    &CARD_INVALID,
    &ACCOUNT_CLOSED,
    &TOO_MANY_POINTS,
];

/// What can go wrong when an action is undone.
pub static OF_ACTION_REVERSALS: &[&ErrorCode] = &[
    &ACTION_UNKNOWN,
    &REVERSAL_TOO_LARGE,
    &KEY_REUSED,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &TEXT_INVALID,
    &PERSON_OTHER,
    &ACCOUNT_CLOSED,
];

/// What can go wrong when pending points are activated before their day.
pub static OF_ACTIVATIONS: &[&ErrorCode] =
    &[&PURCHASE_UNKNOWN, &ACTIVATED_BEFORE, &KEY_REUSED, &STILL_RUNNING, &DATABASE_BUSY, &ACCOUNT_CLOSED];

/// Why an action was not recorded, in the caller's terms.
pub fn action_refused(refusal: record_actions::Refusal) -> Problem {
    use record_actions::Refusal;
    match refusal {
        Refusal::UnknownIdentifier => Problem::new(&CUSTOMER_UNKNOWN),
        Refusal::UnknownMember => Problem::new(&MEMBER_UNKNOWN),
        Refusal::NobodyAsks => Problem::new(&ACTION_WITHOUT_RULE).pointer("/action"),
        Refusal::KeyReused => Problem::new(&KEY_REUSED),
        Refusal::Taken => Problem::new(&ACTION_TAKEN).pointer("/reference"),
        Refusal::Rejected(rejection) => rejected(rejection),
        Refusal::Fault(why) => fault(why),
    }
}

/// Why an action was not undone, in the caller's terms.
pub fn action_not_reversed(refusal: reverse_action::Refusal) -> Problem {
    use reverse_action::Refusal;
    match refusal {
        Refusal::UnknownAction => Problem::new(&ACTION_UNKNOWN),
        Refusal::KeyReused => Problem::new(&KEY_REUSED),
        Refusal::Rejected(Rejection::ReturnTooLarge { left }) => {
            Problem::new(&REVERSAL_TOO_LARGE).pointer("/amount").arg("left", left).extension("left", left)
        }
        Refusal::Rejected(rejection) => rejected(rejection),
        Refusal::Fault(why) => fault(why),
    }
}
