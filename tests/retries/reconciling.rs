//! After a create whose answer got lost: whether it arrived can be found out, and is certain or not said.

use serde_json::json;
use virustotal_hunting_simulator::{EXAMPLE_RULES, EXAMPLE_VT_RULES, Fault, FaultAction, Options};
use vt_hunting_host::livehunt::NewRuleset;
use vt_hunting_host::retrohunt::{Corpus, NewRetrohuntJob, TimeRange};
use vt_hunting_host::types::ErrorKind;

use super::{arrived, fails, patient, status};
use crate::support::world::{World, new_job, new_ruleset};
use crate::support::{answered, refused};

#[tokio::test]
async fn a_job_whose_answer_got_lost_is_found_and_one_that_did_not_arrive_is_not() {
    let world = World::new();
    // The same rules, an hour ago: not the one that is sought.
    world.job().await;
    world.simulator.advance_clock(3_600);
    let since = world.simulator.now();
    let tenant = patient(&world, 2);

    fails(&world, FaultAction::Reset, 1);
    refused(tenant.create_retrohunt_job(&new_job())).await;
    world.simulator.clear_requests();
    assert!(answered(tenant.reconcile_retrohunt_job(&new_job(), since)).await.is_empty());
    assert_eq!(arrived(&world), [("GET".to_owned(), "/api/v3/intelligence/retrohunt_jobs".to_owned())]);

    fails(&world, FaultAction::ResetAfter, 1);
    refused(tenant.create_retrohunt_job(&new_job())).await;
    let found = answered(tenant.reconcile_retrohunt_job(&new_job(), since)).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].creation_date, found[0].rules.as_deref()), (Some(since), Some(EXAMPLE_RULES)));
    assert_eq!(answered(tenant.get_retrohunt_job(&found[0].id)).await, found[0]);
    // Since before, and it is two; with other rules, none.
    assert_eq!(answered(tenant.reconcile_retrohunt_job(&new_job(), since - 3_600)).await.len(), 2);
    assert!(answered(tenant.reconcile_retrohunt_job(&new_job(), since + 1)).await.is_empty());
    let other = NewRetrohuntJob { rules: EXAMPLE_VT_RULES.to_owned(), ..new_job() };
    assert!(answered(tenant.reconcile_retrohunt_job(&other, 0)).await.is_empty());
}

#[tokio::test]
async fn a_job_over_other_files_or_another_time_is_another_job() {
    let world = World::new();
    let of = |corpus, start, end| NewRetrohuntJob { corpus, time_range: Some(TimeRange { start, end }), ..new_job() };
    let jobs = [
        of(None, Some(5), Some(9)),
        of(None, Some(6), Some(9)),
        of(None, Some(5), Some(8)),
        of(Some(Corpus::Goodware), Some(5), Some(9)),
    ];
    let mut ids = Vec::new();
    for job in &jobs {
        ids.push(answered(world.connector.create_retrohunt_job(job)).await.id);
    }
    for (job, id) in jobs.iter().zip(&ids) {
        let found = answered(world.connector.reconcile_retrohunt_job(job, 0)).await;
        assert_eq!(found.iter().map(|job| &job.id).collect::<Vec<_>>(), [id], "{job:?}");
    }
    // `main` is what a job goes over that does not say.
    let found = answered(world.connector.reconcile_retrohunt_job(&of(Some(Corpus::Main), Some(5), Some(9)), 0)).await;
    assert_eq!(found.iter().map(|job| &job.id).collect::<Vec<_>>(), [&ids[0]]);
    let never = of(None, Some(7), None);
    assert!(answered(world.connector.reconcile_retrohunt_job(&never, 0)).await.is_empty());
}

