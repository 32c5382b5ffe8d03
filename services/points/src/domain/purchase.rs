//! The decision about a purchase: what it earns, and what lapses on the way.

use std::sync::Arc;

use kernel::{
    BranchCode, CashierCode, Currency, Day, JournalId, LocalMoment, MemberId, Overflow, PaymentCode, Points,
    RegionCode, TillCode, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, AccountState, DebtTerms, DecisionTrace, History, Lot, Moment, Movement, Outcome, Place,
    Programme, ProgrammeDocument, Rejection, Settled, Tallies, Template, TierBonus, limit::Using,
    programme::recovered as recovered_of, returns::recover, rule::evaluate, settle::settle,
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
    /// Who sat at the till.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cashier: Option<CashierCode>,
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
    /// What the member did before, as far as rules ask.
    pub history: History,
    /// The member's tier before it, as the place of a level of the live programme, from 0.
    pub tier: Option<usize>,
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
    /// What had happened by itself before, written first.
    pub settled: Vec<Settled>,
    /// The purchase itself.
    pub purchase: Journal,
    /// What it earned, pending or not.
    pub earned: Points,
    /// How much of that is pending.
    pub pending: Points,
    /// How much of that paid a debt.
    pub recovered: Points,
    /// What each rule made of it.
    pub trace: DecisionTrace,
    /// What lapses next, and on which last day.
    pub expires_next: Option<(Day, Points)>,
}

/// Decides what a purchase earns, and evolves the account and the tallies of limits accordingly.
///
/// Points run from the day they are recorded, not from the receipt's day: a receipt that arrives late, from a till that
/// was offline, never brings points that are already old. Lapsed lots are written off first, as a journal of their own,
/// so that every balance that is told is right whether or not a job has passed.
///
/// # Errors
/// A [`Rejection`], the first that holds; account and tallies are unchanged then.
pub fn decide(
    account: &mut Account,
    programme: Option<&Programme>,
    purchase: &Purchase,
    tallies: &mut Tallies,
) -> Result<Decision, Rejection> {
    let programme = programme.ok_or(Rejection::NoProgramme)?;
    let document = &programme.document;
    if document.currency != purchase.currency {
        return Err(Rejection::OtherCurrency { expected: document.currency });
    }
    let mut after = account.clone();
    if after.state == AccountState::Closed {
        return Err(Rejection::AccountClosed);
    }
    let at = Moment { now: purchase.recorded_at, today: purchase.today };
    let settled = settle(&mut after, at, document.debt)?;

    let mut using = Using::new(tallies, purchase);
    let outcomes = evaluate(document, purchase, &mut using)?;
    let used = using.used();
    let whose = Whose { member: purchase.member, funder: &purchase.branch, tier: purchase.tier };
    let (comings, bonus) = comings(document, &whose, &outcomes, purchase.today)?;
    let Brought { movements, earned, pending, recovered } =
        bring(&mut after, comings, document.debt, purchase.today)?;
    after.version += 1;
    let journal = Journal { version: after.version, movements, balance: after.balance };
    after.restart(purchase.today, document.inactivity);
    let expires_next = after.expires_next(purchase.today);
    *account = after;
    tallies.add(used);
    let trace = DecisionTrace(outcomes, purchase.tier.map(|level| TierBonus { level, points: bonus }));
    Ok(Decision { settled, purchase: journal, earned, pending, recovered, trace, expires_next })
}

/// A movement that brings points, and the place aside that it brings them to.
pub(super) type Coming = (Movement, Option<Place>);

/// Points that were brought into an account.
pub(super) struct Brought {
    /// The movements, with those that paid a debt.
    pub movements: Vec<Movement>,
    /// What came, pending or not.
    pub earned: Points,
    /// How much of that is pending.
    pub pending: Points,
    /// How much of the rest paid a debt.
    pub recovered: Points,
}

/// Brings points into an account; a debt takes its share of what can be spent now.
pub(super) fn bring(
    account: &mut Account,
    comings: Vec<Coming>,
    debt: Option<DebtTerms>,
    today: Day,
) -> Result<Brought, Overflow> {
    let mut movements = Vec::with_capacity(comings.len());
    let (mut earned, mut pending) = (Points::ZERO, Points::ZERO);
    for (movement, place) in comings {
        earned = earned.plus(movement.points)?;
        match place {
            Some(place) => {
                pending = pending.plus(movement.points)?;
                account.evolve_aside(&movement, place)?;
            }
            None => account.evolve(&movement)?,
        }
        movements.push(movement);
    }
    let most = recovered_of(debt, earned.minus(pending)?)?;
    let recovered = recover(account, &mut movements, most, today)?;
    Ok(Brought { movements, earned, pending, recovered })
}

/// Whose points come, who pays for them, and the member's tier before.
struct Whose<'a> {
    member: MemberId,
    funder: &'a BranchCode,
    tier: Option<usize>,
}

/// What comes by each rule, with what the member's tier adds to it; and what it adds altogether.
fn comings(
    document: &ProgrammeDocument,
    whose: &Whose<'_>,
    outcomes: &[Outcome],
    today: Day,
) -> Result<(Vec<Coming>, Points), Overflow> {
    let mut comings: Vec<Coming> = Vec::with_capacity(1);
    let mut bonus = Points::ZERO;
    for (rule, outcome) in document.rules.iter().zip(outcomes) {
        let more = document.tier_bonus(whose.tier, outcome.points())?;
        bonus = bonus.plus(more)?;
        let points = outcome.points().plus(more)?;
        if points.is_positive() {
            let from = rule.pending.map(|pending| today.plus_days(pending.days));
            let expires_on = document.last_day(rule.expiry, from.unwrap_or(today));
            let place = from.map(|from| Place::Pending { from });
            let bound = if rule.transferable { Points::ZERO } else { points };
            let lot = Lot { expires_on, funder: whose.funder.clone(), points, bound };
            let template = if place.is_some() { Template::EarnedPending } else { Template::PurchaseEarned };
            add(&mut comings, Movement::of(template, whose.member, lot), place)?;
        }
    }
    Ok((comings, bonus))
}

/// Where the points of a purchase that was recorded came, movement by movement: the place aside, or `None` for those that
/// could be spent at once. Decided again from its trace, so that nothing more need be kept of it.
///
/// # Errors
/// [`Overflow`], which a purchase that was decided cannot cause.
pub fn came_to(
    document: &ProgrammeDocument,
    trace: &DecisionTrace,
    funder: &BranchCode,
    member: MemberId,
    today: Day,
) -> Result<Vec<Option<Place>>, Overflow> {
    let whose = Whose { member, funder, tier: trace.1.map(|bonus| bonus.level) };
    let (comings, _) = comings(document, &whose, &trace.0, today)?;
    Ok(comings.into_iter().map(|(_, place)| place).collect())
}

/// Movements of one journal into the same lot and place are one movement.
pub(super) fn add(comings: &mut Vec<Coming>, next: Movement, place: Option<Place>) -> Result<(), Overflow> {
    let same = |(m, there): &&mut Coming| {
        m.expires_on == next.expires_on && m.funder == next.funder && *there == place
    };
    match comings.iter_mut().find(same) {
        Some((same, _)) => {
            same.points = same.points.plus(next.points)?;
            same.bound = same.bound.plus(next.bound)?;
        }
        None => comings.push((next, place)),
    }
    Ok(())
}
