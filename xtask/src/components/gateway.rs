//! The gateway: its own component, with the main one composed in.

use std::path::PathBuf;

use anyhow::Result;

use crate::commands::build;
use crate::compose;
use crate::workspace::{TARGET, Workspace};

/// Its crate, and the name of the composed file.
const PACKAGE: &str = "virustotal-hunting-gateway";

/// Builds it, and gives back where it is. The main component has to be there.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    build::compile(workspace, PACKAGE, TARGET)?;
    let alone = workspace.target.join(TARGET).join("release").join(PACKAGE.replace('-', "_")).with_extension("wasm");
    let composed = workspace.composed(PACKAGE);
    compose::plug(&alone, &workspace.component(), &composed)?;
    Ok(composed)
}
