//! What the simulator received, held against what the tenants asked for: every request under a tenant's key belongs to
//! one of that tenant's calls, and every call sent exactly as many as it may.
//!
//! That is what "at most once" means here: a create, an abort or a deletion is received once, whatever happened to it;
//! a read is received twice only where the first attempt died on a kept connection.
//!
//! A round's requests are taken out of the simulator when its calls have ended, so the records never grow beyond it.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use virustotal_hunting_simulator::{RecordedRequest, Simulator};

use crate::tenant::{Logged, Tenant};
use crate::verdict::Verdict;

/// How long a request may take to be recorded after its caller has given up on it: one that takes longer was not sent.
const LATE: Duration = Duration::from_secs(120);

/// Takes the records of a round, and the tenants' logs with them.
pub(crate) async fn audit(simulator: &Simulator, tenants: &mut [Tenant], verdict: &Verdict) {
    let expected: usize = tenants.iter().flat_map(|tenant| &tenant.log).map(|call| call.requests).sum();
    let mut received = simulator.take_requests();
    let deadline = Instant::now() + LATE;
    while received.len() < expected && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
        received.append(&mut simulator.take_requests());
    }

    let mut by_key: HashMap<String, Vec<RecordedRequest>> = HashMap::new();
    for request in received {
        by_key.entry(request.header("x-apikey").unwrap_or_default().to_owned()).or_default().push(request);
    }
    for tenant in tenants {
        let requests = by_key.remove(&tenant.key).unwrap_or_default();
        tenant.tally.requests += requests.len() as u64;
        if let Err(what) = compare(&std::mem::take(&mut tenant.log), &requests) {
            verdict.violated(format!("tenant {}: {what}", tenant.number));
        }
    }
    for (key, requests) in by_key {
        let first = requests.first().map(|request| format!("{} {}", request.method, request.path));
        verdict
            .violated(format!("{} requests came with the key `{key}`, which is nobody's: {first:?}", requests.len()));
    }
}

/// A tenant's calls and requests are both in order, since it makes one call after another.
fn compare(calls: &[Logged], requests: &[RecordedRequest]) -> Result<(), String> {
    let mut rest = requests;
    for call in calls {
        let received = rest.iter().take(call.requests).take_while(|request| call.errand.sends(request)).count();
        rest = &rest[received..];
        if received < call.requests {
            return Err(format!(
                "{} was received {received} times instead of {}; what came next was {}",
                describe(call),
                call.requests,
                rest.first().map_or_else(|| "nothing".to_owned(), show),
            ));
        }
    }
    let Some(surplus) = rest.first() else { return Ok(()) };
    Err(match calls.iter().find(|call| call.errand.sends(surplus)) {
        Some(call) => format!("{} was received more often than it may: {}", describe(call), show(surplus)),
        None => format!("its key came with a request that it did not ask for: {}", show(surplus)),
    })
}

fn describe(call: &Logged) -> String {
    let Logged { number, errand, ending, .. } = call;
    let harm = call.harm.map_or("no fault", |harm| harm.name);
    format!("call {number} ({errand:?}, {harm}, ended with {})", ending.describe())
}

fn show(request: &RecordedRequest) -> String {
    format!("{} {} ({}) {}", request.method, request.path, request.status, String::from_utf8_lossy(&request.body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::Ending;
    use crate::errand::Errand;

    fn abort(requests: usize) -> Logged {
        let errand = Errand::AbortJob { id: "a-1".to_owned(), may_be_over: false };
        Logged { number: 1, errand, harm: None, ending: Ending::Answered, requests }
    }

    fn received(path: &str) -> RecordedRequest {
        RecordedRequest {
            method: "POST".to_owned(),
            path: format!("/api/v3/{path}"),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            status: 200,
        }
    }

    #[test]
    fn a_call_that_was_sent_twice_is_found() {
        let abort_path = "intelligence/retrohunt_jobs/a-1/abort";
        assert_eq!(compare(&[abort(1)], &[received(abort_path)]), Ok(()));
        let twice = compare(&[abort(1)], &[received(abort_path), received(abort_path)]).expect_err("sent twice");
        assert!(twice.contains("more often"), "{twice}");
    }

    #[test]
    fn a_request_that_nobody_asked_for_and_one_that_is_missing_are_found() {
        let foreign = compare(&[], &[received("intelligence/retrohunt_jobs/b-1/abort")]).expect_err("foreign");
        assert!(foreign.contains("did not ask for"), "{foreign}");
        let missing = compare(&[abort(1)], &[]).expect_err("never sent");
        assert!(missing.contains("0 times instead of 1"), "{missing}");
    }
}
