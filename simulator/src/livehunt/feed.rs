//! The feed: samples arrive, rulesets scan them, notifications and stream entries come out.
//!
//! With every third sample a URL, domain or address comes along, and with every eighth something one subscribes to.
//! The feed takes the corpus from its first sample on and starts over at its end; only the first time is a file new.
//! It moves when it is moved or, where the options say so, by the clock: what is due arrives when somebody looks.

use sha2::{Digest, Sha256};

use crate::clock::Moment;
use crate::corpus::{Corpus, NetKind, Sample};
use crate::ioc_stream::{self, Source, StreamEntry, Target};
use crate::shared::{Shared, hex};
use crate::world::World;
use crate::yara::RuleMatch;

use super::Ruleset;
use super::notifications::Notification;

/// The most samples that arrive by themselves at once.
const MOST_DUE: u64 = 1_000;

/// Lets samples arrive; answers how many livehunt notifications they made.
pub(crate) fn advance_feed(shared: &Shared, samples: usize) -> usize {
    let now = shared.clock.now();
    let mut world = shared.world();
    (0..samples).map(|_| arrive(&shared.corpus, &mut world, now)).sum()
}

/// Lets arrive what is due by the clock, each sample dated the second it was due, where the feed moves by itself.
pub(crate) fn catch_up(shared: &Shared) {
    let Some(every) = shared.options.feed_seconds.filter(|every| *every > 0) else { return };
    let Moment { now, uptime } = shared.clock.moment();
    let mut world = shared.world();
    let Some(fed_until) = world.fed_until else { return };
    // Of a machine that slept for days the last samples are enough.
    let mut until = fed_until.max(uptime.saturating_sub(every.saturating_mul(MOST_DUE)));
    while uptime - until >= every {
        until += every;
        arrive(&shared.corpus, &mut world, now.saturating_sub(uptime - until));
    }
    world.fed_until = Some(until);
}

/// Lets the next sample arrive; answers how many livehunt notifications it made.
fn arrive(corpus: &Corpus, world: &mut World, now: u64) -> usize {
    let mut notified = 0;
    let position = world.feed_position;
    world.feed_position += 1;
    if let Some(index) = position.checked_rem(corpus.samples.len()) {
        let sample = &corpus.samples[index];
        let facts = sample.facts_in_feed(position < corpus.samples.len());
        notified += scan(
            world,
            now,
            "file",
            |ruleset| ruleset.compiled.scan(&sample.bytes, &facts),
            |hit| {
                file_hit(hit, index, sample);
            },
        );
    }
    if position % 3 == 2 {
        let index = position / 3 % corpus.net.len();
        let entity = &corpus.net[index];
        let (object_type, match_source) = match entity.kind {
            NetKind::Url => ("url", "URL_RESPONSE_BODY"),
            NetKind::Domain => ("domain", "DOMAIN"),
            NetKind::Ip => ("ip", "IP_ADDRESS"),
        };
        let facts = &entity.facts;
        notified += scan(
            world,
            now,
            object_type,
            |ruleset| ruleset.compiled.scan(&entity.body, facts),
            |hit| net_hit(hit, index, match_source),
        );
    }
    if position % 8 == 7 {
        for desk in 0..world.desks.len() {
            let sequence = world.next_sequence();
            let entry = ioc_stream::subscription(corpus, sequence, now, position / 8);
            world.desks[desk].stream.push(entry);
        }
    }
    notified
}

/// A match on its way to becoming entries.
struct Hit<'a> {
    world: &'a mut World,
    desk: usize,
    /// Id and name.
    ruleset: (String, String),
    now: u64,
    found: RuleMatch,
}

