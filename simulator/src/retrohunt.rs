//! Retrohunt jobs: rules over the whole corpus, in simulated time.
//!
//! The scan itself is done when the job is created; what the clock reveals of it is how far it got. So a job needs no
//! thread, and its state at any moment follows from the moment alone.

use serde_json::{Value, json};

use crate::body;
use crate::clock::Moment;
use crate::corpus::Corpus;
use crate::envelope::{self, Attributes, Item, Links};
use crate::filter;
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;
use crate::yara::{self, Compiled};

mod schedule;

use schedule::{Schedule, Stage};

const STATUSES: [&str; 5] = ["starting", "running", "aborting", "aborted", "finished"];
const CORPORA: [&str; 2] = ["main", "goodware"];
const READ_ONLY: [&str; 9] = [
    "status",
    "creation_date",
    "start_date",
    "finish_date",
    "progress",
    "eta_seconds",
    "scanned_bytes",
    "num_matches",
    "num_matches_outside_time_range",
];
const RULES_MAX: usize = 300;
/// A job stops collecting here.
const MATCHES_MAX: usize = 10_000;

/// Last submissions that count, both ends included; `None` is open.
#[derive(Clone, Copy, Debug, Default)]
struct TimeRange {
    start: Option<u64>,
    end: Option<u64>,
}

impl TimeRange {
    fn contains(self, epoch: u64) -> bool {
        self.start.is_none_or(|start| epoch >= start) && self.end.is_none_or(|end| epoch <= end)
    }
}

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    sequence: u64,
    id: String,
    rules: String,
    corpus: &'static str,
    email: Option<String>,
    time_range: Option<TimeRange>,
    schedule: Schedule,
    /// Sample and rule, in the order they are found.
    matches: Vec<(usize, String)>,
    outside: usize,
}

impl Job {
    /// How many matches are found by then.
    fn found(&self, uptime: u64) -> usize {
        (self.matches.len() as f64 * self.schedule.fraction(uptime)) as usize
    }

    fn item(&self, uptime: u64) -> Item {
        let stage = self.schedule.stage(uptime);
        let fraction = self.schedule.fraction(uptime);
        let outside = (self.outside as f64 * fraction) as usize;
        // Bytes of the real corpora, so that the numbers have their real magnitude: beyond 2^48 for `main`.
        let total: f64 = if self.corpus == "main" { 657_669_000_000_000.0 } else { 146_897_923_532.0 };
        let mut attributes = json!({
            "status": stage.name(), "rules": self.rules, "corpus": self.corpus,
            "creation_date": self.schedule.created, "progress": progress(fraction),
            "scanned_bytes": (total * fraction) as u64, "num_matches": self.found(uptime),
            // Types drift: a job that was aborted tells this one as text.
            "num_matches_outside_time_range": if stage == Stage::Aborted { json!(outside.to_string()) } else { json!(outside) },
        });
        if let Some(email) = &self.email {
            attributes["notification_email"] = json!(email);
        }
        if let Some(TimeRange { start, end }) = self.time_range {
            let mut range = serde_json::Map::new();
            range.extend(start.map(|start| ("start".to_owned(), json!(start))));
            range.extend(end.map(|end| ("end".to_owned(), json!(end))));
            attributes["time_range"] = Value::Object(range);
        }
        if let Some(started) = self.schedule.started(uptime) {
            attributes["start_date"] = json!(started);
        }
        if let Some(finished) = self.schedule.finished(uptime) {
            attributes["finish_date"] = json!(finished);
        }
        if stage == Stage::Running {
            attributes["eta_seconds"] = json!(self.schedule.remaining(uptime));
        }
        Item::object("retrohunt_job", &self.id, "intelligence/retrohunt_jobs", attributes)
    }
}

/// 0 and 100 are whole numbers, everything between a float with the digits of a narrow one.
fn progress(fraction: f64) -> Value {
    if fraction <= 0.0 {
        json!(0)
    } else if fraction >= 1.0 {
        json!(100)
    } else {
        json!((fraction * 100.0 * 100_000.0).round() / 100_000.0)
    }
}

