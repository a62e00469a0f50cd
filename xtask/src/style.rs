//! The few styles in use. `anstream` strips them where nobody sees colours: pipes, files, `NO_COLOR`.

use anstyle::{AnsiColor, Color, Style};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = colour(AnsiColor::Red);
pub(crate) const GREEN: Style = colour(AnsiColor::Green);
pub(crate) const YELLOW: Style = colour(AnsiColor::Yellow);

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}
