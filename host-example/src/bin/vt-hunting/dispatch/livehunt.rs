//! The calls of `vt-hunting livehunt`.

use vt_hunting_host::{CallError, Instance, livehunt as contract, types::PollBudget};

use super::{Call, Work, done, found, objects, one, page, page_since};
use crate::{
    actions::{self, Action},
    args::{
        livehunt::{IfExists, Livehunt},
        page::Since,
    },
    failure::Failure,
    follow::{Feed, Follow},
    output::{Answer, Batch},
    suggest,
};

/// A call, complete.
pub(crate) enum LivehuntCall {
    Rulesets(contract::RulesetsQuery, Since),
    Ruleset(String),
    CreateRuleset(contract::NewRuleset, IfExists),
    ReconcileRuleset(contract::NewRuleset, u64),
    UpdateRuleset(String, contract::RulesetChanges),
    DeleteRuleset(String),
    DeleteAllRulesets(String),
    AddEditors(String, Vec<contract::RulesetEditor>),
    Editors(String, contract::RulesetEditorsQuery),
    Owner(String),
    CheckEditor(String, String),
    RemoveEditor(String, String),
    TransferRuleset(String, String),
    RulesetFiles(String, contract::RulesetNotificationFilesQuery, Since),
    Notifications(contract::NotificationsQuery),
    Notification(String),
    NotificationFiles(contract::NotificationFilesQuery, Since),
    Poll(Option<String>, contract::NotificationsPoll, PollBudget),
    DeleteNotification(String),
    DeleteNotifications(String),
}

impl TryFrom<Livehunt> for Work {
    type Error = Failure;

    fn try_from(command: Livehunt) -> Result<Self, Failure> {
        let call = match command {
            Livehunt::Rulesets(args) => {
                let (query, since) = args.try_into()?;
                LivehuntCall::Rulesets(query, since)
            }
            Livehunt::Ruleset(args) => LivehuntCall::Ruleset(args.id),
            Livehunt::CreateRuleset(args) => {
                let if_exists = args.if_exists;
                LivehuntCall::CreateRuleset((*args).try_into()?, if_exists)
            }
            Livehunt::ReconcileRuleset(args) => {
                LivehuntCall::ReconcileRuleset(args.ruleset.try_into()?, args.created_since)
            }
            Livehunt::UpdateRuleset(args) => {
                let (id, changes) = (*args).try_into()?;
                LivehuntCall::UpdateRuleset(id, changes)
            }
            Livehunt::DeleteRuleset(args) => LivehuntCall::DeleteRuleset(args.id),
            Livehunt::DeleteAllRulesets(args) => LivehuntCall::DeleteAllRulesets(args.confirm_user),
            Livehunt::AddEditors(args) => {
                let (id, editors) = args.into();
                LivehuntCall::AddEditors(id, editors)
            }
            Livehunt::Editors(args) => {
                let (id, query) = args.into();
                LivehuntCall::Editors(id, query)
            }
            Livehunt::Owner(args) => LivehuntCall::Owner(args.id),
            Livehunt::CheckEditor(args) => LivehuntCall::CheckEditor(args.id, args.editor),
            Livehunt::RemoveEditor(args) => LivehuntCall::RemoveEditor(args.id, args.editor),
            Livehunt::TransferRuleset(args) => LivehuntCall::TransferRuleset(args.id, args.user),
            Livehunt::RulesetNotificationFiles(args) => {
                let (id, query, since) = args.into();
                LivehuntCall::RulesetFiles(id, query, since)
            }
            Livehunt::Notifications(args) => LivehuntCall::Notifications(args.try_into()?),
            Livehunt::Notification(args) => LivehuntCall::Notification(args.id),
            Livehunt::NotificationFiles(args) => {
                let (query, since) = args.into();
                LivehuntCall::NotificationFiles(query, since)
            }
            Livehunt::Follow(args) => {
                let (args, poll) = args.split()?;
                return Ok(Work::Follow(Box::new(Follow { args, feed: Feed::Notifications(poll) })));
            }
            Livehunt::Poll(args) => {
                let (checkpoint, poll, budget) = args.try_into()?;
                LivehuntCall::Poll(checkpoint, poll, budget)
            }
            Livehunt::DeleteNotification(args) => LivehuntCall::DeleteNotification(args.id),
            Livehunt::DeleteNotifications(args) => LivehuntCall::DeleteNotifications(args.selection()),
        };
        Ok(Work::Call(Call::Livehunt(call)))
    }
}