/// `GET /intelligence/retrohunt_jobs`
pub(crate) fn list(context: &mut Context<'_>) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "filter", "cursor"])?;
    let text = query.get("filter").unwrap_or_default();
    let terms = filter::parse(text, &["status"])?;
    for term in &terms {
        filter::one_of(term, &STATUSES)?;
    }
    let uptime = context.uptime;
    let desk = &context.world.desks[context.desk];
    let wanted = |job: &&Job| terms.iter().all(|term| job.schedule.stage(uptime).name() == term.value);
    let mut jobs: Vec<&Job> = desk.jobs.iter().filter(wanted).collect();
    let place = |job: &&Job| envelope::place(job.schedule.created, job.sequence, true);
    jobs.sort_by_key(place);
    let count = jobs.len();
    let binding = format!("retrohunt_jobs|{text}|{}", desk.user);
    let page = envelope::page(context.shared, &query, &binding, jobs, place)?.map(|job| job.item(uptime));
    let links = Links::User { user: desk.user.clone(), collection: "retrohunt_jobs" };
    Ok(envelope::collection(page, Some(count), &links, &query))
}

/// `POST /intelligence/retrohunt_jobs`: one unit of the monthly allowance, if it is accepted.
pub(crate) fn create(context: &mut Context<'_>) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let attributes = body::attributes(context.call, "retrohunt_job", None)?;
    body::only(&attributes, &["rules", "notification_email", "corpus", "time_range"], &READ_ONLY)?;
    let rules = body::text(&attributes, "rules")?;
    let rules = rules.ok_or_else(|| ApiError::invalid_argument("Attribute \"rules\" is required"))?;
    let email = body::text(&attributes, "notification_email")?;
    let corpus = body::text(&attributes, "corpus")?.unwrap_or_else(|| "main".into());
    let corpus = CORPORA.into_iter().find(|known| *known == corpus);
    let corpus = corpus.ok_or_else(|| ApiError::invalid_argument("Attribute \"corpus\" must be main or goodware"))?;
    let time_range = time_range(attributes.get("time_range"))?;
    let compiled = yara::compile(&rules, yara::Hunt::Retrohunt)?;
    if compiled.rule_names.len() > RULES_MAX {
        return Err(ApiError::bad_request(format!("A retrohunt job can't have more than {RULES_MAX} rules")));
    }

    let (at, options) = (Moment { now: context.now, uptime: context.uptime }, &context.shared.options);
    let sequence = context.world.next_sequence();
    let desk = &mut context.world.desks[context.desk];
    let active = desk.jobs.iter().filter(|job| job.schedule.stage(at.uptime).is_active()).count();
    if active >= options.concurrent_retrohunt_jobs {
        let message = format!("You can't have more than {} running jobs", options.concurrent_retrohunt_jobs);
        return Err(ApiError::new(429, "QuotaExceededError", message));
    }
    if desk.usage.retrohunts >= options.monthly_retrohunt_quota {
        return Err(ApiError::quota());
    }
    desk.usage.retrohunts += 1;

    let days = 86_400 * options.retrohunt_window_days;
    // The other corpus is what it is.
    let window = TimeRange { start: (corpus == "main").then(|| at.now.saturating_sub(days)), end: None };
    let (matches, outside) = scan(&context.shared.corpus, &compiled, corpus, time_range, window);
    // The id names the second; a second job in the same one takes the next that is free.
    let mut ids = (at.now..).map(|second| format!("{}-{second}", desk.user));
    let id = ids.find(|id| desk.jobs.iter().all(|job| job.id != *id));
    let seconds = if corpus == "main" { options.retrohunt_main_seconds } else { options.retrohunt_goodware_seconds };
    let job = Job {
        sequence,
        id: id.unwrap_or_default(),
        rules,
        corpus,
        email,
        time_range,
        schedule: Schedule::new(at, options.retrohunt_transition_seconds, seconds),
        matches,
        outside,
    };
    let reply = envelope::object(&job.item(at.uptime));
    desk.jobs.push(job);
    Ok(reply)
}

