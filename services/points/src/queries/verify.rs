//! Does the ledger hold what it promises? Recomputed from the rows, for `vafa verify`.

use std::collections::HashMap;

use anyhow::Context as _;
use kernel::MemberId;
use runtime::AuditRow;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use crate::{
    domain::{Movement, Template},
    store::ledger::account_id,
};

/// Every promise of the ledger, over one moment of the database.
///
/// # Errors
/// When the database refuses.
pub async fn audit(database: &Database) -> anyhow::Result<Vec<AuditRow>> {
    let tx = database.snapshot().await?;
    let books = Books::read(&tx).await?;
    let rows = vec![
        books.postings,
        accounts_equal_entries(&tx, &books.members).await?,
        lots_equal_lot_entries(&tx, &books.lots).await?,
        lots_equal_balances(&tx).await?,
        journals_equal_entries(&tx, &books.journals).await?,
        versions_without_gaps(&tx).await?,
    ];
    tx.rollback().await?;
    Ok(rows)
}

/// What the entries add up to.
struct Books {
    postings: AuditRow,
    members: HashMap<Uuid, i64>,
    lots: HashMap<(Uuid, i32, String), i64>,
    journals: HashMap<(Uuid, i64), i64>,
}

const PAGE: i64 = 20_000;

impl Books {
    async fn read(tx: &Tx) -> anyhow::Result<Self> {
        let mut books = Self {
            postings: AuditRow::new(
                "every posting debits one account and credits another, as its template says",
            ),
            members: HashMap::new(),
            lots: HashMap::new(),
            journals: HashMap::new(),
        };
        let mut after: (Uuid, i64, i16) = (Uuid::nil(), -1, -1);
        loop {
            let sql = "SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder FROM entries \
                       WHERE (member_id, version, leg) > ($1, $2, $3) ORDER BY member_id, version, leg LIMIT $4";
            let values = [after.0.into(), after.1.into(), after.2.into(), PAGE.into()];
            let rows = query(tx, sql, values).await?;
            for row in &rows {
                after = (at(row, 0)?, at(row, 1)?, at(row, 2)?);
                books.take(row, after.0, after.1)?;
            }
            if i64::try_from(rows.len())? < PAGE {
                return Ok(books);
            }
        }
    }

    fn take(&mut self, row: &QueryResult, member: Uuid, version: i64) -> anyhow::Result<()> {
        let (template, debit, credit): (i16, Uuid, Uuid) = (at(row, 3)?, at(row, 4)?, at(row, 5)?);
        let (points, expires_on, funder): (i64, i32, String) = (at(row, 6)?, at(row, 7)?, at(row, 8)?);
        self.postings.examined += 1;
        let Some(template) = Template::from_number(template) else {
            self.postings.differs(format!("{member} {version}: template {template} does not exist"));
            return Ok(());
        };
        let movement = Movement {
            template,
            member: MemberId::from_uuid(member),
            points: kernel::Points::new(points),
            expires_on: kernel::Day::from_number(expires_on),
            funder: kernel::BranchCode::parse(&funder).context("a funder")?,
        };
        let (from, to) = (account_id(&movement.debit()), account_id(&movement.credit()));
        if points <= 0 || debit == credit || from != debit || to != credit {
            self.postings.differs(format!("{member} {version}: {points} from {debit} to {credit}"));
        }
        let signed = if credit == member { points } else { -points };
        *self.members.entry(member).or_default() += signed;
        *self.lots.entry((member, expires_on, funder)).or_default() += signed;
        *self.journals.entry((member, version)).or_default() += signed;
        Ok(())
    }
}

async fn accounts_equal_entries(tx: &Tx, sums: &HashMap<Uuid, i64>) -> anyhow::Result<AuditRow> {
    let mut audit = AuditRow::new("every account equals its entries, and none is negative");
    let mut missing = sums.clone();
    for row in query(tx, "SELECT member_id, balance FROM accounts", []).await? {
        let (member, balance): (Uuid, i64) = (at(&row, 0)?, at(&row, 1)?);
        let sum = missing.remove(&member).unwrap_or_default();
        audit.examined += 1;
        if balance != sum || balance < 0 {
            audit.differs(format!("{member}: balance {balance}, entries {sum}"));
        }
    }
    for (member, sum) in missing {
        audit.differs(format!("{member}: entries {sum}, and no account"));
    }
    Ok(audit)
}

