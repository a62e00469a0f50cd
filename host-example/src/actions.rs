//! The twelve actions, once: every place that needs one method per action expands [`for_each_action!`].
//!
//! A new action of the contract is one line here.
//!
//! The generated bindings check the type of every export whenever an instance is made, which is a third of the time an
//! instance takes, for a call that uses one of them. So they are looked up once per component ([`Functions`]), and the
//! one that is called is checked when it is called; all of them are, once, in the first instance.

use crate::bindings::exports::virustotal::hunting::{diagnostics, ioc_stream, livehunt, retrohunt, types};
use crate::state::HostState;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentExportIndex, Instance};

const LIVEHUNT: &str = "virustotal:hunting/livehunt@0.1.0";
const RETROHUNT: &str = "virustotal:hunting/retrohunt@0.1.0";
const IOC_STREAM: &str = "virustotal:hunting/ioc-stream@0.1.0";
const DIAGNOSTICS: &str = "virustotal:hunting/diagnostics@0.1.0";

/// Calls `$then! { … }` with a line per action:
/// `INTERFACE method "function" (argument: type …) -> output;`
macro_rules! for_each_action {
    ($then:ident) => {
        $then! {
            /// Get Livehunt Rulesets.
            LIVEHUNT get_livehunt_rulesets "get-livehunt-rulesets" (query: &livehunt::RulesetsQuery) -> livehunt::RulesetPage;
            /// Create Livehunt Ruleset. Sent once, never repeated.
            LIVEHUNT create_livehunt_ruleset "create-livehunt-ruleset" (ruleset: &livehunt::NewRuleset) -> livehunt::Ruleset;
            /// Delete Livehunt Ruleset. There is no undo.
            LIVEHUNT delete_livehunt_ruleset "delete-livehunt-ruleset" (id: &str) -> ();
            /// Get Livehunt Notifications.
            LIVEHUNT get_livehunt_notifications "get-livehunt-notifications"
                (query: &livehunt::NotificationsQuery) -> livehunt::NotificationPage;
            /// Get Livehunt Notification Files. About 20 KB an item.
            LIVEHUNT get_livehunt_notification_files "get-livehunt-notification-files"
                (query: &livehunt::NotificationFilesQuery) -> livehunt::NotificationFilePage;
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
            /// Get Objects from the IoC Stream. About 20 KB an item, 1 KB with `descriptors_only`.
            IOC_STREAM get_ioc_stream_objects "get-ioc-stream-objects"
                (query: &ioc_stream::IocStreamQuery) -> ioc_stream::IocStreamPage;
            /// Get an IoC Stream Notification.
            IOC_STREAM get_ioc_stream_notification "get-ioc-stream-notification"
                (id: &str) -> ioc_stream::IocStreamNotification;
        }
    };
}
pub(crate) use for_each_action;

/// `diagnostics.last-response`, the one function that is no action.
pub(crate) type LastResponse = (Option<diagnostics::ResponseInfo>,);

macro_rules! functions {
    ($(
        $(#[$doc:meta])+
        $interface:ident $method:ident $name:literal ($($argument:ident: $type:ty),*) -> $output:ty;
    )+) => {
        /// Where the contract's functions are in a component.
        pub(crate) struct Functions {
            $(pub(crate) $method: ComponentExportIndex,)+
            pub(crate) last_response: ComponentExportIndex,
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
                })
            }

            /// Whether they all have the contract's types.
            pub(crate) fn check(&self, store: &mut Store<HostState>, instance: &Instance) -> wasmtime::Result<()> {
                $(instance.get_typed_func::<($($type,)*), (Result<$output, types::Error>,)>(&mut *store, self.$method)?;)+
                instance.get_typed_func::<(), LastResponse>(&mut *store, self.last_response)?;
                Ok(())
            }
        }
    };
}
for_each_action!(functions);
