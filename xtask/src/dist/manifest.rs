//! What the manifests of the workspace say about its crates.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::{self, Workspace};

/// What a crate says about itself. Empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) license: String,
    pub(crate) repository: String,
}

/// Every crate of the workspace by its name.
pub(crate) fn read(workspace: &Workspace) -> Result<BTreeMap<String, Crate>> {
    let mut metadata = workspace.cargo();
    let metadata = workspace::capture(metadata.args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("`cargo metadata` answered no JSON")?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` answered without `packages`")?;
    let crates = packages.iter().map(|package| {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let krate = Crate {
            name: text("name"),
            version: text("version"),
            description: text("description"),
            license: text("license"),
            repository: text("repository"),
        };
        (krate.name.clone(), krate)
    });
    Ok(crates.collect())
}
