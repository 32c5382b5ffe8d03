//! What is looked up before a batch is decided.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context as _;
use kernel::{Digest16, JournalId, MemberId, Timestamp};
use store::Tx;
use uuid::Uuid;

use super::{RecordPurchase, Recorded, Recorder};
use crate::{
    commands::pool::{self, Purse, Reach},
    domain::{Account, Moment, Programme},
    store::{
        ledger::{self, Lots},
        merges,
    },
};

/// What the database shows of a batch before it is decided.
pub(super) struct Seen {
    pub(super) programme: Option<Arc<Programme>>,
    pub(super) members: HashMap<Digest16, MemberId>,
    pub(super) accounts: HashMap<MemberId, Account>,
    pub(super) earlier: Earlier,
    pub(super) purse: Option<Purse>,
}

/// One look, where customers are named by phone or card.
pub(super) async fn lightly(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordPurchase],
    at: Moment,
) -> anyhow::Result<Seen> {
    let digests = once_each(commands.iter().flat_map(|c| c.identity.sought()));
    let ids = once_each(commands.iter().filter_map(|c| c.identity.member()));
    let ledger::Behind { members, mut accounts, announcement } = ledger::behind(tx, &digests, at).await?;
    accounts.extend(ledger::accounts(tx, &ids, at, Lots::WhereTaken, false).await?);
    let programme = match announcement {
        Some(latest) => recorder.programmes.live_by(tx.connection(), latest, at.now).await?,
        None => recorder.programmes.live(tx.connection(), at.now).await?,
    };
    Ok(Seen { programme, members, accounts, earlier: Earlier::default(), purse: None })
}

/// Every look there is, with locks on the accounts; under [`Reach::Household`] on those of the household of the one customer too.
pub(super) async fn closely(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordPurchase],
    at: Moment,
    reach: Reach,
) -> anyhow::Result<Seen> {
    let programme = recorder.programmes.live(tx.connection(), at.now).await?;
    let digests = once_each(commands.iter().flat_map(|c| c.identity.sought()));
    let members = ledger::members_behind(tx, &digests).await?;
    let customers = || commands.iter().filter_map(|command| command.identity.known_as(&members));
    let pooling = programme.as_deref().and_then(|programme| programme.document.pooling);
    let pooling = pooling.filter(|_| reach == Reach::Household).zip(customers().next());
    let others = match pooling {
        Some((terms, member)) => pool::others_of(recorder, tx, terms, member, at).await?,
        None => Vec::new(),
    };
    let involved = once_each(customers().chain(others.iter().copied()).map(MemberId::as_uuid));
    let mut accounts = ledger::accounts(tx, &involved, at, Lots::WhereTaken, true).await?;
    // With the accounts locked, so that nobody else records the same meanwhile.
    let earlier = earlier(recorder, tx, commands, at.now).await?;
    let purse = match pooling {
        Some(whose) => Some(Purse::open(recorder, tx, whose, &others, &mut accounts, at).await?),
        None => None,
    };
    Ok(Seen { programme, members, accounts, earlier, purse })
}

/// The same purchases by the names of whoever has the accounts now, where the account of one who is named went into another one;
/// `None` where there is no such one.
pub(super) async fn as_survivors(
    tx: &Tx,
    commands: &[RecordPurchase],
) -> anyhow::Result<Option<Vec<RecordPurchase>>> {
    let named = once_each(commands.iter().filter_map(|command| command.identity.member()));
    let survivors = merges::survivors(tx, &named).await?;
    if survivors.is_empty() {
        return Ok(None);
    }
    let mut renamed = commands.to_vec();
    for command in &mut renamed {
        command.identity = command.identity.as_survivor(&survivors);
    }
    Ok(Some(renamed))
}

/// By id and by idempotency key.
type Earlier = (HashMap<JournalId, Recorded>, HashMap<Digest16, Recorded>);

/// The purchases that were recorded before under the names of these: by id, and by idempotency key.
async fn earlier(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordPurchase],
    now: Timestamp,
) -> anyhow::Result<Earlier> {
    let ids = once_each(commands.iter().map(|c| c.journal_id.as_uuid()));
    let keys = once_each(commands.iter().map(|c| Uuid::from_bytes(c.idempotency_key.0)));
    let mut found = Earlier::default();
    for row in ledger::purchases(tx, &ids, &keys).await? {
        let Some((key, _)) = row.request() else { continue };
        let version = row.purchase().map(|purchase| purchase.programme_version);
        // Whatever else it is was decided by no programme; it is here to say that its names are taken.
        let programme = if let Some(version) = version {
            recorder.programmes.version(tx.connection(), version).await?
        } else {
            let live = recorder.programmes.live(tx.connection(), now).await?;
            live.context("a journal without a programme")?
        };
        let recorded = Recorded { row: Arc::clone(&row), programme, replayed: true };
        found.1.insert(key, recorded.clone());
        found.0.insert(row.id, recorded);
    }
    Ok(found)
}

pub(in crate::commands) fn once_each(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = ids.collect();
    all.sort_unstable();
    all.dedup();
    all
}
