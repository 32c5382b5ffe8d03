//! What the guard at the gateway costs: the same purchases without it, with it, and signed.

use super::{Bench, Mix, Pace, Shape, Stage, prepare};

const GUARD: &str = "gateway.guard";

impl Bench {
    /// Without the guard first, when the books are smallest: what comes later is not helped by the order.
    pub(super) async fn measure_guard(&mut self) -> anyhow::Result<()> {
        self.say("starting the platform, without its guard at first");
        let mut settings = self.settings.clone();
        settings.push((GUARD.to_owned(), "false".to_owned()));
        let mut stage = Stage::open(Shape::One, &self.postgres, &settings).await?;
        let chain = prepare::prepare(&stage, self.sizes.tills, self.sizes.members).await?;
        prepare::register_keys(&stage, self.sizes.tills).await?;
        self.load(&stage, &chain, Mix::Unguarded, Pace::Closed).await?;
        stage.set(GUARD, "true");
        stage.restart().await?;
        self.load(&stage, &chain, Mix::Guarded, Pace::Closed).await?;
        self.load(&stage, &chain, Mix::Signed, Pace::Closed).await.map(drop)
    }
}
