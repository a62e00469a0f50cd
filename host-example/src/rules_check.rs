//! YARA rules checked before they are uploaded, by a second component, `virustotal:yara-check`.
//!
//! It runs in the same sandbox as the first one, with even less: its linker holds nothing at all, so a component with any
//! import does not load. A check is a pure function, so there are no tenants here and no settings: a fresh instance a check,
//! with a cap on its memory and on its time.
//!
//! The component is optional. A host runs the check before an upload where the component's file is there, and uploads
//! unchecked where it is not: [`RulesChecker::find`].

use crate::compiled;
use crate::error::LoadError;
use crate::limits::InstanceLimits;
use crate::runtime::{cause, engine, tick};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

#[allow(unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../yara-check/wit",
        world: "yara-check",
        exports: { default: async },
        require_store_data_send: true,
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

use generated::YaraCheckPre;
pub use generated::exports::virustotal::yara_check::rules_check::{
    CheckOptions, Finding, Hunt, MatchObjectType, Report, Severity,
};

/// The component's file, beside the main component's.
const FILE_NAME: &str = "virustotal_yara_check.wasm";

/// How many checks run at the same time; more wait. Each takes a good part of a core.
const MAX_CHECKS: u32 = 16;

/// How long a check may take, and how much memory, unless somebody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_MEMORY_BYTES: u64 = 512 << 20;

/// The compiled component, ready for any number of checks.
pub struct RulesChecker {
    pre: YaraCheckPre<InstanceLimits>,
    places: Arc<Semaphore>,
    timeout: Duration,
    max_memory_bytes: u64,
}

/// Why there is no report. What is wrong with the rules is in a report, and never an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The component could not be started.
    #[error(
        "the component that checks rules did not start: {0}. Rebuild it with `cargo xtask build`, or upload unchecked"
    )]
    Instantiate(String),
    /// It did not end in time.
    #[error("checking the rules did not end within {0:.1?}. Upload fewer rules at once, or unchecked")]
    Timeout(Duration),
    /// It broke off: a bug, or more memory than it may have.
    #[error("checking the rules broke off: {0}. Upload fewer rules at once, or unchecked")]
    Trap(String),
}

