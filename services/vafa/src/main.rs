//! The command line of Vafa.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use vafa::commands::{self, Outcome, bench, demo, draw, import, keys, simulate, staff};

/// Vafa (وفا, loyalty): a loyalty platform for retail chains with many branches.
///
/// `vafa demo` shows it all in one process, with nothing installed. `vafa run` is the real thing: everything in one
/// process on SQLite, or the named services on PostgreSQL and NATS JetStream.
#[derive(Parser)]
#[command(
    name = "vafa",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 fine; 1 done, and something is not as it should be; 2 not done."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A sample chain, its purchases, and the API to play with
    Demo(demo::Options),
    /// Run all services in this process, or the named ones (gateway, membership, points, rewards, notifications, webhooks)
    Run {
        /// Services to run; none: all of them, in one process
        services: Vec<String>,
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Bring the databases' schemas up to date
    Migrate {
        /// Services whose databases are migrated; none: all
        services: Vec<String>,
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Recompute from the databases what the platform promises
    Verify {
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Look after the keys to what is sealed
    Keys {
        #[command(subcommand)]
        what: keys::Keys,
    },
    /// Bring in data of the chain's past
    Import {
        #[command(subcommand)]
        what: import::Import,
    },
    /// Look after the staff: the first administrator
    Staff {
        #[command(subcommand)]
        what: staff::Staff,
    },
    /// What a programme would have given for the purchases of a file
    Simulate(simulate::Options),
    /// Measure speed, beside pgbench in the same run
    Bench(bench::Options),
    /// Look after the facts on their way: dead letters, replay, refill
    Bus {
        #[command(subcommand)]
        what: BusCommand,
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG", global = true)]
        config: Option<PathBuf>,
    },
    /// Check what is published of a draw
    Draw {
        #[command(subcommand)]
        what: draw::Draw,
    },
    /// Print the description of the public API (OpenAPI 3.1)
    Openapi,
    /// Print the schemas of all facts that services tell each other
    Facts,
    /// Write the documents that are made from the code
    Docs {
        /// Where they are
        #[arg(default_value = "docs")]
        folder: PathBuf,
        /// Only say which are out of date
        #[arg(long)]
        check: bool,
    },
}

#[derive(Subcommand)]
enum BusCommand {
    /// List the facts that a service could not apply
    DeadLetters {
        /// The service
        service: String,
    },
    /// Apply a service's dead letters again
    Replay {
        /// The service
        service: String,
    },
    /// Publish everything that a service ever told again, into a stream that was lost
    Refill {
        /// The service
        service: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => return failed(&fault.into()),
    };
    match runtime.block_on(execute(cli.command)) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(fault) => failed(&fault),
    }
}

fn failed(fault: &anyhow::Error) -> ExitCode {
    eprintln!("vafa: {fault:#}");
    ExitCode::from(2)
}

async fn execute(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Demo(options) => demo::run(options).await,
        Command::Run { services, config } => commands::run::run(&services, config.as_deref()).await,
        Command::Migrate { services, config } => commands::migrate::run(&services, config.as_deref()).await,
        Command::Verify { config } => commands::verify::run(config.as_deref()).await,
        Command::Keys { what } => keys::run(what).await,
        Command::Import { what } => import::run(what).await,
        Command::Staff { what } => staff::run(what).await,
        Command::Simulate(options) => simulate::run(&options),
        Command::Bench(options) => bench::run(options).await,
        Command::Bus { what, config } => match what {
            BusCommand::DeadLetters { service } => {
                commands::bus::list_dead_letters(&service, config.as_deref()).await
            }
            BusCommand::Replay { service } => commands::bus::replay(&service, config.as_deref()).await,
            BusCommand::Refill { service } => commands::bus::refill(&service, config.as_deref()).await,
        },
        Command::Draw { what } => draw::run(what).await,
        Command::Openapi => commands::openapi::run(),
        Command::Facts => commands::facts::run(),
        Command::Docs { folder, check } => commands::docs::run(&folder, check),
    }
}
