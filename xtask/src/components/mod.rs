//! The components beside the main one, in `target/components/`: one file each.

pub(crate) mod config_store;
pub(crate) mod gateway;
pub(crate) mod tools;
pub(crate) mod triage;
