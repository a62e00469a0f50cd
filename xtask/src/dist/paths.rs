//! Paths of the machine kept out of what is built.
//!
//! The place of a panic names its source file. The compiler knows a dependency's file below the user's `CARGO_HOME`, in a
//! folder whose name depends on cargo and on the registry, and a generated file below the target directory. `/crates` and
//! `/target` stand for those; a file of the workspace has a path from its root anyway.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::{self, Workspace};

/// What the folder with the dependencies' sources is called in a component.
const CRATES: &str = "/crates";
/// And the one with what is built.
const BUILT: &str = "/target";

/// Arguments for cargo which build for `target` without the paths of this machine. They add to the flags in
/// `.cargo/config.toml`.
pub(crate) fn kept_out(workspace: &Workspace, target: &str) -> Result<Vec<String>> {
    let mut metadata = workspace.cargo();
    metadata.args(["metadata", "--format-version", "1", "--filter-platform", target]);
    let metadata: Value =
        serde_json::from_str(&workspace::capture(&mut metadata)?).context("`cargo metadata` answered no JSON")?;
    let mut flags: Vec<String> = folders(&metadata).iter().map(|folder| stands_for(folder, CRATES)).collect();
    flags.push(stands_for(&workspace.target.to_string_lossy(), BUILT));
    // A list of JSON strings is a list of TOML strings.
    Ok(vec!["--config".to_owned(), format!("target.{target}.rustflags={}", serde_json::to_string(&flags)?)])
}

fn stands_for(folder: &str, name: &str) -> String {
    format!("--remap-path-prefix={folder}={name}")
}

/// The folders in which registries' crates lie, one folder a crate.
fn folders(metadata: &Value) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let foreign = packages.filter(|package| package["source"].is_string());
    let manifests = foreign.filter_map(|package| package["manifest_path"].as_str());
    manifests.filter_map(|path| Some(Path::new(path).parent()?.parent()?.to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_registrys_folder_is_named_once_and_the_workspaces_own_not_at_all() {
        let metadata = json!({"packages": [
            {"source": "registry+https://example.com/index", "manifest_path": "/home/me/.cargo/registry/src/x-1/a-1.0.0/Cargo.toml"},
            {"source": "registry+https://example.com/index", "manifest_path": "/home/me/.cargo/registry/src/x-1/b-1.0.0/Cargo.toml"},
            {"source": null, "manifest_path": "/home/me/project/guest/Cargo.toml"},
        ]});
        assert_eq!(folders(&metadata), BTreeSet::from(["/home/me/.cargo/registry/src/x-1".to_owned()]));
    }
}
