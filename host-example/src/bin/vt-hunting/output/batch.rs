//! What one step of following gave, in every format.

use serde::Serialize;
use serde_json::value::RawValue;
use vt_hunting_host::types;

use super::{Rendered, envelope, json, next_page, shown::Shown, style::Style, text::plain};

/// A step's objects, and where it ended.
pub(crate) struct Batch {
    /// What is in it, in plural.
    pub(crate) noun: &'static str,
    /// The objects, oldest first.
    pub(crate) objects: Vec<Box<dyn Shown>>,
    /// For the next step.
    pub(crate) checkpoint: String,
    /// Whether there is more to read at once.
    pub(crate) more: bool,
    /// Why the step ended early.
    pub(crate) incomplete: Option<types::Error>,
}

/// All of it but the objects.
#[derive(Serialize)]
struct End<'a> {
    checkpoint: &'a str,
    more: bool,
    incomplete: Option<json::Error<'a>>,
}

impl Batch {
    fn end(&self) -> End<'_> {
        let incomplete = self.incomplete.as_ref().map(json::Error::from);
        End { checkpoint: &self.checkpoint, more: self.more, incomplete }
    }

    pub(super) fn json(&self, raw: bool) -> serde_json::Result<String> {
        let end = json::line(&self.end())?;
        // The end's own members, behind the items.
        let members = end.strip_prefix('{').unwrap_or(&end);
        Ok(format!("{{\"items\":[{}],{members}", super::all(&self.objects, raw)?.join(",")))
    }

    pub(super) fn jsonl(&self, raw: bool) -> serde_json::Result<Rendered> {
        let answer = super::all(&self.objects, raw)?.into_iter().map(|line| line + "\n").collect();
        Ok(Rendered { answer, hint: format!("{{\"batch\":{}}}\n", json::line(&self.end())?) })
    }

    /// The objects as VirusTotal sent them; the checkpoint, which is the component's, stands where a cursor would.
    pub(super) fn body(&self) -> serde_json::Result<Box<RawValue>> {
        let objects: Vec<_> =
            self.objects.iter().map(|object| super::with_aliases(&**object)).collect::<Result<_, _>>()?;
        let meta = serde_json::json!({"checkpoint": self.checkpoint, "more": self.more});
        envelope::list(&objects, &meta.to_string(), "{}")
    }

    pub(super) fn table(&self, style: &Style, typed: &[String]) -> String {
        let mut text = super::rows(&self.objects, style);
        if !self.objects.is_empty() {
            text.push('\n');
        }
        let count = super::counted(self.noun, self.objects.len());
        let rest = if self.more { "more to read at once" } else { "nothing more to read now" };
        text += &format!("{count}, oldest first; {rest}\n");
        text += &format!("next step: {}\n", plain(&next_page::command(typed, "--checkpoint", &self.checkpoint)));
        text
    }
}
