//! The bill of materials of a component: which crates are compiled into it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::origin::Origin;
use super::parts::{Part, Root};
use super::tools::Tools;
use crate::workspace::{self, Workspace};

/// Where the bill of the component `file` is: `NAME.cdx.json`, the ending that CycloneDX recommends.
pub(super) fn beside(file: &Path) -> PathBuf {
    file.with_extension("cdx.json")
}

/// Writes the bill beside `file`, the component as it is published.
pub(super) fn write(workspace: &Workspace, tools: &Tools, part: &Part, origin: &Origin, file: &Path) -> Result<()> {
    let mut trees = String::new();
    for root in part.roots {
        trees += &tree(workspace, root)?;
    }
    tools.bill(workspace, &trees, file, origin.timestamp, &beside(file))?;
    ensure!(!part.roots.is_empty(), "{} is compiled from no crate", part.describes);
    Ok(())
}

/// What is linked: nothing that runs at build time, so neither procedural macros nor what they use.
fn tree(workspace: &Workspace, root: &Root) -> Result<String> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--package", root.package, "--target", root.target, "--edges", "normal,no-proc-macro"]);
    tree.args(["--prefix", "depth", "--no-dedupe", "--charset", "ascii", "--format", "{p}|{l}|{r}"]);
    tree.args(["--features", &root.features.join(",")]);
    workspace::capture(&mut tree)
}

/// Holds the bill beside `file` against what cargo compiled for it. An independent witness: the compiler's calls, not the
/// resolver's answer. `name version` of each crate.
pub(crate) fn holds(workspace: &Workspace, part: &Part, file: &Path) -> Result<usize> {
    let path = beside(file);
    let bill = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let bill: Value = serde_json::from_slice(&bill).with_context(|| format!("{} is no JSON", path.display()))?;
    let listed = bill["components"].as_array().into_iter().flatten();
    let listed: BTreeSet<String> = listed
        .map(|entry| format!("{} {}", entry["name"].as_str().unwrap_or("?"), entry["version"].as_str().unwrap_or("?")))
        .collect();
    let mut compiled = BTreeSet::new();
    for root in part.roots {
        compiled.extend(compiled_for(workspace, root)?);
    }
    let missing: Vec<_> = compiled.difference(&listed).collect();
    let surplus: Vec<_> = listed.difference(&compiled).collect();
    ensure!(
        missing.is_empty() && surplus.is_empty(),
        "{} lacks {missing:?}, which were compiled into the component, and lists {surplus:?}, which were not",
        path.display()
    );
    Ok(listed.len())
}

/// What cargo says that it compiled for the target; it says so as well where it is all up to date.
fn compiled_for(workspace: &Workspace, root: &Root) -> Result<BTreeSet<String>> {
    let mut build = workspace.cargo();
    build.args(["rustc", "--quiet", "--package", root.package, "--lib", "--release", "--target", root.target]);
    build.args(["--crate-type", "cdylib", "--message-format", "json", "--features", &root.features.join(",")]);
    build.args(super::paths::kept_out(workspace, root.target)?);
    if !root.folder.is_empty() {
        build.arg("--target-dir").arg(workspace.target.join(root.folder));
    }
    let said = workspace::capture(&mut build)?;
    let folder = format!("{}{}{}", std::path::MAIN_SEPARATOR, root.target, std::path::MAIN_SEPARATOR);
    let artifacts = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let linked = artifacts.filter(|message| {
        let mut files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
        message["reason"] == "compiler-artifact" && files.any(|file| file.contains(&folder))
    });
    linked
        .map(|message| {
            let id = message["package_id"].as_str().context("an artifact has a package")?;
            named(id).with_context(|| format!("cannot read the package id {id}"))
        })
        .collect()
}

/// `serde 1.0.228` of `registry+https://…#serde@1.0.228`, `guest 0.1.0` of `path+file:///…/guest#0.1.0`.
fn named(id: &str) -> Option<String> {
    let (place, rest) = id.split_once('#')?;
    let (name, version) = rest.split_once('@').or_else(|| Some((place.rsplit('/').next()?, rest)))?;
    Some(format!("{name} {version}"))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn package_ids_are_read_in_both_forms() {
        let registry = "registry+https://example.com/index#serde@1.0.228";
        assert_eq!(named(registry).as_deref(), Some("serde 1.0.228"));
        assert_eq!(named("path+file:///p/guest#virustotal-hunting@0.1.0").as_deref(), Some("virustotal-hunting 0.1.0"));
        assert_eq!(named("path+file:///p/guest#0.1.0").as_deref(), Some("guest 0.1.0"));
        assert_eq!(named("nothing"), None);
    }
}
