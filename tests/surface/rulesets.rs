//! Deleting all rulesets: only with the user's own name beside it, and an operation tells when it is done.

use vt_hunting_host::livehunt::RulesetsQuery;
use vt_hunting_host::types::ErrorKind;

use super::{OTHER_KEY, api, assert_sent, only_request, with_colleague};
use crate::support::world::World;
use crate::support::{answered, refused};

async fn count(world: &World) -> usize {
    let page = answered(world.connector.get_livehunt_rulesets(&RulesetsQuery::default())).await;
    world.simulator.clear_requests();
    page.items.len()
}

async fn with_rulesets() -> World {
    let world = World::new();
    for name in ["one", "two", "three"] {
        world.ruleset(name).await;
    }
    world.simulator.clear_requests();
    world
}

#[tokio::test]
async fn with_the_users_name_all_rulesets_go_and_an_operation_tells_when() {
    let world = with_rulesets().await;
    let begun = answered(world.connector.delete_all_livehunt_rulesets(&world.simulator.user())).await;
    let request = only_request(&world);
    assert_eq!((&*request.method, request.path), ("DELETE", api("intelligence/hunting_rulesets")));
    assert_eq!((&*request.query, request.body.len()), ("", 0));
    let confirmed: Vec<_> = request.headers.iter().filter(|(name, _)| name == "x-confirm-delete").collect();
    assert_eq!(confirmed, [&("x-confirm-delete".to_owned(), b"night-shift_lab".to_vec())]);
    assert_eq!(count(&world).await, 0);

    assert_eq!((begun.status.as_deref(), begun.id.len()), (Some("running"), 32));
    let self_link = format!("https://www.virustotal.com/api/v3/operations/{}", begun.id);
    assert_eq!(begun.self_link.as_deref(), Some(&*self_link));
    assert_eq!(answered(world.connector.get_operation(&begun.id)).await, begun);
    assert_sent(&world, "GET", &format!("operations/{}", begun.id), "", "");
    world.simulator.advance_clock(5);
    let ended = answered(world.connector.get_operation(&begun.id)).await;
    assert_eq!((ended.id.as_str(), ended.status.as_deref()), (begun.id.as_str(), Some("finished")));
    let error = refused(world.connector.get_operation("0")).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::NotFound, "NotFoundError"));
}

#[tokio::test]
async fn with_another_users_name_virustotal_refuses_and_nothing_goes() {
    let (world, colleague, name) = with_colleague();
    world.ruleset("mine").await;
    world.simulator.clear_requests();
    let error = refused(world.connector.delete_all_livehunt_rulesets(&name)).await;
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::InvalidArgument, Some(400), false));
    assert_eq!(only_request(&world).header("x-confirm-delete"), Some(&*name));
    assert_eq!(count(&world).await, 1);
    // Who means the own ones gets rid of the own ones only.
    answered(colleague.delete_all_livehunt_rulesets(&name)).await;
    assert_eq!(only_request(&world).header("x-apikey"), Some(OTHER_KEY));
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn without_a_name_nothing_is_sent() {
    let world = with_rulesets().await;
    for name in ["", " ", "\t\r\n"] {
        let error = refused(world.connector.delete_all_livehunt_rulesets(name)).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::InvalidArgument, "ConfirmationMissing"), "{name:?}");
        assert_eq!((error.status, error.retryable), (None, false));
        assert!(error.message.contains("`confirm-user`") && error.message.contains("Nothing was sent"), "{error:?}");
    }
    for name in ["käse", "night\r\nx-apikey: mine", "a\0b", &"n".repeat(1025)] {
        let error = refused(world.connector.delete_all_livehunt_rulesets(name)).await;
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None), "{name:?}");
        assert!(error.message.contains("`confirm-user`"), "{}", error.message);
    }
    assert!(world.simulator.requests().is_empty());
    assert_eq!(count(&world).await, 3);
}

#[tokio::test]
async fn no_other_deletion_confirms_anything() {
    let world = with_rulesets().await;
    let page = answered(world.connector.get_livehunt_rulesets(&RulesetsQuery::default())).await;
    world.simulator.clear_requests();
    answered(world.connector.delete_livehunt_ruleset(&page.items[0].id)).await;
    answered(world.connector.delete_livehunt_notifications("everything")).await;
    answered(world.connector.delete_ioc_stream_objects("everything")).await;
    let requests = world.simulator.take_requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.header("x-confirm-delete").is_none()), "{requests:?}");
}
