//! The committed corpora: inputs that reach what the seeds do not, a file for each target in `fuzz/corpora/`. A line is an
//! input as a JSON string, each byte a character, so that they can be read, and compared line by line.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

fn path(workspace: &Workspace, target: &str) -> PathBuf {
    workspace.root.join("fuzz").join("corpora").join(target).with_extension("jsonl")
}

/// The inputs of a target, in order; none where it has no file.
pub(super) fn read(workspace: &Workspace, target: &str) -> Result<Vec<Vec<u8>>> {
    let path = path(workspace, target);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .map(|line| bytes(line).with_context(|| format!("{} has a line that is not one", path.display())))
        .collect()
}

/// Writes them, in an order that does not depend on anything.
pub(super) fn write(workspace: &Workspace, target: &str, mut lines: Vec<String>) -> Result<()> {
    lines.sort_by_key(|line| (line.len(), line.clone()));
    let path = path(workspace, target);
    fs::create_dir_all(path.with_file_name(""))
        .with_context(|| format!("cannot make a folder for {}", path.display()))?;
    fs::write(&path, lines.join("\n") + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// An input as a line.
pub(super) fn line(input: &[u8]) -> Result<String> {
    let text: String = input.iter().copied().map(char::from).collect();
    let mut line = String::new();
    // Nothing but ASCII: an editor must not change it.
    for character in serde_json::to_string(&text)?.chars() {
        match u32::from(character) {
            code @ 0x7f.. => line.push_str(&format!("\\u{code:04x}")),
            _ => line.push(character),
        }
    }
    Ok(line)
}

/// The input of a line.
fn bytes(line: &str) -> Result<Vec<u8>> {
    let text: String = serde_json::from_str(line)?;
    text.chars().map(|character| Ok(u8::try_from(u32::from(character))?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_kept_and_a_line_is_plain_text() -> Result<()> {
        let all: Vec<u8> = (0..=255).collect();
        let line = line(&all)?;
        assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line}");
        assert_eq!(bytes(&line)?, all);
        assert!(bytes("\"\u{100}\"").is_err());
        Ok(())
    }

    #[test]
    fn the_committed_corpora_are_of_targets_and_can_be_read() -> Result<()> {
        let workspace = Workspace::find()?;
        let targets = crate::fuzz::targets(&workspace)?;
        for entry in fs::read_dir(workspace.root.join("fuzz").join("corpora"))? {
            let path = entry?.path();
            let target = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            assert!(targets.contains(&target), "{target} is not a target");
            assert!(!read(&workspace, &target)?.is_empty(), "{target}");
        }
        Ok(())
    }
}
