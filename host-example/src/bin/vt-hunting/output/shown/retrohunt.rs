//! Retrohunt jobs and their matches.

use vt_hunting_host::{
    retrohunt::{MatchFile, RetrohuntJob},
    types::ItemError,
};

use super::{Shown, as_json, detections, rules_text, yes_no};
use crate::output::{
    envelope::{Alias, Aliases},
    facts::Facts,
    table::{Column, Fit, Tone, Value},
    text::{date_time, day, duration, percent, size, utc},
};

/// VirusTotal keeps this many matches of a job and drops the others.
const KEPT_MATCHES: u64 = 10_000;

impl Shown for RetrohuntJob {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("ID", Fit::Wrap),
            ("STATUS", Fit::Whole),
            ("CORPUS", Fit::Whole),
            ("DONE", Fit::Number),
            ("MATCHES", Fit::Number),
            ("CREATED (UTC)", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        vec![
            self.id.as_str().into(),
            status(self),
            self.corpus.as_deref().into(),
            self.progress.map(percent).into(),
            matches(self, "10000+"),
            self.creation_date.map(date_time).into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let range = self.time_range.as_ref().and_then(|range| {
            let start = range.start.map(|start| format!("from {}", utc(start)));
            let end = range.end.map(|end| format!("until {}", utc(end)));
            let bounds: Vec<_> = start.into_iter().chain(end).collect();
            (!bounds.is_empty()).then(|| bounds.join(" "))
        });
        vec![
            ("id", self.id.as_str().into()),
            ("status", status(self)),
            ("done", self.progress.map(percent).into()),
            ("to go", self.eta_seconds.map(|eta| format!("about {}", duration(eta))).into()),
            ("matches", matches(self, "10000, and more that are lost: narrow the rules or the time range")),
            (
                "left out",
                self.num_matches_outside_time_range
                    .filter(|left_out| *left_out > 0)
                    .map(|n| format!("{n} outside the account's retrohunt window"))
                    .into(),
            ),
            ("corpus", self.corpus.as_deref().into()),
            ("last sent", range.into()),
            ("scanned", self.scanned_bytes.map(size).into()),
            ("text", rules_text(self.rules.as_ref()).into()),
            ("e-mail to", self.notification_email.as_deref().into()),
            ("created", self.creation_date.map(utc).into()),
            ("started", self.start_date.map(utc).into()),
            ("finished", self.finish_date.map(utc).into()),
        ]
    }

    fn aliases(&self) -> Aliases {
        vec![("finished_date", Alias::Attribute("finish_date")), ("yara_rule", Alias::Attribute("rules"))]
    }

    as_json!();
}

fn status(job: &RetrohuntJob) -> Value {
    let tone = match job.status.as_deref() {
        Some("finished") => Tone::Good,
        Some("aborted") => Tone::Bad,
        Some(_) => Tone::Notice,
        None => Tone::Plain,
    };
    Value::toned(job.status.as_deref().unwrap_or_default(), tone)
}

fn matches(job: &RetrohuntJob, truncated: &str) -> Value {
    match job.num_matches {
        Some(KEPT_MATCHES) => Value::toned(truncated, Tone::Bad),
        Some(matches) => Value::new(matches.to_string()),
        None => Value::default(),
    }
}

impl Shown for MatchFile {
    fn id(&self) -> &str {
        &self.id
    }

    fn error(&self) -> Option<&ItemError> {
        self.error.as_ref()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("SHA-256", Fit::Whole),
            ("RULE", Fit::Wrap),
            ("FOUND", Fit::Number),
            ("TYPE", Fit::Whole),
            ("SIZE", Fit::Number),
            ("FIRST SEEN", Fit::Whole),
        ]
    }

    fn row(&self) -> Vec<Value> {
        let facts = Facts::of(&self.json);
        vec![
            self.id.as_str().into(),
            self.rule_name.as_deref().into(),
            detections(&facts),
            facts.kind.into(),
            facts.size.map(size).into(),
            facts.first_seen.map(day).into(),
        ]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let facts = Facts::of(&self.json);
        vec![
            ("sha-256", self.id.as_str().into()),
            ("rule", self.rule_name.as_deref().into()),
            ("in subfile", yes_no(self.match_in_subfile).into()),
            ("found by", detections(&facts)),
            ("type", facts.kind.into()),
            ("size", facts.size.map(size).into()),
            ("name", facts.name.into()),
        ]
    }

    as_json!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    #[test]
    fn lost_matches_are_said() {
        let job = RetrohuntJob { num_matches: Some(KEPT_MATCHES), ..samples::job() };
        assert_eq!(matches(&job, "10000+"), Value::toned("10000+", Tone::Bad));
    }
}
