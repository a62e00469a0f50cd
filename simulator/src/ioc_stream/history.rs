//! What a stream holds before anything happened: subscriptions of long standing and hunts from rulesets since deleted.
//!
//! Several entries share a second, every entity type and origin is there, and one file is known by its hash only.

use sha2::{Digest, Sha256};

use crate::corpus::Corpus;
use crate::options::Options;
use crate::shared::hex;
use crate::yara::RuleMatch;

use super::{Source, StreamEntry, Target, hunting_info};

/// Id and name of the ruleset that is no longer there.
pub(crate) const RETIRED: (&str, &str) = ("68239285162", "Retired Ruleset");

/// The history of user number `user`, oldest first.
pub(crate) fn history(
    corpus: &Corpus,
    options: &Options,
    user: usize,
    mut next_sequence: impl FnMut() -> u64,
) -> Vec<StreamEntry> {
    let entry = |index: usize| {
        // Ten minutes between groups of three that share a second, the last of them an hour ago.
        let groups_left = ((options.history - 1 - index) / 3) as u64;
        let date = options.start_time.saturating_sub(3_600 + groups_left * 600);
        let sequence = next_sequence();
        let number = index + user * 7;
        match index % 3 {
            1 => old_hunt(corpus, sequence, date, number),
            _ => subscription(corpus, sequence, date, number),
        }
    };
    (0..options.history).map(entry).collect()
}

/// An entry from a subscription: a collection, a threat actor, or a threat profile.
pub(crate) fn subscription(corpus: &Corpus, sequence: u64, date: u64, number: usize) -> StreamEntry {
    let sources = match number % 4 {
        0 => vec![source("threat_actor", "threat-actor--5f1c", Some("Imaginary Bear"))],
        1 => vec![source("threat_profile", &"5".repeat(32), None)],
        2 => vec![
            source("collection", &"alienvault_66f0".repeat(2), Some("Made-up campaign")),
            source("threat_actor", "threat-actor--77aa", Some("Imaginary Crane")),
        ],
        _ => vec![source("collection", &"c0ffee".repeat(10), Some("Loaders of the month"))],
    };
    let target = match number % 5 {
        0 if number.is_multiple_of(25) => Target::Gone(hex(&Sha256::digest(number.to_le_bytes()))),
        0 | 3 if !corpus.samples.is_empty() => Target::File(number * 13 % corpus.samples.len()),
        _ => Target::Net((number + number / 3) % corpus.net.len()),
    };
    StreamEntry::new(sequence, date, target, "subscriptions", sources, Vec::new(), None)
}

/// An entry from a ruleset, or now and then a retrohunt job, that is no longer there.
fn old_hunt(corpus: &Corpus, sequence: u64, date: u64, number: usize) -> StreamEntry {
    let (target, match_source) = match number / 3 % 4 {
        kind @ 1..=3 => {
            let index = (number - number % 3 + kind - 1) % corpus.net.len();
            (Target::Net(index - index % 3 + kind - 1), ["", "URL_RESPONSE_BODY", "DOMAIN", "IP_ADDRESS"][kind])
        }
        _ if corpus.samples.is_empty() => (Target::Net(0), "URL_RESPONSE_BODY"),
        _ => (Target::File(number * 7 % corpus.samples.len()), "ORIGINAL_FILE"),
    };
    let sources = match number % 4 {
        0 => vec![source("retrohunt_job", "night-shift_lab-1759000000", None)],
        _ => vec![source("hunting_ruleset", RETIRED.0, Some(RETIRED.1))],
    };
    let found = retired_match(number.is_multiple_of(2));
    let tags = vec!["retired_rule".into(), "retired ruleset".into()];
    let told = number.is_multiple_of(2).then(|| ("LT".to_owned(), format!("{number:08x}")));
    let info = hunting_info(sequence, &found, match_source, told);
    StreamEntry::new(sequence, date, target, "hunting", sources, tags, Some(info))
}

/// What the ruleset that is no longer there found.
pub(crate) fn retired_match(tagged: bool) -> RuleMatch {
    RuleMatch {
        rule: "Retired_Rule".into(),
        tags: if tagged { vec!["retired".into()] } else { Vec::new() },
        snippet: "4D 5A 90 00 *begin_highlight*53 49 4D *end_highlight*00  MZ..*begin_highlight*SIM".into(),
    }
}

fn source(kind: &'static str, id: &str, label: Option<&str>) -> Source {
    Source { kind, id: id.to_owned(), label: label.map(str::to_owned) }
}
