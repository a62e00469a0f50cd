//! Objects and notifications of the IoC stream.

use vt_hunting_host::{
    ioc_stream::{HuntingInfo, IocStreamNotification, IocStreamObject, NotificationSource},
    types::ItemError,
};

use super::{Shown, as_json, detections, titled, yes_no};
use crate::output::{
    envelope::{Alias, Aliases},
    facts::Facts,
    table::{Column, Fit, Value},
    text::{date_time, utc},
};

impl Shown for IocStreamObject {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("DATE (UTC)", Fit::Whole),
            ("TYPE", Fit::Whole),
            ("OBJECT", Fit::Hash),
            ("FOUND", Fit::Number),
            ("RULE OR SOURCE", Fit::Wrap),
            ("NOTIFICATION", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        let facts = Facts::of(&self.json);
        vec![
            self.notification_date.map(date_time).into(),
            kind(&self.object_type).into(),
            name(self, &facts).into(),
            detections(&facts),
            why(self.hunting_info.as_ref(), &self.sources).into(),
            self.notification_id.as_deref().into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let facts = Facts::of(&self.json);
        let mut card = vec![
            ("type", self.object_type.as_str().into()),
            ("object", name(self, &facts).into()),
            ("id", self.id.as_str().into()),
            ("found by", detections(&facts)),
            ("date", self.notification_date.map(utc).into()),
            ("notification", self.notification_id.as_deref().into()),
        ];
        card.extend(reasons(self.origin.as_deref(), &self.sources, &self.tags, self.hunting_info.as_ref()));
        card
    }

    fn snippet(&self) -> Option<(String, &str)> {
        let info = self.hunting_info.as_ref()?;
        titled(info.rule_name.as_ref(), &self.id, info.snippet.as_ref())
    }

    as_json!();
}

impl Shown for IocStreamNotification {
    fn id(&self) -> &str {
        &self.id
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("DATE (UTC)", Fit::Whole),
            ("TYPE", Fit::Whole),
            ("OBJECT", Fit::Hash),
            ("RULE OR SOURCE", Fit::Wrap),
            ("NOTIFICATION", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        vec![
            self.date.map(date_time).into(),
            self.entity_type.as_deref().map(kind).into(),
            self.entity_id.as_deref().into(),
            why(self.hunting_info.as_ref(), &self.sources).into(),
            self.id.as_str().into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let mut card = vec![
            ("notification", self.id.as_str().into()),
            ("date", self.date.map(utc).into()),
            ("type", self.entity_type.as_deref().into()),
            ("object", self.entity_id.as_deref().into()),
        ];
        card.extend(reasons(self.origin.as_deref(), &self.sources, &self.tags, self.hunting_info.as_ref()));
        card
    }

    fn snippet(&self) -> Option<(String, &str)> {
        let info = self.hunting_info.as_ref()?;
        titled(info.rule_name.as_ref(), self.entity_id.as_ref().unwrap_or(&self.id), info.snippet.as_ref())
    }

    fn aliases(&self) -> Aliases {
        let hash = self.file_sha256.iter();
        hash.map(|hash| ("file_sha256", Alias::Value(hash.clone()))).collect()
    }

    as_json!();
}

/// A URL's id is a hash; its address says more, where the object has it.
fn name(object: &IocStreamObject, facts: &Facts) -> String {
    match (object.object_type.as_str(), &facts.name) {
        ("url", Some(address)) => address.clone(),
        _ => object.id.clone(),
    }
}

/// `ip_address` takes twice the room of the others and says no more.
fn kind(object_type: &str) -> &str {
    if object_type == "ip_address" { "ip" } else { object_type }
}

/// The rule that matched, or what else brought it here.
fn why(info: Option<&HuntingInfo>, sources: &[NotificationSource]) -> String {
    if let Some(rule) = info.and_then(|info| info.rule_name.clone()) {
        return rule;
    }
    // An id without a label says nothing to a person, its type does; the card has both.
    let names: Vec<_> = sources.iter().map(|source| source.label.as_deref().unwrap_or(&source.source_type)).collect();
    names.join(", ")
}

fn source(source: &NotificationSource) -> String {
    match &source.label {
        Some(label) => format!("{} {label}", source.source_type),
        None => format!("{} {}", source.source_type, source.id),
    }
}

fn reasons(
    origin: Option<&str>,
    sources: &[NotificationSource],
    tags: &[String],
    info: Option<&HuntingInfo>,
) -> Vec<(&'static str, Value)> {
    let sources: Vec<_> = sources.iter().map(source).collect();
    let mut reasons = vec![("origin", origin.into()), ("sources", sources.join(", ").into())];
    if let Some(info) = info {
        reasons.extend([
            ("rule", info.rule_name.as_deref().into()),
            ("rule tags", info.rule_tags.join(", ").into()),
            ("matched on", info.match_source.as_deref().into()),
            ("in subfile", yes_no(info.match_in_subfile).into()),
            ("from", info.source_country.as_deref().into()),
        ]);
    }
    reasons.push(("tags", tags.join(", ").into()));
    reasons
}
