//! What members took up of personal offers.

use kernel::{GiftId, JournalId, MemberId, OfferCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{
    at, broken, execute, held, instant, micros,
    personal_offers::{self, code},
    query,
};
use crate::{domain::taking::TakingState, error::Error};

/// What a member took up once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Its id.
    pub id: Uuid,
    /// Of which offer.
    pub offer: OfferCode,
    /// Who.
    pub member: MemberId,
    /// The how-manyth time, from 1.
    pub number: i64,
    /// Where it stands.
    pub state: TakingState,
    /// What it costs of the offer's budget, in minor units.
    pub cost: i64,
    /// When it was activated; nothing where that is not needed.
    pub activated_at: Option<Timestamp>,
    /// Until when the purchase can be made.
    pub use_by: Timestamp,
    /// The purchase that fulfilled it.
    pub purchase: Option<JournalId>,
    /// What of it counts still, in minor units.
    pub measure: i64,
    /// What is given for it.
    pub gift: Option<GiftId>,
    /// When it was over without being given.
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT id, offer, member_id, number, state, cost, activated_at, use_by, purchase_id, measure, gift_id, ended_at \
     FROM offer_takings";

fn read(row: &QueryResult) -> Result<Taking, Error> {
    Ok(Taking {
        id: at(row, 0)?,
        offer: code(row, 1)?,
        member: MemberId::from_uuid(at(row, 2)?),
        number: at(row, 3)?,
        state: TakingState::from_word(&at::<String>(row, 4)?).ok_or_else(|| broken("a state"))?,
        cost: at(row, 5)?,
        activated_at: at::<Option<i64>>(row, 6)?.map(instant),
        use_by: instant(at(row, 7)?),
        purchase: at::<Option<Uuid>>(row, 8)?.map(JournalId::from_uuid),
        measure: at(row, 9)?,
        gift: at::<Option<Uuid>>(row, 10)?.map(GiftId::from_uuid),
        ended_at: at::<Option<i64>>(row, 11)?.map(instant),
    })
}

/// What a member took up of an offer, or of all of them, in the order of its numbers.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    offer: Option<&OfferCode>,
) -> Result<Vec<Taking>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 AND ($2 = '' OR offer = $2) ORDER BY offer, number");
    let offer = offer.map_or("", OfferCode::as_str);
    query(on, &sql, [member.as_uuid().into(), offer.into()]).await?.iter().map(read).collect()
}

/// What a member activated of all offers and took up before, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_of_member(tx: &Tx, member: MemberId) -> Result<Vec<Taking>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 ORDER BY id{}", held(tx));
    query(tx, &sql, [member.as_uuid().into()]).await?.iter().map(read).collect()
}

/// What a purchase fulfilled, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_by_purchase(tx: &Tx, purchase: JournalId) -> Result<Vec<Taking>, Error> {
    let sql = format!("{COLUMNS} WHERE purchase_id = $1 ORDER BY offer{}", held(tx));
    query(tx, &sql, [purchase.as_uuid().into()]).await?.iter().map(read).collect()
}

/// A taking, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: Uuid) -> Result<Option<Taking>, Error> {
    let sql = format!("{COLUMNS} WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.into()]).await?.first().map(read).transpose()
}

/// What is activated and whose time was over before a time, the oldest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn lapsed(on: &impl ConnectionTrait, before: Timestamp, limit: u32) -> Result<Vec<Uuid>, Error> {
    let sql =
        "SELECT id FROM offer_takings WHERE state = 'active' AND use_by <= $1 ORDER BY use_by, id LIMIT $2";
    let rows = query(on, sql, [before.micros().into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| at(row, 0)).collect()
}

/// Writes down what is taken up.
///
/// # Errors
/// A fault of the database; a unique violation where the member took it up so often before, or the purchase fulfilled it.
pub async fn insert(tx: &Tx, fresh: &Taking) -> Result<(), Error> {
    let sql = "INSERT INTO offer_takings (id, offer, member_id, number, state, cost, activated_at, use_by, purchase_id, measure, gift_id, \
               ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        fresh.id.into(),
        fresh.offer.as_str().into(),
        fresh.member.as_uuid().into(),
        fresh.number.into(),
        fresh.state.word().into(),
        fresh.cost.into(),
        micros(fresh.activated_at).into(),
        fresh.use_by.micros().into(),
        fresh.purchase.map(JournalId::as_uuid).into(),
        fresh.measure.into(),
        fresh.gift.map(GiftId::as_uuid).into(),
        micros(fresh.ended_at).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where it stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Taking) -> Result<(), Error> {
    let sql = "UPDATE offer_takings SET state = $1, purchase_id = $2, measure = $3, gift_id = $4, ended_at = $5 WHERE id = $6";
    let values = [
        changed.state.word().into(),
        changed.purchase.map(JournalId::as_uuid).into(),
        changed.measure.into(),
        changed.gift.map(GiftId::as_uuid).into(),
        micros(changed.ended_at).into(),
        changed.id.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Ends one of which nothing came, and frees what it took of the budget.
///
/// # Errors
/// A fault of the database.
pub async fn end(tx: &Tx, taking: &mut Taking, state: TakingState, now: Timestamp) -> Result<(), Error> {
    let counted = taking.state.counts();
    (taking.state, taking.ended_at) = (state, Some(now));
    update(tx, taking).await?;
    if counted {
        personal_offers::free(tx, &taking.offer, taking.cost).await?;
    }
    Ok(())
}

/// A gift came to nothing: so did what it was given for.
///
/// # Errors
/// A fault of the database.
pub async fn end_gift(tx: &Tx, gift: GiftId, now: Timestamp) -> Result<(), Error> {
    let sql = format!("{COLUMNS} WHERE gift_id = $1{}", held(tx));
    let found = query(tx, &sql, [gift.as_uuid().into()]).await?.first().map(read).transpose()?;
    match found.filter(|taking| taking.state.counts()) {
        Some(mut taking) => end(tx, &mut taking, TakingState::Ended, now).await,
        None => Ok(()),
    }
}

/// Gives the one who stays what the other one took up, behind what they took up themselves.
///
/// # Errors
/// A fault of the database.
pub async fn absorb(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let sql = "UPDATE offer_takings SET member_id = $1, number = number + COALESCE((SELECT MAX(own.number) FROM offer_takings own \
               WHERE own.offer = offer_takings.offer AND own.member_id = $1), 0) WHERE member_id = $2";
    execute(tx, sql, [survivor.as_uuid().into(), absorbed.as_uuid().into()]).await.map(drop)
}
