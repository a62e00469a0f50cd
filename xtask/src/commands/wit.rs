//! `cargo xtask wit`: the contract as data, for whatever is generated from it in another language.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context, Result};
use wit_parser::Resolve;

use super::{Command, no_arguments};
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "wit",
    usage: "",
    summary: "print the contract in wit/ as JSON, documentation included",
    details: "Packages, worlds, interfaces, functions and types, resolved: types refer to each other by their place in
the list `types`. The form is wit-parser's own, which `wasm-tools component wit --json` prints as well.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    no_arguments(COMMAND.name, &arguments)?;
    println!("{}", json(workspace)?);
    Ok(ExitCode::SUCCESS)
}

/// The contract as JSON. The same `wit/` gives the same bytes.
pub(crate) fn json(workspace: &Workspace) -> Result<String> {
    let mut resolve = Resolve::default();
    resolve.push_dir(workspace.root.join("wit")).context("cannot read the contract in wit/")?;
    serde_json::to_string(&resolve).context("cannot write the contract as JSON")
}
