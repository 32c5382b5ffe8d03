//! The ticket of a seat: a voucher that is good where the event is, until it is over.

use kernel::{BranchCode, Timestamp};
use store::Tx;

use crate::{
    domain::reward::RewardKind,
    error::{Error, Missing},
    store::events,
};

/// Until when and where the voucher of a seat is good; nothing for what is no seat.
pub(super) async fn terms(tx: &Tx, kind: &RewardKind) -> Result<Option<(Timestamp, Vec<BranchCode>)>, Error> {
    let RewardKind::EventSeat { event } = kind else { return Ok(None) };
    let kept = events::load(tx, event).await?.ok_or(Missing::Event)?;
    Ok(Some((kept.event.ends_at, vec![kept.event.branch])))
}
