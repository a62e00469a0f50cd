//! Who else may edit a ruleset, and whose it is.

use vt_hunting_host::livehunt::{
    Descriptor, EditorType, RulesetChanges, RulesetEditor, RulesetEditorsQuery, RulesetRelationship, RulesetsQuery,
};
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
async fn editors_are_listed_page_by_page_and_the_owner_is_named() {
    let (world, colleague, name) = with_colleague();
    let (id, editors) = shared(&world).await;
    let mine = &world.connector;
    let owner = world.simulator.user();
    let query = RulesetEditorsQuery { limit: Some(1), cursor: None };
    assert_eq!(answered(mine.get_livehunt_ruleset_editors(&id, &query)).await.items, []);
    answered(mine.add_livehunt_ruleset_editors(&id, &[user(&name), group(GROUP)])).await;
    world.simulator.clear_requests();

    let first = answered(mine.get_livehunt_ruleset_editors(&id, &query)).await;
    assert_sent(&world, "GET", &editors, "limit=1", "");
    let (found, count) = (&first.items[0], first.page.count);
    assert_eq!((&*found.object_type, &*found.id, &found.error, count), ("user", &*name, &None, Some(2)));
    assert_eq!(found.json, format!(r#"{{"type":"user","id":"{name}"}}"#));
    let query = RulesetEditorsQuery { limit: None, cursor: first.page.cursor };
    let rest = answered(mine.get_livehunt_ruleset_editors(&id, &query)).await;
    assert_eq!((&*rest.items[0].object_type, &*rest.items[0].id, rest.items.len()), ("group", GROUP, 1));
    world.simulator.clear_requests();

    let found = answered(mine.get_livehunt_ruleset_owner(&id)).await;
    assert_sent(&world, "GET", &format!("intelligence/hunting_rulesets/{id}/relationships/owner"), "", "");
    assert_eq!((&*found.object_type, &*found.id), ("user", &*owner));
    // An editor sees them as well; a stranger does not.
    assert_eq!(answered(colleague.get_livehunt_ruleset_owner(&id)).await.id, owner);
    answered(mine.remove_livehunt_ruleset_editor(&id, &name)).await;
    answered(mine.remove_livehunt_ruleset_editor(&id, GROUP)).await;
    let query = RulesetEditorsQuery::default();
    assert_eq!(refused(colleague.get_livehunt_ruleset_editors(&id, &query)).await.kind, ErrorKind::NotFound);
    assert_eq!(refused(colleague.get_livehunt_ruleset_owner(&id)).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_list_comes_with_owner_and_editors_where_they_are_asked_for() {
    let (world, _, name) = with_colleague();
    let (id, _) = shared(&world).await;
    let mine = &world.connector;
    answered(mine.add_livehunt_ruleset_editors(&id, &[group(GROUP), user(&name)])).await;
    world.simulator.clear_requests();
    let names = |found: &Descriptor| format!("{} {}", found.object_type, found.id);
    let owner = Some(format!("user {}", world.simulator.user()));
    let editors = Some(vec![format!("group {GROUP}"), format!("user {name}")]);
    for (asked, sent, owner, editors) in [
        (None, "", None, None),
        (Some(vec![]), "", None, None),
        (Some(vec![RulesetRelationship::Owner]), "relationships=owner", owner.clone(), None),
        (
            Some(vec![RulesetRelationship::Editors, RulesetRelationship::Owner]),
            "relationships=owner%2Ceditors",
            owner,
            editors,
        ),
    ] {
        let query = RulesetsQuery { relationships: asked, ..Default::default() };
        let ruleset = answered(mine.get_livehunt_rulesets(&query)).await.items.remove(0);
        assert_sent(&world, "GET", "intelligence/hunting_rulesets", sent, "");
        assert_eq!(ruleset.owner.as_ref().map(names), owner, "{sent}");
        let found = ruleset.editors.map(|found| found.iter().map(names).collect::<Vec<_>>());
        assert_eq!(found, editors, "{sent}");
    }
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
        refused(mine.get_livehunt_ruleset_editors("", &RulesetEditorsQuery::default())).await,
        refused(mine.get_livehunt_ruleset_editors(&id, &RulesetEditorsQuery { limit: Some(0), cursor: None })).await,
        refused(mine.get_livehunt_ruleset_owner("..")).await,
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
