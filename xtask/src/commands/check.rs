//! `cargo xtask check`: the components against their budgets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Command, bench, build, no_arguments};
use crate::budgets::FIGURES;
use crate::components::config_store;
use crate::growth::{self, Verdict};
use crate::inspect::inspect;
use crate::judge::{CONFIG_STORE, HUNTING, Promise, RULES_CHECK, Row, judge};
use crate::style::{GREEN, RED, YELLOW};
use crate::table::Table;
use crate::workspace::{self, Workspace};

pub(crate) const COMMAND: Command = Command {
    name: "check",
    usage: "",
    summary: "build the components and hold them against their budgets: size, imports, exports, and what a call takes",
    details: "The budgets are in xtask/src/budgets.rs, and so are the figures of what a call takes: instructions, memory, allocations. A figure
that grew by more than 3 % fails, until it is changed in the same commit.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    no_arguments(COMMAND.name, &arguments)?;
    build::components(workspace)?;
    // Both, so that one run says all that is wrong.
    let (budgets, growth) = (budgets(workspace), growth(workspace));
    println!("{}; {}", budgets?, growth?);
    Ok(ExitCode::SUCCESS)
}

/// Prints what was counted beside the committed figures; an error when something has grown, else a line that sums up.
pub(crate) fn growth(workspace: &Workspace) -> Result<String> {
    let counts = workspace::capture(bench::for_tests(workspace)?.arg("--guard"))?;
    let mut counted: BTreeMap<String, u64> =
        serde_json::from_str(&counts).context("the benchmark printed no figures")?;
    for (name, path) in [("the component", workspace.component()), ("the rules check", workspace.rules_check())] {
        let bytes = path.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
        counted.insert(format!("bytes: {name}"), bytes);
    }
    let compared = growth::compare(&FIGURES, &counted);
    let mut table = Table::new(&["what", "figure", "counted", ""]);
    let shown = |figure: Option<u64>| figure.map_or_else(|| "none".to_owned(), |figure| figure.to_string());
    for one in &compared {
        let (style, verdict) = match one.verdict {
            Verdict::Same => (GREEN, "ok"),
            Verdict::Shrunk(_) => (YELLOW, "less"),
            Verdict::Wrong(_) => (RED, "FAILS"),
        };
        let plain = anstyle::Style::new();
        table.row(vec![
            (plain, one.what.clone()),
            (plain, shown(one.figure)),
            (style, shown(one.counted)),
            (style, verdict.to_owned()),
        ]);
    }
    table.print();
    let mut wrong = 0;
    for one in &compared {
        match &one.verdict {
            Verdict::Same => {}
            Verdict::Shrunk(how) => println!("{YELLOW}{}:{YELLOW:#} {how}", one.what),
            Verdict::Wrong(why) => {
                println!("{RED}{}:{RED:#} {why}", one.what);
                wrong += 1;
            }
        }
    }
    ensure!(wrong == 0, "{wrong} of {} figures do not hold; the table above says which", compared.len());
    Ok(format!("{} figures hold", compared.len()))
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
