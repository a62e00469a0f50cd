//! A tenant's rate: one for all its instances, kept before anything of the network is used, and told to the caller.
//!
//! The arithmetic is tested beside it, with time that moves when it is told to. In here the rates are such that a second
//! request would have to wait longer than a call may take, so that nothing has to be waited for.

use std::time::{Duration, Instant};

use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{Access, Connector, RequestRate, Settings};

use super::get;
use crate::program;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{World, connector, new_ruleset, settings};
use crate::support::{KEY, answered, refused, within};

fn at_rate(url: &str, rate: RequestRate) -> Settings {
    Settings { requests_per_minute: Some(rate), ..settings(url) }
}

/// One a minute, and calls that may take a third of that: only a machine that stands still for the rest of the minute would
/// let a second one wait for its turn.
fn slow(url: &str) -> Connector {
    connector(Settings { timeout: Duration::from_secs(20), ..at_rate(url, RequestRate::per_minute(1)) })
}

fn assert_held_back(error: &Error, code: &str, longest: u32) {
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::RateLimited, code, None), "{error:?}");
    let seconds = error.retry_after.expect("the seconds to wait");
    assert!((1..=longest).contains(&seconds), "{error:?}");
}

#[tokio::test]
async fn instances_of_one_tenant_share_its_rate_and_tenants_do_not() {
    let world = World::new();
    let url = world.simulator.http_url();
    let (tenant, other) = (slow(&url), slow(&url));
    let mut one = within(tenant.instance()).await.expect("an instance");
    let mut two = within(tenant.instance()).await.expect("an instance");
    let query = Default::default();
    answered(one.get_ioc_stream_objects(&query)).await;
    assert_held_back(&refused(two.get_ioc_stream_objects(&query)).await, "RequestsPerMinute", 60);
    assert_held_back(&refused(one.get_ioc_stream_objects(&query)).await, "RequestsPerMinute", 60);
    assert_held_back(&refused(get(&tenant.clone())).await, "RequestsPerMinute", 60);
    assert!(!two.is_poisoned());
    // The same key, and another connector: what it sends is its own affair.
    answered(get(&other)).await;
    assert_eq!(world.simulator.requests().len(), 2);
    let counters = tenant.counters();
    assert_eq!((counters.attempts, counters.rate_refused, counters.rate_waits), (1, 3, 0));
    assert_eq!(counters.failures, [("rate-limited", 3)]);
}

#[tokio::test]
async fn what_is_held_back_touches_no_network() {
    // It closes after its answer: whatever is sent next needs another connection.
    let server = RawServer::start(vec![Step::Read, send(empty_page()), Step::Close]).await;
    let tenant = slow(server.url());
    answered(get(&tenant)).await;
    for _ in 0..3 {
        assert_held_back(&refused(get(&tenant)).await, "RequestsPerMinute", 60);
    }
    let error = refused(tenant.create_livehunt_ruleset(&new_ruleset("n"))).await;
    assert_held_back(&error, "RequestsPerMinute", 60);
    let counters = tenant.counters();
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
    assert_eq!((counters.connections_opened, counters.attempts, counters.rate_refused), (1, 1, 4));
}

#[tokio::test]
async fn a_day_has_its_own_code_and_seconds() {
    let world = World::new();
    let rate = RequestRate { per_minute: 1000, per_day: Some(1) };
    let tenant = connector(at_rate(&world.simulator.http_url(), rate));
    answered(get(&tenant)).await;
    // At midnight a day begins anew; then this is its first.
    if within(get(&tenant)).await.is_ok() {
        assert_eq!(tenant.counters().attempts, 2);
    }
    assert_held_back(&refused(get(&tenant)).await, "RequestsPerDay", 24 * 60 * 60);
}

