//! `vt-hunting livehunt …`

mod editors;
mod notifications;
mod rulesets;

pub(crate) use editors::{AddEditors, Editor, Editors, Transfer};
pub(crate) use notifications::{
    DeleteNotifications, Follow, NotificationFiles, NotificationId, Notifications, Poll, RulesetNotificationFiles,
};
pub(crate) use rulesets::{
    CreateRuleset, DeleteAllRulesets, IfExists, ReconcileRuleset, RuleQuota, RulesetId, Rulesets, UpdateRuleset,
};

use clap::Subcommand;

use super::value::Source;

/// The actions on livehunt.
#[derive(Debug, Subcommand)]
pub(crate) enum Livehunt {
    /// List rulesets
    #[command(after_help = "\
Examples:
  vt-hunting livehunt rulesets
  vt-hunting livehunt rulesets --limit 20 --order modification_date-
  vt-hunting livehunt rulesets --enabled true --name loader
  vt-hunting livehunt rulesets --relationships owner,editors \\
      --output json")]
    Rulesets(Rulesets),

    /// Show one ruleset
    #[command(after_help = "\
Examples:
  vt-hunting livehunt ruleset 0c87043296586fee
  vt-hunting livehunt ruleset 0c87043296586fee --output json | jq -r .rules")]
    Ruleset(RulesetId),

    /// Create a ruleset
    #[command(after_help = "\
Without --enabled the ruleset is stored but not run, and costs nothing. While
enabled, each of its rules costs one of `intelligence_hunting_rules`.

Examples:
  vt-hunting livehunt create-ruleset --name loader --rules loader.yar --enabled
  cat *.yar | vt-hunting livehunt create-ruleset --name all --rules -
  vt-hunting livehunt create-ruleset --name c2 --rules c2.yar \\
      --match-object-type domain --notification-email soc@example.com")]
    CreateRuleset(Box<CreateRuleset>),

    /// Look whether a create-ruleset arrived whose answer got lost
    ///
    /// Give what create-ruleset was given, and a moment a minute before it ran. Prints the rulesets with the same name and
    /// rules text that were created since; none: it did not arrive, and may be sent again.
    #[command(after_help = "\
Example:
  vt-hunting livehunt reconcile-ruleset --name loader --rules loader.yar \\
      --created-since 10m")]
    ReconcileRuleset(Box<ReconcileRuleset>),

    /// Change a ruleset; what is not given stays as it is
    #[command(after_help = "\
Examples:
  vt-hunting livehunt update-ruleset 0c87043296586fee --enabled false
  vt-hunting livehunt update-ruleset 0c87043296586fee --rules loader.yar
  vt-hunting livehunt update-ruleset 0c87043296586fee --limit 500 \\
      --no-notification-emails")]
    UpdateRuleset(Box<UpdateRuleset>),

    /// Delete a ruleset; there is no undo, its notifications stay
    #[command(after_help = "\
Example:
  vt-hunting livehunt delete-ruleset 0c87043296586fee")]
    DeleteRuleset(RulesetId),

    /// Delete all rulesets of a user; there is no undo
    #[command(after_help = "\
It takes a while; `vt-hunting operation ID` tells when it is done.

Example:
  vt-hunting livehunt delete-all-rulesets --confirm-user alice")]
    DeleteAllRulesets(DeleteAllRulesets),

    /// Let users and groups edit a ruleset
    #[command(after_help = "\
Example:
  vt-hunting livehunt add-editors 0c87043296586fee --user bob --group soc")]
    AddEditors(AddEditors),

    /// List who may edit a ruleset next to its owner
    #[command(after_help = "\
Examples:
  vt-hunting livehunt editors 0c87043296586fee
  vt-hunting livehunt editors 0c87043296586fee --limit 100 --output jsonl \\
      | jq -r .id")]
    Editors(Editors),

    /// Show whose a ruleset is
    #[command(after_help = "\
Example:
  vt-hunting livehunt owner 0c87043296586fee")]
    Owner(RulesetId),

    /// Look whether a user or group may edit a ruleset
    #[command(after_help = "\
Examples:
  vt-hunting livehunt check-editor 0c87043296586fee bob
  vt-hunting livehunt check-editor 0c87043296586fee bob --output json \\
      | jq .may_edit")]
    CheckEditor(Editor),

