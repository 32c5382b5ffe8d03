//! Rows of millions of members, written straight into the database of points: through the API they would take hours.
//!
//! They look as the platform would have written them, so that its own audit finds nothing. Indexes of the largest tables
//! are left out meanwhile and made again at the end.

use std::{
    io::{BufWriter, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use kernel::{Clock as _, Day, Digest16, IdentifierKind};
use runtime::{BlindKeys, SystemClock};
use testkit::servers::Postgres;
use uuid::Uuid;

use super::{prepare::BRANCHES, requests::phone};

/// Members of one statement.
const CHUNK: usize = 500_000;
/// Tables whose indexes lie in no order of these rows, so that they are made at the end.
const TABLES: [&str; 2] = ["journals", "identifiers"];

/// Members with a purchase for each of some last days.
pub struct Seed<'a> {
    /// The server.
    pub postgres: &'a Postgres,
    /// The database of points.
    pub database: &'a str,
    /// The key of the blind index, in hexadecimal digits.
    pub blind_index_key: &'a str,
    /// Last days of the points of each member's purchases, in the order of the purchases: so many days from today.
    pub last_days: &'a [i32],
}

impl Seed<'_> {
    /// Writes the members from number `from` to before `until`, calling `say` now and then with how many there are.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn write(&self, from: usize, until: usize, say: impl Fn(usize)) -> anyhow::Result<()> {
        let indexes = TABLES.map(|table| self.drop_indexes(table));
        let issuers = self.issuers()?;
        let mut first = from;
        while first < until {
            let last = until.min(first + CHUNK);
            self.link(first, last)?;
            for statement in self.statements(first, last, &issuers) {
                self.run(&statement)?;
            }
            first = last;
            say(first - from);
        }
        for made in indexes {
            for statement in made? {
                self.run(&statement)?;
            }
        }
        self.run("VACUUM (ANALYZE)")?;
        // Or what was written here would go on being written to the disk while something else is measured.
        self.run("CHECKPOINT")
    }

    fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.postgres.sql(self.database, sql).map(drop)
    }

    /// Drops the keys and indexes of a table; answers the statements that make them again.
    fn drop_indexes(&self, table: &str) -> anyhow::Result<Vec<String>> {
        let keys = format!(
            "SELECT conname || '|' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'u')"
        );
        let mut again = Vec::new();
        for (name, definition) in pairs(&self.postgres.sql(self.database, &keys)?) {
            self.run(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))?;
            again.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
        }
        let others =
            format!("SELECT indexname || '|' || indexdef FROM pg_indexes WHERE tablename = '{table}'");
        for (name, definition) in pairs(&self.postgres.sql(self.database, &others)?) {
            self.run(&format!("DROP INDEX {name}"))?;
            again.push(definition);
        }
        Ok(again)
    }

    /// The ledger's account of each branch that issues points, as an array of SQL.
    fn issuers(&self) -> anyhow::Result<String> {
        let mut ids = Vec::new();
        for branch in 0..BRANCHES {
            let named = format!("vafa ledger account issuance branch-{branch}");
            let hash =
                self.postgres.sql(self.database, &format!("SELECT left(sha256('{named}')::text, 34)"))?;
            let bytes = Uuid::parse_str(hash.trim_start_matches("\\x")).context("a digest")?.into_bytes();
            ids.push(format!("'{}'", uuid::Builder::from_custom_bytes(bytes).into_uuid()));
        }
        Ok(format!("(ARRAY[{}]::uuid[])", ids.join(",")))
    }

    /// Tells points who is behind the members' phones.
    fn link(&self, from: usize, until: usize) -> anyhow::Result<()> {
        let secret = secret(self.blind_index_key).context("the key of the blind index")?;
        let key = BlindKeys::one(&secret);
        let mut psql = Command::new(self.postgres.program("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.postgres.url(self.database)]);
        psql.args(["-c", "COPY identifiers (digest, member_id, kind, active, told_at) FROM STDIN"]);
        let mut child = psql.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().context("starting psql")?;
        let mut rows = BufWriter::new(child.stdin.take().context("psql has no input")?);
        for member in from..until {
            let Digest16(digest) = key.digests(IdentifierKind::Phone, &phone(member)).first();
            let (digest, id) = (Uuid::from_bytes(digest), id(member));
            if writeln!(rows, "{digest}\t{id}\tphone\tt\t1").is_err() {
                // It ended; what it says tells why.
                break;
            }
        }
        drop(rows);
        let ended = child.wait_with_output()?;
        if !ended.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&ended.stderr).trim());
        }
        Ok(())
    }

    /// The statements that write members, accounts, lots and journals; each purchase of a member earns the same.
    fn statements(&self, from: usize, until: usize, issuers: &str) -> [String; 4] {
        let now = SystemClock.now();
        let (today, now) = (Day::from_date(now.to_utc().date_naive()).number(), now.micros());
        let days: Vec<String> = self.last_days.iter().map(|day| (today + day).to_string()).collect();
        let days = format!("(ARRAY[{}])", days.join(","));
        let purchases = self.last_days.len();
        let members = format!(
            "(SELECT n, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, (100 + n % 400)::bigint AS points, \
             (n % {BRANCHES})::integer AS branch FROM generate_series({from}, {until} - 1) AS n) AS m"
        );
        let each = format!("{members}, generate_series(1, {purchases}) AS v");
        [
            format!("INSERT INTO members (member_id, joined_at) SELECT id, {now} FROM {members}"),
            format!(
                "INSERT INTO accounts (member_id, version, balance, debt, next_on, next_points) \
                 SELECT id, {purchases}, points * {purchases}, 0, {days}[1], points FROM {members}"
            ),
            format!(
                "INSERT INTO lots (member_id, expires_on, funder, points) \
                 SELECT id, {days}[v], 'branch-' || branch, points FROM {each}"
            ),
            format!(
                "INSERT INTO journals (id, member_id, version, kind, recorded_at, points, balance, programme_version, \
                 idempotency_key, fingerprint, branch, till, receipt, operation, occurred_at, amount, currency, trace, \
                 expires_next_on, expires_next_points, template, debit, credit, moved, expires_on, funder) \
                 SELECT {}, id, v, 1, {now}, points, points * v, 1, {}, md5('print' || n || '-' || v)::uuid, 'branch-' || branch, 'till-0', \
                 'seed-' || v || '-' || n, 'sale', {now}, points * 10000, 'IRR', points || ',m,b', \
                 {days}[1], points, 1, {issuers}[branch + 1], id, points, {days}[v], 'branch-' || branch FROM {each}",
                neighbours("id"),
                neighbours("key")
            ),
        ]
    }
}

