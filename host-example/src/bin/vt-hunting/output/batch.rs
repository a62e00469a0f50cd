//! What one step of following gave, in every format.

use serde::Serialize;
use serde_json::value::RawValue;
use vt_hunting_host::{ioc_stream::StreamGap, types};

use super::{
    Rendered, envelope, json,
    shown::Shown,
    style::Style,
    text::{plain, utc},
};

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
    /// What VirusTotal deleted before it was read, if anything; `None` for a list that it does not delete from.
    pub(crate) gap: Option<Option<StreamGap>>,
}

/// All of it but the objects.
#[derive(Serialize)]
struct End<'a> {
    checkpoint: &'a str,
    more: bool,
    incomplete: Option<json::Error<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<Option<&'a StreamGap>>,
}

impl Batch {
    fn end(&self) -> End<'_> {
        let incomplete = self.incomplete.as_ref().map(json::Error::from);
        End { checkpoint: &self.checkpoint, more: self.more, incomplete, gap: self.gap.as_ref().map(Option::as_ref) }
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
        let mut meta = serde_json::json!({"checkpoint": self.checkpoint, "more": self.more});
        if let Some(gap) = &self.gap {
            meta["gap"] = serde_json::to_value(gap)?;
        }
        envelope::list(&objects, &meta.to_string(), "{}")
    }

    pub(super) fn table(&self, style: &Style, next: Option<&str>) -> String {
        let mut text = super::rows(&self.objects, style);
        if !self.objects.is_empty() {
            text.push('\n');
        }
        let count = super::counted(self.noun, self.objects.len());
        let rest = if self.more { "more to read at once" } else { "nothing more to read now" };
        text += &format!("{count}, oldest first; {rest}\n");
        if let Some(Some(gap)) = &self.gap {
            text += &format!("lost: {}\n", lost(gap));
        }
        if let Some(next) = next {
            text += &format!("next step: {}\n", plain(next));
        }
        text
    }
}

/// What a gap in the stream means, and what may still be had.
pub(crate) fn lost(gap: &StreamGap) -> String {
    let (since, until) = (utc(gap.since), utc(gap.until));
    format!(
        "VirusTotal deletes the stream's notifications after 7 days. Those from {since} to {until} were gone before they \
         were read. `vt-hunting livehunt notifications --since {} --until {}` lists what livehunt still has of that time.",
        gap.since, gap.until
    )
}
