//! Whoever has no token gets an answer, and nothing else: no memory for a body, no place, no turn of others.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::Settings;

use super::{Served, TOKEN, client, gateway, gateway_with, options};
use crate::support::within;
use crate::support::world::{World, settings};

/// Short enough not to be waited for.
const SOON: Duration = Duration::from_millis(100);

const ACTION: &str = "/v1/actions/get-retrohunt-jobs";

/// A head for a body of this length, of which nothing is sent.
fn head(method: &str, path: &str, host: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n")
}

async fn until(is_so: impl Fn() -> bool) {
    within(async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_head_is_enough_to_refuse_is_refused_before_the_body_comes() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    let (length, chunked) = ("content-length: 2000000\r\n", "transfer-encoding: chunked\r\n");
    let json = "content-type: application/json\r\n";
    for (head, status) in [
        (head("POST", ACTION, "a b", length), 400),
        (head("POST", "/nowhere", "a", length), 404),
        (head("PUT", "/nowhere", "a", chunked), 404),
        (head("PUT", ACTION, "a", length), 405),
        (head("POST", "/healthz", "a", chunked), 405),
        (head("POST", ACTION, "a", length), 401),
        (head("POST", ACTION, "a", chunked), 401),
        (head("POST", ACTION, "a", &format!("authorization: Bearer {TOKEN}x\r\n{json}{length}")), 401),
        (head("POST", ACTION, "a", &format!("{json}{length}expect: 100-continue\r\n")), 401),
        (head("POST", "/v1/actions/none", "a", &format!("{token}{length}")), 404),
        (head("POST", ACTION, "a", &format!("{token}{length}")), 415),
        (head("POST", ACTION, "a", &format!("{token}{json}content-encoding: gzip\r\n{chunked}")), 415),
        (head("POST", ACTION, "a", &format!("{token}{json}content-length: 2097153\r\n")), 413),
        (head("POST", ACTION, "a", &format!("{token}{json}content-length: 9999999999999\r\n")), 413),
        (head("GET", "/healthz", "a", length), 200),
        (head("OPTIONS", ACTION, "a", length), 204),
    ] {
        // A little of the body comes with it, and then no more.
        let (got, said) = client::raw(served.address, format!("{head}1\r\n")).await;
        assert_eq!(got, status, "{head}: {said}");
        assert!(said.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{head}: {said}");
        assert!(!said.contains("100 Continue"), "{head}: {said}");
    }
    assert_eq!((served.gateway.counters().requests, served.load.body_bytes()), (0, 0), "a stranger got an instance");
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn two_hundred_unfinished_bodies_of_strangers_take_nothing() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let mut open = Vec::new();
    for _ in 0..200 {
        let begun = head("POST", ACTION, "a", "content-type: application/json\r\ncontent-length: 2000000\r\n");
        let mut stream = client::begin(served.address, begun).await;
        // As much as the system takes.
        let _ = stream.try_write(&[b' '; 32 << 10]);
        let _ = stream.flush().await;
        open.push(stream);
        assert_eq!(served.load.body_bytes(), 0);
    }
    for stream in open {
        let said = String::from_utf8(client::rest(stream).await).expect("text");
        assert!(said.starts_with("HTTP/1.1 401 "), "{said}");
    }
    assert_eq!(served.gateway.counters().requests, 0);
    served.envelope("get-retrohunt-jobs", json!({})).await;
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_all_of_its_body_first() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let body = " ".repeat(6 << 20);
    for (token, status) in [(None, 401), (Some(TOKEN), 413)] {
        assert_eq!(client::post(served.address, ACTION, token, &body).await.status, status);
    }
}

#[tokio::test]
async fn all_bodies_together_have_a_budget_and_the_others_wait_unread() {
    let world = World::new();
    let settings = Settings { queue_timeout: SOON, ..settings(&world.simulator.http_url()) };
    let variables = [("GATEWAY_TOKEN", TOKEN), ("GATEWAY_MAX_REQUEST_BYTES", "1000")];
    let mut options = options();
    options.max_body_bytes = 4000;
    let served = Served::start(gateway_with(settings, &variables), options).await;
    let body = format!("{{\"limit\": 1{}", " ".repeat(988));
    let begun = client::request("POST", ACTION, "a", Some(TOKEN), &format!("{body}}}"));
    let begun = begun.strip_suffix('}').expect("its end");
    let chunked = format!(
        "POST {ACTION} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let mut admitted = Vec::new();
    for (number, (begun, end)) in
        [(begun, "}"), (&chunked, "2\r\n{}\r\n0\r\n\r\n"), (begun, "}"), (&chunked, "2\r\n{}\r\n0\r\n\r\n")]
            .into_iter()
            .enumerate()
    {
        admitted.push((client::begin(served.address, begun).await, end));
        // A length that is not told may be any.
        until(|| served.load.body_bytes() >= 1000 * (number + 1)).await;
    }
    for begun in [begun, &chunked, begun, &chunked, begun, begun] {
        let (status, said) = client::raw(served.address, begun).await;
        assert!(status == 503 && said.contains("TooBusy") && said.contains("--max-body-bytes"), "{said}");
        assert_eq!(served.load.body_bytes(), 4000);
    }
    for (mut stream, end) in admitted {
        within(stream.write_all(end.as_bytes())).await.expect("it reads");
        assert_eq!(client::answer(stream).await.status, 200);
    }
    until(|| served.load.body_bytes() == 0).await;
    let largest = format!("{body}}}");
    assert_eq!(client::post(served.address, ACTION, Some(TOKEN), &largest).await.status, 200);
}

#[tokio::test]
async fn silent_connections_do_not_keep_anybody_from_the_health_or_from_an_action() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let mut silent = Vec::new();
    for number in 0..300 {
        let bytes = ["", "GET /heal", "GET / HTTP/1.1\r\nhost: a\r\nx-", "\r\n"][number % 4];
        silent.push(client::begin(served.address, bytes).await);
    }
    for _ in 0..20 {
        assert_eq!(client::get(served.address, "/healthz", None).await.status, 200);
        assert!(served.load.connections() <= 256 + 16, "{:?}", served.load);
    }
    served.envelope("get-retrohunt-jobs", json!({})).await;
}

#[tokio::test]
async fn the_one_that_was_idle_for_the_longest_time_makes_room_and_the_others_stay() {
    let world = World::new();
    let mut options = options();
    (options.max_connections, options.max_connections_per_peer) = (3, Some(3));
    let served = Served::start(gateway(settings(&world.simulator.http_url())), options).await;
    let ask = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut first = client::begin(served.address, "").await;
    let second = client::begin(served.address, "").await;
    let third = client::begin(served.address, "GET /he").await;
    until(|| served.load.connections() == 3).await;
    // The first has asked for something since.
    within(first.write_all(ask.as_bytes())).await.expect("it reads");
    let mut some = [0; 12];
    within(tokio::io::AsyncReadExt::read_exact(&mut first, &mut some)).await.expect("an answer");
    assert_eq!(&some, b"HTTP/1.1 200");
    assert_eq!(client::get(served.address, "/healthz", None).await.status, 200);
    assert_eq!(client::rest(second).await, b"", "it is the one that leaves");
    for (mut stream, rest) in [(first, ask), (third, "althz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")] {
        within(stream.write_all(rest.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()))
            .await
            .expect("it reads");
        let said = String::from_utf8(client::rest(stream).await).expect("text");
        assert!(said.contains("HTTP/1.1 200") || said.contains("{\"status\":\"ok\"}"), "{said}");
    }
}

/// A gateway with these limits, and so many actions at work on it as there may be connections.
async fn busy(world: &World, most: u32, most_per_peer: u32, actions: u32) -> (Served, Vec<TcpStream>) {
    let settings = Settings { max_concurrent_calls: 1, ..settings(&world.simulator.http_url()) };
    let mut options = options();
    (options.max_connections, options.max_connections_per_peer) = (most, Some(most_per_peer));
    let served = Served::start(gateway(settings), options).await;
    served.gateway.check().await.expect("it works");
    world.simulator.faults().add(FaultAction::Stall);
    let mut held = Vec::new();
    for _ in 0..actions {
        // The body is not whole: it is at work all the same, on somebody's behalf who has the token.
        let begun = client::request("POST", ACTION, "a", Some(TOKEN), "{}");
        held.push(client::begin(served.address, begun.strip_suffix('}').expect("its end")).await);
        until(|| served.load.body_bytes() == 2 * held.len()).await;
    }
    within(held[0].write_all(b"}")).await.expect("it reads");
    until(|| served.gateway.counters().running == 1).await;
    (served, held)
}

#[tokio::test]
async fn the_health_is_told_when_all_places_and_all_connections_are_taken() {
    let world = World::new();
    let (served, held) = busy(&world, 3, 3, 3).await;
    for _ in 0..40 {
        // The reserve is no place to stay either.
        let _silent = client::begin(served.address, "").await;
        for path in ["/healthz", "/", "/openapi.json"] {
            assert_eq!(client::get(served.address, path, None).await.status, 200, "{path}");
        }
    }
    assert_eq!(client::post(served.address, ACTION, None, "{}").await.status, 401);
    let refused = client::post(served.address, ACTION, Some(TOKEN), "{}").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")), "{refused:?}");
    assert_eq!(refused.json()["code"], "TooBusy");
    assert_eq!(served.gateway.counters().running, 1, "who was at work was disturbed");
    drop(held);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_address_leaves_the_others_their_share() {
    let world = World::new();
    let (served, _held) = busy(&world, 10, 2, 2).await;
    assert_eq!(client::get(served.address, "/v1/actions", Some(TOKEN)).await.status, 503);
    // All of 127.0.0.0/8 is this machine.
    let other = tokio::net::TcpSocket::new_v4().expect("a socket");
    other.bind("127.0.0.2:0".parse().expect("an address")).expect("another address of this machine");
    let mut stream = within(other.connect(served.address)).await.expect("it listens");
    let ask = head("DELETE", ACTION, "a", "connection: close\r\n");
    within(stream.write_all(ask.as_bytes())).await.expect("it reads");
    assert_eq!(client::answer(stream).await.status, 405);
    let other = tokio::net::TcpSocket::new_v4().expect("a socket");
    other.bind("127.0.0.2:0".parse().expect("an address")).expect("another address of this machine");
    let mut stream = within(other.connect(served.address)).await.expect("it listens");
    // Not one of the reserve: its body is read.
    let begun = client::request("POST", ACTION, "a", Some(TOKEN), "{}");
    within(stream.write_all(begun.strip_suffix('}').expect("its end").as_bytes())).await.expect("it reads");
    until(|| served.load.body_bytes() == 6).await;
}
