//! A hunt from the first rule to the last match, told step by step: every action of the component, called through the
//! sandbox, with what was sent and what came back. Each step is checked, and the exit code says whether all held.
//!
//! `cargo xtask demo` builds the component and starts this.
#![forbid(unsafe_code)]

mod actions;
mod report;
mod service;
mod steps;
mod story;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use service::Service;
use steps::clean_up::clean_up;
use story::Story;

/// Where `cargo xtask build` puts the component, as a rule; `cargo xtask` says where it did.
const BUILT_COMPONENT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm32-wasip2/release/virustotal_hunting.wasm");

/// Tells a hunt step by step through the sandboxed component: every action, what was sent and what came back.
///
/// Without --url the story plays against a simulator inside this program: no key, no network. It then also shows what is
/// beyond the twelve actions: rules checked before they are uploaded, a ruleset changed in one place, the stream read to its
/// end in one call and followed through a crash, a burst and a clock that steps back, quotas looked at before they are
/// spent, a create whose answer got lost found again, a deletion without confirmation and a change without permission
/// refused.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask demo", version)]
struct Arguments {
    /// The component to load; the one that `cargo xtask build` built when not given.
    #[arg(long, value_name = "FILE", overrides_with = "component", default_value = BUILT_COMPONENT)]
    component: PathBuf,

    /// Plays against this service instead, for instance https://www.virustotal.com, with the key in VT_APIKEY. Reads only.
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// With --url: also creates, aborts and deletes. Costs two retrohunt jobs of the monthly quota; the ruleset stays switched
    /// off and is deleted at the end.
    #[arg(long, requires = "url")]
    write: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {}", report::plain(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let (service, settings) = match &arguments.url {
        Some(url) => Service::real(url, arguments.write)?,
        None => Service::simulated().await?,
    };
    let component = arguments.component;
    let url = settings.url.clone();
    let start = Instant::now();
    let mut story = Story::new(&component, service, settings)?;
    let loaded = start.elapsed();
    story.report.title(
        "A hunt, told by the twelve actions and what is beyond them, through one sandboxed component",
        &[
            (
                "loaded",
                format!(
                    "{}, {} bytes, in {:.0} ms",
                    shown(&component),
                    size(&component)?,
                    loaded.as_secs_f64() * 1000.0
                ),
            ),
            ("against", against(&story.service, &url)),
        ],
    );

    let interrupted = tokio::select! {
        () = story.play() => false,
        signal = tokio::signal::ctrl_c() => { signal.context("cannot listen for an interrupt")?; true }
    };
    let clean = clean_up(&mut story).await;
    let good = story.report.summary();
    ensure!(
        clean,
        "something that the story created is left at the service; the lines above say what, and how to remove it"
    );
    ensure!(!interrupted, "interrupted; the table shows how far the story came");
    if good {
        story.report.next();
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn against(service: &Service, url: &str) -> String {
    match service {
        Service::Simulated(_) => format!("a simulator in this program, at {url}; nothing leaves this machine"),
        Service::Real { write: true } => format!("{url}, reading and writing"),
        Service::Real { write: false } => format!("{url}, reading only (--write changes that)"),
    }
}

fn size(component: &Path) -> Result<u64> {
    let metadata = component.metadata().with_context(|| format!("cannot read {}", component.display()))?;
    Ok(metadata.len())
}

/// As seen from here, where it lies below.
fn shown(component: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_ref().and_then(|here| component.strip_prefix(here).ok());
    below.unwrap_or(component).display().to_string()
}
