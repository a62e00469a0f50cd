//! The contract's actions, once: every place that needs one method per action expands [`for_each_action!`].
//!
//! A new action of the contract is one line here. Twelve of them are the list that connector platforms know; the others
//! came with what a hunt needs beside them: changing, following, waiting, cleaning up, and what is left of the quota.
//!
//! The generated bindings check the type of every export whenever an instance is made, which is a third of the time an
//! instance takes, for a call that uses one of them. So they are looked up once per component ([`Functions`]), and the
//! one that is called is checked when it is called; all of them are, once, in the first instance.

use crate::bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
use crate::state::HostState;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentExportIndex, Instance};

const LIVEHUNT: &str = "virustotal:hunting/livehunt@0.1.0";
const RETROHUNT: &str = "virustotal:hunting/retrohunt@0.1.0";
const IOC_STREAM: &str = "virustotal:hunting/ioc-stream@0.1.0";
const OPERATIONS: &str = "virustotal:hunting/operations@0.1.0";
const ACCOUNT: &str = "virustotal:hunting/account@0.1.0";
const CROWDSOURCED: &str = "virustotal:hunting/crowdsourced@0.1.0";
const SNIPPETS: &str = "virustotal:hunting/snippets@0.1.0";
const DIAGNOSTICS: &str = "virustotal:hunting/diagnostics@0.1.0";

