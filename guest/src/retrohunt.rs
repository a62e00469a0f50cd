//! Retrohunt: each function turns a contract record into an action, each reader an object into a contract record.

use crate::api::envelope::{Object, named, object};
use crate::api::json::Raw;
use crate::api::request::{Attributes, Method, Parameter, Request, Value};
use crate::api::{Action, Listing, error, input, json, nothing};
use crate::contract::Failed;
use crate::contract::retrohunt::{
    Corpus, JobCheck, MatchFile, MatchesQuery, NewRetrohuntJob, RetrohuntJob, RetrohuntJobsQuery, TimeRange,
};
use crate::reconcile::{Likeness, Reconciling, is_same_text};
use alloc::string::String;

const JOBS: [&str; 2] = ["intelligence", "retrohunt_jobs"];

/// For a create whose answer got lost.
const RECONCILE: &str = "ask `reconcile-retrohunt-job`";

/// How many matches VirusTotal keeps of a job; exactly so many are more that were lost.
const MAX_MATCHES: u64 = 10_000;

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
        ("corpus", Value::text(new.corpus.map(corpus))),
        ("time_range", if start.or(end).is_some() { Value::Nested(&range) } else { Value::Absent }),
    ]);
    let mut request = Request::new(Method::Post, &JOBS).once(RECONCILE);
    request.body("retrohunt_job", &attributes)?;
    Ok(Action { request, decode: |answer| object(answer, job) })
}

/// Get Retrohunt Job.
pub fn get_job(id: String) -> Result<Action<RetrohuntJob>, Failed> {
    Ok(Action { request: one(Method::Get, &id)?, decode: |answer| object(answer, job) })
}

/// Look how a Retrohunt Job stands.
pub fn check_job(id: String) -> Result<Action<JobCheck>, Failed> {
    Ok(Action { request: one(Method::Get, &id)?, decode: |answer| object(answer, job).map(check) })
}

/// Delete Retrohunt Job.
pub fn delete_job(id: String) -> Result<Action<()>, Failed> {
    Ok(Action { request: one(Method::Delete, &id)?, decode: nothing })
}

/// Find out whether a create arrived: the jobs like it, created since.
pub fn reconcile_job(
    sought: NewRetrohuntJob,
    created_since: u64,
) -> Result<Reconciling<RetrohuntJob, NewRetrohuntJob>, Failed> {
    input::rules(&sought.rules)?;
    let listing = Listing::new(&JOBS, None, None, &[], job)?;
    Reconciling::new("jobs", listing, sought, created_since, |found, sought| {
        (found.creation_date, Likeness::of(is_like(found, sought)))
    })
}

/// Whether a job is what this one would have become. Only what was asked for is compared, and only with what VirusTotal
/// says: it may fill in the rest.
fn is_like(found: &RetrohuntJob, sought: &NewRetrohuntJob) -> Option<bool> {
    let other = match sought.corpus.unwrap_or(Corpus::Main) {
        Corpus::Main => Corpus::Goodware,
        Corpus::Goodware => Corpus::Main,
    };
    let is_other =
        |known: Option<u64>, asked: Option<u64>| known.zip(asked).is_some_and(|(known, asked)| known != asked);
    let has_other_range = match (&found.time_range, &sought.time_range) {
        (Some(known), Some(asked)) => is_other(known.start, asked.start) || is_other(known.end, asked.end),
        _ => false,
    };
    let is_same = is_same_text(found.rules.as_deref(), &sought.rules)?;
    Some(is_same && found.corpus.as_deref() != Some(corpus(other)) && !has_other_range)
}

fn corpus(corpus: Corpus) -> &'static str {
    match corpus {
        Corpus::Main => "main",
        Corpus::Goodware => "goodware",
    }
}

/// Get Retrohunt Jobs.
pub fn get_jobs(query: RetrohuntJobsQuery) -> Result<Listing<RetrohuntJob>, Failed> {
    Listing::new(&JOBS, query.limit, query.cursor, &[Parameter::Text("filter", &query.filter)], job)
}

/// Abort Retrohunt Job.
pub fn abort_job(id: String) -> Result<Action<()>, Failed> {
    let [area, jobs] = JOBS;
    let request =
        Request::new(Method::Post, &[area, jobs, input::id("id", &id)?, "abort"]).once("look with `get-retrohunt-job`");
    Ok(Action { request, decode: nothing })
}

/// Retrieve Matches for a Retrohunt Job.
pub fn get_matches(id: String, query: MatchesQuery) -> Result<Listing<MatchFile>, Failed> {
    let [area, jobs] = JOBS;
    let segments = [area, jobs, input::id("id", &id)?, "matching_files"];
    Listing::new(&segments, query.limit, query.cursor, &[], match_file)
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

/// A request about one job.
fn one(method: Method, id: &str) -> Result<Request, Failed> {
    let [area, jobs] = JOBS;
    Ok(Request::new(method, &[area, jobs, input::id("id", id)?]))
}

/// When to look again: when VirusTotal expects it to end, within bounds. Where it does not say, a job is often about to
/// start, and soon is right.
fn check(job: RetrohuntJob) -> JobCheck {
    const SOONEST: u64 = 5;
    const LATEST: u64 = 300;
    const UNKNOWN: u64 = 30;
    let done = matches!(job.status.as_deref(), Some("finished" | "aborted"));
    let wait = if done { 0 } else { job.eta_seconds.unwrap_or(UNKNOWN).clamp(SOONEST, LATEST) };
    let truncated = job.num_matches.is_some_and(|matches| matches >= MAX_MATCHES);
    JobCheck { next_check_in_seconds: wait as u32, done, truncated, job }
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
