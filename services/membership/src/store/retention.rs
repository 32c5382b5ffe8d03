//! What was kept long enough, and how much of it was forgotten.

use kernel::Timestamp;
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use store::Tx;

use super::{counted, instant, signed};
use crate::{domain::retention::Kept, error::Error};

/// What the job did about one line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// When it last looked.
    pub ran_at: Timestamp,
    /// Rows that it deleted since there is a record of it.
    pub rows: u64,
}

/// Where rows of a line are, and which of them are over: those with a `column` before `$1`.
struct Place {
    table: &'static str,
    /// The primary key.
    key: &'static str,
    /// The rows that are over, as `FROM … WHERE …`, with the key in sight.
    over: &'static str,
    /// Rows that go with them: the table, and the column that names their `id`.
    with: Option<(&'static str, &'static str)>,
}

const fn alone(table: &'static str, key: &'static str, over: &'static str) -> Place {
    Place { table, key, over, with: None }
}

const fn place(kept: Kept) -> Place {
    match kept {
        Kept::Messages => alone(
            "sign_in_messages",
            "id",
            "FROM sign_in_messages WHERE expires_at < $1 ORDER BY expires_at, id",
        ),
        Kept::Codes => Place {
            with: Some(("sign_in_messages", "id")),
            ..alone("sign_ins", "id", "FROM sign_ins WHERE expires_at < $1 ORDER BY expires_at, id")
        },
        Kept::CodeWindows => alone(
            "code_windows",
            "subject, since",
            "FROM code_windows WHERE until < $1 ORDER BY until, subject, since",
        ),
        Kept::Sessions => Place {
            with: Some(("refresh_tokens", "session_id")),
            ..alone("sessions", "id", "FROM sessions WHERE expires_at < $1 ORDER BY expires_at, id")
        },
        Kept::StaffAttempts => alone(
            "staff_attempts",
            "subject",
            "FROM staff_attempts WHERE blocked_until < $1 ORDER BY blocked_until, subject",
        ),
        Kept::StaffInvitations => alone(
            "staff_invitations",
            "digest",
            "FROM staff_invitations WHERE expires_at < $1 ORDER BY expires_at, digest",
        ),
        Kept::StaffSessions => Place {
            with: Some(("staff_tokens", "session_id")),
            ..alone(
                "staff_sessions",
                "id",
                "FROM staff_sessions WHERE expires_at < $1 ORDER BY expires_at, id",
            )
        },
        Kept::HouseholdInvitations => alone(
            "household_invitations",
            "id",
            "FROM household_invitations WHERE expires_at < $1 ORDER BY expires_at, id",
        ),
        Kept::CardTokens => alone(
            "card_tokens",
            "digest",
            "FROM card_tokens WHERE expires_at < $1 ORDER BY expires_at, digest",
        ),
        Kept::TillEnrolments => alone(
            "till_enrolments",
            "locator",
            "FROM till_enrolments WHERE expires_at < $1 ORDER BY expires_at, locator",
        ),
        Kept::Texts => alone(
            "inbound_texts",
            "digest",
            "FROM inbound_texts WHERE noted_at < $1 ORDER BY noted_at, digest",
        ),
        Kept::TextAskings => alone(
            "text_askings",
            "phone",
            "FROM text_askings WHERE expires_at < $1 ORDER BY expires_at, phone",
        ),
        Kept::ConsentsOfThoseWhoLeft => alone(
            "consents",
            "member_id, number",
            "FROM consents WHERE member_id IN (SELECT member_id FROM erasures WHERE erased_at < $1) \
             ORDER BY member_id, number",
        ),
    }
}

/// Forgets up to `limit` rows of a line that were over before `before`, with what goes with them; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, kept: Kept, before: Timestamp, limit: u64) -> Result<u64, Error> {
    let Place { table, key, over, with } = place(kept);
    let old = format!("SELECT {key} {over} LIMIT $2");
    if let Some((other, column)) = with {
        execute(tx, &format!("DELETE FROM {other} WHERE {column} IN ({old})"), before, limit).await?;
    }
    execute(tx, &format!("DELETE FROM {table} WHERE ({key}) IN ({old})"), before, limit).await
}

async fn execute(tx: &Tx, sql: &str, before: Timestamp, limit: u64) -> Result<u64, Error> {
    let values = [before.micros().into(), signed(limit)?.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

/// Notes that the job looked at a line, and how many rows it deleted.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, kept: Kept, now: Timestamp, rows: u64) -> Result<(), Error> {
    let sql = "INSERT INTO retention (kept, ran_at, forgotten) VALUES ($1, $2, $3) ON CONFLICT (kept) DO UPDATE SET \
               ran_at = excluded.ran_at, forgotten = retention.forgotten + excluded.forgotten";
    let values = [kept.word().into(), now.micros().into(), signed(rows)?.into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// What the job did about a line; `None` while it never looked.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, kept: Kept) -> Result<Option<Forgotten>, Error> {
    let sql = "SELECT ran_at, forgotten FROM retention WHERE kept = $1";
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, [kept.word().into()]);
    let Some(row) = on.query_one_raw(statement).await? else { return Ok(None) };
    let number = |index| i64::try_get_by_index(&row, index).map_err(sea_orm::DbErr::from);
    Ok(Some(Forgotten { ran_at: instant(number(0)?), rows: counted(number(1)?)? }))
}
