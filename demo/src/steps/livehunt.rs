//! Livehunt: a rule that waits for new submissions, and what it caught.

use anyhow::{Context, ensure};
use virustotal_hunting_simulator::EXAMPLE_RULES;
use vt_hunting_host::livehunt::{
    MatchObjectType, NewRuleset, NotificationFilesQuery, NotificationsQuery, RulesetsQuery,
};

use super::text::{counted, or_dash, page, short};
use crate::actions::{CREATE_RULESET, DELETE_RULESET, GET_NOTIFICATION_FILES, GET_NOTIFICATIONS, GET_RULESETS};
use crate::story::Story;

/// What the ruleset is called.
const NAME: &str = "component demo";
/// The rule in [`EXAMPLE_RULES`].
pub(super) const RULE: &str = "Simulated_Loader";

/// Creates the ruleset that the rest of the story is about.
pub(crate) async fn create_ruleset(story: &mut Story) {
    story
        .act(&CREATE_RULESET, "", async |story, turn| {
            // A real account gets it switched off: a demonstration should not fill anybody's inbox.
            let enabled = story.service.simulator().is_some();
            turn.sent(format!("ruleset \"{NAME}\", enabled: {enabled}, at most 100 notifications a day, and the rule"));
            turn.sent(EXAMPLE_RULES.trim_end());
            let new = NewRuleset {
                name: NAME.to_owned(),
                rules: EXAMPLE_RULES.to_owned(),
                enabled: Some(enabled),
                limit: Some(100),
                notification_emails: Vec::new(),
                match_object_type: Some(MatchObjectType::File),
            };
            let ruleset = turn.call(story.hunting.create_livehunt_ruleset(&new)).await?;
            story.ruleset = Some(ruleset.id.clone());
            turn.came(format!(
                "ruleset {}, rules {}, enabled: {}, matches {}",
                ruleset.id,
                ruleset.rule_names.join(", "),
                ruleset.enabled.map_or("–", |enabled| if enabled { "true" } else { "false" }),
                or_dash(ruleset.match_object_type.as_ref()),
            ));
            ensure!(!ruleset.id.is_empty(), "the new ruleset has no id");
            ensure!(ruleset.name.as_deref() == Some(NAME), "the new ruleset is not called \"{NAME}\"");
            if story.service.simulator().is_some() {
                // A real service may lay the text out anew.
                ensure!(ruleset.rules.as_deref() == Some(EXAMPLE_RULES), "the rules came back changed");
            }
            ensure!(ruleset.enabled == Some(enabled), "`enabled` is not {enabled} as asked");
            Ok(format!("created {}", ruleset.id))
        })
        .await;
}

/// Lets samples arrive. Only a simulator can be told to.
pub(crate) fn advance_feed(story: &mut Story, samples: usize) {
    if let Some(simulator) = story.service.simulator() {
        let made = simulator.advance_feed(samples);
        story
            .report
            .aside(format!("{samples} samples arrive at the simulated service; the ruleset matches {made} of them"));
        story.expected_notifications = made;
    }
}

/// Lists the rulesets; ours has to be among them.
pub(crate) async fn list_rulesets(story: &mut Story) {
    story
        .act(&GET_RULESETS, "", async |story, turn| {
            turn.sent("the newest 10");
            let rulesets = turn.call(story.hunting.get_livehunt_rulesets(&newest())).await?;
            turn.came(page(rulesets.items.len(), "ruleset", &rulesets.page));
            for ruleset in rulesets.items.iter().take(3) {
                turn.came(format!(
                    "{}  \"{}\", rules {}",
                    short(&ruleset.id),
                    or_dash(ruleset.name.as_ref()),
                    ruleset.rule_names.join(", "),
                ));
            }
            if let Some(id) = &story.ruleset {
                ensure!(
                    rulesets.items.iter().any(|ruleset| ruleset.id == *id),
                    "the new ruleset {id} is not in the list"
                );
            }
            Ok(format!("{} listed", counted(rulesets.items.len(), "ruleset")))
        })
        .await;
}

