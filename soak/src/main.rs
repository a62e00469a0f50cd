//! The whole system under load: many tenants of one runtime call the component, against a simulator that harms a good
//! part of what they ask for, and everything that has to hold is checked as it goes.
//!
//! | what has to hold | where it is checked |
//! |---|---|
//! | every answer belongs to the tenant that asked | `owner`, `ledger` |
//! | every request carries its own tenant's key, and what may not be repeated is sent once | `audit` |
//! | every failure is one that its fault may cause, and nothing traps | `harm`, `errand` |
//! | sockets, tasks, memory and instances are given back | `limits`, `stage` |
//! | the connectors' counters add up | `tally` |
//!
//! `cargo xtask soak` builds the component and starts this.
#![forbid(unsafe_code)]

mod asking;
mod audit;
mod belongings;
mod call;
mod ending;
mod errand;
mod harm;
mod ledger;
mod limits;
mod owner;
mod process;
mod progress;
mod pulse;
mod report;
mod run;
mod stage;
mod tally;
mod tenant;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anstream::println;
use clap::Parser;

use run::{Length, Plan};

/// Where `cargo xtask build` puts the component, as a rule; `cargo xtask` says where it did.
const BUILT_COMPONENT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm32-wasip2/release/virustotal_hunting.wasm");

/// Runs many tenants through one runtime, with faults injected at random, and checks what has to hold.
///
/// Everything stays on this machine: the other side is a simulator inside this program.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask soak", version)]
struct Arguments {
    /// How many tenants: each has a key, a connector and an instance of its own.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    tenants: u64,

    /// How many calls each tenant makes.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    calls: u64,

    /// Runs for so long instead, whatever the number of calls.
    #[arg(long, value_name = "N", conflicts_with = "calls", value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,

    /// What the random choices follow from; chosen, and printed, when not given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How many calls may be under way at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1000))]
    concurrency: u64,

    /// The component to load; the one that `cargo xtask build` built when not given.
    #[arg(long, value_name = "FILE", overrides_with = "component", default_value = BUILT_COMPONENT)]
    component: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match soak(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(arguments: Arguments) -> anyhow::Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000_000));
    let plan = Plan {
        tenants: usize::try_from(arguments.tenants)?,
        length: match arguments.minutes {
            Some(minutes) => Length::Time(Duration::from_secs(minutes * 60)),
            None => Length::Calls(arguments.calls),
        },
        seed,
        concurrency: usize::try_from(arguments.concurrency)?,
    };
    // Both ends of a connection per tenant and per call under way, and room for everything else.
    process::allow_descriptors(2 * (arguments.tenants + arguments.concurrency) + 200)?;
    println!("{} tenants, seed {seed}, {} calls at once", plan.tenants, plan.concurrency);
    let component = arguments.component;
    let report = run::run(plan, &component).await?;
    report.print();
    Ok(report.holds())
}
