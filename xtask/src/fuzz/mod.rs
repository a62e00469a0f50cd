//! Coverage-guided fuzzing on a stable toolchain: what `cargo fuzz` does, without what only nightly has.
//!
//! libFuzzer needs a program whose branches count themselves. The compiler's pass for that is behind stable flags; what
//! `cargo fuzz` adds by unstable ones is AddressSanitizer, which would have little to find in code that forbids `unsafe`.

mod corpora;
mod seeds;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{self, Workspace};

const MANIFEST: &str = "fuzz/Cargo.toml";

/// As `cargo fuzz` 0.13 passes them.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "--cfg=fuzzing",
];

/// Why there is no fuzzing here, and what would change that.
pub(crate) fn unavailable() -> Option<String> {
    if cfg!(windows) {
        return Some("libFuzzer is driven on Linux and macOS only".to_owned());
    }
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let probe = Command::new(&compiler).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = probe.is_ok_and(|status| status.success());
    (!is_there).then(|| {
        format!(
            "libFuzzer is compiled from C++ and `{}` does not start; install a C++ compiler (Debian, Ubuntu: g++) or set CXX",
            compiler.to_string_lossy()
        )
    })
}

/// What a run of one target came to.
pub(crate) struct Figures {
    /// Inputs of earlier findings that were replayed first.
    pub(crate) replayed: usize,
    pub(crate) executions: u64,
    pub(crate) per_second: u64,
    /// Edges reached, of the target and all that it calls.
    pub(crate) coverage: u64,
    /// Inputs kept because each reaches something that no other does.
    pub(crate) corpus: u64,
    /// Where the input is that something did not hold for.
    pub(crate) finding: Option<PathBuf>,
}

/// How a target is run.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// For this long, from the inputs of earlier runs on, with others each time.
    Seconds(u64),
    /// So many inputs, the same in the same order on every machine and each time: what was run before, and how fast the
    /// machine is, changes nothing.
    Executions(u64),
}

/// For [`Pace::Seconds`]: an input that takes this many seconds is a finding; most take microseconds.
const SLOW: u32 = 10;
/// For [`Pace::Executions`]: so many seconds for one input that no load makes of microseconds; what takes longer does not end.
const HANGS: u32 = 900;

/// The built targets.
pub(crate) struct Fuzzing<'a> {
    workspace: &'a Workspace,
    /// Everything that is built or found: `target/fuzz`.
    folder: PathBuf,
    programs: PathBuf,
}

/// Lints, with warnings denied: the targets are no member of the workspace, so nothing else lints them.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    let mut clippy = cargo(workspace, "clippy", &host(workspace)?);
    workspace::run(clippy.args(["--", "-D", "warnings"]))
}

/// The names of all targets, in the order of the manifest.
pub(crate) fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let mut metadata = workspace.cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path", MANIFEST]);
    let answer: serde_json::Value =
        serde_json::from_str(&workspace::capture(&mut metadata)?).context("`cargo metadata` answered no JSON")?;
    let targets = answer.pointer("/packages/0/targets").and_then(serde_json::Value::as_array);
    let names = targets.into_iter().flatten().filter(|target| target["kind"][0] == "bin");
    let names: Vec<String> = names.filter_map(|target| target["name"].as_str().map(str::to_owned)).collect();
    if names.is_empty() {
        bail!("{MANIFEST} has no target");
    }
    Ok(names)
}

impl<'a> Fuzzing<'a> {
    /// Builds these targets, with counters in every branch of every crate but the build scripts.
    pub(crate) fn build(workspace: &'a Workspace, targets: &[String]) -> Result<Self> {
        let folder = workspace.target.join("fuzz");
        let host = host(workspace)?;
        let mut build = cargo(workspace, "build", &host);
        for target in targets {
            build.args(["--bin", target]);
        }
        workspace::run(&mut build).context("the fuzz targets did not build")?;
        let programs = folder.join(&host).join("release");
        Ok(Self { workspace, folder, programs })
    }

    /// Replays the findings of old and what is committed, then tries new inputs.
    pub(crate) fn run(&self, target: &str, pace: Pace) -> Result<Figures> {
        let committed = self.committed(target)?;
        let mut figures =
            Figures { replayed: committed.len(), executions: 0, per_second: 0, coverage: 0, corpus: 0, finding: None };
        println!("{target}: replaying {} inputs", committed.len());
        let mut replay = self.program(target);
        replay.arg(timeout(pace)).args(&committed);
        if !committed.is_empty() && !self.held(target, &mut replay)? {
            let running = last_started(&self.said(target)?).map(PathBuf::from);
            figures.finding = Some(running.with_context(|| format!("{target} did not start; what it said is above"))?);
            return Ok(figures);
        }

        let artifacts = self.made("artifacts", target)?;
        let before = inputs(&artifacts)?;
        let mut fuzz = self.program(target);
        fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(timeout(pace))
            .args(["-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1"])
            .args(self.dictionary(target)?);
        match pace {
            Pace::Seconds(seconds) => {
                println!("{target}: fuzzing for {seconds} s");
                let corpus = self.made("corpus", target)?;
                self.seed(target, &corpus)?;
                fuzz.arg(format!("-max_total_time={seconds}")).arg(corpus).arg(self.made("corpora", target)?);
            }
            Pace::Executions(executions) => {
                println!("{target}: {executions} executions");
                // Neither folders, whose order is the file system's, nor what compared values were: they can be addresses.
                fuzz.args([format!("-runs={executions}"), "-seed=1".to_owned(), "-use_cmp=0".to_owned()])
                    .arg(format!("-report_slow_units={HANGS}"))
                    .arg(format!("-seed_inputs=@{}", self.list_of_seeds(target, &committed)?.display()));
            }
        }
        let held = self.held(target, &mut fuzz)?;
        read_figures(&self.said(target)?, &mut figures);
        if !held {
            figures.finding = inputs(&artifacts)?.difference(&before).next().cloned();
            ensure!(figures.finding.is_some(), "{target} did not fuzz; what it said is above");
        }
        Ok(figures)
    }

