//! Webhooks and their secrets.

use kernel::{BranchCode, Timestamp, WebhookId};
use ring::aead::NONCE_LEN;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};
use store::Tx;

use super::{
    broken, counted, instant,
    seal::{Seal, Secret},
    signed,
    tables::webhooks::{ActiveModel, Column, Entity, Model},
};
use crate::{
    domain::{
        asker::Asker,
        health::Health,
        webhook::{Owner, State, Terms, Webhook},
    },
    error::{Error, Missing},
};

/// The secrets of a webhook: the one that signs, and the one before, as long as it signs, too.
pub struct Secrets {
    /// The one that signs.
    pub current: Secret,
    /// The one before it.
    pub old: Option<Secret>,
}

/// Holds this owner's webhooks against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_owner(tx: &Tx, owner: &Owner) -> Result<(), Error> {
    let sql = "INSERT INTO owners (owner, turns) VALUES ($1, 1) \
               ON CONFLICT (owner) DO UPDATE SET turns = owners.turns + 1";
    let values = [owner.word().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// How many webhooks an owner has that were not removed.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait, owner: &Owner) -> Result<usize, Error> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Owner.eq(owner.word()))
        .filter(Column::State.ne(State::Removed.word()));
    Ok(ids.into_tuple::<sea_orm::prelude::Uuid>().all(on).await?.len())
}

/// Stores a new webhook with its sealed secret.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, webhook: &Webhook, secret: Vec<u8>) -> Result<(), Error> {
    let row = Model {
        id: webhook.id.as_uuid(),
        owner: webhook.owner.word().to_owned(),
        url: webhook.terms.url.clone(),
        kinds: webhook.terms.kinds.join(","),
        branches: joined(&webhook.terms.branches),
        state: webhook.state.word().to_owned(),
        secret,
        old_secret: None,
        old_secret_until: None,
        failures: 0,
        failing_since: None,
        paused_until: None,
        leased_until: 0,
        served_at: 0,
        created_at: webhook.created_at.micros(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A webhook that the asker sees.
///
/// # Errors
/// [`Missing::Webhook`], or a fault of the database.
pub async fn load_for(on: &impl ConnectionTrait, asker: &Asker, id: WebhookId) -> Result<Webhook, Error> {
    seen(asker, there(Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref())?)
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// [`Missing::Webhook`], or a fault of the database.
pub async fn hold_for(tx: &Tx, asker: &Asker, id: WebhookId) -> Result<Webhook, Error> {
    seen(asker, hold(tx, id).await?)
}

fn seen(asker: &Asker, found: Option<Webhook>) -> Result<Webhook, Error> {
    found.filter(|webhook| asker.sees(webhook)).ok_or_else(|| Missing::Webhook.into())
}

/// The webhook, unless it was removed, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: WebhookId) -> Result<Option<Webhook>, Error> {
    there(Entity::find_by_id(id.as_uuid()).lock_exclusive().one(tx).await?.as_ref())
}

fn there(row: Option<&Model>) -> Result<Option<Webhook>, Error> {
    let found = row.map(webhook).transpose()?;
    Ok(found.filter(|webhook| webhook.state != State::Removed))
}

/// Up to `limit` webhooks of this owner, or of all, whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    owner: Option<&Owner>,
    after: Option<WebhookId>,
    limit: u64,
) -> Result<Vec<Webhook>, Error> {
    let mut query =
        Entity::find().filter(Column::State.ne(State::Removed.word())).order_by_asc(Column::Id).limit(limit);
    if let Some(owner) = owner {
        query = query.filter(Column::Owner.eq(owner.word()));
    }
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.as_uuid()));
    }
    query.all(on).await?.iter().map(webhook).collect()
}

/// All webhooks that are told, in the order of their ids.
///
/// # Errors
/// A fault of the database.
pub async fn active(on: &impl ConnectionTrait) -> Result<Vec<Webhook>, Error> {
    let query = Entity::find().filter(Column::State.eq(State::Active.word())).order_by_asc(Column::Id);
    query.all(on).await?.iter().map(webhook).collect()
}

