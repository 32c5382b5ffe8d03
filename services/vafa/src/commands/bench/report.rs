//! The findings as a table for people and as JSON for programs.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use serde::Serialize;

use super::{
    Amounts,
    claims::{Claim, Findings, Target, WrittenOff},
    measure::{Measured, Sizes, title},
    processes::Machine,
};

/// Beyond this many busy cores of others, the figures are marked.
const NOISE: f64 = 0.1;

/// Everything about a bench.
#[derive(Serialize)]
pub struct Report<'a> {
    /// Version of the platform.
    pub version: &'static str,
    /// Whether the program was built for speed.
    pub release_build: bool,
    /// What it ran on.
    pub machine: &'a Machine,
    /// What is not at its default in the PostgreSQL server.
    pub postgres_settings: &'a [(String, String)],
    /// What is not at its default in the platform.
    pub platform_settings: &'a [(String, String)],
    /// How large it was.
    pub sizes: Sizes,
    /// How much there was of what is large.
    pub amounts: Amounts,
    /// Whether the sizes are those that count.
    pub quick: bool,
    /// What was found.
    pub findings: &'a Findings,
    /// What was to be reached.
    pub claims: &'a [Claim],
}

impl Report<'_> {
    /// Writes the JSON.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, file: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(file, text + "\n").with_context(|| file.display().to_string())
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::new();
        let machine = self.machine;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{} × {}, {:.0} GiB, Linux {}, load before {}; {} members, {} tills, {} clients",
            machine.cores,
            machine.processor,
            machine.memory_gib,
            machine.kernel,
            machine.load_before,
            self.sizes.members,
            self.sizes.tills,
            self.sizes.clients
        );
        let yardsticks = self.findings.pgbench.iter();
        let rates: Vec<String> =
            yardsticks.map(|run| format!("{:.0} ({:.0} µs)", run.tps, run.cpu_us)).collect();
        if let Some(median) = self.findings.yardstick() {
            let _ = writeln!(
                out,
                "pgbench -N -M prepared -c 16: {} tps (CPU each), median {median:.0}\n",
                rates.join(", ")
            );
        }
        out.push_str(&runs(&self.findings.runs));
        out.push('\n');
        out.push_str(&verdicts(self.claims));
        for warning in self.warnings() {
            let _ = writeln!(out, "\nNote: {warning}");
        }
        out
    }

    fn warnings(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.quick {
            all.push("--quick shows that everything works; its figures mean nothing.".to_owned());
        }
        if !self.release_build {
            all.push("this is not a release build; its figures mean nothing.".to_owned());
        }
        if let Some(WrittenOff { of, left: 0 }) = self.findings.written_off {
            all.push(format!(
                "all {of} lots were written off before the time was over: more lots show more."
            ));
        }
        let noise = self.findings.runs.iter().map(|run| run.cores_others).fold(0.0, f64::max);
        if noise > NOISE {
            all.push(format!("others kept up to {noise:.1} cores busy meanwhile."));
        }
        all
    }
}

fn runs(runs: &[Measured]) -> String {
    let mut out = format!(
        "{:<26} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6}  {}\n",
        "run",
        "req/s",
        "p50 ms",
        "p90",
        "p99",
        "p99.9",
        "max",
        "errors",
        "batch",
        "WAL B",
        "MiB",
        "others",
        "CPU µs/request"
    );
    for run in runs {
        let latency = &run.load.latency;
        let cpu: Vec<String> =
            run.cpu_us_per_request.iter().map(|(name, us)| format!("{name} {us:.0}")).collect();
        let wal = run.wal_bytes_per_request.map_or("-".to_owned(), |bytes| format!("{bytes:.0}"));
        let _ = writeln!(
            out,
            "{:<26} {:>8.0} {:>7.1} {:>7.1} {:>7.1} {:>7.1} {:>7.1} {:>6} {:>6.0} {:>6} {:>6.0} {:>6.1}  {}",
            title(run.shape, run.mix, run.pace),
            run.load.per_second,
            latency.p50_ms,
            latency.p90_ms,
            latency.p99_ms,
            latency.p99_9_ms,
            latency.max_ms,
            run.load.errors(),
            run.batch.mean,
            wal,
            run.memory_peak_mib,
            run.cores_others,
            cpu.join(", ")
        );
        if let Some(delay) = run.fact_delay {
            let _ = writeln!(
                out,
                "{:<26} facts consumed after p50 {:.0} ms, p99 {:.0} ms; {:.0} waiting at the end",
                "", delay.p50_ms, delay.p99_ms, delay.waiting
            );
        }
    }
    out
}

fn verdicts(claims: &[Claim]) -> String {
    let mut out = format!("{:<50} {:>10} {:>12}\n", "figure", "measured", "target");
    for claim in claims {
        let target = match claim.target {
            Target::AtLeast(least) => format!("≥ {least} {}", claim.unit),
            Target::AtMost(most) => format!("≤ {most} {}", claim.unit),
        };
        let by_cpu = claim.by_cpu.map_or(String::new(), |ratio| format!("  (by CPU time {ratio:.2})"));
        let word = if claim.reached { "reached" } else { "MISSED" };
        let _ = writeln!(out, "{:<50} {:>10.2} {target:>12}  {word}{by_cpu}", claim.about, claim.measured);
    }
    out
}