/// Calls `$then! { … }` with a line per action:
/// `INTERFACE method "function" (argument: type …) -> output;`
macro_rules! for_each_action {
    ($then:ident) => {
        $then! {
            /// Get Livehunt Rulesets.
            LIVEHUNT get_livehunt_rulesets "get-livehunt-rulesets" (query: &livehunt::RulesetsQuery) -> livehunt::RulesetPage;
            /// Create Livehunt Ruleset: while it is enabled, each of its rules costs one of the allowance. Sent once, never
            /// repeated.
            LIVEHUNT create_livehunt_ruleset "create-livehunt-ruleset" (ruleset: &livehunt::NewRuleset) -> livehunt::Ruleset;
            /// Delete Livehunt Ruleset. There is no undo.
            LIVEHUNT delete_livehunt_ruleset "delete-livehunt-ruleset" (id: &str) -> ();
            /// Get Livehunt Notifications.
            LIVEHUNT get_livehunt_notifications "get-livehunt-notifications"
                (query: &livehunt::NotificationsQuery) -> livehunt::NotificationPage;
            /// Get Livehunt Notification Files. About 20 KB an item.
            LIVEHUNT get_livehunt_notification_files "get-livehunt-notification-files"
                (query: &livehunt::NotificationFilesQuery) -> livehunt::NotificationFilePage;
            /// Get a Livehunt Ruleset.
            LIVEHUNT get_livehunt_ruleset "get-livehunt-ruleset" (id: &str) -> livehunt::Ruleset;
            /// Update a Livehunt Ruleset: what is absent from `changes` stays as it is. Enabling it costs one of the allowance
            /// for each rule. Sent once, never repeated.
            LIVEHUNT update_livehunt_ruleset "update-livehunt-ruleset"
                (id: &str, changes: &livehunt::RulesetChanges) -> livehunt::Ruleset;
            /// Delete all Livehunt Rulesets of the user named. There is no undo. Sent once, never repeated.
            LIVEHUNT delete_all_livehunt_rulesets "delete-all-livehunt-rulesets"
                (confirm_user: &str) -> operations::Operation;
            /// Find out whether a create arrived whose answer got lost. Changes nothing.
            LIVEHUNT reconcile_livehunt_ruleset "reconcile-livehunt-ruleset"
                (ruleset: &livehunt::NewRuleset, created_since: u64) -> Vec<livehunt::Ruleset>;
            /// Add editors to a Livehunt Ruleset. Sent once, never repeated.
            LIVEHUNT add_livehunt_ruleset_editors "add-livehunt-ruleset-editors"
                (id: &str, editors: &[livehunt::RulesetEditor]) -> ();
            /// Get a Livehunt Ruleset's editors.
            LIVEHUNT get_livehunt_ruleset_editors "get-livehunt-ruleset-editors"
                (id: &str, query: &livehunt::RulesetEditorsQuery) -> livehunt::UserOrGroupPage;
            /// Get a Livehunt Ruleset's owner.
            LIVEHUNT get_livehunt_ruleset_owner "get-livehunt-ruleset-owner" (id: &str) -> livehunt::UserOrGroup;
            /// Check whether a user or group may edit a Livehunt Ruleset.
            LIVEHUNT check_livehunt_ruleset_editor "check-livehunt-ruleset-editor" (id: &str, editor: &str) -> bool;
            /// Take the right to edit a Livehunt Ruleset from a user or group.
            LIVEHUNT remove_livehunt_ruleset_editor "remove-livehunt-ruleset-editor" (id: &str, editor: &str) -> ();
            /// Give a Livehunt Ruleset to another user. Only the new owner can give it back. Sent once, never repeated.
            LIVEHUNT transfer_livehunt_ruleset "transfer-livehunt-ruleset" (id: &str, user: &str) -> ();
            /// Get the notification files of one Livehunt Ruleset. About 20 KB an item without `descriptors_only`.
            LIVEHUNT get_livehunt_ruleset_notification_files "get-livehunt-ruleset-notification-files"
                (id: &str, query: &livehunt::RulesetNotificationFilesQuery) -> livehunt::NotificationFilePage;
            /// Get a Livehunt Notification.
            LIVEHUNT get_livehunt_notification "get-livehunt-notification" (id: &str) -> livehunt::Notification;
            /// Follow Livehunt Notifications: one step. Store the checkpoint together with the items.
            LIVEHUNT poll_livehunt_notifications "poll-livehunt-notifications"
                (checkpoint: Option<&str>, query: &livehunt::NotificationsPoll, budget: &types::PollBudget)
                -> livehunt::NotificationBatch;
            /// Delete a Livehunt Notification. There is no undo.
            LIVEHUNT delete_livehunt_notification "delete-livehunt-notification" (id: &str) -> ();
            /// Delete Livehunt Notifications: `tag:…`, or `everything`. There is no undo. Sent once, never repeated.
            LIVEHUNT delete_livehunt_notifications "delete-livehunt-notifications" (selection: &str) -> ();
            /// Create Retrohunt Job: one job of the monthly quota. Sent once, never repeated.
            RETROHUNT create_retrohunt_job "create-retrohunt-job" (job: &retrohunt::NewRetrohuntJob) -> retrohunt::RetrohuntJob;
            /// Get Retrohunt Job.
            RETROHUNT get_retrohunt_job "get-retrohunt-job" (id: &str) -> retrohunt::RetrohuntJob;
            /// Get Retrohunt Jobs.
            RETROHUNT get_retrohunt_jobs "get-retrohunt-jobs"
                (query: &retrohunt::RetrohuntJobsQuery) -> retrohunt::RetrohuntJobPage;
            /// Abort Retrohunt Job. Sent once, never repeated.
            RETROHUNT abort_retrohunt_job "abort-retrohunt-job" (id: &str) -> ();
            /// Retrieve Matches for a Retrohunt Job. About 20 KB an item.
            RETROHUNT get_retrohunt_job_matches "get-retrohunt-job-matches"
                (id: &str, query: &retrohunt::MatchesQuery) -> retrohunt::MatchPage;
            /// Look how a Retrohunt Job stands, and when to look again: one step of waiting for it.
            RETROHUNT check_retrohunt_job "check-retrohunt-job" (id: &str) -> retrohunt::JobCheck;
            /// Find out whether a create arrived whose answer got lost. Changes nothing.
            RETROHUNT reconcile_retrohunt_job "reconcile-retrohunt-job"
                (job: &retrohunt::NewRetrohuntJob, created_since: u64) -> Vec<retrohunt::RetrohuntJob>;
            /// Delete Retrohunt Job, and its matches with it. There is no undo.
            RETROHUNT delete_retrohunt_job "delete-retrohunt-job" (id: &str) -> ();
            /// Get Objects from the IoC Stream. About 20 KB an item, 1 KB with `descriptors_only`.
            IOC_STREAM get_ioc_stream_objects "get-ioc-stream-objects"
                (query: &ioc_stream::IocStreamQuery) -> ioc_stream::IocStreamPage;
            /// Get an IoC Stream Notification.
            IOC_STREAM get_ioc_stream_notification "get-ioc-stream-notification"
                (id: &str) -> ioc_stream::IocStreamNotification;
            /// Follow the IoC Stream: one step. Store the checkpoint together with the items. `gap` says what VirusTotal
            /// deleted before it was read.
            IOC_STREAM poll_ioc_stream "poll-ioc-stream"
                (checkpoint: Option<&str>, query: &ioc_stream::IocStreamPoll, budget: &types::PollBudget)
                -> ioc_stream::IocStreamBatch;
            /// Delete an IoC Stream Notification. There is no undo.
            IOC_STREAM delete_ioc_stream_notification "delete-ioc-stream-notification" (id: &str) -> ();
            /// Delete objects from the IoC Stream: a filter, or `everything`. There is no undo. Sent once, never repeated.
            IOC_STREAM delete_ioc_stream_objects "delete-ioc-stream-objects" (selection: &str) -> ();
            /// Get an Operation: how something stands that takes VirusTotal a while.
            OPERATIONS get_operation "get-operation" (id: &str) -> operations::Operation;
            /// Get a User. Costs no quota.
            ACCOUNT get_account "get-account" (user: &str) -> account::UserAccount;
            /// Get a User's quotas. Costs no quota.
            ACCOUNT get_account_quotas "get-account-quotas" (user: &str) -> account::AccountQuotas;
            /// Get a User's API usage. Costs no quota.
            ACCOUNT get_account_usage "get-account-usage"
                (user: &str, query: &account::UsageQuery) -> account::AccountUsage;
            /// Get crowdsourced YARA rules.
            CROWDSOURCED get_crowdsourced_yara_rules "get-crowdsourced-yara-rules"
                (query: &crowdsourced::CrowdsourcedYaraRulesQuery) -> crowdsourced::CrowdsourcedYaraRulePage;
            /// Get a crowdsourced YARA rule.
            CROWDSOURCED get_crowdsourced_yara_rule "get-crowdsourced-yara-rule"
                (id: &str) -> crowdsourced::CrowdsourcedYaraRule;
        }
    };
}
pub(crate) use for_each_action;

