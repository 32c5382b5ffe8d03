//! Many holds, captures and redemptions in one transaction: one look at all accounts, decisions in memory one after the other, one write.

use std::collections::{HashMap, HashSet};

use kernel::{Digest16, JournalId, MemberId};
use store::Tx;
use uuid::Uuid;

use super::{Deed, Operate, Subject, rows};
use crate::{
    commands::{
        changes::Changes,
        record_purchases::{Identity, Recorder, once_each},
    },
    domain::{Account, JournalKind, Moment, ProgrammeDocument, Terms},
    store::{
        ledger::{self, Lots},
        merges,
    },
};

/// Sets points aside for redemptions, captures what was and redeems at once, as far as nothing stands against it; answers for each whether it is
/// done, now or before. **Whatever else is the matter is to be looked at alone**: nothing of it was changed, and no refusal of here is
/// the last word. Commands are of members that points knows, and about different journals.
///
/// # Errors
/// A fault of the database, or that somebody else changed an account meanwhile.
pub async fn operate_together(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[Operate],
) -> anyhow::Result<Vec<bool>> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let document = live.as_deref().map(|programme| &programme.document);
    let mut batch = Batch::load(tx, commands, document, at).await?;
    let mut done = Vec::with_capacity(commands.len());
    for command in commands {
        done.push(batch.decide(recorder, command)?);
    }
    let Batch { accounts, read, changes, .. } = batch;
    if !changes.is_empty() {
        let changed = accounts.values().filter_map(|account| {
            let read = read.get(&account.member).copied()?;
            (read != account.version).then_some((account, read))
        });
        changes.write(recorder, tx, changed, now).await?;
    }
    Ok(done)
}

/// What was loaded, evolving as it is decided on.
struct Batch<'a> {
    document: Option<&'a ProgrammeDocument>,
    terms: Terms,
    /// Whose the holds are that are captured.
    holds: HashMap<JournalId, MemberId>,
    /// Keys under which something was recorded before, with the digest of what was asked.
    recorded: HashMap<Digest16, Digest16>,
    /// Ids of journals that there are.
    journals: HashSet<JournalId>,
    survivors: HashMap<MemberId, MemberId>,
    accounts: HashMap<MemberId, Account>,
    read: HashMap<MemberId, u64>,
    changes: Changes,
}

impl<'a> Batch<'a> {
    async fn load(
        tx: &Tx,
        commands: &[Operate],
        document: Option<&'a ProgrammeDocument>,
        at: Moment,
    ) -> anyhow::Result<Self> {
        let about = |command: &Operate| match command.deed {
            Deed::Capture { hold, .. } => hold.as_uuid(),
            _ => command.journal_id().as_uuid(),
        };
        let keys = commands.iter().map(|command| Uuid::from_bytes(command.idempotency_key.0));
        let rows = ledger::purchases(tx, &once_each(commands.iter().map(about)), &once_each(keys)).await?;
        let holds: HashMap<JournalId, MemberId> = rows
            .iter()
            .filter(|row| row.kind() == JournalKind::Hold)
            .map(|row| (row.id, row.member))
            .collect();
        let named = commands.iter().filter_map(named).chain(holds.values().copied());
        let named = once_each(named.map(MemberId::as_uuid));
        let survivors = merges::survivors(tx, &named).await?;
        let whole = |id: &Uuid| survivors.get(&MemberId::from_uuid(*id)).map_or(*id, |one| one.as_uuid());
        let accounts = ledger::accounts(tx, &once_each(named.iter().map(whole)), at, Lots::All, true).await?;
        Ok(Self {
            document,
            terms: Terms { at, debt: document.and_then(|document| document.debt) },
            recorded: rows.iter().filter_map(|row| row.request()).collect(),
            journals: rows.iter().map(|row| row.id).collect(),
            holds,
            survivors,
            read: accounts.values().map(|account| (account.member, account.version)).collect(),
            accounts,
            changes: Changes::default(),
        })
    }

    /// Decides one; answers whether it is done.
    fn decide(&mut self, recorder: &Recorder, command: &Operate) -> anyhow::Result<bool> {
        if let Some(asked) = self.recorded.get(&command.idempotency_key) {
            return Ok(command.fingerprint.has(*asked));
        }
        let (member, about) = match command.deed {
            Deed::HoldFor { .. } | Deed::RedeemFor { .. }
                if !self.journals.contains(&command.journal_id()) =>
            {
                (named(command), command.paying())
            }
            Deed::Capture { hold, .. } => (self.holds.get(&hold).copied(), Some(hold.as_uuid())),
            _ => (None, None),
        };
        let Some(member) = member.map(|member| self.survivors.get(&member).copied().unwrap_or(member)) else {
            return Ok(false);
        };
        let Some(mut account) = self.accounts.get(&member).cloned() else { return Ok(false) };
        let subject = Subject { member, about, redeemed: None, own: Vec::new() };
        let Ok(decided) = rows::decide(&mut account, command, &subject, self.terms) else { return Ok(false) };
        if !self.is_proved(command) {
            return Ok(false);
        }
        rows::note(&mut self.changes, recorder, command, &subject, &decided, self.terms.at.now)?;
        self.accounts.insert(member, account);
        Ok(true)
    }

    /// Whether whoever spends has shown what the programme asks; what a hold has was proved when it was set aside.
    fn is_proved(&self, command: &Operate) -> bool {
        let Some(points) = command.spends() else { return true };
        let Some(terms) = self.document.and_then(|document| document.proof) else { return true };
        command.shown.is_some_and(|shown| terms.allow(points, shown).is_ok())
    }
}

fn named(command: &Operate) -> Option<MemberId> {
    match command.identity {
        Some(Identity::Member(member)) => Some(member),
        _ => None,
    }
}
