//! How an answer is shown: JSON, JSON lines, the connector's envelope, or a table for people.

mod envelope;
mod facts;
pub(crate) mod json;
mod layout;
mod next_page;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod shown;
mod snippet;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;

use std::io::{ErrorKind, Write as _};

use serde_json::json;
use vt_hunting_host::{diagnostics::ResponseInfo, types::PageInfo};

use crate::{args::global::Format, exit::Kind, failure::Failure};
use shown::Shown;
use style::Style;
use text::plain;

/// What an action gave.
pub(crate) enum Answer {
    /// A page of a collection.
    Page {
        /// What is in it, in plural.
        noun: &'static str,
        /// The objects.
        objects: Vec<Box<dyn Shown>>,
        /// Where it stands.
        page: PageInfo,
    },
    /// One object.
    One {
        /// The object.
        object: Box<dyn Shown>,
        /// What to do with it next, for people.
        next: Option<String>,
    },
    /// It is done, and there is nothing to show.
    Done {
        /// Whose id.
        id: String,
        /// The field of the JSON that is true.
        field: &'static str,
        /// For people.
        said: String,
    },
}

/// What goes where.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// For standard output.
    pub(crate) answer: String,
    /// For standard error: the next page of JSON lines.
    pub(crate) hint: String,
}

impl Answer {
    /// Shows it. `typed` are the program's arguments, for the command that gets the next page.
    pub(crate) fn render(
        &self,
        response: Option<&ResponseInfo>,
        style: &Style,
        typed: &[String],
    ) -> Result<Rendered, Failure> {
        let rendered = if style.envelope {
            self.envelope(response).map(|text| style.document(&text).into())
        } else {
            match style.format {
                Format::Json => self.json(style.raw).map(|text| style.document(&text).into()),
                Format::Jsonl => self.jsonl(style.raw),
                Format::Table => Ok(self.table(style, typed).into()),
            }
        };
        rendered.map_err(json::unfit)
    }

    fn json(&self, raw: bool) -> serde_json::Result<String> {
        match self {
            Self::Page { objects, page, .. } => json::collection(&all(objects, raw)?, page),
            Self::One { object, .. } => object.json(raw),
            Self::Done { id, field, .. } => Ok(format!("{{\"id\":{},\"{field}\":true}}", json!(id))),
        }
    }

    fn jsonl(&self, raw: bool) -> serde_json::Result<Rendered> {
        let Self::Page { objects, page, .. } = self else {
            return Ok((self.json(raw)? + "\n").into());
        };
        let hint = match page.cursor {
            Some(_) => format!("{{\"page\":{}}}\n", serde_json::to_string(&json::Page::from(page))?),
            None => String::new(),
        };
        let answer = all(objects, raw)?.into_iter().map(|line| line + "\n").collect();
        Ok(Rendered { answer, hint })
    }

    fn envelope(&self, response: Option<&ResponseInfo>) -> serde_json::Result<String> {
        let with_aliases = |object: &dyn Shown| envelope::with_aliases(object.raw(), object.aliases());
        let body = match self {
            Self::Page { objects, page, .. } => {
                let objects = objects.iter().map(|object| with_aliases(&**object));
                envelope::collection(&objects.collect::<serde_json::Result<Vec<_>>>()?, page)?
            }
            Self::One { object, .. } => envelope::single(&with_aliases(&**object)?)?,
            Self::Done { .. } => envelope::empty()?,
        };
        envelope::envelope(response, &body)
    }

    fn table(&self, style: &Style, typed: &[String]) -> String {
        let look = style.look;
        match self {
            Self::Page { noun, objects, page } => {
                let (good, bad): (Vec<_>, Vec<_>) = objects.iter().partition(|object| object.error().is_none());
                let mut text = String::new();
                if let Some(first) = good.first() {
                    let rows: Vec<_> = good.iter().map(|object| object.row()).collect();
                    text += &table::table(&first.columns(), &rows, look);
                }
                for object in bad {
                    let (code, message) = object.error().map_or(("", ""), |error| (&error.code, &error.message));
                    text += &format!("{}: not readable: {} {}\n", plain(object.id()), plain(code), plain(message));
                }
                if look.snippets {
                    for object in good {
                        text += &snippet(&**object, style);
                    }
                }
                text + &footer(noun, objects.len(), page, style, typed)
            }
            Self::One { object, next } => {
                let mut text = table::card(&object.card(), look);
                text += &snippet(&**object, style);
                if let Some(next) = next {
                    text += &format!("\n{}\n", plain(next));
                }
                text
            }
            Self::Done { said, .. } => plain(said) + "\n",
        }
    }
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

fn footer(noun: &str, shown: usize, page: &PageInfo, style: &Style, typed: &[String]) -> String {
    let things = if shown == 1 { noun.strip_suffix('s').unwrap_or(noun) } else { noun };
    let mut text = match page.count {
        Some(count) if count != shown as u64 => format!("{shown} {things}; VirusTotal counts {count}"),
        _ if shown == 0 => format!("no {things}"),
        _ => format!("{shown} {things}"),
    };
    if shown > 0 {
        text.insert(0, '\n');
    }
    if shown > 0 && style.look.shortens() && noun != "rulesets" && noun != "jobs" {
        text += "; --wide shows whole hashes";
    }
    text.push('\n');
    if let Some(cursor) = &page.cursor {
        text += &format!("next page: {}\n", plain(&next_page::command(typed, cursor)));
    }
    text
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::host(
            Kind::Output,
            "WriteFailed",
            format!("The answer cannot be written: {error}."),
            "check where standard output goes",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