/// Stores what a webhook is that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, webhook: &Webhook) -> Result<(), Error> {
    let changed = ActiveModel {
        id: Set(webhook.id.as_uuid()),
        url: Set(webhook.terms.url.clone()),
        kinds: Set(webhook.terms.kinds.join(",")),
        branches: Set(joined(&webhook.terms.branches)),
        state: Set(webhook.state.word().to_owned()),
        failures: Set(signed(webhook.health.failures)),
        failing_since: Set(webhook.health.failing_since.map(Timestamp::micros)),
        paused_until: Set(webhook.health.paused_until.map(Timestamp::micros)),
        ..Default::default()
    };
    changed.update(tx).await?;
    Ok(())
}

/// Puts a new sealed secret in the place of the current one, which signs until then, too, of a webhook that is held.
///
/// # Errors
/// A fault of the database.
pub async fn replace_secret(tx: &Tx, id: WebhookId, fresh: Vec<u8>, until: Timestamp) -> Result<(), Error> {
    let row = Entity::find_by_id(id.as_uuid()).one(tx).await?.ok_or_else(|| broken("no webhook"))?;
    let changed = ActiveModel {
        id: Set(row.id),
        old_secret: Set(Some(row.secret)),
        old_secret_until: Set(Some(until.micros())),
        secret: Set(fresh),
        ..Default::default()
    };
    changed.update(tx).await?;
    Ok(())
}

/// The secrets of a webhook that sign now.
///
/// # Errors
/// A secret that does not open, or a fault of the database.
pub async fn secrets(
    on: &impl ConnectionTrait,
    seal: &Seal,
    id: WebhookId,
    now: Timestamp,
) -> Result<Secrets, Error> {
    let row = Entity::find_by_id(id.as_uuid()).one(on).await?.ok_or_else(|| broken("no webhook"))?;
    let signs = row.old_secret_until.is_some_and(|until| now.micros() < until);
    let old = row.old_secret.filter(|_| signs).map(|sealed| seal.open(id, &sealed)).transpose()?;
    Ok(Secrets { current: seal.open(id, &row.secret)?, old })
}

/// Seals by the newest master key what an older one sealed, and forgets replaced secrets that sign no more; answers how
/// many webhooks it touched. `nonces` must give fresh randomness.
///
/// # Errors
/// A secret that does not open, or a fault of the database.
pub async fn reseal(
    tx: &Tx,
    seal: &Seal,
    now: Timestamp,
    nonces: impl Fn() -> [u8; NONCE_LEN],
) -> Result<u64, Error> {
    let mut touched = 0;
    for row in Entity::find().filter(Column::State.ne(State::Removed.word())).lock_exclusive().all(tx).await?
    {
        let id = WebhookId::from_uuid(row.id);
        let over = row.old_secret_until.is_some_and(|until| until <= now.micros());
        let fresh = |sealed: &[u8]| seal.seal(id, &seal.open(id, sealed)?, nonces());
        let old = row.old_secret.as_ref().filter(|_| !over);
        let behind = [Some(&row.secret), old].into_iter().flatten().any(|sealed| !seal.is_current(sealed));
        if !behind && !over {
            continue;
        }
        let changed = ActiveModel {
            id: Set(row.id),
            secret: Set(fresh(&row.secret)?),
            old_secret: Set(old.map(|sealed| fresh(sealed)).transpose()?),
            old_secret_until: Set(row.old_secret_until.filter(|_| !over)),
            ..Default::default()
        };
        changed.update(tx).await?;
        touched += 1;
    }
    Ok(touched)
}

fn joined(branches: &[BranchCode]) -> String {
    branches.iter().map(BranchCode::as_str).collect::<Vec<_>>().join(",")
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|part| !part.is_empty())
}

pub(super) fn webhook(row: &Model) -> Result<Webhook, Error> {
    let branches: Result<Vec<BranchCode>, _> = split(&row.branches).map(BranchCode::parse).collect();
    Ok(Webhook {
        id: WebhookId::from_uuid(row.id),
        owner: Owner::from_word(&row.owner).map_err(|_| broken("an owner"))?,
        terms: Terms {
            url: row.url.clone(),
            kinds: split(&row.kinds).map(str::to_owned).collect(),
            branches: branches.map_err(|_| broken("branches"))?,
        },
        state: State::from_word(&row.state).ok_or_else(|| broken("a state"))?,
        health: Health {
            failures: counted(row.failures)?,
            failing_since: row.failing_since.map(instant),
            paused_until: row.paused_until.map(instant),
        },
        created_at: instant(row.created_at),
    })
}
