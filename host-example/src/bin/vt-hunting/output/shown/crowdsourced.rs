//! Published YARA rules.

use vt_hunting_host::{crowdsourced::CrowdsourcedYaraRule, types::ItemError};

use super::{Shown, as_json, rules_text, yes_no};
use crate::output::{
    table::{Column, Fit, Value},
    text::{day, utc},
};

impl Shown for CrowdsourcedYaraRule {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("ID", Fit::Wrap),
            ("AUTHOR", Fit::Wrap),
            ("RUN", Fit::Whole),
            ("MATCHES", Fit::Number),
            ("CHANGED", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.author.as_deref().into(),
            yes_no(self.enabled).into(),
            self.matches.map(|n| n.to_string()).into(),
            self.modification_date.map(day).into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("id", self.id.as_str().into()),
            ("name", self.name.as_deref().into()),
            ("author", self.author.as_deref().into()),
            ("run", yes_no(self.enabled).into()),
            ("matches", self.matches.map(|n| n.to_string()).into()),
            ("text", rules_text(self.rule.as_ref()).into()),
            ("tags", self.tags.join(", ").into()),
            ("written", self.creation_date.map(utc).into()),
            ("changed", self.modification_date.map(utc).into()),
            ("taken in", self.included_date.map(utc).into()),
        ]
    }

    as_json!();
}
