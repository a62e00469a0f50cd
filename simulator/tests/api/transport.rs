//! Protocols, compression, and the record of what arrived.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::{Certificate, Client, Method};
use serde_json::Value;
use virustotal_hunting_simulator::{Options, Simulator};

use crate::client::{Api, answer, http_client};

#[tokio::test]
async fn gzip_comes_only_for_a_user_agent_that_says_so() {
    let api = Api::start().await;
    let ask = async |agent: &str, accept: &str, path: &str| {
        let request = api.request(Method::GET, path).header("user-agent", agent).header("accept-encoding", accept);
        answer(request.send().await).await
    };
    let zipped = ask("probe; gzip", "gzip", "/ioc_stream?limit=40").await;
    assert_eq!(zipped.headers["content-encoding"], "gzip");
    assert_eq!(zipped.body[..2], [0x1f, 0x8b]);
    let mut text = String::new();
    GzDecoder::new(&zipped.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["data"].as_array().map(Vec::len), Some(40));
    let ratio = text.len() as f64 / zipped.body.len() as f64;
    assert!((2.5..9.0).contains(&ratio), "a ratio of {ratio}");

    for (agent, accept) in [("probe", "gzip"), ("probe gzip", "identity")] {
        let plain = ask(agent, accept, "/ioc_stream").await;
        assert!(!plain.headers.contains_key("content-encoding"));
        plain.json();
    }
    let error = ask("probe; gzip", "gzip", "/ioc_stream?limit=41").await;
    assert!(!error.headers.contains_key("content-encoding"), "errors are not compressed");
    assert_eq!(error.code(), "BadRequestError");
}

#[tokio::test]
async fn https_speaks_http_2_with_a_certificate_of_its_own_authority() {
    http_client();
    let simulator = Simulator::start(Options::default()).await.expect("the simulator starts");
    let url = format!("{}/api/v3/ioc_stream?limit=1", simulator.https_url());
    let authority = Certificate::from_pem(simulator.ca_pem().as_bytes()).expect("a certificate");
    let trusting = Client::builder().no_proxy().tls_certs_only([authority]).build().expect("a client");
    for url in [url.clone(), url.replace("localhost", "127.0.0.1")] {
        let response = trusting.get(&url).header("x-apikey", simulator.key()).send().await.expect("an answer");
        assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_2));
    }
    assert!(http_client().get(&url).send().await.is_err(), "nobody else trusts it");
}

#[tokio::test]
async fn connections_are_counted_and_requests_recorded_as_sent() {
    let api = Api::start().await;
    for _ in 0..20 {
        api.get("/ioc_stream?filter=date%3A1%2B%20origin:hunting").await;
    }
    assert_eq!(api.simulator.connections(), 1);
    let requests = api.simulator.requests();
    assert_eq!(requests.len(), 20);
    assert_eq!(requests[0].method, "GET");
    assert_eq!(requests[0].path, "/api/v3/ioc_stream");
    assert_eq!(requests[0].query, "filter=date%3A1%2B%20origin:hunting");
    assert_eq!(requests[0].header("x-apikey"), Some(api.key.as_str()));
    assert_eq!(requests[0].status, 200);
    api.simulator.clear_requests();
    assert!(api.simulator.requests().is_empty());
}

#[tokio::test]
async fn escaped_path_segments_are_recorded_escaped_and_understood() {
    let api = Api::start().await;
    let rule = api.get("/yara_rules/0122a7f913%7CSim_Loader_Generic").await;
    assert_eq!(rule.json()["data"]["id"], "0122a7f913|Sim_Loader_Generic");
    assert!(api.simulator.requests()[0].path.ends_with("%7CSim_Loader_Generic"));
}

#[tokio::test]
async fn a_dropped_simulator_no_longer_listens() {
    let api = Api::start().await;
    let url = api.simulator.http_url();
    drop(api.simulator);
    // Ten minutes are not a moment that it may take: whoever still listens then does not stop.
    let stops = async {
        while http_client().get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(600), stops).await.expect("it stops listening");
}

#[tokio::test]
async fn the_control_api_answers_only_when_it_is_on() {
    let off = Api::start().await;
    let state = |api: &Api| format!("{}/_simulator/state", api.simulator.http_url());
    assert_eq!(answer(off.client.get(state(&off)).send().await).await.status, 404);

    let on = Api::with(Options { control: true, ..Options::default() }).await;
    let base = format!("{}/_simulator", on.simulator.http_url());
    let post = async |path: &str, body: &str| {
        answer(on.client.post(format!("{base}{path}")).body(body.to_owned()).send().await).await
    };
    assert_eq!(post("/clock/advance?seconds=90", "").await.json()["now"], 1_760_000_090);
    assert_eq!(post("/clock/rewind?seconds=30", "").await.json()["now"], 1_760_000_060);
    assert_eq!(post("/clock/set?seconds=1760000090", "").await.json()["now"], 1_760_000_090);
    assert_eq!(post("/feed/advance?samples=8", "").await.json()["notifications"], 0);
    assert_eq!(post("/feed/advance", "").await.status, 400);
    assert_eq!(post("/faults", r#"{"action":"quota","times":1}"#).await.status, 200);
    assert_eq!(post("/faults", r#"{"acton":"quota"}"#).await.status, 400);
    assert_eq!(on.get("/ioc_stream").await.status, 429);
    assert_eq!(on.get("/ioc_stream").await.status, 200);
    let requests = answer(on.client.get(format!("{base}/requests")).send().await).await.json();
    assert_eq!(requests["requests"].as_array().map(Vec::len), Some(2), "control requests are not recorded");
    let state = answer(on.client.get(format!("{base}/state")).send().await).await.json();
    assert_eq!((state["feed_position"].clone(), state["users"][0]["ioc_stream"].clone()), (8.into(), 97.into()));
    for (path, made) in [("/ioc_stream/add?count=3", 3), ("/hunting_notifications/add?count=2", 2)] {
        assert_eq!(post(path, "").await.json()["ids"].as_array().map(Vec::len), Some(made));
    }
    assert_eq!(on.simulator.stream_notification_ids().len(), 102);
    assert_eq!(answer(on.client.delete(format!("{base}/faults")).send().await).await.status, 200);
}
