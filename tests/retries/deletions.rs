//! Deleting one thing may be repeated: whoever finds it gone, after an attempt whose answer got lost, has deleted it.

use virustotal_hunting_simulator::{Fault, FaultAction};
use vt_hunting_host::Connector;
use vt_hunting_host::livehunt::{EditorType, RulesetEditor};
use vt_hunting_host::types::ErrorKind;

use super::{fails, instance, patient, status};
use crate::support::world::World;
use crate::support::{answered, refused, within};

#[tokio::test]
async fn each_deletion_of_one_thing_succeeds_although_its_answer_got_lost() {
    let world = World::new();
    let job = world.job().await.id;
    world.simulator.advance_clock(500);
    let ruleset = world.ruleset("gone").await.id;
    let notification = world.simulator.add_hunting_notifications(1).remove(0);
    let entry = world.simulator.stream_notification_ids().remove(0).0;
    let group = [RulesetEditor { editor_type: EditorType::Group, id: "simulated-lab".to_owned() }];
    answered(world.connector.add_livehunt_ruleset_editors(&ruleset, &group)).await;

    let lost = async |what: usize, tenant: &Connector| match what {
        0 => tenant.delete_retrohunt_job(&job).await,
        1 => tenant.delete_livehunt_notification(&notification).await,
        2 => tenant.delete_ioc_stream_notification(&entry).await,
        3 => tenant.remove_livehunt_ruleset_editor(&ruleset, "simulated-lab").await,
        _ => tenant.delete_livehunt_ruleset(&ruleset).await,
    };
    for what in 0..5 {
        fails(&world, FaultAction::ResetAfter, 1);
        answered(lost(what, &patient(&world, 2))).await;
        let requests = world.simulator.take_requests();
        let told: Vec<_> = requests.iter().map(|request| (&*request.method, request.status)).collect();
        assert_eq!(told, [("DELETE", 0), ("DELETE", 404)], "{what}");
        // It is gone, and whoever says so without having lost an answer is told that it was not there.
        assert_eq!(refused(lost(what, &patient(&world, 2))).await.kind, ErrorKind::NotFound, "{what}");
    }
}

#[tokio::test]
async fn the_last_answer_of_such_a_deletion_is_the_one_that_came() {
    let world = World::new();
    let id = world.ruleset("gone").await.id;
    fails(&world, FaultAction::ResetAfter, 1);
    let mut instance = instance(&patient(&world, 1)).await;
    answered(instance.delete_livehunt_ruleset(&id)).await;
    let info = within(instance.last_response()).await.expect("an answer");
    assert_eq!((info.status_code, info.attempts), (404, 2));
}

#[tokio::test]
async fn a_deletion_that_took_virustotal_too_long_and_then_finds_nothing_was_done() {
    let world = World::new();
    let id = world.ruleset("gone").await.id;
    fails(&world, status(504, None), 1);
    world.simulator.faults().add(Fault::new(status(404, None)).times(1));
    answered(patient(&world, 1).delete_livehunt_ruleset(&id)).await;
    assert_eq!(world.simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_deletion_that_was_refused_before_and_then_finds_nothing_did_not_do_it() {
    let world = World::new();
    let id = world.ruleset("there").await.id;
    // 503 is an answer: it was not carried out. That it is gone by then is somebody else's doing.
    world.simulator.clear_requests();
    world.simulator.faults().add(Fault::new(status(503, None)).times(1));
    world.simulator.faults().add(Fault::new(status(404, None)).times(1));
    let error = refused(patient(&world, 2).delete_livehunt_ruleset(&id)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    assert_eq!(world.simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_deletion_that_did_not_arrive_is_repeated_and_done() {
    let world = World::new();
    for action in [FaultAction::Reset, status(503, None), status(504, Some("0"))] {
        world.simulator.faults().clear();
        let id = world.ruleset("gone").await.id;
        fails(&world, action.clone(), 1);
        answered(patient(&world, 1).delete_livehunt_ruleset(&id)).await;
        assert_eq!(world.simulator.requests().len(), 2, "{action:?}");
        assert_eq!(refused(world.connector.get_livehunt_ruleset(&id)).await.kind, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn without_retries_a_lost_answer_is_an_error() {
    let world = World::new();
    let id = world.ruleset("gone").await.id;
    fails(&world, FaultAction::ResetAfter, 1);
    let error = refused(patient(&world, 0).delete_livehunt_ruleset(&id)).await;
    assert_eq!((error.kind, error.retryable), (ErrorKind::Transport, true));
    assert_eq!(world.simulator.requests().len(), 1);
}
