//! Snippets: the hex dump around a match, read into bytes and the ranges that matched.
//!
//! A line is bytes in hexadecimal, a gap of two spaces, and the same bytes as characters. `*begin_highlight*` and
//! `*end_highlight*` stand among the bytes, and again among the characters, where they say nothing new.

use crate::api::{hexadecimal, text};
use crate::contract::snippets::{Highlight, Snippet};
use alloc::vec::Vec;

const BEGIN: &str = "*begin_highlight*";
const END: &str = "*end_highlight*";
/// What VirusTotal puts behind a snippet it cut.
const CUT: &str = "...";

/// Reads a snippet.
#[must_use]
pub fn parse(dump: &str) -> Snippet {
    let dump = dump.trim_ascii();
    let (dump, truncated) = match dump.strip_suffix(CUT) {
        // Characters can be dots as well; what was cut has the dots on a line of their own.
        Some(before) if before.is_empty() || before.ends_with('\n') => (before, true),
        _ => (dump, false),
    };
    let mut bytes = Vec::new();
    let mut highlights: Vec<Highlight> = Vec::new();
    let mut begun: Option<usize> = None;
    let mut lines = dump;
    while !lines.is_empty() {
        let (line, below) = text::cut(lines, b'\n').unwrap_or((lines, ""));
        lines = below;
        let mut rest = line.trim_ascii();
        while !rest.is_empty() {
            if let Some(behind) = rest.strip_prefix(BEGIN) {
                begun = begun.or(Some(bytes.len()));
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix(END) {
                close(&mut highlights, begun.take(), bytes.len());
                rest = behind;
            } else if let Some((byte, behind)) = byte(rest) {
                bytes.push(byte);
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix(' ').filter(|behind| !behind.starts_with(' ')) {
                rest = behind;
            } else {
                // The gap, or something that is no dump: the rest of the line is for people.
                break;
            }
        }
    }
    close(&mut highlights, begun, bytes.len());
    Snippet { bytes, highlights, truncated }
}

/// Two hexadecimal digits that stand alone.
fn byte(text: &str) -> Option<(u8, &str)> {
    let (digits, behind) = text.split_at_checked(2)?;
    let ends = behind.is_empty() || behind.starts_with([' ', '*']);
    let byte = hexadecimal::read(digits, 2).filter(|_| ends)?;
    Some((byte as u8, behind))
}

/// Adds a highlight; one that goes on where the last ended is the same.
fn close(highlights: &mut Vec<Highlight>, begun: Option<usize>, end: usize) {
    let Some(start) = begun.filter(|start| *start < end) else { return };
    let [start, end] = [start, end].map(|position| u32::try_from(position).unwrap_or(u32::MAX));
    match highlights.last_mut() {
        Some(last) if last.end == start => last.end = end,
        _ => highlights.push(Highlight { start, end }),
    }
}

#[cfg(test)]
#[path = "snippets_tests.rs"]
mod tests;
