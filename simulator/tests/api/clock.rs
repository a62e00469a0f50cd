//! A clock that is moved, forward and back, and what every answer says of it.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, Fault, FaultAction, Options};

use crate::client::{Api, answer, job_body, object_ids, stream_ids};

const STREAM: &str = "/ioc_stream?limit=40&descriptors_only=true";

#[tokio::test]
async fn every_answer_is_dated_in_simulated_time() {
    let api = Api::with(Options { control: true, ..Options::default() }).await;
    let date = async |path: &str| api.get(path).await.headers["date"].to_str().expect("text").to_owned();
    assert_eq!(date("/ioc_stream?limit=1").await, "Thu, 09 Oct 2025 08:53:20 GMT");
    api.simulator.advance_clock(86_400);
    assert_eq!(date("/ioc_stream?limit=41").await, "Fri, 10 Oct 2025 08:53:20 GMT");
    api.simulator.set_clock(784_111_777);
    for action in [FaultAction::Quota, FaultAction::HtmlEdge, FaultAction::Garbage(b"<<<".to_vec())] {
        api.simulator.faults().add(Fault::new(action).times(1));
        assert_eq!(date("/ioc_stream").await, "Sun, 06 Nov 1994 08:49:37 GMT");
    }
    let state = format!("{}/_simulator/state", api.simulator.http_url());
    assert_eq!(answer(api.client.get(state).send().await).await.headers["date"], "Sun, 06 Nov 1994 08:49:37 GMT");
}

#[tokio::test]
async fn a_fault_that_gives_a_date_of_its_own_is_left_with_it_alone() {
    let api = Api::start().await;
    let headers = vec![("Date".into(), "yesterday".into())];
    api.simulator.faults().add(FaultAction::Status { code: 503, body: None, headers });
    let dates: Vec<_> = api.get("/ioc_stream").await.headers.get_all("date").iter().cloned().collect();
    assert_eq!(dates, ["yesterday"]);
}

#[tokio::test]
async fn what_is_made_after_a_step_back_has_the_earlier_date_and_sorts_by_it() {
    let api = Api::with(Options { history: 0, ..Options::default() }).await;
    let start = api.simulator.now();
    let late = api.simulator.add_stream_notifications(3);
    api.simulator.rewind_clock(100);
    let early = api.simulator.add_stream_notifications(3);
    assert_eq!(api.simulator.now(), start - 100);

    let made = api.simulator.stream_notification_ids();
    assert_eq!(made.iter().map(|(id, _)| id).collect::<Vec<_>>(), late.iter().chain(&early).collect::<Vec<_>>());
    assert_eq!(made.iter().map(|(_, date)| date - (start - 100)).collect::<Vec<_>>(), [100, 100, 100, 0, 0, 0]);
    let up = stream_ids(&api.walk(&format!("{STREAM}&order=date%2B")).await);
    assert_eq!(up, [early.clone(), late.clone()].concat(), "by date, and within a second in the order made");
    let mut down = stream_ids(&api.walk(STREAM).await);
    down.reverse();
    assert_eq!(up, down);
    let since = stream_ids(&api.walk(&format!("{STREAM}&order=date%2B&filter=date%3A{start}%2B")).await);
    assert_eq!(since, late, "who follows by the last date seen does not see them");
}

#[tokio::test]
async fn a_step_back_sorts_notifications_files_jobs_and_rulesets_by_their_dates_too() {
    let api = Api::start().await;
    let mut expected = Vec::new();
    let (mut rulesets, mut jobs) = (Vec::new(), Vec::new());
    for (index, name) in ["late", "early"].into_iter().enumerate() {
        rulesets.push(api.ruleset(name, EXAMPLE_RULES, json!({})).await);
        jobs.push(api.job(json!({"rules": EXAMPLE_RULES})).await);
        expected.push(api.simulator.add_hunting_notifications(5));
        if index == 0 {
            api.simulator.rewind_clock(3_600);
        }
    }
    let newest_first: Vec<String> = expected.iter().flat_map(|ids| ids.iter().rev().cloned()).collect();
    let pages = api.walk("/intelligence/hunting_notifications?limit=3").await;
    assert_eq!(object_ids(&pages), newest_first);
    let oldest_first: Vec<String> = newest_first.iter().rev().cloned().collect();
    let pages = api.walk("/intelligence/hunting_notifications?limit=3&order=date%2B").await;
    assert_eq!(object_ids(&pages), oldest_first);
    let file = |item: Value| item["context_attributes"]["notification_id"].as_str().expect("an id").to_owned();
    let files = api.get("/intelligence/hunting_notification_files?limit=40").await.items();
    assert_eq!(files.into_iter().map(file).collect::<Vec<_>>(), newest_first);
    assert_eq!(object_ids(&api.walk("/intelligence/retrohunt_jobs?limit=1").await), jobs);
    for order in ["creation_date-", "modification_date-"] {
        let pages = api.walk(&format!("/intelligence/hunting_rulesets?limit=1&order={order}")).await;
        assert_eq!(object_ids(&pages), rulesets);
    }
}

