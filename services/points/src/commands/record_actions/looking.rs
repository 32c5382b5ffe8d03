//! What is looked up before actions are decided, and how it evolves meanwhile.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use kernel::{Digest16, JournalId, MemberId, Timestamp};
use store::Tx;
use uuid::Uuid;

use super::{RecordAction, RecordedAction, Refusal, action_id};
use crate::{
    commands::{
        changes::Changes,
        record_purchases::{Identity, Recorder, once_each},
        tiers::Standings,
    },
    domain::{Account, Action, Moment, Programme, TallyKey},
    store::{
        actions::ActionRow,
        ledger::{self, JournalRow, Lots},
        merges,
        programmes::latest_announcement,
        tallies::{self, Counted},
    },
};

/// What was loaded for some actions, evolving as they are decided.
pub(super) struct State {
    programmes: HashMap<Timestamp, Arc<Programme>>,
    /// The programme that decided what was recorded before.
    decided: HashMap<JournalId, RecordedAction>,
    members: HashMap<Digest16, MemberId>,
    known: HashSet<MemberId>,
    /// Whose account went into whose, of those who are named.
    survivors: HashMap<MemberId, MemberId>,
    /// Every name of the people whose accounts these are, where there is more than one.
    names: HashMap<MemberId, Vec<MemberId>>,
    /// Journals whose ids or keys are taken.
    earlier: Vec<Arc<JournalRow>>,
    pub(super) accounts: HashMap<MemberId, Account>,
    pub(super) read: HashMap<MemberId, u64>,
    pub(super) counted: Counted,
    pub(super) changes: Changes,
    /// Where the members stand, under a live programme with tiers.
    pub(super) standings: Option<Standings>,
    pub(super) at: Moment,
}

impl State {
    /// Everything that the decisions need, with the accounts locked.
    pub(super) async fn load(
        recorder: &Recorder,
        tx: &Tx,
        commands: &[RecordAction],
    ) -> anyhow::Result<Self> {
        let now = recorder.clock.now();
        let at = Moment { now, today: recorder.chain.local(now, None).day };
        let digests = once_each(commands.iter().flat_map(|c| c.identity.sought()));
        let members = ledger::members_behind(tx, &digests).await?;
        let asked = once_each(commands.iter().filter_map(|c| Some(c.identity.known_as(&members)?.as_uuid())));
        let survivors = merges::survivors(tx, &asked).await?;
        let named = |command: &RecordAction| command.identity.as_survivor(&survivors).known_as(&members);
        let involved = once_each(commands.iter().filter_map(named).map(MemberId::as_uuid));
        let accounts = ledger::accounts(tx, &involved, at, Lots::WhereTaken, true).await?;
        let known = ledger::known_members(tx, &involved).await?;
        // Looked up with the accounts locked, so that nobody else records the same meanwhile.
        let names = names(tx, &involved).await?;
        let ids = commands.iter().filter_map(|c| Some(ids_under(&names, named(c)?, c)));
        let ids = ids.flatten().map(JournalId::as_uuid);
        let keys = commands.iter().filter_map(|c| Some(Uuid::from_bytes(c.idempotency_key?.0)));
        let earlier = ledger::purchases(tx, &once_each(ids), &once_each(keys)).await?;
        let mut state = Self {
            programmes: HashMap::new(),
            decided: HashMap::new(),
            read: accounts.iter().map(|(member, account)| (*member, account.version)).collect(),
            members,
            known,
            survivors,
            names,
            earlier,
            accounts,
            counted: Counted::default(),
            changes: Changes::default(),
            standings: None,
            at,
        };
        state.look_at_programmes(recorder, tx, commands).await?;
        let live = recorder.programmes.live(tx.connection(), now).await?;
        state.standings = Standings::load(tx, live.as_ref(), involved, at.today).await?;
        state.counted = tallies::load(tx, state.tally_keys(recorder, commands), true).await?;
        Ok(state)
    }

    async fn look_at_programmes(
        &mut self,
        recorder: &Recorder,
        tx: &Tx,
        commands: &[RecordAction],
    ) -> anyhow::Result<()> {
        self.programmes = programmes(recorder, tx, commands).await?;
        for row in &self.earlier {
            let Some(action) = ActionRow::of(row) else { continue };
            let programme = recorder.programmes.version(tx.connection(), action.programme_version).await?;
            let recorded = RecordedAction { row: Arc::clone(row), action, programme, replayed: true };
            self.decided.insert(row.id, recorded);
        }
        Ok(())
    }

