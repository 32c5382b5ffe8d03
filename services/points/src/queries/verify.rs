//! Does the ledger hold what it promises? Recomputed from the rows, for `vafa verify`.

mod bound;
mod merges;
mod pools;
mod standings;

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    hash::Hash,
};

use kernel::{MemberId, Points};
use runtime::AuditRow;
use store::{Database, Tx};
use uuid::Uuid;

use crate::{
    domain::{Book, LedgerAccount, Lot, Movement, NEVER, Owner, Template},
    store::{
        auditing::{self, AuditedTransfer, EntryPlace, Movements, StoredEntry},
        ledger::{account_id, read_marks},
        money,
    },
};

/// Every promise of the ledger, over one moment of the database.
///
/// # Errors
/// When the database refuses.
pub async fn audit(database: &Database) -> anyhow::Result<Vec<AuditRow>> {
    let tx = database.snapshot().await?;
    let books = Books::read(&tx).await?;
    let rows = vec![
        accounts_equal_entries(&tx, &books).await?,
        debts_equal_entries(&tx, &books).await?,
        lots_equal_entries(&tx, &books).await?,
        asides_equal_entries(&tx, &books).await?,
        books.bound.equals_entries(&tx).await?,
        marks_say_what_is_aside(&tx).await?,
        lots_equal_balances(&tx).await?,
        summaries_equal_lots(&tx).await?,
        journals_equal_entries(&tx, &books).await?,
        numbered_without_gaps(&tx).await?,
        all_accounts_are_nothing(&tx, &books).await?,
        closed_days_equal_entries(&tx).await?,
        standings::equal_purchases(&tx).await?,
        transit_equals_open_transfers(&tx, &books).await?,
        transfers_have_both_sides(&tx).await?,
        pools::give_what_is_drawn(&tx).await?,
        merges::leave_nothing(&tx).await?,
    ];
    tx.rollback().await?;
    Ok([vec![books.postings], rows].concat())
}

/// What the entries add up to.
struct Books {
    postings: AuditRow,
    members: HashMap<MemberId, i64>,
    debts: HashMap<MemberId, i64>,
    /// By branch.
    transit: HashMap<String, i64>,
    lots: HashMap<(MemberId, i32, String), i64>,
    asides: HashMap<(MemberId, bool, i32, String), i64>,
    bound: bound::Bound,
    journals: HashMap<(MemberId, i64), i64>,
    /// By the two accounts that the rows name, of members and branches alike.
    accounts: HashMap<Uuid, i128>,
}

const PAGE: i64 = 20_000;
const BEGINNING: EntryPlace = (Uuid::nil(), -1, -1);

