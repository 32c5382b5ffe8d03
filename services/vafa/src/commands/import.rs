//! `vafa import`: data of the chain's past, through the public API, as tills would send it.
//!
//! Promises: memory does not grow with the file but for the maps of customers and stores; rows of one customer are
//! sent in the order of the file, those of others beside them; a return is recorded against purchases that the customer made before
//! it, or reported; whatever is refused is in the report with its line and a
//! reason; an import that was stopped goes on where it was, and one that is run again changes nothing. Absent on
//! purpose: any way around the API.

pub(super) mod amount;
mod back;
mod customers;
pub(super) mod matching;
pub(super) mod progress;
pub(super) mod rows;
pub(super) mod say;
mod session;
mod shops;
mod state;
mod summary;
mod tally;
mod till;

use std::path::PathBuf;

use kernel::{Currency, RegionCode};
use serde::{Deserialize, Serialize};

use super::{Outcome, door::Door};

/// What can be imported.
#[derive(clap::Subcommand)]
pub enum Import {
    /// Purchases, a row each: basket, customer, store, time, amount, items
    Purchases(Purchases),
    /// Returns, a row each: their own id, customer, store, time, amount below zero, items
    Returns(Returns),
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Purchases: amounts are not below zero.
    Purchases,
    /// Returns: amounts are below zero.
    Returns,
}

/// How purchases are imported.
#[derive(clap::Args)]
#[command(
    after_help = "Stores become branches `store-<id>` with a till `import`; customers become members with a test \
    phone under +999, which reaches nobody, and a made-up first name. A stopped import goes on where it was when it is \
    started again; a complete one that is run again changes nothing.\n\n\
    Exit codes: 0 every row is recorded, now or before; 1 rows were refused, see the report; 2 it did not get through."
)]
pub struct Purchases {
    #[command(flatten)]
    options: Options,
    /// Programme document (JSON) to publish first; the same as the live one changes nothing
    #[arg(long)]
    programme: Option<PathBuf>,
}

/// How returns are imported.
#[derive(clap::Args)]
#[command(
    after_help = "Import the purchases first. A row does not say what it is a return of, so each is matched with what the customer \
    bought before, as the platform knows it: the newest purchase that has so much left, else several, the newest first. \
    What is of no purchase is in the report with its reason, and what could be matched of it is recorded. Running it again changes \
    nothing, and finds more where earlier purchases have come meanwhile.\n\n\
    Exit codes: 0 every row is recorded, now or before; 1 something was refused or is of no known purchase, see the \
    report; 2 it did not get through."
)]
pub struct Returns {
    #[command(flatten)]
    options: Options,
}

/// What every import is told.
#[derive(clap::Args)]
struct Options {
    /// CSV file with a header, plain or .gz
    file: PathBuf,
    #[command(flatten)]
    door: Door,
    /// Region of the branches that are opened
    #[arg(long, default_value = "imported")]
    region: RegionCode,
    /// Currency of the amounts [default: that of the live programme]
    #[arg(long, value_parser = parse_currency)]
    currency: Option<Currency>,
    /// Decimal digits of the currency's smallest unit [default: as ISO 4217 has it]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=6))]
    exponent: Option<u8>,
    /// Rows on their way at a time
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// Where refused rows are listed [default: <FILE>.refused.csv in this folder]
    #[arg(long)]
    report: Option<PathBuf>,
    /// Begin with the first row even if an earlier run was stopped
    #[arg(long)]
    from_start: bool,
}

fn parse_currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|error| error.to_string())
}

/// Imports.
///
/// # Errors
/// When it did not get through: what cannot be read, reached or issued.
pub async fn run(what: Import) -> anyhow::Result<Outcome> {
    match what {
        Import::Purchases(Purchases { options, programme }) => {
            session::import(Kind::Purchases, options, programme.as_deref()).await
        }
        Import::Returns(Returns { options }) => session::import(Kind::Returns, options, None).await,
    }
}
