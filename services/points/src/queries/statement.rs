//! How did a member's points of one month come to be?

use std::collections::BTreeMap;

use kernel::{BranchCode, Day, MemberId, Points};
use runtime::Chain;
use store::Database;

use crate::{
    domain::{JournalKind, Statement, statement},
    store::statement as rows,
};

/// Journals of one kind, at one branch, for one reason.
pub type Group = (JournalKind, Option<BranchCode>, Option<String>);

/// A member's month.
pub struct MonthStatement {
    /// Its sums.
    pub sums: Statement,
    /// How many journals of each group there were, and what they added together.
    pub groups: BTreeMap<Group, (u64, Points)>,
}

/// The statement of the days from `first` up to `next`, as of `today`.
///
/// # Errors
/// When the database refuses.
pub async fn read(
    database: &Database,
    chain: &Chain,
    member: MemberId,
    [first, next]: [Day; 2],
    today: Day,
) -> anyhow::Result<MonthStatement> {
    let (begins, ends) = (chain.begins(first), chain.begins(next));
    let tx = database.snapshot().await?;
    let before = rows::moved_before(&tx, member, begins).await?;
    let within = rows::moved_within(&tx, member, begins, ends).await?;
    let events = rows::events(&tx, member, begins, ends).await?;
    tx.rollback().await?;
    let sums = statement(before, within, first, next.min(today))?;
    let mut groups: BTreeMap<Group, (u64, Points)> = BTreeMap::new();
    // What lapsed by the lots' own last days has lines of its own.
    let told = |version: &u64, kind| kind != JournalKind::Expiry || sums.journals.contains_key(version);
    for event in events.into_iter().filter(|event| told(&event.version, event.kind)) {
        let points = sums.journals.get(&event.version).copied().unwrap_or_default();
        let group = groups.entry((event.kind, event.branch, event.reason)).or_default();
        *group = (group.0 + 1, group.1.plus(points)?);
    }
    Ok(MonthStatement { sums, groups })
}
