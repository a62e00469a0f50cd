//! `cargo xtask publish`: the components and contracts of target/dist to an OCI registry.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::println;
use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;

use super::{Command, dist};
use crate::dist::Label;
use crate::dist::origin::Origin;
use crate::dist::tools::Tools;
use crate::workspace::Workspace;

pub(crate) const COMMAND: Command = Command {
    name: "publish",
    usage: "--registry HOST/NAMESPACE [--plain-http] [--from FOLDER]",
    summary: "push the components and contracts of target/dist to an OCI registry",
    details: "
  --registry HOST/NAMESPACE  where to: a component becomes HOST/NAMESPACE/NAME:VERSION, and a contract
                             HOST/NAMESPACE/PACKAGE-NAMESPACE/PACKAGE-NAME:VERSION, where `wkg` looks for it
  --plain-http               without TLS, for a registry on this machine
  --from FOLDER              instead of target/dist

It prints a line for each: the reference with the digest by which the artifact can be pinned. Pushing the same again
changes nothing. WKG_OCI_USERNAME and WKG_OCI_PASSWORD log in, where both are set.",
    owns_help: false,
    run,
};

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    registry: String,
    plain_http: bool,
    from: Option<PathBuf>,
}

/// Something that was pushed.
pub(crate) struct Published {
    /// The file it was.
    pub(crate) file: PathBuf,
    /// `HOST/NAMESPACE/NAME:VERSION`.
    pub(crate) reference: String,
    /// `sha256:…` of the manifest.
    pub(crate) digest: String,
}

impl Published {
    /// `HOST/NAMESPACE/NAME@sha256:…`, which never becomes another artifact.
    pub(crate) fn pinned(&self) -> String {
        let name = self.reference.rsplit_once(':').map_or(self.reference.as_str(), |(name, _)| name);
        format!("{name}@{}", self.digest)
    }
}

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let options = parse(arguments)?;
    let folder = workspace.root.join(options.from.unwrap_or_else(|| dist::folder(workspace)));
    let tools = Tools::packager(workspace, &Tools::folder(workspace))?;
    publish(workspace, &tools, &folder, &options.registry, options.plain_http)?;
    Ok(ExitCode::SUCCESS)
}

/// Pushes every WebAssembly file in `folder`, in the order of their names.
pub(crate) fn publish(
    workspace: &Workspace,
    tools: &Tools,
    folder: &Path,
    registry: &str,
    plain_http: bool,
) -> Result<Vec<Published>> {
    let entries = std::fs::read_dir(folder);
    let entries = entries.with_context(|| format!("cannot read {}; `cargo xtask dist` fills it", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "there is no component in {}; `cargo xtask dist` fills it", folder.display());
    let timestamp = Origin::find(workspace)?.timestamp;
    let mut published = Vec::new();
    for file in files {
        let label = Label::read(&file)?;
        let reference = reference(registry, &file, &label)?;
        let digest = tools.push(workspace, &file, &reference, timestamp, plain_http)?;
        let one = Published { file, reference, digest };
        println!("{} {}", one.reference, one.pinned());
        published.push(one);
    }
    Ok(published)
}

/// A contract's name has a colon, where a reference has a slash.
fn reference(registry: &str, file: &Path, label: &Label) -> Result<String> {
    ensure!(!label.version.is_empty(), "{} says no version; `cargo xtask dist` writes one", file.display());
    Ok(format!("{registry}/{}:{}", label.name.replace(':', "/"), label.version))
}

fn parse(arguments: Vec<OsString>) -> Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("registry") => options.registry = parser.value()?.string()?.trim_end_matches('/').to_owned(),
            Long("plain-http") => options.plain_http = true,
            Long("from") => options.from = Some(parser.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.registry.is_empty() {
        bail!("`cargo xtask publish` needs --registry HOST/NAMESPACE");
    }
    let (host, rest) = options.registry.split_once("://").unwrap_or(("", &options.registry));
    ensure!(host.is_empty(), "--registry takes HOST/NAMESPACE without a scheme: `{rest}`");
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> Label {
        Label { name: name.into(), version: "0.1.0".into(), ..Label::default() }
    }

    #[test]
    fn a_component_and_a_contract_go_under_their_own_names() -> Result<()> {
        let component =
            reference("host:5000/space", Path::new("/d/virustotal_hunting.wasm"), &label("virustotal-hunting"))?;
        assert_eq!(component, "host:5000/space/virustotal-hunting:0.1.0");
        let contract = reference("host/space", Path::new("/d/x.wit.wasm"), &label("virustotal:hunting"))?;
        assert_eq!(contract, "host/space/virustotal/hunting:0.1.0");
        Ok(())
    }

    #[test]
    fn a_pinned_reference_has_the_digest_for_the_tag() {
        let published =
            Published { file: PathBuf::new(), reference: "host:5000/n:0.1.0".into(), digest: "sha256:ab".into() };
        assert_eq!(published.pinned(), "host:5000/n@sha256:ab");
    }

    #[test]
    fn a_registry_is_needed_and_has_no_scheme() {
        assert!(parse(vec![]).is_err_and(|error| error.to_string().contains("--registry")));
        let scheme = parse(vec!["--registry".into(), "https://host/space".into()]);
        assert!(scheme.is_err_and(|error| error.to_string().contains("`host/space`")));
    }
}
