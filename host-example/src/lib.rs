//! A WebAssembly host for VirusTotal's hunting API: the component `virustotal:hunting` in `wasmtime`, with typed
//! methods, a hardened way out, and tenants kept apart.
//!
//! ```no_run
//! use vt_hunting_host::{ApiKey, Runtime, Settings, retrohunt::RetrohuntJobsQuery};
//!
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once: compile the component.
//! let runtime = Runtime::load("virustotal_hunting.wasm")?;
//!
//! // Per tenant: settings, and with them a connection pool of their own.
//! let connector = runtime.connector(Settings::new(ApiKey::new("…")?))?;
//!
//! // Per call: a fresh instance.
//! let jobs = connector.get_retrohunt_jobs(&RetrohuntJobsQuery::default()).await?;
//! println!("{} jobs", jobs.items.len());
//! # Ok(()) }
//! ```
//!
//! | what | where |
//! |---|---|
//! | engine, linker, compiled component | [`Runtime`] |
//! | one tenant and its actions | [`Connector`], [`Instance`] |
//! | configuration | [`Settings`], [`PartialSettings`] |
//! | failures | [`CallError`], [`LoadError`], [`SettingsError`] |
//! | rules checked before they are uploaded | [`RulesChecker`] |
//! | every outgoing request | [`egress`] |
//! | the gateway, served over HTTP | `serve`, with the feature of that name |

#![deny(missing_docs)]
#![deny(unsafe_code)]

mod actions;
pub mod bindings;
mod compiled;
mod connector;
mod counters;
pub mod egress;
mod error;
pub mod files;
mod instance;
mod limits;
pub mod rules_check;
mod runtime;
#[cfg(feature = "serve")]
pub mod serve;
mod settings;
mod state;

#[doc(inline)]
pub use bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
pub use connector::Connector;
pub use counters::{CountersSnapshot, kind_name};
pub use error::{CallError, Limit, LoadError};
pub use instance::Instance;
pub use rules_check::RulesChecker;
pub use runtime::{Runtime, RuntimeOptions};
pub use settings::{
    Access, ApiKey, DEFAULT_URL, EffectiveSetting, InvalidApiKey, PartialSettings, REDACTED, Redactor, RequestRate,
    Secret, Settings, SettingsError, Source, Sourced,
};

/// The code in the documents, compiled as documentation tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../docs/embedding.md")]
    struct Embedding;

    #[doc = include_str!("../../docs/hunting.md")]
    struct Hunting;
}
