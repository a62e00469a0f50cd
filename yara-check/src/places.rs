//! Where something is, as people say it: lines and columns from 1, columns in characters; and the line itself with a mark
//! under the place.

use std::ops::Range;

/// How many characters of a long line are shown.
const WIDTH: usize = 120;
/// How many of these stand before the place.
const BEFORE: usize = 40;

/// A source text, and where its lines begin.
pub(crate) struct Places<'s> {
    source: &'s str,
    /// The offset of every line's first byte; the first is 0.
    lines: Vec<usize>,
}

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl<'s> Places<'s> {
    pub(crate) fn new(source: &'s str) -> Places<'s> {
        let breaks = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Places { source, lines: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of a byte. An offset beyond the text is its end, one inside a character that character's.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = self.boundary(offset);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.wrapping_sub(1)).copied().unwrap_or_default();
        Place { line, column: self.source.get(start..offset).unwrap_or_default().chars().count() + 1 }
    }

    /// The line that a span begins in, and below it a line with the span marked, up to the line's end.
    pub(crate) fn excerpt(&self, span: Range<usize>) -> String {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end);
        let index = self.lines.partition_point(|line| *line <= start);
        let first = self.lines.get(index.wrapping_sub(1)).copied().unwrap_or_default();
        let last = self.lines.get(index).copied().unwrap_or(self.source.len());
        let line = self.source.get(first..last).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let column = self.source.get(first..start).unwrap_or_default().chars().count();
        let marked = self.source.get(start..end.min(first + line.len())).unwrap_or_default().chars().count().max(1);

        let length = line.chars().count();
        let skipped = if length > WIDTH { column.saturating_sub(BEFORE) } else { 0 };
        let shown = length.saturating_sub(skipped).min(WIDTH);
        let mut text = String::new();
        if skipped > 0 {
            text.push('…');
        }
        text.extend(line.chars().skip(skipped).take(shown).map(harmless));
        if skipped + shown < length {
            text.push('…');
        }
        text.push('\n');
        let indent = column - skipped + usize::from(skipped > 0);
        text.extend(std::iter::repeat_n(' ', indent));
        // A place at the end of the line is marked behind its last character.
        text.extend(std::iter::repeat_n('^', marked.min((skipped + shown).saturating_sub(column).max(1))));
        text
    }

    /// The offset, moved to the beginning of the character it is in.
    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.source.len());
        while !self.source.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// The character, unless it could move a cursor or turn the direction of a text.
fn harmless(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
