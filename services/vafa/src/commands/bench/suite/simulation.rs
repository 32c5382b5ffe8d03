//! How fast a programme is simulated, and in how much memory.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use kernel::Timestamp;

use super::Bench;
use crate::commands::bench::{
    claims::Simulated,
    documents,
    latency::real,
    processes::{cpu_seconds, memory_mib},
};

const CUSTOMERS: u32 = 20_000;
const STORES: u32 = 8;
/// The first basket: 1 January 2020.
const BEGINS: Timestamp = Timestamp::from_micros(1_577_836_800_000_000);
/// Between two baskets: points lapse within the shorter of two usual histories already.
const APART_MS: i64 = 150_000;
const LOOK: Duration = Duration::from_millis(5);

impl Bench {
    /// Two histories of the same customers, one four times as long as the other, under ten rules beside three.
    pub(super) fn measure_simulation(&mut self) -> anyhow::Result<()> {
        let folder = tempfile::Builder::new().prefix("vafa-bench-").tempdir()?;
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("ten-rules.json"), documents::ten_rules_of_stores().to_string())?;
        for baskets in [self.amounts.baskets / 4, self.amounts.baskets] {
            write_history(&place("history.csv"), baskets)?;
            let run = simulate(folder.path(), baskets)?;
            self.say(&format!(
                "simulation: {baskets} baskets, {:.0}/s, {:.2} s CPU, {:.0} MiB",
                run.per_second, run.cpu_s, run.memory_peak_mib
            ));
            self.findings.simulated.push(run);
        }
        Ok(())
    }
}

/// Baskets of customers who come in turns, at all hours, over as much time as they need.
fn write_history(file: &Path, baskets: u32) -> anyhow::Result<()> {
    let mut rows = BufWriter::new(File::create(file)?);
    writeln!(rows, "basket_id,customer_id,store_id,occurred_at,amount,items")?;
    for basket in 0..baskets {
        let occurred_at = BEGINS.plus_millis(i64::from(basket) * APART_MS);
        let (customer, store) = (basket.wrapping_mul(7_919) % CUSTOMERS, basket % STORES);
        let amount = 1_000_000 + basket.wrapping_mul(104_729) % 9_000_000;
        writeln!(rows, "{basket},{customer},{store},{occurred_at},{amount},3")?;
    }
    Ok(rows.flush()?)
}

/// Runs `vafa simulate` as a process of its own; its time is from start to end, with reading the file.
fn simulate(folder: &Path, baskets: u32) -> anyhow::Result<Simulated> {
    let mut command = Command::new(std::env::current_exe()?);
    command.current_dir(folder).args(["simulate", "--programme", "ten-rules.json"]);
    command.args(["--purchases", "history.csv", "--exponent", "0"]);
    let before = cpu_seconds(std::process::id());
    let begun = Instant::now();
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("starting vafa simulate")?;
    let mut memory_peak_mib = 0.0_f64;
    let ended = loop {
        memory_peak_mib = memory_peak_mib.max(memory_mib(child.id()).1);
        match child.try_wait()? {
            Some(ended) => break ended,
            None => std::thread::sleep(LOOK),
        }
    };
    let took = begun.elapsed().as_secs_f64();
    if !ended.success() {
        let said = child.wait_with_output()?;
        bail!("vafa simulate: {}", String::from_utf8_lossy(&said.stderr).trim());
    }
    // What this process waited for counts as its children's.
    let cpu_s = (cpu_seconds(std::process::id()) - before).max(0.0);
    // On one core: where it used more than one at a time, its CPU time counts.
    let per_second = real(baskets.into()) / took.max(cpu_s);
    Ok(Simulated { baskets, per_second, cpu_s, memory_peak_mib })
}
