//! Learns from `membership` whom an identifier or an id names, when the facts have not arrived yet.

use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};
use store::Database;

use crate::store::projections;

/// What a question to `membership` brought.
#[derive(Clone, Copy, Debug)]
pub struct Learned {
    /// The member.
    pub member: MemberId,
    /// The identifier that leads to them, when one was asked for.
    pub identifier: Option<(Digest16, IdentifierKind)>,
}

/// Notes it, unless facts have said something about the identifier already: their word counts, whatever the clocks say.
///
/// # Errors
/// When the database refuses.
pub async fn learn_member(database: &Database, learned: Learned) -> anyhow::Result<()> {
    let told_at = Timestamp::from_micros(0);
    let tx = database.begin().await?;
    projections::insert_members(&tx, &[(learned.member, None)]).await?;
    if let Some((digest, kind)) = learned.identifier {
        let link =
            projections::Link { digest, member: learned.member, kind, active: true, told_at, gone: false };
        projections::link(&tx, &[link]).await?;
    }
    tx.commit().await?;
    Ok(())
}