fn time_range(value: Option<&Value>) -> Result<Option<TimeRange>, ApiError> {
    let Some(value) = value else { return Ok(None) };
    let refuse = || body::wrong("time_range", "an object with start and end in epoch seconds");
    let range = value.as_object().ok_or_else(refuse)?;
    if range.keys().any(|key| key != "start" && key != "end") {
        return Err(refuse());
    }
    let (start, end) = (body::number(range, "start")?, body::number(range, "end")?);
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(ApiError::invalid_argument("time_range ends before it starts")),
        (start, end) => Ok(Some(TimeRange { start, end })),
    }
}

/// Scans the corpus: what was last submitted in the time range. Matches of what was sent too long ago for the account are
/// counted and not kept.
fn scan(
    corpus: &Corpus,
    compiled: &Compiled,
    which: &str,
    time_range: Option<TimeRange>,
    window: TimeRange,
) -> (Vec<(usize, String)>, usize) {
    let time_range = time_range.unwrap_or_default();
    let mut matches = Vec::new();
    let mut outside = 0;
    for (index, sample) in corpus.samples.iter().enumerate() {
        let file = sample.file();
        if which == "goodware" && !file.goodware {
            continue;
        }
        if !time_range.contains(file.last_submission) {
            continue;
        }
        let found = compiled.scan(&sample.bytes, &sample.facts);
        if window.contains(file.last_submission) {
            matches.extend(found.into_iter().map(|found| (index, found.rule)));
        } else {
            outside += found.len();
        }
    }
    matches.truncate(MATCHES_MAX);
    (matches, outside)
}

fn position(context: &Context<'_>, id: &str) -> Result<usize, ApiError> {
    let position = context.world.desks[context.desk].jobs.iter().position(|job| job.id == id);
    position.ok_or_else(|| ApiError::not_found("Retrohunt job", id))
}

/// `GET /intelligence/retrohunt_jobs/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let index = position(context, id)?;
    Ok(envelope::object(&context.world.desks[context.desk].jobs[index].item(context.uptime)))
}

/// `DELETE /intelligence/retrohunt_jobs/{id}`: only when it no longer runs.
pub(crate) fn delete(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let index = position(context, id)?;
    let jobs = &mut context.world.desks[context.desk].jobs;
    if jobs[index].schedule.stage(context.uptime).is_active() {
        return Err(ApiError::bad_request("Job is still running, abort it first"));
    }
    jobs.remove(index);
    Ok(Reply::json_text("{}".into()))
}

/// `POST /intelligence/retrohunt_jobs/{id}/abort`
pub(crate) fn abort(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    body::none(context.call)?;
    let index = position(context, id)?;
    let job = &mut context.world.desks[context.desk].jobs[index];
    if !job.schedule.abort(context.uptime) {
        let status = job.schedule.stage(context.uptime).name();
        return Err(ApiError::bad_request(format!("Job can't be aborted, its status is {status}")));
    }
    Ok(Reply::json_text("{}".into()))
}

/// `GET /intelligence/retrohunt_jobs/{id}/matching_files`: those found so far.
pub(crate) fn matching_files(context: &mut Context<'_>, id: &str) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "cursor"])?;
    let index = position(context, id)?;
    let job = &context.world.desks[context.desk].jobs[index];
    let found = job.matches.iter().take(job.found(context.uptime));
    let found: Vec<(usize, &(usize, String))> = found.enumerate().collect();
    let count = found.len();
    let binding = format!("{id}/matching_files|{}", context.desk);
    let page = envelope::page(context.shared, &query, &binding, found, |(number, _)| {
        // Places count from 1: nothing is at the one before all of them.
        envelope::place(*number as u64 + 1, 0, false)
    })?;
    let page = page.map(|(_, (index, rule))| {
        let sample = &context.shared.corpus.samples[*index];
        Item {
            path: Some(format!("/files/{}", sample.sha256)),
            attributes: Some(Attributes::Text(sample.attributes())),
            context: Some(json!({"rule_name": rule, "match_in_subfile": false})),
            ..Item::new("file", sample.sha256.clone())
        }
    });
    let links = Links::Ui(format!("/intelligence/retrohunt_jobs/{id}/matching_files"));
    Ok(envelope::collection(page, Some(count), &links, &query))
}