#[tokio::test]
async fn a_ruleset_whose_answer_got_lost_is_found_and_one_that_did_not_arrive_is_not() {
    let world = World::new();
    let sought = new_ruleset("sought");
    answered(world.connector.create_livehunt_ruleset(&sought)).await;
    world.ruleset("another").await;
    world.simulator.advance_clock(3_600);
    let since = world.simulator.now();
    let tenant = patient(&world, 2);

    fails(&world, FaultAction::Reset, 1);
    refused(tenant.create_livehunt_ruleset(&sought)).await;
    world.simulator.clear_requests();
    assert!(answered(tenant.reconcile_livehunt_ruleset(&sought, since)).await.is_empty());
    let requests = world.simulator.take_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((&*requests[0].method, &*requests[0].query), ("GET", "limit=40&order=creation_date-"));

    fails(&world, FaultAction::ResetAfter, 1);
    refused(tenant.create_livehunt_ruleset(&sought)).await;
    let found = answered(tenant.reconcile_livehunt_ruleset(&sought, since)).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name.as_deref(), found[0].creation_date), (Some("sought"), Some(since)));
    assert_eq!(answered(tenant.reconcile_livehunt_ruleset(&sought, 0)).await.len(), 2);
    let renamed = NewRuleset { name: "Sought".to_owned(), ..sought.clone() };
    assert!(answered(tenant.reconcile_livehunt_ruleset(&renamed, 0)).await.is_empty());
    let rewritten = NewRuleset { rules: EXAMPLE_VT_RULES.to_owned(), ..sought };
    assert!(answered(tenant.reconcile_livehunt_ruleset(&rewritten, 0)).await.is_empty());
}

#[tokio::test]
async fn line_ends_and_white_space_around_do_not_make_other_rules() {
    let world = World::new();
    world.respond(
        200,
        &[],
        json!({"data": [{"id": "j-1", "attributes": {"rules": "\r\nrule a {\r\n  condition: true }\r\n"}}]})
            .to_string(),
    );
    let job = |rules: &str| NewRetrohuntJob { rules: rules.to_owned(), ..new_job() };
    for (rules, is_same) in [
        ("rule a {\n  condition: true }", true),
        ("rule a {   \n  condition: true }\n\n", true),
        ("rule a {\ncondition: true }", false),
        ("rule a {\n\n  condition: true }", false),
    ] {
        // Without a date it may be the one that is sought.
        let found = answered(world.connector.reconcile_retrohunt_job(&job(rules), 253_402_300_799)).await;
        assert_eq!(found.len(), usize::from(is_same), "{rules:?}");
    }
}

#[tokio::test]
async fn all_pages_are_looked_through() {
    let world = World::new();
    world.ruleset("first").await;
    world.simulator.advance_clock(1);
    for _ in 0..90 {
        world.ruleset("others").await;
    }
    world.simulator.clear_requests();
    assert_eq!(answered(world.connector.reconcile_livehunt_ruleset(&new_ruleset("first"), 0)).await.len(), 1);
    assert_eq!(arrived(&world).len(), 3);
    assert_eq!(answered(world.connector.reconcile_livehunt_ruleset(&new_ruleset("others"), 0)).await.len(), 90);
}

#[tokio::test]
async fn what_was_found_is_the_answer_whatever_happens_to_a_later_page() {
    let world = World::new();
    for _ in 0..50 {
        world.ruleset("others").await;
    }
    world.ruleset("newest").await;
    for action in [
        status(500, None),
        status(503, None),
        status(429, None),
        FaultAction::Quota,
        FaultAction::Reset,
        FaultAction::Truncate(30),
        FaultAction::Garbage(b"<html>".to_vec()),
    ] {
        world.simulator.faults().clear();
        world.simulator.faults().add(Fault::new(action.clone()).query("cursor="));
        let found = answered(world.connector.reconcile_livehunt_ruleset(&new_ruleset("newest"), 0)).await;
        assert_eq!(found.len(), 1, "{action:?}");
    }
}

