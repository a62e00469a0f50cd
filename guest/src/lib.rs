//! VirusTotal Hunting as a WebAssembly component.
//!
//! This file only exports: every function of the contract (`wit/`) names the action that answers it. One call runs
//!
//! 1. here, into
//! 2. its interface's module ([`livehunt`], [`retrohunt`], [`ioc_stream`]), which turns the contract's record into an
//!    [`Action`](api::Action): a request, and how to read the answer;
//! 3. [`driver`], which reads the settings, has the request exchanged and sorts answers from failures;
//! 4. `platform`, the only module that touches the outside, over `wasi:http`;
//! 5. [`api::envelope`], which finds the objects in the answer, for the interface's module to read.
//!
//! Everything but `platform` also compiles natively, where it is tested and fuzzed.
//!
//! A panic in a `no_std` component is a trap without text, hence the lints below: whatever can fail is a `Result`.
#![cfg_attr(target_family = "wasm", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

extern crate alloc;

pub mod api;
pub mod contract;
pub mod driver;
pub mod ioc_stream;
pub mod livehunt;
#[cfg(target_family = "wasm")]
mod platform;
pub mod retrohunt;

#[cfg(target_family = "wasm")]
mod exports {
    use super::contract::{Error, bindings::exports::virustotal::hunting as contract};
    use super::driver::run;
    use super::platform::WASI;
    use super::{ioc_stream, livehunt, retrohunt};
    use alloc::string::String;
    use contract::{diagnostics, ioc_stream as stream, livehunt as live, retrohunt as retro};

    struct Connector;

    impl live::Guest for Connector {
        fn get_livehunt_rulesets(query: live::RulesetsQuery) -> Result<live::RulesetPage, Error> {
            run(&WASI, livehunt::get_rulesets(query))
        }
        fn create_livehunt_ruleset(ruleset: live::NewRuleset) -> Result<live::Ruleset, Error> {
            run(&WASI, livehunt::create_ruleset(ruleset))
        }
        fn delete_livehunt_ruleset(id: String) -> Result<(), Error> {
            run(&WASI, livehunt::delete_ruleset(id))
        }
        fn get_livehunt_notifications(query: live::NotificationsQuery) -> Result<live::NotificationPage, Error> {
            run(&WASI, livehunt::get_notifications(query))
        }
        fn get_livehunt_notification_files(
            query: live::NotificationFilesQuery,
        ) -> Result<live::NotificationFilePage, Error> {
            run(&WASI, livehunt::get_notification_files(query))
        }
    }

    impl retro::Guest for Connector {
        fn create_retrohunt_job(job: retro::NewRetrohuntJob) -> Result<retro::RetrohuntJob, Error> {
            run(&WASI, retrohunt::create_job(job))
        }
        fn get_retrohunt_job(id: String) -> Result<retro::RetrohuntJob, Error> {
            run(&WASI, retrohunt::get_job(id))
        }
        fn get_retrohunt_jobs(query: retro::RetrohuntJobsQuery) -> Result<retro::RetrohuntJobPage, Error> {
            run(&WASI, retrohunt::get_jobs(query))
        }
        fn abort_retrohunt_job(id: String) -> Result<(), Error> {
            run(&WASI, retrohunt::abort_job(id))
        }
        fn get_retrohunt_job_matches(id: String, query: retro::MatchesQuery) -> Result<retro::MatchPage, Error> {
            run(&WASI, retrohunt::get_matches(id, query))
        }
    }

    impl stream::Guest for Connector {
        fn get_ioc_stream_objects(query: stream::IocStreamQuery) -> Result<stream::IocStreamPage, Error> {
            run(&WASI, ioc_stream::get_objects(query))
        }
        fn get_ioc_stream_notification(id: String) -> Result<stream::IocStreamNotification, Error> {
            run(&WASI, ioc_stream::get_notification(id))
        }
    }

    impl diagnostics::Guest for Connector {
        fn last_response() -> Option<diagnostics::ResponseInfo> {
            WASI.last_response()
        }
    }

    #[allow(unsafe_code, unreachable_pub, reason = "the canonical ABI's exported symbols")]
    mod symbols {
        crate::contract::bindings::export!(Connector with_types_in crate::contract::bindings);
        use super::Connector;
    }
}
