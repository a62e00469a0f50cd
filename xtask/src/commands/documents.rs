//! `cargo xtask documents`: runs what the documents show, and brings their transcripts up to date.

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::println;
use anyhow::{Result, bail};
use lexopt::prelude::*;

use super::{Command, build};
use crate::documents;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "documents",
    usage: "[--update] [PART]…",
    summary: "run what the documents show, against a service of `play`",
    details: "
  --update   writes what commands print into the documents, instead of failing where it is something else
  PART       only documents with this in their path

A block `sh` is run, and every command has to succeed; `sh service` runs to the document's end, as in another terminal.
In a block `console` a line that begins with `$ ` is a command, and what follows is what it prints: `…` stands for
anything, in a line or alone. Blocks `py` and `js` are programs. A block is left out only with its reason in the info
string, as in `sh no-run: needs a cluster`.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let (mut update, mut only) = (false, Vec::new());
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("update") => update = true,
            Value(part) => only.push(part.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    build::embedded(workspace)?;
    workspace.build_all()?;
    let summary = match documents::run(workspace, &only, update)? {
        Ok(summary) => summary,
        Err(why) => bail!("{why}"),
    };
    for name in &summary.updated {
        println!("updated {name}");
    }
    println!("{} run, {} left out, {} failed", summary.run, summary.left_out.len(), summary.failures.len());
    Ok(if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
