//! What touches every byte of an answer: inflating gzip, and walking JSON.
//!
//! A crate of its own so that it can be compiled for speed while everything around it, which runs a few times a call, is
//! compiled for size (the profiles are in the workspace's `Cargo.toml`). What a caller would swallow is never inlined:
//! code that is inlined into a function compiled for size is compiled for size.
#![forbid(unsafe_code)]
#![cfg_attr(target_family = "wasm", no_std)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

extern crate alloc;

mod checksum;
pub mod gzip;
pub mod scan;
