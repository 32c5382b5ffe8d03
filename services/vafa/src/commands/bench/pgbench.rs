//! The yardstick: `pgbench -N -M prepared -c 16` on the very server that the platform uses.

use std::process::Command;

use anyhow::{Context as _, bail};
use testkit::servers::Postgres;

const CLIENTS: &str = "16";

/// Makes pgbench's tables in a database of their own, a scale as large as the number of its clients.
///
/// # Errors
/// When pgbench is not beside PostgreSQL's programs, or fails.
pub fn prepare(postgres: &Postgres) -> anyhow::Result<()> {
    postgres.database("yardstick")?;
    call(postgres, &["-i", "-q", "-s", CLIENTS])?;
    Ok(())
}

/// Transactions a second over so many seconds.
///
/// # Errors
/// As for [`prepare`].
pub fn measure(postgres: &Postgres, seconds: u64) -> anyhow::Result<f64> {
    let printed = call(postgres, &["-N", "-M", "prepared", "-c", CLIENTS, "-n", "-T", &seconds.to_string()])?;
    read_tps(&printed).with_context(|| format!("pgbench printed no rate:\n{printed}"))
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
