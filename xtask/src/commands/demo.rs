//! `cargo xtask demo`: builds what the demo needs and hands over to it.

use std::ffi::OsString;
use std::process::{Command as Process, ExitCode};

use anyhow::{Context, Result};

use super::{Command, build};
use crate::workspace::{self, Workspace};

const PACKAGE: &str = "virustotal-hunting-demo";

pub(crate) const COMMAND: Command = Command {
    name: "demo",
    usage: "[--url URL] [--write] …",
    summary: "watch a hunt: every action, following, waiting, refusing, through the sandboxed component, against a simulator",
    details: "All arguments go to the demo; `cargo xtask demo --help` shows what it takes.",
    owns_help: true,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    build::components(workspace)?;
    // Built first and with cargo's own progress, then run quietly: the story starts on a clean line.
    workspace::run(workspace.cargo().args(["build", "--package", PACKAGE])).context("the demo did not build")?;
    let mut demo = workspace.cargo();
    demo.args(["run", "--quiet", "--package", PACKAGE, "--", "--component"]).arg(workspace.component()).args(arguments);
    hand_over(demo)
}

/// The demo takes this program's place, so that an interrupt is its own to handle: it cleans up what it created.
#[cfg(unix)]
fn hand_over(mut demo: Process) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = demo.exec();
    Err(error).with_context(|| format!("cannot start `{}`", workspace::shown(&demo)))
}

#[cfg(not(unix))]
fn hand_over(mut demo: Process) -> Result<ExitCode> {
    // No code means that something ended it from outside.
    let code = workspace::status(&mut demo)?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
