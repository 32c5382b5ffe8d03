//! Points that pay for a part of a purchase: what is looked up for it, and what is written down.

use std::collections::{HashMap, HashSet};

use kernel::{Digest16, JournalId, MemberId, Timestamp};
use store::Tx;
use uuid::Builder;

use super::{RecordPurchase, Recorder, fingerprint, once_each};
use crate::{
    commands::{
        changes::Changes,
        pool::{self, For, Purse},
        telling::told,
    },
    domain::{
        self, Account, Decision, Drawn, JournalKind, Moment, Programme, Purchase, Rejection, Shown, Spend,
        Spent, Tallies, Terms, decide_with_points,
    },
    store::{
        ledger::{self, OperationRow},
        phones,
    },
};

/// Gives the accounts that spend their lots; a batch in which nobody does looks nothing up.
pub(super) async fn with_lots(
    tx: &Tx,
    commands: &[RecordPurchase],
    members: &HashMap<Digest16, MemberId>,
    accounts: &mut HashMap<MemberId, Account>,
) -> anyhow::Result<()> {
    let spends = |command: &&RecordPurchase| command.spend.is_some();
    let spenders = commands.iter().filter(spends).filter_map(|command| command.identity.known_as(members));
    ledger::give_lots(tx, accounts, spenders).await
}

/// Of those who spend, who has shown that the phone is theirs; nothing is looked up where that does not matter, or where nobody
/// spends.
pub(super) async fn confirmed(
    tx: &Tx,
    commands: &[RecordPurchase],
    members: &HashMap<Digest16, MemberId>,
    programme: Option<&Programme>,
) -> anyhow::Result<HashSet<MemberId>> {
    if !programme.is_some_and(|programme| programme.document.asks_for_phones()) {
        return Ok(HashSet::new());
    }
    let spends = |command: &&RecordPurchase| command.spend.is_some() && command.shown.is_none();
    let spenders = commands.iter().filter(spends).filter_map(|command| command.identity.known_as(members));
    phones::confirmed(tx, &once_each(spenders.map(MemberId::as_uuid))).await
}

/// Decides a purchase; where it is paid with points in part, these leave first, and what the member lacks comes out of the purse.
pub(super) fn decide(
    account: &mut Account,
    programme: Option<&Programme>,
    purchase: &Purchase,
    spend: Option<(Spend, Shown)>,
    tallies: &mut Tallies,
    purse: Option<&mut Purse>,
) -> Result<(Option<Drawn>, Option<Spent>, Decision), Rejection> {
    let Some(spend) = spend else {
        return Ok((None, None, domain::decide(account, programme, purchase, tallies)?));
    };
    let at = Moment { now: purchase.recorded_at, today: purchase.today };
    let terms = Terms { at, debt: programme.and_then(|programme| programme.document.debt) };
    let act = |account: &mut Account| decide_with_points(account, programme, purchase, spend, tallies);
    let (drawn, (spent, decision)) = pool::spend(purse, account, terms, act)?;
    Ok((drawn, Some(spent), decision))
}

/// Adds what happened before the purchase, and the redemption or capture that paid for it.
///
/// # Errors
/// A sum that does not fit, which no decision lets through.
pub(super) fn record(
    changes: &mut Changes,
    recorder: &Recorder,
    command: &RecordPurchase,
    (member, drawn, spent): (MemberId, Option<&Drawn>, &Spent),
    now: Timestamp,
) -> Result<(), kernel::Overflow> {
    let traceparent = command.traceparent.as_deref();
    if let Some(drawn) = drawn {
        let what = For { member, about: command.journal_id, kind: JournalKind::Purchase, now, traceparent };
        pool::record(changes, recorder, drawn, what)?;
    }
    changes.settle(recorder, member, &spent.settled, now, traceparent)?;
    let about = match command.spend {
        Some(Spend::Hold { id, .. }) => id,
        _ => command.journal_id,
    };
    let operation = OperationRow {
        about: Some(about.as_uuid()),
        branch: Some(command.branch.clone()),
        outcome: Some(command.journal_id.to_string()),
        ..OperationRow::of_kind(spent.kind)
    };
    let journal = (payment_id(command.journal_id), &spent.journal);
    let row = changes.operate(member, journal, operation, now)?;
    changes.facts.extend(told(recorder, &row, &spent.journal, traceparent)?);
    Ok(())
}

/// The journal of the points that pay for a purchase: the same for the same purchase, for ever.
fn payment_id(purchase: JournalId) -> JournalId {
    let named = fingerprint(&["points that pay for a purchase", &purchase.to_string()]);
    JournalId::from_uuid(Builder::from_custom_bytes(named.0).into_uuid())
}
