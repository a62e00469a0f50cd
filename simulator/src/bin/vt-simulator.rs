//! `vt-simulator`: the simulator as a program, for demonstrations and for tests in other languages.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use virustotal_hunting_simulator::{Cursors, Faults, Options, Simulator};

/// A stand-in for VirusTotal's hunting API. It listens on 127.0.0.1 and never speaks to the outside.
#[derive(Debug, Parser)]
#[command(name = "vt-simulator", version)]
struct Arguments {
    /// Port for HTTP; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port for HTTPS; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    https_port: u16,
    /// API key to accept, 64 hexadecimal digits; a random one when not given. Give it again for more users.
    #[arg(long)]
    key: Vec<String>,
    /// How many samples the made-up corpus holds.
    #[arg(long, default_value_t = Options::default().samples)]
    samples: usize,
    /// Faults from the start: JSON, or a file that holds it.
    #[arg(long, value_name = "FILE|JSON")]
    faults: Option<String>,
    /// Let that many empty pages with a cursor come before every page but the first.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    empty_pages: usize,
    /// Let cursors mean the n-th entry, so that deletions and arrivals shift what comes next.
    #[arg(long)]
    offset_cursors: bool,
    /// Cut pages of that many entries, whatever limit says.
    #[arg(long, value_name = "ENTRIES")]
    ignores_limit: Option<usize>,
    /// Let every last page carry a cursor with nothing behind it.
    #[arg(long)]
    trailing_cursor: bool,
    /// Let the last cursor of a walk repeat for ever, with empty pages.
    #[arg(long)]
    repeats_cursor: bool,
    /// Let the clock follow real time; otherwise only POST /_simulator/clock/advance moves it.
    #[arg(long)]
    real_time: bool,
    /// Begin in the middle of a hunt: rulesets that have found things, jobs that have ended, a second user. The feed moves,
    /// the clock begins now, and jobs take seconds.
    #[arg(long)]
    seeded: bool,
    /// Let that many seconds pass with each request, so that the same requests always meet the same service.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, conflicts_with = "real_time")]
    seconds_per_request: u64,
    /// Write the certificate of the HTTPS port's authority to this file (PEM).
    #[arg(long, value_name = "FILE")]
    tls_ca_out: Option<PathBuf>,
    /// Print one line of JSON instead of text.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("vt-simulator: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let faults = match arguments.faults.as_deref() {
        None => Vec::new(),
        Some(text) if text.trim_start().starts_with(['{', '[']) => Faults::parse(text)?,
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
            Faults::parse(&text)?
        }
    };
    let mut keys = arguments.key.into_iter();
    let options = Options {
        http_port: arguments.port,
        https_port: arguments.https_port,
        key: keys.next(),
        additional_keys: keys.collect(),
        samples: arguments.samples,
        empty_pages: arguments.empty_pages > 0,
        empty_pages_in_a_row: arguments.empty_pages,
        cursors: if arguments.offset_cursors { Cursors::Offset } else { Cursors::AfterEntry },
        ignores_limit: arguments.ignores_limit,
        trailing_cursor: arguments.trailing_cursor,
        repeats_cursor: arguments.repeats_cursor,
        start_time: if arguments.real_time || arguments.seeded { real_now() } else { Options::default().start_time },
        real_time: arguments.real_time,
        seconds_per_request: arguments.seconds_per_request,
        control: true,
        ..if arguments.seeded { seeded() } else { Options::default() }
    };
    let simulator = Simulator::start_blocking(options).map_err(|error| error.to_string())?;
    faults.into_iter().for_each(|fault| simulator.faults().add(fault));
    if let Some(path) = &arguments.tls_ca_out {
        let written = std::fs::write(path, simulator.ca_pem());
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }

    let (http, https, key) = (simulator.http_url(), simulator.https_url(), simulator.key());
    if arguments.json {
        println!(
            "{}",
            json!({
                "http": http, "https": https, "key": key, "control": format!("{http}/_simulator/"),
                "users": simulator.users().iter().map(|(user, key)| json!({"user": user, "key": key})).collect::<Vec<_>>(),
            })
        );
    } else {
        println!(
            "HTTP     {http}\nHTTPS    {https}\nAPI key  {key}\nControl  {http}/_simulator/state\nCtrl-C stops it."
        );
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(tokio::signal::ctrl_c()).map_err(|error| error.to_string())
}

/// What is quick enough for somebody who tries things out.
fn seeded() -> Options {
    Options {
        seeded: true,
        feed_seconds: Some(5),
        retrohunt_transition_seconds: 0,
        retrohunt_main_seconds: 12,
        retrohunt_goodware_seconds: 4,
        ..Options::default()
    }
}

fn real_now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(Options::default().start_time, |elapsed| elapsed.as_secs())
}
