//! Refusals and faults in the caller's terms: which code, where in the request, and with which numbers.

use http::{HeaderValue, header::RETRY_AFTER};
use kernel::{IdentifierKind, Points, Timestamp};
use serde_json::json;
use store::StoreError;
use web::{ErrorCode, Problem};

use crate::{
    commands::{
        edit_drafts::NotChanged, operate, record_purchases::Refusal, record_return,
        simulate_programme::NotSimulated,
    },
    domain::Rejection,
    error,
    http::{Named, shared_fault},
};

/// A problem that passes: come back in a second.
pub fn come_back(code: &'static ErrorCode) -> Problem {
    Problem::new(code).header(RETRY_AFTER, HeaderValue::from_static("1"))
}

/// A fault, told apart by whether it passes.
pub fn fault(fault: anyhow::Error) -> Problem {
    if fault.chain().any(|cause| cause.downcast_ref::<StoreError>().is_some_and(StoreError::is_transient)) {
        return Problem::fault_as(&error::DATABASE_BUSY, fault)
            .header(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Problem::fault(fault)
}

/// Nobody is known by what was sent at the place `at`; says how to join them.
pub fn unknown_customer(named: Named, at: &str) -> Problem {
    match named {
        Named::Member(_) => Problem::new(&error::MEMBER_UNKNOWN).pointer(format!("{at}/id")),
        Named::Identifier(_, kind) => {
            let pointer = match kind {
                IdentifierKind::Phone => format!("{at}/phone"),
                IdentifierKind::Card => format!("{at}/card"),
            };
            let join = json!({ "method": "POST", "path": "/v1/members", "needs": ["phone", "first_name"] });
            Problem::new(&error::CUSTOMER_UNKNOWN).pointer(pointer).extension("join", join)
        }
    }
}

/// Why a return was not recorded, in the caller's terms.
pub fn return_refused(refusal: record_return::Refusal) -> Problem {
    use record_return::Refusal;
    match refusal {
        Refusal::UnknownPurchase => Problem::new(&error::PURCHASE_UNKNOWN).pointer("/purchase"),
        Refusal::KeyReused => Problem::new(&error::KEY_REUSED),
        Refusal::ReceiptTaken => Problem::new(&error::RECEIPT_TAKEN).pointer("/receipt"),
        Refusal::Rejected(rejection) => rejected(rejection),
        Refusal::Fault(why) => fault(why),
    }
}

/// Why nothing is simulated, in the caller's terms.
pub fn not_simulated(refusal: NotSimulated) -> Problem {
    match refusal {
        NotSimulated::UnknownVersion => Problem::new(&error::VERSION_UNKNOWN),
        NotSimulated::UnknownAgainst => Problem::new(&error::VERSION_UNKNOWN).pointer("/against"),
        NotSimulated::EmptyPeriod => Problem::new(&error::PERIOD_EMPTY).pointer("/until"),
        NotSimulated::Fault(why) => fault(why),
    }
}

/// Why a version of the programme was not changed, in the caller's terms.
pub fn programme_not_changed(refusal: NotChanged) -> Problem {
    match refusal {
        NotChanged::Mistakes(mistakes) => {
            let first = mistakes.first().map(|m| m.pointer.clone()).unwrap_or_default();
            let problem = Problem::new(&error::PROGRAMME_INVALID).pointer(first).arg("count", mistakes.len());
            problem.extension("mistakes", json!(mistakes))
        }
        NotChanged::Unknown => Problem::new(&error::VERSION_UNKNOWN),
        NotChanged::Fixed => Problem::new(&error::VERSION_FIXED),
        NotChanged::TimeOver => Problem::new(&error::LIVE_FROM_OVER).pointer("/live_from"),
        NotChanged::Fault(why) => fault(why),
    }
}

/// Why an operation was not recorded, in the caller's terms.
pub fn operation_refused(refusal: operate::Refusal) -> Problem {
    use operate::Refusal;
    match refusal {
        Refusal::UnknownIdentifier => Problem::new(&error::CUSTOMER_UNKNOWN),
        Refusal::UnknownMember => Problem::new(&error::MEMBER_UNKNOWN),
        Refusal::UnknownHold => Problem::new(&error::HOLD_UNKNOWN),
        Refusal::UnknownRedemption => Problem::new(&error::REDEMPTION_UNKNOWN),
        Refusal::PaidForPurchase(purchase) => {
            Problem::new(&error::REDEMPTION_PAID).extension("purchase", json!(purchase))
        }
        Refusal::ReversedBefore => Problem::new(&error::REVERSED_BEFORE),
        Refusal::UnknownPurchase => Problem::new(&error::PURCHASE_UNKNOWN),
        Refusal::ActivatedBefore => Problem::new(&error::ACTIVATED_BEFORE),
        Refusal::KeyReused => Problem::new(&error::KEY_REUSED),
        Refusal::Unproved(_, rejection) | Refusal::Rejected(rejection) => rejected(rejection),
        Refusal::Fault(why) => fault(why),
    }
}

/// What the business says no to, in the caller's terms.
pub fn rejected(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::NoProgramme => Problem::new(&error::PROGRAMME_MISSING),
        Rejection::OtherCurrency { expected } => {
            Problem::new(&error::CURRENCY_OTHER).pointer("/currency").arg("expected", expected.code())
        }
        Rejection::ReturnTooLarge { left } => Problem::new(&error::RETURN_TOO_LARGE)
            .pointer("/amount")
            .arg("left", left)
            .extension("left", left),
        Rejection::ReturnLinesTooLarge { left } => {
            Problem::new(&error::RETURN_TOO_LARGE).pointer("/lines").arg("left", left).extension("left", left)
        }
        Rejection::ReturnLineUnknown { at } => {
            Problem::new(&error::RETURN_LINE_UNKNOWN).pointer(format!("/lines/{at}"))
        }
        Rejection::ReturnLineAmbiguous { at } => {
            Problem::new(&error::RETURN_LINE_AMBIGUOUS).pointer(format!("/lines/{at}"))
        }
        Rejection::ReturnLineTooLarge { at, amount_left, quantity_left } => {
            let left = json!({ "amount": amount_left, "quantity_milli": quantity_left });
            Problem::new(&error::RETURN_LINE_TOO_LARGE)
                .pointer(format!("/lines/{at}"))
                .arg("amount", amount_left)
                .arg("quantity", quantity_left)
                .extension("left", left)
        }
        Rejection::AccountFrozen => Problem::new(&error::ACCOUNT_FROZEN),
        Rejection::AccountClosed => Problem::new(&error::ACCOUNT_CLOSED),
        Rejection::Guarded { left, until } => guarded(left, until),
        Rejection::StateUnchanged => Problem::new(&error::STATE_UNCHANGED),
        Rejection::SpendingOff => Problem::new(&error::SPENDING_OFF).pointer("/spend"),
        Rejection::SpendTooSmall { minimum } => {
            spend(&error::SPEND_TOO_SMALL, &[("minimum", minimum.count())])
        }
        Rejection::SpendNotInSteps { step, worth } => {
            spend(&error::SPEND_NOT_IN_STEPS, &[("step", step.count()), ("worth", worth)])
        }
        Rejection::SpendTooLarge { most } => spend(&error::SPEND_TOO_LARGE, &[("most", most.count())]),
        Rejection::PhoneUnconfirmed => Problem::new(&error::PHONE_UNCONFIRMED),
        Rejection::CodeNeeded { above } => spending(&error::CODE_NEEDED, "above", above),
        Rejection::BalanceTooLow { missing } => {
            spending(&error::BALANCE_TOO_LOW, "missing", missing).pointer("/points")
        }
        Rejection::HoldOver => Problem::new(&error::HOLD_OVER),
        Rejection::CaptureTooLarge { held } => {
            spending(&error::CAPTURE_TOO_LARGE, "held", held).pointer("/points")
        }
        Rejection::TooManyPoints => Problem::new(&error::TOO_MANY_POINTS),
    }
}

/// A refusal that names so many points, in its words and apart from them.
fn spending(code: &'static ErrorCode, name: &'static str, points: Points) -> Problem {
    Problem::new(code).arg(name, points.count()).extension(name, points.count())
}

/// The account is guarded, and lets so many points go.
pub fn guarded(left: Points, until: Timestamp) -> Problem {
    let problem = Problem::new(&error::ACCOUNT_GUARDED).arg("left", left.count());
    problem.extension("left", left.count()).extension("until", json!(until))
}

/// A refusal about how much of a purchase is to be paid with points.
fn spend(code: &'static ErrorCode, numbers: &[(&'static str, i64)]) -> Problem {
    let problem = Problem::new(code).pointer("/spend");
    numbers
        .iter()
        .fold(problem, |problem, (name, number)| problem.arg(name, *number).extension(name, *number))
}

/// Why a purchase was not recorded, in the caller's terms.
pub fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::UnknownIdentifier => Problem::new(&error::CUSTOMER_UNKNOWN),
        Refusal::UnknownMember => Problem::new(&error::MEMBER_UNKNOWN),
        Refusal::KeyReused => Problem::new(&error::KEY_REUSED),
        Refusal::ReceiptTaken => Problem::new(&error::RECEIPT_TAKEN).pointer("/receipt"),
        Refusal::Unproved(_, rejection) => rejected(rejection),
        Refusal::Rejected(rejection) => {
            let of_points = matches!(
                rejection,
                Rejection::BalanceTooLow { .. } | Rejection::CaptureTooLarge { .. } | Rejection::HoldOver
            );
            let problem = rejected(rejection);
            if of_points { problem.pointer("/spend") } else { problem }
        }
        Refusal::Fault(shared) => shared_fault(shared),
    }
}
