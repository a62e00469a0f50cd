//! What the documents show is run, as printed, against a service in the middle of a hunt.

use anyhow::{Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::documents;
use crate::workspace::Workspace;

pub(super) const STEP: Step =
    Step { name: "documents", title: "every command and program in the documents, as printed", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    build::embedded(workspace)?;
    workspace.build_all()?;
    let summary = match documents::run(workspace, &[], false)? {
        Ok(summary) => summary,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let failures = summary.failures.len();
    ensure!(
        failures == 0,
        "{failures} places in the documents are not as printed; `cargo xtask documents --update` brings outputs up to date"
    );
    ensure!(summary.run > 0, "the documents have nothing to run");
    Ok(Outcome::Passed(format!("{} run, {} left out", summary.run, summary.left_out.len())))
}
