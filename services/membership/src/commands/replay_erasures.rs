//! Erases again whom a backup brought back, here or there: both services remember who left (promise 26).

use std::{collections::HashSet, time::Duration};

use anyhow::Context as _;
use axum::http::Method;
use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use web::Peer;

use super::{
    Desk,
    leave::{erase_again, tell_again},
};
use crate::store::erasures;

/// How long the others have for an answer.
const WITHIN: Duration = Duration::from_secs(10);

#[derive(Serialize)]
struct Question {
    after: Option<MemberId>,
}

#[derive(Deserialize)]
struct Answer {
    erased: Vec<Erased>,
}

#[derive(Deserialize)]
struct Erased {
    member_id: MemberId,
    erased_at: Timestamp,
}

/// Asks `points` who was erased, erases whoever is known here nevertheless, and tells again of whom `points` has forgotten
/// that it had erased them; answers how many. Does nothing where nobody said where `points` is.
///
/// # Errors
/// A fault of the database, or that `points` does not answer.
pub async fn replay_erasures(desk: &Desk) -> anyhow::Result<u64> {
    let Some(points) = &desk.points else { return Ok(0) };
    let (mut after, mut again) = (None, 0);
    loop {
        let page = page_of(points, after).await?;
        let last = page.last().map(|erased| erased.member_id);
        let theirs: HashSet<MemberId> = page.iter().map(|erased| erased.member_id).collect();
        // One that is confirmed between both answers is told of twice, which does no harm.
        for member in erasures::confirmed_between(desk.vault.database.connection(), after, last).await? {
            if !theirs.contains(&member) {
                tell_again(desk, member).await?;
                again += 1;
                tracing::warn!(target: "vafa::membership", %member, "points knew a member again who had left; it was told once more");
            }
        }
        for Erased { member_id, erased_at } in page {
            if erase_again(desk, member_id, erased_at).await?.is_some() {
                again += 1;
                tracing::warn!(target: "vafa::membership", member = %member_id, "a member who had left was back, and was erased again");
            }
        }
        if last.is_none() {
            return Ok(again);
        }
        after = last;
    }
}

async fn page_of(points: &Peer, after: Option<MemberId>) -> anyhow::Result<Vec<Erased>> {
    let path = "/internal/v1/erasures/list";
    let answer = points.ask(Method::POST, path, &Question { after }, WITHIN).await;
    let Answer { erased } = answer.context("points does not say who was erased")?;
    Ok(erased)
}
