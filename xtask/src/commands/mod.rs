//! One file per command.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod dist;
pub(crate) mod documents;
pub(crate) mod fuzz;
pub(crate) mod help;
pub(crate) mod play;
pub(crate) mod publish;
pub(crate) mod soak;
pub(crate) mod test;
pub(crate) mod wit;

/// A chore: `cargo xtask NAME …`.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// Arguments, as the help shows them.
    pub(crate) usage: &'static str,
    /// One line for the list of commands.
    pub(crate) summary: &'static str,
    /// What `cargo xtask help NAME` adds.
    pub(crate) details: &'static str,
    /// True where `--help` is passed on to the program behind the command.
    pub(crate) owns_help: bool,
    pub(crate) run: fn(&Workspace, Vec<OsString>) -> Result<ExitCode>,
}

/// In the order in which the help shows them.
pub(crate) const ALL: [Command; 12] = [
    demo::COMMAND,
    play::COMMAND,
    test::COMMAND,
    build::COMMAND,
    check::COMMAND,
    documents::COMMAND,
    fuzz::COMMAND,
    soak::COMMAND,
    bench::COMMAND,
    wit::COMMAND,
    dist::COMMAND,
    publish::COMMAND,
];

/// For the commands that take no arguments.
fn no_arguments(command: &str, arguments: &[OsString]) -> Result<()> {
    if let Some(first) = arguments.first() {
        anyhow::bail!("`cargo xtask {command}` takes no arguments, but was given `{}`", first.to_string_lossy());
    }
    Ok(())
}
