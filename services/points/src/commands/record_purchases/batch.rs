//! One batch in one transaction.

use std::{
    collections::{BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use contracts::{
    Fact,
    points::{PointsEarned, TierChangeCause},
};
use kernel::{Digest16, JournalId, MemberId, Points, Timestamp};
use store::Tx;

use super::{
    Identity, RecordPurchase, Recorded, Recorder, Refusal,
    looking::{self, Seen, once_each},
    spending,
};
use crate::{
    commands::{
        changes::{Changes, head},
        pool::{Purse, Reach},
        rewards::told_of_grants,
        tiers::Standings,
    },
    domain::{
        Account, AskedOfMembers, Book, Decision, DecisionTrace, History, Moment, PaidByPoints, Programme,
        Purchase, Shown, TallyKey, categories,
    },
    store::{
        history,
        ledger::{self, Asked, Deed, JournalRow, PurchaseRow},
        tallies::{self, Counted},
    },
};

type Outcome = Result<Recorded, Refusal>;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// What was loaded for the batch, evolving as its purchases are decided.
struct State {
    programme: Option<Arc<Programme>>,
    members: HashMap<Digest16, MemberId>,
    known: HashSet<MemberId>,
    by_id: HashMap<JournalId, Recorded>,
    by_key: HashMap<Digest16, Recorded>,
    accounts: HashMap<MemberId, Account>,
    read: HashMap<MemberId, u64>,
    touched: Vec<MemberId>,
    counted: Counted,
    /// Who has shown that the phone is theirs, where that matters to spending.
    confirmed: HashSet<MemberId>,
    /// What members did before, where rules ask for it.
    histories: HashMap<MemberId, History>,
    changes: Changes,
    /// Out of which one purchase alone may be paid too.
    purse: Option<Purse>,
    /// Where the members stand, under a programme with tiers.
    standings: Option<Standings>,
    now: Timestamp,
    today: kernel::Day,
}

/// How much is looked up before a batch is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Nothing that is nearly always in vain: neither earlier purchases of the same name, nor locks on accounts. The
    /// unique keys and the version check refuse what does not fit, and a refusal is not believed.
    Light,
    /// Everything: earlier purchases, and accounts that nobody else changes meanwhile.
    Full,
}

/// A light look was not enough; the batch must be decided with full care.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a light look was not enough")]
pub(super) struct LookCloser;

/// Loads, decides, writes, stages and commits; without `keep` everything is undone at the end.
pub(super) async fn run(
    recorder: &Recorder,
    commands: &[RecordPurchase],
    (care, reach): (Care, Reach),
    keep: bool,
) -> anyhow::Result<Vec<Outcome>> {
    let tx = recorder.database.begin().await?;
    let renamed = if care == Care::Full { looking::as_survivors(&tx, commands).await? } else { None };
    let commands = renamed.as_deref().unwrap_or(commands);
    let mut state = load(recorder, &tx, commands, (care, reach)).await?;
    let outcomes: Vec<Outcome> = commands.iter().map(|command| state.decide(recorder, command)).collect();
    if care == Care::Light && outcomes.iter().any(Result::is_err) {
        // What is refused now may have been recorded before, when nothing stood against it.
        tx.rollback().await?;
        return Err(LookCloser.into());
    }
    if !keep {
        tx.rollback().await?;
        return Ok(outcomes);
    }
    if state.changes.is_empty() {
        tx.rollback().await?;
        return Ok(outcomes);
    }
    let State { touched, accounts, read, changes, purse, counted, standings, now, .. } = state;
    let changed = touched.iter().map(|member| {
        let before = read.get(member).copied().unwrap_or_default();
        (&accounts[member], before)
    });
    let changed = changed.chain(purse.iter().flat_map(Purse::changed));
    changes.write(recorder, &tx, changed, now).await?;
    tallies::write(&tx, &counted).await?;
    if let Some(standings) = standings {
        standings.write(&tx).await?;
    }
    bus::crash::point("points.before_commit");
    tx.commit().await?;
    bus::crash::point("points.after_commit");
    recorder.relay.wake();
    Ok(outcomes)
}

async fn load(
    recorder: &Recorder,
    tx: &Tx,
    commands: &[RecordPurchase],
    (care, reach): (Care, Reach),
) -> anyhow::Result<State> {
    let now = recorder.clock.now();
    let today = recorder.chain.local(now, None).day;
    let seen = match care {
        Care::Light => looking::lightly(recorder, tx, commands, Moment { now, today }).await?,
        Care::Full => looking::closely(recorder, tx, commands, Moment { now, today }, reach).await?,
    };
    let Seen { programme, members, mut accounts, earlier: (by_id, by_key), purse } = seen;
    spending::with_lots(tx, commands, &members, &mut accounts).await?;
    let confirmed = spending::confirmed(tx, commands, &members, programme.as_deref()).await?;
    let unseen = commands.iter().filter_map(|c| match c.identity {
        Identity::Member(member) if !accounts.contains_key(&member) => Some(member.as_uuid()),
        _ => None,
    });
    let known = ledger::known_members(tx, &once_each(unseen)).await?;
    let read = accounts.iter().map(|(member, account)| (*member, account.version)).collect();
    let involved = accounts.keys().chain(members.values()).chain(&known).map(|member| member.as_uuid());
    let standings = Standings::load(tx, programme.as_ref(), involved, today).await?;
    let mut state = State {
        programme,
        members,
        known,
        by_id,
        by_key,
        accounts,
        read,
        touched: Vec::with_capacity(commands.len()),
        counted: Counted::default(),
        confirmed,
        histories: HashMap::new(),
        changes: Changes::default(),
        purse,
        standings,
        now,
        today,
    };
    // Only programmes with limits pay for them.
    let keys = state.tally_keys(commands);
    if !keys.is_empty() {
        state.counted = tallies::load(tx, keys, care == Care::Full).await?;
    }
    state.histories = histories(recorder, tx, &state, commands).await?;
    Ok(state)
}

/// What the live programme's rules ask of the members of a batch; nothing is looked up when they ask nothing.
async fn histories(
    recorder: &Recorder,
    tx: &Tx,
    state: &State,
    commands: &[RecordPurchase],
) -> anyhow::Result<HashMap<MemberId, History>> {
    let asked =
        state.programme.as_ref().map_or_else(AskedOfMembers::default, |p| p.document.asked(state.today));
    if asked.is_nothing() {
        return Ok(HashMap::new());
    }
    let members = commands.iter().filter_map(|command| Some(state.member(command.identity).ok()?.as_uuid()));
    // A day more than asked: its midnight is another instant on the chain's wall clock.
    let days = asked.visits_since.map_or(0, |since| i64::from(state.today.number() - since.number()) + 1);
    let since = Timestamp::from_micros(state.now.micros() - days * MICROS_A_DAY);
    let day_of = |at| recorder.chain.local(at, None).day;
    history::load(tx, &once_each(members), &asked, since, day_of).await
}

impl State {
    fn decide(&mut self, recorder: &Recorder, command: &RecordPurchase) -> Outcome {
        if let Some(before) = self.by_key.get(&command.idempotency_key) {
            return again(before, command, Refusal::KeyReused);
        }
        if let Some(before) = self.by_id.get(&command.journal_id) {
            return again(before, command, Refusal::ReceiptTaken);
        }
        let member = self.member(command.identity)?;
        let account = match self.accounts.entry(member) {
            Entry::Occupied(account) => account.into_mut(),
            Entry::Vacant(place) => place.insert(Account::new(member)),
        };
        let untouched = self.read.get(&member).copied().unwrap_or_default() == account.version;
        let mut purchase = purchase_of(command, member, self.now, self.today);
        purchase.history = self.histories.get(&member).cloned().unwrap_or_default();
        let standing = self.standings.as_mut().and_then(|standings| standings.on_ladder(member));
        purchase.tier = standing.and_then(|(standing, ladder)| standing.tier(ladder));
        let (programme, tallies) = (self.programme.as_deref(), &mut self.counted.tallies);
        let purse = self.purse.as_mut();
        let known = Shown { confirmed: self.confirmed.contains(&member), vouched: false };
        let spend = command.spend.map(|spend| (spend, command.shown.unwrap_or(known)));
        let decided = spending::decide(account, programme, &purchase, spend, tallies, purse);
        let (drawn, spent, decision) = decided.map_err(|rejection| Refusal::of(member, rejection))?;
        if untouched {
            self.touched.push(member);
        }
        self.histories.entry(member).or_default().add(self.today);
        let programme =
            self.programme.clone().ok_or(Refusal::Rejected(crate::domain::Rejection::NoProgramme))?;
        let traceparent = command.traceparent.as_deref();
        if let Some(spent) = &spent {
            spending::record(&mut self.changes, recorder, command, (member, drawn.as_ref(), spent), self.now)
                .map_err(|overflow| Refusal::Rejected(overflow.into()))?;
        }
        let settled = self.changes.settle(recorder, member, &decision.settled, self.now, traceparent);
        settled.map_err(|overflow| Refusal::Rejected(overflow.into()))?;
        let paid = spent.map(|spent| spent.paid);
        let row = Arc::new(journal_row(command, member, (&decision, paid), programme.version, self.now));
        self.changes.record(&row, &decision.purchase);
        self.changes.facts.push(earned_fact(recorder, command, &row, decision.earned, programme.version));
        self.changes.facts.extend(told_of_grants(recorder, &row, &programme, traceparent));
        self.count_credit(recorder, member, command, (&programme, &decision.trace), paid)?;
        let recorded = Recorded { row, programme, replayed: false };
        let repeated = Recorded { replayed: true, ..recorded.clone() };
        self.by_key.insert(command.idempotency_key, repeated.clone());
        self.by_id.insert(command.journal_id, repeated);
        Ok(recorded)
    }

    /// What the purchase counts towards the member's tier, and what follows from it.
    fn count_credit(
        &mut self,
        recorder: &Recorder,
        member: MemberId,
        command: &RecordPurchase,
        (programme, trace): (&Programme, &DecisionTrace),
        paid: Option<PaidByPoints>,
    ) -> Result<(), Refusal> {
        if let Some(standings) = &mut self.standings {
            // A tier goes by what rules gave, without what it added itself.
            let by_points = paid.map_or(0, |paid| paid.amount);
            let credit = programme.document.credit(trace, command.amount, by_points);
            let credit = credit.map_err(|overflow| Refusal::Rejected(overflow.into()))?;
            if let Some((standing, ladder)) = standings.on_ladder(member) {
                standing.count(ladder, credit);
            }
            self.changes.facts.extend(standings.settle(
                recorder,
                member,
                TierChangeCause::Purchase,
                self.now,
            ));
        }
        Ok(())
    }

    /// The tallies that these purchases may count towards.
    fn tally_keys(&self, commands: &[RecordPurchase]) -> BTreeSet<TallyKey> {
        let Some(programme) = &self.programme else { return BTreeSet::new() };
        let document = &programme.document;
        if document.limited_per().next().is_none() {
            return BTreeSet::new();
        }
        let known =
            commands.iter().filter_map(|command| Some((command, self.member(command.identity).ok()?)));
        known
            .flat_map(|(command, member)| {
                let purchase = purchase_of(command, member, self.now, self.today);
                document.tally_keys(&purchase).collect::<Vec<_>>()
            })
            .collect()
    }

    fn member(&self, identity: Identity) -> Result<MemberId, Refusal> {
        match identity {
            Identity::Digest(_) => identity.known_as(&self.members).ok_or(Refusal::UnknownIdentifier),
            Identity::Member(member)
                if self.accounts.contains_key(&member) || self.known.contains(&member) =>
            {
                Ok(member)
            }
            Identity::Member(_) => Err(Refusal::UnknownMember),
        }
    }
}

fn again(before: &Recorded, command: &RecordPurchase, otherwise: Refusal) -> Outcome {
    match before.row.purchase() {
        Some(purchase) if command.fingerprint.has(purchase.asked.fingerprint) => {
            Ok(Recorded { replayed: true, ..before.clone() })
        }
        _ => Err(otherwise),
    }
}

fn purchase_of(command: &RecordPurchase, member: MemberId, now: Timestamp, today: kernel::Day) -> Purchase {
    Purchase {
        journal_id: command.journal_id,
        member,
        branch: command.branch.clone(),
        region: command.region.clone(),
        till: command.till.clone(),
        receipt: Arc::clone(&command.receipt),
        operation: Arc::clone(&command.operation),
        occurred_at: command.occurred_at,
        local: command.local,
        amount: command.amount,
        currency: command.currency,
        lines: Arc::clone(&command.lines),
        details: command.details.clone(),
        history: History::default(),
        tier: None,
        recorded_at: now,
        today,
    }
}

fn journal_row(
    command: &RecordPurchase,
    member: MemberId,
    (decision, paid): (&Decision, Option<PaidByPoints>),
    programme_version: u32,
    now: Timestamp,
) -> JournalRow {
    let lines = (!command.lines.is_empty())
        .then(|| serde_json::to_string(&*command.lines).expect("lines are plain structs"));
    let asked = Asked {
        idempotency_key: command.idempotency_key,
        fingerprint: command.fingerprint.first(),
        branch: command.branch.clone(),
        till: command.till.clone(),
        receipt: command.receipt.to_string(),
        operation: command.operation.to_string(),
        occurred_at: command.occurred_at,
        amount: command.amount,
        currency: command.currency,
    };
    let purchase = PurchaseRow {
        asked,
        programme_version,
        trace: decision.trace.clone(),
        pending: decision.pending,
        paid,
        expires_next: decision.expires_next,
        lines,
        details: command.details.to_text(),
    };
    JournalRow {
        id: command.journal_id,
        member,
        version: decision.purchase.version,
        recorded_at: now,
        // It fits: the balance before and afterwards do.
        points: decision.purchase.change(Book::Member).unwrap_or_default(),
        balance: decision.purchase.balance,
        deed: Deed::Purchase(Box::new(purchase)),
    }
}

fn earned_fact(
    recorder: &Recorder,
    command: &RecordPurchase,
    row: &JournalRow,
    earned: Points,
    programme_version: u32,
) -> Fact {
    let data = PointsEarned {
        member_id: row.member,
        journal_id: row.id,
        branch: command.branch.clone(),
        till: command.till.clone(),
        occurred_at: command.occurred_at,
        amount: command.amount,
        currency: command.currency,
        points: earned,
        balance: row.balance,
        account_version: row.version,
        programme_version,
        categories: categories::of_lines(&command.lines),
    };
    Fact::new(head(recorder, row, command.traceparent.as_deref()), &data)
}
