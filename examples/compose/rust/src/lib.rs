//! A guest that imports the hunting contract, sums up what came in, and imports nothing else.
//!
//! It is built for `wasm32-unknown-unknown`, whose standard library has nothing to import: once the connector is plugged in,
//! the file's imports are the connector's seven. [`pages`] reads, [`summary`] counts; this file joins the two.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::indexing_slicing, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        world: "example:triage/analyst",
        path: ["../../../wit", "../wit"],
        generate_all,
    });
}
mod pages;
mod summary;

use bindings::exports::example::triage::triage::{Failure, Guest, Summary};
use bindings::virustotal::hunting::types::Error;
use summary::Tally;

/// How many arrivals are told one by one when nobody says.
const DEFAULT_NEWEST: u32 = 10;

struct Analyst;

impl Guest for Analyst {
    fn triage(since: Option<u64>, newest: Option<u32>) -> Result<Summary, Failure> {
        let mut tally = Tally::new(newest.unwrap_or(DEFAULT_NEWEST));
        let mut incomplete = pages::stream(since, |object| tally.object(object))?;
        // The second list is read even if the first one broke off: what there is of it is good.
        match pages::notifications(since, |notification| tally.notification(notification)) {
            Ok(end) => incomplete = incomplete.or(end),
            Err(error) if incomplete.is_none() => return Err(error.into()),
            Err(_) => {}
        }
        Ok(tally.into_summary(incomplete.map(Failure::from)))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Error { code, message, status, retryable, .. } = error;
        Self { code, message, status, retryable }
    }
}

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, reason = "generated")]
mod symbols {
    super::bindings::export!(Analyst with_types_in super::bindings);
    use super::Analyst;
}
