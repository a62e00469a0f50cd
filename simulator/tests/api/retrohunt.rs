//! Retrohunt jobs in simulated time.

use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, EXAMPLE_VT_RULES, Options};

use crate::client::{Answer, Api, job_body};

const JOBS: &str = "/intelligence/retrohunt_jobs";

#[tokio::test]
async fn a_job_moves_through_its_states_with_the_clock() {
    let api = Api::start().await;
    let id = api.job(json!({"rules": EXAMPLE_RULES, "notification_email": ""})).await;
    assert!(id.starts_with("night-shift_lab-17"));
    let path = format!("{JOBS}/{id}");
    let attributes = async || api.get(&path).await.json()["data"]["attributes"].clone();
    let starting = attributes().await;
    assert_eq!((&starting["status"], &starting["progress"]), (&json!("starting"), &json!(0)));
    assert_eq!(starting["notification_email"], "");
    for absent in ["start_date", "finish_date", "eta_seconds", "time_range"] {
        assert!(starting.get(absent).is_none(), "{absent}");
    }
    api.simulator.advance_clock(5 + 77);
    let running = attributes().await;
    assert_eq!((&running["status"], &running["eta_seconds"]), (&json!("running"), &json!(43)));
    assert!(running["progress"].is_f64());
    assert!(running["scanned_bytes"].as_u64().is_some_and(|bytes| bytes > 1 << 48), "{running}");
    let found = running["num_matches"].as_u64().expect("a number");
    let matches = api.get(&format!("{path}/matching_files")).await.json()["meta"]["count"].clone();
    assert_eq!(matches, found);

    api.simulator.advance_clock(120);
    let finished = attributes().await;
    assert_eq!((&finished["status"], &finished["progress"]), (&json!("finished"), &json!(100)));
    assert!(finished["num_matches"].as_u64().is_some_and(|total| total > found && total > 40));
    assert_eq!(finished["finish_date"], 1_760_000_125);
    let walked: usize =
        api.walk(&format!("{path}/matching_files?limit=40")).await.iter().map(|page| page.items().len()).sum();
    assert_eq!(finished["num_matches"], walked);
}

/// First and last submission of every file that a job matched.
async fn submissions(api: &Api, id: &str) -> Vec<(u64, u64)> {
    let pages = api.walk(&format!("{JOBS}/{id}/matching_files?limit=40")).await;
    let date = |item: &Value, name: &str| item["attributes"][name].as_u64().expect("a date");
    let items = pages.iter().flat_map(Answer::items);
    items.map(|item| (date(&item, "first_submission_date"), date(&item, "last_submission_date"))).collect()
}

#[tokio::test]
async fn a_time_range_selects_by_last_submission_so_that_an_old_file_sent_again_is_in_it() {
    let api = Api::start().await;
    let (start, end) = (api.simulator.now() - 30 * 86_400, api.simulator.now() - 2 * 86_400);
    let id = api.job(json!({"rules": EXAMPLE_RULES, "time_range": {"start": start, "end": end}})).await;
    api.simulator.advance_clock(500);
    let attributes = api.get(&format!("{JOBS}/{id}")).await.json()["data"]["attributes"].clone();
    assert_eq!(attributes["time_range"], json!({"start": start, "end": end}));
    let found = submissions(&api, &id).await;
    assert_eq!(attributes["num_matches"].as_u64(), Some(found.len() as u64));
    assert!(found.iter().all(|(_, last)| (start..=end).contains(last)), "{found:?}");
    assert!(found.iter().any(|(first, _)| *first < start), "an old file that was sent again: {found:?}");
    // What the time range leaves out is not counted: it was not asked for.
    assert_eq!(attributes["num_matches_outside_time_range"], 0);
    for wrong in [json!({"start": 2, "end": 1}), json!({"begin": 1}), json!(5), json!({"start": "yesterday"})] {
        let refused = api.post(JOBS, &job_body(json!({"rules": EXAMPLE_RULES, "time_range": wrong}))).await;
        assert_eq!(refused.status, 400);
    }
}

