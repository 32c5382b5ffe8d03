//! Erases again whom a backup brought back, here or there: all of them remember who left (promise 26).

use std::{collections::HashSet, time::Duration};

use anyhow::Context as _;
use axum::http::Method;
use kernel::MemberId;
use runtime::erasures::{ERASURES_PATH, Erased, ErasuresAnswer, ErasuresQuestion};
use web::Peer;

use super::{
    Desk,
    leave::{erase_again, tell_again},
};
use crate::{domain::leaving::Forgetter, store::erasures};

/// How long the others have for an answer.
const WITHIN: Duration = Duration::from_secs(10);

/// Asks the others who was erased, erases whoever is known here nevertheless, and tells again of whom one of them has forgotten
/// that it had erased them; answers how many. Does nothing about those of whom nobody said where they are.
///
/// # Errors
/// A fault of the database, or that one of them does not answer; the others were asked nevertheless.
pub async fn replay_erasures(desk: &Desk) -> anyhow::Result<u64> {
    let (mut again, mut silent) = (0, None);
    for (by, peer) in [(Forgetter::Points, &desk.points), (Forgetter::Rewards, &desk.rewards)] {
        let Some(peer) = peer else { continue };
        match replay_of(desk, by, peer).await {
            Ok(more) => again += more,
            Err(fault) => silent = Some(fault),
        }
    }
    silent.map_or(Ok(again), Err)
}

async fn replay_of(desk: &Desk, by: Forgetter, peer: &Peer) -> anyhow::Result<u64> {
    let (mut after, mut again) = (None, 0);
    loop {
        let page = page_of(by, peer, after).await?;
        let last = page.last().map(|erased| erased.member_id);
        let theirs: HashSet<MemberId> = page.iter().map(|erased| erased.member_id).collect();
        // One that is confirmed between both answers is told of twice, which does no harm.
        for member in erasures::confirmed_between(desk.vault.database.connection(), by, after, last).await? {
            if !theirs.contains(&member) {
                tell_again(desk, member).await?;
                again += 1;
                tracing::warn!(target: "vafa::membership", %member, ?by, "a member who had left was known there again; it was told once more");
            }
        }
        for Erased { member_id, .. } in &page {
            if erase_again(desk, *member_id).await?.is_some() {
                again += 1;
                tracing::warn!(target: "vafa::membership", member = %member_id, "a member who had left was back, and was erased again");
            }
        }
        note_done(desk, by, &page).await?;
        if last.is_none() {
            return Ok(again);
        }
        after = last;
    }
}

/// Notes of whom the service has done its part, where its word did not come or was lost with a restore.
async fn note_done(desk: &Desk, by: Forgetter, page: &[Erased]) -> anyhow::Result<()> {
    let ids: Vec<MemberId> = page.iter().map(|erased| erased.member_id).collect();
    let open = erasures::unconfirmed(desk.vault.database.connection(), by, &ids).await?;
    if open.is_empty() {
        return Ok(());
    }
    let tx = desk.vault.database.begin().await?;
    for Erased { member_id, erased_at } in page.iter().filter(|erased| open.contains(&erased.member_id)) {
        erasures::confirm(&tx, by, *member_id, *erased_at).await?;
    }
    Ok(tx.commit().await?)
}

async fn page_of(by: Forgetter, peer: &Peer, after: Option<MemberId>) -> anyhow::Result<Vec<Erased>> {
    let answer = peer.ask(Method::POST, ERASURES_PATH, &ErasuresQuestion { after }, WITHIN).await;
    let ErasuresAnswer { erased } = answer.with_context(|| format!("{by:?} does not say who was erased"))?;
    Ok(erased)
}
