//! Host, component and simulator together: one module per behaviour, one binary, so that wasmtime is linked once.
//!
//! Nothing here leaves this machine, waits for a clock to pass, or depends on a port or on the order of the tests.
//! Tests that need the server's word use the simulator ([`support::world`]); tests that need its bytes use an adversary
//! of their own ([`support::raw_server`]); tests that need a host which does what ours never would use a bare one
//! ([`support::bare`]).
#![forbid(unsafe_code)]

mod actions;
mod command_line_surface;
mod completions;
mod concurrency;
mod configuration;
mod diagnostics;
mod envelopes;
mod errors;
mod fixtures;
mod follow;
mod following;
mod gateway;
mod gzip;
mod hostile;
mod injection;
mod job_check;
mod key;
mod layout;
mod limits;
mod lists;
#[allow(dead_code, reason = "each of the two binaries uses its part")]
#[path = "support/logs.rs"]
mod logs;
mod more_fixtures;
mod next_page;
mod paging;
mod planted;
#[path = "support/program.rs"]
mod program;
mod read_only;
mod redirects;
mod request_bytes;
mod retries;
mod rules_check;
mod suggested_commands;
mod support;
mod surface;
mod tenants;
mod transport;
mod wait;
