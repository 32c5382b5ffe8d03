//! The decision about a transfer that is requested: whether it may be, what it costs, what it waits for.

use kernel::{Day, MemberId, Overflow, Points, Timestamp, TransferId};

use super::{
    Arrival, Circle, Transfer, TransferCap, TransferKind, TransferStatus, TransferTerms, Window, arrive,
    movements::send,
};
use crate::domain::{Account, AccountState, DebtTerms, Journal, Lot, Moment, Settled, Terms, settle::settle};

/// A transfer that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferAsk {
    /// The id that it will have.
    pub id: TransferId,
    /// Who gives.
    pub sender: MemberId,
    /// Who gets.
    pub receiver: MemberId,
    /// How many points; `None` hands over everything.
    pub points: Option<Points>,
    /// The person who makes it on the sender's behalf.
    pub agent: Option<String>,
    /// When.
    pub now: Timestamp,
    /// The same as a day on the chain's wall clock.
    pub today: Day,
}

/// What two members are to each other, as far as points was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// Both are of one household.
    pub one_household: bool,
    /// The tiers of both are of one group.
    pub one_tier_group: bool,
}

/// What both members transferred before, and since when the sender has an account. Nothing that came back counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentBefore {
    /// The day of the account's first entry; `None` when it has none.
    pub opened_on: Option<Day>,
    /// Points that the sender gave in the present day, month, year.
    pub sent: [Points; 3],
    /// Points that the receiver got in the present day, month, year.
    pub received: [Points; 3],
    /// To how many others than this receiver the sender gave in the present day, month, year.
    pub other_receivers: [i64; 3],
}

/// Why a transfer is refused, in order of precedence: the first that holds is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferRefusal {
    /// No programme is live.
    NoProgramme,
    /// The programme has no transfers.
    Off,
    /// Sender and receiver are one.
    SameMember,
    /// The programme does not let this sender give to this receiver.
    OutsideCircle(Circle),
    /// The sender's account is too young.
    AccountTooYoung {
        /// How old it must be.
        days: u16,
    },
    /// The sender's account is frozen.
    SenderFrozen,
    /// The sender's account is guarded: nothing is passed on.
    SenderGuarded {
        /// Until when.
        until: Timestamp,
    },
    /// The sender's account is closed.
    SenderClosed,
    /// The receiver's account is closed.
    ReceiverClosed,
    /// The sender owes points.
    SenderOwes {
        /// How many.
        debt: Points,
    },
    /// Fewer points than one transfer has, or none.
    TooSmall {
        /// The least.
        minimum: Points,
    },
    /// More points than one transfer has.
    TooLarge {
        /// The most.
        maximum: Points,
    },
    /// The sender does not have so many points, with the fee.
    BalanceTooLow {
        /// How many are missing.
        missing: Points,
    },
    /// So many of the sender's points may not go to another member: a rule gave them so.
    NotTransferable {
        /// How many may.
        transferable: Points,
    },
    /// The sender would give more than one member may.
    SenderCap {
        /// In which window.
        per: Window,
        /// How many are left.
        left: i64,
    },
    /// The receiver would get more than one member may.
    ReceiverCap {
        /// In which window.
        per: Window,
        /// How many are left.
        left: i64,
    },
    /// The sender would give to more members than one may.
    ReceiversCap {
        /// In which window.
        per: Window,
        /// How many there may be.
        most: i64,
    },
    /// A sum of points does not fit.
    TooManyPoints,
}

impl TransferRefusal {
    /// Whether there may be points enough once what is due has come back or arrived.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::BalanceTooLow { .. } | Self::NotTransferable { .. })
    }
}

impl From<Overflow> for TransferRefusal {
    fn from(_: Overflow) -> Self {
        Self::TooManyPoints
    }
}

/// What was decided about a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferSent {
    /// The transfer, where it stands now.
    pub transfer: Transfer,
    /// What had happened to the sender's account by itself, written first.
    pub settled: Vec<Settled>,
    /// What left the sender's account.
    pub journal: Journal,
    /// The lots that travel.
    pub lots: Vec<Lot>,
    /// How many points could have travelled: those that are not bound.
    pub transferable: Points,
    /// What reached the receiver; `None` while the transfer waits for something.
    pub arrival: Option<Arrival>,
}

/// Decides a transfer, and evolves both accounts accordingly; the receiver's only when the points arrive at once.
///
/// Points leave by earliest expiry first, none that is bound, and the fee is paid out of what is left then. A sender who owes
/// points pays that first, by later earnings: otherwise a debt could be left behind by giving everything away.
///
/// # Errors
/// [`TransferRefusal`]; both accounts are unchanged then.
pub fn decide_transfer(
    sender: &mut Account,
    receiver: &mut Account,
    (terms, debt): (&TransferTerms, Option<DebtTerms>),
    ask: &TransferAsk,
    relation: Relation,
    before: &SentBefore,
) -> Result<TransferSent, TransferRefusal> {
    let at = Moment { now: ask.now, today: ask.today };
    let (mut from, mut to) = (sender.clone(), receiver.clone());
    let settled = settle(&mut from, at, debt)?;
    let transferable = from.transferable(ask.today)?;
    let (points, fee) = permitted([&from, &to], transferable, terms, ask, relation, before)?;
    let (journal, lots) = send(&mut from, [points, fee], ask.today)?;
    let mut transfer = requested(ask, points, fee);
    (transfer.status, transfer.due_at) = terms.stage(&transfer, ask.now);
    let mut arrival = None;
    if transfer.status == TransferStatus::Completed {
        transfer.ended_at = Some(ask.now);
        arrival = Some(arrive(&mut to, &lots, Terms { at, debt })?);
    }
    (*sender, *receiver) = (from, to);
    Ok(TransferSent { transfer, settled, journal, lots, transferable, arrival })
}