/// A digest of purchase `v` of member `n` in SQL, as points makes them: the till, the receipt's number, the rest.
fn neighbours(purpose: &str) -> String {
    let number = "lpad(to_hex(n), 7, '0')";
    format!(
        "(left(md5('till-0 of ' || branch), 8) || left({number}, 4) || '8' || right({number}, 3) || \
         left(md5('{purpose}' || n || '-' || v), 16))::uuid"
    )
}

/// The id of seeded member number `member`.
fn id(member: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + member as u128)
}

fn secret(hexadecimal: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hexadecimal.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Lines of two columns.
fn pairs(printed: &str) -> Vec<(String, String)> {
    let lines = printed.lines().filter_map(|line| line.split_once('|'));
    lines.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use points::Points;
    use runtime::Service as _;
    use store::DatabaseSettings;

    use super::*;

    #[tokio::test]
    async fn the_ledger_finds_nothing_wrong_with_what_was_written() {
        let postgres = Postgres::shared();
        let url = postgres.fresh_database("seeded").unwrap();
        let database = store::connect(&DatabaseSettings::at(url.clone())).await.unwrap();
        store::migrate(&database, Points.migrations()).await.unwrap();
        let (_, name) = url.rsplit_once('/').unwrap();
        let key = "07".repeat(32);
        let indexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'";
        let before = postgres.sql(name, indexes).unwrap();
        let seed = Seed { postgres, database: name, blind_index_key: &key, last_days: &[-1, 30, 60] };
        seed.write(5, 45, |_| {}).unwrap();
        let rows = Points.audit(&database).await.unwrap();
        assert!(rows.iter().all(runtime::AuditRow::holds), "{rows:?}");
        assert!(rows.iter().any(|row| row.examined == 120), "{rows:?}");
        assert_eq!(postgres.sql(name, indexes).unwrap(), before, "every index is there again");
        let key = BlindKeys::one(&secret(&key).unwrap());
        let Digest16(digest) = key.digests(IdentifierKind::Phone, &phone(44)).first();
        let behind =
            format!("SELECT member_id FROM identifiers WHERE digest = '{}'", Uuid::from_bytes(digest));
        assert_eq!(postgres.sql(name, &behind).unwrap(), id(44).to_string());
    }

    #[test]
    fn a_secret_is_32_bytes() {
        assert_eq!(secret(&"0a".repeat(32)), Some([10; 32]));
        assert!(secret("0a").is_none() && secret(&"xy".repeat(32)).is_none());
    }
}