async fn lots_equal_lot_entries(
    tx: &Tx,
    sums: &HashMap<(Uuid, i32, String), i64>,
) -> anyhow::Result<AuditRow> {
    let mut audit = AuditRow::new("every lot equals its entries");
    let mut missing = sums.clone();
    missing.retain(|_, sum| *sum != 0);
    for row in query(tx, "SELECT member_id, expires_on, funder, points FROM lots", []).await? {
        let key: (Uuid, i32, String) = (at(&row, 0)?, at(&row, 1)?, at(&row, 2)?);
        let points: i64 = at(&row, 3)?;
        audit.examined += 1;
        let sum = missing.remove(&key).unwrap_or_default();
        if points != sum || points <= 0 {
            audit.differs(format!("{} {} {}: lot {points}, entries {sum}", key.0, key.1, key.2));
        }
    }
    for (key, sum) in missing {
        audit.differs(format!("{} {} {}: entries {sum}, and no lot", key.0, key.1, key.2));
    }
    Ok(audit)
}

async fn lots_equal_balances(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut audit = AuditRow::new("the lots of every account add up to its balance");
    let mut sums: HashMap<Uuid, i64> = HashMap::new();
    for row in query(tx, "SELECT member_id, points FROM lots", []).await? {
        *sums.entry(at(&row, 0)?).or_default() += at::<i64>(&row, 1)?;
    }
    for row in query(tx, "SELECT member_id, balance FROM accounts", []).await? {
        let (member, balance): (Uuid, i64) = (at(&row, 0)?, at(&row, 1)?);
        audit.examined += 1;
        let sum = sums.remove(&member).unwrap_or_default();
        if sum != balance {
            audit.differs(format!("{member}: balance {balance}, lots {sum}"));
        }
    }
    for (member, sum) in sums {
        audit.differs(format!("{member}: lots {sum}, and no account"));
    }
    Ok(audit)
}

async fn journals_equal_entries(tx: &Tx, sums: &HashMap<(Uuid, i64), i64>) -> anyhow::Result<AuditRow> {
    let mut audit = AuditRow::new("every journal equals its entries");
    let mut missing = sums.clone();
    for row in query(tx, "SELECT member_id, version, points FROM journals", []).await? {
        let (member, version, points): (Uuid, i64, i64) = (at(&row, 0)?, at(&row, 1)?, at(&row, 2)?);
        audit.examined += 1;
        let sum = missing.remove(&(member, version)).unwrap_or_default();
        if sum != points {
            audit.differs(format!("{member} {version}: journal {points}, entries {sum}"));
        }
    }
    for ((member, version), sum) in missing {
        audit.differs(format!("{member} {version}: entries {sum}, and no journal"));
    }
    Ok(audit)
}

async fn versions_without_gaps(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut audit =
        AuditRow::new("every account's journals are numbered without a gap, and balances follow on");
    let sql = "SELECT a.member_id, a.version, count(j.version), coalesce(max(j.version), 0) FROM accounts a \
               LEFT JOIN journals j ON j.member_id = a.member_id GROUP BY a.member_id, a.version";
    for row in query(tx, sql, []).await? {
        let (member, version, count, last): (Uuid, i64, i64, i64) =
            (at(&row, 0)?, at(&row, 1)?, at(&row, 2)?, at(&row, 3)?);
        audit.examined += 1;
        if count != version || last != version {
            audit.differs(format!("{member}: version {version}, {count} journals, the last is {last}"));
        }
    }
    let sql = "SELECT j.member_id, j.version FROM journals j JOIN journals p \
               ON p.member_id = j.member_id AND p.version = j.version - 1 WHERE j.balance <> p.balance + j.points \
               UNION ALL SELECT member_id, version FROM journals WHERE version = 1 AND balance <> points";
    for row in query(tx, sql, []).await? {
        let (member, version): (Uuid, i64) = (at(&row, 0)?, at(&row, 1)?);
        audit.differs(format!("{member} {version}: the balance does not follow from the one before"));
    }
    Ok(audit)
}

async fn query(
    tx: &Tx,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> anyhow::Result<Vec<QueryResult>> {
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.query_all_raw(statement).await.map_err(StoreError::from)?)
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> anyhow::Result<T> {
    Ok(row.try_get_by_index(index).map_err(StoreError::from)?)
}