#[tokio::test]
async fn a_call_with_time_waits_for_its_turn() {
    // 11 at once, and then one every two thirds of a second.
    const AT_ONCE: usize = 11;
    let world = World::new();
    let tenant = connector(at_rate(&world.simulator.http_url(), RequestRate::per_minute(100)));
    let began = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..=AT_ONCE {
        let tenant = tenant.clone();
        calls.spawn(async move { answered(get(&tenant)).await });
    }
    within(calls.join_all()).await;
    assert!(began.elapsed() >= Duration::from_millis(666), "{:?}", began.elapsed());
    assert_eq!((tenant.counters().attempts, tenant.counters().rate_refused), (AT_ONCE as u64 + 1, 0));
}

#[tokio::test]
async fn what_is_sent_again_on_another_connection_counts_too() {
    let rate = RequestRate { per_minute: 1000, per_day: Some(2) };
    // At midnight a day begins anew, and there is a third; then it is tried again.
    for _ in 0..2 {
        let server = RawServer::start(answer(empty_page())).await;
        let tenant = connector(at_rate(server.url(), rate));
        answered(get(&tenant)).await;
        // The kept connection closes under the next request.
        server.play(vec![Step::Read, Step::Wait, Step::Close]);
        let doom = async {
            server.has_read(2).await;
            server.play(answer(empty_page()));
            server.go_on();
        };
        let (result, ()) = tokio::join!(within(get(&tenant)), doom);
        if result.is_err() {
            let error = refused(std::future::ready(result)).await;
            assert_held_back(&error, "RequestsPerDay", 24 * 60 * 60);
            assert_eq!((server.requests().len(), server.connections(), tenant.counters().attempts), (2, 1, 2));
            return;
        }
    }
    panic!("a third request was sent, and not because of midnight");
}

#[tokio::test]
async fn a_tenant_without_a_rate_is_not_held_back() {
    let world = World::new();
    for _ in 0..100 {
        answered(get(&world.connector)).await;
    }
    assert_eq!((world.connector.counters().rate_waits, world.connector.counters().rate_refused), (0, 0));
}

#[tokio::test]
async fn access_and_retries_reach_the_component() {
    let world = World::new();
    let reader = connector(Settings { access: Access::ReadOnly, ..settings(&world.simulator.http_url()) });
    let error = refused(reader.create_livehunt_ruleset(&new_ruleset("n"))).await;
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::Forbidden, "ReadOnly", None));
    assert_eq!(reader.counters().attempts, 0);
    answered(get(&reader)).await;

    for retries in [0, 1] {
        let body = r#"{"error":{"code":"TransientError","message":"soon"}}"#;
        let server = RawServer::start(answer(response(503, &[("retry-after", "0")], body))).await;
        let tenant = connector(Settings { retries, ..settings(server.url()) });
        assert_eq!(refused(get(&tenant)).await.status, Some(503));
        assert_eq!(tenant.counters().attempts, 1 + u64::from(retries));
    }
}

#[test]
fn the_command_line_has_them_as_flags_and_shows_them() {
    let arguments = ["config", "--output", "jsonl", "--read-only", "--retries", "3", "--requests-per-minute", "public"];
    let said = program::run(&arguments, &[("VT_APIKEY", KEY)], "");
    assert_eq!(said.code, 0, "{}", said.stderr);
    for (name, value, flag) in [
        ("access", "read-only", "--read-only"),
        ("retries", "3", "--retries"),
        ("requests_per_minute", "public", "--requests-per-minute"),
    ] {
        let line = said.stdout.lines().find(|line| line.contains(&format!("\"{name}\""))).expect(name);
        assert!(line.contains(&format!("\"{value}\"")) && line.contains(&format!("\"{flag}\"")), "{line}");
    }
    for (flag, value) in [("--retries", "11"), ("--requests-per-minute", "0"), ("--requests-per-minute", "often")] {
        let said = program::run(&["config", flag, value], &[("VT_APIKEY", KEY)], "");
        let name = flag.trim_start_matches('-').replace('-', "_");
        assert!(said.code == 11 && said.stderr.contains(&name), "{} {}", said.code, said.stderr);
    }
}
