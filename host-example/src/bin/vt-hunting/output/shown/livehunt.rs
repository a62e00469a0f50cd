//! Rulesets, notifications and notification files.

use vt_hunting_host::{
    livehunt::{Descriptor, Notification, NotificationFile, Ruleset, UserOrGroup},
    types::ItemError,
};

use super::{Shown, as_json, detections, rules_text, titled, yes_no};
use crate::{
    output::{
        envelope::{Alias, Aliases},
        facts::Facts,
        table::{Column, Fit, Tone, Value},
        text::{date_time, day, size, utc},
    },
    suggest,
};

impl Shown for Ruleset {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("ID", Fit::Whole),
            ("NAME", Fit::Wrap),
            ("STATE", Fit::Whole),
            ("ON", Fit::Whole),
            ("RULES", Fit::Number),
            ("LIMIT", Fit::Number),
            ("LOST IN 24 H", Fit::Number),
            ("CHANGED", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            self.name.as_deref().into(),
            state(self),
            // Older answers do not say it and mean files.
            self.match_object_type.as_deref().unwrap_or("file").into(),
            self.number_of_rules.map(|n| n.to_string()).into(),
            self.limit.map(|n| n.to_string()).into(),
            lost(self),
            self.modification_date.map(day).into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("id", self.id.as_str().into()),
            ("name", self.name.as_deref().into()),
            ("state", state(self)),
            ("matched on", self.match_object_type.as_deref().unwrap_or("file").into()),
            ("limit", self.limit.map(|n| format!("{n} notifications in 24 h")).into()),
            ("lost", lost(self)),
            ("rules", self.rule_names.join(", ").into()),
            ("text", rules_text(self.rules.as_ref()).into()),
            ("e-mail to", self.notification_emails.join(", ").into()),
            ("tags", self.tags.join(", ").into()),
            ("owner", self.owner.as_ref().map(named).into()),
            ("editors", self.editors.iter().flatten().map(named).collect::<Vec<_>>().join(", ").into()),
            ("created", self.creation_date.map(utc).into()),
            ("changed", self.modification_date.map(utc).into()),
            ("to be disabled", self.scheduled_disable_date.map(utc).into()),
            ("because", self.scheduled_disable_reason.as_deref().into()),
        ]
    }

    fn warning(&self) -> Option<String> {
        let lost = self.rate_limited_ratio.filter(|ratio| *ratio > 0.0).map(hours);
        let what = match (self.rate_limited == Some(true), lost) {
            (false, None) => return None,
            (true, None) => "has reached its limit, and its matches are lost".to_owned(),
            (true, Some(lost)) => format!("has reached its limit: its matches are lost, for {lost} of the last 24 h"),
            (false, Some(lost)) => format!("lost its matches for {lost} of the last 24 h"),
        };
        let raise = suggest::command("livehunt update-ruleset", &["--limit", "N"], &[&self.id]);
        Some(format!("{}: {what}. They are never delivered. Narrow its rules, or raise its limit: {raise}", self.id))
    }

    as_json!();
}

/// For how long of the last 24 hours its matches were lost.
fn lost(ruleset: &Ruleset) -> Value {
    match ruleset.rate_limited_ratio {
        Some(ratio) if ratio > 0.0 => Value::toned(hours(ratio), Tone::Bad),
        _ => Value::default(),
    }
}

/// A share of 24 hours; never none of them where there was some.
fn hours(ratio: f64) -> String {
    let minutes = (ratio.clamp(0.0, 1.0) * 24.0 * 60.0).round().max(1.0);
    match (minutes / 60.0, minutes % 60.0) {
        (hours, _) if hours < 1.0 => format!("{minutes} min"),
        (hours, 0.0) => format!("{hours} h"),
        (hours, minutes) => format!("{} h {minutes} min", hours.floor()),
    }
}

