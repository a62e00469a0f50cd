//! Where VirusTotal is irregular, the simulator is irregular.

use std::collections::HashSet;

use serde_json::{Value, json};
use virustotal_hunting_simulator::{EXAMPLE_RULES, Options};

use crate::client::Api;

#[tokio::test]
async fn the_last_page_of_a_walk_has_no_meta_and_sometimes_no_links() {
    let api = Api::with(Options { history: 25, ..Options::default() }).await;
    let pages = api.walk("/ioc_stream?limit=10").await;
    assert_eq!(pages.iter().map(|page| page.items().len()).collect::<Vec<_>>(), [10, 10, 5]);
    let (first, last) = (pages[0].json(), pages[2].json());
    assert_eq!(first["meta"]["count"], 25);
    assert!(first["links"]["next"].is_string());
    assert!(last.get("meta").is_none() && last.get("links").is_none(), "{last}");
    let pages = api.walk("/ioc_stream?limit=23").await;
    let last = pages[1].json();
    assert!(last.get("meta").is_none() && last["links"].get("next").is_none() && last["links"]["self"].is_string());
}

#[tokio::test]
async fn a_full_last_page_is_followed_by_an_empty_one() {
    let api = Api::with(Options { history: 20, ..Options::default() }).await;
    let pages = api.walk("/ioc_stream?limit=10").await;
    assert_eq!(pages.iter().map(|page| page.items().len()).collect::<Vec<_>>(), [10, 10, 0]);
}

#[tokio::test]
async fn empty_pages_with_a_cursor_come_between_when_asked_for() {
    let api = Api::with(Options { history: 25, empty_pages: true, ..Options::default() }).await;
    let pages = api.walk("/ioc_stream?limit=10").await;
    assert_eq!(pages.iter().map(|page| page.items().len()).collect::<Vec<_>>(), [10, 0, 10, 0, 5]);
    let cursors: HashSet<_> = pages.iter().filter_map(crate::client::Answer::cursor).collect();
    assert_eq!(cursors.len(), 4, "no cursor repeats");
}

#[tokio::test]
async fn links_point_to_the_users_collections_and_those_of_matches_to_the_web_site() {
    let api = Api::start().await;
    for name in ["a", "b", "c"] {
        api.ruleset(name, EXAMPLE_RULES, json!({})).await;
    }
    let links = api.get("/intelligence/hunting_rulesets?limit=2").await.json()["links"].clone();
    let user = "https://www.virustotal.com/api/v3/users/night-shift_lab/hunting_rulesets?";
    assert_eq!(links["self"], format!("{user}limit=2"));
    assert!(links["next"].as_str().expect("next").starts_with(&format!("{user}cursor=")));

    let job = api.job(json!({"rules": EXAMPLE_RULES})).await;
    api.simulator.advance_clock(200);
    let matches = api.get(&format!("/intelligence/retrohunt_jobs/{job}/matching_files?limit=1")).await.json();
    let next = matches["links"]["next"].as_str().expect("next");
    assert!(next.starts_with("https://www.virustotal.com/ui/"), "{next}");
}

#[tokio::test]
async fn subscriptions_carry_null_for_hunting_info_and_one_item_an_error() {
    let api = Api::start().await;
    let items: Vec<Value> =
        api.walk("/ioc_stream?limit=40").await.iter().flat_map(crate::client::Answer::items).collect();
    assert_eq!(items.len(), 96);
    let mut kinds = HashSet::new();
    for item in &items {
        let context = &item["context_attributes"];
        let hunting = context["origin"] == "hunting";
        assert_eq!(context["hunting_info"].is_object(), hunting);
        assert!(hunting || context["hunting_info"].is_null());
        assert!(context["notification_id"].as_str().expect("an id").bytes().all(|byte| byte.is_ascii_digit()));
        assert!(item.get("attributes").is_some() != item.get("error").is_some());
        kinds.insert((item["type"].to_string(), hunting));
    }
    assert_eq!(kinds.len(), 8, "every type from both origins: {kinds:?}");
    assert!(items.iter().any(|item| item["error"]["code"] == "NotFoundError"));
    let dates: Vec<&Value> = items.iter().map(|item| &item["context_attributes"]["notification_date"]).collect();
    assert!(dates.iter().any(|date| date.is_string()), "now and then a date is a text of digits");
    assert!(dates.windows(2).any(|pair| pair[0] == pair[1]), "several share a second");
}

#[tokio::test]
async fn descriptors_have_context_but_no_attributes_and_are_small() {
    let api = Api::start().await;
    for item in api.get("/ioc_stream?limit=40&descriptors_only=true").await.items() {
        assert!(
            item.get("attributes").is_none() && item.get("error").is_none() && item["context_attributes"].is_object()
        );
        assert!((200..1_800).contains(&item.to_string().len()));
    }
}

#[tokio::test]
async fn a_page_of_forty_files_is_as_large_as_a_real_one() {
    let api = Api::start().await;
    let job = api.job(json!({"rules": EXAMPLE_RULES})).await;
    api.simulator.advance_clock(200);
    let page = api.get(&format!("/intelligence/retrohunt_jobs/{job}/matching_files?limit=40")).await;
    assert_eq!(page.items().len(), 40);
    assert!((700_000..850_000).contains(&page.body.len()), "{} bytes", page.body.len());
}

#[tokio::test]
async fn notification_files_tell_their_source_as_text_as_null_or_not_at_all() {
    let api = Api::start().await;
    api.ruleset("Loaders", EXAMPLE_RULES, json!({})).await;
    api.simulator.advance_feed(80);
    let items = api.get("/intelligence/hunting_notification_files?limit=40").await.items();
    let shapes: HashSet<&str> = items
        .iter()
        .map(|item| match item["context_attributes"].get("notification_source_country") {
            None => "absent",
            Some(Value::Null) => "null",
            Some(_) => "text",
        })
        .collect();
    assert_eq!(shapes.len(), 3, "{shapes:?}");
    let lengths: HashSet<usize> = items
        .iter()
        .map(|item| item["context_attributes"]["notification_id"].as_str().expect("an id").split('-').count())
        .collect();
    assert_eq!(lengths, HashSet::from([3, 4]));
}
