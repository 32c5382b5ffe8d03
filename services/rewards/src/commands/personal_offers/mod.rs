//! Personal offers: written down, published, taken up by members or fulfilled by their purchases, withdrawn.

pub mod activate_offer;
pub mod fulfil_offers;
pub mod keep_offers;
pub mod lapse_offers;
pub mod note_tastes;

use contracts::rewards::WhyGiven;
use kernel::{BranchCode, GiftId};
use store::Tx;

use super::{
    Teller,
    promise_gifts::{Promise, promise},
};
use crate::{
    error::Error,
    store::{personal_offers::KeptOffer, takings::Taking},
};

/// Promises what an offer gives for what a member took up.
async fn reward(
    teller: &Teller,
    tx: &Tx,
    (offer, taking): (&KeptOffer, &Taking),
    branch: Option<&BranchCode>,
) -> Result<Option<GiftId>, Error> {
    let wanted = Promise {
        source: &format!("offer:{}", offer.code),
        cause: &taking.id.to_string(),
        member: taking.member,
        why: WhyGiven::Offer,
        reward: &offer.terms.reward,
        branch,
        purchase: taking.purchase,
        // The offer's own budget is taken from before.
        budgeted: false,
        caused_at: teller.clock.now(),
        apart_ms: 0,
    };
    promise(teller, tx, &wanted).await
}
