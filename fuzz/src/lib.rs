//! What must hold whatever a stranger sends. One module per target; each has a `check` that panics when something does
//! not hold, and says there what its input looks like: text where possible, so that a finding can be read and edited.
//!
//! The judges are other people's code: `serde_json`, `flate2` over `zlib-rs`, `httpdate`, `url`.
//!
//! Findings are kept in `regressions/<target>/`, and as unit tests beside the code that was at fault.
#![forbid(unsafe_code)]

pub mod base_url;
mod egress;
pub mod egress_policy;
pub mod error_decoding;
mod exchange;
pub mod gzip;
pub mod header_parsing;
pub mod query_building;
pub mod response_decoding;
pub mod resuming;
mod settings;
