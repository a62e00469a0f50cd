//! Composition: a component that imports the contract and the one that exports it, as one file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

/// Writes to `target` the component `socket` with what it imports of `plug` plugged in. What it imports beyond, and
/// what `plug` does, the result imports.
pub(crate) fn plug(socket: &Path, plug: &Path, target: &Path) -> Result<()> {
    let mut graph = CompositionGraph::new();
    let mut register = |name: &str, path: &Path| -> Result<_> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())
            .with_context(|| format!("{} is no component", path.display()))?;
        Ok(graph.register_package(package)?)
    };
    let (socket, plug) = (register("socket", socket)?, register("plug", plug)?);
    wac_graph::plug(&mut graph, vec![plug], socket)
        .context("the component imports nothing that the other one exports: are both of the same version?")?;
    let bytes = graph.encode(EncodeOptions { define_components: true, ..EncodeOptions::default() })?;
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    // Cargo's watchers and running tests meet whole files only.
    let beside = target.with_extension("wasm.new");
    fs::write(&beside, bytes).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, target).with_context(|| format!("cannot replace {}", target.display()))
}
