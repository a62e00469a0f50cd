//! `cargo xtask soak`: builds what the load run needs and starts it.

use std::ffi::OsString;
use std::process::{Command as Process, ExitCode};

use anyhow::{Context, Result};

use super::{Command, build};
use crate::workspace::{self, Workspace};

const PACKAGE: &str = "virustotal-hunting-soak";
const OPTIMISED: &str = "--optimised";

pub(crate) const COMMAND: Command = Command {
    name: "soak",
    usage: "[--optimised] [--tenants N] [--calls N | --minutes N] [--seed N] [--concurrency N]",
    summary: "many tenants, many calls, many faults: what must hold while the whole system is under load",
    details: "
  --optimised   with optimised host and simulator (`--profile native`), which takes minutes to build

All other arguments go to the load run; `cargo xtask soak --help` shows what it takes.",
    owns_help: true,
    run,
};

fn run(workspace: &Workspace, mut arguments: Vec<OsString>) -> Result<ExitCode> {
    let before = arguments.len();
    arguments.retain(|argument| argument != OPTIMISED);
    let profile: &[&str] = if arguments.len() < before { &["--profile", "native"] } else { &[] };
    let mut soak = prepared(workspace, profile)?;
    // No code means that something ended it from outside.
    let code = workspace::status(soak.args(arguments))?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The load run, built, and ready for its arguments.
pub(crate) fn prepared(workspace: &Workspace, profile: &[&str]) -> Result<Process> {
    build::component(workspace)?;
    let mut soak = if profile.is_empty() {
        workspace.build_all().context("the load run did not build")?;
        workspace.command(workspace.program(PACKAGE))
    } else {
        // Built first and with cargo's own progress, then run quietly.
        workspace::run(workspace.cargo().args(["build", "--package", PACKAGE]).args(profile))
            .context("the load run did not build")?;
        let mut run = workspace.cargo();
        run.args(["run", "--quiet", "--package", PACKAGE]).args(profile).arg("--");
        run
    };
    soak.arg("--component").arg(workspace.component());
    Ok(soak)
}
