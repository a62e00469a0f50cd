//! How an answer is shown: JSON, JSON lines, the connector's envelope, or a table for people.

mod answer;
mod batch;
mod envelope;
mod facts;
pub(crate) mod json;
pub(crate) mod layout;
pub(crate) mod next_page;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod shown;
mod snippet;
pub(crate) mod snippet_bytes;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;

use std::io::{ErrorKind, Write as _};

use vt_hunting_host::{diagnostics::ResponseInfo, types::PageInfo};

pub(crate) use answer::Answer;
pub(crate) use batch::{Batch, lost};

use crate::{exit::Kind, failure::Failure};
use shown::Shown;
use style::Style;
use text::plain;

/// What goes where.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// For standard output.
    pub(crate) answer: String,
    /// For standard error: the next page of JSON lines.
    pub(crate) hint: String,
}

/// A collection's rows, below them what could not be read, and the snippets.
fn rows(objects: &[Box<dyn Shown>], style: &Style) -> String {
    let look = style.look;
    let (good, bad): (Vec<_>, Vec<_>) = objects.iter().partition(|object| object.error().is_none());
    let mut text = String::new();
    if let Some(first) = good.first() {
        let rows: Vec<_> = good.iter().map(|object| object.row()).collect();
        text += &table::table(&first.columns(), &rows, look);
    }
    let warnings: Vec<_> = good.iter().filter_map(|object| object.warning()).collect();
    if !warnings.is_empty() {
        text.push('\n');
    }
    for warning in warnings {
        text += &format!("{}\n", plain(&warning));
    }
    for object in bad {
        let (code, message) = object.error().map_or(("", ""), |error| (&error.code, &error.message));
        text += &format!("{}: not readable: {} {}\n", plain(object.id()), plain(code), plain(message));
    }
    if look.snippets {
        let snippets: String = good.iter().map(|object| snippet(&***object, style)).collect();
        text += if snippets.is_empty() && !good.is_empty() {
            "\nno snippets: VirusTotal sent none with these\n"
        } else {
            &snippets
        };
    }
    text
}

/// `1 file`, `2 files`, `no files`
fn counted(noun: &str, count: usize) -> String {
    match count {
        0 => format!("no {noun}"),
        1 => format!("1 {}", noun.strip_suffix('s').unwrap_or(noun)),
        _ => format!("{count} {noun}"),
    }
}

fn with_aliases(object: &dyn Shown) -> serde_json::Result<String> {
    envelope::with_aliases(object.raw(), object.aliases())
}

impl From<String> for Rendered {
    fn from(answer: String) -> Self {
        Self { answer, hint: String::new() }
    }
}

/// The envelope of a failure that VirusTotal answered with; none if no answer came.
pub(crate) fn failed_envelope(failure: &Failure, response: Option<&ResponseInfo>, style: &Style) -> Option<String> {
    let response = response?;
    let body = envelope::failure(&failure.code, &failure.message).ok()?;
    let text = envelope::envelope(Some(response), &body).ok()?;
    Some(style.document(&text))
}

fn all(objects: &[Box<dyn Shown>], raw: bool) -> serde_json::Result<Vec<String>> {
    objects.iter().map(|object| object.json(raw)).collect()
}

fn snippet(object: &dyn Shown, style: &Style) -> String {
    let Some((title, snippet)) = object.snippet() else {
        return String::new();
    };
    let lines = snippet::lines(snippet, style.look.colour);
    if lines.is_empty() {
        return lines;
    }
    format!("\n{}\n{lines}", plain(&title))
}

fn footer(noun: &str, shown: usize, page: &PageInfo, style: &Style, next: Option<&str>) -> String {
    let mut text = match page.count {
        Some(count) if count != shown as u64 && shown == 0 => format!("0 {noun}; VirusTotal counts {count}"),
        Some(count) if count != shown as u64 => format!("{}; VirusTotal counts {count}", counted(noun, shown)),
        _ => counted(noun, shown),
    };
    if shown > 0 {
        text.insert(0, '\n');
    }
    if shown > 0 && style.look.shortens() && ["files", "objects", "notifications"].contains(&noun) {
        text += "; --wide shows whole hashes";
    }
    text.push('\n');
    if let Some(next) = next {
        text += &format!("next page: {}\n", plain(next));
    }
    text
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritable(&error)),
        _ => Ok(()),
    }
}

/// Standard output takes no more.
pub(crate) fn unwritable(error: &std::io::Error) -> Failure {
    let message = format!("The answer cannot be written: {error}.");
    Failure::host(Kind::Output, "WriteFailed", message, "check where standard output goes")
}

#[cfg(test)]
mod tests;
