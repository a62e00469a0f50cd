//! Users, allowances, usage, and crowdsourced rules.

use serde_json::json;
use virustotal_hunting_simulator::Options;

use crate::client::Api;

#[tokio::test]
async fn ones_own_account_is_named_by_user_or_key_and_nobody_elses_is_shown() {
    let other = "ef".repeat(32);
    let api = Api::with(Options { additional_keys: vec![other.clone()], ..Options::default() }).await;
    for id in ["night-shift_lab", api.key.as_str()] {
        let user = api.get(&format!("/users/{id}")).await.json();
        assert_eq!(user["data"]["id"], "night-shift_lab");
        assert_eq!(user["data"]["attributes"]["apikey"], api.key);
    }
    assert_eq!(api.get(&format!("/users/{other}")).await.status, 403);
    assert_eq!(api.get("/users/nobody").await.status, 404);
}

#[tokio::test]
async fn asking_about_quotas_costs_nothing_and_everything_else_counts() {
    let api = Api::with(Options { daily_request_quota: 3, ..Options::default() }).await;
    let used = async || {
        let quotas = api.get("/users/night-shift_lab/overall_quotas").await.json();
        quotas["data"]["api_requests_daily"]["user"]["used"].clone()
    };
    assert_eq!((used().await, used().await), (json!(0), json!(0)));
    for _ in 0..3 {
        assert_eq!(api.get("/ioc_stream?limit=1").await.status, 200);
    }
    let refused = api.get("/ioc_stream?limit=1").await;
    assert_eq!(refused.json(), json!({"error": {"code": "QuotaExceededError", "message": "Quota exceeded"}}));
    assert_eq!((refused.status, used().await), (429, json!(3)));
    api.simulator.advance_clock(86_400);
    assert_eq!(api.get("/ioc_stream?limit=1").await.status, 200);
    let usage = api.get("/users/night-shift_lab/api_usage").await.json();
    assert_eq!(usage["data"]["total"]["/api/v3/(ioc_stream)"], 4);
    assert_eq!(usage["data"]["daily"].as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(api.get("/users/night-shift_lab/api_usage?start_date=yesterday").await.status, 400);
}

#[tokio::test]
async fn crowdsourced_rules_page_sort_and_filter() {
    let api = Api::start().await;
    let pages = api.walk("/yara_rules?limit=5").await;
    assert_eq!(pages.iter().map(|page| page.items().len()).collect::<Vec<_>>(), [5, 5, 4]);
    assert_eq!(pages[0].items()[0]["attributes"]["matches"], 98_000);
    assert_eq!(api.get("/yara_rules?filter=author%3Aada").await.items().len(), 4);
    assert_eq!(api.get("/yara_rules?order=name").await.status, 400);
}
