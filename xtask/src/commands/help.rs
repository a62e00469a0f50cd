//! `cargo xtask help`.

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::println;
use anyhow::Result;

use super::{ALL, Command};
use crate::style::{BOLD, DIM};

pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    match arguments.first() {
        None => all(),
        Some(name) => {
            let Some(command) = ALL.iter().find(|command| name == command.name) else {
                anyhow::bail!(
                    "there is no command `{}`; `cargo xtask help` lists what there is",
                    name.to_string_lossy()
                );
            };
            one(command);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all() {
    println!("The project's chores: {BOLD}cargo xtask COMMAND{BOLD:#}\n");
    for command in &ALL {
        println!("  {BOLD}{:<7}{BOLD:#} {}", command.name, command.summary);
    }
    println!("  {BOLD}{:<7}{BOLD:#} this list, or one command: cargo xtask help COMMAND", "help");
    println!("\n{DIM}The wasm32-wasip2 target is added by rustup when it is missing.{DIM:#}");
}

fn one(command: &Command) {
    println!(
        "{BOLD}cargo xtask {} {}{BOLD:#}\n\n{}\n{}",
        command.name, command.usage, command.summary, command.details
    );
}
