//! One document in one shell: what is run, in which folder, and what each part of it printed.
//!
//! The shell is bash on a terminal of its own, since a command prints other things to a terminal than to a pipe, and a
//! reader has a terminal. `script`, of util-linux, makes that terminal.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use regex_lite::Regex;

use super::blocks::Language;
use crate::workspace::Workspace;

/// What the shell prints after each part, before its number and how it ended: a control character that no program here
/// prints.
const MARK: char = '\u{1e}';
/// The port that documents name. In a run it is another one, so that nothing depends on it being free.
const PORT: &str = "8080";
/// Where ports are that the system gives to nobody by itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// What is to be run.
#[derive(Debug)]
pub(super) enum Part {
    /// Every command has to succeed.
    Commands(String),
    /// One command, which may fail.
    Command(String),
    /// In the background, to the end.
    Service(String),
    Program(Language, String),
}

/// How a part ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) status: i32,
    pub(super) output: Vec<String>,
}

/// Where everything is that a session uses.
pub(super) struct Surroundings<'a> {
    pub(super) workspace: &'a Workspace,
    /// Folders that come first on the `PATH`.
    pub(super) programs: Vec<PathBuf>,
    /// The packages that JavaScript can import, and where they are.
    pub(super) packages: Vec<(&'static str, PathBuf)>,
}

/// Runs the parts in one shell against a service of its own. The last ending is missing where a part ended the shell.
pub(super) fn run(surroundings: &Surroundings<'_>, name: &str, parts: &[Part]) -> Result<Vec<Ending>> {
    let workspace = surroundings.workspace;
    let folder = workspace.target.join("documents").join(name.replace(['/', '.'], "-"));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let scratch = folder.join("here");
    prepare(surroundings, &scratch)?;
    let port = free_port()?;
    let script = folder.join("session.sh");
    fs::write(&script, written(parts, &scratch, &port)?)
        .with_context(|| format!("cannot write {}", script.display()))?;

    // Not the running file: a build may have put another in its place.
    let mut session = Command::new(workspace.program("xtask"));
    session.args(["play", "--built", "--repeatable", "--", "script", "--quiet", "--return", "--flush", "--command"]);
    session.arg(format!("bash {} < /dev/null", script.display())).arg("/dev/null");
    session.current_dir(&scratch).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("VT_") || text.starts_with("GATEWAY_") || text.to_lowercase().ends_with("_proxy") {
            session.env_remove(name);
        }
    }
    // Whatever the reader's own settings are, they are not the documents'.
    session.env("HOME", folder.join("home")).env("XDG_CACHE_HOME", workspace.target.join("documents").join("cache"));
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "BASH_ENV"] {
        session.env_remove(name);
    }
    session.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env("PATH", path(&surroundings.programs)?);
    let output = session.stderr(Stdio::inherit()).output().context("cannot start the document's shell")?;
    endings(&String::from_utf8_lossy(&output.stdout), &port)
}