    /// Take the right to edit a ruleset from a user or group
    #[command(after_help = "\
Example:
  vt-hunting livehunt remove-editor 0c87043296586fee bob")]
    RemoveEditor(Editor),

    /// Give a ruleset to another user, who alone can give it back
    #[command(after_help = "\
Example:
  vt-hunting livehunt transfer-ruleset 0c87043296586fee bob")]
    TransferRuleset(Transfer),

    /// List the files that one ruleset matched
    #[command(after_help = "\
Examples:
  vt-hunting livehunt ruleset-notification-files 0c87043296586fee --limit 100
  vt-hunting livehunt ruleset-notification-files 0c87043296586fee \\
      --descriptors-only --output jsonl | jq -r .id")]
    RulesetNotificationFiles(RulesetNotificationFiles),

    /// List what the rules matched
    #[command(after_help = "\
Examples:
  vt-hunting livehunt notifications --limit 100
  vt-hunting livehunt notifications --snippets --tag loader --since 3d
  vt-hunting livehunt notifications --output jsonl | jq -r .file_sha256")]
    Notifications(Notifications),

    /// Show one notification
    #[command(after_help = "\
Example:
  vt-hunting livehunt notification 10425-4847-21bac4f0-1626960086 --snippets")]
    Notification(NotificationId),

    /// List the files the rules matched, with their reports
    #[command(after_help = "\
Examples:
  vt-hunting livehunt notification-files --limit 40
  vt-hunting livehunt notification-files --filter loader \\
      --output jsonl | jq -r .id")]
    NotificationFiles(NotificationFiles),

    /// Write every new notification as a JSON line, until interrupted
    ///
    /// Each step reads what is new, writes it, and then stores in --state where it stands: the next start goes on there, also
    /// after a crash or a kill. On standard output every notification comes at least once: killed between writing and
    /// storing, the last step's come again. With --output-file every one comes exactly once: the state records how long
    /// the file was, and at the start the file is cut back to that length.
    ///
    /// What may pass (no network, no answer, too many requests) is told on standard error and tried again for ever; anything
    /// else ends it with its exit code. Ctrl-C and SIGTERM end it after the step that is running, with 0; a second one at once.
    #[command(after_help = "\
Examples:
  vt-hunting livehunt follow --state hunt.state --since 1d
  vt-hunting livehunt follow --state hunt.state --output-file hunt.jsonl
  vt-hunting livehunt follow --state hunt.state --tag loader --once \\
      | jq -r .file_sha256")]
    Follow(Follow),

    /// One step of following: what is new since a checkpoint, and the next one
    #[command(after_help = "\
Store the checkpoint together with the items.

Examples:
  vt-hunting livehunt poll --since 1d --output json
  vt-hunting livehunt poll --checkpoint \"$checkpoint\" --output json")]
    Poll(Poll),

    /// Delete one notification; there is no undo
    #[command(after_help = "\
Example:
  vt-hunting livehunt delete-notification 10425-4847-21bac4f0-1626960086")]
    DeleteNotification(NotificationId),

    /// Delete the notifications with a tag, or all of them; there is no undo
    #[command(after_help = "\
Examples:
  vt-hunting livehunt delete-notifications --tag loader
  vt-hunting livehunt delete-notifications --everything")]
    DeleteNotifications(DeleteNotifications),
}

impl Livehunt {
    /// How to look what is left, if it may enable rules.
    pub(crate) fn rule_quota(&self) -> Option<&RuleQuota> {
        match self {
            Self::CreateRuleset(args) => Some(&args.quota),
            Self::UpdateRuleset(args) => Some(&args.quota),
            _ => None,
        }
    }

    /// Where the rules come from, if the command has any.
    pub(crate) fn rules(&self) -> Option<&Source> {
        match self {
            Self::CreateRuleset(args) => Some(&args.rules),
            Self::ReconcileRuleset(args) => Some(&args.ruleset.rules),
            Self::UpdateRuleset(args) => args.rules.as_ref(),
            _ => None,
        }
    }
}
