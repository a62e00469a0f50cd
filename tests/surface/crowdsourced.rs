//! Published rules: listed, and found by an id with a `|` in it.

use vt_hunting_host::crowdsourced::{CrowdsourcedYaraRulePage, CrowdsourcedYaraRulesQuery};
use vt_hunting_host::types::ErrorKind;

use super::assert_sent;
use crate::support::world::World;
use crate::support::{answered, refused};

#[tokio::test]
async fn published_rules_are_listed_filtered_ordered_and_paged() {
    let world = World::new();
    let mut query = CrowdsourcedYaraRulesQuery {
        limit: Some(2),
        filter: Some("author:Ada enabled:true".to_owned()),
        order: Some("matches-".to_owned()),
        cursor: None,
    };
    let first = answered(world.connector.get_crowdsourced_yara_rules(&query)).await;
    let sent = "limit=2&filter=author%3AAda%20enabled%3Atrue&order=matches-";
    assert_sent(&world, "GET", "yara_rules", sent, "");
    let names = |page: &CrowdsourcedYaraRulePage| -> Vec<String> {
        page.items.iter().filter_map(|rule| rule.name.clone()).collect()
    };
    assert_eq!(
        (names(&first), first.page.count),
        (vec!["Sim_Loader_Generic".into(), "Sim_Dropper_PS1".into()], Some(4))
    );
    query.cursor = first.page.cursor;
    let second = answered(world.connector.get_crowdsourced_yara_rules(&query)).await;
    assert_eq!(names(&second), ["Sim_Loader_Packed", "Sim_Dropper_JS"]);
}

#[tokio::test]
async fn a_published_rule_is_found_by_its_id_whose_bar_is_sent_encoded() {
    let world = World::new();
    let rule = answered(world.connector.get_crowdsourced_yara_rule("004a1c03f7|Sim_Stealer_Config")).await;
    assert_sent(&world, "GET", "yara_rules/004a1c03f7%7CSim_Stealer_Config", "", "");
    assert_eq!(rule.id, "004a1c03f7|Sim_Stealer_Config");
    assert_eq!((rule.name.as_deref(), rule.author.as_deref()), (Some("Sim_Stealer_Config"), Some("Bela")));
    assert!(rule.rule.as_deref().is_some_and(|rule| rule.starts_with("rule Sim_Stealer_Config : stealer {")));
    assert_eq!((rule.matches, rule.enabled, rule.tags), (Some(98_000), Some(true), vec!["stealer".to_owned()]));
    assert_eq!((rule.creation_date, rule.modification_date), (Some(1_602_000_000), Some(1_602_005_000)));
    assert_eq!((rule.included_date, rule.error.is_none()), (Some(1_602_009_000), true));
    let link = "https://www.virustotal.com/api/v3/yara_rules/004a1c03f7%7CSim_Stealer_Config";
    assert_eq!(rule.self_link.as_deref(), Some(link));
    let error = refused(world.connector.get_crowdsourced_yara_rule("004a1c03f7")).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
}
