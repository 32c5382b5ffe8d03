//! Earning from actions: what members do that no till sells, from a survey to a payment through a partner (P1).
//!
//! **An action is recorded once for ever**, named by its member, its code and its reference, whoever tells of it and however
//! often. It is decided by the same kind of typed data as purchases: rules with conditions, limits that hold in the
//! transaction, and a trace.

mod decide;
mod mistakes;
#[cfg(test)]
mod properties;
mod rule;

pub use decide::{Action, ActionDecision, decide_action, measure_of};
pub use rule::{ActionGive, ActionLimit, ActionOn, ActionPer, ActionRule, PerPayment, PerUnits};

pub(super) use mistakes::check;
