//! The control API under `/_simulator/`: what a test inside the process does by method calls, for people and for tests
//! outside it. No key is needed; like everything else it is reachable from this machine only.

use serde_json::json;

use crate::faults::Faults;
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::server::Call;
use crate::shared::Shared;
use crate::{ioc_stream, livehunt};

/// Answers a control request.
pub(crate) fn handle(call: &Call, shared: &Shared) -> Reply {
    answer(call, shared).unwrap_or_else(Reply::from)
}

fn answer(call: &Call, shared: &Shared) -> Outcome {
    let name = call.path.trim_start_matches("/_simulator/");
    match (call.method.as_str(), name) {
        ("POST", "clock/advance") => {
            shared.clock.advance(amount(call, "seconds")?);
            Ok(Reply::json(&json!({"now": shared.clock.now()})))
        }
        ("POST", "clock/rewind") => {
            shared.clock.rewind(amount(call, "seconds")?);
            Ok(Reply::json(&json!({"now": shared.clock.now()})))
        }
        ("POST", "clock/set") => {
            shared.clock.set(amount(call, "seconds")?);
            Ok(Reply::json(&json!({"now": shared.clock.now()})))
        }
        ("POST", "ioc_stream/add") => {
            let count = count(call, "count")?;
            Ok(Reply::json(&json!({"ids": ioc_stream::add(shared, 0, count)})))
        }
        ("POST", "hunting_notifications/add") => {
            let count = count(call, "count")?;
            Ok(Reply::json(&json!({"ids": livehunt::add_notifications(shared, 0, count)})))
        }
        ("POST", "feed/advance") => {
            let samples = count(call, "samples")?;
            Ok(Reply::json(&json!({"notifications": livehunt::advance_feed(shared, samples)})))
        }
        ("POST", "faults") => {
            let text = std::str::from_utf8(&call.body).map_err(|_| ApiError::bad_request("faults are not text"))?;
            Faults::parse(text).map_err(ApiError::bad_request)?.into_iter().for_each(|fault| shared.faults.add(fault));
            Ok(Reply::json(&json!({"faults": shared.faults.active()})))
        }
        ("GET", "faults") => Ok(Reply::json(&json!({"faults": shared.faults.active()}))),
        ("DELETE", "faults") => {
            shared.faults.clear();
            Ok(Reply::json(&json!({"faults": []})))
        }
        ("GET", "requests") => Ok(Reply::json(&json!({"requests": requests(shared)}))),
        ("DELETE", "requests") => {
            shared.recorder.clear();
            Ok(Reply::json(&json!({"requests": []})))
        }
        ("GET", "state") => Ok(Reply::json(&state(shared))),
        _ => Err(ApiError::of_status(404)),
    }
}

fn amount(call: &Call, name: &str) -> Result<u64, ApiError> {
    let query = Query::parse(&call.query, &[name])?;
    let value = query.get(name).and_then(|value| value.parse().ok());
    value.ok_or_else(|| ApiError::bad_request(format!("say how much: ?{name}=NUMBER")))
}

fn count(call: &Call, name: &str) -> Result<usize, ApiError> {
    usize::try_from(amount(call, name)?).map_err(|_| ApiError::of_status(400))
}

/// The requests with headers and bodies as text, since people read this.
fn requests(shared: &Shared) -> Vec<serde_json::Value> {
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let one = |request: crate::RecordedRequest| {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name, show(value))).collect();
        json!({
            "method": request.method, "path": request.path, "query": request.query, "headers": headers,
            "body": show(&request.body), "status": request.status,
        })
    };
    shared.recorder.all().into_iter().map(one).collect()
}

fn state(shared: &Shared) -> serde_json::Value {
    let world = shared.world();
    let users: Vec<_> = world
        .desks
        .iter()
        .map(|desk| {
            json!({
                "user": desk.user, "hunting_rulesets": desk.rulesets.len(), "retrohunt_jobs": desk.jobs.len(),
                "hunting_notifications": desk.notifications.len(), "ioc_stream": desk.stream.len(),
            })
        })
        .collect();
    json!({
        "now": shared.clock.now(), "samples": shared.corpus.samples.len(), "feed_position": world.feed_position,
        "connections": shared.connections.load(std::sync::atomic::Ordering::SeqCst), "users": users,
    })
}