impl Books {
    async fn read(tx: &Tx) -> anyhow::Result<Self> {
        let mut books = Self {
            postings: AuditRow::new(
                "every posting debits one account and credits another, as its template says",
            ),
            members: HashMap::new(),
            debts: HashMap::new(),
            transit: HashMap::new(),
            lots: HashMap::new(),
            asides: HashMap::new(),
            bound: bound::Bound::default(),
            journals: HashMap::new(),
            accounts: HashMap::new(),
        };
        for movements in [Movements::First, Movements::Legs] {
            let mut after = BEGINNING;
            loop {
                let page = auditing::entries(tx, movements, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = (last.member.as_uuid(), last.version, last.leg);
                for entry in page {
                    books.take(entry);
                }
            }
        }
        Ok(books)
    }

    fn take(&mut self, entry: StoredEntry) {
        self.postings.examined += 1;
        let place = format!("{} {}", entry.member, entry.version);
        let Some(template) = Template::from_number(entry.template) else {
            return self.postings.differs(format!("{place}: template {} does not exist", entry.template));
        };
        let StoredEntry { points, bound, expires_on, funder, .. } = entry;
        let movement = Movement::of(template, entry.member, Lot { expires_on, funder, points, bound });
        let (debit, credit) = (account_id(&movement.debit()), account_id(&movement.credit()));
        if !entry.points.is_positive() || debit == credit || debit != entry.debit || credit != entry.credit {
            let said = format!("{place}: {} from {} to {}", entry.points, entry.debit, entry.credit);
            self.postings.differs(said);
        }
        if movement.bound < Points::ZERO || movement.bound > points {
            self.postings.differs(format!("{place}: {} of {points} cannot be passed on", movement.bound));
        }
        self.bound.take(&movement, entry.version);
        let count = entry.points.count();
        *self.accounts.entry(entry.debit).or_default() -= i128::from(count);
        *self.accounts.entry(entry.credit).or_default() += i128::from(count);
        let owner = entry.member.as_uuid();
        let side = |account: Uuid| i64::from(entry.credit == account) - i64::from(entry.debit == account);
        // What leaves the account of a debt makes it larger.
        *self.debts.entry(entry.member).or_default() -=
            side(account_id(&LedgerAccount::of_member(Book::Debt, entry.member))) * count;
        for (book, held) in [(Book::Pending, false), (Book::Held, true)] {
            let signed = side(account_id(&LedgerAccount::of_member(book, entry.member))) * count;
            if signed != 0 {
                let lot = (entry.member, held, entry.expires_on.number(), movement.funder.to_string());
                *self.asides.entry(lot).or_default() += signed;
            }
        }
        let transit = LedgerAccount { book: Book::Transit, owner: Owner::Funder(movement.funder.clone()) };
        let on_the_way = side(account_id(&transit)) * count;
        if on_the_way != 0 {
            *self.transit.entry(movement.funder.to_string()).or_default() += on_the_way;
        }
        let signed = side(owner) * count;
        if signed == 0 {
            return;
        }
        *self.members.entry(entry.member).or_default() += signed;
        let lot = (entry.member, entry.expires_on.number(), movement.funder.to_string());
        *self.lots.entry(lot).or_default() += signed;
        *self.journals.entry((entry.member, entry.version)).or_default() += signed;
    }
}

async fn accounts_equal_entries(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every account equals its entries, and none is negative");
    let stored = auditing::balances(tx).await?;
    for (member, balance) in stored.iter().filter(|(_, balance)| *balance < 0) {
        row.differs(format!("{member}: balance {balance}"));
    }
    compare(&mut row, stored, books.members.clone(), MemberId::to_string);
    Ok(row)
}

async fn debts_equal_entries(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every debt equals its entries, and none is negative");
    let stored = auditing::debts(tx).await?;
    for (member, debt) in stored.iter().filter(|(_, debt)| *debt < 0) {
        row.differs(format!("{member}: debt {debt}"));
    }
    compare(&mut row, stored, books.debts.clone(), MemberId::to_string);
    Ok(row)
}

async fn lots_equal_entries(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every lot equals its entries");
    let stored = auditing::lots(tx).await?.into_iter();
    let stored = stored.map(|(member, day, funder, points)| ((member, day, funder), points));
    compare(&mut row, stored, books.lots.clone(), |(member, day, funder)| format!("{member} {day} {funder}"));
    Ok(row)
}

async fn asides_equal_entries(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("what is pending and held equals its entries");
    let mut stored: HashMap<(MemberId, bool, i32, String), i64> = HashMap::new();
    for (member, held, day, funder, points) in auditing::asides(tx).await? {
        *stored.entry((member, held, day, funder)).or_default() += points;
    }
    compare(&mut row, stored, books.asides.clone(), |(member, held, day, funder)| {
        format!("{member} {} {day} {funder}", if *held { "held" } else { "pending" })
    });
    Ok(row)
}

async fn marks_say_what_is_aside(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every account's marks say whether points of it are aside");
    let some: HashSet<MemberId> =
        auditing::asides(tx).await?.into_iter().map(|(member, ..)| member).collect();
    for (member, marks) in auditing::marks(tx).await? {
        row.examined += 1;
        match read_marks(marks) {
            Ok((_, aside)) if aside == some.contains(&member) => {}
            _ => row.differs(format!("{member}: marks {marks}")),
        }
    }
    Ok(row)
}

async fn lots_equal_balances(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("the lots of every account add up to its balance");
    let mut sums: HashMap<MemberId, i64> = HashMap::new();
    for (member, _, _, points) in auditing::lots(tx).await? {
        *sums.entry(member).or_default() += points;
    }
    compare(&mut row, auditing::balances(tx).await?, sums, MemberId::to_string);
    Ok(row)
}

async fn summaries_equal_lots(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every account says what lapses next as its lots do");
    let mut first: HashMap<MemberId, (i32, i64)> = HashMap::new();
    for (member, day, _, points) in auditing::lots(tx).await? {
        if day == NEVER.number() {
            continue;
        }
        let known = first.entry(member).or_insert((day, 0));
        match day.cmp(&known.0) {
            Ordering::Less => *known = (day, points),
            Ordering::Equal => known.1 += points,
            Ordering::Greater => {}
        }
    }
    for (member, day, points) in auditing::summaries(tx).await? {
        row.examined += 1;
        let (stored, recomputed) = (day.zip(points), first.get(&member).copied());
        if stored != recomputed {
            row.differs(format!("{member}: stored {stored:?}, recomputed {recomputed:?}"));
        }
    }
    Ok(row)
}

async fn journals_equal_entries(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every journal equals its entries");
    let stored = auditing::journals(tx).await?.into_iter();
    let stored = stored.map(|(member, version, points)| ((member, version), points));
    compare(&mut row, stored, books.journals.clone(), |(member, version)| format!("{member} {version}"));
    Ok(row)
}

async fn transit_equals_open_transfers(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("what is on the way equals the open transfers");
    compare(&mut row, auditing::on_the_way(tx).await?, books.transit.clone(), String::clone);
    Ok(row)
}

async fn transfers_have_both_sides(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("what left for another member arrived or came back, lot by lot");
    for AuditedTransfer { id, open, says, left, reached } in auditing::transfers(tx).await? {
        row.examined += 1;
        let should = if open { [0, 0] } else { says };
        if left != says || reached != should {
            row.differs(format!("transfer {id}: says {says:?}, left {left:?}, reached {reached:?}"));
        }
    }
    for id in auditing::changed_lots(tx).await? {
        row.differs(format!("transfer {id}: a lot changed on the way"));
    }
    Ok(row)
}

/// Each stored amount against its recomputed sum; what one side lacks counts as nothing there.
fn compare<K: Eq + Hash>(
    row: &mut AuditRow,
    stored: impl IntoIterator<Item = (K, i64)>,
    mut sums: HashMap<K, i64>,
    name: impl Fn(&K) -> String,
) {
    for (key, amount) in stored {
        row.examined += 1;
        let sum = sums.remove(&key).unwrap_or_default();
        if amount != sum {
            row.differs(format!("{}: stored {amount}, recomputed {sum}", name(&key)));
        }
    }
    for (key, sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
        row.differs(format!("{}: recomputed {sum}, nothing stored", name(&key)));
    }
}

async fn numbered_without_gaps(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row =
        AuditRow::new("every account's journals are numbered without a gap, and balances follow on");
    for (member, version, count, last) in auditing::numbering(tx).await? {
        row.examined += 1;
        if count != version || last != version {
            row.differs(format!("{member}: version {version}, {count} journals, the last is {last}"));
        }
    }
    for (member, version) in auditing::broken_steps(tx).await? {
        row.differs(format!("{member} {version}: the balance does not follow from the one before"));
    }
    for (member, last) in auditing::orphans(tx).await? {
        row.differs(format!("{member}: journals up to {last}, and no account"));
    }
    Ok(row)
}

/// What members have and owe is taken from their accounts, what branches have from the entries: two sides that were written
/// apart from each other.
async fn all_accounts_are_nothing(tx: &Tx, books: &Books) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("the sum over all accounts is zero");
    let mut branches = books.accounts.clone();
    let mut sum = 0_i128;
    for (member, balance) in auditing::balances(tx).await? {
        branches.remove(&account_id(&LedgerAccount::of_member(Book::Member, member)));
        row.examined += 1;
        sum += i128::from(balance);
    }
    for (member, debt) in auditing::debts(tx).await? {
        branches.remove(&account_id(&LedgerAccount::of_member(Book::Debt, member)));
        row.examined += 1;
        sum -= i128::from(debt);
    }
    row.examined += branches.len() as u64;
    sum += branches.values().sum::<i128>();
    if sum != 0 {
        row.differs(format!("it is {sum}"));
    }
    Ok(row)
}

async fn closed_days_equal_entries(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every closed day equals the entries that were recorded on it");
    let days = money::closed_days(tx).await?;
    if let Some(first) = days.first()
        && let Some(recorded) = money::first_before(tx, first.begins).await?
    {
        row.differs(format!("{}: something was recorded before it, at {recorded}", first.day));
    }
    for (i, closed) in days.iter().enumerate() {
        row.examined += 1;
        if days.get(i + 1).is_some_and(|next| next.begins != closed.ends) {
            row.differs(format!("{}: the next closed day does not begin when it ends", closed.day));
        }
        let entries = match money::recorded(tx, closed.begins, closed.ends).await {
            Ok(entries) => entries,
            Err(fault) => {
                row.differs(format!("{}: {fault:#}", closed.day));
                continue;
            }
        };
        let flows = money::flows(tx, closed.day, closed.day).await?;
        let owed = money::owed(tx, closed.day, closed.day).await?;
        if entries.flows != flows || entries.owed != owed {
            row.differs(format!("{}: the entries of the day add up to something else", closed.day));
        }
    }
    Ok(row)
}
