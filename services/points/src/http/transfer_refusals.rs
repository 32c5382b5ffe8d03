//! Why transfers are refused, in the caller's terms.

use kernel::Points;
use serde_json::json;
use web::{ErrorCode, Problem};

use crate::{
    commands::{request_transfer, step_transfer::StepRefusal},
    domain::{NotNow, TransferRefusal, Window},
    error::{
        ACCOUNT_CLOSED, ACCOUNT_FROZEN, ACCOUNT_GUARDED, BALANCE_TOO_LOW, BEHALF_OF_STAFF, CARD_INVALID,
        CUSTOMER_UNKNOWN, DATABASE_BUSY, KEY_REUSED, MEMBER_UNKNOWN, MEMBERSHIP_SILENT, PERSON_OTHER,
        PHONE_INVALID, PHONE_UNCONFIRMED, POINTS_NOT_TRANSFERABLE, PROGRAMME_MISSING, SECOND_PERSON_NEEDED,
        STEP_UP_NEEDED, STILL_RUNNING, STOPPING, TEXT_INVALID, TOO_BUSY, TOO_MANY_POINTS,
        TRANSFER_ACCOUNT_TOO_YOUNG, TRANSFER_NOT_WAITING, TRANSFER_OUTSIDE_CIRCLE, TRANSFER_RECEIVER_CAP,
        TRANSFER_RECEIVERS_CAP, TRANSFER_SENDER_CAP, TRANSFER_SENDER_OWES, TRANSFER_TO_SELF,
        TRANSFER_TOO_LARGE, TRANSFER_TOO_SMALL, TRANSFER_UNKNOWN, TRANSFERS_OFF, fault,
    },
    http::problems::guarded,
};

/// What can go wrong when a transfer is requested.
pub(super) static OF_TRANSFERS: &[&ErrorCode] = &[
    &PROGRAMME_MISSING,
    &TRANSFERS_OFF,
    &CUSTOMER_UNKNOWN,
    &MEMBER_UNKNOWN,
    &MEMBERSHIP_SILENT,
    &TRANSFER_TO_SELF,
    &TRANSFER_OUTSIDE_CIRCLE,
    &TRANSFER_ACCOUNT_TOO_YOUNG,
    &ACCOUNT_FROZEN,
    &ACCOUNT_GUARDED,
    &ACCOUNT_CLOSED,
    &TRANSFER_SENDER_OWES,
    &TRANSFER_TOO_SMALL,
    &TRANSFER_TOO_LARGE,
    &BALANCE_TOO_LOW,
    &POINTS_NOT_TRANSFERABLE,
    &TRANSFER_SENDER_CAP,
    &TRANSFER_RECEIVER_CAP,
    &TRANSFER_RECEIVERS_CAP,
    &KEY_REUSED,
    &PERSON_OTHER,
    &STILL_RUNNING,
    &TOO_BUSY,
    &STOPPING,
    &DATABASE_BUSY,
    &TEXT_INVALID,
    &PHONE_INVALID,
    &CARD_INVALID,
    &TOO_MANY_POINTS,
    &PHONE_UNCONFIRMED,
    &BEHALF_OF_STAFF,
];

/// What can go wrong when somebody says something to a transfer.
pub(super) static OF_TRANSFER_STEPS: &[&ErrorCode] =
    &[&TRANSFER_UNKNOWN, &TRANSFER_NOT_WAITING, &STEP_UP_NEEDED, &STILL_RUNNING, &DATABASE_BUSY];

/// What can go wrong when a second person looks at a transfer.
pub(super) static OF_TRANSFER_REVIEWS: &[&ErrorCode] = &[
    &TRANSFER_UNKNOWN,
    &TRANSFER_NOT_WAITING,
    &SECOND_PERSON_NEEDED,
    &PERSON_OTHER,
    &STILL_RUNNING,
    &DATABASE_BUSY,
    &TEXT_INVALID,
];

