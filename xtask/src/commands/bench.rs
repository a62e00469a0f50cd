//! `cargo xtask bench`: builds what is compared, optimised, and starts the benchmark.

use std::ffi::OsString;
use std::process::{Command as Process, ExitCode};

use anyhow::{Context, Result};

use super::{Command, build};
use crate::rivals;
use crate::workspace::{self, Workspace};

const PACKAGE: &str = "virustotal-hunting-bench";
const SIMULATOR: &str = "virustotal-hunting-simulator";
const WRITE: &str = "--write";
/// Where `--write` puts its two files.
const DOCUMENTS: &str = "docs";

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    usage: "[--quick] [--only TEXT] [--write]",
    summary: "the component against other clients, in one run: time, memory, bytes on the wire",
    details: "
  --quick       only to see that every row runs: a few calls each
  --only TEXT   only rows whose title contains this
  --write       write docs/performance.md and docs/performance.svg

Everything is built optimised (`--profile native`), which takes minutes the first time. A run takes about five; leave the machine
alone meanwhile. Rivals whose tools are missing are left out, with a sentence that says why.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    build::component(workspace)?;
    let mut bench = workspace.cargo();
    bench.args(["build", "--profile", "native", "--package", PACKAGE, "--package", SIMULATOR]);
    workspace::run(&mut bench).context("the benchmark did not build")?;
    let mut bench = program(workspace, "native");
    rivals::join(workspace, &mut bench)?;
    if arguments.iter().any(|argument| argument == WRITE) {
        bench.arg("--named-component").arg(rivals::component_with_names(workspace)?);
    }
    for argument in arguments {
        let is_write = argument == WRITE;
        bench.arg(argument);
        if is_write {
            bench.arg(workspace.root.join(DOCUMENTS));
        }
    }
    // No code means that something ended it from outside.
    let code = workspace::status(&mut bench)?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The benchmark as the tests build it, ready for its arguments.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<Process> {
    workspace.build_all().context("the benchmark did not build")?;
    Ok(program(workspace, "debug"))
}

fn program(workspace: &Workspace, profile: &str) -> Process {
    let programs = workspace.target.join(profile);
    let named = |name: &str| programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let mut bench = workspace.command(named(PACKAGE));
    bench.arg("--component").arg(workspace.component()).arg("--simulator").arg(named("vt-simulator"));
    bench
}
