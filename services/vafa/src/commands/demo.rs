//! `vafa demo`: a sample chain in one process, its purchases replayed through the public API, and the API to play with.
//!
//! Promises: nothing is installed or fetched; the API takes requests before the replay begins; a second start on the same
//! folder goes on where the first one was. All that is told was asked of the API. Absent on purpose: any data of real
//! people: phones are of the range that reaches nobody.

mod chain;
mod chance;
mod lots;
mod people;
mod shopping;
mod stage;
mod state;
mod story;
mod treats;
mod witness;

use std::{
    path::{Path, PathBuf},
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use kernel::{Clock as _, Day};
use runtime::{Chain, SystemClock, Telemetry, settings::Values};
use serde::Deserialize;

use self::{people::Person, shopping::SamplePurchase, stage::Office, state::State, story::Replayed};
use super::{Outcome, import::say::say, run::until_told};
use crate::{
    Platform, StartPlan,
    client::{Call, Client},
    tables,
};

/// How the demo is shown.
#[derive(clap::Args)]
pub struct Options {
    /// Folder of the demo's data; the next start goes on with it
    #[arg(long, default_value = "data/demo")]
    data_dir: PathBuf,
    /// Port of the API on this machine; 0 takes a free one
    #[arg(long, default_value_t = 7700)]
    port: u16,
    /// End after the story instead of serving until Ctrl-C
    #[arg(long)]
    no_serve: bool,
}

/// Shows the demo.
///
/// # Errors
/// When the folder or the port cannot be used, or the sample data cannot be sent.
pub async fn run(options: Options) -> anyhow::Result<Outcome> {
    let mut told = pin!(until_told()?);
    let values = settings(&options)?;
    let telemetry = Telemetry::start(&values)?;
    let chain = Chain::from_settings(&values)?;
    let mut plan = StartPlan::new(values);
    plan.registry = telemetry.registry();
    plan.sample_ratio = telemetry.sample_ratio();
    let started = Platform::start(plan).await;
    let platform =
        started.context("the demo cannot start; is another one running? Try --port 0 or --data-dir")?;
    say!("Vafa demo: serving at {}", platform.base_url());
    let today = chain.local(SystemClock.now(), None).day;
    let shown = tokio::select! {
        shown = show(&platform, &options.data_dir, today) => Some(shown),
        () = told.as_mut() => None,
    };
    if let (Some(Ok(())), false) = (&shown, options.no_serve) {
        say!("\nServing until Ctrl-C.");
        told.await;
    }
    let clean = platform.stop().await;
    telemetry.stop();
    match shown {
        Some(Err(fault)) => Err(fault),
        None => {
            say!("Stopped; start it again to go on where it was.");
            Ok(Outcome::Fine)
        }
        Some(Ok(())) => Ok(if clean { Outcome::Fine } else { Outcome::Found }),
    }
}

/// The defaults with the demo's own; of the process's variables only those of telemetry.
fn settings(options: &Options) -> anyhow::Result<Values> {
    let telemetry = std::env::vars().filter(|(name, _)| name.starts_with("VAFA_TELEMETRY__"));
    let folder = options.data_dir.to_str().context("--data-dir is not UTF-8 text")?;
    let mut quiet = vec![("VAFA_TELEMETRY__LOG_FORMAT", "text"), ("VAFA_TELEMETRY__LOG_LEVEL", "warn")];
    quiet.retain(|(name, _)| std::env::var_os(name).is_none());
    let quiet = quiet.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let values = runtime::settings::load(&tables(), None, quiet.chain(telemetry))?;
    let values = values.with(&tables(), "data.dir", folder)?;
    let values = values.with(&tables(), "chain.name", "Vafa Market")?;
    // Whoever watches waits for the draw.
    let values = values.with(&tables(), "rewards.draw_grace_s", "1")?;
    let values = values.with(&tables(), "rewards.sweep_ms", "200")?;
    Ok(values.with(&tables(), "http.listen", &format!("127.0.0.1:{}", options.port))?)
}

async fn show(platform: &Platform, folder: &Path, today: Day) -> anyhow::Result<()> {
    let client = Client::new(&platform.base_url())?;
    let office = Office { client, key: platform.operator_key().into() };
    let people = people::people();
    let left = State::load(folder)?;
    let mut state = match left {
        Some(state) if office.knows(&state).await => state,
        _ => State::new(today),
    };
    let purchases = shopping::purchases(&people, state.first_day);
    let (began, before) = (Instant::now(), state.done);
    if before < purchases.len() {
        if before > 0 {
            say!("An earlier start was stopped after {before} purchases; going on there.");
        }
        office.open_chain(&mut state).await?;
        state.save(folder)?;
        office.join_people(&people, &purchases, &mut state).await?;
        state.save(folder)?;
        office.replay(&people, purchases.clone(), &mut state, folder).await?;
    }
    let replayed = Replayed { purchases: state.done - before, time: began.elapsed() };
    settle(&office, &people, &purchases, &state).await?;
    lots::fill(&office, &people, &state).await?;
    treats::show(&office, &people, &state).await?;
    lots::settle(&office, &people, &state).await?;
    story::tell(&office, &people, &state, &replayed, folder).await
}

#[derive(Deserialize)]
struct Profile {
    activity: Option<Activity>,
}

#[derive(Deserialize)]
struct Activity {
    purchases: usize,
}

/// Waits until membership has heard of the last purchase too, so that an audit right afterwards finds all at rest.
async fn settle(
    office: &Office,
    people: &[Person],
    purchases: &[SamplePurchase],
    state: &State,
) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(20);
    for (number, person) in people.iter().enumerate() {
        let expected = purchases.iter().filter(|purchase| purchase.person == number).count();
        let Some(id) = state.members.get(&person.phone) else { continue };
        let call = Call::get(format!("/v1/members/{id}")).bearer(&office.key);
        loop {
            let profile: Profile = office.client.ask(&call).await?.json()?;
            let heard = profile.activity.map_or(0, |activity| activity.purchases);
            if heard >= expected || Instant::now() > until {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}