/// Why a transfer was not requested, in the caller's terms.
pub(super) fn transfer_refused(refusal: request_transfer::Refusal) -> Problem {
    use request_transfer::Refusal;
    match refusal {
        Refusal::UnknownSender => Problem::new(&MEMBER_UNKNOWN).pointer("/from"),
        Refusal::UnknownReceiver => Problem::new(&MEMBER_UNKNOWN).pointer("/to"),
        Refusal::KeyReused => Problem::new(&KEY_REUSED),
        Refusal::Rejected(rejection) => transfer_rejected(rejection),
        Refusal::Fault(why) => fault(why),
    }
}

fn transfer_rejected(rejection: TransferRefusal) -> Problem {
    let of_points = |code, name: &'static str, number: i64| {
        Problem::new(code).pointer("/points").arg(name, number).extension(name, number)
    };
    let of_cap = |code, per: Window, left: i64| of_points(code, "left", left).extension("per", per.word());
    match rejection {
        TransferRefusal::NoProgramme => Problem::new(&PROGRAMME_MISSING),
        TransferRefusal::Off => Problem::new(&TRANSFERS_OFF),
        TransferRefusal::SameMember => Problem::new(&TRANSFER_TO_SELF).pointer("/to"),
        TransferRefusal::OutsideCircle(circle) => {
            Problem::new(&TRANSFER_OUTSIDE_CIRCLE).pointer("/to").extension("to", json!(circle))
        }
        TransferRefusal::AccountTooYoung { days } => {
            let problem = Problem::new(&TRANSFER_ACCOUNT_TOO_YOUNG).pointer("/from");
            problem.arg("days", i64::from(days)).extension("days", days)
        }
        TransferRefusal::SenderFrozen => Problem::new(&ACCOUNT_FROZEN).pointer("/from"),
        TransferRefusal::SenderGuarded { until } => guarded(Points::ZERO, until).pointer("/from"),
        TransferRefusal::SenderClosed => Problem::new(&ACCOUNT_CLOSED).pointer("/from"),
        TransferRefusal::ReceiverClosed => Problem::new(&ACCOUNT_CLOSED).pointer("/to"),
        TransferRefusal::SenderOwes { debt } => {
            let problem = Problem::new(&TRANSFER_SENDER_OWES).pointer("/from");
            problem.arg("debt", debt.count()).extension("debt", debt.count())
        }
        TransferRefusal::TooSmall { minimum } => of_points(&TRANSFER_TOO_SMALL, "minimum", minimum.count()),
        TransferRefusal::TooLarge { maximum } => of_points(&TRANSFER_TOO_LARGE, "maximum", maximum.count()),
        TransferRefusal::BalanceTooLow { missing } => of_points(&BALANCE_TOO_LOW, "missing", missing.count()),
        TransferRefusal::NotTransferable { transferable } => {
            of_points(&POINTS_NOT_TRANSFERABLE, "transferable", transferable.count())
        }
        TransferRefusal::SenderCap { per, left } => of_cap(&TRANSFER_SENDER_CAP, per, left),
        TransferRefusal::ReceiverCap { per, left } => of_cap(&TRANSFER_RECEIVER_CAP, per, left),
        TransferRefusal::ReceiversCap { per, most } => {
            let problem = Problem::new(&TRANSFER_RECEIVERS_CAP).pointer("/to");
            problem.arg("most", most).extension("most", most).extension("per", per.word())
        }
        TransferRefusal::TooManyPoints => Problem::new(&TOO_MANY_POINTS),
    }
}

/// Why a step of a transfer was not taken, in the caller's terms.
pub(super) fn step_refused(refusal: StepRefusal) -> Problem {
    match refusal {
        StepRefusal::Unknown => Problem::new(&TRANSFER_UNKNOWN),
        StepRefusal::NotNow(NotNow::OtherStatus(status)) => {
            Problem::new(&TRANSFER_NOT_WAITING).extension("status", status.word())
        }
        StepRefusal::NotNow(NotNow::SamePerson) => Problem::new(&SECOND_PERSON_NEEDED).pointer("/reviewer"),
        StepRefusal::Fault(why) => fault(why),
    }
}
