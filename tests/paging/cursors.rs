//! The cursor that is handed out: exact to the object, good for its query alone, in whichever instance.

use virustotal_hunting_simulator::Options;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::RulesetsQuery;
use vt_hunting_host::retrohunt::MatchesQuery;
use vt_hunting_host::types::ErrorKind;

use super::{asked, ids, page, query, there, walk};
use crate::support::world::{World, connector, settings};
use crate::support::{answered, refused, within};

#[tokio::test]
async fn a_walk_in_steps_of_any_size_gives_everything_once() {
    let world = World::new();
    let all = there(&world.simulator);
    for limit in [1, 7, 40, 41, 95, 96, 97] {
        assert_eq!(walk(&world.connector, limit).await, all, "{limit}");
    }
}

#[tokio::test]
async fn a_cursor_goes_on_in_another_instance_and_another_tenant_of_the_same_user() {
    let world = World::new();
    let all = there(&world.simulator);
    let mut first = within(world.connector.instance()).await.expect("an instance");
    let read = answered(first.get_ioc_stream_objects(&query(50, None))).await;
    drop(first);
    let other = connector(settings(&world.simulator.http_url()));
    let mut second = within(other.instance()).await.expect("an instance");
    let rest = answered(second.get_ioc_stream_objects(&query(1000, read.page.cursor.clone()))).await;
    assert_eq!([ids(&read), ids(&rest)].concat(), all);
    // The same cursor again gives the same again.
    let again = answered(second.get_ioc_stream_objects(&query(1000, read.page.cursor))).await;
    assert_eq!(ids(&again), ids(&rest));
}

#[tokio::test]
async fn the_limit_may_change_between_pages() {
    let world = World::new();
    let (mut read, mut cursor) = (Vec::new(), None);
    for limit in [3, 41, 1, 17, 20] {
        let page = page(&world.connector, limit, cursor).await;
        read.extend(ids(&page));
        cursor = page.page.cursor;
    }
    // And without one it is what VirusTotal gives.
    let rest = IocStreamQuery { descriptors_only: Some(true), cursor, ..Default::default() };
    read.extend(ids(&answered(world.connector.get_ioc_stream_objects(&rest)).await));
    let all = there(&world.simulator);
    assert_eq!(read[..], all[..read.len()]);
}

#[tokio::test]
async fn a_page_that_was_cut_is_asked_for_again_and_read_behind_the_cut() {
    let world = World::with(Options { ignores_limit: Some(30), ..Options::default() });
    let first = page(&world.connector, 7, None).await;
    assert_eq!(asked(&world.simulator, "cursor"), [None]);
    let second = page(&world.connector, 7, first.page.cursor.clone()).await;
    assert_eq!(asked(&world.simulator, "cursor"), [None], "the same first page");
    assert_eq!([ids(&first), ids(&second)].concat(), there(&world.simulator)[..14]);
}

#[tokio::test]
async fn what_arrives_before_the_cursor_shifts_nothing_in_a_page_that_was_cut() {
    let world = World::with(Options { ignores_limit: Some(30), ..Options::default() });
    let before = there(&world.simulator);
    let first = page(&world.connector, 7, None).await;
    world.simulator.add_stream_notifications(5);
    let second = page(&world.connector, 7, first.page.cursor.clone()).await;
    assert_eq!([ids(&first), ids(&second)].concat(), before[..14]);
}

#[tokio::test]
async fn a_cursor_of_another_query_is_refused_and_nothing_is_sent() {
    let world = World::new();
    let cursor = page(&world.connector, 10, None).await.page.cursor;
    world.simulator.clear_requests();
    let text = |text: &str| Some(text.to_owned());
    let others = [
        IocStreamQuery { filter: text("origin:hunting"), ..query(10, cursor.clone()) },
        IocStreamQuery { order: text("date+"), ..query(10, cursor.clone()) },
        IocStreamQuery { descriptors_only: None, ..query(10, cursor.clone()) },
    ];
    let mut errors = Vec::new();
    for other in others {
        errors.push(refused(world.connector.get_ioc_stream_objects(&other)).await);
    }
    let rulesets = RulesetsQuery { cursor: cursor.clone(), ..Default::default() };
    errors.push(refused(world.connector.get_livehunt_rulesets(&rulesets)).await);
    let matches = MatchesQuery { limit: None, cursor: cursor.clone() };
    errors.push(refused(world.connector.get_retrohunt_job_matches("ann-1", &matches)).await);
    for error in errors {
        assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::InvalidArgument, "InvalidArgument", None));
        assert!(error.message.contains("`cursor` belongs to another query"), "{}", error.message);
        assert!(!error.message.contains("origin:hunting"), "{}", error.message);
    }
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn another_jobs_cursor_is_another_querys() {
    let world = World::new();
    let jobs = [world.job().await.id, world.job().await.id];
    world.simulator.advance_clock(500);
    let mut query = MatchesQuery { limit: Some(5), cursor: None };
    query.cursor = answered(world.connector.get_retrohunt_job_matches(&jobs[0], &query)).await.page.cursor;
    let error = refused(world.connector.get_retrohunt_job_matches(&jobs[1], &query)).await;
    assert!(error.message.contains("another query"), "{}", error.message);
    answered(world.connector.get_retrohunt_job_matches(&jobs[0], &query)).await;
}

#[tokio::test]
async fn half_a_cursor_is_refused_and_nothing_is_sent() {
    let world = World::new();
    let whole = page(&world.connector, 10, None).await.page.cursor.expect("a cursor");
    world.simulator.clear_requests();
    for cursor in ["vh1.", "vh1.x", &whole[..20], &whole[..24], "vh1.0000000000000000.0.0000000000000000."] {
        let error = refused(world.connector.get_ioc_stream_objects(&query(10, Some(cursor.to_owned())))).await;
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None), "{cursor}");
        assert!(error.message.contains("`cursor`"), "{}", error.message);
    }
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn virustotals_own_cursor_is_taken_as_well_and_one_it_does_not_know_is_its_to_refuse() {
    let world = World::new();
    let ours = page(&world.connector, 10, None).await.page.cursor.expect("a cursor");
    let theirs = ours.splitn(5, '.').nth(4).expect("VirusTotal's").to_owned();
    let next = page(&world.connector, 10, Some(theirs)).await;
    assert_eq!(ids(&next), there(&world.simulator)[10..20]);
    let error = refused(world.connector.get_ioc_stream_objects(&query(10, Some("stale".to_owned())))).await;
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, Some(400)));
    // An empty one is none.
    assert_eq!(ids(&page(&world.connector, 10, Some(String::new())).await), there(&world.simulator)[..10]);
}
