//! What a table shows of each kind of object: the columns that matter to a detection engineer, most telling first.

mod account;
mod crowdsourced;
mod ioc_stream;
mod job_check;
mod livehunt;
mod operation;
mod retrohunt;

use vt_hunting_host::types::ItemError;

use super::{
    envelope::Aliases,
    facts::Facts,
    table::{self, Column, Look, Tone, Value},
};

/// An object that can be shown in every way.
pub(crate) trait Shown {
    /// Its id.
    fn id(&self) -> &str;
    /// Set if VirusTotal could not read it.
    fn error(&self) -> Option<&ItemError> {
        None
    }
    /// The columns of a collection.
    fn columns(&self) -> Vec<Column>;
    /// Its row, a value per column.
    fn row(&self) -> Vec<Value>;
    /// Itself alone: names and values.
    fn card(&self) -> Vec<(&'static str, Value)>;
    /// Itself alone, as a table shows it: the card, unless there is a better way.
    fn alone(&self, look: Look) -> String {
        table::card(&self.card(), look)
    }
    /// What a person has to know of it, and what to do next.
    fn warning(&self) -> Option<String> {
        None
    }
    /// The bytes around its match, and what to call them.
    fn snippet(&self) -> Option<(String, &str)> {
        None
    }
    /// The envelope's aliases.
    fn aliases(&self) -> Aliases {
        Vec::new()
    }
    /// Its JSON on one line, with or without the object as it came.
    fn json(&self, raw: bool) -> serde_json::Result<String>;
    /// The object as it came.
    fn raw(&self) -> &str;
    /// Whether what came is a whole body, and no object.
    fn is_body(&self) -> bool {
        false
    }
}

/// The two functions that are the same for every record.
macro_rules! as_json {
    () => {
        fn json(&self, raw: bool) -> serde_json::Result<String> {
            crate::output::json::object(self, raw.then_some(self.json.as_str()))
        }

        fn raw(&self) -> &str {
            &self.json
        }
    };
}
use as_json;

/// `56/65`, red if anything is found.
fn detections(facts: &Facts) -> Value {
    match facts.detections {
        Some((malicious, engines)) => {
            let tone = if malicious > 0 { Tone::Bad } else { Tone::Good };
            Value::toned(format!("{malicious}/{engines}"), tone)
        }
        None => Value::default(),
    }
}

/// A snippet under the rule's name and the object's.
fn titled<'a>(rule: Option<&String>, object: &str, snippet: Option<&'a String>) -> Option<(String, &'a str)> {
    let rule = rule.map_or("a match", String::as_str);
    Some((format!("{rule} in {object}"), snippet?))
}

fn yes_no(flag: Option<bool>) -> Option<&'static str> {
    flag.map(|flag| if flag { "yes" } else { "no" })
}

/// How long a rules text is; the text itself is for `--output json`.
fn rules_text(rules: Option<&String>) -> Option<String> {
    rules.map(|rules| {
        let lines = rules.lines().count();
        format!("{lines} line{}; --output json has the text", if lines == 1 { "" } else { "s" })
    })
}
