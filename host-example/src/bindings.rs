//! The contract as Rust types, generated from `wit/`.
//!
//! Everything a caller needs is re-exported at the crate's root under the interfaces' names (`types`, `livehunt`,
//! `retrohunt`, `ioc_stream`, `operations`, `account`, `crowdsourced`, `snippets`, `diagnostics`); the generated exports
//! themselves are for embedders that drive a `wasmtime::Store` of their own.
//!
//! Records and enumerations serialize with `serde`, fields in snake case. All of them can have the API key taken out of their
//! texts: what a call gives is redacted before its caller sees it.

/// What wasmtime generates as `Display` of a function's error is its `Debug`, and nothing turns that off; but `write!` inside
/// what is generated is this one.
macro_rules! write {
    ($formatter:ident, "{:?}", $error:ident) => {
        $formatter.write_str(&$error.message)
    };
}

#[expect(missing_docs, reason = "generated; the documentation is in wit/")]
#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector",
        imports: { default: async | trappable },
        exports: { default: async },
        require_store_data_send: true,
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:cli": wasmtime_wasi::p2::bindings::cli,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
        },
        additional_derives: [
            PartialEq,
            serde::Serialize,
            serde::Deserialize,
            virustotal_hunting_redaction::Redact,
        ],
    });
}

pub use generated::{Connector as ConnectorExports, ConnectorPre};

/// What the component exports.
pub mod exports {
    /// The namespace of the contract's package.
    pub mod virustotal {
        /// The package `virustotal:hunting`, a module for each interface.
        pub mod hunting {
            use crate::bindings::generated::exports::virustotal::hunting;

            /// The own account: what the key may do, and how much of it is left.
            pub use hunting::account;
            /// YARA rules that others have published and VirusTotal runs on every file.
            pub use hunting::crowdsourced;
            /// What an instance knows about its last call.
            pub use hunting::diagnostics;
            /// The IoC stream: what livehunt, retrohunt and subscriptions found, in one place.
            pub use hunting::ioc_stream;
            /// Livehunt: rulesets, who may edit them, and the notifications of what they matched.
            pub use hunting::livehunt;
            /// How something stands that takes VirusTotal a while.
            pub use hunting::operations;
            /// Retrohunt: jobs and their matches.
            pub use hunting::retrohunt;
            /// The bytes around a match, read from VirusTotal's dump.
            pub use hunting::snippets;
            /// What the interfaces share: the error, pages, and how much one step of following reads.
            pub use hunting::types;
        }
    }
}

use exports::virustotal::hunting::{account, crowdsourced, ioc_stream, livehunt, retrohunt, types};

/// An empty query asks for VirusTotal's own defaults: `RulesetsQuery { limit: Some(40), ..Default::default() }`; empty
/// changes change nothing, and an empty budget is the component's own.
macro_rules! empty_by_default {
    ($($query:path { $($field:ident),* })+) => {$(
        #[allow(clippy::derivable_impls, reason = "the type is generated")]
        impl Default for $query {
            fn default() -> Self {
                Self { $($field: None),* }
            }
        }
    )+};
}

empty_by_default! {
    livehunt::RulesetsQuery { limit, filter, order, cursor, relationships }
    livehunt::RulesetEditorsQuery { limit, cursor }
    livehunt::NotificationsQuery { limit, filter, order, cursor, count_limit }
    livehunt::NotificationFilesQuery { limit, filter, cursor, count_limit }
    retrohunt::RetrohuntJobsQuery { limit, filter, cursor }
    retrohunt::MatchesQuery { limit, cursor }
    ioc_stream::IocStreamQuery { limit, descriptors_only, filter, order, cursor }
    livehunt::RulesetChanges { name, rules, enabled, limit, notification_emails, match_object_type }
    livehunt::RulesetNotificationFilesQuery { limit, descriptors_only, cursor }
    livehunt::NotificationsPoll { since, filter, overlap_seconds }
    ioc_stream::IocStreamPoll { since, descriptors_only, filter, overlap_seconds }
    types::PollBudget { items, requests, milliseconds }
    account::UsageQuery { start_date, end_date }
    crowdsourced::CrowdsourcedYaraRulesQuery { limit, filter, order, cursor }
}

#[cfg(test)]
mod tests {
    use super::types::{Error, ErrorKind};

    #[test]
    fn the_contracts_error_is_displayed_as_its_message() {
        let error = Error {
            kind: ErrorKind::NotFound,
            code: "NotFoundError".to_owned(),
            message: "There is no such job.".to_owned(),
            status: Some(404),
            retry_after: None,
            retryable: false,
        };
        assert_eq!(error.to_string(), "There is no such job.");
        let boxed: Box<dyn std::error::Error> = Box::new(error);
        assert_eq!(boxed.to_string(), "There is no such job.");
    }
}