    fn tally_keys(&self, recorder: &Recorder, commands: &[RecordAction]) -> BTreeSet<TallyKey> {
        let mut keys = BTreeSet::new();
        for command in commands {
            let (Ok(member), Some(programme)) = (self.member(command.identity), self.programme_of(command))
            else {
                continue;
            };
            let action = Action {
                member,
                action: command.action.clone(),
                day: recorder.chain.local(command.occurred_at, None).day,
                branch: command.branch.clone(),
                value: None,
                tier: None,
            };
            keys.extend(programme.document.action_keys(&action));
        }
        keys
    }

    pub(super) fn member(&self, identity: Identity) -> Result<MemberId, Refusal> {
        match identity.as_survivor(&self.survivors) {
            identity @ Identity::Digest(_) => {
                identity.known_as(&self.members).ok_or(Refusal::UnknownIdentifier)
            }
            Identity::Member(member)
                if self.accounts.contains_key(&member) || self.known.contains(&member) =>
            {
                Ok(member)
            }
            Identity::Member(_) => Err(Refusal::UnknownMember),
        }
    }

    /// What was recorded before under the action's names, by whatever name the member had then. What is heard of a member whose account
    /// went into another one was done by one person, once: whatever was recorded first stands.
    pub(super) fn before(
        &self,
        member: MemberId,
        command: &RecordAction,
    ) -> Option<Result<RecordedAction, Refusal>> {
        let all = ids_under(&self.names, member, command);
        let own = all.first().copied()?;
        let id = all.iter().copied().find(|id| self.decided.contains_key(id)).unwrap_or(own);
        let by_key = self.earlier.iter().find(|row| {
            let key = row.request().map(|(key, _)| key);
            key.is_some() && key == command.idempotency_key
        });
        if by_key.is_some_and(|row| row.id != id) {
            return Some(Err(Refusal::KeyReused));
        }
        let before = self.decided.get(&id)?;
        let said = &before.action;
        let branch = before.row.operation().and_then(|operation| operation.branch.as_ref());
        let same = said.occurred_at == command.occurred_at
            && said.value == command.value
            && branch == command.branch.as_ref();
        let otherwise = || if by_key.is_some() { Refusal::KeyReused } else { Refusal::Taken };
        let heard = command.idempotency_key.is_none() && all.len() > 1;
        Some(if same || heard { Ok(before.clone()) } else { Err(otherwise()) })
    }

    pub(super) fn programme_of(&self, command: &RecordAction) -> Option<Arc<Programme>> {
        self.programmes.get(&command.decided_as_of).cloned()
    }

    /// Keeps what was recorded just now, for the same again in this transaction.
    pub(super) fn note(&mut self, recorded: &RecordedAction) {
        let again = RecordedAction { replayed: true, ..recorded.clone() };
        self.earlier.push(Arc::clone(&recorded.row));
        self.decided.insert(recorded.row.id, again);
    }
}

/// Every name of these members, for those who have more than one.
async fn names(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, Vec<MemberId>>> {
    let mut names: HashMap<MemberId, Vec<MemberId>> = HashMap::new();
    for (absorbed, survivor) in merges::absorbed_by(tx, members).await? {
        names.entry(survivor).or_insert_with(|| vec![survivor]).push(absorbed);
    }
    Ok(names)
}

/// The ids that an action has under every name of its member, the one of the name of now first.
fn ids_under(
    names: &HashMap<MemberId, Vec<MemberId>>,
    member: MemberId,
    command: &RecordAction,
) -> Vec<JournalId> {
    let names = names.get(&member).map_or(std::slice::from_ref(&member), Vec::as_slice);
    names.iter().map(|name| action_id(*name, &command.action, &command.reference)).collect()
}

/// The programmes that decide about these, by the instant.
pub(super) async fn programmes(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordAction],
) -> anyhow::Result<HashMap<Timestamp, Arc<Programme>>> {
    let latest = latest_announcement(tx.connection()).await?;
    let mut found = HashMap::new();
    for as_of in commands.iter().map(|command| command.decided_as_of) {
        if let Some(live) = recorder.programmes.live_by(tx.connection(), latest, as_of).await? {
            found.insert(as_of, live);
        }
    }
    Ok(found)
}
