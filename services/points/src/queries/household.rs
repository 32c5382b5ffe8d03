//! What may a member draw from the others of the household?

use kernel::{MemberId, Points};
use runtime::Chain;
use store::Database;
use uuid::Uuid;

use crate::{
    domain::{Moment, Pool, ProgrammeDocument},
    store::{households, reading},
};

/// The others of a household, as far as a member may draw from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Others {
    /// How many they are.
    pub members: usize,
    /// How many of their points may be drawn now.
    pub points: Points,
}

/// The others from whom a member may draw at a moment; `None` where the programme does not pool, or from nobody.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn others(
    database: &Database,
    chain: &Chain,
    document: &ProgrammeDocument,
    member: MemberId,
    at: Moment,
) -> anyhow::Result<Option<Others>> {
    let Some(terms) = document.pooling else { return Ok(None) };
    let connection = database.connection();
    let household = households::around(connection, member, |since| chain.local(since, None).day).await?;
    let others = terms.others(&household, member, at.today);
    if others.is_empty() {
        return Ok(None);
    }
    let ids: Vec<Uuid> = others.iter().map(|other| other.as_uuid()).collect();
    let accounts = reading::accounts(database, &ids).await?.accounts.into_values().collect();
    let drawn = match terms.most_per_day {
        Some(_) => households::drawn_since(connection, member, chain.begins(at.today)).await?,
        None => Points::ZERO,
    };
    let points = Pool::new(accounts, terms.left(drawn)).points(at, document.debt)?;
    Ok(Some(Others { members: others.len(), points }))
}
