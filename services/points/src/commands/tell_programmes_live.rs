//! Tells that announced versions went live, once each. Nothing waits for it: they are live by the time alone.

use contracts::points::ProgrammeWentLive;

use super::{
    persistence::persistently,
    programme_facts::{Told, stage},
    record_purchases::Recorder,
};
use crate::store::programmes;

/// Tells of every version that went live and was not told of yet; answers how many there were.
///
/// # Errors
/// A fault; whoever was not told then is told the next time.
pub async fn tell_programmes_live(recorder: &Recorder) -> anyhow::Result<usize> {
    let now = recorder.clock.now();
    // Nearly always there is nothing to tell, and nobody needs to hold the programme to see that.
    if programmes::untold(recorder.database.connection(), now).await?.is_empty() {
        return Ok(0);
    }
    persistently("telling that programmes are live", || run(recorder)).await
}

async fn run(recorder: &Recorder) -> anyhow::Result<usize> {
    let tx = recorder.database.begin().await?;
    programmes::hold(&tx, 0).await?;
    let now = recorder.clock.now();
    let live = programmes::untold(tx.connection(), now).await?;
    let told: Vec<Told> = live
        .iter()
        .map(|version| Told::WentLive(ProgrammeWentLive { version: version.programme.version }))
        .collect();
    if told.is_empty() {
        return Ok(0);
    }
    stage(recorder, &tx, &told, now).await?;
    for mut version in live {
        if let Some(announced) = &mut version.announced {
            announced.live_told_at = Some(now);
        }
        programmes::update(&tx, &version).await?;
    }
    tx.commit().await?;
    recorder.relay.wake();
    Ok(told.len())
}