impl RulesChecker {
    /// Compiles the component in this file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no component, imports anything, or does not export the contract.
    pub fn load(path: impl AsRef<Path>) -> Result<RulesChecker, LoadError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| LoadError::Read { path: path.to_owned(), error })?;
        RulesChecker::new(&bytes, &path.display().to_string(), None)
    }

    /// Compiles the component in these bytes.
    ///
    /// # Errors
    ///
    /// They are no component, import anything, or do not export the contract.
    pub fn from_bytes(bytes: &[u8]) -> Result<RulesChecker, LoadError> {
        RulesChecker::from_bytes_with(bytes, None)
    }

    /// [`RulesChecker::from_bytes`] with a folder of compiled components, as
    /// [`RuntimeOptions::compiled`](crate::RuntimeOptions::compiled).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_bytes_with(bytes: &[u8], compiled: Option<&Path>) -> Result<RulesChecker, LoadError> {
        RulesChecker::new(bytes, "the given component", compiled)
    }

    /// Compiles the component beside this one, if it is there.
    ///
    /// # Errors
    ///
    /// It is there and does not load.
    pub fn find(hunting_component: impl AsRef<Path>) -> Result<Option<RulesChecker>, LoadError> {
        RulesChecker::find_with(hunting_component, None)
    }

    /// [`RulesChecker::find`] with a folder of compiled components, as
    /// [`RuntimeOptions::compiled`](crate::RuntimeOptions::compiled).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn find_with(
        hunting_component: impl AsRef<Path>,
        compiled: Option<&Path>,
    ) -> Result<Option<RulesChecker>, LoadError> {
        let path = RulesChecker::beside(hunting_component);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(|error| LoadError::Read { path: path.clone(), error })?;
        RulesChecker::new(&bytes, &path.display().to_string(), compiled).map(Some)
    }

    /// Where the component is, seen from the main one.
    pub fn beside(hunting_component: impl AsRef<Path>) -> PathBuf {
        hunting_component.as_ref().with_file_name(FILE_NAME)
    }

    /// With another limit on the time of a check. Default: 60 seconds.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> RulesChecker {
        self.timeout = timeout;
        self
    }

    /// With another limit on the memory of a check. Default: 512 MiB, of which a text of 1 MB in one rule takes a good part;
    /// usual ones take a few.
    #[must_use]
    pub fn with_max_memory_bytes(mut self, max_memory_bytes: u64) -> RulesChecker {
        self.max_memory_bytes = max_memory_bytes;
        self
    }

    /// Checks a source text, in a fresh instance.
    ///
    /// # Errors
    ///
    /// Only where the component failed: what is wrong with the rules is in the report.
    pub async fn check(&self, source: &str, options: CheckOptions) -> Result<Report, CheckError> {
        // The semaphore is never closed.
        let _place = self.places.acquire().await.map_err(|error| CheckError::Instantiate(error.to_string()))?;
        let mut store = Store::new(self.pre.engine(), InstanceLimits::new(self.max_memory_bytes));
        store.limiter(|limits| limits);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let instance = self.pre.instantiate_async(&mut store).await;
        let instance = instance.map_err(|error| CheckError::Instantiate(cause(&error)))?;
        let rules = instance.virustotal_yara_check_rules_check();
        match tokio::time::timeout(self.timeout, rules.call_check_rules(&mut store, source, options)).await {
            Ok(Ok(report)) => Ok(report),
            Ok(Err(_)) if store.data().memory_refused => Err(CheckError::Trap(format!(
                "it needs more memory than the {} bytes it may have",
                self.max_memory_bytes
            ))),
            Ok(Err(error)) => Err(CheckError::Trap(cause(&error))),
            Err(_) => Err(CheckError::Timeout(self.timeout)),
        }
    }

    fn new(bytes: &[u8], what: &str, folder: Option<&Path>) -> Result<RulesChecker, LoadError> {
        let engine: Engine = engine(MAX_CHECKS)?;
        let component = compiled::component(&engine, bytes, folder)
            .map_err(|error| LoadError::Component { what: what.to_owned(), reason: cause(&error) })?;
        let world = |error: wasmtime::Error| LoadError::RulesWorld { what: what.to_owned(), reason: cause(&error) };
        // An empty linker: whatever a component imports, it is not there.
        let pre = Linker::new(&engine).instantiate_pre(&component).and_then(YaraCheckPre::new).map_err(world)?;
        tick(&engine).map_err(|error| LoadError::Engine(error.to_string()))?;
        Ok(RulesChecker {
            pre,
            places: Arc::new(Semaphore::new(MAX_CHECKS as usize)),
            timeout: TIMEOUT,
            max_memory_bytes: MAX_MEMORY_BYTES,
        })
    }
}

impl Report {
    /// Whether VirusTotal would refuse the rules, as far as the check can tell.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

impl std::fmt::Debug for RulesChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RulesChecker")
            .field("timeout", &self.timeout)
            .field("max_memory_bytes", &self.max_memory_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> LoadError {
        RulesChecker::from_bytes(&wat::parse_str(text).unwrap()).expect_err("it does not fit")
    }

    #[test]
    fn a_component_with_any_import_does_not_load() {
        let import = r#""wasi:random/insecure-seed@0.2.0" (instance (export "insecure-seed" (func (result u64))))"#;
        let error = load(&format!("(component (import {import}))"));
        assert!(matches!(&error, LoadError::RulesWorld { reason, .. } if reason.contains("insecure-seed")), "{error}");
    }

    #[test]
    fn a_component_without_the_contract_does_not_load() {
        let error = load("(component)");
        let named = error.to_string().contains("virustotal:yara-check/rules-check");
        assert!(named && matches!(error, LoadError::RulesWorld { .. }), "{error}");
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(matches!(RulesChecker::from_bytes(b"no component"), Err(LoadError::Component { .. })));
        assert!(matches!(RulesChecker::load("/nowhere/x.wasm"), Err(LoadError::Read { .. })));
    }

    #[test]
    fn a_component_that_is_not_there_is_none() {
        assert!(matches!(RulesChecker::find("/nowhere/virustotal_hunting.wasm"), Ok(None)));
        assert_eq!(RulesChecker::beside("/a/b/c.wasm"), Path::new("/a/b").join(FILE_NAME));
    }

    #[test]
    fn a_check_can_be_spawned() {
        fn spawned(_: impl Future + Send + 'static) {}
        fn unused(checker: Arc<RulesChecker>) {
            let options = CheckOptions { hunt: Hunt::Livehunt, match_object_type: None, gti: false };
            spawned(async move { checker.check("rule a { condition: true }", options).await });
        }
        let _ = unused;
    }
}
