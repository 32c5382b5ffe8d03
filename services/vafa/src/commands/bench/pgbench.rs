//! The yardstick: `pgbench -N -M prepared -c 16` on the very server that the platform uses.

use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Serialize;
use testkit::servers::Postgres;

use super::processes::{cpu_seconds, family_cpu_seconds};

const CLIENTS: &str = "16";

/// One run of pgbench.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Yardstick {
    /// Transactions a second.
    pub tps: f64,
    /// Microseconds of CPU a transaction, of the server and of pgbench together: tells how fast the machine would be
    /// with nothing else to do, when it has.
    pub cpu_us: f64,
}

/// Makes pgbench's tables in a database of their own, a scale as large as the number of its clients.
///
/// # Errors
/// When pgbench is not beside PostgreSQL's programs, or fails.
pub fn prepare(postgres: &Postgres) -> anyhow::Result<()> {
    postgres.database("yardstick")?;
    call(postgres, &["-i", "-q", "-s", CLIENTS])?;
    Ok(())
}

/// Measures over so many seconds.
///
/// # Errors
/// As for [`prepare`].
pub fn measure(postgres: &Postgres, seconds: u32) -> anyhow::Result<Yardstick> {
    // What this process waited for counts as its children's, so that pgbench itself is in.
    let used = || cpu_seconds(std::process::id()) + postgres.pid().map_or(0.0, family_cpu_seconds);
    let before = used();
    let printed = call(postgres, &["-N", "-M", "prepared", "-c", CLIENTS, "-n", "-T", &seconds.to_string()])?;
    let tps = read_tps(&printed).with_context(|| format!("pgbench printed no rate:\n{printed}"))?;
    Ok(Yardstick { tps, cpu_us: (used() - before) * 1e6 / (tps * f64::from(seconds)).max(1.0) })
}

fn call(postgres: &Postgres, arguments: &[&str]) -> anyhow::Result<String> {
    let port = postgres.port().to_string();
    let mut command = Command::new(postgres.program("pgbench"));
    command.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres"]).args(arguments).arg("yardstick");
    let output = command.output().context("pgbench is needed beside PostgreSQL's other programs")?;
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads `tps = 6512.345678 (without initial connection time)`.
fn read_tps(printed: &str) -> Option<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::read_tps;

    #[test]
    fn the_rate_is_read() {
        let printed = "number of transactions actually processed: 60\n\
            latency average = 2.4 ms\ntps = 6512.345678 (without initial connection time)\n";
        assert_eq!(read_tps(printed), Some(6_512.345_678));
        assert_eq!(read_tps("pgbench: error"), None);
    }
}
