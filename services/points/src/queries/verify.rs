//! Does the ledger hold what it promises? Recomputed from the rows, for `vafa verify`.

use std::{cmp::Ordering, collections::HashMap, hash::Hash};

use kernel::MemberId;
use runtime::AuditRow;
use store::{Database, Tx};
use uuid::Uuid;

use crate::{
    domain::{Book, LedgerAccount, Movement, NEVER, Template},
    store::{
        auditing::{self, EntryPlace, Movements, StoredEntry},
        ledger::account_id,
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
        lots_equal_balances(&tx).await?,
        summaries_equal_lots(&tx).await?,
        journals_equal_entries(&tx, &books).await?,
        numbered_without_gaps(&tx).await?,
    ];
    tx.rollback().await?;
    Ok([vec![books.postings], rows].concat())
}

/// What the entries add up to.
struct Books {
    postings: AuditRow,
    members: HashMap<MemberId, i64>,
    debts: HashMap<MemberId, i64>,
    lots: HashMap<(MemberId, i32, String), i64>,
    journals: HashMap<(MemberId, i64), i64>,
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
            lots: HashMap::new(),
            journals: HashMap::new(),
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
        let movement = Movement {
            template,
            member: entry.member,
            points: entry.points,
            expires_on: entry.expires_on,
            funder: entry.funder,
        };
        let (debit, credit) = (account_id(&movement.debit()), account_id(&movement.credit()));
        if !entry.points.is_positive() || debit == credit || debit != entry.debit || credit != entry.credit {
            let said = format!("{place}: {} from {} to {}", entry.points, entry.debit, entry.credit);
            self.postings.differs(said);
        }
        let count = entry.points.count();
        let owner = entry.member.as_uuid();
        let side = |account: Uuid| i64::from(entry.credit == account) - i64::from(entry.debit == account);
        // What leaves the account of a debt makes it larger.
        *self.debts.entry(entry.member).or_default() -=
            side(account_id(&LedgerAccount::of_member(Book::Debt, entry.member))) * count;
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