/// A folder that looks like the root of the repository to what only reads there.
fn prepare(surroundings: &Surroundings<'_>, scratch: &Path) -> Result<()> {
    let modules = scratch.join("node_modules");
    fs::create_dir_all(&modules).with_context(|| format!("cannot create {}", modules.display()))?;
    let workspace = surroundings.workspace;
    let root = ["examples", "gateway", "wit"].map(|name| (workspace.root.join(name), scratch.join(name)));
    let target = [(workspace.target.clone(), scratch.join("target"))];
    let packages = surroundings.packages.iter().map(|(name, there)| (there.clone(), modules.join(name)));
    for (there, here) in root.into_iter().chain(target).chain(packages) {
        link(&there, &here).with_context(|| format!("cannot create {}", here.display()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(there: &Path, here: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(there, here)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn path(first: &[PathBuf]) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = first.iter().cloned().chain(std::env::split_paths(&path));
    std::env::join_paths(path).context("a folder on the PATH cannot be passed on")
}

/// A port that nobody listens on and that the system gives to nobody by itself, so that it is free a little later too.
fn free_port() -> Result<String> {
    let first = PORTS.start + (std::process::id() % u32::from(PORTS.end - PORTS.start)) as u16;
    let free = (first..PORTS.end).chain(PORTS).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.map(|port| port.to_string()).context("there is no free port")
}

/// The script: every part, and after each a line that says how it ended.
fn written(parts: &[Part], scratch: &Path, port: &str) -> Result<String> {
    let mut script = String::from(
        "stty cols 120 rows 50 -opost < /dev/tty\nset -o pipefail\nservices=()\n\
         trap 'for service in \"${services[@]}\"; do kill -- \"-$service\"; done 2> /dev/null' EXIT\n",
    );
    for (number, part) in parts.iter().enumerate() {
        let end = |status: &str| format!("printf '\\036%d %d\\n' {number} {status}\n");
        let add = match part {
            Part::Commands(text) => format!("set -e\n{text}\nset +e\n{}", end("0")),
            Part::Command(text) => format!("{text}\nended=$?\n{}(exit \"$ended\")\n", end("\"$ended\"")),
            Part::Service(text) => {
                // In a group of its own, so that all of it can be ended. It is there when it says where it listens.
                let log = format!("service-{number}.log");
                format!(
                    "set -m\n(\n{text}\n) > {log} 2>&1 &\nset +m\nservices+=($!)\n\
                     until grep -q '127.0.0.1:[0-9]' {log}; do\n\
                     kill -0 $! 2> /dev/null || {{ cat {log}; exit 1; }}\nsleep 0.05\ndone\n{}",
                    end("0")
                )
            }
            Part::Program(language, text) => {
                let (program, extension) = match language {
                    Language::JavaScript => ("node", "mjs"),
                    Language::Python => ("python", "py"),
                };
                let name = format!("program-{number}.{extension}");
                let file = scratch.join(&name);
                fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
                format!("{program} {name}\nended=$?\n{}", end("\"$ended\""))
            }
        };
        script.push_str(&add.replace(&format!("127.0.0.1:{PORT}"), &format!("127.0.0.1:{port}")));
    }
    Ok(script)
}

/// What came of each part, and at last of the one that ended the shell.
fn endings(printed: &str, port: &str) -> Result<Vec<Ending>> {
    let printed = seen(printed).replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{PORT}"));
    let mut endings = Vec::new();
    let mut rest = &*printed;
    while let Some((output, after)) = rest.split_once(MARK) {
        let (ending, after) = after.split_once('\n').unwrap_or((after, ""));
        let (number, status) = ending.split_once(' ').context("the shell's marks cannot be read")?;
        ensure!(number.parse() == Ok(endings.len()), "part {} printed no mark", endings.len());
        endings.push(Ending {
            status: status.parse().context("the shell's marks cannot be read")?,
            output: lines(output),
        });
        rest = after;
    }
    if !rest.is_empty() {
        endings.push(Ending { status: 1, output: lines(rest) });
    }
    Ok(endings)
}

fn lines(output: &str) -> Vec<String> {
    output.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// What a terminal shows in the end: without what only moves the cursor, and of what is written over the last.
fn seen(printed: &str) -> String {
    static CONTROL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]").expect("it is a regular expression"));
    let plain = CONTROL.replace_all(printed, "");
    let line = |line: &str| {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let text = line.trim_end_matches(['\r', '\n']);
        format!("{}{end}", text.rsplit('\r').next().unwrap_or_default())
    };
    plain.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_belongs_to_the_part_before_the_mark() -> Result<()> {
        let printed = "one\ntwo\u{1e}0 0\n\u{1e}1 10\nlast words\n";
        let ending =
            |status, output: &[&str]| Ending { status, output: output.iter().map(|&line| line.into()).collect() };
        assert_eq!(endings(printed, "1")?, [ending(0, &["one", "two"]), ending(10, &[]), ending(1, &["last words"])]);
        Ok(())
    }

    #[test]
    fn a_mark_out_of_turn_is_an_error() {
        assert!(endings("\u{1e}1 0\n", "1").is_err());
        assert!(endings("\u{1e}0 zero\n", "1").is_err());
    }

    #[test]
    fn a_terminal_shows_what_was_written_last() {
        assert_eq!(seen("10 %\r\x1b[2K20 %\r\x1b[2Kdone\r\nnext\n"), "done\nnext\n");
        assert_eq!(seen("\x1b[31mred\x1b[0m\n"), "red\n");
    }

    #[test]
    fn the_port_of_the_documents_is_another_one_in_a_run() -> Result<()> {
        let parts = [Part::Commands("curl http://127.0.0.1:8080/".into())];
        assert!(written(&parts, Path::new("/nowhere"), "20001")?.contains("curl http://127.0.0.1:20001/\n"));
        assert_eq!(endings("http://127.0.0.1:20001/\u{1e}0 0\n", "20001")?[0].output, ["http://127.0.0.1:8080/"]);
        Ok(())
    }
}
