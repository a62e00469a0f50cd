//! A call is one line with its figures, the figures of a tenant add up, and neither tells what was asked.

use serde_json::Value;
use tracing_subscriber::filter::LevelFilter;
use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::{Connector, Settings};

use super::{get, turned_to};
use crate::logs::Logs;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response};
use crate::support::world::{World, connector, new_job, settings};
use crate::support::{KEY, answered, refused, within};

/// What only filters, cursors and rules hold.
const NEEDLE: &str = "n33dle";

async fn search(connector: &Connector) -> Result<(), vt_hunting_host::CallError> {
    let query = IocStreamQuery {
        filter: Some(format!("notification_tag:{NEEDLE}")),
        cursor: Some(format!("{NEEDLE}=")),
        ..Default::default()
    };
    connector.get_ioc_stream_objects(&query).await.map(|_| ())
}

fn field(call: &Value, name: &str) -> u64 {
    call[name].as_u64().unwrap_or_else(|| panic!("{name} of {call}"))
}

#[tokio::test]
async fn a_call_is_one_line_with_action_outcome_status_attempts_bytes_and_milliseconds() {
    let world = World::new();
    let logs = Logs::up_to(LevelFilter::INFO);
    world.job().await;
    refused(world.connector.get_retrohunt_job("nobody-1")).await;
    answered(world.connector.get_retrohunt_jobs(&Default::default())).await;

    let calls = logs.calls();
    let told = calls.iter().map(|call| {
        let text = |name: &str| call[name].as_str().unwrap_or_else(|| panic!("{name} of {call}")).to_owned();
        (text("action"), text("outcome"), field(call, "status"), field(call, "attempts"))
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("create-retrohunt-job".to_owned(), "ok".to_owned(), 200, 1),
            ("get-retrohunt-job".to_owned(), "not-found".to_owned(), 404, 1),
            ("get-retrohunt-jobs".to_owned(), "ok".to_owned(), 200, 1),
        ]
    );
    let sent: Vec<_> = calls.iter().map(|call| field(call, "bytes_sent")).collect();
    let arrived: Vec<_> = world.simulator.requests().iter().map(|request| request.body.len() as u64).collect();
    assert_eq!((&sent, sent[0] > 0), (&arrived, true));
    for call in &calls {
        assert!(field(call, "bytes_received") > 0 && field(call, "milliseconds") < 120_000, "{call}");
        assert_eq!(call["name"], "call");
    }
}

#[tokio::test]
async fn calls_that_get_no_answer_say_so() {
    let silent = RawServer::start(vec![Step::Read, Step::Stall]).await;
    let dead = RawServer::deaf("http");
    let other = RawServer::start(answer(empty_page())).await;
    let dropped = connector(settings(silent.url()));
    let denied = turned_to(other.url(), settings(silent.url()));
    let refusing = connector(settings(dead.url()));
    let logs = Logs::up_to(LevelFilter::INFO);
    tokio::select! {
        result = get(&dropped) => panic!("it cannot end: {result:?}"),
        () = silent.has_read(1) => {}
    }
    refused(get(&denied)).await;
    refused(get(&refusing)).await;
    let told: Vec<_> = logs.calls().iter().map(|call| (call["outcome"].clone(), field(call, "attempts"))).collect();
    let expected = [("dropped", 1), ("forbidden", 0), ("transport", 1)];
    assert_eq!(told, expected.map(|(outcome, attempts)| (Value::from(outcome), attempts)));
    assert!(logs.calls().iter().all(|call| call.get("status").is_none()));
    // A refusal is for whoever runs the host to see, with the host it was for.
    let warning = logs.lines().into_iter().find(|line| line["level"] == "WARN").expect("a warning");
    assert!(warning.to_string().contains(other.url()), "{warning}");
}

#[tokio::test]
async fn a_request_that_was_sent_again_counts_as_two_attempts() {
    let server = RawServer::start(answer(empty_page())).await;
    let tenant = connector(settings(server.url()));
    answered(get(&tenant)).await;
    let logs = Logs::up_to(LevelFilter::INFO);
    server.play(vec![Step::Read, Step::Wait, Step::Close]);
    tokio::join!(answered(get(&tenant)), async {
        server.has_read(2).await;
        server.play(answer(empty_page()));
        server.go_on();
    });
    let calls = logs.calls();
    assert_eq!((calls.len(), field(&calls[0], "attempts")), (1, 2));
}

#[tokio::test]
async fn nothing_that_was_asked_is_logged() {
    let world = World::new();
    let server = RawServer::start(vec![Step::Close]).await;
    let broken = connector(settings(server.url()));
    // The guest holds the key here, and the host still does not log it.
    let handed = connector(Settings { api_key_from_host: false, ..settings(&world.simulator.http_url()) });
    let logs = Logs::up_to(LevelFilter::DEBUG);
    for tenant in [&world.connector, &broken, &handed] {
        let _ = within(search(tenant)).await;
        let mut job = new_job();
        job.rules = format!("rule {NEEDLE} {{ condition: true }}");
        let _ = within(tenant.create_retrohunt_job(&job)).await;
        let _ = within(tenant.create_retrohunt_job(&vt_hunting_host::retrohunt::NewRetrohuntJob {
            rules: format!("rule {NEEDLE}"),
            ..job
        }))
        .await;
    }
    world.simulator.faults().add(FaultAction::Reset);
    refused(search(&world.connector)).await;
    let text = logs.text();
    assert_eq!(logs.calls().len(), 10, "{text}");
    for line in text.lines().filter(|line| line.contains("\"target\":\"vt_hunting")) {
        assert!(!line.contains(NEEDLE), "{line}");
        assert!(!line.contains("/api/v3"), "{line}");
    }
    assert!(!text.contains(KEY));
}

#[tokio::test]
async fn a_tenants_counters_add_up() {
    let logs = Logs::up_to(LevelFilter::INFO);
    let body = r#"{"data":[]}"#;
    let server = RawServer::start(answer(response(200, &[], body))).await;
    let tenant = connector(settings(server.url()));
    for _ in 0..3 {
        answered(get(&tenant)).await;
    }
    server.play(answer(response(404, &[], "{}")));
    refused(tenant.get_retrohunt_job("x-1")).await;
    server.play(vec![Step::Read, Step::Close]);
    refused(tenant.create_retrohunt_job(&new_job())).await;
    let mut instance = within(tenant.instance()).await.expect("an instance");
    refused(async { instance.delete_livehunt_ruleset("").await }).await;

    let counters = tenant.counters();
    assert_eq!((counters.calls, counters.calls_in_flight, counters.failed()), (6, 0, 3));
    assert_eq!(counters.failures, [("invalid-argument", 1), ("not-found", 1), ("transport", 1)]);
    // What never left the guest was never sent.
    assert_eq!((counters.attempts, counters.denied), (5, 0));
    assert_eq!(counters.bytes_received, 3 * body.len() as u64 + 2);
    assert_eq!(counters.connections_opened, server.connections() as u64);
    // And they are the sums of the lines.
    let calls = logs.calls();
    assert_eq!(calls.len() as u64, counters.calls);
    let sum = |name: &str| calls.iter().map(|call| field(call, name)).sum::<u64>();
    assert_eq!((sum("attempts"), sum("bytes_received")), (counters.attempts, counters.bytes_received));
    assert_eq!(sum("bytes_sent"), counters.bytes_sent);
    assert_eq!(connector(settings(server.url())).counters(), Default::default());
}
