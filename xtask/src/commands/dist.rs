//! `cargo xtask dist`: everything that is published, in one folder.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::println;
use anyhow::{Result, bail};
use lexopt::prelude::*;

use super::Command;
use crate::dist::origin::Origin;
use crate::dist::tools::Tools;
use crate::dist::{self, Extent};
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "dist",
    usage: "[--source URL] [--revision REVISION] [--out FOLDER] [--tools FOLDER] [--webassembly-only]",
    summary: "what is published, in target/dist: optimised components, contracts, bills of materials, packages, checksums",
    details: "
  --source URL         where the sources are, for the metadata; goes behind `repository` in a manifest
  --revision REVISION  instead of the commit that git says
  --out FOLDER         instead of target/dist; what is in it is removed
  --tools FOLDER       wasm-opt and the packager as another run installed them, target/dist-tools there
  --webassembly-only   without the npm package and the wheel

It needs Node.js, for wasm-opt, and the network once. SOURCE_DATE_EPOCH replaces the date of the commit.
The same sources give the same bytes: docs/distribution.md.",
    owns_help: false,
    run,
};

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    source: Option<String>,
    revision: Option<String>,
    out: Option<PathBuf>,
    tools: Option<PathBuf>,
    webassembly_only: bool,
}

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let options = parse(arguments)?;
    let folder = workspace.root.join(options.out.unwrap_or_else(|| folder(workspace)));
    let tools = match options.tools {
        Some(folder) => Tools::prepared(&workspace.root.join(folder))?,
        None => match Tools::prepare(workspace, &Tools::folder(workspace))? {
            Ok(tools) => tools,
            Err(why) => bail!("{why}"),
        },
    };
    let mut origin = Origin::find(workspace)?;
    origin.source = options.source;
    origin.revision = options.revision.or(origin.revision);
    let extent = if options.webassembly_only { Extent::WebAssembly } else { Extent::Whole };
    dist::assemble(workspace, &tools, &origin, &folder, extent)?;
    println!("{}", workspace.relative(&folder).join(dist::SUMS).display());
    Ok(ExitCode::SUCCESS)
}

/// Where everything is unless somebody says otherwise.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("dist")
}

fn parse(arguments: Vec<OsString>) -> Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("source") => options.source = Some(parser.value()?.string()?),
            Long("revision") => options.revision = Some(parser.value()?.string()?),
            Long("out") => options.out = Some(parser.value()?.into()),
            Long("tools") => options.tools = Some(parser.value()?.into()),
            Long("webassembly-only") => options.webassembly_only = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(parse(vec!["--everything".into()]).is_err());
        assert!(parse(vec!["--source".into()]).is_err());
    }

    #[test]
    fn every_option_is_read() -> Result<()> {
        let options =
            parse(["--source=https://example.com", "--revision", "abc", "--webassembly-only"].map(Into::into).into())?;
        assert_eq!(options.source.as_deref(), Some("https://example.com"));
        assert_eq!(options.revision.as_deref(), Some("abc"));
        assert!(options.webassembly_only);
        Ok(())
    }
}
