//! Deleting many things at once: only what clearly says what to delete is sent.

use vt_hunting_host::types::ErrorKind;

use super::{api, assert_sent, only_request};
use crate::support::world::World;
use crate::support::{answered, refused};

fn notifications(world: &World) -> Vec<String> {
    world.simulator.hunting_notification_ids().into_iter().map(|(id, _)| id).collect()
}

fn stream(world: &World) -> Vec<String> {
    world.simulator.stream_notification_ids().into_iter().map(|(id, _)| id).collect()
}

#[tokio::test]
async fn notifications_are_deleted_by_their_tag() {
    let world = World::new();
    let old = world.simulator.add_hunting_notifications(2);
    world.ruleset("Loaders & Co").await;
    world.simulator.add_hunting_notifications(3);
    world.simulator.clear_requests();
    answered(world.connector.delete_livehunt_notifications("tag:loaders & co")).await;
    assert_sent(&world, "DELETE", "intelligence/hunting_notifications", "tag=loaders%20%26%20co", "");
    assert_eq!(notifications(&world), old);
    answered(world.connector.delete_livehunt_notifications(" tag: nothing-of-the-kind ")).await;
    assert_sent(&world, "DELETE", "intelligence/hunting_notifications", "tag=nothing-of-the-kind", "");
    assert_eq!(notifications(&world), old);
}

#[tokio::test]
async fn all_notifications_are_deleted_where_everything_is_said() {
    let world = World::new();
    world.simulator.add_hunting_notifications(5);
    answered(world.connector.delete_livehunt_notifications("everything")).await;
    assert_sent(&world, "DELETE", "intelligence/hunting_notifications", "", "");
    assert!(notifications(&world).is_empty());
}

#[tokio::test]
async fn notifications_stay_where_it_is_not_clear_which_are_meant() {
    let world = World::new();
    let all = world.simulator.add_hunting_notifications(5);
    for selection in ["", " ", "Everything", "EVERYTHING", "everything!", "all", "tag:", "tag: ", "loaders", "*", "tag"]
    {
        let error = refused(world.connector.delete_livehunt_notifications(selection)).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::InvalidArgument, "ConfirmationMissing"), "{selection:?}");
        assert_eq!((error.status, error.retryable), (None, false));
        assert!(error.message.contains("`selection`") && error.message.contains("Nothing was sent"), "{error:?}");
    }
    assert!(world.simulator.requests().is_empty());
    assert_eq!(notifications(&world), all);
}

#[tokio::test]
async fn one_notification_of_the_stream_is_deleted_by_its_id() {
    let world = World::new();
    let before = stream(&world);
    answered(world.connector.delete_ioc_stream_notification(&before[3])).await;
    assert_sent(&world, "DELETE", &format!("ioc_stream_notifications/{}", before[3]), "", "");
    let mut left = before.clone();
    let gone = left.remove(3);
    assert_eq!(stream(&world), left);
    let error = refused(world.connector.delete_ioc_stream_notification(&gone)).await;
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
}

#[tokio::test]
async fn objects_of_the_stream_are_deleted_by_a_filter_after_a_while_and_one_deletion_at_a_time() {
    let world = World::new();
    let before = stream(&world);
    answered(world.connector.delete_ioc_stream_objects("origin:hunting entity_type:file")).await;
    assert_sent(&world, "DELETE", "ioc_stream", "filter=origin%3Ahunting%20entity_type%3Afile", "");
    assert_eq!(stream(&world), before, "not yet");
    let error = refused(world.connector.delete_ioc_stream_objects("everything")).await;
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::RateLimited, Some(429), true));
    world.simulator.advance_clock(5);
    let left = stream(&world);
    assert!(!left.is_empty() && left.len() < before.len(), "{} of {}", left.len(), before.len());

    world.simulator.clear_requests();
    answered(world.connector.delete_ioc_stream_objects("everything")).await;
    let request = only_request(&world);
    assert_eq!((request.path, &*request.query, request.status), (api("ioc_stream"), "", 202));
    world.simulator.advance_clock(5);
    assert!(stream(&world).is_empty());
}

#[tokio::test]
async fn a_filters_value_may_be_quoted_and_have_spaces_in_it() {
    let world = World::new();
    let before = stream(&world);
    answered(world.connector.delete_ioc_stream_objects("notification_tag:\"retired ruleset\" origin:hunting")).await;
    let sent = "filter=notification_tag%3A%22retired%20ruleset%22%20origin%3Ahunting";
    assert_sent(&world, "DELETE", "ioc_stream", sent, "");
    world.simulator.advance_clock(5);
    let left = stream(&world);
    assert!(!left.is_empty() && left.len() < before.len(), "{} of {}", left.len(), before.len());
}

#[tokio::test]
async fn the_stream_stays_where_it_is_not_clear_what_is_meant() {
    let world = World::new();
    let before = stream(&world);
    for selection in [
        "",
        " ",
        "Everything",
        "everything?",
        "all",
        "origin:",
        "origin: ",
        ":hunting",
        "Origin:x",
        "*",
        // VirusTotal would leave out what it does not know, and delete more than was said.
        "orign:hunting",
        "origin:hunting everything",
        "origin:hunting entity_tipe:file",
        "notification_tag:\"retired",
    ] {
        let error = refused(world.connector.delete_ioc_stream_objects(selection)).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::InvalidArgument, "ConfirmationMissing"), "{selection:?}");
        assert!(error.message.contains("`selection`") && error.message.contains("Nothing was sent"), "{error:?}");
    }
    assert!(world.simulator.requests().is_empty());
    // A value that VirusTotal does not know is VirusTotal's to refuse.
    let error = refused(world.connector.delete_ioc_stream_objects("origin:nowhere")).await;
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, Some(400)));
    world.simulator.advance_clock(5);
    assert_eq!(stream(&world), before);
}
