//! `cargo xtask check`: the components against their budgets.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Command, build, no_arguments};
use crate::components::config_store;
use crate::inspect::inspect;
use crate::judge::{CONFIG_STORE, HUNTING, Promise, RULES_CHECK, Row, judge};
use crate::style::{GREEN, RED};
use crate::table::Table;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "check",
    usage: "",
    summary: "build the components and hold them against their budgets: size, imports, exports",
    details: "The budgets are in xtask/src/budgets.rs.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    no_arguments(COMMAND.name, &arguments)?;
    build::components(workspace)?;
    println!("{}", budgets(workspace)?);
    Ok(ExitCode::SUCCESS)
}

/// Prints a table for each component; an error when a row fails, else a line that sums up.
pub(crate) fn budgets(workspace: &Workspace) -> Result<String> {
    let hunting = held(workspace, &workspace.component(), &HUNTING);
    let rules_check = held(workspace, &workspace.rules_check(), &RULES_CHECK);
    let config_store = held(workspace, &config_store::build(workspace)?, &CONFIG_STORE);
    Ok(format!("{}; {}; {}", hunting?, rules_check?, config_store?))
}

/// The same for one file, and one promise.
pub(crate) fn held(workspace: &Workspace, path: &Path, promise: &Promise) -> Result<String> {
    let shown = workspace.relative(path).display().to_string();
    let wasm = std::fs::read(path).with_context(|| format!("cannot read {shown}; `cargo xtask build` makes it"))?;
    let outside = inspect(&wasm).with_context(|| format!("cannot inspect {shown}"))?;
    let rows = judge(&outside, promise);
    println!("{shown}");
    print(&rows);
    let failed = rows.iter().filter(|row| row.trouble.is_some()).count();
    ensure!(failed == 0, "{shown} breaks {failed} of its {} budgets; the table above says which", rows.len());
    Ok(format!(
        "{} bytes of {}, {} imports, {} exports",
        outside.bytes,
        promise.max_bytes,
        outside.imports.len(),
        outside.exports.len()
    ))
}

fn print(rows: &[Row]) {
    let mut table = Table::new(&["what", "budget", "actual", ""]);
    for row in rows {
        let (style, verdict) = if row.trouble.is_some() { (RED, "FAILS") } else { (GREEN, "ok") };
        let plain = anstyle::Style::new();
        table.row(vec![
            (plain, row.what.clone()),
            (plain, row.budget.clone()),
            (style, row.actual.clone()),
            (style, verdict.to_owned()),
        ]);
    }
    table.print();
    for row in rows {
        if let Some(trouble) = &row.trouble {
            println!("{RED}{}:{RED:#} {trouble}", row.what);
        }
    }
}