/// The points and the fee, when nothing speaks against them.
fn permitted(
    [sender, receiver]: [&Account; 2],
    transferable: Points,
    terms: &TransferTerms,
    ask: &TransferAsk,
    relation: Relation,
    before: &SentBefore,
) -> Result<(Points, Points), TransferRefusal> {
    if ask.sender == ask.receiver {
        return Err(TransferRefusal::SameMember);
    }
    match sender.state {
        AccountState::Open => {}
        AccountState::Frozen => return Err(TransferRefusal::SenderFrozen),
        AccountState::Closed => return Err(TransferRefusal::SenderClosed),
    }
    if let Some(guard) = sender.guarded(ask.now) {
        return Err(TransferRefusal::SenderGuarded { until: guard.until });
    }
    if receiver.state == AccountState::Closed {
        return Err(TransferRefusal::ReceiverClosed);
    }
    let inside = match terms.to {
        Circle::Household => relation.one_household,
        Circle::SameTierGroup => relation.one_tier_group,
        Circle::Anyone => true,
    };
    if !inside {
        return Err(TransferRefusal::OutsideCircle(terms.to));
    }
    let days = terms.account_age_days;
    let old = before.opened_on.is_some_and(|day| ask.today.number() - day.number() >= i32::from(days));
    if days > 0 && !old {
        return Err(TransferRefusal::AccountTooYoung { days });
    }
    if sender.debt.is_positive() {
        return Err(TransferRefusal::SenderOwes { debt: sender.debt });
    }
    let (points, fee) = afforded([sender.balance, transferable], terms, ask.points)?;
    capped(terms, points, before)?;
    Ok((points, fee))
}

/// The points and the fee, when the sender has them and may pass them on.
fn afforded(
    [available, transferable]: [Points; 2],
    terms: &TransferTerms,
    asked: Option<Points>,
) -> Result<(Points, Points), TransferRefusal> {
    let mut points = match asked {
        Some(points) => points,
        None => terms.fee.most_out_of(available)?,
    };
    if points < terms.minimum {
        return Err(TransferRefusal::TooSmall { minimum: terms.minimum });
    }
    if asked.is_none() {
        points = points.min(transferable);
    }
    if let Some(maximum) = terms.maximum.filter(|most| points > *most) {
        return Err(TransferRefusal::TooLarge { maximum });
    }
    let fee = terms.fee.of(points)?;
    let whole = points.plus(fee)?;
    if whole > available {
        return Err(TransferRefusal::BalanceTooLow { missing: whole.minus(available)? });
    }
    // Of a hand-over less than a transfer has may be left.
    if points > transferable || points < terms.minimum {
        return Err(TransferRefusal::NotTransferable { transferable });
    }
    Ok((points, fee))
}

fn capped(terms: &TransferTerms, points: Points, before: &SentBefore) -> Result<(), TransferRefusal> {
    let place = |cap: &TransferCap| match cap.per {
        Window::Day => 0,
        Window::Month => 1,
        Window::Year => 2,
    };
    let exceeded = |caps: &[TransferCap], done: &[Points; 3]| {
        let lefts = caps.iter().map(|cap| (cap.per, cap.most.saturating_sub(done[place(cap)].count())));
        lefts.into_iter().find(|(_, left)| points.count() > *left).map(|(per, left)| (per, left.max(0)))
    };
    if let Some((per, left)) = exceeded(&terms.sent, &before.sent) {
        return Err(TransferRefusal::SenderCap { per, left });
    }
    if let Some((per, left)) = exceeded(&terms.received, &before.received) {
        return Err(TransferRefusal::ReceiverCap { per, left });
    }
    let crowded = terms.receivers.iter().find(|cap| before.other_receivers[place(cap)] >= cap.most);
    crowded.map_or(Ok(()), |cap| Err(TransferRefusal::ReceiversCap { per: cap.per, most: cap.most }))
}

fn requested(ask: &TransferAsk, points: Points, fee: Points) -> Transfer {
    let kind = if ask.points.is_some() { TransferKind::Transfer } else { TransferKind::HandOver };
    Transfer {
        id: ask.id,
        kind,
        sender: ask.sender,
        receiver: ask.receiver,
        points,
        fee,
        agent: ask.agent.clone(),
        requested_at: ask.now,
        requested_on: ask.today,
        confirmed_at: None,
        approved_at: None,
        reviewer: None,
        accepted_at: None,
        ended_at: None,
        status: TransferStatus::CoolingOff,
        due_at: None,
    }
}
