//! Filters by flags: VirusTotal's filter language is `key:value` terms in one text, and a flag a term is harder to get wrong.
//!
//! Flags and `--filter` are joined; a term that both give is refused, since VirusTotal would take one of them and say
//! nothing. The text is sent encoded by the component.

use std::fmt::Display;

use clap::ValueEnum;

use super::terms::{Dates, NotificationTerms, SourceType, StreamTerms};
use crate::failure::Failure;

/// A filter as it is put together.
pub(crate) struct Filter {
    text: Option<String>,
    terms: Vec<Term>,
}

struct Term {
    flag: &'static str,
    key: &'static str,
    value: String,
}

impl Filter {
    /// Begins with what `--filter` says.
    pub(crate) fn new(text: Option<String>) -> Self {
        Self { text, terms: Vec::new() }
    }

    /// Adds a flag's term, if the flag was given.
    pub(crate) fn term(mut self, flag: &'static str, key: &'static str, value: Option<impl Display>) -> Self {
        self.terms.extend(value.map(|value| Term { flag, key, value: value.to_string() }));
        self
    }

    /// Adds a flag's term with one of VirusTotal's own words.
    pub(crate) fn word(self, flag: &'static str, key: &'static str, value: Option<impl ValueEnum>) -> Self {
        let word = value.and_then(|value| value.to_possible_value());
        self.term(flag, key, word.map(|word| word.get_name().to_owned()))
    }

    /// Adds both dates.
    pub(crate) fn dates(self, dates: Dates) -> Self {
        let since = dates.since.map(|moment| format!("{moment}+"));
        let until = dates.until.map(|moment| format!("{moment}-"));
        self.term("--since", "date", since).term("--until", "date", until)
    }

    /// Adds what the stream's objects are asked for.
    pub(crate) fn stream(self, terms: StreamTerms) -> Self {
        let (kind, id) = match terms.source {
            Some(source) if SourceType::named(&source).is_some() => (Some(source), None),
            source => (None, source),
        };
        self.word("--entity-type", "entity_type", terms.entity_type)
            .term("--entity-id", "entity_id", terms.entity_id)
            .term("--source", "source_type", kind)
            .term("--source", "source_id", id)
            .word("--source-type", "source_type", terms.source_type)
            .term("--source-id", "source_id", terms.source_id)
            .word("--origin", "origin", terms.origin)
            .term("--tag", "notification_tag", terms.tag)
    }

    /// Adds what notifications are asked for.
    pub(crate) fn notifications(self, terms: NotificationTerms) -> Self {
        self.term("--tag", "tag", terms.tag).term("--owner", "owner", terms.owner)
    }

    /// The whole filter, if there is any.
    pub(crate) fn join(self) -> Result<Option<String>, Failure> {
        let typed = self.text.as_deref().map(keys).unwrap_or_default();
        let mut parts: Vec<String> = self.text.into_iter().collect();
        for Term { flag, key, value } in self.terms {
            if typed.iter().any(|typed| typed == key) {
                return Err(Failure::argument(
                    "FilterConflict",
                    format!("filter: both --filter and {flag} say something about `{key}:`."),
                    "say it in one of them",
                ));
            }
            parts.push(term(flag, key, &value)?);
        }
        Ok((!parts.is_empty()).then(|| parts.join(" ")))
    }
}

/// `key:value`, quoted where a space would end it.
fn term(flag: &str, key: &str, value: &str) -> Result<String, Failure> {
    let refused = |what: &str| {
        let message = format!("filter: {flag} {what}.");
        Failure::argument("FilterValue", message, "give one word or name, without quotation marks")
    };
    if value.trim().is_empty() {
        return Err(refused("is empty"));
    }
    // The language has no way to write one inside a value: it would end the quoted text and begin another term.
    if value.contains('"') {
        return Err(refused("has a quotation mark in it, which no filter can hold"));
    }
    if value.contains(char::is_whitespace) { Ok(format!("{key}:\"{value}\"")) } else { Ok(format!("{key}:{value}")) }
}

