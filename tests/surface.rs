//! What came beside the twelve actions that connector platforms know: each function once against the simulator, the
//! request exactly as it arrives, and its effect as the simulator has it afterwards.
//!
//! One module below for each thing that is changed or looked at.

mod account;
mod crowdsourced;
mod deletions;
mod jobs;
mod notifications;
mod rulesets;
mod sharing;
mod snippets;
mod update;

use virustotal_hunting_simulator::{Options, RecordedRequest};
use vt_hunting_host::Connector;

use crate::support::world::World;

/// The key of another user of the same simulator.
const OTHER_KEY: &str = "07e207e207e207e207e207e207e207e207e207e207e207e207e207e207e207e2";

/// The only group there is.
const GROUP: &str = "simulated-lab";

/// A simulator with two users, and the second one's connector.
fn with_colleague() -> (World, Connector, String) {
    let world = World::with(Options { additional_keys: vec![OTHER_KEY.to_owned()], ..Options::default() });
    let colleague = world.tenant(OTHER_KEY);
    let name = world.simulator.user_of(OTHER_KEY).expect("a user");
    (world, colleague, name)
}

/// The one request that arrived since the last look.
fn only_request(world: &World) -> RecordedRequest {
    let mut requests = world.simulator.take_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.remove(0)
}

/// Method, path, query and body of the one request that arrived since the last look.
fn sent(world: &World) -> (String, String, String, String) {
    let request = only_request(world);
    let body = String::from_utf8(request.body).expect("text");
    (request.method, request.path, request.query, body)
}

/// `path` below the API's own.
fn api(path: &str) -> String {
    format!("/api/v3/{path}")
}

fn assert_sent(world: &World, method: &str, path: &str, query: &str, body: &str) {
    let expected = (method.to_owned(), api(path), query.to_owned(), body.to_owned());
    assert_eq!(sent(world), expected);
}
