//! What has a member in draws?

use std::collections::BTreeMap;

use kernel::{DrawCode, MemberId, Timestamp};
use store::Database;
use uuid::Uuid;

use crate::{
    error::Error,
    store::{
        draw_entries,
        draw_wins::{self, Win},
        draws::{self, Draw},
    },
};

/// Draws that closed longer ago are not shown: a year.
const SHOWN_MS: i64 = 366 * 24 * 60 * 60 * 1_000;

/// A draw with what a member has in it.
#[derive(Clone, Debug)]
pub struct MemberDraw {
    /// The draw.
    pub draw: Draw,
    /// The number under which they stand in its list.
    pub holder: Option<Uuid>,
    /// How many tickets they have.
    pub tickets: i64,
    /// What they won.
    pub win: Option<Win>,
}

/// Draws that are not closed, and those in which the member has tickets, of the last year.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    database: &Database,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<MemberDraw>, Error> {
    let on = database.connection();
    let held = draw_entries::of_member(on, member).await?.into_iter();
    let mut held: BTreeMap<DrawCode, (Uuid, i64)> =
        held.map(|(code, holder, tickets)| (code, (holder, tickets))).collect();
    let wins = draw_wins::of_member(on, member).await?.into_iter();
    let mut wins: BTreeMap<DrawCode, Win> = wins.map(|win| (win.draw.clone(), win)).collect();
    let mut all = Vec::new();
    for draw in draws::published(on, now.plus_millis(-SHOWN_MS)).await? {
        let (own, win) = (held.remove(&draw.code), wins.remove(&draw.code));
        if own.is_some() || now < draw.terms.closes_at {
            let (holder, tickets) = own.map_or((None, 0), |(holder, tickets)| (Some(holder), tickets));
            all.push(MemberDraw { draw, holder, tickets, win });
        }
    }
    Ok(all)
}
