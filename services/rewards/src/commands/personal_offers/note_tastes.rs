//! What a member buys is counted by categories, and taken back with what they bring back.

use contracts::points::{PointsEarned, PointsReturned};
use kernel::Timestamp;
use store::Tx;

use crate::{
    domain::taste::{Taste, period_of, too_many},
    error::Error,
    store::{erasures, merging, tastes},
};

/// A member bought something.
///
/// # Errors
/// A fault of the database.
pub async fn bought(tx: &Tx, told: &PointsEarned, now: Timestamp) -> Result<(), Error> {
    if told.categories.is_empty() {
        return Ok(());
    }
    let member = merging::follow(tx, told.member_id).await?;
    if erasures::is_erased(tx, member).await? {
        return Ok(());
    }
    // A till's clock may be ahead; nobody buys in a period to come.
    let period = period_of(told.occurred_at.min(now));
    let mut own = tastes::of_member(tx, member).await?;
    for one in &told.categories {
        let taste: &mut Taste = own.entry(one.category.clone()).or_default();
        taste.add(period, one.amount);
        tastes::write(tx, member, &one.category, taste).await?;
    }
    for category in too_many(&own, period_of(now)) {
        tastes::forget(tx, member, Some(&category)).await?;
    }
    Ok(())
}

/// Something came back, of these categories.
///
/// # Errors
/// A fault of the database.
pub async fn returned(tx: &Tx, told: &PointsReturned) -> Result<(), Error> {
    let member = merging::follow(tx, told.member_id).await?;
    let mut own = tastes::of_member(tx, member).await?;
    for one in &told.categories {
        if let Some(taste) = own.get_mut(&one.category) {
            taste.take_back(one.amount);
            tastes::write(tx, member, &one.category, taste).await?;
        }
    }
    Ok(())
}