    /// Brings the committed corpus up to date with those inputs of earlier runs that reach something.
    pub(crate) fn keep(&self, target: &str) -> Result<()> {
        let kept = self.made("kept", target)?;
        fs::remove_dir_all(&kept).with_context(|| format!("cannot empty {}", kept.display()))?;
        let kept = self.made("kept", target)?;
        let mut merge = self.program(target);
        // Branches, not how often each is taken: as few and as short ones as possible.
        merge.args(["-set_cover_merge=1", "-use_counters=0", "-max_len=2048"]).arg(&kept);
        merge.arg(self.made("corpora", target)?).arg(self.made("corpus", target)?);
        ensure!(self.held(target, &mut merge)?, "the corpus of {target} was not merged; what it said is above");
        let mut lines = Vec::new();
        for input in inputs(&kept)? {
            lines.push(corpora::line(&fs::read(&input).with_context(|| format!("cannot read {}", input.display()))?)?);
        }
        corpora::write(self.workspace, target, lines)
    }

    /// How to run one input again.
    pub(crate) fn again(&self, target: &str, input: &Path) -> String {
        let program = self.programs.join(target);
        format!("{} {}", self.workspace.relative(&program).display(), self.workspace.relative(input).display())
    }

    fn program(&self, target: &str) -> Command {
        self.workspace.command(self.programs.join(target))
    }

    fn log(&self, target: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{target}.log"))
    }

    /// A folder of a target below `target/fuzz`.
    fn made(&self, what: &str, target: &str) -> Result<PathBuf> {
        let folder = self.folder.join(what).join(target);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// Runs a target with what it says in its log; false, and what it said about it shown, when something did not hold.
    fn held(&self, target: &str, command: &mut Command) -> Result<bool> {
        let log = self.log(target);
        fs::create_dir_all(log.parent().unwrap_or(&self.folder)).context("cannot make the folder for logs")?;
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        // libFuzzer and panics speak on the standard error.
        let status = workspace::status(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file))?;
        if !status.success() {
            let said = fs::read(&log).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            println!("{}", complaint(&said));
            println!("(all of it: {})", self.workspace.relative(&log).display());
        }
        Ok(status.success())
    }

    /// What the last run of a target said.
    fn said(&self, target: &str) -> Result<String> {
        let log = fs::read(self.log(target)).with_context(|| format!("cannot read what {target} said"))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    /// Writes the seeds into a folder; their paths, in order.
    fn seed(&self, target: &str, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for (name, seed) in seeds::of(self.workspace, target)? {
            let path = folder.join(format!("seed-{name}"));
            fs::write(&path, seed).with_context(|| format!("cannot write {}", path.display()))?;
            paths.push(path);
        }
        Ok(paths)
    }

    /// The findings of old, and the inputs of the committed corpus, which are unpacked.
    fn committed(&self, target: &str) -> Result<BTreeSet<PathBuf>> {
        let regressions = self.workspace.root.join("fuzz").join("regressions").join(target);
        let mut committed = if regressions.is_dir() { inputs(&regressions)? } else { BTreeSet::new() };
        let folder = self.made("corpora", target)?;
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        let folder = self.made("corpora", target)?;
        for (number, input) in corpora::read(self.workspace, target)?.into_iter().enumerate() {
            let path = folder.join(format!("{number:04}"));
            fs::write(&path, input).with_context(|| format!("cannot write {}", path.display()))?;
            committed.insert(path);
        }
        Ok(committed)
    }

    /// A file that names the seeds and what is committed, in this order, and nothing that an earlier run left.
    fn list_of_seeds(&self, target: &str, committed: &BTreeSet<PathBuf>) -> Result<PathBuf> {
        let mut paths = self.seed(target, &self.made("seeds", target)?)?;
        paths.extend(committed.iter().cloned());
        let list = self.folder.join("seeds").join(format!("{target}.list"));
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        fs::write(&list, paths.join(",")).with_context(|| format!("cannot write {}", list.display()))?;
        Ok(list)
    }

    /// The option for a dictionary, where there are words for one.
    fn dictionary(&self, target: &str) -> Result<Option<String>> {
        let words = seeds::words(self.workspace, target)?;
        if words.is_empty() {
            return Ok(None);
        }
        let path = self.made("dictionaries", target)?.join("words.dict");
        let lines: String = words.iter().map(|word| format!("\"{}\"\n", seeds::quoted(word))).collect();
        fs::write(&path, lines).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Some(format!("-dict={}", path.display())))
    }
}

