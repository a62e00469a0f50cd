//! Many at once, slow ones, greedy ones, and those that hang up: nobody holds what others need.

use std::time::Duration;

use serde_json::json;
use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::Settings;

use super::{Served, TOKEN, client, gateway, gateway_with, options};
use crate::support::raw_server::{RawServer, Step, empty_page, send};
use crate::support::within;
use crate::support::world::{World, settings};

/// Short enough not to be waited for.
const SOON: Duration = Duration::from_millis(100);

const ACTION: &str = "/v1/actions/get-retrohunt-jobs";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_requests_at_once_all_get_their_own_answer() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let address = served.address;
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..200 {
        requests.spawn(async move {
            let id = format!("night-shift_lab-{number}");
            let body = json!({"id": id}).to_string();
            let answer = client::post(address, "/v1/actions/get-retrohunt-job", Some(TOKEN), &body).await;
            assert_eq!(answer.status, 404, "{answer:?}");
            assert!(answer.body.contains(&id), "another request's answer: {answer:?}");
        });
    }
    within(requests.join_all()).await;
    let counters = served.gateway.counters();
    assert_eq!((counters.requests, counters.running, counters.failed), (200, 0, 0));
}

#[tokio::test]
async fn whoever_finds_no_place_is_told_when_to_come_again() {
    let server = RawServer::start(vec![Step::Read, Step::Wait, send(empty_page())]).await;
    let settings = Settings { max_concurrent_calls: 1, queue_timeout: SOON, ..settings(server.url()) };
    let served = Served::of(settings).await;
    let host = served.address.to_string();
    let first = client::begin(served.address, &client::request("POST", ACTION, &host, Some(TOKEN), "{}")).await;
    server.has_read(1).await;
    let answer = served.act("get-retrohunt-jobs", &json!({})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
    assert_eq!(answer.json()["code"], "TooBusy");
    server.go_on();
    assert_eq!(client::answer(first).await.status, 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_its_place() {
    let world = World::new();
    let settings = Settings { max_concurrent_calls: 1, ..settings(&world.simulator.http_url()) };
    let served = Served::of(settings).await;
    let host = served.address.to_string();
    for _ in 0..5 {
        world.simulator.faults().add(FaultAction::Stall);
        let stream = client::begin(served.address, &client::request("POST", ACTION, &host, Some(TOKEN), "{}")).await;
        within(async {
            while world.simulator.requests().is_empty() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        drop(stream);
        served.is_idle().await;
        world.simulator.faults().clear();
        world.simulator.clear_requests();
        served.envelope("get-retrohunt-jobs", json!({})).await;
        world.simulator.clear_requests();
    }
}

/// The only place is taken by the one that is tried out: others are answered once it is cut off.
async fn gives_way(begin: &str, change: impl FnOnce(&mut vt_hunting_host::serve::ServeOptions)) -> String {
    let world = World::new();
    let mut options = options();
    options.max_connections = 1;
    change(&mut options);
    let served = Served::start(gateway(settings(&world.simulator.http_url())), options).await;
    let slow = client::begin(served.address, begin).await;
    assert_eq!(client::get(served.address, "/healthz", None).await.status, 200);
    assert!(world.simulator.requests().is_empty(), "half a request was taken for a whole one");
    String::from_utf8(client::rest(slow).await).expect("text")
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_cut_off() {
    let patient = Duration::from_secs(600);
    for header_timeout in [SOON, patient] {
        assert_eq!(gives_way("", |options| options.header_timeout = header_timeout).await, "");
    }
}

#[tokio::test]
async fn a_client_that_sends_half_a_head_is_cut_off() {
    gives_way("POST /v1/actions/get-retrohunt-jobs HTTP/1.1\r\nhost: a\r\nx-", |options| options.header_timeout = SOON)
        .await;
}

#[tokio::test]
async fn a_client_that_sends_half_a_body_is_told_and_cut_off() {
    let head = client::request("POST", ACTION, "a", Some(TOKEN), "{}").replace("length: 2", "length: 3");
    let answer = gives_way(&head, |options| options.body_timeout = SOON).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("BodyTooSlow"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let world = World::new();
    // Far more than the system keeps for a client that does not read.
    let rules = "x".repeat(24 << 20);
    let object = json!({"data": [{"type": "retrohunt_job", "id": "a", "attributes": {"rules": rules}}]});
    world.respond(200, &[("content-type", "application/json")], object.to_string());
    let mut options = options();
    options.max_connections = 1;
    options.stall_timeout = SOON;
    let served = Served::start(gateway(settings(&world.simulator.http_url())), options).await;
    let host = served.address.to_string();
    let greedy = client::begin(served.address, &client::request("POST", ACTION, &host, Some(TOKEN), "{}")).await;
    within(async {
        // Its place, which is the only one, is free once it is cut off.
        while client::get(served.address, "/v1/actions", Some(TOKEN)).await.status != 200
            || served.load.connections() > 1
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(client::rest(greedy).await.len() < rules.len(), "it was given all");
    served.is_idle().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whole_or_in_chunks_and_nothing_is_sent() {
    let world = World::new();
    let variables = [("GATEWAY_TOKEN", TOKEN), ("GATEWAY_MAX_REQUEST_BYTES", "1000")];
    let served = Served::start(gateway_with(settings(&world.simulator.http_url()), &variables), options()).await;
    let body = json!({"name": "n", "rules": "x".repeat(1000)}).to_string();
    let path = "/v1/actions/create-livehunt-ruleset";
    let whole = client::post(served.address, path, Some(TOKEN), &body).await;
    let chunked = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let chunked = client::send(served.address, &chunked).await;
    for answer in [whole, chunked] {
        assert_eq!((answer.status, answer.json()["code"].clone()), (413, json!("BodyTooLarge")), "{answer:?}");
        assert!(answer.body.contains("1000 bytes") && answer.body.contains("GATEWAY_MAX_REQUEST_BYTES"), "{answer:?}");
    }
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn a_body_in_chunks_is_as_good_as_one_with_a_length() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let request = format!(
        "POST {ACTION} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n"
    );
    let answer = client::send(served.address, &request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn what_is_no_http_gets_no_answer_out_of_it_and_does_no_harm() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(200_000));
    for bytes in ["\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", "nonsense\r\n\r\n", &long] {
        let mut stream = tokio::net::TcpStream::connect(served.address).await.expect("it listens");
        // It may well hang up before it has read all.
        let _ = within(tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes())).await;
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
        let answer = String::from_utf8_lossy(&client::rest(stream).await).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(client::get(served.address, "/healthz", None).await.status, 200);
}
