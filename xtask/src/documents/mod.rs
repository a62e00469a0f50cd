//! Runs what documents show: every command and program in them, in order, against a service in the middle of a hunt, and
//! holds what is printed to what the document says is printed.
//!
//! No kept tool does that. `trycmd` and `byexample` run commands one by one, without a shell that keeps variables and
//! jobs from block to block, `mdsh` writes outputs and compares none, `scrut` and `cram` want marks in the documents
//! that readers would see; and none gives a command the terminal that a reader has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anstream::println;
use anyhow::{Context, Result, bail, ensure};

mod blocks;
mod session;
mod transcript;

use blocks::{Block, Kind, Language};
use session::{Ending, Part, Surroundings};

use crate::node;
use crate::steps::{NODE_FOLDER, node_package, python_package};
use crate::style::{BOLD, DIM, RED};
use crate::wasmtime_cli;
use crate::workspace::{Workspace, on_build_server};

/// Folders without documents of ours.
const NO_DOCUMENTS: [&str; 4] = ["target", "node_modules", ".git", "dist"];
/// Documents that tell what was, and programs that another step runs.
const ELSEWHERE: [(&str, &str); 2] = [
    ("CHANGELOG.md", "it tells what was"),
    ("examples/python/MIGRATING.md", "the step `python` runs its pairs beside each other"),
];
/// What commands in documents use, besides what is built here.
const TOOLS: [&str; 5] = ["bash", "script", "jq", "curl", "openssl"];
/// Where documents are that are compiled as documentation tests.
const DOC_TESTS: [&str; 2] = ["host-example/src/lib.rs", "simulator/src/lib.rs"];

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Shell commands and blocks, and programs.
    pub(crate) run: usize,
    /// Where a block is that was not run, and why.
    pub(crate) left_out: Vec<String>,
    /// What is not as it should be.
    pub(crate) failures: Vec<String>,
    /// Documents that were changed.
    pub(crate) updated: Vec<String>,
}

/// Runs the documents whose path has one of `only` in it, or all where that is empty. With `update` their transcripts
/// are brought up to date instead of failing. `Err` inside is the reason why nothing can be run here.
pub(crate) fn run(
    workspace: &Workspace,
    only: &[String],
    update: bool,
) -> Result<std::result::Result<Summary, String>> {
    if let Some(missing) = TOOLS.iter().find(|tool| !starts(tool)) {
        let why = format!("there is no `{missing}`, which commands in the documents use");
        ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
        return Ok(Err(why));
    }
    let documents: Vec<PathBuf> = documents(&workspace.root)?
        .into_iter()
        .filter(|path| only.is_empty() || only.iter().any(|part| path.to_string_lossy().contains(part)))
        .collect();
    ensure!(!documents.is_empty(), "no document's path has {} in it", only.join(" or "));
    let surroundings = match surroundings(workspace)? {
        Ok(surroundings) => surroundings,
        Err(why) => return Ok(Err(why)),
    };
    let mut summary = Summary::default();
    for path in documents {
        let name = path.display().to_string();
        if let Some((_, why)) = ELSEWHERE.iter().find(|(elsewhere, _)| Path::new(elsewhere) == path) {
            summary.left_out.push(format!("{name}: {why}"));
            continue;
        }
        document(&surroundings, &name, update, &mut summary).with_context(|| format!("in {name}"))?;
    }
    for left_out in &summary.left_out {
        println!("{DIM}not run: {left_out}{DIM:#}");
    }
    Ok(Ok(summary))
}

fn starts(tool: &str) -> bool {
    // Not all of them know this word; that it starts is enough.
    Command::new(tool).arg("--version").output().is_ok()
}

/// What commands and programs find, built.
fn surroundings(workspace: &Workspace) -> Result<std::result::Result<Surroundings<'_>, String>> {
    let wasmtime = match wasmtime_cli::find(workspace)? {
        Ok((program, _)) => program,
        Err(why) => return Ok(Err(why)),
    };
    let python = match python_package(workspace)? {
        Ok(venv) => venv.python(),
        Err(why) => return Ok(Err(why)),
    };
    if let Err(why) = node::version()? {
        return Ok(Err(why));
    }
    node_package(workspace)?;
    let programs = [wasmtime, python].into_iter().filter_map(|program| program.parent().map(Path::to_owned));
    let programs = programs.filter(|folder| !folder.as_os_str().is_empty()).collect();
    let packages = vec![("virustotal-hunting", workspace.root.join(NODE_FOLDER))];
    Ok(Ok(Surroundings { workspace, programs, packages }))
}

