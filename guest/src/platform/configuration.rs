//! Where the settings come from: `wasi:cli/environment`, the one source every runtime offers, or, with the feature
//! `config-store`, the host's configuration store.

#[cfg(feature = "config-store")]
mod store;

#[cfg(feature = "config-store")]
pub(super) use store::read;

#[cfg(not(feature = "config-store"))]
pub(super) use environment::read;

#[cfg(not(feature = "config-store"))]
mod environment;