/// Scans one thing with every enabled ruleset for its type, within each ruleset's limit.
fn scan(
    world: &mut World,
    now: u64,
    object_type: &str,
    look: impl Fn(&Ruleset) -> Vec<RuleMatch>,
    notify: impl Fn(Hit<'_>),
) -> usize {
    let mut notified = 0;
    for desk in 0..world.desks.len() {
        for index in 0..world.desks[desk].rulesets.len() {
            let ruleset = &world.desks[desk].rulesets[index];
            if !ruleset.hunts(object_type) {
                continue;
            }
            for found in look(ruleset) {
                let ruleset = &mut world.desks[desk].rulesets[index];
                if !ruleset.takes_match(now) {
                    continue;
                }
                let ruleset = (ruleset.id.clone(), ruleset.name.clone());
                notify(Hit { world: &mut *world, desk, ruleset, now, found });
                notified += 1;
            }
        }
    }
    notified
}

/// Makes notifications, each with its entry in the stream, without a sample that arrives and without a scan; answers
/// their ids. They are those of the user's first enabled ruleset for files, or else of one that is no longer there.
pub(crate) fn add_notifications(shared: &Shared, desk: usize, count: usize) -> Vec<String> {
    let samples = &shared.corpus.samples;
    let now = shared.clock.now();
    let mut world = shared.world();
    let mut found = ioc_stream::retired_match(true);
    let mut ruleset = (ioc_stream::RETIRED.0.to_owned(), ioc_stream::RETIRED.1.to_owned());
    if let Some(live) = world.desks[desk].rulesets.iter().find(|ruleset| ruleset.hunts("file")) {
        found.rule = live.compiled.rule_names.first().cloned().unwrap_or_default();
        found.tags.clear();
        ruleset = (live.id.clone(), live.name.clone());
    }
    // A corpus without a file has none that a notification could be about.
    let about = (0..count).filter_map(|number| number.checked_rem(samples.len()));
    about
        .map(|index| {
            let (ruleset, found) = (ruleset.clone(), found.clone());
            file_hit(Hit { world: &mut world, desk, ruleset, now, found }, index, &samples[index])
        })
        .collect()
}

/// Answers the id of the notification.
fn file_hit(hit: Hit<'_>, index: usize, sample: &Sample) -> String {
    let sequence = hit.world.next_sequence();
    let user = hit.world.desks[hit.desk].user.clone();
    let (ruleset_id, ruleset_name) = hit.ruleset.clone();
    // Every third time the submitter is not told.
    let source = (!sequence.is_multiple_of(3))
        .then(|| (sample.file().country.clone(), format!("{:08x}", sequence * 0x0133_A432)));
    let mut tags = vec![sample.sha256.clone(), ruleset_name.to_lowercase(), hit.found.rule.to_lowercase()];
    tags.dedup();
    let id = notification_id(&user, &ruleset_id, sequence);
    let notification = Notification {
        sequence,
        id: id.clone(),
        date: hit.now,
        ruleset_id,
        ruleset_name,
        rule: hit.found.rule.clone(),
        rule_tags: hit.found.tags.clone(),
        snippet: hit.found.snippet.clone(),
        tags,
        sample: index,
        source: source.clone(),
    };
    hit.world.desks[hit.desk].notifications.push(notification);
    stream_hit(hit, Target::File(index), "ORIGINAL_FILE", source);
    id
}

fn net_hit(hit: Hit<'_>, index: usize, match_source: &'static str) {
    stream_hit(hit, Target::Net(index), match_source, None);
}

fn stream_hit(hit: Hit<'_>, target: Target, match_source: &str, source: Option<(String, String)>) {
    let sequence = hit.world.next_sequence();
    let (id, name) = hit.ruleset;
    let mut tags = vec![hit.found.rule.to_lowercase(), name.to_lowercase()];
    tags.dedup();
    let sources = vec![Source { kind: "hunting_ruleset", id, label: Some(name) }];
    let info = ioc_stream::hunting_info(sequence, &hit.found, match_source, source);
    hit.world.desks[hit.desk].stream.push(StreamEntry::new(
        sequence,
        hit.now,
        target,
        "hunting",
        sources,
        tags,
        Some(info),
    ));
}

/// Three parts, as most ids have; one in five has four.
fn notification_id(user: &str, ruleset: &str, sequence: u64) -> String {
    let digest = hex(&Sha256::digest(format!("{user}|{ruleset}|{sequence}")));
    let mut id = format!("{}-{}-{}", &digest[..16], &digest[16..32], &digest[32..64]);
    if sequence.is_multiple_of(5) {
        id.push_str(&format!("-{sequence}"));
    }
    id
}
