//! Whole redemptions, from the wish to the voucher.

use super::{Bench, Mix, Pace, Shape, Stage, prepare};
use crate::commands::bench::requests::REWARDS;

impl Bench {
    /// Of many rewards at the maximum and at half of it, then all of one reward, whose stock everybody wants.
    pub(super) async fn measure_redeem(&mut self, shape: Shape) -> anyhow::Result<()> {
        self.say(&format!("starting the platform, whose points are to be redeemed: {}", shape.name()));
        let stage = Stage::open(shape, &self.postgres, &self.settings).await?;
        let chain = prepare::prepare(&stage, self.sizes.tills, self.sizes.members).await?;
        prepare::give_points(&stage, &chain.members).await?;
        prepare::offer_rewards(&stage, REWARDS).await?;
        self.say(&format!("{} members have points, and {REWARDS} rewards are on offer", chain.members.len()));
        self.at_most_and_at_half(&stage, &chain, Mix::Redeem, None).await?;
        self.load(&stage, &chain, Mix::OneReward, Pace::Closed).await.map(drop)
    }
}
