//! `vafa bench`: how fast the platform is, beside pgbench on the same server in the same run.
//!
//! The load generator is open-loop and corrects for coordinated omission ([`pace`]); the platform, the generator and the
//! servers are processes of their own, so that the memory and CPU of each are known. A closed loop finds the maximum;
//! the latencies that count are those at half of it.

mod chance;
mod claims;
mod documents;
mod drive;
mod latency;
mod measure;
mod metrics;
mod mix;
mod pace;
mod pgbench;
mod prepare;
mod processes;
mod report;
mod requests;
mod seed;
mod signing;
mod stage;
mod suite;
mod wire;

use std::{path::PathBuf, time::Duration};

use measure::Sizes;
use mix::Mix;
use stage::Shape;

use super::Outcome;

/// What is measured, and how large.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Options {
    /// Measure every row of the platform's table, one after the other (minutes)
    #[arg(long, conflicts_with_all = ["mix", "shape", "rate"])]
    suite: bool,
    /// What the clients ask for
    #[arg(long, value_enum, default_value = "earn")]
    mix: Mix,
    /// How the platform is put together
    #[arg(long, value_enum, default_value = "one")]
    shape: Shape,
    /// Requests a second by the clock (open loop); or the maximum (closed loop), and then half of it by the clock
    #[arg(long, value_name = "N|max", default_value = "max", value_parser = read_rate)]
    rate: Rate,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    clients: u32,
    /// Members of the chain
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=9_999_999))]
    members: u32,
    /// Tills with a key of their own
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    tills: u32,
    /// Lines on each receipt
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=500))]
    lines: u32,
    /// Lots that are to be written off in the mix `expiry` [default: 200000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_999_999))]
    lots: Option<u32>,
    /// Members of the chain that has grown, in the mix `grown` [default: 500000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    grown_members: Option<u32>,
    /// Entries in the ledger of those members, shared evenly [default: 5 for each]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    entries: Option<u32>,
    /// Baskets of the longer of two histories in the mix `simulation`; the other has a quarter of them [default: 1000000]
    #[arg(long, value_parser = clap::value_parser!(u32).range(4..))]
    baskets: Option<u32>,
    /// The sizes of the platform's table: 5,000,000 lots, 10,000,000 members with 50,000,000 entries (an hour, 30 GB)
    #[arg(long)]
    full: bool,
    /// Seconds that are measured
    #[arg(long, value_name = "S", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..))]
    duration: u64,
    /// Seconds before that
    #[arg(long, value_name = "S", default_value_t = 4)]
    warm_up: u64,
    /// A setting of the platform that is measured, such as `points.lanes=1`; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = read_pair)]
    settings: Vec<(String, String)>,
    /// A setting of the PostgreSQL server, such as `shared_buffers=1GB`; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = read_pair)]
    postgres: Vec<(String, String)>,
    /// Small sizes that show in seconds that everything works; its figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Also write the findings as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Be the load generator: the plan comes on standard input
    #[arg(long, hide = true)]
    drive: bool,
}

/// How many requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rate {
    Max,
    Fixed(f64),
}

fn read_rate(text: &str) -> Result<Rate, String> {
    if text == "max" {
        return Ok(Rate::Max);
    }
    match text.parse::<f64>() {
        Ok(rate) if (1.0..=1e7).contains(&rate) => Ok(Rate::Fixed(rate)),
        _ => Err("a number of requests a second, or max".to_owned()),
    }
}

fn read_pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "a name, =, a value".to_owned())
}

impl Options {
    fn sizes(&self) -> Sizes {
        let seconds = Duration::from_secs;
        if self.quick {
            let (warm_up, duration) = (seconds(1), seconds(2));
            return Sizes { members: 200, tills: 8, clients: 32, warm_up, duration, lines: self.lines };
        }
        Sizes {
            members: self.members as usize,
            tills: self.tills,
            clients: self.clients,
            warm_up: seconds(self.warm_up),
            duration: seconds(self.duration),
            lines: self.lines,
        }
    }
}

/// How much there is of what is large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
struct Amounts {
    /// Lots that are to be written off.
    lots: u32,
    /// Members of the chain that has grown.
    grown_members: u32,
    /// Entries in their ledger.
    entries: u32,
    /// Baskets of the longer of two histories.
    baskets: u32,
}

impl Options {
    fn amounts(&self) -> Amounts {
        let usual = match (self.quick, self.full) {
            (true, _) => Amounts { lots: 2_000, grown_members: 1_000, entries: 5_000, baskets: 8_000 },
            (_, true) => Amounts {
                lots: 5_000_000,
                grown_members: 10_000_000,
                entries: 50_000_000,
                baskets: 4_000_000,
            },
            _ => Amounts { lots: 200_000, grown_members: 500_000, entries: 2_500_000, baskets: 1_000_000 },
        };
        let grown_members = self.grown_members.unwrap_or(usual.grown_members);
        Amounts {
            lots: self.lots.unwrap_or(usual.lots),
            grown_members,
            entries: self.entries.unwrap_or(grown_members.saturating_mul(5)),
            baskets: self.baskets.unwrap_or(usual.baskets),
        }
    }
}

/// Measures, prints the table, writes the JSON.
///
/// # Errors
/// A server or process that does not start, a platform that does not answer.
pub async fn run(options: Options) -> anyhow::Result<Outcome> {
    if options.drive {
        drive::drive()?;
        return Ok(Outcome::Fine);
    }
    suite::run(&options).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_a_name_and_a_value() {
        assert_eq!(read_pair("points.lanes=1"), Ok(("points.lanes".to_owned(), "1".to_owned())));
        assert_eq!(read_pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(read_pair("points.lanes").is_err() && read_pair("=1").is_err());
    }

    #[test]
    fn a_rate_is_a_number_or_the_maximum() {
        assert_eq!(read_rate("max"), Ok(Rate::Max));
        assert_eq!(read_rate("2500"), Ok(Rate::Fixed(2500.0)));
        assert!(read_rate("fast").is_err() && read_rate("0").is_err() && read_rate("-3").is_err());
    }
}
