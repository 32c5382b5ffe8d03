//! The same load on a small chain and on one that has grown.

use super::{Bench, Mix, Pace, Shape, Stage, prepare};
use crate::commands::bench::{prepare::Chain, seed::Seed};

impl Bench {
    /// Purchases on the small chain, then millions of members with their entries, then the same purchases by as many
    /// customers who are spread over all of them, and at last by everybody.
    pub(super) async fn measure_grown(&mut self) -> anyhow::Result<()> {
        let shape = Shape::One;
        self.say("starting the platform, which is to grow");
        let mut stage = Stage::open(shape, &self.postgres, &self.settings).await?;
        let mut chain = prepare::prepare(&stage, self.sizes.tills, self.sizes.members).await?;
        let maximum = self.at_most_and_at_half(&stage, &chain, Mix::Small, None).await?;
        let grown = self.amounts.grown_members as usize;
        let each = i32::try_from(self.amounts.entries / self.amounts.grown_members)?.max(1);
        // A month between two purchases; the first lapses a month from now.
        let last_days: Vec<i32> = (1..=each).map(|nth| nth * 30).collect();
        self.seed(&stage, &mut chain, grown, &last_days)?;
        stage.restart().await?;
        // Latencies at different rates say nothing about each other.
        self.at_most_and_at_half(&stage, &chain, Mix::Grown, Some(maximum)).await?;
        self.load(&stage, &chain, Mix::Spread, Pace::Closed).await.map(drop)
    }

    /// Writes members up to a number, each with a purchase for each of these last days.
    pub(super) fn seed(
        &self,
        stage: &Stage,
        chain: &mut Chain,
        members: usize,
        last_days: &[i32],
    ) -> anyhow::Result<()> {
        let seed = Seed {
            postgres: &self.postgres,
            database: stage.points_database()?,
            blind_index_key: stage.blind_index_key(),
            last_days,
        };
        let (from, until) = (chain.population, members.max(chain.population));
        let each = last_days.len();
        seed.write(from, until, |count| {
            self.say(&format!("{count} members were written, each with {each} purchases"));
        })?;
        chain.population = until;
        self.say(&format!("the chain has {until} members"));
        Ok(())
    }

    /// At the maximum, and by the clock at half of it, or of another one; answers the maximum.
    pub(super) async fn at_most_and_at_half(
        &mut self,
        stage: &Stage,
        chain: &Chain,
        mix: Mix,
        of: Option<f64>,
    ) -> anyhow::Result<f64> {
        let maximum = self.load(stage, chain, mix, Pace::Closed).await?;
        let half = (of.unwrap_or(maximum) / 2.0).max(1.0);
        self.load(stage, chain, mix, Pace::Open(half)).await?;
        Ok(maximum)
    }
}
