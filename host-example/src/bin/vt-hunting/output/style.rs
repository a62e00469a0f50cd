//! What the flags and the terminal say about how answers look, settled once.

use std::io::IsTerminal as _;

use super::{layout, table::Look};
use crate::args::global::{Format, OutputArgs};

/// How answers look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// The format.
    pub(crate) format: Format,
    /// Whether failures are JSON too: where JSON was asked for by name.
    pub(crate) failures_as_json: bool,
    /// Whether the answer comes in the connector's envelope.
    pub(crate) envelope: bool,
    /// Whether JSON goes on one line.
    pub(crate) compact: bool,
    /// Whether JSON has the object as it came.
    pub(crate) raw: bool,
    /// How tables look.
    pub(crate) look: Look,
}

impl Style {
    /// Settles it. `default` is the format of a command that has one of its own.
    pub(crate) fn new(args: &OutputArgs, default: Option<Format>) -> Self {
        if args.no_color {
            anstream::ColorChoice::Never.write_global();
        }
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let format = match args.output.or(default.filter(|_| !args.envelope)) {
            Some(format) => format,
            None if terminal && !args.envelope => Format::Table,
            None => Format::Json,
        };
        // A terminal that does not know its width says 0.
        let width = comfy_table::Table::new().width().filter(|width| terminal && !args.wide && *width > 0);
        Self {
            format,
            failures_as_json: args.envelope || matches!(args.output, Some(Format::Json | Format::Jsonl)),
            envelope: args.envelope,
            compact: args.compact,
            raw: !args.no_raw,
            look: Look {
                width,
                // Knows NO_COLOR and terminals without colours.
                colour: anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never,
                snippets: args.snippets,
            },
        }
    }

    /// Whether an answer is a table.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table && !self.envelope
    }

    /// One JSON document, laid out as wanted.
    pub(crate) fn document(&self, json: &str) -> String {
        if self.compact || self.format == Format::Jsonl {
            layout::one_line(json) + "\n"
        } else {
            layout::indented(json)
        }
    }
}