/// The keys in a filter text; what stands in quotation marks is no key.
fn keys(text: &str) -> Vec<String> {
    let mut quoted = false;
    let words = text.split(|c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    });
    words
        .filter_map(|word| word.split_once(':'))
        .map(|(key, _)| key.trim_start_matches(['-', '(']).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::terms::{EntityType, Origin, Status};

    fn join(text: Option<&str>, flags: &[(&'static str, &'static str, &str)]) -> Result<Option<String>, String> {
        let filter = flags.iter().fold(Filter::new(text.map(str::to_owned)), |filter, (flag, key, value)| {
            filter.term(flag, key, Some(value))
        });
        filter.join().map_err(|failure| failure.message)
    }

    #[test]
    fn text_and_flags_are_joined() {
        assert_eq!(join(None, &[]), Ok(None));
        assert_eq!(join(Some("origin:hunting"), &[]), Ok(Some("origin:hunting".to_owned())));
        assert_eq!(
            join(Some("origin:hunting"), &[("--tag", "tag", "a"), ("--owner", "owner", "b")]),
            Ok(Some("origin:hunting tag:a owner:b".to_owned()))
        );
    }

    #[test]
    fn a_value_with_a_space_is_quoted_and_one_with_a_quotation_mark_refused() {
        assert_eq!(join(None, &[("--tag", "tag", "a b")]), Ok(Some("tag:\"a b\"".to_owned())));
        let error = join(None, &[("--tag", "tag", "a\" everything:\"")]).expect_err("it would be two terms");
        assert!(error.contains("--tag has a quotation mark"), "{error}");
        assert!(join(None, &[("--tag", "tag", " ")]).is_err_and(|error| error.contains("empty")));
    }

    #[test]
    fn what_both_say_is_refused() {
        let error = join(Some("origin:hunting date:2021-07-22+"), &[("--since", "date", "5+")]);
        assert!(error.is_err_and(|error| error.contains("both --filter and --since") && error.contains("`date:`")));
        // A word inside a quoted value is no key.
        assert!(join(Some("tag:\"a date:5\""), &[("--since", "date", "5+")]).is_ok());
    }

    #[test]
    fn dates_have_their_signs() {
        let filter = Filter::new(None).dates(Dates { since: Some(5), until: Some(9) }).join();
        assert_eq!(filter.ok().flatten().as_deref(), Some("date:5+ date:9-"));
    }

    #[test]
    fn a_source_is_a_kind_or_an_id() {
        for (source, filter) in
            [("retrohunt_job", "source_type:retrohunt_job"), ("68239285162", "source_id:68239285162")]
        {
            let terms = StreamTerms {
                entity_type: None,
                entity_id: None,
                source: Some(source.to_owned()),
                source_type: None,
                source_id: None,
                origin: None,
                tag: None,
            };
            assert_eq!(Filter::new(None).stream(terms).join().ok().flatten().as_deref(), Some(filter));
        }
    }

    #[test]
    fn closed_values_are_virustotals_words() {
        let terms = StreamTerms {
            entity_type: Some(EntityType::IpAddress),
            entity_id: Some("192.0.2.1".to_owned()),
            source: None,
            source_type: Some(SourceType::HuntingRuleset),
            source_id: Some("7".to_owned()),
            origin: Some(Origin::Hunting),
            tag: Some("loader".to_owned()),
        };
        let filter = Filter::new(None).stream(terms).word("--status", "status", Some(Status::Aborting)).join();
        assert_eq!(
            filter.ok().flatten().as_deref(),
            Some(
                "entity_type:ip_address entity_id:192.0.2.1 source_type:hunting_ruleset source_id:7 origin:hunting \
                 notification_tag:loader status:aborting"
            )
        );
    }
}
