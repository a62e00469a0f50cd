//! Where things are, and how the tools are called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// What the component is built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";
/// The component's crate.
pub(crate) const COMPONENT_PACKAGE: &str = "virustotal-hunting";
/// What the component that checks rules is built for: the target whose standard library imports nothing.
pub(crate) const RULES_CHECK_TARGET: &str = "wasm32-unknown-unknown";
/// That component's crate.
pub(crate) const RULES_CHECK_PACKAGE: &str = "virustotal-yara-check";

/// The workspace this program belongs to.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds: `target/`, or wherever `CARGO_TARGET_DIR` or a cargo configuration puts it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, since only cargo knows every way to move the target directory.
    pub(crate) fn find() -> Result<Self> {
        // Set by `cargo run`; the other is for a binary that is started by hand.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let mut metadata = cargo_in(Path::new(&manifest_dir));
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let answer = capture(&mut metadata)?;
        let answer: serde_json::Value = serde_json::from_str(&answer).context("`cargo metadata` answered no JSON")?;
        let path = |key: &str| {
            let path = answer.get(key).and_then(serde_json::Value::as_str);
            path.map(PathBuf::from).with_context(|| format!("`cargo metadata` answered without `{key}`"))
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// The built component.
    pub(crate) fn component(&self) -> PathBuf {
        self.target.join(TARGET).join("release").join("virustotal_hunting.wasm")
    }

    /// The built component that checks rules, beside the other, where hosts look for it.
    pub(crate) fn rules_check(&self) -> PathBuf {
        self.component().with_file_name("virustotal_yara_check.wasm")
    }

    /// A component beside the main one: `target/components/NAME.wasm`.
    pub(crate) fn composed(&self, name: &str) -> PathBuf {
        self.target.join("components").join(name).with_extension("wasm")
    }

    /// What the build script of `vt-hunting` puts into the program.
    pub(crate) fn embedded(&self) -> PathBuf {
        self.target.join("embedded")
    }

    /// A program of the workspace, built for development.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Builds every native program and test with one selection. Which features a dependency is built with depends on what
    /// is built together: package by package, the steps of a test run would compile wasmtime several times over.
    pub(crate) fn build_all(&self) -> Result<()> {
        run(self.cargo().args(["build", "--workspace", "--all-targets"]))
    }

    /// `path` as seen from the root, for messages.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// Cargo, in the root.
    pub(crate) fn cargo(&self) -> Command {
        cargo_in(&self.root)
    }

    /// Any other program, in the root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }
}

fn cargo_in(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    if on_build_server() {
        // What is tested there is what is committed.
        command.arg("--locked");
    }
    // What `cargo run` tells *this* program about itself. Some build scripts ask to run again when one of these changes,
    // so passing them on would build those crates anew at each change between `cargo xtask …` and plain `cargo …`.
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        let own = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix));
        if own || matches!(&*name, "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR") {
            command.env_remove(key);
        }
    }
    command
}

/// True on a build server: what is missing there is a failure, since nobody would read the notice.
pub(crate) fn on_build_server() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// Runs `command` with its output on ours; a bad end is an error that repeats the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    ensure!(status.success(), "`{}` failed ({status}); its output is above", shown(command));
    Ok(())
}

/// Runs `command` with its output on ours and gives back how it ended.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start `{}`", shown(command)))
}

/// Runs `command` and gives back what it wrote to its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::piped()).output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", shown(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` wrote something that is not UTF-8", shown(command)))
}

/// The command as one would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
