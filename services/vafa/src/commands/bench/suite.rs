//! What is measured in which order: the yardstick before, between and after everything else.

mod expiry;
mod grown;
mod guard;
mod redeem;
mod simulation;

use std::time::{Duration, Instant};

use kernel::Clock as _;
use runtime::SystemClock;
use testkit::servers::Postgres;

use super::{
    Amounts, Options, Rate,
    claims::Findings,
    documents,
    drive::LoadPlan,
    measure::{self, Sizes, measure},
    mix::Mix,
    pace::Pace,
    pgbench,
    prepare::{self, Chain},
    processes::Machine,
    report::Report,
    requests::Material,
    stage::{Shape, Stage},
};
use crate::commands::Outcome;

/// As a small server would be set up; the same for the platform and for pgbench. Durability is at its defaults: on.
const POSTGRES_SETTINGS: [(&str, &str); 2] = [("shared_buffers", "256MB"), ("max_wal_size", "4GB")];

/// How long a started platform is left alone before its idle memory is read.
const REST: Duration = Duration::from_secs(2);

/// Measures what the options ask for.
///
/// # Errors
/// A server or process that does not start, a platform that does not answer.
pub async fn run(options: &Options) -> anyhow::Result<Outcome> {
    let machine = Machine::look();
    let mut bench = Bench::start(options)?;
    bench.yardstick()?;
    let everything: &[(Shape, &[Mix])] = &[
        (Shape::One, &[Mix::Earn, Mix::Hot, Mix::Read, Mix::Till, Mix::Visit, Mix::Transfer, Mix::Rules]),
        (Shape::Split, &[Mix::Earn, Mix::Rules]),
        (Shape::Split, &[Mix::Redeem]),
        (Shape::Embedded, &[Mix::Earn]),
        (Shape::One, &[Mix::Expiry]),
        (Shape::One, &[Mix::Grown]),
        (Shape::One, &[Mix::Guarded]),
        (Shape::One, &[Mix::Simulation]),
    ];
    let asked = [(options.shape, std::slice::from_ref(&options.mix))];
    for (shape, mixes) in if options.suite { everything } else { asked.as_slice() } {
        match mixes {
            [Mix::Simulation] => bench.measure_simulation()?,
            [Mix::Guarded] => bench.measure_guard().await?,
            [Mix::Expiry] => bench.measure_expiry().await?,
            [Mix::Grown] => bench.measure_grown().await?,
            [Mix::Redeem] => bench.measure_redeem(*shape).await?,
            _ => bench.measure_shape(*shape, mixes, options.rate).await?,
        }
        bench.yardstick()?;
    }
    let claims = bench.findings.claims();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        release_build: !cfg!(debug_assertions),
        machine: &machine,
        postgres_settings: &bench.postgres_settings,
        platform_settings: &options.settings,
        sizes: bench.sizes,
        amounts: bench.amounts,
        quick: options.quick,
        findings: &bench.findings,
        claims: &claims,
    };
    println!("\n{}", report.table());
    if let Some(file) = &options.json {
        report.write(file)?;
        println!("JSON in {}", file.display());
    }
    let counts = !options.quick && report.release_build;
    let missed = counts && claims.iter().any(|claim| !claim.reached);
    Ok(if missed { Outcome::Found } else { Outcome::Fine })
}

struct Bench {
    postgres: Postgres,
    postgres_settings: Vec<(String, String)>,
    settings: Vec<(String, String)>,
    sizes: Sizes,
    amounts: Amounts,
    yardstick_s: u32,
    findings: Findings,
    begun: Instant,
    runs: u32,
}

