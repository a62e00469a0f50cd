//! Retrohunt: each function turns a contract record into an action, each reader an object into a contract record.

use crate::api::envelope::{Object, collection, named, object};
use crate::api::json::Raw;
use crate::api::request::{Attributes, Method, Parameter, Request, Value};
use crate::api::{Action, error, input, json, nothing};
use crate::contract::Failed;
use crate::contract::retrohunt::{
    Corpus, MatchFile, MatchPage, MatchesQuery, NewRetrohuntJob, RetrohuntJob, RetrohuntJobPage, RetrohuntJobsQuery,
    TimeRange,
};
use alloc::string::String;

const JOBS: [&str; 2] = ["intelligence", "retrohunt_jobs"];

/// Create Retrohunt Job.
pub fn create_job(new: NewRetrohuntJob) -> Result<Action<RetrohuntJob>, Failed> {
    let TimeRange { start, end } = new.time_range.unwrap_or(TimeRange { start: None, end: None });
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(error::reversed_range("time-range", start, end));
    }
    let range = Attributes(&[("start", Value::number(start)), ("end", Value::number(end))]);
    let attributes = Attributes(&[
        ("rules", Value::Text(input::rules(&new.rules)?)),
        ("notification_email", Value::text(new.notification_email.as_deref().filter(|email| !email.is_empty()))),
        (
            "corpus",
            Value::text(new.corpus.map(|corpus| match corpus {
                Corpus::Main => "main",
                Corpus::Goodware => "goodware",
            })),
        ),
        ("time_range", if start.or(end).is_some() { Value::Nested(&range) } else { Value::Absent }),
    ]);
    let mut request = Request::new(Method::Post, &JOBS);
    request.body("retrohunt_job", &attributes)?;
    Ok(Action { request, decode: |answer| object(answer, job) })
}

/// Get Retrohunt Job.
pub fn get_job(id: String) -> Result<Action<RetrohuntJob>, Failed> {
    let [area, jobs] = JOBS;
    let request = Request::new(Method::Get, &[area, jobs, input::id("id", &id)?]);
    Ok(Action { request, decode: |answer| object(answer, job) })
}

/// Get Retrohunt Jobs.
pub fn get_jobs(query: RetrohuntJobsQuery) -> Result<Action<RetrohuntJobPage>, Failed> {
    let parameters = [
        Parameter::Limit(query.limit),
        Parameter::Text("filter", &query.filter),
        Parameter::Text("cursor", &query.cursor),
    ];
    let request = Request::get(&JOBS, &parameters)?;
    Ok(Action {
        request,
        decode: |answer| collection(answer, job).map(|(items, page)| RetrohuntJobPage { items, page }),
    })
}

/// Abort Retrohunt Job.
pub fn abort_job(id: String) -> Result<Action<()>, Failed> {
    let [area, jobs] = JOBS;
    let request = Request::new(Method::Post, &[area, jobs, input::id("id", &id)?, "abort"]);
    Ok(Action { request, decode: nothing })
}

/// Retrieve Matches for a Retrohunt Job.
pub fn get_matches(id: String, query: MatchesQuery) -> Result<Action<MatchPage>, Failed> {
    let [area, jobs] = JOBS;
    let parameters = [Parameter::Limit(query.limit), Parameter::Text("cursor", &query.cursor)];
    let request = Request::get(&[area, jobs, input::id("id", &id)?, "matching_files"], &parameters)?;
    Ok(Action {
        request,
        decode: |answer| collection(answer, match_file).map(|(items, page)| MatchPage { items, page }),
    })
}

fn job(object: Object<'_>) -> RetrohuntJob {
    let [
        status,
        rules,
        corpus,
        creation_date,
        start_date,
        finish_date,
        progress,
        eta_seconds,
        scanned_bytes,
        num_matches,
        outside,
        notification_email,
        range,
    ] = object.attributes([
        "status",
        "rules",
        "corpus",
        "creation_date",
        "start_date",
        "finish_date",
        "progress",
        "eta_seconds",
        "scanned_bytes",
        "num_matches",
        "num_matches_outside_time_range",
        "notification_email",
        "time_range",
    ]);
    RetrohuntJob {
        id: object.id,
        status: json::text(status),
        rules: json::text(rules),
        corpus: json::text(corpus),
        creation_date: json::number(creation_date),
        start_date: json::number(start_date),
        finish_date: json::number(finish_date),
        progress: json::float(progress),
        eta_seconds: json::number(eta_seconds),
        scanned_bytes: json::number(scanned_bytes),
        num_matches: json::number(num_matches),
        num_matches_outside_time_range: json::number(outside),
        notification_email: json::text(notification_email),
        time_range: range.and_then(time_range),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

fn time_range(raw: &str) -> Option<TimeRange> {
    let mut found: [Raw<'_>; 2] = [None; 2];
    named(raw.starts_with('{').then_some(raw), &["start", "end"], &mut found);
    let [start, end] = found;
    let range = TimeRange { start: json::number(start), end: json::number(end) };
    (range.start.is_some() || range.end.is_some()).then_some(range)
}

fn match_file(object: Object<'_>) -> MatchFile {
    let [rule_name, match_in_subfile] = object.context(["rule_name", "match_in_subfile"]);
    MatchFile {
        id: object.id,
        rule_name: json::text(rule_name),
        match_in_subfile: json::boolean(match_in_subfile),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

#[cfg(test)]
#[path = "retrohunt_tests.rs"]
mod tests;