fn state(ruleset: &Ruleset) -> Value {
    if ruleset.rate_limited == Some(true) {
        Value::toned("at its limit", Tone::Bad)
    } else if ruleset.scheduled_disable_date.is_some() {
        Value::toned("ending", Tone::Notice)
    } else {
        match ruleset.enabled {
            Some(true) => Value::toned("enabled", Tone::Good),
            Some(false) => Value::new("disabled"),
            None => Value::default(),
        }
    }
}

/// A group is called one; what goes without saying is a user.
fn named(who: &Descriptor) -> String {
    if who.object_type == "user" { who.id.clone() } else { format!("{} {}", who.object_type, who.id) }
}

impl Shown for UserOrGroup {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![("TYPE", Fit::Whole), ("NAME", Fit::Wrap)]
    }

    fn row(&self) -> Vec<Value> {
        vec![self.object_type.as_str().into(), self.id.as_str().into()]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        vec![("type", self.object_type.as_str().into()), ("name", self.id.as_str().into())]
    }

    as_json!();
}

impl Shown for Notification {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("DATE (UTC)", Fit::Whole),
            ("SHA-256", Fit::Whole),
            ("RULE", Fit::Wrap),
            ("RULESET", Fit::Wrap),
            ("ID", Fit::Id),
        ]
    }

    fn row(&self) -> Vec<Value> {
        vec![
            self.date.map(date_time).into(),
            self.file_sha256.as_deref().into(),
            self.rule_name.as_deref().into(),
            ruleset(self).into(),
            self.id.as_str().into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("id", self.id.as_str().into()),
            ("date", self.date.map(utc).into()),
            ("sha-256", self.file_sha256.as_deref().into()),
            ("rule", self.rule_name.as_deref().into()),
            ("ruleset", ruleset(self).into()),
            ("in subfile", yes_no(self.match_in_subfile).into()),
            ("from", self.source_country.as_deref().into()),
            ("tags", self.tags.join(", ").into()),
        ]
    }

    fn snippet(&self) -> Option<(String, &str)> {
        let object = self.file_sha256.as_ref().unwrap_or(&self.id);
        titled(self.rule_name.as_ref(), object, self.snippet.as_ref())
    }

    fn aliases(&self) -> Aliases {
        let hash = self.file_sha256.iter();
        hash.map(|hash| ("file_sha256", Alias::Value(hash.clone()))).collect()
    }

    as_json!();
}

/// The ruleset's name. VirusTotal has no attribute for it: beside the file's hash, the rule's name and the rule's tags it is what
/// is left of the tags, in lower case. A ruleset that is called like its rule has the rule's tag.
fn ruleset(notification: &Notification) -> Option<&str> {
    let known = |tag: &str, name: &str| tag.eq_ignore_ascii_case(name) || tag == name.to_lowercase();
    let rule = notification.rule_name.as_deref().unwrap_or_default();
    let is_other = |tag: &&String| {
        !notification.file_sha256.as_ref().is_some_and(|hash| known(tag, hash))
            && !known(tag, rule)
            && !notification.rule_tags.iter().any(|name| known(tag, name))
    };
    let mut others = notification.tags.iter().filter(is_other);
    match (others.next(), others.next()) {
        (Some(ruleset), None) => Some(ruleset),
        (None, _) => notification.tags.iter().find(|tag| known(tag, rule)).map(String::as_str),
        // More than one: nothing says which.
        _ => None,
    }
}

