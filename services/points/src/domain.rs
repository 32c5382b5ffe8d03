//! The decisions of points: pure types and functions, one concept a file.
//!
//! Time, ids and the programme come in as arguments; what comes out are movements of the ledger and the trace of how
//! they were decided. Simulation, replay, property tests and production run this same code.

mod account;
mod action;
mod aside;
pub mod categories;
mod changes;
mod clearing;
mod expiry;
mod grants;
mod guard;
mod history;
mod inactivity;
mod kind;
mod ledger;
#[cfg(test)]
mod life;
mod limit;
#[cfg(test)]
mod limit_properties;
mod lot;
mod merging;
pub mod money;
mod names;
mod numbered;
mod operation;
mod pooling;
mod programme;
mod proof;
#[cfg(test)]
mod properties;
mod purchase;
mod rates;
mod rejection;
mod returns;
mod rule;
mod schedule;
mod settle;
mod simulation;
mod spending;
mod statement;
mod tier;
mod trace;
mod transfer;

pub use account::Account;
pub use action::{
    Action, ActionDecision, ActionGive, ActionLimit, ActionOn, ActionPer, ActionRule, PerPayment, PerUnits,
    decide_action, measure_of,
};
pub use aside::{AccountState, Aside, Moment, Place, as_of};
pub use changes::{Change, ChangeKind, changes, parts};
pub use clearing::{Cell, Clearing, Position, clear};
pub use expiry::{EndOf, Expiry};
pub use grants::{granted, grants_from_text, grants_to_text, revoked};
pub use guard::Guard;
pub use history::{AskedOfMembers, Assumed, History};
pub use inactivity::Inactivity;
pub use kind::JournalKind;
pub use ledger::{Book, Effect, LedgerAccount, Movement, Owner, Template};
pub use limit::{Every, Limit, Per, Tallies, Tally, TallyKey};
pub use lot::{Lot, NEVER};
pub use merging::{Merged, decide_merge};
pub use names::CodeNames;
pub use operation::{
    Decided, Terms, decide_activation, decide_capture, decide_closure, decide_deduction, decide_gift,
    decide_hold, decide_redemption, decide_redemption_reversal, decide_release, decide_state,
    is_of_redemption, may_spend, take,
};
pub use pooling::{Belonging, Drawn, DrawnBy, Given, Pool, PoolingTerms};
pub use programme::{DebtTerms, LocalText, Mistake, Pending, Places, Programme, ProgrammeDocument};
pub use proof::{ProofTerms, Shown};
pub use purchase::{Channel, Decision, Details, Journal, Line, Purchase, came_to, decide};
pub use rates::{Cost, FunderCost, Rates, Value};
pub use rejection::Rejection;
pub use returns::{
    Back, CameBack, EarnedLot, LineBack, Original, PaidSo, ReturnDecision, SoldLine, counted_lines,
    decide_return, sold_lines,
};
pub use rule::{
    AfterOccasion, Around, Band, Dates, DrawTickets, Give, Group, Hours, InHousehold, InstantReward, Items,
    Joined, Keep, Multiplier, Nth, OfMember, Outcome, Over, PerAmount, PerItem, Quota, Rounding, Rule, Skip,
    Steps, Visit, WeekdayName, When, WholeMinute,
};
pub use schedule::{Announced, Schedule, VersionState};
pub use settle::{Settled, settle};
pub use simulation::{
    ActionFigures, BranchFigures, Comparison, Example, GroupSpread, MoneyFigures, MonthFigures, PastAction,
    PastActivation, PastGrant, PastReturn, PastReversal, ProgrammeFigures, Replay, RuleFigures,
    SimulationFigures, SpreadBand, TierFigures,
};
pub use spending::{EarnsOn, PaidByPoints, Spend, SpendingTerms, Spent, decide_with_points};
pub use statement::{Moved, Statement, statement};
pub use tier::{
    Assured, Benefit, Credit, Downgrade, Ladder, Level, Measure, MonthCredit, OnReturn, Progress,
    QualifyingPeriod, Standing,
};
pub use trace::{DecisionTrace, TierBonus};
pub use transfer::{
    Arrival, Circle, NotNow, Relation, SentBefore, Transfer, TransferAsk, TransferCap, TransferFee,
    TransferKind, TransferRefusal, TransferSent, TransferStatus, TransferStep, TransferTerms, Window, arrive,
    as_requested, decide_transfer, give_back, standing, take_step, taken_before, turn_back,
};
