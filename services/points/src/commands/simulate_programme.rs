//! Asks for simulations of a version of the programme, and runs them.

mod past;

use anyhow::{Context as _, anyhow};
use kernel::{MemberId, Timestamp};
use store::{Database, Tx};
use uuid::Uuid;

use self::past::Past;
use super::record_purchases::Recorder;
use crate::{
    domain::{ActionPer, AskedOfMembers, Assumed, Moment, Per, Programme, Replay, SimulationFigures},
    store::{
        programmes, rates, segments,
        simulations::{self, PastOrder, PastPlace, Simulation, SimulationState, Size},
    },
};

/// What is to be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulateProgramme {
    /// The version.
    pub version: u32,
    /// The version that it is compared with; the live one when left out.
    pub against: Option<u32>,
    /// Purchases recorded from then on; from the first when left out.
    pub since: Option<Timestamp>,
    /// Up to, not including, then; up to now when left out.
    pub until: Option<Timestamp>,
}

/// Why nothing is simulated.
#[derive(Debug)]
pub enum NotSimulated {
    /// There is no such version.
    UnknownVersion,
    /// There is no such version to compare with, or it is a draft.
    UnknownAgainst,
    /// The period ends before it begins.
    EmptyPeriod,
    /// Our machine broke.
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NotSimulated {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Keeps what is to be simulated, for [`run_next`].
///
/// # Errors
/// [`NotSimulated`].
pub async fn ask(recorder: &Recorder, asked: &SimulateProgramme) -> Result<Simulation, NotSimulated> {
    let (now, on) = (recorder.clock.now(), recorder.database.connection());
    let stored = programmes::load(on, asked.version).await?.ok_or(NotSimulated::UnknownVersion)?;
    let against = match asked.against {
        Some(version) => {
            let found = programmes::load(on, version).await?;
            // What it is compared with is read again when it runs, so it must be one that never changes.
            let fixed = found.filter(|stored| stored.announced.is_some());
            Some(fixed.ok_or(NotSimulated::UnknownAgainst)?.programme.version)
        }
        None => programmes::schedule(on).await?.live_at(now).filter(|live| *live != asked.version),
    };
    let since = asked.since.unwrap_or(Timestamp::from_micros(0));
    let until = asked.until.unwrap_or(now).min(now);
    if since >= until {
        return Err(NotSimulated::EmptyPeriod);
    }
    let simulation = Simulation {
        id: recorder.ids.uuid(),
        version: asked.version,
        document: stored.programme.document,
        against,
        since,
        until,
        requested_at: now,
        state: SimulationState::Waiting,
        seen_at: now,
        done: 0,
        total: 0,
        finished_at: None,
        figures: None,
    };
    let tx = recorder.database.begin().await?;
    simulations::insert(&tx, &simulation).await?;
    tx.commit().await?;
    Ok(simulation)
}

/// Runs the oldest simulation that waits, if there is one.
///
/// # Errors
/// A fault of the machine that kept it from being taken or noted; a simulation that fails is noted as such.
pub async fn run_next(recorder: &Recorder) -> anyhow::Result<bool> {
    let Some(simulation) = take(recorder).await? else { return Ok(false) };
    let outcome = run(recorder, &simulation).await;
    if let Err(fault) = &outcome {
        tracing::error!(simulation = %simulation.id, fault = format!("{fault:#}"), "a simulation failed");
    }
    let figures = outcome.as_ref().ok();
    let tx = recorder.database.begin().await?;
    simulations::end(&tx, simulation.id, figures, recorder.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

async fn take(recorder: &Recorder) -> anyhow::Result<Option<Simulation>> {
    let now = recorder.clock.now();
    // Nearly always nobody waits, and nothing needs to be written to see that.
    if !simulations::any_open(recorder.database.connection()).await? {
        return Ok(None);
    }
    let tx = recorder.database.begin().await?;
    let taken = simulations::take(&tx, now).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn note(recorder: &Recorder, id: Uuid, done: u64, total: u64) -> anyhow::Result<()> {
    let tx = recorder.database.begin().await?;
    simulations::note(&tx, id, done, total, recorder.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Rows at a time: along an index account by account, sorted where they come in the order of time.
const fn page(order: PastOrder) -> i64 {
    match order {
        PastOrder::ByAccount => 4_000,
        PastOrder::ByTime => 20_000,
    }
}

/// Limits that members share must be counted in the order of time; else one account after the other is closed on the way.
fn order(programme: &Programme, against: Option<&Programme>) -> PastOrder {
    let shared = |programme: &Programme| {
        let document = &programme.document;
        let mut of_actions = document.actions.iter().flat_map(|rule| &rule.limits);
        document.limited_per().any(|per| per != Some(Per::Member))
            || of_actions.any(|limit| limit.per != Some(ActionPer::Member))
    };
    if shared(programme) || against.is_some_and(shared) { PastOrder::ByTime } else { PastOrder::ByAccount }
}

async fn run(recorder: &Recorder, simulation: &Simulation) -> anyhow::Result<SimulationFigures> {
    let Simulation { since, until, .. } = *simulation;
    let programme = Programme { version: simulation.version, document: simulation.document.clone() };
    let against = against(&recorder.database, simulation).await?;
    // One moment of the database: what is recorded meanwhile is not in it.
    let tx = recorder.database.snapshot().await?;
    let last = until.plus_millis(-1);
    let end = Moment { now: last, today: recorder.chain.local(last, None).day };
    let size = simulations::size(&tx, since, until).await?;
    let mut replay = Replay::new(&programme, against.as_ref());
    let assumed = assumed(&tx, simulation, &replay, size, end).await?;
    // Who wins and who loses is told of every segment, not only of those that rules name.
    let segments = segments::codes(tx.connection()).await?;
    let asked = replay.asked(end.today).and(AskedOfMembers { segments, ..AskedOfMembers::default() });
    let mut past = Past::new(recorder, &tx, asked).await?;
    replay = replay.with_grants(past.grants(&tx, until).await?);
    let order = order(&programme, against.as_ref());
    let (mut after, mut done) = (PastPlace::default(), 0);
    let mut open: Option<MemberId> = None;
    loop {
        note(recorder, simulation.id, done, size.total).await?;
        let page = simulations::past(&tx, order, (since, until), after, page(order)).await?;
        let Some(last) = page.last() else { break };
        after = last.place();
        past.learn(&tx, &page).await?;
        for row in page {
            let before = open.replace(row.member).filter(|before| *before != row.member);
            if let Some(before) = before.filter(|_| order == PastOrder::ByAccount) {
                replay.close(before, end).context("a sum")?;
            }
            past.replay(&mut replay, row)?;
            done += 1;
        }
    }
    let stated = rates::valid_on(tx.connection(), end.today).await?;
    tx.rollback().await?;
    let rates = stated.map(|stated| stated.rates);
    let figures = replay.finish(end, rates.as_ref()).map_err(|overflow| anyhow!(overflow))?;
    Ok(SimulationFigures { assumed, ..figures })
}

/// What cannot be known of the past, or is left out of it.
async fn assumed(
    tx: &Tx,
    simulation: &Simulation,
    replay: &Replay<'_>,
    size: Size,
    end: Moment,
) -> anyhow::Result<Vec<Assumed>> {
    let mut assumed = replay.asked(end.today).assumed_of_the_past();
    // An action that no rule is about when it happens is not recorded.
    let schedule = programmes::schedule(tx.connection()).await?;
    for version in schedule.live_during(simulation.since, simulation.until) {
        let live = programmes::load(tx.connection(), version).await?.context("a version that was live")?;
        let document = &live.programme.document;
        if replay.actions().any(|action| document.rules_about(action).next().is_none()) {
            assumed.push(Assumed::ActionsAsRecorded);
            break;
        }
    }
    assumed.extend(size.spent.then_some(Assumed::NothingSpent));
    assumed.extend(size.before.then_some(Assumed::NothingBefore));
    Ok(assumed)
}

async fn against(database: &Database, simulation: &Simulation) -> anyhow::Result<Option<Programme>> {
    let Some(version) = simulation.against else { return Ok(None) };
    let stored = programmes::load(database.connection(), version).await?;
    Ok(Some(stored.context("the version to compare with")?.programme))
}