/// Every document of the repository, by its path from the root.
fn documents(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let skipped = NO_DOCUMENTS.iter().any(|other| name == *other);
            match entry.file_type()? {
                kind if kind.is_dir() && !skipped => folders.push(path),
                kind if kind.is_file() && path.extension().is_some_and(|extension| extension == "md") => {
                    found.push(path.strip_prefix(root).map(Path::to_owned)?);
                }
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

fn document(surroundings: &Surroundings<'_>, name: &str, update: bool, summary: &mut Summary) -> Result<()> {
    let path = surroundings.workspace.root.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
    let blocks = blocks::of(&text)?;
    for block in &blocks {
        if let Kind::LeftOut(why) = &block.kind {
            summary.left_out.push(format!("{name}:{}: {why}", block.line));
        }
    }
    if blocks.iter().any(|block| block.kind == Kind::Rust) {
        is_a_doc_test(surroundings.workspace, name)?;
    }
    let (parts, places) = parts(&blocks);
    if parts.is_empty() {
        return Ok(());
    }
    println!("{BOLD}{name}{BOLD:#}");
    let endings = session::run(surroundings, name, &parts)?;
    summary.run += endings.len().min(parts.len());
    let before = summary.failures.len();
    let changes = judge(name, &blocks, &parts, &places, &endings, update, &mut summary.failures);
    for failure in &summary.failures[before..] {
        println!("{RED}{failure}{RED:#}");
    }
    if !changes.is_empty() {
        let mut text = text;
        for (block, content) in changes.into_iter().rev() {
            text.replace_range(blocks[block].range.clone(), &content);
        }
        fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        summary.updated.push(name.to_owned());
    }
    Ok(())
}

/// A document with Rust in it has to be one that the compiler sees.
fn is_a_doc_test(workspace: &Workspace, name: &str) -> Result<()> {
    for file in DOC_TESTS {
        let source = fs::read_to_string(workspace.root.join(file)).with_context(|| format!("cannot read {file}"))?;
        // By its path from the file that includes it.
        let beside = file.split('/').next().and_then(|folder| name.strip_prefix(folder));
        let included = |path: &str| source.contains(&format!("include_str!(\"{path}\")"));
        if included(&format!("../../{name}")) || beside.is_some_and(|rest| included(&format!("..{rest}"))) {
            return Ok(());
        }
    }
    bail!("it has Rust in it, and is not among the documentation tests of {}", DOC_TESTS.join(" or "))
}

/// What is to be run, and for each part the number of its block, and of the command in it.
fn parts(blocks: &[Block]) -> (Vec<Part>, Vec<(usize, usize)>) {
    let (mut parts, mut places) = (Vec::new(), Vec::new());
    for (number, block) in blocks.iter().enumerate() {
        let mut add = |part, command| {
            parts.push(part);
            places.push((number, command));
        };
        match &block.kind {
            Kind::Commands => add(Part::Commands(block.text.clone()), 0),
            Kind::Service => add(Part::Service(block.text.clone()), 0),
            Kind::Program(language) => add(Part::Program(*language, block.text.clone()), 0),
            Kind::Transcript => {
                for (place, command) in transcript::commands(&block.text).into_iter().enumerate() {
                    add(Part::Command(command.text), place);
                }
            }
            Kind::Rust | Kind::Data | Kind::LeftOut(_) => {}
        }
    }
    (parts, places)
}

/// Holds what came to what should; answers the blocks that are to be written anew.
fn judge(
    name: &str,
    blocks: &[Block],
    parts: &[Part],
    places: &[(usize, usize)],
    endings: &[Ending],
    update: bool,
    failures: &mut Vec<String>,
) -> Vec<(usize, String)> {
    let mut changes: Vec<(usize, Vec<transcript::Command>)> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let (block, place) = places[number];
        let at = format!("{name}:{}", blocks[block].line);
        let Some(Ending { status, output }) = endings.get(number) else {
            failures.push(format!("{at}: not run, since the shell ended before it"));
            break;
        };
        let Part::Command(text) = part else {
            if *status != 0 {
                let what = match part {
                    Part::Program(Language::Python, _) => "the program in Python",
                    Part::Program(Language::JavaScript, _) => "the program in JavaScript",
                    _ => "the block",
                };
                failures.push(format!("{at}: {what} failed with {status}:\n{}", output.join("\n")));
            }
            continue;
        };
        let mut commands = transcript::commands(&blocks[block].text);
        let command = &mut commands[place];
        if !transcript::fits(&command.output, output) {
            if update {
                let renewed = transcript::renewed(&command.output, output);
                match changes.last_mut() {
                    Some((last, commands)) if *last == block => commands[place].output = renewed,
                    _ => {
                        command.output = renewed;
                        changes.push((block, commands));
                    }
                }
            } else {
                let difference = transcript::difference(&command.output, output);
                failures.push(format!("{at}: `{text}` prints something else:\n{difference}"));
            }
        } else if *status != 0 && *status != BROKEN_PIPE && !command.shows_failure() {
            failures.push(format!("{at}: `{text}` ends with {status}, and the document shows no failure"));
        }
    }
    changes.into_iter().map(|(block, commands)| (block, transcript::written(&commands))).collect()
}

/// How a command ends whose reader had enough: `… | head -1`.
const BROKEN_PIPE: i32 = 128 + 13;

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(document: &str, outputs: &[(i32, &str)], update: bool) -> Result<(Vec<String>, String)> {
        let blocks = blocks::of(document)?;
        let (parts, places) = parts(&blocks);
        let ending =
            |&(status, output): &(i32, &str)| Ending { status, output: output.lines().map(str::to_owned).collect() };
        let endings: Vec<Ending> = outputs.iter().map(ending).collect();
        let mut failures = Vec::new();
        let mut text = document.to_owned();
        for (block, content) in
            judge("it.md", &blocks, &parts, &places, &endings, update, &mut failures).into_iter().rev()
        {
            text.replace_range(blocks[block].range.clone(), &content);
        }
        Ok((failures, text))
    }

    const DOCUMENT: &str = "```sh\nmake\n```\n\n```console\n$ one\n1\n$ two\n2\n```\n";

    #[test]
    fn a_document_that_is_right_has_no_failure() -> Result<()> {
        let (failures, text) = judged(DOCUMENT, &[(0, ""), (0, "1"), (0, "2")], true)?;
        assert_eq!((failures.len(), &*text), (0, DOCUMENT));
        Ok(())
    }

    #[test]
    fn another_output_is_a_failure_that_shows_the_difference() -> Result<()> {
        let (failures, _) = judged(DOCUMENT, &[(0, ""), (0, "1"), (0, "3")], false)?;
        assert_eq!(failures, ["it.md:5: `two` prints something else:\n- 2\n+ 3\n"]);
        Ok(())
    }

    #[test]
    fn an_update_writes_the_outputs_alone() -> Result<()> {
        let (failures, text) = judged(DOCUMENT, &[(0, ""), (0, "one"), (0, "3")], true)?;
        assert!(failures.is_empty());
        assert_eq!(text, "```sh\nmake\n```\n\n```console\n$ one\none\n$ two\n3\n```\n");
        Ok(())
    }

    #[test]
    fn a_command_that_fails_without_the_document_saying_so_is_a_failure() -> Result<()> {
        assert_eq!(judged(DOCUMENT, &[(0, ""), (1, "1"), (0, "2")], true)?.0.len(), 1);
        assert_eq!(judged(DOCUMENT, &[(3, ""), (0, "1"), (0, "2")], true)?.0.len(), 1);
        Ok(())
    }

    #[test]
    fn what_was_not_reached_is_a_failure() -> Result<()> {
        let (failures, _) = judged(DOCUMENT, &[(1, "no rule to make it")], true)?;
        assert_eq!(failures.len(), 2, "{failures:?}");
        Ok(())
    }
}