/// What `diagnostics.last-response` gives: no action, for it sends nothing.
pub(crate) type LastResponse = (Option<diagnostics::ResponseInfo>,);

/// What `snippets.parse-snippet` gives: no action either, and it cannot fail.
pub(crate) type ParsedSnippet = (snippets::Snippet,);

macro_rules! functions {
    ($(
        $(#[$doc:meta])+
        $interface:ident $method:ident $name:literal ($($argument:ident: $type:ty),*) -> $output:ty;
    )+) => {
        /// Where the contract's functions are in a component.
        pub(crate) struct Functions {
            $(pub(crate) $method: ComponentExportIndex,)+
            pub(crate) last_response: ComponentExportIndex,
            pub(crate) parse_snippet: ComponentExportIndex,
        }

        /// Whether the gateway has an action of this name: every function, but the one whose word is in every envelope.
        #[cfg(feature = "serve")]
        pub(crate) fn is_action(name: &str) -> bool {
            name == "parse-snippet" $(|| name == $name)+
        }

        impl Functions {
            /// Finds them all, or says which is missing.
            pub(crate) fn of(component: &Component) -> Result<Functions, String> {
                let find = |interface: &str, name: &str| {
                    let interface_index = component
                        .get_export_index(None, interface)
                        .ok_or_else(|| format!("it does not export {interface}"))?;
                    component
                        .get_export_index(Some(&interface_index), name)
                        .ok_or_else(|| format!("{interface} lacks {name}"))
                };
                Ok(Functions {
                    $($method: find($interface, $name)?,)+
                    last_response: find(DIAGNOSTICS, "last-response")?,
                    parse_snippet: find(SNIPPETS, "parse-snippet")?,
                })
            }

            /// Whether they all have the contract's types.
            pub(crate) fn check(&self, store: &mut Store<HostState>, instance: &Instance) -> wasmtime::Result<()> {
                $(instance.get_typed_func::<($($type,)*), (Result<$output, types::Error>,)>(&mut *store, self.$method)?;)+
                instance.get_typed_func::<(), LastResponse>(&mut *store, self.last_response)?;
                instance.get_typed_func::<(&str,), ParsedSnippet>(&mut *store, self.parse_snippet)?;
                Ok(())
            }
        }
    };
}
for_each_action!(functions);
