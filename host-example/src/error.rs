//! What can go wrong around a call, as opposed to what VirusTotal says inside one.
//!
//! Every message names the thing and the next step. None holds the API key, a query or a filter.

use crate::bindings::exports::virustotal::hunting::types;
use crate::settings::SettingsError;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Why a call gave no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The component's own answer: the contract's error, with kind, code, status and whether repeating may help.
    Hunting(types::Error),
    /// The host's timeout, which lies a little above the component's own. The instance is gone; the next call gets a
    /// new one.
    Timeout {
        /// The action.
        action: &'static str,
        /// After how long.
        after: Duration,
    },
    /// The component broke off (a bug, or more memory than `max_memory_bytes`). The instance is gone; the next call
    /// gets a new one.
    Trap {
        /// The action.
        action: &'static str,
        /// The trap, without a backtrace.
        reason: String,
    },
    /// No turn came within `queue_timeout`.
    Busy {
        /// What there is not enough of.
        limit: Limit,
        /// After how long.
        after: Duration,
    },
    /// The component could not be started.
    Instantiate(String),
    /// A call on this [`Instance`](crate::Instance) before ended in a timeout or a trap, or was dropped while it ran.
    Poisoned,
}

/// What there can be too few of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// `max_concurrent_calls`, of this tenant.
    TenantCalls,
    /// The runtime's instances, shared by all tenants.
    Instances,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Hunting(error) => write!(f, "{} ({})", error.message, error.code),
            CallError::Timeout { action, after } => write!(
                f,
                "{action} did not end within {after:.1?}. Try again, or raise `timeout`; before repeating an action that \
                 creates or aborts, list what is there"
            ),
            CallError::Trap { action, reason } => write!(
                f,
                "the component broke off in {action}: {reason}. The next call starts afresh; if this repeats with a \
                 large answer, raise `max_memory_bytes` or lower the query's limit"
            ),
            CallError::Busy { limit: Limit::TenantCalls, after } => write!(
                f,
                "no turn within {after:.1?}: as many calls as `max_concurrent_calls` allows are running. Try again \
                 later, or raise it"
            ),
            CallError::Busy { limit: Limit::Instances, after } => write!(
                f,
                "no turn within {after:.1?}: all instances of the runtime are in use. Drop idle instances, or raise \
                 `RuntimeOptions::max_instances`"
            ),
            CallError::Instantiate(reason) => {
                write!(f, "the component did not start: {reason}. Rebuild it with `cargo xtask build`")
            }
            CallError::Poisoned => {
                f.write_str("a call on this instance ended before its time; drop it and take a new one")
            }
        }
    }
}

impl std::error::Error for CallError {}

impl From<types::Error> for CallError {
    fn from(error: types::Error) -> CallError {
        CallError::Hunting(error)
    }
}

impl CallError {
    /// The contract's error, where the component gave one.
    pub fn as_hunting(&self) -> Option<&types::Error> {
        match self {
            CallError::Hunting(error) => Some(error),
            _ => None,
        }
    }

    /// Whether a call that changes something may have been carried out although it failed, and would act twice if it were
    /// repeated: ask `reconcile-…`, or look at what is there, before that.
    pub fn is_in_doubt(&self) -> bool {
        match self {
            CallError::Hunting(error) => error.is_in_doubt(),
            CallError::Timeout { .. } | CallError::Trap { .. } => true,
            CallError::Busy { .. } | CallError::Instantiate(_) | CallError::Poisoned => false,
        }
    }

    /// Whether the very same call may succeed later and repeating it cannot act twice.
    pub fn is_retryable(&self) -> bool {
        match self {
            CallError::Hunting(error) => error.retryable,
            CallError::Busy { .. } | CallError::Poisoned => true,
            CallError::Timeout { .. } | CallError::Trap { .. } | CallError::Instantiate(_) => false,
        }
    }
}

impl types::Error {
    /// Whether a call that changes something may have been carried out although it failed, and would act twice if it were
    /// repeated. The message of such an error says the same.
    ///
    /// It is read from what the contract has: a request that was refused (4xx) or never left was not carried out, and one
    /// that is `retryable` does no harm twice.
    pub fn is_in_doubt(&self) -> bool {
        use types::ErrorKind::{Protocol, Timeout, TooLarge, Transport};

        match self.status {
            _ if self.retryable => false,
            Some(400..=499) => false,
            Some(_) => true,
            // No trusted TLS connection: nothing was sent. Each other failure without an answer that knows as much is
            // retryable.
            None => matches!(self.kind, Protocol | Timeout | TooLarge | Transport) && self.code != "TlsError",
        }
    }
}

/// Why the component could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no such file, or it cannot be read.
    #[error("the component {path} cannot be read ({error}); build it with `cargo xtask build`", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is no WebAssembly component, or one this runtime cannot run.
    #[error("{what} is no component this runtime can run: {reason}; build it with `cargo xtask build`")]
    Component {
        /// The file, or `the given bytes`.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// It imports more than the seven interfaces it may have, or does not export the contract.
    #[error(
        "{what} does not fit the world `virustotal:hunting/connector`: {reason}; build it with `cargo xtask build`"
    )]
    World {
        /// The file, or `the given bytes`.
        what: String,
        /// What is missing.
        reason: String,
    },
    /// The component that checks rules imports something, or does not export its contract.
    #[error(
        "{what} does not fit the world `virustotal:yara-check/yara-check`: {reason}; build it with `cargo xtask build`"
    )]
    RulesWorld {
        /// The file, or `the given component`.
        what: String,
        /// What is there and should not be, or is missing.
        reason: String,
    },
    /// WebAssembly cannot run here.
    #[error("the WebAssembly engine cannot start: {0}")]
    Engine(String),
    /// The settings, where they are part of loading.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}
