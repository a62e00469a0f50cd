//! Tables for people: no lines, columns that keep their values whole, and whatever the terminal's width leaves for the rest.

use comfy_table::{
    Attribute, Cell as TableCell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
};

use super::text::{is_sha256, plain};

/// Below this many columns a hash is shortened: whole it would leave no room for anything else.
const ROOM_FOR_HASHES: u16 = 120;

/// What is left of a shortened hash: as much as tells two apart, with the mark.
const SHORT_HASH: u16 = 13;

/// The room between two columns.
const GAP: u16 = 2;

/// How a table may look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// The terminal's width; none: as wide as it gets.
    pub(crate) width: Option<u16>,
    /// Whether colours are wanted.
    pub(crate) colour: bool,
    /// Whether snippets are shown.
    pub(crate) snippets: bool,
}

impl Look {
    /// Whether hashes are shortened.
    pub(crate) fn shortens(self) -> bool {
        self.width.is_some_and(|width| width < ROOM_FOR_HASHES)
    }
}

/// How a column behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Never broken.
    Whole,
    /// Never broken, at the right.
    Number,
    /// Broken where room is short.
    Wrap,
    /// Broken where room is short, a shortened hash not.
    Hash,
    /// What people copy: not broken, unless it took more than half of the room.
    Id,
}

/// A column: its title and how it behaves.
pub(crate) type Column = (&'static str, Fit);

/// What a value says about the state of things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// Done, active.
    Good,
    /// Under way, or soon to end.
    Notice,
    /// Malicious, failed.
    Bad,
}

/// One value of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    text: String,
    tone: Tone,
}

impl Value {
    /// The value's text, fit for a terminal.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: plain(text.as_ref()), tone: Tone::Plain }
    }

    /// With a tone.
    pub(crate) fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { tone, ..Self::new(text) }
    }

    fn cell(&self, look: Look) -> TableCell {
        let text = if look.shortens() && is_sha256(&self.text) {
            format!("{}…", self.text.get(..usize::from(SHORT_HASH) - 1).unwrap_or_default())
        } else {
            self.text.clone()
        };
        let cell = TableCell::new(text);
        match self.tone {
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::Green),
            Tone::Notice => cell.fg(Color::Yellow),
            Tone::Bad => cell.fg(Color::Red),
        }
    }
}

impl<T: AsRef<str>> From<Option<T>> for Value {
    fn from(text: Option<T>) -> Self {
        text.map(Self::new).unwrap_or_default()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Rows under titles.
pub(crate) fn table(columns: &[Column], rows: &[Vec<Value>], look: Look) -> String {
    let mut table = empty(look);
    table.set_header(columns.iter().map(|(title, _)| TableCell::new(title).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(|value| value.cell(look)));
    }
    for (index, (column, (_, fit))) in table.column_iter_mut().zip(columns).enumerate() {
        column.set_padding((0, if index + 1 == columns.len() { 0 } else { GAP }));
        match fit {
            Fit::Whole => {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            Fit::Number => {
                column.set_constraint(ColumnConstraint::ContentWidth);
                column.set_cell_alignment(CellAlignment::Right);
            }
            Fit::Hash if look.shortens() => {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(SHORT_HASH + GAP)));
            }
            Fit::Id => {
                let longest =
                    rows.iter().filter_map(|row| row.get(index)).map(|value| value.text.chars().count()).max();
                if look.width.is_none_or(|width| longest.unwrap_or(0) * 2 <= usize::from(width)) {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
            Fit::Hash | Fit::Wrap => {}
        }
    }
    rendered(&table)
}

/// One object: names and values, those without a value left out.
pub(crate) fn card(fields: &[(&'static str, Value)], look: Look) -> String {
    // A single object has room for its hash.
    let whole = Look { width: None, ..look };
    let mut table = empty(look);
    for (name, value) in fields.iter().filter(|(_, value)| !value.text.is_empty()) {
        table.add_row([TableCell::new(name).add_attribute(Attribute::Bold), value.cell(whole)]);
    }
    for (column, padding) in table.column_iter_mut().zip([GAP, 0]) {
        column.set_padding((0, padding));
    }
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    rendered(&table)
}

fn empty(look: Look) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    // The look decides, not what this library finds out about the terminal.
    table.force_no_tty();
    if look.colour {
        table.enforce_styling();
    }
    match look.width {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

fn rendered(table: &Table) -> String {
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "6a935f53b40d3be314b4e819c21a5e587a2066148ab3061513e05dc1323a9b18";

    fn look(width: Option<u16>) -> Look {
        Look { width, colour: false, snippets: false }
    }

    fn sample(width: Option<u16>) -> String {
        table(
            &[("SHA-256", Fit::Whole), ("RULE", Fit::Wrap), ("SIZE", Fit::Number)],
            &[vec![HASH.into(), "a rule with a rather long name, wider than what is left over".into(), "9 B".into()]],
            look(width),
        )
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let text = sample(Some(60));
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(text.contains("6a935f53b40d…"), "{text}");
    }

    #[test]
    fn without_a_terminal_nothing_is_shortened_or_broken() {
        let text = sample(None);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains(HASH), "{text}");
    }

    #[test]
    fn a_card_leaves_out_what_is_absent_and_keeps_hashes() {
        let text = card(
            &[("id", HASH.into()), ("label", Value::from(None::<String>)), ("date", "2021".into())],
            look(Some(80)),
        );
        assert_eq!(text, format!("id    {HASH}\ndate  2021\n"));
    }

    #[test]
    fn colours_are_used_only_where_wanted() {
        let rows = [vec![Value::toned("running", Tone::Notice)]];
        let columns = [("STATUS", Fit::Whole)];
        assert!(!table(&columns, &rows, look(None)).contains('\u{1b}'));
        let coloured = Look { colour: true, ..look(None) };
        assert!(table(&columns, &rows, coloured).contains('\u{1b}'));
    }
}
