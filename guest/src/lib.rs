//! VirusTotal Hunting as a WebAssembly component.
//!
//! This file only exports: every function of the contract (`wit/`) names the action that answers it. One call runs
//!
//! 1. here, into
//! 2. its interface's module ([`livehunt`], [`retrohunt`], [`ioc_stream`], …), which turns the contract's record into an
//!    [`Action`](api::Action), a request and how to read the answer, or a [`Listing`](api::Listing) of many objects;
//! 3. [`driver`], which opens a [`session`] (settings, deadline, retries, rate) and has the request answered in it;
//!    [`paging`], [`follow`] and [`reconcile`] ask several times in one session;
//! 4. `platform`, the only module that touches the outside, over `wasi:http`;
//! 5. [`api::envelope`], which finds the objects in the answer, for the interface's module to read.
//!
//! Everything but `platform` also compiles natively, where it is tested and fuzzed.
//!
//! A panic in a `no_std` component is a trap without text, hence the lints below: whatever can fail is a `Result`.
#![cfg_attr(target_family = "wasm", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

extern crate alloc;

pub mod account;
pub mod api;
pub mod contract;
pub mod crowdsourced;
pub mod driver;
pub mod follow;
pub mod ioc_stream;
pub mod livehunt;
pub mod operations;
pub mod paging;
#[cfg(target_family = "wasm")]
mod platform;
pub mod reconcile;
pub mod retrohunt;
pub mod session;
pub mod snippets;
#[cfg(test)]
mod stage;

#[cfg(test)]
#[path = "exports_tests.rs"]
mod exports_tests;

#[cfg(target_family = "wasm")]
mod exports {
    use super::contract::types::PollBudget;
    use super::contract::{Error, bindings::exports::virustotal::hunting as contract};
    use super::driver::{compute, list, run};
    use super::follow::{Retained, step};
    use super::platform::{WASI, give};
    use super::reconcile::reconcile;
    use super::{account, crowdsourced, ioc_stream, livehunt, operations, retrohunt, snippets};
    use alloc::string::String;
    use alloc::vec::Vec;
    use contract::{
        account as user, crowdsourced as crowd, diagnostics, ioc_stream as stream, livehunt as live, operations as ops,
        retrohunt as retro, snippets as dumps,
    };

    /// Answers every function of the contract.
    pub(crate) struct Connector;

    impl live::Guest for Connector {
        fn get_livehunt_rulesets(query: live::RulesetsQuery) -> Result<live::RulesetPage, Error> {
            give(list(&WASI, livehunt::get_rulesets(query)))
        }
        fn get_livehunt_ruleset(id: String) -> Result<live::Ruleset, Error> {
            give(run(&WASI, livehunt::get_ruleset(id)))
        }
        fn create_livehunt_ruleset(ruleset: live::NewRuleset) -> Result<live::Ruleset, Error> {
            give(run(&WASI, livehunt::create_ruleset(ruleset)))
        }
        fn update_livehunt_ruleset(id: String, changes: live::RulesetChanges) -> Result<live::Ruleset, Error> {
            give(run(&WASI, livehunt::update_ruleset(id, changes)))
        }
        fn delete_livehunt_ruleset(id: String) -> Result<(), Error> {
            give(run(&WASI, livehunt::delete_ruleset(id)))
        }
        fn delete_all_livehunt_rulesets(confirm_user: String) -> Result<ops::Operation, Error> {
            give(run(&WASI, livehunt::delete_all_rulesets(confirm_user)))
        }
        fn reconcile_livehunt_ruleset(
            ruleset: live::NewRuleset,
            created_since: u64,
        ) -> Result<Vec<live::Ruleset>, Error> {
            give(reconcile(&WASI, livehunt::reconcile_ruleset(ruleset, created_since)))
        }
        fn get_livehunt_ruleset_editors(
            id: String,
            query: live::RulesetEditorsQuery,
        ) -> Result<live::UserOrGroupPage, Error> {
            give(list(&WASI, livehunt::get_editors(id, query)))
        }
        fn get_livehunt_ruleset_owner(id: String) -> Result<live::UserOrGroup, Error> {
            give(run(&WASI, livehunt::get_owner(id)))
        }
        fn add_livehunt_ruleset_editors(id: String, editors: Vec<live::RulesetEditor>) -> Result<(), Error> {
            give(run(&WASI, livehunt::add_editors(id, editors)))
        }
        fn check_livehunt_ruleset_editor(id: String, editor: String) -> Result<bool, Error> {
            give(run(&WASI, livehunt::check_editor(id, editor)))
        }
        fn remove_livehunt_ruleset_editor(id: String, editor: String) -> Result<(), Error> {
            give(run(&WASI, livehunt::remove_editor(id, editor)))
        }
        fn transfer_livehunt_ruleset(id: String, user: String) -> Result<(), Error> {
            give(run(&WASI, livehunt::transfer_ruleset(id, user)))
        }
        fn get_livehunt_notifications(query: live::NotificationsQuery) -> Result<live::NotificationPage, Error> {
            give(list(&WASI, livehunt::get_notifications(query)))
        }
        fn get_livehunt_notification_files(
            query: live::NotificationFilesQuery,
        ) -> Result<live::NotificationFilePage, Error> {
            give(list(&WASI, livehunt::get_notification_files(query)))
        }
        fn get_livehunt_ruleset_notification_files(
            id: String,
            query: live::RulesetNotificationFilesQuery,
        ) -> Result<live::NotificationFilePage, Error> {
            give(list(&WASI, livehunt::get_ruleset_notification_files(id, query)))
        }
        fn get_livehunt_notification(id: String) -> Result<live::Notification, Error> {
            give(run(&WASI, livehunt::get_notification(id)))
        }
        fn poll_livehunt_notifications(
            checkpoint: Option<String>,
            query: live::NotificationsPoll,
            budget: PollBudget,
        ) -> Result<live::NotificationBatch, Error> {
            give(step(&WASI, livehunt::poll_notifications(checkpoint, query, budget)))
        }
        fn delete_livehunt_notification(id: String) -> Result<(), Error> {
            give(run(&WASI, livehunt::delete_notification(id)))
        }
        fn delete_livehunt_notifications(selection: String) -> Result<(), Error> {
            give(run(&WASI, livehunt::delete_notifications(selection)))
        }
    }

