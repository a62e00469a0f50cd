//! What creates, changes or starts something is sent once, whatever becomes of it.

use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::Settings;
use vt_hunting_host::livehunt::{EditorType, RulesetChanges, RulesetEditor, RulesetsQuery};
use vt_hunting_host::retrohunt::RetrohuntJobsQuery;
use vt_hunting_host::types::{Error, ErrorKind};

use super::{arrived, fails, passing, patient, status};
use crate::support::raw_server::RawServer;
use crate::support::world::{World, connector, new_job, new_ruleset, settings};
use crate::support::{answered, refused};

fn everything() -> Vec<FaultAction> {
    let mut all = passing();
    all.extend([status(500, Some("0")), FaultAction::Quota, FaultAction::Garbage(b"<html>".to_vec())]);
    all
}

/// The request may have been carried out: it must not be sent again, and this says what to ask first.
fn is_open(action: &FaultAction) -> bool {
    !matches!(action, FaultAction::RateLimit { .. } | FaultAction::HtmlEdge | FaultAction::Quota)
}

fn assert_told(error: &Error, action: &FaultAction, ask: &str) {
    let is_quota = matches!(action, FaultAction::Quota);
    assert_eq!(error.retryable, !is_open(action) && !is_quota, "{action:?}: {error:?}");
    assert_eq!(error.message.contains("may have taken effect"), is_open(action), "{action:?}: {}", error.message);
    assert_eq!(error.message.contains(ask), is_open(action), "{action:?}: {}", error.message);
    assert!(!error.message.contains("tried"), "{}", error.message);
}

#[tokio::test]
async fn a_job_is_created_by_one_request_whatever_becomes_of_it() {
    let world = World::new();
    for action in everything() {
        fails(&world, action.clone(), 9);
        let error = refused(patient(&world, 2).create_retrohunt_job(&new_job())).await;
        assert_told(&error, &action, "`reconcile-retrohunt-job`");
        assert_eq!(
            arrived(&world),
            [("POST".to_owned(), "/api/v3/intelligence/retrohunt_jobs".to_owned())],
            "{action:?}"
        );
    }
    world.simulator.faults().clear();
    let jobs = answered(world.connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    // Those that were carried out: where the connection broke afterwards, and where half of the answer came.
    assert_eq!(jobs.items.len(), 2);
}

#[tokio::test]
async fn a_ruleset_is_created_by_one_request_whatever_becomes_of_it() {
    let world = World::new();
    for action in everything() {
        fails(&world, action.clone(), 9);
        let error = refused(patient(&world, 2).create_livehunt_ruleset(&new_ruleset("one"))).await;
        assert_told(&error, &action, "`reconcile-livehunt-ruleset`");
        assert_eq!(arrived(&world).len(), 1, "{action:?}");
    }
    world.simulator.faults().clear();
    let rulesets = answered(world.connector.get_livehunt_rulesets(&RulesetsQuery::default())).await;
    assert_eq!(rulesets.items.len(), 2);
}

#[tokio::test]
async fn a_job_is_aborted_by_one_request_whatever_becomes_of_it() {
    let world = World::new();
    for action in everything() {
        world.simulator.faults().clear();
        let id = world.job().await.id;
        fails(&world, action.clone(), 9);
        let error = refused(patient(&world, 2).abort_retrohunt_job(&id)).await;
        assert_told(&error, &action, "`get-retrohunt-job`");
        assert_eq!(arrived(&world).len(), 1, "{action:?}");
        world.simulator.advance_clock(500);
    }
}

#[tokio::test]
async fn changes_and_deletions_of_many_are_sent_once() {
    let world = World::new();
    let id = world.ruleset("one").await.id;
    let tenant = patient(&world, 2);
    let changes = RulesetChanges { enabled: Some(false), ..Default::default() };
    let editor = [RulesetEditor { editor_type: EditorType::Group, id: "simulated-lab".to_owned() }];
    for action in [status(503, Some("0")), FaultAction::Reset, FaultAction::RateLimit { retry_after: None }] {
        fails(&world, action.clone(), 9);
        let errors = [
            refused(tenant.update_livehunt_ruleset(&id, &changes)).await,
            refused(tenant.add_livehunt_ruleset_editors(&id, &editor)).await,
            refused(tenant.transfer_livehunt_ruleset(&id, "ann")).await,
            refused(tenant.delete_all_livehunt_rulesets("ann")).await,
            refused(tenant.delete_livehunt_notifications("everything")).await,
            refused(tenant.delete_ioc_stream_objects("everything")).await,
        ];
        for error in errors {
            assert_told(&error, &action, "before sending it again");
        }
        let methods: Vec<String> = arrived(&world).into_iter().map(|(method, _)| method).collect();
        assert_eq!(methods, ["PATCH", "POST", "POST", "DELETE", "DELETE", "DELETE"], "{action:?}");
    }
}

#[tokio::test]
async fn nobody_is_there_and_nothing_was_sent_so_it_is_tried_again_and_may_be_once_more() {
    let deaf = RawServer::deaf("http");
    let tenant = connector(Settings { retries: 2, ..settings(deaf.url()) });
    let error = refused(tenant.create_retrohunt_job(&new_job())).await;
    assert_eq!((error.kind, &*error.code, error.retryable), (ErrorKind::Transport, "ConnectionRefused", true));
    assert!(
        error.message.contains("Nothing was sent.") && error.message.ends_with("It was tried 3 times."),
        "{error:?}"
    );
    assert!(!error.message.contains("may have taken effect"), "{}", error.message);
}
