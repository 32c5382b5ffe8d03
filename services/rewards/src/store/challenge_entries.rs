//! How far each member has come in a challenge or a contest, and the marks by which that is counted.

use kernel::{BranchCode, ChallengeCode, GiftId, JournalId, MemberId, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, challenges, execute, held, instant, micros, query};
use crate::{
    domain::challenge::{Mark, Progress, progress},
    error::Error,
};

/// How far a member has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// In which challenge.
    pub challenge: ChallengeCode,
    /// Who.
    pub member: MemberId,
    /// How far.
    pub progress: Progress,
    /// When they reached the goal.
    pub reached_at: Option<Timestamp>,
    /// Their place in a contest that is decided.
    pub place: Option<i64>,
    /// What they are given.
    pub gift: Option<GiftId>,
}

const COLUMNS: &str =
    "SELECT challenge, member_id, counted, since, reached_at, place, gift_id FROM challenge_entries";
/// Who came farther stands first, then who came so far first, then the lower id.
const RANKED: &str = "ORDER BY counted DESC, since, member_id";

fn read(row: &QueryResult) -> Result<Entry, Error> {
    let counted: i64 = at(row, 2)?;
    let since = (counted > 0).then_some(instant(at(row, 3)?));
    Ok(Entry {
        challenge: challenges::code(row, 0)?,
        member: MemberId::from_uuid(at(row, 1)?),
        progress: Progress { counted, since },
        reached_at: at::<Option<i64>>(row, 4)?.map(instant),
        place: at(row, 5)?,
        gift: at::<Option<Uuid>>(row, 6)?.map(GiftId::from_uuid),
    })
}

/// Writes a mark down; `false` where it was before.
///
/// # Errors
/// A fault of the database.
pub async fn mark(tx: &Tx, challenge: &ChallengeCode, member: MemberId, mark: &Mark) -> Result<bool, Error> {
    let sql = "INSERT INTO challenge_marks (challenge, journal_id, purchase_id, member_id, day, branch, measure, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (challenge, journal_id) DO NOTHING";
    let values = [
        challenge.as_str().into(),
        mark.id.as_uuid().into(),
        mark.purchase.as_uuid().into(),
        member.as_uuid().into(),
        mark.day.into(),
        mark.branch.as_str().into(),
        mark.measure.into(),
        mark.at.micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// A member's marks in a challenge.
///
/// # Errors
/// A fault of the database.
pub async fn marks(tx: &Tx, challenge: &ChallengeCode, member: MemberId) -> Result<Vec<Mark>, Error> {
    let sql = "SELECT journal_id, purchase_id, day, branch, measure, made_at FROM challenge_marks \
               WHERE member_id = $1 AND challenge = $2";
    let read = |row: &QueryResult| {
        Ok(Mark {
            id: JournalId::from_uuid(at(row, 0)?),
            purchase: JournalId::from_uuid(at(row, 1)?),
            day: at(row, 2)?,
            branch: BranchCode::parse(&at::<String>(row, 3)?).map_err(|_| broken("a branch"))?,
            measure: at(row, 4)?,
            at: instant(at(row, 5)?),
        })
    };
    query(tx, sql, [member.as_uuid().into(), challenge.as_str().into()]).await?.iter().map(read).collect()
}

/// A member's entry, made where there is none, and held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, challenge: &ChallengeCode, member: MemberId) -> Result<Entry, Error> {
    let sql = "INSERT INTO challenge_entries (challenge, member_id, counted, since) VALUES ($1, $2, 0, 0) \
               ON CONFLICT (challenge, member_id) DO NOTHING";
    let named = || [challenge.as_str().into(), member.as_uuid().into()];
    execute(tx, sql, named()).await?;
    let sql = format!("{COLUMNS} WHERE challenge = $1 AND member_id = $2{}", held(tx));
    query(tx, &sql, named()).await?.first().map(read).transpose()?.ok_or_else(|| broken("no entry"))
}

/// Writes down how far a member has come, and what that brought them.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, entry: &Entry) -> Result<(), Error> {
    let sql = "UPDATE challenge_entries SET counted = $3, since = $4, reached_at = $5, place = $6, gift_id = $7 \
               WHERE challenge = $1 AND member_id = $2";
    let values = [
        entry.challenge.as_str().into(),
        entry.member.as_uuid().into(),
        entry.progress.counted.into(),
        micros(entry.progress.since).unwrap_or_default().into(),
        micros(entry.reached_at).into(),
        entry.place.into(),
        entry.gift.map(GiftId::as_uuid).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// A member's entries, by challenge.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Entry>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 ORDER BY challenge");
    query(on, &sql, [member.as_uuid().into()]).await?.iter().map(read).collect()
}

/// The first ones of a contest, so many at most; whoever nothing counts of is none.
///
/// # Errors
/// A fault of the database.
pub async fn first(
    on: &impl ConnectionTrait,
    challenge: &ChallengeCode,
    limit: usize,
) -> Result<Vec<Entry>, Error> {
    let sql = format!("{COLUMNS} WHERE challenge = $1 AND counted > 0 {RANKED} LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [challenge.as_str().into(), limit.into()]).await?.iter().map(read).collect()
}

/// How many stand before a member.
///
/// # Errors
/// A fault of the database.
pub async fn before(on: &impl ConnectionTrait, entry: &Entry) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM challenge_entries WHERE challenge = $1 AND (counted > $2 OR (counted = $2 AND (since < $3 \
               OR (since = $3 AND member_id < $4))))";
    let values = [
        entry.challenge.as_str().into(),
        entry.progress.counted.into(),
        micros(entry.progress.since).unwrap_or_default().into(),
        entry.member.as_uuid().into(),
    ];
    query(on, sql, values).await?.first().map_or(Ok(0), |row| at(row, 0))
}

/// Of how many something counts, and how many reached the goal.
///
/// # Errors
/// A fault of the database.
pub async fn figures(on: &impl ConnectionTrait, challenge: &ChallengeCode) -> Result<(i64, i64), Error> {
    let sql = "SELECT COUNT(CASE WHEN counted > 0 THEN 1 END), COUNT(reached_at) FROM challenge_entries WHERE challenge = $1";
    let rows = query(on, sql, [challenge.as_str().into()]).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((at(row, 0)?, at(row, 1)?)))
}

