//! Each of the twelve actions does its work against the simulator, and its answer says what happened there.

use std::collections::HashSet;

use serde_json::Value;
use virustotal_hunting_simulator::{EXAMPLE_BAD_RULES, EXAMPLE_RULES, EXAMPLE_URL_RULES, RecordedRequest};
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{
    MatchObjectType, NewRuleset, NotificationFilesQuery, NotificationsQuery, RulesetsQuery,
};
use vt_hunting_host::retrohunt::{Corpus, MatchesQuery, NewRetrohuntJob, RetrohuntJobsQuery, TimeRange};
use vt_hunting_host::types::ErrorKind;

use crate::support::world::{World, new_job, new_ruleset};
use crate::support::{KEY, answered, refused};

fn last_request(world: &World) -> RecordedRequest {
    world.simulator.requests().pop().expect("a request")
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[tokio::test]
async fn create_livehunt_ruleset_sends_every_attribute_and_returns_the_ruleset() {
    let world = World::new();
    let new = NewRuleset {
        notification_emails: vec!["soc@lab.example".to_owned(), "night@lab.example".to_owned()],
        match_object_type: Some(MatchObjectType::Url),
        limit: Some(7),
        rules: EXAMPLE_URL_RULES.to_owned(),
        ..new_ruleset("Phishing, \"quoted\" & ünïcode")
    };
    let ruleset = answered(world.connector.create_livehunt_ruleset(&new)).await;
    assert_eq!(ruleset.name.as_deref(), Some("Phishing, \"quoted\" & ünïcode"));
    assert_eq!(ruleset.rules.as_deref(), Some(EXAMPLE_URL_RULES));
    assert_eq!((ruleset.enabled, ruleset.limit), (Some(true), Some(7)));
    assert_eq!(ruleset.notification_emails, new.notification_emails);
    assert_eq!(ruleset.match_object_type.as_deref(), Some("url"));
    assert_eq!(ruleset.rule_names, ["Login_Page_Copy"]);
    assert_eq!(ruleset.number_of_rules, Some(1));
    assert_eq!(ruleset.creation_date, Some(world.simulator.now()));
    assert_eq!(parsed(&ruleset.json)["id"], ruleset.id);

    let request = last_request(&world);
    assert_eq!((&*request.method, &*request.path), ("POST", "/api/v3/intelligence/hunting_rulesets"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("content-length"), Some(&*request.body.len().to_string()));
}

#[tokio::test]
async fn get_livehunt_rulesets_lists_filters_orders_and_pages() {
    let world = World::new();
    for name in ["beta hunt", "Alpha hunt", "gamma watch"] {
        world.ruleset(name).await;
        world.simulator.advance_clock(1);
    }
    let names = async |query: RulesetsQuery| -> Vec<String> {
        let page = answered(world.connector.get_livehunt_rulesets(&query)).await;
        page.items.into_iter().filter_map(|ruleset| ruleset.name).collect()
    };
    let by_name = RulesetsQuery { order: Some("name+".to_owned()), ..Default::default() };
    assert_eq!(names(by_name).await, ["Alpha hunt", "beta hunt", "gamma watch"]);
    let filtered = RulesetsQuery { filter: Some("name:hunt enabled:true".to_owned()), ..Default::default() };
    assert_eq!(names(filtered).await.len(), 2);

    let mut query = RulesetsQuery { limit: Some(2), order: Some("name-".to_owned()), ..Default::default() };
    let first = answered(world.connector.get_livehunt_rulesets(&query)).await;
    assert_eq!((first.items.len(), first.page.count), (2, Some(3)));
    assert!(first.page.next_link.is_some() && first.page.self_link.is_some() && first.page.incomplete.is_none());
    query.cursor = first.page.cursor;
    let second = answered(world.connector.get_livehunt_rulesets(&query)).await;
    assert_eq!(second.items[0].name.as_deref(), Some("Alpha hunt"));
    assert_eq!(second.page.cursor, None);
}

#[tokio::test]
async fn delete_livehunt_ruleset_removes_it_and_leaves_its_notifications() {
    let world = World::new();
    let ruleset = world.ruleset("short-lived").await;
    assert!(world.simulator.advance_feed(16) > 0);
    answered(world.connector.delete_livehunt_ruleset(&ruleset.id)).await;
    let request = last_request(&world);
    assert_eq!(request.method, "DELETE");
    assert_eq!(request.path, format!("/api/v3/intelligence/hunting_rulesets/{}", ruleset.id));
    assert!(answered(world.connector.get_livehunt_rulesets(&RulesetsQuery::default())).await.items.is_empty());
    let left = answered(world.connector.get_livehunt_notifications(&NotificationsQuery::default())).await;
    assert!(!left.items.is_empty());
    let error = refused(world.connector.delete_livehunt_ruleset(&ruleset.id)).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
}

#[tokio::test]
async fn get_livehunt_notifications_tells_what_matched_where() {
    let world = World::new();
    world.ruleset("Loaders").await;
    let made = world.simulator.advance_feed(24);
    let query = NotificationsQuery { limit: Some(40), count_limit: Some(10_000), ..Default::default() };
    let page = answered(world.connector.get_livehunt_notifications(&query)).await;
    assert_eq!(page.items.len(), made);
    assert_eq!(page.page.count, Some(made as u64));
    for notification in &page.items {
        assert_eq!(notification.rule_name.as_deref(), Some("Simulated_Loader"));
        assert_eq!(notification.rule_tags, ["loader", "pe"]);
        assert!(notification.snippet.as_deref().is_some_and(|snippet| snippet.contains("*begin_highlight*")));
        let sha256 = notification.file_sha256.as_deref().expect("the hash among the tags");
        assert!(sha256.len() == 64 && notification.tags.iter().any(|tag| tag == sha256));
        assert!(notification.date.is_some_and(|date| date <= world.simulator.now()));
        assert!(notification.match_in_subfile.is_some() && notification.error.is_none());
    }

    let since = NotificationsQuery {
        filter: Some(format!("date:{}+ tag:simulated_loader", world.simulator.now() + 1)),
        order: Some("date+".to_owned()),
        ..Default::default()
    };
    assert!(answered(world.connector.get_livehunt_notifications(&since)).await.items.is_empty());
}

#[tokio::test]
async fn get_livehunt_notification_files_gives_the_files_with_their_notifications() {
    let world = World::new();
    let ruleset = world.ruleset("Loaders").await;
    let made = world.simulator.advance_feed(24);
    let query = NotificationFilesQuery { limit: Some(40), filter: Some("loaders".to_owned()), ..Default::default() };
    let page = answered(world.connector.get_livehunt_notification_files(&query)).await;
    assert_eq!(page.items.len(), made);
    for file in &page.items {
        assert_eq!(file.ruleset_id.as_deref(), Some(&*ruleset.id));
        assert_eq!(file.ruleset_name.as_deref(), Some("Loaders"));
        assert_eq!(file.rule_name.as_deref(), Some("Simulated_Loader"));
        assert!(file.notification_tags.contains(&file.id));
        assert!(file.notification_id.is_some() && file.notification_date.is_some());
        assert_eq!(parsed(&file.json)["attributes"]["sha256"], file.id);
    }
    let none = NotificationFilesQuery { filter: Some("nothing-of-the-kind".to_owned()), ..Default::default() };
    assert!(answered(world.connector.get_livehunt_notification_files(&none)).await.items.is_empty());
}

#[tokio::test]
async fn create_retrohunt_job_sends_every_attribute_and_returns_the_job() {
    let world = World::new();
    let end = world.simulator.now();
    let new = NewRetrohuntJob {
        notification_email: Some("soc@lab.example".to_owned()),
        corpus: Some(Corpus::Goodware),
        time_range: Some(TimeRange { start: Some(end - 86_400), end: Some(end) }),
        ..new_job()
    };
    let job = answered(world.connector.create_retrohunt_job(&new)).await;
    assert_eq!(job.status.as_deref(), Some("starting"));
    assert_eq!(job.rules.as_deref(), Some(EXAMPLE_RULES));
    assert_eq!(job.corpus.as_deref(), Some("goodware"));
    assert_eq!(job.notification_email.as_deref(), Some("soc@lab.example"));
    let range = job.time_range.expect("the range");
    assert_eq!((range.start, range.end), (Some(end - 86_400), Some(end)));
    assert_eq!((job.creation_date, job.start_date, job.finish_date), (Some(end), None, None));
    assert_eq!(job.progress, Some(0.0));
}

#[tokio::test]
async fn get_retrohunt_job_follows_a_job_from_start_to_finish() {
    let world = World::new();
    let id = world.job().await.id;
    world.simulator.advance_clock(5 + 77);
    let running = answered(world.connector.get_retrohunt_job(&id)).await;
    assert_eq!((running.status.as_deref(), running.eta_seconds), (Some("running"), Some(43)));
    assert!(running.progress.is_some_and(|progress| progress > 50.0 && progress < 100.0));
    assert!(running.scanned_bytes.is_some_and(|bytes| bytes > 1 << 48), "beyond 2^48: {:?}", running.scanned_bytes);
    assert!(running.start_date.is_some() && running.finish_date.is_none());
    world.simulator.advance_clock(500);
    let finished = answered(world.connector.get_retrohunt_job(&id)).await;
    assert_eq!((finished.status.as_deref(), finished.progress), (Some("finished"), Some(100.0)));
    assert_eq!(finished.eta_seconds, None);
    assert!(finished.num_matches > running.num_matches && finished.finish_date > finished.start_date);
}

#[tokio::test]
async fn get_retrohunt_jobs_lists_them_by_status() {
    let world = World::new();
    let old = world.job().await.id;
    world.simulator.advance_clock(500);
    let young = world.job().await.id;
    let ids = async |filter: Option<&str>| -> HashSet<String> {
        let query = RetrohuntJobsQuery { filter: filter.map(str::to_owned), ..Default::default() };
        let page = answered(world.connector.get_retrohunt_jobs(&query)).await;
        page.items.into_iter().map(|job| job.id).collect()
    };
    assert_eq!(ids(None).await, HashSet::from([old.clone(), young.clone()]));
    assert_eq!(ids(Some("status:finished")).await, HashSet::from([old]));
    assert_eq!(ids(Some("status:starting")).await, HashSet::from([young]));
}

#[tokio::test]
async fn abort_retrohunt_job_stops_a_running_job_once() {
    let world = World::new();
    let id = world.job().await.id;
    world.simulator.advance_clock(30);
    answered(world.connector.abort_retrohunt_job(&id)).await;
    let request = last_request(&world);
    assert_eq!((&*request.method, request.body.len()), ("POST", 0));
    assert_eq!(request.path, format!("/api/v3/intelligence/retrohunt_jobs/{id}/abort"));
    let status = async || answered(world.connector.get_retrohunt_job(&id)).await.status;
    assert_eq!(status().await.as_deref(), Some("aborting"));
    world.simulator.advance_clock(60);
    assert_eq!(status().await.as_deref(), Some("aborted"));
    let again = refused(world.connector.abort_retrohunt_job(&id)).await;
    assert_eq!((again.kind, again.status), (ErrorKind::InvalidArgument, Some(400)));
}

#[tokio::test]
async fn get_retrohunt_job_matches_walks_all_of_them_without_loss() {
    let world = World::new();
    let id = world.job().await.id;
    world.simulator.advance_clock(500);
    let total = answered(world.connector.get_retrohunt_job(&id)).await.num_matches.expect("a number");
    assert!(total > 40, "more than a page: {total}");
    let mut query = MatchesQuery { limit: Some(15), cursor: None };
    let mut seen = HashSet::new();
    loop {
        let page = answered(world.connector.get_retrohunt_job_matches(&id, &query)).await;
        for file in page.items {
            assert_eq!(file.rule_name.as_deref(), Some("Simulated_Loader"));
            assert!(file.match_in_subfile.is_some());
            assert!(seen.insert(file.id), "twice");
        }
        match page.page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen.len() as u64, total);
}

#[tokio::test]
async fn get_ioc_stream_objects_walks_every_kind_of_object_once() {
    let world = World::new();
    let mut query = IocStreamQuery { limit: Some(40), ..Default::default() };
    let (mut seen, mut kinds) = (HashSet::new(), HashSet::new());
    loop {
        let page = answered(world.connector.get_ioc_stream_objects(&query)).await;
        for object in page.items {
            assert!(object.notification_date.is_some() && !object.sources.is_empty());
            let subscribed = object.origin.as_deref() == Some("subscriptions");
            assert_eq!(object.hunting_info.is_none(), subscribed, "{}", object.json);
            // One the service cannot read just now has an error instead.
            assert!(parsed(&object.json)["attributes"].is_object() != object.error.is_some(), "{}", object.json);
            assert!(seen.insert(object.notification_id.expect("an id")), "twice");
            kinds.insert(object.object_type);
        }
        match page.page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 96);
    assert_eq!(kinds, HashSet::from(["file", "url", "domain", "ip_address"].map(str::to_owned)));
}

#[tokio::test]
async fn get_ioc_stream_objects_asks_for_descriptors_with_a_filter_in_an_order() {
    let world = World::new();
    let query = IocStreamQuery {
        limit: Some(5),
        descriptors_only: Some(true),
        filter: Some("origin:hunting entity_type:file date:1500000000+".to_owned()),
        order: Some("date+".to_owned()),
        cursor: None,
    };
    let page = answered(world.connector.get_ioc_stream_objects(&query)).await;
    assert_eq!(page.items.len(), 5);
    assert!(page.items.iter().all(|object| object.object_type == "file" && object.self_link.is_none()));
    assert!(page.items.iter().all(|object| parsed(&object.json).get("attributes").is_none()));
    assert!(page.items.is_sorted_by_key(|object| object.notification_date));
    let expected = "limit=5&descriptors_only=true\
                    &filter=origin%3Ahunting%20entity_type%3Afile%20date%3A1500000000%2B&order=date%2B";
    assert_eq!(last_request(&world).query, expected);
}

#[tokio::test]
async fn get_ioc_stream_notification_names_the_object_it_is_about() {
    let world = World::new();
    let query = IocStreamQuery {
        limit: Some(1),
        filter: Some("origin:hunting entity_type:file".to_owned()),
        ..Default::default()
    };
    let object = answered(world.connector.get_ioc_stream_objects(&query)).await.items.remove(0);
    let id = object.notification_id.expect("an id");
    let notification = answered(world.connector.get_ioc_stream_notification(&id)).await;
    assert_eq!(notification.id, id);
    assert_eq!(notification.entity_type.as_deref(), Some("file"));
    assert_eq!(notification.entity_id.as_deref(), Some(&*object.id));
    assert_eq!(notification.file_sha256.as_deref(), Some(&*object.id));
    assert_eq!(notification.date, object.notification_date);
    assert_eq!(notification.sources.len(), object.sources.len());
    assert!(notification.hunting_info.is_some());
}

#[tokio::test]
async fn rules_that_do_not_compile_are_refused_in_the_compilers_words() {
    let world = World::new();
    let bad = NewRuleset { rules: EXAMPLE_BAD_RULES.to_owned(), ..new_ruleset("bad") };
    let error = refused(world.connector.create_livehunt_ruleset(&bad)).await;
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::InvalidArgument, Some(400), false));
    assert!(error.message.contains("$b") && error.message.contains('6'), "{}", error.message);
    let job = NewRetrohuntJob { rules: EXAMPLE_BAD_RULES.to_owned(), ..new_job() };
    assert_eq!(refused(world.connector.create_retrohunt_job(&job)).await.kind, ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn a_key_that_is_wrong_or_used_up_is_told_apart() {
    let world = World::new();
    let query = IocStreamQuery::default();
    let stranger = world.tenant(&"0f".repeat(32));
    let error = refused(stranger.get_ioc_stream_objects(&query)).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Authentication, "WrongCredentialsError"));
    world.simulator.faults().add(virustotal_hunting_simulator::FaultAction::Quota);
    let error = refused(world.connector.get_ioc_stream_objects(&query)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::QuotaExceeded, Some(429)));
}

#[tokio::test]
async fn every_request_carries_the_key_and_asks_for_gzip_in_both_ways() {
    let world = World::new();
    let ruleset = world.ruleset("one").await;
    answered(world.connector.delete_livehunt_ruleset(&ruleset.id)).await;
    answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    for request in world.simulator.requests() {
        assert_eq!(request.header("x-apikey"), Some(KEY));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        let agent = request.header("user-agent").expect("a user agent");
        assert!(agent.starts_with("virustotal-hunting/") && agent.contains("gzip"), "{agent}");
        let has_body = !request.body.is_empty();
        assert_eq!(request.header("content-type").is_some(), has_body);
        assert_eq!(request.header("content-length").is_some(), has_body);
        assert_eq!(request.header("transfer-encoding"), None);
    }
}
