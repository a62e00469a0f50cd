//! What goes wrong behind the gateway is a problem of the right kind, in time, and never says the key.

use serde_json::json;
use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::Settings;

use super::{Served, TOKEN, client};
use crate::support::raw_server::RawServer;
use crate::support::world::{World, api_key, settings};
use crate::support::{KEY, long_enough};

#[tokio::test]
async fn a_service_that_is_not_there_is_a_bad_gateway() {
    let deaf = RawServer::deaf("http");
    let served = Served::of(settings(deaf.url())).await;
    let problem = served.problem("get-retrohunt-jobs", 502).await;
    assert_eq!((&problem["kind"], &problem["upstream_status"]), (&json!("transport"), &json!(null)), "{problem}");
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_the_operators_to_mend() {
    let world = World::new();
    let wrong = "0f".repeat(32);
    let settings = Settings { api_key: Some(api_key(&wrong)), ..settings(&world.simulator.http_url()) };
    let served = Served::of(settings).await;
    let answer = served.act("get-retrohunt-jobs", &json!({})).await;
    assert_eq!((answer.status, answer.json()["kind"].clone()), (502, json!("authentication")));
    assert!(!answer.contains(&wrong), "{answer:?}");
}

#[tokio::test]
async fn a_service_that_says_nothing_is_a_gateway_timeout() {
    let world = World::new();
    world.simulator.faults().add(FaultAction::Stall);
    let code = long_enough(async |timeout| {
        let served = Served::of(Settings { timeout, ..settings(&world.simulator.http_url()) }).await;
        let code = served.problem("get-retrohunt-jobs", 504).await["code"].clone();
        served.is_idle().await;
        // The host's own timeout, a little after the component's.
        (code != "HostTimeout").then_some(code)
    })
    .await;
    assert_eq!(code, "DeadlineExceeded");
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_told_with_when_to_ask_again() {
    let world = World::new();
    world.simulator.faults().add(FaultAction::RateLimit { retry_after: Some("7".to_owned()) });
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let answer = served.act("get-retrohunt-jobs", &json!({})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")), "{answer:?}");
}

#[tokio::test]
async fn what_virustotal_says_on_several_lines_keeps_them() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let said = json!({"error": {"code": "BadRequestError", "message": "error: x\r\n --> line:3:5\n  |\u{7}^ here"}});
    world.respond(400, &[("content-type", "application/json")], said.to_string());
    let problem = served.problem("get-retrohunt-jobs", 422).await;
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.contains(":\nerror: x\n --> line:3:5\n  | ^ here\nCorrect"), "{detail:?}");
}

#[tokio::test]
async fn a_service_that_repeats_the_key_does_not_have_it_passed_on() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let object = json!({"data": [{"type": "retrohunt_job", "id": KEY, "attributes": {"rules": KEY}}], "meta": {}});
    let headers = [("x-echo", KEY), ("content-type", "application/json")];
    world.respond(200, &headers, object.to_string());
    let envelope = served.envelope("get-retrohunt-jobs", json!({})).await;
    assert_eq!(envelope["json_body"]["data"][0]["id"], "[redacted]", "the object is there all the same");
    for (status, body) in [(400, json!({"error": {"code": KEY, "message": KEY}})), (500, json!(KEY))] {
        world.respond(status, &headers, body.to_string());
        assert!(served.act("get-retrohunt-jobs", &json!({})).await.status >= 400);
    }
    assert!(world.simulator.requests().iter().all(|request| request.header("x-apikey") == Some(KEY)));
}

#[tokio::test]
async fn neither_a_key_nor_a_host_of_the_callers_is_sent_on() {
    let world = World::new();
    let served = Served::of(settings(&world.simulator.http_url())).await;
    let request =
        client::request("POST", "/v1/actions/get-retrohunt-jobs?x-apikey=caller", "vt.example", Some(TOKEN), "{}");
    let request = request.replacen("\r\n", "\r\nx-apikey: caller\r\n", 1);
    assert_eq!(client::send(served.address, &request).await.status, 200);
    let sent = world.simulator.requests().remove(0);
    assert_eq!((sent.header("x-apikey"), sent.header("authorization")), (Some(KEY), None));
    assert!(!sent.query.contains("caller"), "{}", sent.query);
}
