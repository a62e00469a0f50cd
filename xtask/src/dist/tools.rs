//! The programs that packaging calls: our packager, and Binaryen's `wasm-opt` as npm has it, the same on every machine.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::node;
use crate::workspace::{self, Workspace};

/// A workspace of its own; see there.
pub(crate) const PACKAGER: &str = "xtask/packager/Cargo.toml";
/// What npm installs.
const REQUIREMENTS: &str = "xtask/requirements/dist";
const WASM_OPT: &str = "node_modules/binaryen/bin/wasm-opt";

/// Where the packager is built, below the tools' folder.
const BUILT: &str = "packager";

/// How a module is optimised: for size, as often as it gains something, with the features that the compiler's target has
/// and no others.
const OPTIONS: [&str; 11] = [
    "-Oz",
    "--converge",
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// All of them, ready.
pub(crate) struct Tools {
    packager: PathBuf,
    /// Empty where only the packager is asked for.
    wasm_opt: PathBuf,
}

impl Tools {
    /// Builds and installs below `folder`. `Err` with the reason where there is no Node.js; on a build server that is an
    /// error.
    pub(crate) fn prepare(workspace: &Workspace, folder: &Path) -> Result<std::result::Result<Self, String>> {
        if let Err(why) = node::version()? {
            return Ok(Err(why));
        }
        let npm = folder.join("npm");
        fs::create_dir_all(&npm).with_context(|| format!("cannot create {}", npm.display()))?;
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            let from = workspace.root.join(REQUIREMENTS).join(name);
            fs::copy(&from, npm.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
        }
        node::install(workspace, &npm.to_string_lossy())?;
        let wasm_opt = npm.join(WASM_OPT);
        ensure!(wasm_opt.is_file(), "{REQUIREMENTS} is installed, but there is no {}", wasm_opt.display());
        Ok(Ok(Self { wasm_opt, ..Self::packager(workspace, folder)? }))
    }

    /// Takes what [`Tools::prepare`] put below `folder` earlier, as it is.
    pub(crate) fn prepared(folder: &Path) -> Result<Self> {
        let tools = Self { packager: program(folder), wasm_opt: folder.join("npm").join(WASM_OPT) };
        for file in [&tools.packager, &tools.wasm_opt] {
            ensure!(file.is_file(), "there is no {}; `cargo xtask dist` without --tools installs it", file.display());
        }
        Ok(tools)
    }

    /// The packager alone, which is all that registries need.
    pub(crate) fn packager(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let target = folder.join(BUILT);
        let mut build = workspace.cargo();
        build.args(["build", "--manifest-path", PACKAGER, "--target-dir"]).arg(&target);
        workspace::run(&mut build).context("the packager did not build")?;
        Ok(Self { packager: program(folder), wasm_opt: PathBuf::new() })
    }

    /// Where they are unless somebody says otherwise.
    pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
        workspace.target.join("dist-tools")
    }

    pub(super) fn optimise(&self, workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
        let mut wasm_opt = workspace.command("node");
        workspace::run(wasm_opt.arg(&self.wasm_opt).args(OPTIONS).arg(from).arg("--output").arg(to))
    }

    /// The WIT package in `folder`, to `to`; gives back its name with its version.
    pub(super) fn wit(&self, workspace: &Workspace, folder: &str, to: &Path) -> Result<String> {
        let name = workspace::capture(workspace.command(&self.packager).arg("wit").arg(folder).arg(to))?;
        Ok(name.trim().to_owned())
    }

    /// A bill of materials for `component` from what `cargo tree` said.
    pub(super) fn bill(
        &self,
        workspace: &Workspace,
        tree: &str,
        component: &Path,
        timestamp: Option<i64>,
        to: &Path,
    ) -> Result<()> {
        let mut sbom = workspace.command(&self.packager);
        sbom.arg("sbom").arg("--component").arg(component).arg("--lock").arg("Cargo.lock").arg("--out").arg(to);
        if let Some(seconds) = timestamp {
            sbom.arg("--timestamp").arg(seconds.to_string());
        }
        let mut child = sbom
            .stdin(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", workspace::shown(&sbom)))?;
        // Taken, so that it is closed before the wait.
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(tree.as_bytes()).context("cannot pass the tree on")?;
        }
        let status = child.wait()?;
        ensure!(status.success(), "`{}` failed ({status}); its output is above", workspace::shown(&sbom));
        Ok(())
    }

    /// The checksums of the files in `folder`.
    pub(super) fn sums(&self, workspace: &Workspace, folder: &Path) -> Result<String> {
        workspace::capture(workspace.command(&self.packager).arg("sums").arg(folder))
    }

    /// Pushes and gives back the manifest's digest.
    pub(crate) fn push(
        &self,
        workspace: &Workspace,
        file: &Path,
        reference: &str,
        timestamp: Option<i64>,
        plain_http: bool,
    ) -> Result<String> {
        let mut push = workspace.command(&self.packager);
        push.arg("push").arg(file).arg(reference);
        if let Some(seconds) = timestamp {
            push.arg("--timestamp").arg(seconds.to_string());
        }
        if plain_http {
            push.arg("--plain-http");
        }
        Ok(workspace::capture(&mut push)?.trim().to_owned())
    }

    /// Pulls and gives back the manifest's digest.
    pub(crate) fn pull(&self, workspace: &Workspace, reference: &str, file: &Path) -> Result<String> {
        let mut pull = workspace.command(&self.packager);
        pull.arg("pull").arg(reference).arg(file).arg("--plain-http");
        Ok(workspace::capture(&mut pull)?.trim().to_owned())
    }
}

fn program(folder: &Path) -> PathBuf {
    let program = folder.join(BUILT).join("debug").join("virustotal-hunting-packager");
    program.with_extension(std::env::consts::EXE_EXTENSION)
}
