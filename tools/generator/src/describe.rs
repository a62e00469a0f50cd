//! What a caller of a tool reads: one text per tool, since that is all that hosts show.
//!
//! It is the action's documentation in `wit/`, then whether anything changes, then each parameter with the documentation of
//! the field that it is. What only makes sense next to the records is put in the words of the tool: a field of a record
//! that is an argument is a parameter there.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use wit_parser::{Field, Resolve, Type, TypeDefKind};

use crate::shape::{INCLUDE_JSON, Preset};
use crate::tool::{self, Parameter, Tool};

/// Words of an action's documentation that say that it only reads.
const READS: &str = "changes nothing";
/// What those that change something say in place of it.
const CHANGES: &str = "Changes what VirusTotal holds; refused where `VT_ACCESS` is `read-only`.";

/// Parameters of actions that are no fields, and have no documentation of their own in WIT.
const PLAIN: [(&str, &str); 6] = [
    ("id", "The object's `id`, as lists and notifications give it."),
    ("user", "The user's name. Not an API key: that is refused here."),
    ("editor", "The user's or group's name."),
    ("editors", "At least one."),
    ("checkpoint", "`checkpoint` of the step before. Absent at the first step."),
    ("created-since", "In seconds since 1970-01-01 UTC."),
];

/// The documentation of a tool.
///
/// # Errors
/// An action whose documentation does not say what it costs, or a parameter that nothing describes.
pub fn tool(resolve: &Resolve, tool: &Tool<'_>, all: &[Tool<'_>]) -> Result<String> {
    let name = tool.name();
    let docs = tool.function.docs.contents.as_deref().unwrap_or_default();
    ensure!(
        docs.contains("request"),
        "`{name}` does not say what it costs: its documentation in wit/ needs a sentence"
    );
    let words = |text: &str| rewording(resolve, tool, all).put(&one_line(text));
    let mut text = words(docs)?;
    if !only_reads(tool) {
        write!(text, " {CHANGES}")?;
    }
    if tool.parameters.is_empty() && !tool.has_json {
        return Ok(text);
    }
    text.push_str("\n\nParameters; give null for what is to be absent:");
    for parameter in &tool.parameters {
        let (described, preset) =
            (describe(resolve, tool, parameter)?, parameter.preset.map(shown).unwrap_or_default());
        write!(text, "\n- `{}`: {}", parameter.name, words(&format!("{described}{preset}"))?)?;
    }
    if tool.has_json {
        write!(text, "\n- `{INCLUDE_JSON}`: True: `json` too, the whole object exactly as it came. Null: false.")?;
    }
    Ok(text)
}

/// Whether an action says of itself that it changes nothing.
#[must_use]
pub fn only_reads(tool: &Tool<'_>) -> bool {
    let docs = tool.function.docs.contents.as_deref().unwrap_or_default();
    one_line(docs).contains(READS)
}

/// What a parameter is, from the contract.
fn describe(resolve: &Resolve, tool: &Tool<'_>, parameter: &Parameter<'_>) -> Result<String> {
    let mut text = match parameter.docs {
        Some(docs) if parameter.preset.is_some() => without_default(&one_line(docs)),
        Some(docs) => one_line(docs),
        None => match PLAIN.iter().find(|(name, _)| *name == parameter.name) {
            Some((_, docs)) => (*docs).to_owned(),
            None => {
                let docs = tool.function.docs.contents.as_deref().unwrap_or_default();
                let mention = format!("`{}`", parameter.name);
                ensure!(
                    docs.contains(&mention),
                    "nothing describes {mention} of `{}`: mention it in wit/",
                    tool.name()
                );
                "See above.".to_owned()
            }
        },
    };
    let mut types = Vec::new();
    tool::named_types(resolve, &parameter.ty, &mut types)?;
    for id in types {
        let ty = &resolve.types[id];
        let members: Vec<_> = match &ty.kind {
            TypeDefKind::Enum(cases) => cases.cases.iter().map(|case| (&*case.name, &case.docs)).collect(),
            TypeDefKind::Record(record) => record.fields.iter().map(|field| (&*field.name, &field.docs)).collect(),
            _ => continue,
        };
        for (name, docs) in members {
            let docs = docs.contents.as_deref().context("every member of a type of the contract is documented")?;
            write!(text, " `{name}`: {}", one_line(docs))?;
        }
    }
    Ok(text)
}

