//! One run of load with every meter around it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Lines, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use testkit::servers::Postgres;

use super::{
    drive::{LoadPlan, LoadResult, MEASURED, MEASURING},
    latency::real,
    metrics::Scrape,
    mix::Mix,
    pace::Pace,
    processes::{cores, cpu_seconds, machine_cpu_seconds},
    stage::{CpuUse, Shape, Stage},
};

/// What one run showed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// The platform's shape.
    pub shape: Shape,
    /// What was asked for.
    pub mix: Mix,
    /// How requests followed each other.
    pub pace: Pace,
    /// How many clients.
    pub clients: u32,
    /// Lines on each receipt.
    pub lines: u32,
    /// What the clients saw.
    pub load: LoadResult,
    /// Purchases that shared a commit; mean, half, most.
    pub batch: Batch,
    /// Microseconds of CPU a request, by process; `load` is the generator's own.
    pub cpu_us_per_request: BTreeMap<String, f64>,
    /// Cores that the processes above kept busy together.
    pub cores_ours: f64,
    /// Cores that everything else on the machine kept busy; where this is not near zero, the figures are too low.
    pub cores_others: f64,
    /// Bytes of PostgreSQL's log a request.
    pub wal_bytes_per_request: Option<f64>,
    /// From the recording of a purchase's facts to the commit of their effect in another service.
    pub fact_delay: Option<FactDelay>,
    /// Lots a second that the job wrote off meanwhile.
    pub written_off_per_second: f64,
    /// Most memory that the platform's processes had so far, in MiB.
    pub memory_peak_mib: f64,
}

/// Sizes of commits.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    /// Mean.
    pub mean: f64,
    /// Half were smaller.
    pub p50: f64,
    /// 99 of 100 were smaller.
    pub p99: f64,
    /// Commits a second.
    pub per_second: f64,
}

/// How long facts took to their last listener.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct FactDelay {
    /// Half were faster.
    pub p50_ms: f64,
    /// 99 of 100 were faster.
    pub p99_ms: f64,
    /// Parcels that were still waiting at the end.
    pub waiting: f64,
}

/// The consumer by which facts are timed: the last one that hears of a purchase.
const LISTENER: &str = "consumer=\"membership";

struct Snapshot {
    cpu: CpuUse,
    machine: f64,
    wal: Option<f64>,
    scrape: Scrape,
}

/// Runs the load in a process of its own and takes all figures over exactly its measured time.
///
/// # Errors
/// When the load generator fails, or a process or server does not answer.
pub async fn measure(stage: &Stage, postgres: &Postgres, plan: &LoadPlan) -> anyhow::Result<Measured> {
    let postgres = Some(postgres).filter(|_| stage.shape() != Shape::Embedded);
    let mut generator = Generator::start(plan)?;
    generator.wait_for(MEASURING)?;
    let before = generator.snapshot(stage, postgres).await?;
    generator.wait_for(MEASURED)?;
    let after = generator.snapshot(stage, postgres).await?;
    let load = generator.result()?;
    Ok(figures(stage, plan, load, &before, &after))
}

fn figures(
    stage: &Stage,
    plan: &LoadPlan,
    load: LoadResult,
    before: &Snapshot,
    after: &Snapshot,
) -> Measured {
    let answered = real(load.fine + load.refused.values().sum::<u64>()).max(1.0);
    let seconds = plan.duration.as_secs_f64();
    let used: Vec<(String, f64)> =
        after.cpu.iter().zip(&before.cpu).map(|((name, a), (_, b))| (name.clone(), a - b)).collect();
    let ours: f64 = used.iter().map(|(_, seconds)| seconds).sum();
    let all = after.machine - before.machine;
    let sizes = after.scrape.since(&before.scrape, "vafa_points_commit_batch_size", "");
    let delays = after.scrape.since(&before.scrape, "vafa_consumer_delay_seconds", LISTENER);
    Measured {
        shape: stage.shape(),
        mix: plan.material.mix,
        pace: plan.pace,
        clients: plan.clients,
        lines: plan.material.lines,
        batch: Batch {
            mean: sizes.mean(),
            p50: sizes.quantile(0.5),
            p99: sizes.quantile(0.99),
            per_second: sizes.count() / seconds,
        },
        cpu_us_per_request: used.into_iter().map(|(name, s)| (name, s * 1e6 / answered)).collect(),
        cores_ours: ours / seconds,
        cores_others: ((all - ours) / seconds).clamp(0.0, cores()),
        wal_bytes_per_request: after.wal.zip(before.wal).map(|(a, b)| (a - b) / answered),
        fact_delay: (delays.count() > 0.0).then(|| FactDelay {
            p50_ms: delays.quantile(0.5) * 1000.0,
            p99_ms: delays.quantile(0.99) * 1000.0,
            waiting: after.scrape.most("vafa_consumer_pending"),
        }),
        written_off_per_second: {
            let lots = |snapshot: &Snapshot| snapshot.scrape.total("vafa_points_settled_lots_total");
            (lots(after) - lots(before)) / seconds
        },
        memory_peak_mib: stage.memory().1,
        load,
    }
}

struct Generator {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Generator {
    fn start(plan: &LoadPlan) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "--drive"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("starting the load generator")?;
        let mut input = child.stdin.take().context("the load generator has no input")?;
        input.write_all(serde_json::to_string(plan)?.as_bytes())?;
        drop(input);
        let output = child.stdout.take().context("the load generator has no output")?;
        Ok(Self { child, lines: BufReader::new(output).lines() })
    }

    /// Reads on until the line is `word`.
    fn wait_for(&mut self, word: &str) -> anyhow::Result<()> {
        match self.lines.next() {
            Some(line) if line.as_ref().is_ok_and(|line| line == word) => Ok(()),
            Some(line) => bail!("the load generator said {:?} instead of {word:?}", line?),
            None => bail!("the load generator ended before {word:?}"),
        }
    }

    fn result(mut self) -> anyhow::Result<LoadResult> {
        let line = self.lines.next().context("the load generator ended without a result")??;
        self.child.wait()?;
        Ok(serde_json::from_str(&line)?)
    }

    /// The cheap figures first, so that taking the others is not in them.
    async fn snapshot(&self, stage: &Stage, postgres: Option<&Postgres>) -> anyhow::Result<Snapshot> {
        let machine = machine_cpu_seconds();
        let mut cpu = stage.cpu();
        cpu.push(("load".to_owned(), cpu_seconds(self.child.id())));
        let wal = postgres.map(log_position).transpose()?;
        Ok(Snapshot { cpu, machine, wal, scrape: stage.scrape().await? })
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It ends with a failed bench; whether it can be told so does not matter any more.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Bytes that PostgreSQL has ever written to its log.
fn log_position(postgres: &Postgres) -> anyhow::Result<f64> {
    let text = postgres.sql("postgres", "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")?;
    text.trim().parse().with_context(|| format!("a position in the log: {text}"))
}

/// How a run is called in progress lines and tables.
#[must_use]
pub fn title(shape: Shape, mix: Mix, pace: Pace) -> String {
    let pace = match pace {
        Pace::Closed => "maximum".to_owned(),
        Pace::Open(rate) => format!("{rate:.0}/s"),
    };
    format!("{} {} {pace}", shape.name(), mix.name())
}

/// Sizes of a run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sizes {
    /// Members of the chain.
    pub members: usize,
    /// Tills with a key of their own.
    pub tills: u32,
    /// Connections of the load generator.
    pub clients: u32,
    /// Before anything counts.
    pub warm_up: Duration,
    /// What counts.
    pub duration: Duration,
    /// Lines on each receipt.
    pub lines: u32,
}