#[tokio::test]
async fn an_account_with_thousands_of_jobs_costs_as_many_requests_as_it_has_new_ones() {
    let world = World::with(Options { monthly_retrohunt_quota: 100, ..Options::default() });
    for _ in 0..50 {
        world.job().await;
        // It ends: only so many may run at a time.
        world.simulator.advance_clock(500);
    }
    let since = world.simulator.now();
    let sought = NewRetrohuntJob { rules: EXAMPLE_VT_RULES.to_owned(), ..new_job() };
    answered(world.connector.create_retrohunt_job(&sought)).await;
    world.simulator.clear_requests();
    assert_eq!(answered(world.connector.reconcile_retrohunt_job(&sought, since)).await.len(), 1);
    assert_eq!(arrived(&world).len(), 1);
    assert!(answered(world.connector.reconcile_retrohunt_job(&sought, since + 1)).await.is_empty());
    assert_eq!(arrived(&world).len(), 1);
    // More than two thousand, none of which says when it was made: the first is the one.
    let one = |rules: &str| json!({"id": "j-1", "attributes": {"rules": rules}}).to_string();
    let mut objects = vec![one(EXAMPLE_VT_RULES)];
    objects.extend((0..2_000).map(|_| one("other")));
    world.respond(200, &[], format!(r#"{{"data":[{}]}}"#, objects.join(",")));
    assert_eq!(answered(world.connector.reconcile_retrohunt_job(&sought, since)).await.len(), 1);
}

#[tokio::test]
async fn half_a_list_is_no_answer() {
    let world = World::new();
    for _ in 0..50 {
        world.ruleset("others").await;
    }
    // The second page fails: "not found" may be acted on, and would be wrong.
    let fault = Fault::new(status(500, None)).query("cursor=");
    world.simulator.faults().add(fault);
    let error = refused(world.connector.reconcile_livehunt_ruleset(&new_ruleset("first"), 0)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::Unavailable, Some(500)));
}

#[tokio::test]
async fn more_than_two_thousand_are_not_decided() {
    let world = World::new();
    let objects: Vec<String> =
        (0..2001).map(|number| format!(r#"{{"id":"j-{number}","attributes":{{"rules":"other"}}}}"#)).collect();
    let page = |count: usize| format!(r#"{{"data":[{}]}}"#, objects[..count].join(","));
    world.respond(200, &[], page(2000));
    assert!(answered(world.connector.reconcile_retrohunt_job(&new_job(), 0)).await.is_empty());
    world.respond(200, &[], page(2001));
    let error = refused(world.connector.reconcile_retrohunt_job(&new_job(), 0)).await;
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::Other, "Undecided", false));
    assert!(error.message.contains("2000 jobs"), "{}", error.message);
}

#[tokio::test]
async fn what_virustotal_does_not_say_enough_of_leaves_it_undecided_unless_the_sought_is_found() {
    let world = World::new();
    let unread = r#"{"id":"j-1","error":{"code":"TransientError","message":"later"}}"#;
    world.respond(200, &[], format!(r#"{{"data":[{unread}]}}"#));
    let error = refused(world.connector.reconcile_retrohunt_job(&new_job(), 0)).await;
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::Other, "Undecided", false));
    let error = refused(world.connector.reconcile_livehunt_ruleset(&new_ruleset("any"), 0)).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Other, "Undecided"));
    let sought = json!({"id": "j-2", "attributes": {"rules": EXAMPLE_RULES}});
    world.respond(200, &[], format!(r#"{{"data":[{unread},{sought}]}}"#));
    let found = answered(world.connector.reconcile_retrohunt_job(&new_job(), 0)).await;
    assert_eq!(found.iter().map(|job| &*job.id).collect::<Vec<_>>(), ["j-2"]);
}

#[tokio::test]
async fn a_moment_in_milliseconds_is_refused_since_nothing_would_be_found_after_it() {
    let world = World::new();
    let error = refused(world.connector.reconcile_retrohunt_job(&new_job(), 1_760_000_000_000)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None));
    assert!(error.message.contains("`created-since`") && error.message.contains("milliseconds"), "{}", error.message);
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn without_rules_nothing_is_looked_for() {
    let world = World::new();
    let job = NewRetrohuntJob { rules: " ".to_owned(), ..new_job() };
    assert_eq!(refused(world.connector.reconcile_retrohunt_job(&job, 0)).await.kind, ErrorKind::InvalidArgument);
    let ruleset = NewRuleset { rules: String::new(), ..new_ruleset("any") };
    let error = refused(world.connector.reconcile_livehunt_ruleset(&ruleset, 0)).await;
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(world.simulator.requests().is_empty());
}
