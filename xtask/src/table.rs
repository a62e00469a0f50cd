//! Aligned text columns.

use anstream::println;
use anstyle::Style;

/// Rows of cells, each with a style, printed under a heading in columns as wide as their widest cell.
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<(Style, String)>>,
}

impl Table {
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { heading: heading.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<(Style, String)>) {
        self.rows.push(cells);
    }

    pub(crate) fn print(&self) {
        let dim = crate::style::DIM;
        for (index, heading) in self.heading.iter().enumerate() {
            self.print_cell(index, dim, heading);
        }
        println!();
        for row in &self.rows {
            for (index, (style, cell)) in row.iter().enumerate() {
                self.print_cell(index, *style, cell);
            }
            println!();
        }
    }

    /// The last column is not padded: trailing blanks only make logs wider.
    fn print_cell(&self, index: usize, style: Style, text: &str) {
        let width = if index + 1 == self.heading.len() { 0 } else { self.width(index) };
        let padding = width.saturating_sub(text.chars().count());
        let gap = if index == 0 { "" } else { "  " };
        anstream::print!("{gap}{style}{text}{style:#}{:padding$}", "");
    }

    fn width(&self, column: usize) -> usize {
        let heading = self.heading.get(column).map_or(0, |text| text.chars().count());
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|(_, text)| text.chars().count());
        cells.fold(heading, usize::max)
    }
}