impl Shown for NotificationFile {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("DATE (UTC)", Fit::Whole),
            ("SHA-256", Fit::Whole),
            ("RULE", Fit::Wrap),
            ("RULESET", Fit::Wrap),
            ("FOUND", Fit::Number),
            ("TYPE", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        let facts = Facts::of(&self.json);
        vec![
            self.notification_date.map(date_time).into(),
            self.id.as_str().into(),
            self.rule_name.as_deref().into(),
            self.ruleset_name.as_deref().or(self.ruleset_id.as_deref()).into(),
            detections(&facts),
            facts.kind.into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let facts = Facts::of(&self.json);
        vec![
            ("sha-256", self.id.as_str().into()),
            ("date", self.notification_date.map(utc).into()),
            ("rule", self.rule_name.as_deref().into()),
            ("ruleset", self.ruleset_name.as_deref().into()),
            ("found by", detections(&facts)),
            ("type", facts.kind.into()),
            ("size", facts.size.map(size).into()),
            ("name", facts.name.into()),
        ]
    }

    fn snippet(&self) -> Option<(String, &str)> {
        titled(self.rule_name.as_ref(), &self.id, self.notification_snippet.as_ref())
    }

    as_json!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::{self, SHA256};

    fn ruleset(rate_limited: Option<bool>, rate_limited_ratio: Option<f64>) -> Ruleset {
        Ruleset { rate_limited, rate_limited_ratio, ..samples::ruleset() }
    }

    #[test]
    fn a_ruleset_that_loses_matches_says_so_with_the_hours_and_the_next_step() {
        for (limited, ratio, shown, said) in [
            (None, None, "", None),
            (Some(false), Some(0.0), "", None),
            (Some(true), Some(0.0), "", Some("has reached its limit, and its matches are lost")),
            (
                Some(true),
                Some(0.25),
                "6 h",
                Some("has reached its limit: its matches are lost, for 6 h of the last 24 h"),
            ),
            (Some(false), Some(1.0), "24 h", Some("lost its matches for 24 h of the last 24 h")),
            (Some(false), Some(0.0001), "1 min", Some("lost its matches for 1 min of the last 24 h")),
            (None, Some(0.07), "1 h 41 min", Some("lost its matches for 1 h 41 min of the last 24 h")),
        ] {
            let ruleset = ruleset(limited, ratio);
            assert_eq!(
                lost(&ruleset),
                if shown.is_empty() { Value::default() } else { Value::toned(shown, Tone::Bad) }
            );
            let warning = ruleset.warning();
            assert_eq!(warning.is_some(), said.is_some(), "{limited:?} {ratio:?}");
            if let (Some(warning), Some(said)) = (warning, said) {
                assert!(warning.contains(said), "{warning}");
                assert!(
                    warning.ends_with("vt-hunting livehunt update-ruleset --limit N 0c87043296586fee"),
                    "{warning}"
                );
            }
            assert_eq!(state(&ruleset) == Value::toned("at its limit", Tone::Bad), limited == Some(true));
        }
    }

    fn notification(tags: &[&str], rule_tags: &[&str]) -> Notification {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Notification {
            id: "10425-4847-21bac4f0-1626960086".to_owned(),
            date: Some(1_626_960_086),
            file_sha256: Some(SHA256.to_owned()),
            match_in_subfile: None,
            rule_name: Some("Loader".to_owned()),
            rule_tags: owned(rule_tags),
            snippet: None,
            source_country: None,
            source_key: None,
            tags: owned(tags),
            self_link: None,
            error: None,
            json: "{}".to_owned(),
        }
    }

    #[test]
    fn the_ruleset_is_the_tag_that_is_nothing_else() {
        for (tags, rule_tags, ruleset) in [
            (&["hunt one", "loader", SHA256][..], &[][..], Some("hunt one")),
            (&["loader", "apt", "hunt", SHA256], &["APT"], Some("hunt")),
            (&["loader", SHA256], &[], Some("loader")),
            (&["a", "b", "loader", SHA256], &[], None),
            (&[], &[], None),
        ] {
            assert_eq!(super::ruleset(&notification(tags, rule_tags)), ruleset, "{tags:?}");
        }
    }

    #[test]
    fn a_narrow_table_has_the_whole_id_and_the_ruleset() {
        use crate::output::table::{Look, table};
        let notification = notification(&["hunt", "loader", SHA256], &[]);
        let look = Look { width: Some(80), colour: false, snippets: false };
        let text = table(&notification.columns(), &[notification.row()], look);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("10425-4847-21bac4f0-1626960086") && text.contains("hunt"), "{text}");
    }
}
