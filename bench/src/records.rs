//! The contract's records, read by `serde`: what somebody in Rust would write who wants the same result.

use anyhow::Result;
use serde::Deserialize;
use serde_json::value::RawValue;
use vt_hunting_host::ioc_stream::{HuntingInfo, IocStreamObject, NotificationSource};
use vt_hunting_host::livehunt::Ruleset;
use vt_hunting_host::retrohunt::{MatchFile, RetrohuntJob, TimeRange};

use crate::work::Work;

/// A record of the contract, of one of the kinds that are measured.
#[expect(dead_code, reason = "made to be measured, not to be looked at")]
pub(crate) enum Record {
    Job(Box<RetrohuntJob>),
    Ruleset(Box<Ruleset>),
    Match(Box<MatchFile>),
    Stream(Box<IocStreamObject>),
}

/// Reads an object of that work.
pub(crate) fn read(work: Work, object: &RawValue) -> Result<Record> {
    let json = object.get();
    Ok(match work {
        Work::Small => Record::Job(Box::new(job(json)?)),
        Work::Large => Record::Ruleset(Box::new(ruleset(json)?)),
        Work::Page => Record::Match(Box::new(matched(json)?)),
        Work::Descriptors | Work::ReadAll | Work::Snippet => Record::Stream(Box::new(stream(json)?)),
    })
}

#[derive(Deserialize)]
struct Object<A> {
    id: String,
    links: Option<Links>,
    attributes: Option<A>,
}

#[derive(Deserialize)]
struct Entry<C> {
    id: String,
    #[serde(rename = "type")]
    object_type: String,
    links: Option<Links>,
    context_attributes: C,
}

#[derive(Deserialize)]
struct Links {
    #[serde(rename = "self")]
    own: Option<String>,
}

#[derive(Default, Deserialize)]
struct JobAttributes {
    status: Option<String>,
    rules: Option<String>,
    corpus: Option<String>,
    creation_date: Option<u64>,
    start_date: Option<u64>,
    finish_date: Option<u64>,
    progress: Option<f64>,
    eta_seconds: Option<u64>,
    scanned_bytes: Option<u64>,
    num_matches: Option<u64>,
    num_matches_outside_time_range: Option<u64>,
    notification_email: Option<String>,
    time_range: Option<Range>,
}

#[derive(Deserialize)]
struct Range {
    start: Option<u64>,
    end: Option<u64>,
}

fn job(json: &str) -> Result<RetrohuntJob> {
    let object: Object<JobAttributes> = serde_json::from_str(json)?;
    let attributes = object.attributes.unwrap_or_default();
    Ok(RetrohuntJob {
        id: object.id,
        status: attributes.status,
        rules: attributes.rules,
        corpus: attributes.corpus,
        creation_date: attributes.creation_date,
        start_date: attributes.start_date,
        finish_date: attributes.finish_date,
        progress: attributes.progress,
        eta_seconds: attributes.eta_seconds,
        scanned_bytes: attributes.scanned_bytes,
        num_matches: attributes.num_matches,
        num_matches_outside_time_range: attributes.num_matches_outside_time_range,
        notification_email: attributes.notification_email,
        time_range: attributes.time_range.map(|range| TimeRange { start: range.start, end: range.end }),
        self_link: object.links.and_then(|links| links.own),
        error: None,
        json: json.to_owned(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RulesetAttributes {
    name: Option<String>,
    rules: Option<String>,
    enabled: Option<bool>,
    limit: Option<u64>,
    creation_date: Option<u64>,
    modification_date: Option<u64>,
    notification_emails: Vec<String>,
    number_of_rules: Option<u64>,
    rule_names: Vec<String>,
    match_object_type: Option<String>,
    tags: Vec<String>,
    rate_limited: Option<bool>,
    rate_limited_ratio: Option<f64>,
    scheduled_disable_date: Option<u64>,
    scheduled_disable_reason: Option<String>,
}

fn ruleset(json: &str) -> Result<Ruleset> {
    let object: Object<RulesetAttributes> = serde_json::from_str(json)?;
    let attributes = object.attributes.unwrap_or_default();
    Ok(Ruleset {
        id: object.id,
        name: attributes.name,
        rules: attributes.rules,
        enabled: attributes.enabled,
        limit: attributes.limit,
        creation_date: attributes.creation_date,
        modification_date: attributes.modification_date,
        notification_emails: attributes.notification_emails,
        number_of_rules: attributes.number_of_rules,
        rule_names: attributes.rule_names,
        match_object_type: attributes.match_object_type,
        tags: attributes.tags,
        rate_limited: attributes.rate_limited,
        rate_limited_ratio: attributes.rate_limited_ratio,
        scheduled_disable_date: attributes.scheduled_disable_date,
        scheduled_disable_reason: attributes.scheduled_disable_reason,
        // No list here asks for them.
        owner: None,
        editors: None,
        self_link: object.links.and_then(|links| links.own),
        error: None,
        json: json.to_owned(),
    })
}

#[derive(Deserialize)]
struct MatchContext {
    rule_name: Option<String>,
    match_in_subfile: Option<bool>,
}

fn matched(json: &str) -> Result<MatchFile> {
    let entry: Entry<MatchContext> = serde_json::from_str(json)?;
    Ok(MatchFile {
        id: entry.id,
        rule_name: entry.context_attributes.rule_name,
        match_in_subfile: entry.context_attributes.match_in_subfile,
        self_link: entry.links.and_then(|links| links.own),
        error: None,
        json: json.to_owned(),
    })
}

#[derive(Deserialize)]
struct StreamContext {
    notification_id: Option<String>,
    notification_date: Option<Number>,
    origin: Option<String>,
    sources: Option<Vec<StreamSource>>,
    tags: Option<Vec<String>>,
    hunting_info: Option<StreamHuntingInfo>,
}

/// VirusTotal sends some numbers as a string of digits.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Digits(String),
}

impl Number {
    fn read(self) -> Option<u64> {
        match self {
            Number::Number(number) => Some(number),
            Number::Digits(digits) => digits.parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct StreamSource {
    id: String,
    #[serde(rename = "type")]
    source_type: String,
    label: Option<String>,
}

#[derive(Deserialize)]
struct StreamHuntingInfo {
    rule_name: Option<String>,
    rule_tags: Option<Vec<String>>,
    match_source: Option<String>,
    snippet: Option<String>,
    source_country: Option<String>,
    source_key: Option<String>,
    match_in_subfile: Option<bool>,
}

fn stream(json: &str) -> Result<IocStreamObject> {
    let entry: Entry<StreamContext> = serde_json::from_str(json)?;
    let context = entry.context_attributes;
    let source = |source: StreamSource| NotificationSource {
        id: source.id,
        source_type: source.source_type,
        label: source.label,
    };
    let info = |info: StreamHuntingInfo| HuntingInfo {
        rule_name: info.rule_name,
        rule_tags: info.rule_tags.unwrap_or_default(),
        match_source: info.match_source,
        snippet: info.snippet,
        source_country: info.source_country,
        source_key: info.source_key,
        match_in_subfile: info.match_in_subfile,
    };
    Ok(IocStreamObject {
        id: entry.id,
        object_type: entry.object_type,
        notification_id: context.notification_id,
        notification_date: context.notification_date.and_then(Number::read),
        origin: context.origin,
        sources: context.sources.unwrap_or_default().into_iter().map(source).collect(),
        tags: context.tags.unwrap_or_default(),
        hunting_info: context.hunting_info.map(info),
        self_link: entry.links.and_then(|links| links.own),
        error: None,
        json: json.to_owned(),
    })
}
