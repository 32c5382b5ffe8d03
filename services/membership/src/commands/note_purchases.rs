//! Adds purchases that `points` told to the members' activity.

use std::collections::BTreeSet;

use kernel::MemberId;
use store::Tx;

use crate::{
    domain::activity::{Activity, Purchase},
    error::Error,
    store::activity,
};

/// Adds many purchases in the transaction of the consumer, each counted once whatever comes again: one read and one
/// write for all members together.
///
/// # Errors
/// [`Error::Contended`] when a parallel consumer was faster for some member, or a fault of the database.
pub async fn note_purchases(tx: &Tx, purchases: &[(MemberId, Purchase)]) -> Result<(), Error> {
    let mut members: Vec<MemberId> = purchases.iter().map(|(member, _)| *member).collect();
    members.sort_unstable();
    members.dedup();
    let mut known = activity::load_all(tx, &members).await?;
    let mut changed = BTreeSet::new();
    for (member, purchase) in purchases {
        if Activity::note(&mut known.entry(*member).or_default().activity, purchase) {
            changed.insert(*member);
        }
    }
    known.retain(|member, _| changed.contains(member));
    if activity::save_all(tx, &known).await? { Ok(()) } else { Err(Error::Contended) }
}