fn shown(preset: Preset) -> String {
    match preset {
        Preset::Count(count) => format!(" Null: {count}."),
        Preset::True => " Null: true.".to_owned(),
    }
}

/// `docs` without the sentences that say what is taken when the field is absent.
fn without_default(docs: &str) -> String {
    let kept = docs.split_inclusive(". ").filter(|sentence| !sentence.to_lowercase().contains("when absent"));
    kept.collect::<String>().trim_end().to_owned()
}

/// Lines joined; paragraphs stay apart.
fn one_line(docs: &str) -> String {
    let paragraphs = docs.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// References to fields of records, in a tool's words.
struct Rewording<'a> {
    resolve: &'a Resolve,
    tool: &'a Tool<'a>,
    all: &'a [Tool<'a>],
}

fn rewording<'a>(resolve: &'a Resolve, tool: &'a Tool<'a>, all: &'a [Tool<'a>]) -> Rewording<'a> {
    Rewording { resolve, tool, all }
}

impl Rewording<'_> {
    /// `text` with each `` `record.field` `` in it reworded.
    fn put(&self, text: &str) -> Result<String> {
        let mut parts: Vec<String> = text.split('`').map(str::to_owned).collect();
        for part in parts.iter_mut().skip(1).step_by(2) {
            if let Some((owner, field)) = part.split_once('.') {
                let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
                if plain(owner) && plain(field) && !owner.is_empty() && !field.is_empty() {
                    *part = self.reference(owner, field)?;
                }
            }
        }
        Ok(parts.join("`"))
    }

    fn reference(&self, owner: &str, field: &str) -> Result<String> {
        // A record that is an argument: its fields are parameters.
        if self.tool.function.params.iter().any(|parameter| parameter.name == owner) {
            return Ok(field.to_owned());
        }
        // One that is an argument of another tool.
        for other in self.all {
            let takes = |ty: &Type| self.is_called(ty, owner);
            if other.function.params.iter().any(|parameter| takes(&parameter.ty)) {
                return Ok(format!("{field}` of `{}", other.name()));
            }
        }
        // A part of an answer.
        let mut types = Vec::new();
        if let Some(result) = &self.tool.function.result {
            tool::named_types(self.resolve, result, &mut types)?;
        }
        for id in types {
            let TypeDefKind::Record(record) = &self.resolve.types[id].kind else { continue };
            let is_part = |part: &&Field| part.name == owner || self.is_called(&part.ty, owner);
            if let Some(part) = record.fields.iter().find(is_part) {
                return Ok(format!("{}.{field}", part.name));
            }
        }
        anyhow::bail!(
            "`{}` is documented by `{owner}.{field}`, which a caller of the tool cannot see",
            self.tool.name()
        )
    }

    fn is_called(&self, ty: &Type, name: &str) -> bool {
        tool::record(self.resolve, ty).is_some_and(|(id, _)| self.resolve.types[id].name.as_deref() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_about_absence_goes_where_a_tool_has_a_default_of_its_own() {
        let docs = "How many objects, at least 1. One request and VirusTotal's default of 10 when absent.";
        assert_eq!(without_default(docs), "How many objects, at least 1.");
        assert_eq!(without_default("True: descriptors. Full objects when absent."), "True: descriptors.");
        assert_eq!(without_default("The most items, at least 1. When absent: 1000."), "The most items, at least 1.");
    }

    #[test]
    fn lines_are_joined_and_paragraphs_are_not() {
        assert_eq!(one_line("One\ntwo.\n\nThree\nfour."), "One two.\n\nThree four.");
    }
}
