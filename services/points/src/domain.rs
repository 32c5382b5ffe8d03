//! The decisions of points: pure types and functions, one concept a file.
//!
//! Time, ids and the programme come in as arguments; what comes out are movements of the ledger and the trace of how
//! they were decided. Simulation, replay, property tests and production run this same code.

mod account;
mod changes;
mod clearing;
mod kind;
mod ledger;
mod lot;
pub mod money;
mod programme;
#[cfg(test)]
mod properties;
mod purchase;
mod rates;
mod rejection;
mod returns;
mod rule;
mod schedule;
mod statement;
mod trace;

pub use account::Account;
pub use changes::{Change, ChangeKind, changes, parts};
pub use clearing::{Cell, Clearing, Position, clear};
pub use kind::JournalKind;
pub use ledger::{Book, Effect, LedgerAccount, Movement, Owner, Template};
pub use lot::{Lot, NEVER};
pub use programme::{DebtTerms, Expiry, LocalText, Mistake, Places, Programme, ProgrammeDocument};
pub use purchase::{Channel, Decision, Details, Journal, Line, Purchase, decide};
pub use rates::{Cost, FunderCost, Rates, Value};
pub use rejection::Rejection;
pub use returns::{Original, ReturnDecision, decide_return};
pub use rule::{
    Band, Dates, Give, Group, Hours, Items, Keep, Multiplier, Outcome, Over, PerAmount, PerItem, Rounding,
    Rule, Skip, Steps, WeekdayName, When, WholeMinute,
};
pub use schedule::{Announced, Schedule, VersionState};
pub use statement::{Moved, Statement, statement};
pub use trace::DecisionTrace;
