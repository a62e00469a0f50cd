//! The end: what runs is finished, nothing new is taken, and it does not take for ever.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use virustotal_hunting_simulator::{FaultAction, Options};
use vt_hunting_host::serve::Ended;

use super::{Served, TOKEN, client, file, gateway, options};
use crate::program;
use crate::support::process::{Process, simulator};
use crate::support::raw_server::{RawServer, Step, empty_page, send};
use crate::support::world::{World, settings};
use crate::support::{KEY, within};

const ACTION: &str = "/v1/actions/get-retrohunt-jobs";

#[tokio::test]
async fn what_runs_is_finished_and_nothing_new_is_taken() {
    let server = RawServer::start(vec![Step::Read, Step::Wait, send(empty_page())]).await;
    let mut served = Served::of(settings(server.url())).await;
    let host = served.address.to_string();
    let running = client::begin(served.address, &client::request("POST", ACTION, &host, Some(TOKEN), "{}")).await;
    // Idle, and kept: it must not hold the end up.
    let _idle = client::begin(served.address, "").await;
    server.has_read(1).await;
    served.ask_to_end();
    within(async {
        while tokio::net::TcpStream::connect(served.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.go_on();
    assert_eq!(client::answer(running).await.status, 200);
    assert_eq!(served.ended().await, Ended::Finished);
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    let world = World::new();
    world.simulator.faults().add(FaultAction::Stall);
    let mut options = options();
    options.grace = Duration::from_millis(100);
    let mut served = Served::start(gateway(settings(&world.simulator.http_url())), options).await;
    let host = served.address.to_string();
    let stalled = client::begin(served.address, &client::request("POST", ACTION, &host, Some(TOKEN), "{}")).await;
    within(async {
        while served.gateway.counters().attempts == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    served.ask_to_end();
    assert_eq!(served.ended().await, Ended::CutOff);
    assert_eq!(client::rest(stalled).await, b"");
    assert_eq!(served.gateway.counters().running, 0);
}

/// The command line at work, and the address that its first line says.
fn serving(simulator: &virustotal_hunting_simulator::Simulator) -> (Process, std::net::SocketAddr) {
    let gateway = file();
    let words = ["serve", "--addr", "127.0.0.1:0", "--output", "json", "--gateway", gateway.to_str().expect("text")];
    let url = simulator.http_url();
    let environment =
        [("VT_APIKEY", KEY), ("VT_URL", &*url), ("GATEWAY_TOKEN", TOKEN), ("SECRET_OF_THE_HOST", "s3cr3t")];
    let mut process = Process::of(program::command(&words, &environment));
    let mut line = String::new();
    let stdout = process.child().stdout.as_mut().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
    let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    assert_eq!(said["auth"], "token");
    let address: std::net::SocketAddr = said["address"].as_str().expect("text").parse().expect("an address");
    assert_eq!(said["url"], format!("http://{address}"));
    (process, address)
}

#[tokio::test]
async fn a_signal_ends_the_command_line_with_0_and_its_log_has_a_line_a_request() {
    for signal in [Signal::TERM, Signal::INT] {
        let simulator = simulator(Options::default());
        let (mut process, address) = serving(&simulator);
        let answer = client::post(address, &format!("{ACTION}?secret=query"), Some(TOKEN), "{}").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(client::get(address, "/nowhere", None).await.status, 404);
        process.signal(signal);
        let said = process.said();
        assert_eq!((said.code, &*said.stdout), (0, ""), "{}", said.stderr);
        let lines: Vec<&str> = said.stderr.lines().filter(|line| line.contains(" answered ")).collect();
        assert!(
            matches!(lines[..], [one, two] if one.contains("method=POST") && one.contains(&format!("path={ACTION} "))
                && one.contains("status=200 milliseconds=") && two.contains("path=/nowhere status=404")),
            "{}",
            said.stderr
        );
        for secret in [KEY, TOKEN, "secret", "s3cr3t"] {
            assert!(!said.stderr.contains(secret), "{}", said.stderr);
        }
    }
}

#[tokio::test]
async fn the_command_lines_envelope_and_the_gateways_are_the_same() {
    let world = World::new();
    let ruleset = world.ruleset("one").await;
    let job = world.job().await;
    world.simulator.advance_feed(20);
    world.simulator.advance_clock(1000);
    let served = Served::of(settings(&world.simulator.http_url())).await;
    for (action, arguments, command) in [
        ("get-livehunt-rulesets", json!({}), "livehunt rulesets".to_owned()),
        ("get-livehunt-ruleset", json!({"id": ruleset.id}), format!("livehunt ruleset {}", ruleset.id)),
        ("get-livehunt-notifications", json!({"limit": 5}), "livehunt notifications --limit 5".to_owned()),
        ("get-retrohunt-job", json!({"id": job.id}), format!("retrohunt job {}", job.id)),
        (
            "get-retrohunt-job-matches",
            json!({"id": job.id, "limit": 3}),
            format!("retrohunt matches {} --limit 3", job.id),
        ),
        (
            "get-ioc-stream-objects",
            json!({"limit": 7, "descriptors_only": true}),
            "ioc-stream objects --limit 7 --descriptors-only".to_owned(),
        ),
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--envelope"]).collect();
        let said = crate::support::process::against(&world.simulator, &words);
        assert_eq!(said.code, 0, "{}", said.stderr);
        let theirs: Value = serde_json::from_str(&said.stdout).expect("JSON");
        assert_eq!(served.envelope(action, arguments).await, theirs, "{action}");
    }
}
