//! Who else may edit a ruleset, and whose it is.

use vt_hunting_host::livehunt::{EditorType, RulesetChanges, RulesetEditor};
use vt_hunting_host::types::ErrorKind;

use super::{GROUP, assert_sent, with_colleague};
use crate::support::world::World;
use crate::support::{answered, refused};

fn user(id: &str) -> RulesetEditor {
    RulesetEditor { editor_type: EditorType::User, id: id.to_owned() }
}

fn group(id: &str) -> RulesetEditor {
    RulesetEditor { editor_type: EditorType::Group, id: id.to_owned() }
}

async fn shared(world: &World) -> (String, String) {
    let id = world.ruleset("shared").await.id;
    world.simulator.clear_requests();
    let editors = format!("intelligence/hunting_rulesets/{id}/relationships/editors");
    (id, editors)
}

#[tokio::test]
async fn an_editor_is_added_checked_and_removed() {
    let (world, colleague, name) = with_colleague();
    let (id, editors) = shared(&world).await;
    let mine = &world.connector;
    assert_eq!(refused(colleague.get_livehunt_ruleset(&id)).await.kind, ErrorKind::NotFound);
    world.simulator.clear_requests();

    assert!(!answered(mine.check_livehunt_ruleset_editor(&id, &name)).await);
    assert_sent(&world, "GET", &format!("{editors}/{name}"), "", "");
    answered(mine.add_livehunt_ruleset_editors(&id, &[user(&name), group(GROUP)])).await;
    let body = format!(r#"{{"data":[{{"type":"user","id":"{name}"}},{{"type":"group","id":"{GROUP}"}}]}}"#);
    assert_sent(&world, "POST", &editors, "", &body);
    assert!(answered(mine.check_livehunt_ruleset_editor(&id, &name)).await);
    assert!(answered(mine.check_livehunt_ruleset_editor(&id, GROUP)).await);
    assert_eq!(answered(colleague.get_livehunt_ruleset(&id)).await.name.as_deref(), Some("shared"));
    let off = RulesetChanges { enabled: Some(false), ..Default::default() };
    assert_eq!(answered(colleague.update_livehunt_ruleset(&id, &off)).await.enabled, Some(false));
    // To edit is not to own.
    assert_eq!(refused(colleague.delete_livehunt_ruleset(&id)).await.kind, ErrorKind::Forbidden);
    world.simulator.clear_requests();

    answered(mine.remove_livehunt_ruleset_editor(&id, &name)).await;
    assert_sent(&world, "DELETE", &format!("{editors}/{name}"), "", "");
    assert!(!answered(mine.check_livehunt_ruleset_editor(&id, &name)).await);
    // Still in the group.
    answered(colleague.get_livehunt_ruleset(&id)).await;
    answered(mine.remove_livehunt_ruleset_editor(&id, GROUP)).await;
    assert_eq!(refused(colleague.get_livehunt_ruleset(&id)).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn who_is_an_editor_already_is_a_conflict_and_who_is_none_cannot_be_removed() {
    let (world, _, name) = with_colleague();
    let (id, _) = shared(&world).await;
    let mine = &world.connector;
    answered(mine.add_livehunt_ruleset_editors(&id, &[user(&name)])).await;
    let error = refused(mine.add_livehunt_ruleset_editors(&id, &[user(&name)])).await;
    assert_eq!((error.kind, &*error.code, error.status), (ErrorKind::Conflict, "AlreadyExistsError", Some(409)));
    assert_eq!(refused(mine.remove_livehunt_ruleset_editor(&id, GROUP)).await.kind, ErrorKind::NotFound);
    let error = refused(mine.add_livehunt_ruleset_editors(&id, &[user("nobody of that name")])).await;
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn no_editors_and_no_name_are_refused_before_anything_is_sent() {
    let (world, _, name) = with_colleague();
    let (id, _) = shared(&world).await;
    let mine = &world.connector;
    let errors = [
        refused(mine.add_livehunt_ruleset_editors(&id, &[])).await,
        refused(mine.add_livehunt_ruleset_editors(&id, &[user(&name), user("")])).await,
        refused(mine.add_livehunt_ruleset_editors("", &[user(&name)])).await,
        refused(mine.check_livehunt_ruleset_editor(&id, " ")).await,
        refused(mine.remove_livehunt_ruleset_editor(&id, "..")).await,
        refused(mine.transfer_livehunt_ruleset(&id, "")).await,
    ];
    for error in errors {
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None), "{error:?}");
    }
    assert!(world.simulator.requests().is_empty());
}

#[tokio::test]
async fn a_hundred_editors_go_in_one_request_in_their_order() {
    let (world, _, _) = with_colleague();
    let (id, editors) = shared(&world).await;
    world.respond(200, &[], "{}");
    let all: Vec<RulesetEditor> = (0..100)
        .map(|number| if number % 3 == 0 { group(&format!("g{number} \"ü\"")) } else { user(&format!("u{number}")) })
        .collect();
    answered(world.connector.add_livehunt_ruleset_editors(&id, &all)).await;
    let each: Vec<String> = (0..100)
        .map(|number| match number % 3 {
            0 => format!(r#"{{"type":"group","id":"g{number} \"ü\""}}"#),
            _ => format!(r#"{{"type":"user","id":"u{number}"}}"#),
        })
        .collect();
    assert_sent(&world, "POST", &editors, "", &format!(r#"{{"data":[{}]}}"#, each.join(",")));
}

#[tokio::test]
async fn a_ruleset_changes_hands_and_only_its_new_owner_gives_it_back() {
    let (world, colleague, name) = with_colleague();
    let (id, _) = shared(&world).await;
    let mine = &world.connector;
    answered(mine.transfer_livehunt_ruleset(&id, &name)).await;
    let body = format!(r#"{{"data":{{"type":"user","id":"{name}"}}}}"#);
    assert_sent(&world, "POST", &format!("intelligence/hunting_rulesets/{id}/relationships/owner"), "", &body);
    assert_eq!(refused(mine.get_livehunt_ruleset(&id)).await.kind, ErrorKind::NotFound);
    assert_eq!(refused(mine.transfer_livehunt_ruleset(&id, &name)).await.kind, ErrorKind::NotFound);
    assert_eq!(answered(colleague.get_livehunt_ruleset(&id)).await.id, id);
    answered(colleague.transfer_livehunt_ruleset(&id, &world.simulator.user())).await;
    answered(mine.get_livehunt_ruleset(&id)).await;
}
