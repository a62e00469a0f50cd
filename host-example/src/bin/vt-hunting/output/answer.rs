//! What an action gave, and what becomes of it in each format.

use vt_hunting_host::{
    diagnostics::ResponseInfo,
    types::{self, PageInfo},
};

use super::{
    Rendered, all, batch::Batch, counted, envelope, footer, json, rows, shown::Shown, snippet, style::Style,
    text::plain, with_aliases,
};
use crate::{args::global::Format, failure::Failure};

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
    /// What a create left behind.
    Found {
        /// What they are, in plural.
        noun: &'static str,
        /// The objects; none, if nothing arrived.
        objects: Vec<Box<dyn Shown>>,
        /// For people.
        said: &'static str,
    },
    /// One step of following.
    Batch(Batch),
    /// Whether somebody may edit a ruleset.
    Editor {
        /// The ruleset's id.
        id: String,
        /// The user's or group's name.
        editor: String,
        /// Whether they may.
        may_edit: bool,
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

impl Answer {
    /// Where it goes on, if it does: the flag that takes it, and what it takes.
    pub(crate) fn goes_on(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Page { page, .. } => Some(("--cursor", page.cursor.as_deref()?)),
            Self::Batch(batch) => Some(("--checkpoint", &batch.checkpoint)),
            _ => None,
        }
    }

    /// Shows it. `next` is the command that goes on, for a table.
    pub(crate) fn render(
        &self,
        response: Option<&ResponseInfo>,
        style: &Style,
        next: Option<&str>,
    ) -> Result<Rendered, Failure> {
        let rendered = if style.envelope {
            self.envelope(response).map(|text| style.document(&text).into())
        } else {
            match style.format {
                Format::Json => self.json(style.raw).map(|text| style.document(&text).into()),
                Format::Jsonl => self.jsonl(style.raw),
                Format::Table => Ok(self.table(style, next).into()),
            }
        };
        rendered.map_err(json::unfit)
    }

    fn json(&self, raw: bool) -> serde_json::Result<String> {
        match self {
            Self::Page { objects, page, .. } => json::collection(&all(objects, raw)?, page),
            Self::Found { objects, .. } => Ok(format!("{{\"items\":[{}]}}", all(objects, raw)?.join(","))),
            Self::Batch(batch) => batch.json(raw),
            Self::Editor { id, editor, may_edit } => {
                let (id, editor) = (json::line(id)?, json::line(editor)?);
                Ok(format!("{{\"id\":{id},\"editor\":{editor},\"may_edit\":{may_edit}}}"))
            }
            Self::One { object, .. } => object.json(raw),
            Self::Done { id, field, .. } => Ok(format!("{{\"id\":{},\"{field}\":true}}", json::line(id)?)),
        }
    }

    fn jsonl(&self, raw: bool) -> serde_json::Result<Rendered> {
        let lines = |objects| Ok(all(objects, raw)?.into_iter().map(|line| line + "\n").collect::<String>());
        match self {
            Self::Page { objects, page, .. } => {
                let hint = match page.cursor {
                    Some(_) => format!("{{\"page\":{}}}\n", json::line(&json::Page::from(page))?),
                    None => String::new(),
                };
                Ok(Rendered { answer: lines(objects)?, hint })
            }
            Self::Found { objects, .. } => Ok(lines(objects)?.into()),
            Self::Batch(batch) => batch.jsonl(raw),
            _ => Ok((self.json(raw)? + "\n").into()),
        }
    }

    fn envelope(&self, response: Option<&ResponseInfo>) -> serde_json::Result<String> {
        let collected = |objects: &[Box<dyn Shown>]| {
            objects.iter().map(|object| with_aliases(&**object)).collect::<serde_json::Result<Vec<_>>>()
        };
        let body = match self {
            Self::Page { objects, page, .. } => envelope::collection(&collected(objects)?, page)?,
            Self::Found { objects, .. } => envelope::list(&collected(objects)?, "{}", "{}")?,
            Self::Batch(batch) => batch.body()?,
            Self::Editor { may_edit, .. } => envelope::single(&may_edit.to_string())?,
            Self::One { object, .. } if object.is_body() => envelope::whole(object.raw())?,
            Self::One { object, .. } => envelope::single(&with_aliases(&**object)?)?,
            Self::Done { .. } => envelope::empty()?,
        };
        envelope::envelope(response, &body)
    }

    fn table(&self, style: &Style, next: Option<&str>) -> String {
        match self {
            Self::Page { noun, objects, page } => {
                rows(objects, style) + &footer(noun, objects.len(), page, style, next)
            }
            Self::Found { noun, objects, said } => {
                let gap = if objects.is_empty() { "" } else { "\n" };
                format!("{}{gap}{}: {said}\n", rows(objects, style), counted(noun, objects.len()))
            }
            Self::Batch(batch) => batch.table(style, next),
            Self::Editor { id, editor, may_edit } => {
                let may = if *may_edit { "may" } else { "may not" };
                plain(&format!("{editor} {may} edit ruleset {id}.")) + "\n"
            }
            Self::One { object, next } => {
                let mut text = object.alone(style.look);
                if let Some(warning) = object.warning() {
                    text += &format!("\n{}\n", plain(&warning));
                }
                text += &snippet(&**object, style);
                if let Some(next) = next {
                    text += &format!("\n{}\n", plain(next));
                }
                text
            }
            Self::Done { said, .. } => plain(said) + "\n",
        }
    }

    /// Why it is not all there is.
    pub(crate) fn incomplete(&self) -> Option<&types::Error> {
        match self {
            Self::Page { page, .. } => page.incomplete.as_ref(),
            Self::Batch(batch) => batch.incomplete.as_ref(),
            _ => None,
        }
    }
}
