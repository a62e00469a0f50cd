//! `cargo xtask build`: the two components, and whatever the toolchain lacks to build them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode, Stdio};

use anstream::println;
use anyhow::{Context, Result};

use super::{Command, no_arguments};
use crate::components::{config_store, gateway, tools};
use crate::dist::paths;
use crate::strip;
use crate::workspace::{self, COMPONENT_PACKAGE, RULES_CHECK_PACKAGE, RULES_CHECK_TARGET, TARGET, Workspace};

pub(crate) const COMMAND: Command = Command {
    name: "build",
    usage: "",
    summary: "build both components, adding the targets that are missing",
    details:
        "The results are virustotal_hunting.wasm and virustotal_yara_check.wasm in target/wasm32-wasip2/release (below
CARGO_TARGET_DIR where that is set). The second is built for wasm32-unknown-unknown, and imports nothing.
target/components has what is composed with the first: virustotal-hunting-gateway.wasm, which answers HTTP. These three are
also put into target/embedded: a vt-hunting that is built afterwards has them in it.",
    owns_help: false,
    run,
};

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    no_arguments(COMMAND.name, &arguments)?;
    let composed = [embedded(workspace)?, config_store::build(workspace)?, tools::build(workspace)?];
    for component in [workspace.component(), workspace.rules_check()].into_iter().chain(composed) {
        let bytes = component.metadata().with_context(|| format!("cannot read {}", component.display()))?.len();
        println!("{} ({bytes} bytes)", workspace.relative(&component).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the components that are in `vt-hunting`, and puts them where its build script takes them from; gives back where the
/// gateway is. What builds the program comes after.
pub(crate) fn embedded(workspace: &Workspace) -> Result<PathBuf> {
    components(workspace)?;
    let gateway = gateway::build(workspace)?;
    for built in [&workspace.component(), &workspace.rules_check(), &gateway] {
        let there = workspace.embedded().join(built.file_name().context("the component has a name")?);
        let bytes = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
        // What is the same stays as it is: a new file has cargo build the program again.
        if !fs::read(&there).is_ok_and(|there| there == bytes) {
            replace(&there, &bytes)?;
        }
    }
    Ok(gateway)
}

/// Builds both components; nothing happens when they are up to date.
pub(crate) fn components(workspace: &Workspace) -> Result<()> {
    component(workspace)?;
    rules_check(workspace)
}

/// Builds the component alone.
pub(crate) fn component(workspace: &Workspace) -> Result<()> {
    compile(workspace, COMPONENT_PACKAGE, TARGET)?;
    let path = workspace.component();
    let linked = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let stripped = strip::without_names(&linked)?;
    if stripped.len() < linked.len() { replace(&path, &stripped) } else { Ok(()) }
}

/// Builds the component that checks rules, and puts it beside the other.
fn rules_check(workspace: &Workspace) -> Result<()> {
    compile(workspace, RULES_CHECK_PACKAGE, RULES_CHECK_TARGET)?;
    let path = workspace.rules_check();
    let linked = path.file_name().map(|name| workspace.target.join(RULES_CHECK_TARGET).join("release").join(name));
    let linked = linked.context("the component has a name")?;
    let linked = fs::read(&linked).with_context(|| format!("cannot read {}", linked.display()))?;
    let stripped = strip::without_names(&linked)?;
    if fs::read(&path).is_ok_and(|there| there == stripped) { Ok(()) } else { replace(&path, &stripped) }
}

pub(crate) fn compile(workspace: &Workspace, package: &str, target: &str) -> Result<()> {
    ensure_target(target)?;
    let mut build = workspace.cargo();
    // As a cdylib alone: a library that is also an rlib is built without link-time optimisation.
    build.args(["rustc", "--package", package, "--lib", "--release", "--target", target, "--crate-type", "cdylib"]);
    build.args(paths::kept_out(workspace, target)?);
    workspace::run(&mut build).with_context(|| format!("{package} did not build"))
}

/// Beside, then renamed: cargo keeps its own copy under another name of the same file, and nobody meets half a file.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let beside = path.with_extension("wasm.new");
    fs::write(&beside, bytes).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, path).with_context(|| format!("cannot replace {}", path.display()))
}

/// Adds a target where it is missing.
pub(crate) fn ensure_target(target: &str) -> Result<()> {
    if has_target(target)? {
        return Ok(());
    }
    println!("The Rust toolchain has no {target} yet: adding it with rustup.");
    let mut rustup = Process::new("rustup");
    rustup.args(["target", "add", target]);
    match rustup.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => anyhow::bail!(
            "`rustup target add {target}` failed ({status}). Run it by hand to see more; it needs the network once."
        ),
        Err(error) => Err(error).with_context(|| {
            format!(
                "the Rust toolchain lacks the target {target}, and rustup, which could add it, cannot be started. Install \
                 rustup (https://rustup.rs), or add the target the way this toolchain was installed (a distribution often \
                 has a package for it, such as `libstd-rust-dev-wasm32`)"
            )
        }),
    }
}

fn has_target(target: &str) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    // A rustc that does not know the target at all fails here, and then rustup's answer says more than ours could.
    let output = Process::new(rustc)
        .args(["--print", "target-libdir", "--target", target])
        .stderr(Stdio::null())
        .output()
        .context("cannot start rustc; install Rust with rustup (https://rustup.rs)")?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}
