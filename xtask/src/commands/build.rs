//! `cargo xtask build`: the component, and whatever the toolchain lacks to build it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command as Process, ExitCode, Stdio};

use anstream::println;
use anyhow::{Context, Result};

use super::{Command, no_arguments};
use crate::strip;
use crate::workspace::{self, COMPONENT_PACKAGE, TARGET, Workspace};

pub(crate) const COMMAND: Command = Command {
    name: "build",
    usage: "",
    summary: "build the component for wasm32-wasip2, adding that target if it is missing",
    details: "The result is target/wasm32-wasip2/release/virustotal_hunting.wasm (below CARGO_TARGET_DIR where that is set).",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    no_arguments(COMMAND.name, &arguments)?;
    component(workspace)?;
    let component = workspace.component();
    let bytes = component.metadata().with_context(|| format!("cannot read {}", component.display()))?.len();
    println!("{} ({bytes} bytes)", workspace.relative(&component).display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the component; nothing happens when it is up to date.
pub(crate) fn component(workspace: &Workspace) -> Result<()> {
    ensure_target()?;
    let mut build = workspace.cargo();
    // As a cdylib alone: a library that is also an rlib is built without link-time optimisation.
    build.args(["rustc", "--package", COMPONENT_PACKAGE, "--lib", "--release", "--target", TARGET]);
    build.args(["--crate-type", "cdylib"]);
    workspace::run(&mut build).context("the component did not build")?;
    let path = workspace.component();
    let linked = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let stripped = strip::without_names(&linked)?;
    if stripped.len() < linked.len() {
        // Beside, then renamed: cargo keeps its own copy under another name of the same file.
        let beside = path.with_extension("wasm.new");
        fs::write(&beside, stripped).with_context(|| format!("cannot write {}", beside.display()))?;
        fs::rename(&beside, &path).with_context(|| format!("cannot replace {}", path.display()))?;
    }
    Ok(())
}

/// Adds the wasm target where it is missing.
pub(crate) fn ensure_target() -> Result<()> {
    if has_target()? {
        return Ok(());
    }
    println!("The Rust toolchain has no {TARGET} yet: adding it with rustup.");
    let mut rustup = Process::new("rustup");
    rustup.args(["target", "add", TARGET]);
    match rustup.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => anyhow::bail!(
            "`rustup target add {TARGET}` failed ({status}). Run it by hand to see more; it needs the network once."
        ),
        Err(error) => Err(error).with_context(|| {
            format!(
                "the Rust toolchain lacks the target {TARGET}, and rustup, which could add it, cannot be started. Install \
                 rustup (https://rustup.rs), or add the target the way this toolchain was installed (a distribution often \
                 has a package for it, such as `libstd-rust-dev-wasm32`)"
            )
        }),
    }
}

fn has_target() -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    // A rustc that does not know the target at all fails here, and then rustup's answer says more than ours could.
    let output = Process::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .stderr(Stdio::null())
        .output()
        .context("cannot start rustc; install Rust with rustup (https://rustup.rs)")?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}
