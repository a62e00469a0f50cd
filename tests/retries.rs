//! What is sent again, how often and when; and what never is, whatever happens to it.
//!
//! Whoever waits here waits for the first retries of the component: at most 0.2 s, then 0.4 s. What is asked to wait is
//! asked for nothing at all, or for more than the deadline.

mod deadline;
mod deletions;
mod doubt;
mod once;
mod reads;
mod reconciling;

use virustotal_hunting_simulator::{Fault, FaultAction, RecordedRequest};
use vt_hunting_host::{Connector, Instance, Settings};

use crate::support::within;
use crate::support::world::{World, connector, settings};

/// A tenant of that simulator that repeats what fails so often, and has no connection yet: what the host sends again on
/// its own, on a kept connection that turned out dead, is not what these tests are about.
fn patient(world: &World, retries: u32) -> Connector {
    connector(Settings { retries, ..settings(&world.simulator.http_url()) })
}

async fn instance(connector: &Connector) -> Instance {
    within(connector.instance()).await.expect("an instance")
}

fn status(code: u16, retry_after: Option<&str>) -> FaultAction {
    let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
    FaultAction::Status { code, body: None, headers: headers.into_iter().collect() }
}

/// What may pass by itself.
fn passing() -> Vec<FaultAction> {
    vec![
        status(500, None),
        status(502, None),
        status(503, None),
        status(504, None),
        FaultAction::RateLimit { retry_after: None },
        FaultAction::RateLimit { retry_after: Some("0".to_owned()) },
        FaultAction::HtmlEdge,
        FaultAction::Reset,
        FaultAction::ResetAfter,
        FaultAction::Truncate(1),
    ]
}

/// From now on the next so many requests fail like this, and nothing else does.
fn fails(world: &World, action: FaultAction, times: u32) {
    world.simulator.faults().clear();
    world.simulator.faults().add(Fault::new(action).times(times));
    world.simulator.clear_requests();
}

/// Method and path of what arrived since the last look.
fn arrived(world: &World) -> Vec<(String, String)> {
    let told = |request: RecordedRequest| (request.method, request.path);
    world.simulator.take_requests().into_iter().map(told).collect()
}
