//! Texts of any length and any character, hundreds of objects, and hundreds of calls in one instance.

use std::fmt::Write as _;

use serde_json::json;
use vt_hunting_host::Settings;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{RulesetEditor, RulesetsQuery};
use vt_hunting_host::retrohunt::MatchesQuery;

use super::{plays, stage};
use crate::support::raw_server::{RawServer, answer, response};
use crate::support::world::{connector, settings};
use crate::support::{answered, refused, within};

/// Texts that are hard on whoever counts bytes: none, one of each length of UTF-8, and controls.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> =
        ["", "a", "ü", "日", "🦀", "e\u{301}", "\u{feff}", "\u{202e}", "\0", "\r\n", "\"\\/"].map(String::from).into();
    texts.extend((1..40).map(|length| "äa".repeat(length)));
    texts
}

#[tokio::test]
async fn odd_texts_come_through_as_they_are() {
    let (server, mut instance) = stage().await;
    let texts = odd_texts();
    for text in &texts {
        let object = json!({"id": text, "links": {"self": text}, "attributes": {"name": text, "rules": text,
            "notification_emails": texts, "tags": [text, text], "rule_names": [], "match_object_type": text}})
        .to_string();
        plays(&server, &format!("{{\"data\":{object}}}"));
        let ruleset = answered(instance.get_livehunt_ruleset("1")).await;
        assert_eq!(ruleset.id, *text);
        assert_eq!((&ruleset.name, &ruleset.rules), (&Some(text.clone()), &Some(text.clone())));
        assert_eq!((&ruleset.match_object_type, &ruleset.self_link), (&Some(text.clone()), &Some(text.clone())));
        assert_eq!(ruleset.notification_emails, texts);
        assert_eq!((ruleset.tags, ruleset.rule_names), (vec![text.clone(); 2], Vec::<String>::new()));
        assert_eq!(ruleset.json, object);
    }
}

#[tokio::test]
async fn a_text_of_megabytes_comes_through_whole() {
    let (server, mut instance) = stage().await;
    let mut rules = String::new();
    while rules.len() < 6 << 20 {
        writeln!(rules, "käse {} 🦀", rules.len()).expect("memory");
    }
    let object = json!({"id": "1", "attributes": {"rules": rules}}).to_string();
    plays(&server, &format!("{{\"data\":{object}}}"));
    let job = answered(instance.get_retrohunt_job("1")).await;
    assert!(job.rules.as_deref() == Some(&*rules), "the rules are not the same");
    assert!(job.json == object, "the object is not the same");
}

#[tokio::test]
async fn hundreds_of_objects_are_each_in_their_place() {
    let (server, mut instance) = stage().await;
    let object = |number: usize| {
        let sources: Vec<_> = (0..number % 4).map(|n| json!({"id": format!("{number}/{n}"), "type": "t"})).collect();
        let info = (number.is_multiple_of(3)).then(|| json!({"rule_name": format!("r{number}"), "rule_tags": ["x"]}));
        json!({"id": format!("id-{number}"), "type": format!("t{}", number % 7), "context_attributes": {
            "notification_id": number.to_string(), "notification_date": number, "sources": sources,
            "tags": vec![format!("tag-{number}"); number % 5], "hunting_info": info}})
        .to_string()
    };
    let objects: Vec<String> = (0..900).map(object).collect();
    plays(&server, &format!("{{\"data\":[{}]}}", objects.join(",")));
    let page = answered(instance.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!(page.items.len(), 900);
    for (number, item) in page.items.iter().enumerate() {
        assert_eq!((&item.id, &item.object_type), (&format!("id-{number}"), &format!("t{}", number % 7)));
        assert_eq!(item.notification_id, Some(number.to_string()));
        assert_eq!(item.notification_date, Some(number as u64));
        let sources: Vec<String> = item.sources.iter().map(|source| source.id.clone()).collect();
        assert_eq!(sources, (0..number % 4).map(|n| format!("{number}/{n}")).collect::<Vec<_>>());
        assert_eq!(item.tags, vec![format!("tag-{number}"); number % 5]);
        let rule = item.hunting_info.as_ref().and_then(|info| info.rule_name.clone());
        assert_eq!(rule, number.is_multiple_of(3).then(|| format!("r{number}")));
        assert_eq!(item.json, objects[number]);
    }
}

#[tokio::test]
async fn two_hundred_calls_in_one_instance_leave_nothing_behind() {
    // A page of 0.9 MB, two hundred times: an instance that may have 16 MB can keep none of them.
    let matches: Vec<String> =
        (0..300).map(|number| format!(r#"{{"id":"{number}","x":"{}"}}"#, "y".repeat(3000))).collect();
    let page = format!("{{\"data\":[{}]}}", matches.join(","));
    let server = RawServer::start(answer(response(200, &[], &page))).await;
    let tenant = connector(Settings { max_memory_bytes: 16 << 20, ..settings(server.url()) });
    let mut instance = within(tenant.instance()).await.expect("an instance");
    let editors: Vec<RulesetEditor> = Vec::new();
    for round in 0..50 {
        let read = answered(instance.get_retrohunt_job_matches("1", &MatchesQuery::default())).await;
        assert_eq!(read.items.len(), 300, "round {round}");
        let read = answered(instance.get_livehunt_rulesets(&RulesetsQuery::default())).await;
        assert_eq!(read.items[299].id, "299", "round {round}");
        // What fails leaves nothing behind either.
        let error = refused(instance.get_retrohunt_job(&"x".repeat(500_000))).await;
        assert!(error.message.contains("500000"), "{}", error.message);
        refused(instance.add_livehunt_ruleset_editors("1", &editors)).await;
        let dump = "00 *begin_highlight*02*end_highlight* 04 05\n".repeat(10_000);
        assert_eq!(answered(instance.parse_snippet(&dump)).await.highlights.len(), 10_000);
    }
    assert!(!instance.is_poisoned());
}
