//! The command line, run as a user runs it: an environment of its own, and both streams captured.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

/// The program beside this one, built if it is not there.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let own = std::env::current_exe().expect("a path");
    // target/debug/deps/egress-… stands one level below target/debug/vt-hunting.
    let profile = own.parent().and_then(Path::parent).expect("cargo's layout");
    let program = profile.join(format!("vt-hunting{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        // With the whole workspace, or its dependencies would be built again with other features.
        build.args(["build", "--workspace", "--bin", "vt-hunting"]);
        build.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace"));
        assert!(build.status().expect("cargo").success(), "vt-hunting does not build");
    }
    assert!(program.is_file(), "there is no {}", program.display());
    program
});

/// What it said, and how it ended.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with these arguments and this environment, and nothing of the test's own.
pub(crate) fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(&*PROGRAM);
    command.args(arguments).env_clear().envs(environment.iter().copied());
    command.env("VT_HUNTING_COMPONENT", super::support::component());
    // Compiled once, not at every start. Not where a user's own is.
    command.env("VT_HUNTING_CACHE", PROGRAM.with_file_name("compiled-for-tests"));
    // A failure once is enough, unless a test wants more.
    if !environment.iter().any(|(name, _)| *name == "VT_RETRIES") {
        command.env("VT_RETRIES", "0");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Said {
    let mut child = command(arguments, environment).spawn().expect("it runs");
    // It may well end without reading.
    let _ = std::io::Write::write_all(&mut child.stdin.take().expect("piped"), input.as_bytes());
    said(child)
}

/// What it says until its end.
pub(crate) fn said(child: Child) -> Said {
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: status.code().expect("no signal"), stdout: text(stdout), stderr: text(stderr) }
}
