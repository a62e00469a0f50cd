//! The code blocks of a document, and what is to be done with each.
//!
//! What a block is, its info string says. A reason not to run it stands there too, where whoever changes the document
//! sees it: `sh no-run: needs a cluster`.

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A block of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The line its fence is in, counted from 1.
    pub(super) line: usize,
    /// Where its content is in the document.
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// What is to be done with a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Run in the document's shell; every command has to succeed.
    Commands,
    /// Run as in another terminal, to the end of the document.
    Service,
    /// Run command by command, and what each prints is compared.
    Transcript,
    Program(Language),
    /// Compiled as documentation tests are, and run if it can be.
    Rust,
    /// Not a program: data, or another language's code to be read.
    Data,
    /// Not run, for this reason.
    LeftOut(String),
}

/// A language that programs in a document are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    JavaScript,
    Python,
}

/// What every block that is not a program may be.
const DATA: [&str; 7] = ["json", "toml", "text", "wit", "yaml", "c", "html"];

/// The blocks of a document, in order. What could be run and says neither what it is nor why it is not is an error.
pub(super) fn of(document: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String, Option<Range<usize>>)> = None;
    for (event, range) in Parser::new(document).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => bail!(
                "line {}: a block that is indented says nothing about what it is; put it between fences",
                line_of(document, range.start)
            ),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some((line_of(document, range.start), info.into_string(), None));
            }
            Event::Text(_) => {
                if let Some((_, _, content)) = &mut open {
                    let start = content.as_ref().map_or(range.start, |content| content.start);
                    *content = Some(start..range.end);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((line, info, content)) = open.take() {
                    let range = content.unwrap_or_default();
                    let text = document[range.clone()].to_owned();
                    let kind = kind(&info, &text).with_context(|| format!("line {line}"))?;
                    blocks.push(Block { line, range, text, kind });
                }
            }
            _ => {}
        }
    }
    Ok(blocks)
}

fn line_of(document: &str, at: usize) -> usize {
    document[..at].matches('\n').count() + 1
}

fn kind(info: &str, text: &str) -> Result<Kind> {
    let language = info.split([' ', ',']).next().unwrap_or_default();
    let rest = info[language.len()..].trim();
    if let Some(reason) = rest.strip_prefix("no-run:") {
        let reason = reason.trim();
        ensure!(!reason.is_empty(), "`no-run:` wants the reason behind it");
        return Ok(Kind::LeftOut(reason.to_owned()));
    }
    Ok(match (language, rest) {
        ("sh", "") => Kind::Commands,
        ("sh", "service") => Kind::Service,
        ("console", "") => Kind::Transcript,
        ("js" | "ts", "") => Kind::Program(Language::JavaScript),
        ("py" | "python", "") => Kind::Program(Language::Python),
        ("rust", _) => Kind::Rust,
        ("text", "") if text.starts_with("$ ") => bail!("what has a command and its output is `console`"),
        (data, "") if DATA.contains(&data) => Kind::Data,
        _ => bail!("`{info}` says neither how to run the block nor, as `no-run: REASON`, why it is not run"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(document: &str) -> Result<Vec<Kind>> {
        Ok(of(document)?.into_iter().map(|block| block.kind).collect())
    }

    #[test]
    fn the_info_string_says_what_to_do_with_a_block() -> Result<()> {
        let document = "```sh\na\n```\n```sh service\nb\n```\n```console\n$ c\n```\n```json\n{}\n```\n```rust,no_run\nd\n```\n\
                        ```py\ne\n```\n```sh no-run: needs a cluster\nf\n```\n";
        let left_out = Kind::LeftOut("needs a cluster".into());
        let program = Kind::Program(Language::Python);
        let expected = [Kind::Commands, Kind::Service, Kind::Transcript, Kind::Data, Kind::Rust, program, left_out];
        assert_eq!(kinds(document)?, expected);
        Ok(())
    }

    #[test]
    fn a_block_knows_its_line_and_its_place() -> Result<()> {
        let document = "text\n\n```sh\none\ntwo\n```\n";
        let blocks = of(document)?;
        assert_eq!((blocks[0].line, &*blocks[0].text), (3, "one\ntwo\n"));
        assert_eq!(&document[blocks[0].range.clone()], "one\ntwo\n");
        Ok(())
    }

    #[test]
    fn a_block_that_says_nothing_is_refused() {
        for document in [
            "```\nvt-hunting config\n```\n",
            "```bash\nvt-hunting config\n```\n",
            "```sh no-run:\nvt-hunting config\n```\n",
            "```sh sometimes\nvt-hunting config\n```\n",
            "```text\n$ vt-hunting config\nurl\n```\n",
            "text\n\n    vt-hunting config\n",
        ] {
            assert!(of(document).is_err(), "{document}");
        }
    }
}
