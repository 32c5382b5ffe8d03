//! What `membership` told: who is a member, and which keyed hash leads to whom.

use std::sync::LazyLock;

use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{Column, ColumnType, StoreError, Tx, bulk::BulkInsert};
use uuid::Uuid;

/// A keyed hash and where it leads.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The keyed hash.
    pub digest: Digest16,
    /// The member.
    pub member: MemberId,
    /// What kind of identifier.
    pub kind: IdentifierKind,
    /// Whether it still leads there.
    pub active: bool,
    /// When that was said; the later word wins.
    pub told_at: Timestamp,
    /// Whether the hash itself is gone, since its key went: it is kept for a while, so that no late word brings it back.
    pub gone: bool,
}

static MEMBERS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("member_id", ColumnType::Uuid), ("joined_at", ColumnType::I64)];
    // Who was learned of before the fact came is told from it when they joined.
    BulkInsert::new(
        "members",
        &columns,
        "ON CONFLICT (member_id) DO UPDATE SET joined_at = excluded.joined_at WHERE members.joined_at IS NULL",
    )
});

static IDENTIFIERS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("digest", ColumnType::Uuid),
        ("member_id", ColumnType::Uuid),
        ("kind", ColumnType::Text),
        ("active", ColumnType::Bool),
        ("told_at", ColumnType::I64),
        ("gone_at", ColumnType::I64),
    ];
    BulkInsert::new(
        "identifiers",
        &columns,
        "ON CONFLICT (digest) DO UPDATE SET member_id = excluded.member_id, kind = excluded.kind, \
         active = excluded.active, told_at = excluded.told_at, gone_at = excluded.gone_at WHERE identifiers.told_at < excluded.told_at",
    )
});

/// Notes members with the time when they joined, where it is known; who is known already stays.
///
/// # Errors
/// When the database refuses.
pub async fn insert_members(tx: &Tx, members: &[(MemberId, Option<Timestamp>)]) -> Result<(), StoreError> {
    let mut rows: Vec<(Uuid, Option<i64>)> =
        members.iter().map(|(member, at)| (member.as_uuid(), at.map(Timestamp::micros))).collect();
    rows.sort_unstable();
    rows.dedup_by_key(|(id, _)| *id);
    let (ids, joined): (Vec<Uuid>, Vec<Option<i64>>) = rows.into_iter().unzip();
    MEMBERS.run(tx, &[Column::Uuid(&ids), Column::I64OrNull(&joined)]).await.map(drop)
}

/// Notes links; the later word about one identifier wins, whatever order they come in.
///
/// # Errors
/// When the database refuses.
pub async fn link(tx: &Tx, links: &[Link]) -> Result<(), StoreError> {
    // One statement takes each identifier once: the latest word of this batch.
    let mut latest: Vec<&Link> = links.iter().collect();
    latest.sort_by_key(|link| (link.digest, std::cmp::Reverse(link.told_at)));
    latest.dedup_by_key(|link| link.digest);
    let digests: Vec<Uuid> = latest.iter().map(|link| Uuid::from_bytes(link.digest.0)).collect();
    let members: Vec<Uuid> = latest.iter().map(|link| link.member.as_uuid()).collect();
    let kinds: Vec<&str> = latest.iter().map(|link| link.kind.word()).collect();
    let active: Vec<bool> = latest.iter().map(|link| link.active).collect();
    let told: Vec<i64> = latest.iter().map(|link| link.told_at.micros()).collect();
    let gone: Vec<Option<i64>> = latest.iter().map(|link| link.gone.then(|| link.told_at.micros())).collect();
    let columns = [
        Column::Uuid(&digests),
        Column::Uuid(&members),
        Column::Text(&kinds),
        Column::Bool(&active),
        Column::I64(&told),
        Column::I64OrNull(&gone),
    ];
    IDENTIFIERS.run(tx, &columns).await.map(drop)
}

/// Forgets up to `limit` keyed hashes that are gone since before `before`; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn forget_gone(tx: &Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM identifiers WHERE digest IN \
               (SELECT digest FROM identifiers WHERE gone_at < $1 ORDER BY gone_at LIMIT $2)";
    let values = [before.micros().into(), limit.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
