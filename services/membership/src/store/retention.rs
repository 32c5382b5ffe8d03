//! What was kept long enough, and how much of it was forgotten.

use kernel::Timestamp;
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use store::Tx;

use super::{Vault, counted, instant, signed};
use crate::{domain::retention::Kept, error::Error};

/// What the job did about one line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// When it last looked.
    pub ran_at: Timestamp,
    /// Rows that it deleted since there is a record of it.
    pub rows: u64,
}

/// Where rows of a line are, and which of them are over.
struct Place {
    table: &'static str,
    /// The primary key.
    key: &'static str,
    /// By which column they are over, and in which order they go.
    column: &'static str,
    /// Rows that go with them: the table, and the column that names their key.
    with: &'static [(&'static str, &'static str)],
}

/// Consents are over when their member left long ago.
const LEFT: &str = "member_id IN (SELECT member_id FROM erasures WHERE erased_at < $1 UNION SELECT m.member_id \
                    FROM merged_members m JOIN erasures e ON e.member_id = m.survivor WHERE e.erased_at < $1)";

/// Nowhere for what is forgotten otherwise.
const fn place(kept: Kept) -> Option<Place> {
    let (table, key, column) = match kept {
        Kept::Messages => ("sign_in_messages", "id", "expires_at"),
        Kept::Codes => ("sign_ins", "id", "expires_at"),
        Kept::CodeWindows => ("code_windows", "subject, since", "until"),
        Kept::Sessions => ("sessions", "id", "expires_at"),
        Kept::StaffAttempts => ("staff_attempts", "subject", "blocked_until"),
        Kept::StaffInvitations => ("staff_invitations", "digest", "expires_at"),
        Kept::StaffSessions => ("staff_sessions", "id", "expires_at"),
        Kept::HouseholdInvitations => ("household_invitations", "id", "expires_at"),
        Kept::CardTokens => ("card_tokens", "digest", "expires_at"),
        Kept::Vouchings => ("vouchings", "id", "expires_at"),
        Kept::TillEnrolments => ("till_enrolments", "locator", "expires_at"),
        Kept::Texts => ("inbound_texts", "digest", "noted_at"),
        Kept::TextAskings => ("text_askings", "phone", "expires_at"),
        Kept::ConsentsOfThoseWhoLeft => ("consents", "member_id, number", "member_id"),
        Kept::Referrals => ("referrals", "friend", "until"),
        Kept::Looks => return None,
        Kept::Archives => ("archives", "id", "made_at"),
        Kept::GivenUpPhones => ("identifiers", "digest", "blocked_at"),
        Kept::AskedPhoneChanges | Kept::PhoneChanges => ("phone_changes", "id", "over_at"),
        Kept::Merges => ("merges", "id", "over_at"),
        Kept::Checkouts => ("plan_checkouts", "id", "ended_at"),
    };
    let with: &[_] = match kept {
        Kept::Codes => &[("sign_in_messages", "id"), ("joinings", "sign_in_id")],
        Kept::Sessions => &[("refresh_tokens", "session_id")],
        Kept::StaffSessions => &[("staff_tokens", "session_id")],
        Kept::Referrals => &[("referral_returns", "friend")],
        _ => &[],
    };
    Some(Place { table, key, column, with })
}

/// Those keys of a line that go next, as a query of `$1`, the time before which they were over, and `$2`, how many.
fn oldest(kept: Kept, place: &Place) -> String {
    let Place { table, key, column, .. } = place;
    let over = match kept {
        Kept::ConsentsOfThoseWhoLeft => LEFT.to_owned(),
        Kept::GivenUpPhones => format!("{column} < $1 AND kind = 'phone' AND NOT active"),
        Kept::AskedPhoneChanges => format!("{column} < $1 AND changed_at IS NULL"),
        Kept::PhoneChanges => format!("{column} < $1 AND changed_at IS NOT NULL"),
        _ => format!("{column} < $1"),
    };
    format!("SELECT {key} FROM {table} WHERE {over} ORDER BY {column}, {key} LIMIT $2")
}

/// Forgets up to `limit` rows of a line that were over before `before`, with what goes with them; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget(vault: &Vault, tx: &Tx, kept: Kept, before: Timestamp, limit: u64) -> Result<u64, Error> {
    // The record of looks is a chain, which notes where it begins.
    let Some(place) = place(kept) else { return Ok(vault.look_book().forget(tx, before, limit).await?) };
    let old = oldest(kept, &place);
    let Place { table, key, with, .. } = place;
    for (other, column) in with {
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