impl LivehuntCall {
    pub(super) fn action(&self) -> &'static Action {
        match self {
            Self::Rulesets(..) => &actions::RULESETS,
            Self::Ruleset(_) => &actions::RULESET,
            Self::CreateRuleset(..) => &actions::CREATE_RULESET,
            Self::ReconcileRuleset(..) => &actions::RECONCILE_RULESET,
            Self::UpdateRuleset(..) => &actions::UPDATE_RULESET,
            Self::DeleteRuleset(_) => &actions::DELETE_RULESET,
            Self::DeleteAllRulesets(_) => &actions::DELETE_ALL_RULESETS,
            Self::AddEditors(..) => &actions::ADD_EDITORS,
            Self::Editors(..) => &actions::EDITORS,
            Self::Owner(_) => &actions::OWNER,
            Self::CheckEditor(..) => &actions::CHECK_EDITOR,
            Self::RemoveEditor(..) => &actions::REMOVE_EDITOR,
            Self::TransferRuleset(..) => &actions::TRANSFER_RULESET,
            Self::RulesetFiles(..) => &actions::RULESET_FILES,
            Self::Notifications(_) => &actions::NOTIFICATIONS,
            Self::Notification(_) => &actions::NOTIFICATION,
            Self::NotificationFiles(..) => &actions::NOTIFICATION_FILES,
            Self::Poll(..) => &actions::POLL_NOTIFICATIONS,
            Self::DeleteNotification(_) => &actions::DELETE_NOTIFICATION,
            Self::DeleteNotifications(_) => &actions::DELETE_NOTIFICATIONS,
        }
    }

    pub(super) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        Ok(match self {
            Self::Rulesets(query, since) => {
                let answer = hunting.get_livehunt_rulesets(query).await?;
                page_since("rulesets", answer.items, answer.page, *since, |ruleset| ruleset.modification_date)
            }
            Self::Ruleset(id) => one(hunting.get_livehunt_ruleset(id).await?, None),
            Self::CreateRuleset(ruleset, _) => {
                let ruleset = hunting.create_livehunt_ruleset(ruleset).await?;
                let next = match ruleset.enabled {
                    Some(true) => format!(
                        "It runs from now on: `{}` shows what it finds.",
                        suggest::command("livehunt notifications", &[], &[])
                    ),
                    _ => format!(
                        "It is stored and does not run: {}",
                        suggest::command("livehunt update-ruleset", &["--enabled", "true"], &[&ruleset.id])
                    ),
                };
                one(ruleset, Some(next))
            }
            Self::ReconcileRuleset(ruleset, since) => {
                found("rulesets", hunting.reconcile_livehunt_ruleset(ruleset, *since).await?)
            }
            Self::UpdateRuleset(id, changes) => one(hunting.update_livehunt_ruleset(id, changes).await?, None),
            Self::DeleteRuleset(id) => {
                hunting.delete_livehunt_ruleset(id).await?;
                done(id, "deleted", format!("Deleted ruleset {id}. Its notifications stay."))
            }
            Self::DeleteAllRulesets(user) => {
                let operation = hunting.delete_all_livehunt_rulesets(user).await?;
                let next = format!("It takes a while: {}", suggest::command("operation", &[], &[&operation.id]));
                one(operation, Some(next))
            }
            Self::AddEditors(id, editors) => {
                hunting.add_livehunt_ruleset_editors(id, editors).await?;
                let names: Vec<_> = editors.iter().map(|editor| editor.id.as_str()).collect();
                done(id, "editors_added", format!("From now on these may edit ruleset {id}: {}.", names.join(", ")))
            }
            Self::Editors(id, query) => {
                let answer = hunting.get_livehunt_ruleset_editors(id, query).await?;
                page("editors", answer.items, answer.page)
            }
            Self::Owner(id) => one(hunting.get_livehunt_ruleset_owner(id).await?, None),
            Self::CheckEditor(id, editor) => {
                let may_edit = hunting.check_livehunt_ruleset_editor(id, editor).await?;
                Answer::Editor { id: id.clone(), editor: editor.clone(), may_edit }
            }
            Self::RemoveEditor(id, editor) => {
                hunting.remove_livehunt_ruleset_editor(id, editor).await?;
                done(id, "editor_removed", format!("{editor} may no longer edit ruleset {id}."))
            }
            Self::TransferRuleset(id, user) => {
                hunting.transfer_livehunt_ruleset(id, user).await?;
                done(id, "transferred", format!("Ruleset {id} is {user}'s now; only {user} can give it back."))
            }
            Self::RulesetFiles(id, query, since) => {
                let answer = hunting.get_livehunt_ruleset_notification_files(id, query).await?;
                page_since("files", answer.items, answer.page, *since, |file| file.notification_date)
            }
            Self::Notifications(query) => {
                let answer = hunting.get_livehunt_notifications(query).await?;
                page("notifications", answer.items, answer.page)
            }
            Self::Notification(id) => one(hunting.get_livehunt_notification(id).await?, None),
            Self::NotificationFiles(query, since) => {
                let answer = hunting.get_livehunt_notification_files(query).await?;
                page_since("files", answer.items, answer.page, *since, |file| file.notification_date)
            }
            Self::Poll(checkpoint, poll, budget) => {
                let batch = hunting.poll_livehunt_notifications(checkpoint.as_deref(), poll, budget).await?;
                let contract::NotificationBatch { items, checkpoint, more, incomplete } = batch;
                let objects = objects(items);
                Answer::Batch(Batch { noun: "notifications", objects, checkpoint, more, incomplete, gap: None })
            }
            Self::DeleteNotification(id) => {
                hunting.delete_livehunt_notification(id).await?;
                done(id, "deleted", format!("Deleted notification {id}."))
            }
            Self::DeleteNotifications(selection) => {
                hunting.delete_livehunt_notifications(selection).await?;
                done(selection, "deleted", format!("Deleted notifications: {selection}."))
            }
        })
    }
}