#[tokio::test]
async fn a_step_back_undoes_no_job_no_operation_and_no_deletion() {
    let api = Api::start().await;
    let job = format!("/intelligence/retrohunt_jobs/{}", api.job(json!({"rules": EXAMPLE_RULES})).await);
    let all = api.request(Method::DELETE, "/intelligence/hunting_rulesets");
    let operation = answer(all.header("x-confirm-delete", api.simulator.user()).send().await).await.json();
    let operation = format!("/operations/{}", operation["data"]["id"].as_str().expect("an id"));
    assert_eq!(api.delete("/ioc_stream").await.status, 202);
    let attributes = async |path: &str| api.get(path).await.json()["data"]["attributes"].clone();

    api.simulator.advance_clock(65);
    let before = attributes(&job).await;
    assert_eq!((&before["status"], &before["eta_seconds"]), (&json!("running"), &json!(60)));
    api.simulator.rewind_clock(1_000);
    assert_eq!(attributes(&job).await, before);
    assert_eq!(attributes(&operation).await["status"], "finished");
    assert!(api.simulator.stream_notification_ids().is_empty());

    api.simulator.advance_clock(60);
    let after = attributes(&job).await;
    assert_eq!((&after["status"], &after["progress"]), (&json!("finished"), &json!(100)));
    api.simulator.set_clock(0);
    assert_eq!(attributes(&job).await, after);
    let again = format!("/intelligence/retrohunt_jobs/{}", api.job(json!({"rules": EXAMPLE_RULES})).await);
    assert!(again.ends_with("night-shift_lab-0"), "{again}");
    assert_eq!(attributes(&again).await["status"], "starting");
}

#[tokio::test]
async fn a_step_back_gives_no_allowance_back_and_breaks_no_limit() {
    let api = Api::with(Options { monthly_retrohunt_quota: 1, daily_request_quota: 40, ..Options::default() }).await;
    api.ruleset("limited", EXAMPLE_RULES, json!({"limit": 3})).await;
    assert_eq!(api.simulator.advance_feed(40), 3);
    let body = job_body(json!({"rules": EXAMPLE_RULES}));
    assert_eq!(api.post("/intelligence/retrohunt_jobs", &body).await.status, 200);
    api.simulator.rewind_clock(40 * 86_400);
    assert_eq!(api.simulator.advance_feed(40), 0, "the ruleset's day is not over");
    assert_eq!(api.post("/intelligence/retrohunt_jobs", &body).await.status, 429);
    let quotas = api.get("/users/night-shift_lab/overall_quotas").await.json();
    assert_eq!(quotas["data"]["api_requests_daily"]["user"]["used"], 3);
    api.simulator.set_clock(1_760_000_000 + 86_400);
    assert_eq!(api.simulator.advance_feed(40), 3);
    let quotas = api.get("/users/night-shift_lab/overall_quotas").await.json();
    assert_eq!(quotas["data"]["api_requests_daily"]["user"]["used"], 0, "a new day");
}

#[tokio::test]
async fn neither_end_of_time_breaks_anything() {
    let api = Api::start().await;
    let paths = [
        "/ioc_stream",
        "/intelligence/hunting_rulesets",
        "/intelligence/hunting_notifications",
        "/intelligence/hunting_notification_files",
        "/intelligence/retrohunt_jobs",
        "/users/night-shift_lab",
        "/users/night-shift_lab/api_usage",
    ];
    let mut ids = HashSet::new();
    for seconds in [u64::MAX, 0, 1, u64::MAX] {
        api.simulator.set_clock(seconds);
        ids.insert(api.ruleset("any", EXAMPLE_RULES, json!({})).await);
        ids.insert(api.job(json!({"rules": EXAMPLE_RULES})).await);
        assert!(api.simulator.advance_feed(16) > 0);
        assert_eq!(api.delete("/ioc_stream?filter=date%3A1%2B").await.status, 202);
        for path in paths {
            assert_eq!(api.get(path).await.status, 200, "{path} at {seconds}");
        }
        api.simulator.advance_clock(5);
        api.simulator.rewind_clock(u64::MAX);
        assert_eq!(api.simulator.now(), 0);
        for path in paths {
            assert_eq!(api.get(path).await.status, 200, "{path} at the epoch");
        }
    }
    assert_eq!(ids.len(), 8);
}