impl Bench {
    fn start(options: &Options) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let fixed = POSTGRES_SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let postgres_settings: Vec<_> = fixed.chain(options.postgres.iter().cloned()).collect();
        let durable = Postgres::builder().durable();
        let builder = postgres_settings.iter().fold(durable, |all, (name, value)| all.setting(name, value));
        let postgres = builder.start()?;
        pgbench::prepare(&postgres)?;
        let yardstick_s = if options.quick { 1 } else { 10 };
        let bench = Self {
            postgres,
            postgres_settings,
            settings: options.settings.clone(),
            sizes: options.sizes(),
            amounts: options.amounts(),
            yardstick_s,
            findings: Findings::default(),
            begun,
            runs: 0,
        };
        bench.say("PostgreSQL is up, durable");
        Ok(bench)
    }

    fn say(&self, what: &str) {
        eprintln!("[{:>4} s] {what}", self.begun.elapsed().as_secs());
    }

    /// Everybody begins with an empty list of dirty pages; what was written before is nobody's burden.
    fn checkpoint(&self) -> anyhow::Result<()> {
        self.postgres.sql("postgres", "CHECKPOINT").map(|_| ())
    }

    fn yardstick(&mut self) -> anyhow::Result<()> {
        self.checkpoint()?;
        let run = pgbench::measure(&self.postgres, self.yardstick_s)?;
        self.say(&format!("pgbench: {:.0} tps, {:.0} µs CPU each", run.tps, run.cpu_us));
        self.findings.pgbench.push(run);
        Ok(())
    }

    async fn measure_shape(&mut self, shape: Shape, mixes: &[Mix], rate: Rate) -> anyhow::Result<()> {
        self.say(&format!("starting the platform: {}", shape.name()));
        let mut stage = Stage::open(shape, &self.postgres, &self.settings).await?;
        let chain = prepare::prepare(&stage, self.sizes.tills, self.sizes.members).await?;
        self.say(&format!("{} members have joined", chain.members.len()));
        for mix in mixes {
            self.set_up(&stage, &chain, *mix).await?;
            match rate {
                Rate::Fixed(rate) => {
                    self.load(&stage, &chain, *mix, Pace::Open(rate)).await?;
                }
                Rate::Max => {
                    if *mix == Mix::Earn {
                        self.at_most_and_at_half(&stage, &chain, *mix, None).await?;
                    } else {
                        self.load(&stage, &chain, *mix, Pace::Closed).await?;
                    }
                }
            }
        }
        let took = stage.restart().await?;
        tokio::time::sleep(REST).await;
        let idle = stage.memory().0;
        self.say(&format!("ready {} ms after a start on this data; {idle:.0} MiB idle", took.as_millis()));
        self.findings.start_s.push((shape, took.as_secs_f64()));
        self.findings.idle_mib.push((shape, idle));
        Ok(())
    }

    /// What a mix needs besides the chain itself.
    async fn set_up(&self, stage: &Stage, chain: &Chain, mix: Mix) -> anyhow::Result<()> {
        match mix {
            Mix::Till | Mix::Visit | Mix::Transfer => prepare::give_points(stage, &chain.members).await,
            Mix::Rules => prepare::publish(stage, &documents::ten_rules()).await,
            _ => Ok(()),
        }
    }

    async fn load(&mut self, stage: &Stage, chain: &Chain, mix: Mix, pace: Pace) -> anyhow::Result<f64> {
        prepare::quiet(stage).await?;
        self.checkpoint()?;
        self.runs += 1;
        let plan = LoadPlan {
            address: stage.address(),
            clients: self.sizes.clients,
            pace,
            warm_up: self.sizes.warm_up,
            duration: self.sizes.duration,
            material: Material {
                mix,
                keys: chain.keys.clone(),
                operator_key: stage.operator_key().to_owned(),
                population: chain.population,
                customers: if mix == Mix::Grown { self.sizes.members } else { chain.population },
                members: if mix.names_ids() { chain.members.clone() } else { Vec::new() },
                run: format!("b{:03}", self.runs % 1000),
                occurred_at: SystemClock.now().to_string(),
                lines: self.sizes.lines,
            },
        };
        let measured = measure(stage, &self.postgres, &plan).await?;
        self.say(&format!(
            "{}: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms, errors {}",
            measure::title(stage.shape(), mix, pace),
            measured.load.per_second,
            measured.load.latency.p50_ms,
            measured.load.latency.p99_ms,
            measured.load.errors()
        ));
        let reached = measured.load.per_second;
        self.findings.runs.push(measured);
        Ok(reached)
    }
}
