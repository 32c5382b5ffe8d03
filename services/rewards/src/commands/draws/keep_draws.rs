//! Writes draws down, and publishes them with the commitment to a seed.

use kernel::DrawCode;

use super::note;
use crate::{
    commands::{Desk, persistence::persistently},
    domain::draw::{DrawTerms, PrizeKind, State},
    error::{Error, Missing},
    queries::draw_record::{SEED, commitment},
    store::{
        draws::{self, Draw},
        offers,
    },
};

/// Writes a draft down.
///
/// # Errors
/// [`Error::DrawPublished`] for one that is none any more, or a fault of the database.
pub async fn put_draw(desk: &Desk, code: &DrawCode, terms: &DrawTerms, actor: &str) -> Result<Draw, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let known = draws::hold(&tx, code).await?;
        if known.as_ref().is_some_and(|known| known.state != State::Draft) {
            return Err(Error::DrawPublished);
        }
        let now = desk.teller.clock.now();
        draws::write(&tx, code, terms, now).await?;
        note(&tx, code, (actor, now), "written", String::new()).await?;
        let draw = draws::hold(&tx, code).await?.ok_or(Missing::Draw)?;
        tx.commit().await?;
        Ok(draw)
    })
    .await
}

/// Fixes a draft's terms, makes its seed, and publishes the hash of it. Done again, it changes nothing.
///
/// # Errors
/// [`Missing::Draw`], [`Missing::Reward`] for a prize that is none, [`Error::DrawOver`] where its closing time is past, or a fault of the
/// database.
pub async fn publish_draw(desk: &Desk, code: &DrawCode, actor: &str) -> Result<Draw, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut draw = draws::hold(&tx, code).await?.ok_or(Missing::Draw)?;
        if draw.state != State::Draft {
            tx.rollback().await?;
            return Ok(draw);
        }
        let now = desk.teller.clock.now();
        if draw.terms.closes_at <= now {
            return Err(Error::DrawOver);
        }
        for (number, prize) in (1..).zip(&draw.terms.prizes) {
            if let PrizeKind::Voucher { reward } = &prize.what {
                offers::load(&tx, reward).await?.ok_or(Missing::Reward)?;
            }
            draws::insert_prize(&tx, code, number, prize.units).await?;
        }
        let mut seed = [0; SEED];
        desk.teller.ids.secret(&mut seed);
        let hash = commitment(&seed);
        draw.seed_sealed = Some(desk.seeds.seal(code.as_str().as_bytes(), &seed, desk.nonce())?);
        draw.commitment = Some(hash.clone());
        (draw.state, draw.published_at) = (State::Published, Some(now));
        draws::update(&tx, &draw, Some(desk.seeds.current())).await?;
        note(&tx, code, (actor, now), "published", hash).await?;
        tx.commit().await?;
        Ok(draw)
    })
    .await
}

/// Seals seeds by the newest master key; answers how many there were.
///
/// # Errors
/// A seed that does not open, or a fault of the database.
pub async fn reseal_seeds(desk: &Desk) -> Result<usize, Error> {
    persistently(|| async {
        let (tx, key) = (desk.database.begin().await?, desk.seeds.current());
        let found = draws::sealed_by_others(&tx, key, 100).await?;
        for (code, sealed) in &found {
            let seed = desk.seeds.open(code.as_bytes(), sealed)?;
            let fresh = desk.seeds.seal(code.as_bytes(), &seed, desk.nonce())?;
            draws::reseal(&tx, code, fresh, key).await?;
        }
        tx.commit().await?;
        Ok(found.len())
    })
    .await
}