/// Reads what the ruleset caught.
pub(crate) async fn notifications(story: &mut Story) {
    story
        .act(&GET_NOTIFICATIONS, "", async |story, turn| {
            turn.sent("the newest 10, counted up to 1000");
            let query = NotificationsQuery {
                limit: Some(10),
                filter: None,
                order: Some("date-".to_owned()),
                cursor: None,
                count_limit: Some(1000),
            };
            let notifications = turn.call(story.hunting.get_livehunt_notifications(&query)).await?;
            turn.came(page(notifications.items.len(), "notification", &notifications.page));
            for notification in notifications.items.iter().take(3) {
                turn.came(format!(
                    "{}  file {}",
                    or_dash(notification.rule_name.as_ref()),
                    notification.file_sha256.as_deref().map_or("–".to_owned(), short),
                ));
            }
            if story.service.simulator().is_some() {
                ensure!(!notifications.items.is_empty(), "samples matched, but no notification came");
                let of_the_rule = |name: &Option<String>| name.as_deref() == Some(RULE);
                for notification in &notifications.items {
                    ensure!(of_the_rule(&notification.rule_name), "{} is not of the rule {RULE}", notification.id);
                    ensure!(notification.file_sha256.is_some(), "{} names no file", notification.id);
                }
                let count =
                    notifications.page.count.context("the page does not say how many notifications there are")?;
                let expected = story.expected_notifications as u64;
                ensure!(count == expected, "{count} notifications are counted, {expected} were made");
            }
            Ok(format!("{} read", counted(notifications.items.len(), "notification")))
        })
        .await;
}

/// Reads the files behind the notifications.
pub(crate) async fn notification_files(story: &mut Story) {
    story
        .act(&GET_NOTIFICATION_FILES, "", async |story, turn| {
            let filter = story.service.simulator().map(|_| RULE.to_owned());
            turn.sent(match &filter {
                Some(tag) => format!("the newest 5 with the tag {tag}"),
                None => "the newest 5".to_owned(),
            });
            let query = NotificationFilesQuery { limit: Some(5), filter, cursor: None, count_limit: None };
            let files = turn.call(story.hunting.get_livehunt_notification_files(&query)).await?;
            turn.came(page(files.items.len(), "file", &files.page));
            for file in files.items.iter().take(3) {
                turn.came(format!(
                    "{}  {} bytes of JSON, by {} of \"{}\"",
                    short(&file.id),
                    file.json.len(),
                    or_dash(file.rule_name.as_ref()),
                    or_dash(file.ruleset_name.as_ref()),
                ));
            }
            if story.service.simulator().is_some() {
                ensure!(!files.items.is_empty(), "there are notifications, but no files");
                for file in &files.items {
                    ensure!(file.ruleset_id == story.ruleset, "file {} is not of the new ruleset", file.id);
                    ensure!(file.notification_id.is_some(), "file {} does not name its notification", file.id);
                    ensure!(file.json.contains(&file.id), "file {} came without its JSON", file.id);
                }
            }
            Ok(format!("{} read", counted(files.items.len(), "file")))
        })
        .await;
}

/// Deletes the ruleset and looks whether it is gone.
pub(crate) async fn delete_ruleset(story: &mut Story) {
    story
        .act(&DELETE_RULESET, "", async |story, turn| {
            let id = story.ruleset.clone().context("there is no ruleset to delete: creating it failed")?;
            turn.sent(format!("ruleset {id}"));
            turn.call(story.hunting.delete_livehunt_ruleset(&id)).await?;
            story.ruleset = None;
            turn.came("nothing, as it should");
            let left = turn.call(story.hunting.get_livehunt_rulesets(&newest())).await?;
            ensure!(left.items.iter().all(|ruleset| ruleset.id != id), "ruleset {id} is still in the list");
            turn.came(format!("gone: {} listed now, {id} is not among them", counted(left.items.len(), "ruleset")));
            Ok("deleted, gone from the list".to_owned())
        })
        .await;
}

fn newest() -> RulesetsQuery {
    RulesetsQuery { limit: Some(10), order: Some("creation_date-".to_owned()), ..Default::default() }
}
