//! Millions of lots are written off while tills work.

use std::time::Duration;

use super::{Bench, Mix, Pace, Shape, Stage, prepare};
use crate::commands::bench::claims::WrittenOff;

/// How often the job looks: never in the time of a bench, and at once.
const SETTLES: &str = "points.settle_every_s";
const NEVER: &str = "86400";
const AT_ONCE: &str = "1";
/// Long enough for the job to have begun.
const BEGINS: Duration = Duration::from_secs(2);

impl Bench {
    /// Purchases at half of the maximum while lots whose last day is over lie in the books, then the same while the job
    /// writes them off. Half of each member's points have lapsed.
    pub(super) async fn measure_expiry(&mut self) -> anyhow::Result<()> {
        self.say("starting the platform, whose points are to lapse");
        let mut settings = self.settings.clone();
        settings.push((SETTLES.to_owned(), NEVER.to_owned()));
        let mut stage = Stage::open(Shape::One, &self.postgres, &settings).await?;
        let mut chain = prepare::prepare(&stage, self.sizes.tills, 0).await?;
        self.seed(&stage, &mut chain, self.amounts.lots as usize, &[-1, 300])?;
        stage.restart().await?;
        let maximum = self.at_most_and_at_half(&stage, &chain, Mix::Unsettled, None).await?;
        stage.set(SETTLES, AT_ONCE);
        stage.restart().await?;
        tokio::time::sleep(BEGINS).await;
        self.load(&stage, &chain, Mix::Expiry, Pace::Open((maximum / 2.0).max(1.0))).await?;
        let left = self.postgres.sql(
            stage.points_database()?,
            "SELECT count(*) FROM accounts WHERE next_on < floor(extract(epoch FROM now()) / 86400)",
        )?;
        let (left, of) = (left.trim().parse()?, self.amounts.lots);
        self.findings.written_off = Some(WrittenOff { of, left });
        self.say(&format!("{left} of {of} lots that had lapsed are left"));
        Ok(())
    }
}
