//! Personal offers: their terms, for whom they are by name, and how much of each is taken. Rewards that are offered to everybody
//! are in [`super::offers`].

use kernel::{MemberId, OfferCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use store::Tx;

use super::{at, broken, execute, held, instant, micros, query};
use crate::{
    domain::{personal_offer::OfferTerms, taking::Stage},
    error::Error,
};

/// Members that one statement writes.
const CHUNK: usize = 500;

/// An offer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOffer {
    /// Its code.
    pub code: OfferCode,
    /// What it says.
    pub terms: OfferTerms,
    /// What was done with it.
    pub stage: Stage,
    /// Members on its list.
    pub listed: i64,
    /// Activations, all in all.
    pub activated: i64,
    /// How many are taken of its budget.
    pub taken: i64,
    /// What those cost, in minor units.
    pub spent: i64,
    /// When it was published.
    pub live_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

impl KeptOffer {
    /// Whether members have it at a time, as far as its time and its stage go.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.stage == Stage::Live && self.terms.is_open(now)
    }

    /// Whether nothing is left for whoever comes now, where one more costs so much.
    #[must_use]
    pub fn is_used_up(&self, cost: i64) -> bool {
        let budget = self.terms.budget;
        let over = budget.cost.is_some_and(|most| self.spent.saturating_add(cost) > most);
        let most = self.terms.activation.and_then(|activation| activation.most);
        self.taken >= budget.count || over || most.is_some_and(|most| self.activated >= most)
    }
}

const COLUMNS: &str = "SELECT code, document, stage, listed, activated, taken, spent, live_at, withdrawn_at FROM personal_offers";

pub(super) fn code(row: &QueryResult, index: usize) -> Result<OfferCode, Error> {
    OfferCode::parse(&at::<String>(row, index)?).map_err(|_| broken("an offer's code"))
}

fn read(row: &QueryResult) -> Result<KeptOffer, Error> {
    Ok(KeptOffer {
        code: code(row, 0)?,
        terms: serde_json::from_str(&at::<String>(row, 1)?).map_err(|_| broken("an offer"))?,
        stage: Stage::from_word(&at::<String>(row, 2)?).ok_or_else(|| broken("a stage"))?,
        listed: at(row, 3)?,
        activated: at(row, 4)?,
        taken: at(row, 5)?,
        spent: at(row, 6)?,
        live_at: at::<Option<i64>>(row, 7)?.map(instant),
        withdrawn_at: at::<Option<i64>>(row, 8)?.map(instant),
    })
}

