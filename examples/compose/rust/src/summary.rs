//! Counts what is read: rule by rule, source by source, each file once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::bindings::exports::example::triage::triage::{Arrival, Failure, RuleSummary, SourceSummary, Summary};
use crate::bindings::virustotal::hunting::ioc_stream::IocStreamObject;
use crate::bindings::virustotal::hunting::livehunt::Notification;

/// What was read so far.
#[derive(Default)]
pub(crate) struct Tally {
    most_newest: usize,
    stream_objects: u32,
    notifications: u32,
    files: BTreeSet<String>,
    rules: BTreeMap<String, Rule>,
    sources: BTreeMap<(String, String), Source>,
    newest: Vec<Arrival>,
}

#[derive(Default)]
struct Rule {
    notifications: u32,
    stream_objects: u32,
    files: BTreeSet<String>,
    dates: Option<(u64, u64)>,
}

#[derive(Default)]
struct Source {
    label: Option<String>,
    stream_objects: u32,
}

impl Rule {
    fn seen(&mut self, file: Option<&String>, date: Option<u64>) {
        self.files.extend(file.cloned());
        if let Some(date) = date {
            let (first, last) = self.dates.unwrap_or((date, date));
            self.dates = Some((first.min(date), last.max(date)));
        }
    }
}

impl Tally {
    pub(crate) fn new(most_newest: u32) -> Self {
        Self { most_newest: most_newest as usize, ..Self::default() }
    }

    pub(crate) fn object(&mut self, object: IocStreamObject) {
        self.stream_objects += 1;
        let file = (object.object_type == "file").then_some(&object.id);
        self.files.extend(file.cloned());
        // What a subscription brought has no rule, and is told by its source alone.
        let rule = object.hunting_info.map(|info| info.rule_name);
        if let Some(name) = &rule {
            let rule = self.rules.entry(name.clone().unwrap_or_default()).or_default();
            rule.stream_objects += 1;
            rule.seen(file, object.notification_date);
        }
        for given in object.sources {
            let source = self.sources.entry((given.source_type, given.id)).or_default();
            source.stream_objects += 1;
            source.label = source.label.take().or(given.label);
        }
        // The stream comes newest first.
        if self.newest.len() < self.most_newest {
            self.newest.push(Arrival {
                id: object.id,
                object_type: object.object_type,
                rule: rule.flatten(),
                date: object.notification_date,
            });
        }
    }

    pub(crate) fn notification(&mut self, notification: Notification) {
        self.notifications += 1;
        self.files.extend(notification.file_sha256.clone());
        let rule = self.rules.entry(notification.rule_name.unwrap_or_default()).or_default();
        rule.notifications += 1;
        rule.seen(notification.file_sha256.as_ref(), notification.date);
    }

    pub(crate) fn into_summary(self, incomplete: Option<Failure>) -> Summary {
        let rule = |(name, rule): (String, Rule)| RuleSummary {
            rule: name,
            notifications: rule.notifications,
            stream_objects: rule.stream_objects,
            files: count(&rule.files),
            first: rule.dates.map(|(first, _)| first),
            last: rule.dates.map(|(_, last)| last),
        };
        let source = |((source_type, id), source): ((String, String), Source)| SourceSummary {
            source_type,
            id,
            label: source.label,
            stream_objects: source.stream_objects,
        };
        let mut rules: Vec<RuleSummary> = self.rules.into_iter().map(rule).collect();
        let mut sources: Vec<SourceSummary> = self.sources.into_iter().map(source).collect();
        // Stable, and the maps are in the order that equals are to have.
        rules.sort_by_key(|rule| Reverse(u64::from(rule.notifications) + u64::from(rule.stream_objects)));
        sources.sort_by_key(|source| Reverse(source.stream_objects));
        Summary {
            stream_objects: self.stream_objects,
            notifications: self.notifications,
            files: count(&self.files),
            rules,
            sources,
            newest: self.newest,
            incomplete,
        }
    }
}

fn count(files: &BTreeSet<String>) -> u32 {
    u32::try_from(files.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::virustotal::hunting::ioc_stream::{HuntingInfo, NotificationSource};

    fn object(id: &str, rule: Option<&str>, date: u64) -> IocStreamObject {
        let info = |rule: &str| HuntingInfo {
            rule_name: Some(rule.to_owned()),
            rule_tags: Vec::new(),
            match_source: None,
            snippet: None,
            source_country: None,
            source_key: None,
            match_in_subfile: None,
        };
        IocStreamObject {
            id: id.to_owned(),
            object_type: "file".to_owned(),
            notification_id: None,
            notification_date: Some(date),
            origin: None,
            sources: vec![NotificationSource { id: "s".into(), source_type: "hunting_ruleset".into(), label: None }],
            tags: Vec::new(),
            hunting_info: rule.map(info),
            self_link: None,
            error: None,
            json: String::new(),
        }
    }

    #[test]
    fn a_file_that_matched_twice_is_one_file_of_the_rule_and_of_the_whole() {
        let mut tally = Tally::new(1);
        tally.object(object("a", Some("r"), 20));
        tally.object(object("a", Some("r"), 10));
        tally.object(object("b", Some("q"), 5));
        let summary = tally.into_summary(None);
        assert_eq!((summary.stream_objects, summary.files, summary.newest.len()), (3, 2, 1));
        let first = &summary.rules[0];
        assert_eq!((first.rule.as_str(), first.stream_objects, first.files), ("r", 2, 1));
        assert_eq!((first.first, first.last), (Some(10), Some(20)));
        assert_eq!(summary.sources[0].stream_objects, 3);
    }

    #[test]
    fn what_a_subscription_brought_is_no_rules() {
        let mut tally = Tally::new(0);
        tally.object(object("a", None, 1));
        let summary = tally.into_summary(None);
        assert!(summary.rules.is_empty() && summary.newest.is_empty());
        assert_eq!(summary.sources.len(), 1);
    }
}