/// Cargo for the targets' own workspace, with counters in every crate.
fn cargo(workspace: &Workspace, subcommand: &str, host: &str) -> Command {
    let mut cargo = workspace.cargo();
    // The target is named although it is the default: without it, the flags would be for build scripts and macros as well.
    cargo.args([subcommand, "--release", "--manifest-path", MANIFEST, "--target", host, "--target-dir"]);
    cargo.arg(workspace.target.join("fuzz")).env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", rustflags());
    cargo
}

/// The flags, behind those that are set already.
fn rustflags() -> String {
    let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    for flag in FLAGS {
        flags.push(' ');
        flags.push_str(flag);
    }
    flags
}

/// What this machine is called as a target.
fn host(workspace: &Workspace) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = workspace::capture(workspace.command(rustc).arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` does not name its host")
}

fn timeout(pace: Pace) -> String {
    let seconds = match pace {
        Pace::Seconds(_) => SLOW,
        Pace::Executions(_) => HANGS,
    };
    format!("-timeout={seconds}")
}

/// The input that a replay began with last.
fn last_started(log: &str) -> Option<&str> {
    log.lines().rev().find_map(|line| line.strip_prefix("Running: "))
}

/// The files of a folder, in order.
fn inputs(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries
        .map(|entry| Ok(entry.with_context(|| format!("cannot read {}", folder.display()))?.path()))
        .filter(|path| path.as_ref().map_or(true, |path| path.is_file()))
        .collect()
}

/// Reads libFuzzer's last status line and its closing figures.
fn read_figures(log: &str, figures: &mut Figures) {
    let closing = |name: &str| {
        let line = log.lines().rev().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok()).unwrap_or(0)
    };
    figures.executions = closing("number_of_executed_units");
    figures.per_second = closing("average_exec_per_sec");
    let status = log.lines().rev().find(|line| line.starts_with('#') && line.contains(" cov: ")).unwrap_or_default();
    let number = |name: &str| {
        let (_, rest) = status.split_once(name)?;
        rest.trim_start().split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    };
    figures.coverage = number(" cov:").unwrap_or(0);
    figures.corpus = number(" corp:").unwrap_or(0);
}

/// What a panic, or libFuzzer itself, has to say.
fn complaint(log: &str) -> String {
    let is_start = |line: &&str| line.contains("panicked at") || line.contains("ERROR: libFuzzer");
    let start = log.lines().position(|line| is_start(&line));
    // Without either, the end says most.
    let start = start.unwrap_or_else(|| log.lines().count().saturating_sub(3));
    let lines = log.lines().skip(start);
    let lines = lines.take_while(|line| !line.starts_with("stack backtrace") && !line.starts_with("NOTE:")).take(12);
    lines.map(|line| line.chars().take(400).collect::<String>()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "INFO: Running with entropic power schedule\n\
        #2\tINITED cov: 265 ft: 265 corp: 1/110b exec/s: 0 rss: 27Mb\n\
        #427762\tDONE   cov: 760 ft: 1808 corp: 717/61Kb lim: 461 exec/s: 47529 rss: 28Mb\n\
        Done 427762 runs in 9 second(s)\n\
        stat::number_of_executed_units: 427762\n\
        stat::average_exec_per_sec:     47529\n";

    #[test]
    fn the_figures_are_those_of_the_last_line() {
        let mut figures = Figures { replayed: 0, executions: 0, per_second: 0, coverage: 0, corpus: 0, finding: None };
        read_figures(LOG, &mut figures);
        assert_eq!((figures.executions, figures.per_second), (427_762, 47_529));
        assert_eq!((figures.coverage, figures.corpus), (760, 717));
    }

    #[test]
    fn a_replay_that_stops_was_at_the_input_it_named_last() {
        let log = "Running: fuzz/regressions/gzip/a\nExecuted fuzz/regressions/gzip/a in 0 ms\n\
                   Running: fuzz/regressions/gzip/b\nthread '<unnamed>' (1) panicked at src/gzip.rs:50:28:\n";
        assert_eq!(last_started(log), Some("fuzz/regressions/gzip/b"));
        assert_eq!(last_started("cannot execute"), None);
    }

    #[test]
    fn without_a_panic_the_end_is_the_complaint() {
        assert_eq!(complaint("1\n2\n3\n4\n"), "2\n3\n4");
    }

    #[test]
    fn a_complaint_is_the_panic_without_its_backtrace() {
        let log =
            "#2\tINITED\n\nthread '<unnamed>' (1) panicked at src/gzip.rs:50:28:\nleft: 1\nstack backtrace:\n 0: x\n";
        assert_eq!(complaint(log), "thread '<unnamed>' (1) panicked at src/gzip.rs:50:28:\nleft: 1");
    }
}
