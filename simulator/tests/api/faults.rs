//! Every fault does what it says.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use virustotal_hunting_simulator::{EXAMPLE_RULES, Fault, FaultAction};

use crate::client::{Api, answer, job_body};

#[tokio::test]
async fn statuses_quotas_rate_limits_and_the_edges_page() {
    let api = Api::start().await;
    let once = |action: FaultAction| api.simulator.faults().add(Fault::new(action).times(1));
    once(FaultAction::Status { code: 503, body: None, headers: vec![("retry-after".into(), "7".into())] });
    let reply = api.get("/ioc_stream").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "TransientError"));
    assert_eq!(reply.headers["retry-after"], "7");
    once(FaultAction::Quota);
    assert_eq!(api.get("/ioc_stream").await.message(), "Quota exceeded");
    once(FaultAction::RateLimit { retry_after: Some("Wed, 21 Oct 2026 07:28:00 GMT".into()) });
    let reply = api.get("/ioc_stream").await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "TooManyRequestsError"));
    assert_eq!(reply.headers["retry-after"], "Wed, 21 Oct 2026 07:28:00 GMT");
    once(FaultAction::HtmlEdge);
    let reply = api.get("/ioc_stream").await;
    assert_eq!((reply.status, reply.body.as_slice()), (429, &b"<title>429</title>429 Too Many Requests"[..]));
    assert!(reply.headers["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    once(FaultAction::Garbage(b"{\"data\":".to_vec()));
    assert_eq!(api.get("/ioc_stream").await.body, b"{\"data\":");
    let fixture = json!({"data": [], "meta": {"days_back": 7}}).to_string();
    once(FaultAction::Respond { status: 200, headers: vec![("x-a".into(), "b".into())], body: fixture.clone().into() });
    let reply = api.get("/ioc_stream").await;
    assert_eq!((reply.body, &reply.headers["x-a"]), (fixture.into_bytes(), &"b".parse().expect("a value")));
    assert_eq!(api.get("/ioc_stream").await.status, 200, "all are used up");
}

#[tokio::test]
async fn a_fault_concerns_only_its_method_and_path() {
    let api = Api::start().await;
    api.simulator.faults().add(Fault::new(FaultAction::Quota).method(Method::DELETE).path("/api/v3/ioc_stream"));
    assert_eq!(api.get("/ioc_stream").await.status, 200);
    assert_eq!(api.delete("/intelligence/hunting_notifications").await.status, 200);
    assert_eq!(api.delete("/ioc_stream").await.status, 429);
    api.simulator.faults().clear();
    assert_eq!(api.delete("/ioc_stream").await.status, 202);
}

#[tokio::test]
async fn a_fault_with_a_query_hits_only_later_pages() {
    let api = Api::start().await;
    let once = Fault::new(FaultAction::Status { code: 504, body: None, headers: Vec::new() }).times(1);
    api.simulator.faults().add(once.path("/api/v3/ioc_stream").query("cursor="));
    let first = api.get("/ioc_stream?limit=10").await;
    assert_eq!(api.get("/ioc_stream?limit=10").await.status, 200);
    let second = api.after("/ioc_stream?limit=10", &first).await;
    assert_eq!((second.status, second.code().as_str()), (504, "DeadlineExceededError"));
    assert_eq!(api.after("/ioc_stream?limit=10", &first).await.status, 200);
}

#[tokio::test]
async fn a_truncated_body_announces_its_full_length() {
    let api = Api::start().await;
    api.simulator.faults().add(Fault::new(FaultAction::Truncate(100)).times(1));
    let mut response = api.request(Method::GET, "/ioc_stream").send().await.expect("a head");
    assert!(response.content_length().is_some_and(|length| length > 10_000));
    let mut received = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received += chunk.len(),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(error.is_some(), "the connection breaks");
    assert_eq!(received, 100);
}

#[tokio::test]
async fn a_delay_and_a_drip_take_their_time() {
    let api = Api::start().await;
    api.simulator.faults().add(Fault::new(FaultAction::Delay(Duration::from_millis(120))).times(1));
    let began = Instant::now();
    assert_eq!(api.get("/ioc_stream").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(120));
    api.simulator.faults().add(Fault::new(FaultAction::Drip { bytes: 40, every: Duration::from_millis(40) }).times(1));
    let began = Instant::now();
    assert_eq!(api.get("/ioc_stream?limit=41").await.code(), "BadRequestError");
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_stalled_request_never_answers_but_is_recorded() {
    let api = Api::start().await;
    api.simulator.faults().add(Fault::new(FaultAction::Stall).times(1));
    let stalled = tokio::spawn(api.request(Method::GET, "/ioc_stream").send());
    while api.simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.simulator.requests()[0].status, 0);
    assert_eq!(api.get("/ioc_stream").await.status, 200);
    assert!(!stalled.is_finished(), "it was answered");
    stalled.abort();
}

#[tokio::test]
async fn a_reset_is_a_reset_and_tells_nothing_about_whether_the_work_was_done() {
    let api = Api::start().await;
    let body = job_body(json!({"rules": EXAMPLE_RULES})).to_string();
    for (action, jobs) in [(FaultAction::Reset, 0), (FaultAction::ResetAfter, 1)] {
        api.simulator.faults().add(Fault::new(action).method(Method::POST));
        let request =
            api.request(Method::POST, "/intelligence/retrohunt_jobs").header("content-type", "application/json");
        let error = request.body(body.clone()).send().await.expect_err("no answer");
        assert!(is_reset(&error), "{error:?}");
        api.simulator.faults().clear();
        assert_eq!(api.get("/intelligence/retrohunt_jobs").await.items().len(), jobs);
    }
}

#[tokio::test]
async fn over_http_2_a_fault_breaks_the_answer_too() {
    crate::client::http_client();
    let api = Api::start().await;
    let authority = reqwest::Certificate::from_pem(api.simulator.ca_pem().as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().expect("a client");
    let url = format!("{}/api/v3/ioc_stream", api.simulator.https_url());
    let ask = async || client.get(&url).header("x-apikey", &api.key).send().await;
    let once = |action: FaultAction| api.simulator.faults().add(Fault::new(action).times(1));
    once(FaultAction::Truncate(50));
    let cut = ask().await.expect("a head");
    assert!(cut.bytes().await.is_err(), "the body breaks off");
    once(FaultAction::Reset);
    assert!(ask().await.is_err());
    assert_eq!(ask().await.expect("the next connection works").status(), 200);
}

fn is_reset(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.kind() == std::io::ErrorKind::ConnectionReset;
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn an_ungzipped_answer_comes_plain_though_gzip_was_asked_for() {
    let api = Api::start().await;
    api.simulator.faults().add(Fault::new(FaultAction::Ungzipped).times(1));
    let ask = async || {
        let request =
            api.request(Method::GET, "/ioc_stream").header("user-agent", "gzip").header("accept-encoding", "gzip");
        answer(request.send().await).await
    };
    assert!(!ask().await.headers.contains_key("content-encoding"));
    assert_eq!(ask().await.headers["content-encoding"], "gzip");
}