/// What the gifts of a source cost, in minor units, by the cost that the rewards' terms name now.
///
/// # Errors
/// A fault of the database.
pub async fn given(on: &impl ConnectionTrait, source: &str) -> Result<Vec<(String, i64)>, Error> {
    let sql = "SELECT reward, COUNT(*) FROM gifts WHERE source = $1 AND state = 'given' GROUP BY reward ORDER BY reward";
    query(on, sql, [source.into()]).await?.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Forgets marks of those that closed by a time, so many at most; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn forget_old(tx: &Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM challenge_marks WHERE (challenge, journal_id) IN (SELECT m.challenge, m.journal_id FROM challenge_marks m \
               JOIN challenges c ON c.code = m.challenge WHERE c.closes_at <= $1 LIMIT $2)";
    execute(tx, sql, [before.micros().into(), i64::from(limit).into()]).await
}

/// Forgets how far a member came.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    for table in ["challenge_marks", "challenge_entries"] {
        let sql = format!("DELETE FROM {table} WHERE member_id = $1");
        execute(tx, &sql, [member.as_uuid().into()]).await?;
    }
    Ok(())
}

/// Counts what both did as one; what either was given stays given.
///
/// # Errors
/// A fault of the database.
pub async fn absorb(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let theirs = of_member(tx, absorbed).await?;
    let ids = [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    execute(tx, "UPDATE challenge_marks SET member_id = $1 WHERE member_id = $2", ids).await?;
    let gone = "DELETE FROM challenge_entries WHERE member_id = $1";
    execute(tx, gone, [absorbed.as_uuid().into()]).await?;
    for other in theirs {
        let mut own = hold(tx, &other.challenge, survivor).await?;
        own.reached_at = own.reached_at.into_iter().chain(other.reached_at).min();
        own.place = own.place.into_iter().chain(other.place).min();
        own.gift = own.gift.or(other.gift);
        let kept = challenges::load(tx, &other.challenge).await?;
        let kept = kept.ok_or_else(|| broken("an entry of no challenge"))?;
        let marks = marks(tx, &other.challenge, survivor).await?;
        if marks.is_empty() || kept.decided_at.is_some() {
            let farther = other.progress.counted > own.progress.counted;
            own.progress = if farther { other.progress } else { own.progress };
        } else {
            own.progress = progress(&kept.terms.counts, &marks);
        }
        update(tx, &own).await?;
    }
    Ok(())
}
