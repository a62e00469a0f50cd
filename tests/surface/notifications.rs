//! Livehunt notifications one by one, and the files of one ruleset's.

use std::collections::BTreeSet;

use serde_json::Value;
use vt_hunting_host::livehunt::{NotificationsQuery, RulesetNotificationFilesQuery};
use vt_hunting_host::types::ErrorKind;

use super::assert_sent;
use crate::support::world::World;
use crate::support::{answered, refused};

#[tokio::test]
async fn a_notification_is_found_by_its_id_until_it_is_deleted() {
    let world = World::new();
    let ids = world.simulator.add_hunting_notifications(3);
    let listed = answered(world.connector.get_livehunt_notifications(&NotificationsQuery::default())).await;
    world.simulator.clear_requests();
    let path = format!("intelligence/hunting_notifications/{}", ids[1]);

    let one = answered(world.connector.get_livehunt_notification(&ids[1])).await;
    assert_sent(&world, "GET", &path, "", "");
    assert_eq!(Some(&one), listed.items.iter().find(|item| item.id == ids[1]), "as it stands in the list");
    answered(world.connector.delete_livehunt_notification(&ids[1])).await;
    assert_sent(&world, "DELETE", &path, "", "");
    let left: Vec<String> = world.simulator.hunting_notification_ids().into_iter().map(|(id, _)| id).collect();
    assert_eq!(left, [ids[0].clone(), ids[2].clone()]);
    assert_eq!(refused(world.connector.get_livehunt_notification(&ids[1])).await.kind, ErrorKind::NotFound);
    assert_eq!(refused(world.connector.delete_livehunt_notification(&ids[1])).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn the_files_of_one_ruleset_come_whole_or_as_descriptors() {
    let world = World::new();
    // What another ruleset notified about is not among them.
    world.simulator.add_hunting_notifications(4);
    let ruleset = world.ruleset("Loaders").await;
    let made: BTreeSet<String> = world.simulator.add_hunting_notifications(3).into_iter().collect();
    world.simulator.clear_requests();
    let base = format!("intelligence/hunting_rulesets/{}", ruleset.id);
    for (asked, path, is_whole) in [
        (None, format!("{base}/hunting_notification_files"), true),
        (Some(false), format!("{base}/hunting_notification_files"), true),
        (Some(true), format!("{base}/relationships/hunting_notification_files"), false),
    ] {
        let query = RulesetNotificationFilesQuery { limit: Some(7), descriptors_only: asked, cursor: None };
        let page = answered(world.connector.get_livehunt_ruleset_notification_files(&ruleset.id, &query)).await;
        assert_sent(&world, "GET", &path, "limit=7", "");
        let ids: BTreeSet<String> = page.items.iter().filter_map(|file| file.notification_id.clone()).collect();
        assert_eq!((ids, page.page.count), (made.clone(), Some(3)));
        for file in &page.items {
            assert_eq!(file.ruleset_id.as_deref(), Some(&*ruleset.id));
            assert_eq!(file.ruleset_name.as_deref(), Some("Loaders"));
            assert!(file.notification_tags.contains(&file.id), "{file:?}");
            let object: Value = serde_json::from_str(&file.json).expect("JSON");
            assert_eq!(object.get("attributes").is_some(), is_whole, "{}", file.json);
        }
    }
    let none = RulesetNotificationFilesQuery::default();
    let error = refused(world.connector.get_livehunt_ruleset_notification_files("0", &none)).await;
    assert_eq!(error.kind, ErrorKind::NotFound);
}