/// An offer.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &OfferCode) -> Result<Option<KeptOffer>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &OfferCode) -> Result<Option<KeptOffer>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// Offers whose codes come after `after`, in order, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn list(on: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<KeptOffer>, Error> {
    let sql = format!("{COLUMNS} WHERE code > $1 ORDER BY code LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Live offers that end after a time, by code.
///
/// # Errors
/// A fault of the database.
pub async fn live(on: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<KeptOffer>, Error> {
    let sql = format!("{COLUMNS} WHERE stage = 'live' AND ends_at > $1 ORDER BY code");
    query(on, &sql, [since.micros().into()]).await?.iter().map(read).collect()
}

/// Writes an offer's terms and stage down; what is counted of a known one stays. `false` where more is taken than its budget has.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, offer: &KeptOffer, now: Timestamp) -> Result<bool, Error> {
    let document = serde_json::to_string(&offer.terms).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO personal_offers (code, document, stage, starts_at, ends_at, most, most_cost, listed, activated, taken, spent, \
               live_at, withdrawn_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, $8, $9, $10) \
               ON CONFLICT (code) DO UPDATE SET document = excluded.document, stage = excluded.stage, starts_at = excluded.starts_at, \
               ends_at = excluded.ends_at, most = excluded.most, most_cost = excluded.most_cost, live_at = excluded.live_at, \
               withdrawn_at = excluded.withdrawn_at, changed_at = excluded.changed_at \
               WHERE personal_offers.taken <= excluded.most \
               AND (excluded.most_cost IS NULL OR personal_offers.spent <= excluded.most_cost)";
    let values = [
        offer.code.as_str().into(),
        document.into(),
        offer.stage.word().into(),
        offer.terms.from.micros().into(),
        offer.terms.until.micros().into(),
        offer.terms.budget.count.into(),
        offer.terms.budget.cost.into(),
        micros(offer.live_at).into(),
        micros(offer.withdrawn_at).into(),
        now.micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Takes one of an offer's budget; `false` where nothing is left of it.
///
/// # Errors
/// A fault of the database.
pub async fn take(tx: &Tx, code: &OfferCode, cost: i64) -> Result<bool, Error> {
    let sql = "UPDATE personal_offers SET taken = taken + 1, spent = spent + $2 \
               WHERE code = $1 AND taken < most AND (most_cost IS NULL OR spent <= most_cost - $2)";
    Ok(execute(tx, sql, [code.as_str().into(), cost.into()]).await? == 1)
}

/// The same for an activation, of which there are so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn activate(tx: &Tx, code: &OfferCode, cost: i64, most: Option<i64>) -> Result<bool, Error> {
    let sql = "UPDATE personal_offers SET activated = activated + 1 WHERE code = $1 AND activated < $2";
    let counted = execute(tx, sql, [code.as_str().into(), most.unwrap_or(i64::MAX).into()]).await? == 1;
    Ok(counted && take(tx, code, cost).await?)
}

/// Frees one that was taken, of which nothing came.
///
/// # Errors
/// A fault of the database.
pub async fn free(tx: &Tx, code: &OfferCode, cost: i64) -> Result<(), Error> {
    let sql = "UPDATE personal_offers SET taken = taken - 1, spent = spent - $2 WHERE code = $1";
    execute(tx, sql, [code.as_str().into(), cost.into()]).await.map(drop)
}

/// Puts members on an offer's list, those who were merged under whom they are by now; answers how many were new. Those whose data
/// is erased are left out.
///
/// # Errors
/// A fault of the database.
pub async fn add_members(tx: &Tx, code: &OfferCode, members: &[MemberId]) -> Result<i64, Error> {
    let mut added = 0;
    for chunk in members.chunks(CHUNK) {
        let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("(${place})")).collect();
        let sql = format!(
            "WITH named(member_id) AS (VALUES {}) INSERT INTO personal_offer_members (offer, member_id) \
             SELECT DISTINCT $1, COALESCE(m.survivor, n.member_id) FROM named n \
             LEFT JOIN merged_members m ON m.member_id = n.member_id \
             WHERE NOT EXISTS (SELECT 1 FROM erased_members e WHERE e.member_id = COALESCE(m.survivor, n.member_id)) \
             ON CONFLICT (offer, member_id) DO NOTHING",
            places.join(", ")
        );
        let ids = chunk.iter().map(|member| Value::from(member.as_uuid()));
        added += execute(tx, &sql, std::iter::once(Value::from(code.as_str())).chain(ids)).await?;
    }
    let added = i64::try_from(added).unwrap_or(i64::MAX);
    let sql = "UPDATE personal_offers SET listed = listed + $2 WHERE code = $1";
    execute(tx, sql, [code.as_str().into(), added.into()]).await?;
    Ok(added)
}

/// The offers on whose lists a member is.
///
/// # Errors
/// A fault of the database.
pub async fn naming(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<OfferCode>, Error> {
    let sql = "SELECT offer FROM personal_offer_members WHERE member_id = $1 ORDER BY offer";
    query(on, sql, [member.as_uuid().into()]).await?.iter().map(|row| code(row, 0)).collect()
}

/// Takes a member off every list.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    for code in naming(tx, member).await? {
        let sql = "DELETE FROM personal_offer_members WHERE member_id = $1 AND offer = $2";
        let gone = execute(tx, sql, [member.as_uuid().into(), code.as_str().into()]).await?;
        let sql = "UPDATE personal_offers SET listed = listed - $2 WHERE code = $1";
        execute(tx, sql, [code.as_str().into(), i64::try_from(gone).unwrap_or_default().into()]).await?;
    }
    execute(tx, "DELETE FROM offer_hearings WHERE member_id = $1", [member.as_uuid().into()]).await.map(drop)
}

/// Puts the one who stays on the lists of the one who goes.
///
/// # Errors
/// A fault of the database.
pub async fn absorb(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let named = naming(tx, absorbed).await?;
    for code in &named {
        add_members(tx, code, &[survivor]).await?;
        let sql = "DELETE FROM personal_offer_members WHERE member_id = $1 AND offer = $2";
        execute(tx, sql, [absorbed.as_uuid().into(), code.as_str().into()]).await?;
        let sql = "UPDATE personal_offers SET listed = listed - 1 WHERE code = $1";
        execute(tx, sql, [code.as_str().into()]).await?;
    }
    Ok(())
}

/// Notes that the so-manyth fact about a member's purchases is heard; `false` where it was before, and for those who were erased.
///
/// # Errors
/// A fault of the database.
pub async fn hears(tx: &Tx, member: MemberId, seq: u64) -> Result<bool, Error> {
    let seq = i64::try_from(seq).map_err(|_| broken("a position"))?;
    let sql = "INSERT INTO offer_hearings (member_id, seq) SELECT $1, $2 \
               WHERE NOT EXISTS (SELECT 1 FROM erased_members WHERE member_id = $1) \
               ON CONFLICT (member_id) DO UPDATE SET seq = excluded.seq WHERE offer_hearings.seq < excluded.seq";
    Ok(execute(tx, sql, [member.as_uuid().into(), seq.into()]).await? == 1)
}
