//! More than a page at once, from every collection there is.

use virustotal_hunting_simulator::Options;
use vt_hunting_host::crowdsourced::CrowdsourcedYaraRulesQuery;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{
    NotificationFilesQuery, NotificationsQuery, RulesetNotificationFilesQuery, RulesetsQuery,
};
use vt_hunting_host::retrohunt::{MatchesQuery, RetrohuntJobsQuery};

use super::{asked, ids, page, there};
use crate::support::answered;
use crate::support::world::World;

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[tokio::test]
async fn more_than_a_page_comes_in_pages_of_forty_and_one_of_the_rest() {
    let world = World::new();
    for (limit, sizes) in [
        (39, vec!["39"]),
        (40, vec!["40"]),
        (41, vec!["40", "1"]),
        (80, vec!["40", "40"]),
        (95, vec!["40", "40", "15"]),
        (1000, vec!["40", "40", "40"]),
    ] {
        let page = page(&world.connector, limit, None).await;
        let all = there(&world.simulator);
        assert_eq!(ids(&page), all[..all.len().min(limit as usize)], "{limit}");
        assert_eq!(asked(&world.simulator, "limit"), some(&sizes), "{limit}");
        assert_eq!(page.page.cursor.is_some(), limit < 96, "{limit}");
        assert_eq!(page.page.count, Some(96));
        let link = "https://www.virustotal.com/api/v3/ioc_stream?";
        assert!(page.page.self_link.is_some_and(|first| first.starts_with(link) && !first.contains("cursor=")));
    }
}

#[tokio::test]
async fn without_a_limit_it_is_one_page_as_virustotal_cuts_it() {
    let world = World::new();
    let query = IocStreamQuery::default();
    let page = answered(world.connector.get_ioc_stream_objects(&query)).await;
    assert_eq!(ids(&page), there(&world.simulator)[..10]);
    assert_eq!(asked(&world.simulator, "limit"), [None]);
    let rest = IocStreamQuery { cursor: page.page.cursor, ..query };
    let next = answered(world.connector.get_ioc_stream_objects(&rest)).await;
    assert_eq!(ids(&next), there(&world.simulator)[10..20]);
    assert_eq!(asked(&world.simulator, "limit"), [None]);
}

#[tokio::test]
async fn every_collection_is_read_beyond_a_page() {
    let world = World::with(Options { history: 0, ..Options::default() });
    let connector = &world.connector;
    let ruleset = world.ruleset("first").await.id;
    world.simulator.add_hunting_notifications(55);
    let job = world.job().await.id;
    world.simulator.advance_clock(500);
    for _ in 0..44 {
        world.ruleset("more").await;
    }
    world.simulator.clear_requests();
    let limit = Some(1000);

    let page = answered(connector.get_livehunt_rulesets(&RulesetsQuery { limit, ..Default::default() })).await;
    assert_eq!((page.items.len(), page.page.cursor), (45, None));
    let query = NotificationsQuery { limit, count_limit: Some(33), ..Default::default() };
    let page = answered(connector.get_livehunt_notifications(&query)).await;
    assert_eq!((page.items.len(), page.page.cursor, page.page.count), (55, None, Some(33)));
    let query = NotificationFilesQuery { limit, ..Default::default() };
    let page = answered(connector.get_livehunt_notification_files(&query)).await;
    assert_eq!((page.items.len(), page.page.cursor), (55, None));
    let query = RulesetNotificationFilesQuery { limit, descriptors_only: Some(true), cursor: None };
    let page = answered(connector.get_livehunt_ruleset_notification_files(&ruleset, &query)).await;
    assert_eq!((page.items.len(), page.page.cursor), (55, None));
    let query = MatchesQuery { limit, cursor: None };
    let page = answered(connector.get_retrohunt_job_matches(&job, &query)).await;
    assert_eq!((page.items.len() as u64, page.page.cursor), (page.page.count.expect("a number"), None));
    assert!(page.items.len() > 40);
    let query = IocStreamQuery { limit, ..Default::default() };
    let page = answered(connector.get_ioc_stream_objects(&query)).await;
    assert_eq!((page.items.len(), page.page.cursor), (55, None));
    let query = CrowdsourcedYaraRulesQuery { limit, ..Default::default() };
    let page = answered(connector.get_crowdsourced_yara_rules(&query)).await;
    assert_eq!((page.items.len(), page.page.cursor), (14, None));
    let query = RetrohuntJobsQuery { limit, ..Default::default() };
    assert_eq!(answered(connector.get_retrohunt_jobs(&query)).await.items.len(), 1);
    let sizes = asked(&world.simulator, "limit");
    assert!(sizes.iter().all(|size| size.as_deref() == Some("40")), "{sizes:?}");
}

#[tokio::test]
async fn an_empty_collection_is_one_request_and_the_end() {
    let world = World::with(Options { history: 0, ..Options::default() });
    let page = page(&world.connector, 100, None).await;
    assert_eq!((page.items.len(), page.page.cursor, page.page.count), (0, None, Some(0)));
    assert_eq!(world.simulator.requests().len(), 1);
}
