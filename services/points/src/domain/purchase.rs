//! The decision about a purchase: what it earns, and what lapses on the way.

use std::sync::Arc;

use kernel::{
    BranchCode, Currency, Day, JournalId, LocalMoment, MemberId, PaymentCode, Points, RegionCode, TillCode,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, DecisionTrace, Movement, Programme, Rejection, Template, returns::recover, rule::evaluate,
};

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The article, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub sku: String,
    /// The article's category, up to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub category: Option<String>,
    /// How many thousandths of its unit: 1000 is one piece, 750 is 0.750 kg.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub quantity_milli: i64,
    /// Paid for the line, in minor units.
    #[schema(minimum = 0)]
    pub amount: i64,
}

/// Through what a purchase was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// At a till.
    #[default]
    Till,
    /// In the chain's shop on the web.
    Online,
    /// In the chain's app.
    App,
}

impl Channel {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_till(&self) -> bool {
        *self == Self::Till
    }
}

/// What a till may say about a purchase besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Through what it was made.
    #[serde(default, skip_serializing_if = "Channel::is_till")]
    pub channel: Channel,
    /// By what means it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentCode>,
}

impl Details {
    /// The details as JSON; `None` when there is nothing but what goes without saying.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        (*self != Self::default()).then(|| serde_json::to_string(self).expect("details are a plain struct"))
    }
}

/// A purchase of a known member, as it is to be decided.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The journal that will record it: the same for the same receipt, for ever.
    pub journal_id: JournalId,
    /// Who bought.
    pub member: MemberId,
    /// Where.
    pub branch: BranchCode,
    /// The branch's region.
    pub region: RegionCode,
    /// At which till.
    pub till: TillCode,
    /// The receipt's number at that till.
    pub receipt: Arc<str>,
    /// Which operation on that receipt.
    pub operation: Arc<str>,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// The same on the branch's wall clock, which rules go by.
    pub local: LocalMoment,
    /// Paid, in minor units, not negative.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The receipt's lines, which add up to the amount; empty when the till sent none.
    pub lines: Arc<[Line]>,
    /// What else the till said.
    pub details: Details,
    /// When it is recorded.
    pub recorded_at: Timestamp,
    /// The same as a day on the chain's wall clock, which expiry goes by.
    pub today: Day,
}

/// A journal to be written: one immutable business event on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The account's version with this journal.
    pub version: u64,
    /// Its movements, perhaps none.
    pub movements: Vec<Movement>,
    /// The balance afterwards.
    pub balance: Points,
}

/// What was decided about a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Points that had lapsed before, written off first; `None` when there were none.
    pub lapse: Option<Journal>,
    /// The purchase itself.
    pub purchase: Journal,
    /// What it earned.
    pub earned: Points,
    /// How much of that paid a debt.
    pub recovered: Points,
    /// What each rule made of it.
    pub trace: DecisionTrace,
    /// What lapses next, and on which last day.
    pub expires_next: Option<(Day, Points)>,
}

/// Decides what a purchase earns, and evolves the account accordingly.
///
/// Points run from the day they are recorded, not from the receipt's day: a receipt that arrives late, from a till that
/// was offline, never brings points that are already old. Lapsed lots are written off first, as a journal of their own,
/// so that every balance that is told is right whether or not a job has passed.
///
/// # Errors
/// A [`Rejection`], the first that holds; the account is unchanged then.
pub fn decide(
    account: &mut Account,
    programme: Option<&Programme>,
    purchase: &Purchase,
) -> Result<Decision, Rejection> {
    let programme = programme.ok_or(Rejection::NoProgramme)?;
    let document = &programme.document;
    if document.currency != purchase.currency {
        return Err(Rejection::OtherCurrency { expected: document.currency });
    }
    let mut after = account.clone();
    let lapse = write_off(&mut after, purchase.today)?;

    let outcomes = evaluate(&document.rules, purchase)?;
    let mut movements: Vec<Movement> = Vec::with_capacity(1);
    for (rule, outcome) in document.rules.iter().zip(&outcomes) {
        let points = outcome.points();
        if points.is_positive() {
            let expires_on = document.last_day(rule, purchase.today);
            add(&mut movements, earned(purchase, points, expires_on))?;
        }
    }
    for movement in &movements {
        after.evolve(movement)?;
    }
    let earned = Points::sum(movements.iter().map(|m| m.points))?;
    let recovered = recover(&mut after, &mut movements, document.recovered_of(earned)?, purchase.today)?;
    after.version += 1;
    let journal = Journal { version: after.version, movements, balance: after.balance };
    let expires_next = after.expires_next(purchase.today);
    *account = after;
    Ok(Decision { lapse, purchase: journal, earned, recovered, trace: DecisionTrace(outcomes), expires_next })
}

fn earned(purchase: &Purchase, points: Points, expires_on: Day) -> Movement {
    let (member, funder) = (purchase.member, purchase.branch.clone());
    Movement { template: Template::PurchaseEarned, member, points, expires_on, funder }
}

/// Movements of one journal into the same lot are one movement.
fn add(movements: &mut Vec<Movement>, next: Movement) -> Result<(), Rejection> {
    match movements.iter_mut().find(|m| m.expires_on == next.expires_on && m.funder == next.funder) {
        Some(same) => same.points = same.points.plus(next.points)?,
        None => movements.push(next),
    }
    Ok(())
}

pub(super) fn write_off(account: &mut Account, today: Day) -> Result<Option<Journal>, Rejection> {
    let member = account.member;
    let movements: Vec<Movement> = account
        .lapsed(today)
        .map(|lot| Movement {
            template: Template::Lapsed,
            member,
            points: lot.points,
            expires_on: lot.expires_on,
            funder: lot.funder.clone(),
        })
        .collect();
    if movements.is_empty() {
        return Ok(None);
    }
    for movement in &movements {
        account.evolve(movement)?;
    }
    account.version += 1;
    Ok(Some(Journal { version: account.version, movements, balance: account.balance }))
}
