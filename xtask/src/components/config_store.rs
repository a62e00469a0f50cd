//! The component with its settings from `wasi:config/store`, for hosts that keep them in a store.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::commands::build;
use crate::dist::paths;
use crate::strip;
use crate::workspace::{self, COMPONENT_PACKAGE, TARGET, Workspace};

/// The file's name, and the feature that makes it.
const NAME: &str = "virustotal-hunting-config-store";
const FEATURE: &str = "config-store";

/// Where it is.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    workspace.composed(NAME)
}

/// Builds it, and gives back where it is; nothing happens when it is up to date.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    build::ensure_target(TARGET)?;
    // Below a folder of its own: with another feature cargo writes to the same file as for the component without it, and
    // each would be built anew after the other.
    let folder = workspace.target.join(FEATURE);
    let mut cargo = workspace.cargo();
    cargo.args(["rustc", "--package", COMPONENT_PACKAGE, "--features", FEATURE, "--lib", "--release"]);
    // As a cdylib alone: a library that is also an rlib is built without link-time optimisation.
    cargo.args(["--target", TARGET, "--crate-type", "cdylib", "--target-dir"]).arg(&folder);
    cargo.args(paths::kept_out(workspace, TARGET)?);
    workspace::run(&mut cargo).with_context(|| format!("{COMPONENT_PACKAGE} with {FEATURE} did not build"))?;

    let linked = folder.join(TARGET).join("release").join(COMPONENT_PACKAGE.replace('-', "_")).with_extension("wasm");
    let linked = fs::read(&linked).with_context(|| format!("cannot read {}", linked.display()))?;
    let (stripped, target) = (strip::without_names(&linked)?, path(workspace));
    if !fs::read(&target).is_ok_and(|there| there == stripped) {
        build::replace(&target, &stripped)?;
    }
    Ok(target)
}
