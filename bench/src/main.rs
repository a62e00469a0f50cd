//! What the sandbox costs: the component against other ways to the same answers, and the figures that may not grow unseen.
//!
//! | what | where |
//! |---|---|
//! | the work, and those who do it | `work`, `ways`: `native` and `records`, `outside` for other programs |
//! | turns, samples, medians | `contest`, `measure`, `allocations` |
//! | the other side, and the way there | `server`, `relay` |
//! | the rows | `rows` |
//! | what becomes of them | `report`, `goals`, `chart`, `size` |
//! | what `cargo xtask check` holds | `guard`, `inside` |
//!
//! `cargo xtask bench` builds the component, the simulator and this, and starts it.

mod allocations;
mod chart;
mod contest;
mod goals;
mod guard;
mod inside;
mod measure;
mod native;
mod outside;
mod records;
mod relay;
mod report;
mod rows;
mod server;
mod size;
mod ways;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anstream::{eprintln, println};
use anyhow::{Context, Result};
use clap::Parser;

use contest::Alone;
use outside::Rival;
use server::Server;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

/// Where `cargo xtask build` puts the component, as a rule; `cargo xtask bench` says where it did.
const BUILT_COMPONENT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm32-wasip2/release/virustotal_hunting.wasm");

/// Measures the component against other ways to the same answers.
///
/// Everything stays on this machine: the other side is a simulator. Figures are ratios of one run, since the next one is on
/// another machine, or at another hour.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", version)]
struct Arguments {
    /// Only to see that every row runs: a few calls each, and nothing is written.
    #[arg(long)]
    quick: bool,

    /// Only rows whose title contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// A folder to write performance.md and performance.svg to.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["quick", "only"])]
    write: Option<PathBuf>,

    /// Prints, as JSON, the figures that `cargo xtask check` compares, and does nothing else.
    #[arg(long, hide = true)]
    guard: bool,

    /// Another program that takes part: {"name": …, "what": …, "command": […]}.
    #[arg(long, hide = true, value_parser = |text: &str| serde_json::from_str::<Rival>(text))]
    rival: Vec<Rival>,

    /// One that does not, with the reason: `NAME: why`.
    #[arg(long, hide = true)]
    missing: Vec<String>,

    /// The component with its names, to say which crate has how much of it.
    #[arg(long, hide = true)]
    named_component: Option<PathBuf>,

    /// Does one thing in a process of its own.
    #[arg(long, hide = true, value_parser = |text: &str| serde_json::from_str::<Alone>(text))]
    alone: Option<Alone>,

    /// The component's file.
    #[arg(long, hide = true, default_value = BUILT_COMPONENT)]
    component: PathBuf,

    /// The simulator's program.
    #[arg(long, hide = true, default_value = "target/native/vt-simulator")]
    simulator: PathBuf,
}

fn main() -> ExitCode {
    let began = Instant::now();
    match run(Arguments::parse(), began) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments, began: Instant) -> Result<()> {
    // The native client asks for one by name of the process; the library brings its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // One thread for all that is done one by one: then nobody's figures depend on which thread wakes which.
    let single = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    if let Some(alone) = arguments.alone {
        return single()?.block_on(alone.act(began));
    }
    let folder = Folder::make()?;
    let runtime = single()?;
    let server = runtime.block_on(Server::start(&arguments.simulator, &folder.0))?;
    if arguments.guard {
        let figures = runtime.block_on(guard::figures(&arguments.component, &server))?;
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    drop(runtime);
    let plan = rows::Plan {
        component: arguments.component.clone(),
        folder: folder.0.clone(),
        rivals: arguments.rival,
        quick: arguments.quick,
        only: arguments.only,
    };
    let (outcomes, idle) = rows::run(&plan, &server)?;
    if let Some(idle) = idle {
        println!("\nAn idle instance holds {} KB", idle / 1000);
    }
    if let Some(target) = arguments.write {
        let size = size::Size::of(&arguments.component, arguments.named_component.as_deref())?;
        let counted = single()?.block_on(guard::figures(&arguments.component, &server))?;
        let goals = goals::table(&outcomes, &size, idle);
        let text = report::document(&outcomes, &goals, &counted, &size, &plan.rivals, &arguments.missing);
        for (name, text) in [("performance.md", text), ("performance.svg", chart::draw(&outcomes))] {
            let path = target.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            println!("wrote {}", path.display());
        }
    }
    for missing in &arguments.missing {
        println!("left out: {missing}");
    }
    println!("{} rows", outcomes.len());
    Ok(())
}

/// A folder for what is needed while this runs.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Folder> {
        let folder = std::env::temp_dir().join(format!("virustotal-hunting-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