#[tokio::test]
async fn what_lies_outside_the_accounts_window_is_counted_and_not_kept() {
    for (days, leaves_out) in [(90, true), (365, false)] {
        let api = Api::with(Options { retrohunt_window_days: days, ..Options::default() }).await;
        api.simulator.advance_clock(45 * 86_400);
        let since = api.simulator.now() - days * 86_400;
        let id = api.job(json!({"rules": EXAMPLE_RULES})).await;
        api.simulator.advance_clock(500);
        let attributes = api.get(&format!("{JOBS}/{id}")).await.json()["data"]["attributes"].clone();
        let outside = attributes["num_matches_outside_time_range"].as_u64();
        assert_eq!(outside > Some(0), leaves_out, "{days}: {outside:?}");
        assert!(submissions(&api, &id).await.iter().all(|(_, last)| *last >= since), "{days}");
    }
}

#[tokio::test]
async fn the_goodware_corpus_is_quick_and_clean() {
    let api = Api::start().await;
    let id = api.job(json!({"rules": EXAMPLE_RULES, "corpus": "goodware"})).await;
    api.simulator.advance_clock(25);
    let attributes = api.get(&format!("{JOBS}/{id}")).await.json()["data"]["attributes"].clone();
    assert_eq!((&attributes["status"], &attributes["num_matches"]), (&json!("finished"), &json!(0)));
    assert_eq!(api.post(JOBS, &job_body(json!({"rules": EXAMPLE_RULES, "corpus": "all"}))).await.status, 400);
}

#[tokio::test]
async fn an_abort_takes_its_time_and_works_once() {
    let api = Api::start().await;
    let id = api.job(json!({"rules": EXAMPLE_VT_RULES})).await;
    api.simulator.advance_clock(30);
    let path = format!("{JOBS}/{id}");
    let abort = async || {
        crate::client::answer(api.request(reqwest::Method::POST, &format!("{path}/abort")).send().await).await.status
    };
    let status = async || api.get(&path).await.json()["data"]["attributes"]["status"].clone();
    assert_eq!(abort().await, 200);
    assert_eq!(status().await, "aborting");
    assert_eq!(abort().await, 400);
    assert_eq!(api.delete(&path).await.status, 400, "it still runs");
    api.simulator.advance_clock(5);
    assert_eq!(status().await, "aborted");
    assert_eq!(api.get(&format!("{JOBS}?filter=status%3Aaborted")).await.items().len(), 1);
    assert_eq!(api.get(&format!("{JOBS}?filter=status%3Arunning")).await.items().len(), 0);
    assert_eq!(api.delete(&path).await.status, 200);
    assert_eq!(api.get(&path).await.status, 404);
}

#[tokio::test]
async fn jobs_are_limited_at_once_and_by_month() {
    let api = Api::with(Options { monthly_retrohunt_quota: 12, ..Options::default() }).await;
    let body = job_body(json!({"rules": "rule a { condition: false }"}));
    let mut ids = std::collections::HashSet::new();
    for _ in 0..10 {
        let created = api.post(JOBS, &body).await;
        assert_eq!(created.status, 200);
        ids.insert(created.json()["data"]["id"].to_string());
    }
    assert_eq!(ids.len(), 10, "ids differ within one second");
    assert_eq!(api.post(JOBS, &body).await.code(), "QuotaExceededError");
    api.simulator.advance_clock(500);
    assert_eq!(api.post(JOBS, &body).await.status, 200);
    assert_eq!(api.post(JOBS, &job_body(json!({"rules": "no rules"}))).await.status, 400, "costs nothing");
    assert_eq!(api.post(JOBS, &body).await.status, 200);
    assert_eq!(api.post(JOBS, &body).await.status, 429);
    let quotas = api.get("/users/night-shift_lab/overall_quotas").await.json();
    assert_eq!(quotas["data"]["intelligence_retrohunt_jobs_monthly"]["user"], json!({"allowed": 12, "used": 12}));
    api.simulator.advance_clock(31 * 86_400);
    assert_eq!(api.post(JOBS, &body).await.status, 200, "a new month");
}

#[tokio::test]
async fn too_many_rules_too_much_text_and_includes_are_refused() {
    let api = Api::start().await;
    let many: String = (0..301).map(|number| format!("rule r{number} {{ condition: false }}\n")).collect();
    let refused = api.post(JOBS, &job_body(json!({"rules": many}))).await;
    assert!(refused.message().contains("300"), "{refused:?}");
    let large = format!("rule a {{ condition: false }} //{}", " ".repeat(1 << 20));
    assert!(api.post(JOBS, &job_body(json!({"rules": large}))).await.message().contains("1MB"));
    let include = "include \"other.yar\"\nrule a { condition: false }";
    assert_eq!(api.post(JOBS, &job_body(json!({"rules": include}))).await.status, 400);
}
