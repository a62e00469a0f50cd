//! The project's chores, each one command: `cargo xtask help` lists them.
//!
//! A new chore is a file in `commands/`, a new part of `cargo xtask test` a file in `steps/`.
#![forbid(unsafe_code)]

mod budgets;
mod commands;
mod components;
mod compose;
mod dist;
mod documents;
mod fuzz;
mod growth;
mod inspect;
mod judge;
mod node;
mod play;
mod python;
mod rivals;
mod steps;
mod strip;
mod style;
mod table;
mod vt_simulator;
mod wasmtime_cli;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::eprintln;
use anyhow::Result;
use style::{BOLD, RED};
use workspace::Workspace;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let name = if arguments.is_empty() { "help".into() } else { arguments.remove(0).to_string_lossy().into_owned() };
    match dispatch(&name, arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{RED}{BOLD}error:{BOLD:#}{RED:#} {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(name: &str, arguments: Vec<OsString>) -> Result<ExitCode> {
    if matches!(name, "help" | "--help" | "-h") {
        return commands::help::run(arguments);
    }
    let Some(command) = commands::ALL.iter().find(|command| command.name == name) else {
        anyhow::bail!("there is no command `{name}`; `cargo xtask help` lists what there is");
    };
    if matches!(arguments.first(), Some(first) if first == "--help" || first == "-h") && !command.owns_help {
        return commands::help::run(vec![name.into()]);
    }
    (command.run)(&Workspace::find()?, arguments)
}
