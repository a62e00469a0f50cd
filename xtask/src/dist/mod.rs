//! What is published: the components optimised and with their metadata, the contracts as WIT packages, a bill of materials
//! for each component, the packages for other languages, and the checksums of all of it.
//!
//! The same sources give the same bytes, wherever they lie. What could differ from machine to machine is either taken out
//! (`paths`) or asked for once and passed on (`origin`).

use std::fs;
use std::path::{Path, PathBuf};

use anstream::println;
use anyhow::{Context, Result};

use crate::workspace::Workspace;

mod bill;
pub(crate) mod manifest;
pub(crate) mod metadata;
mod optimise;
pub(crate) mod origin;
mod packages;
pub(crate) mod parts;
pub(crate) mod paths;
pub(crate) mod registry;
pub(crate) mod snapshot;
pub(crate) mod tools;

pub(crate) use bill::holds;
pub(crate) use metadata::Label;
use origin::Origin;
pub(crate) use packages::PYTHON;
use parts::Part;
use tools::Tools;

/// The list of checksums, in the form that `sha256sum --check` takes.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// What goes into the folder beyond the components.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    Whole,
    /// Without the packages for other languages, which are built by the tools of those.
    WebAssembly,
}

/// Fills `folder`, which it empties first. The components are built as `cargo xtask build` builds them.
pub(crate) fn assemble(
    workspace: &Workspace,
    tools: &Tools,
    origin: &Origin,
    folder: &Path,
    extent: Extent,
) -> Result<()> {
    let crates = manifest::read(workspace)?;
    let describe = |name: &str| {
        let described = crates.get(name).with_context(|| format!("there is no crate {name}"))?;
        Ok::<_, anyhow::Error>(Label::of(described, origin))
    };
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for part in parts::PARTS {
        let file = component(workspace, tools, part, &describe(part.describes)?, folder)?;
        bill::write(workspace, tools, part, origin, &file)?;
    }
    for contract in parts::CONTRACTS {
        wit(workspace, tools, contract.folder, &describe(contract.describes)?, folder)?;
    }
    if extent == Extent::Whole {
        packages::build(workspace, origin, folder)?;
    }
    let sums = tools.sums(workspace, folder)?;
    write(&folder.join(SUMS), sums.as_bytes())
}

/// The component as it is published; says what optimising it was worth.
fn component(workspace: &Workspace, tools: &Tools, part: &Part, label: &Label, folder: &Path) -> Result<PathBuf> {
    let built = (part.build)(workspace)?;
    let shown = workspace.relative(&built).display().to_string();
    let wasm = fs::read(&built).with_context(|| format!("cannot read {shown}"))?;
    let optimised = optimise::optimised(workspace, tools, &wasm).with_context(|| format!("cannot optimise {shown}"))?;
    // By the name of its file: of one crate there can be several components.
    let stem = built.file_stem().context("a component has a name")?.to_string_lossy().replace('_', "-");
    let labelled = label.renamed(&stem, &label.version).put_on(&optimised);
    let labelled = labelled.with_context(|| format!("cannot write the metadata of {shown}"))?;
    let file = folder.join(built.file_name().context("a component has a name")?);
    write(&file, &labelled)?;
    println!(
        "{}: {} bytes built, {} optimised, {} with metadata",
        workspace.relative(&file).display(),
        wasm.len(),
        optimised.len(),
        labelled.len()
    );
    Ok(file)
}

/// A contract as `NAMESPACE-NAME-VERSION.wit.wasm`.
fn wit(workspace: &Workspace, tools: &Tools, source: &str, label: &Label, folder: &Path) -> Result<()> {
    let unnamed = folder.join("package.wit.wasm");
    let name = tools.wit(workspace, source, &unnamed)?;
    let (package, version) = name.split_once('@').with_context(|| format!("{source}: {name} has no version"))?;
    let binary = fs::read(&unnamed).with_context(|| format!("cannot read {}", unnamed.display()))?;
    let labelled = label.renamed(package, version).put_on(&binary)?;
    fs::remove_file(&unnamed).with_context(|| format!("cannot remove {}", unnamed.display()))?;
    let file = format!("{}-{version}.wit.wasm", package.replace(':', "-"));
    println!("{file}: {} bytes, {name}", labelled.len());
    write(&folder.join(file), &labelled)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