    impl retro::Guest for Connector {
        fn create_retrohunt_job(job: retro::NewRetrohuntJob) -> Result<retro::RetrohuntJob, Error> {
            give(run(&WASI, retrohunt::create_job(job)))
        }
        fn get_retrohunt_job(id: String) -> Result<retro::RetrohuntJob, Error> {
            give(run(&WASI, retrohunt::get_job(id)))
        }
        fn get_retrohunt_jobs(query: retro::RetrohuntJobsQuery) -> Result<retro::RetrohuntJobPage, Error> {
            give(list(&WASI, retrohunt::get_jobs(query)))
        }
        fn abort_retrohunt_job(id: String) -> Result<(), Error> {
            give(run(&WASI, retrohunt::abort_job(id)))
        }
        fn get_retrohunt_job_matches(id: String, query: retro::MatchesQuery) -> Result<retro::MatchPage, Error> {
            give(list(&WASI, retrohunt::get_matches(id, query)))
        }
        fn check_retrohunt_job(id: String) -> Result<retro::JobCheck, Error> {
            give(run(&WASI, retrohunt::check_job(id)))
        }
        fn reconcile_retrohunt_job(
            job: retro::NewRetrohuntJob,
            created_since: u64,
        ) -> Result<Vec<retro::RetrohuntJob>, Error> {
            give(reconcile(&WASI, retrohunt::reconcile_job(job, created_since)))
        }
        fn delete_retrohunt_job(id: String) -> Result<(), Error> {
            give(run(&WASI, retrohunt::delete_job(id)))
        }
    }

    impl stream::Guest for Connector {
        fn get_ioc_stream_objects(query: stream::IocStreamQuery) -> Result<stream::IocStreamPage, Error> {
            give(list(&WASI, ioc_stream::get_objects(query)))
        }
        fn get_ioc_stream_notification(id: String) -> Result<stream::IocStreamNotification, Error> {
            give(run(&WASI, ioc_stream::get_notification(id)))
        }
        fn poll_ioc_stream(
            checkpoint: Option<String>,
            query: stream::IocStreamPoll,
            budget: PollBudget,
        ) -> Result<stream::IocStreamBatch, Error> {
            give(step(&WASI, ioc_stream::poll(checkpoint, query, budget)).map(Retained))
        }
        fn delete_ioc_stream_notification(id: String) -> Result<(), Error> {
            give(run(&WASI, ioc_stream::delete_notification(id)))
        }
        fn delete_ioc_stream_objects(selection: String) -> Result<(), Error> {
            give(run(&WASI, ioc_stream::delete_objects(selection)))
        }
    }

    impl ops::Guest for Connector {
        fn get_operation(id: String) -> Result<ops::Operation, Error> {
            give(run(&WASI, operations::get_operation(id)))
        }
    }

    impl user::Guest for Connector {
        fn get_account(user: String) -> Result<user::UserAccount, Error> {
            give(run(&WASI, account::get_account(user)))
        }
        fn get_account_quotas(user: String) -> Result<user::AccountQuotas, Error> {
            give(run(&WASI, account::get_quotas(user)))
        }
        fn get_account_usage(user: String, query: user::UsageQuery) -> Result<user::AccountUsage, Error> {
            give(run(&WASI, account::get_usage(user, query)))
        }
    }

    impl crowd::Guest for Connector {
        fn get_crowdsourced_yara_rules(
            query: crowd::CrowdsourcedYaraRulesQuery,
        ) -> Result<crowd::CrowdsourcedYaraRulePage, Error> {
            give(list(&WASI, crowdsourced::get_rules(query)))
        }
        fn get_crowdsourced_yara_rule(id: String) -> Result<crowd::CrowdsourcedYaraRule, Error> {
            give(run(&WASI, crowdsourced::get_rule(id)))
        }
    }

    impl dumps::Guest for Connector {
        fn parse_snippet(dump: String) -> dumps::Snippet {
            give(compute(&WASI, || snippets::parse(&dump)))
        }
    }

    impl diagnostics::Guest for Connector {
        fn last_response() -> Option<diagnostics::ResponseInfo> {
            give(WASI.last_response())
        }
    }
}
