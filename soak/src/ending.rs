//! How a call ended, in the words that the host's counters use.

use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{CallError, kind_name};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer.
    Answered,
    /// With the contract's error.
    Failed(ErrorKind),
    /// With an error of the host's own, by its name in the counters.
    HostFailed(&'static str),
    /// Its caller dropped it.
    GivenUp,
}

impl Ending {
    pub(crate) fn of<T>(result: &Result<T, CallError>) -> Ending {
        match result {
            Ok(_) => Ending::Answered,
            Err(CallError::Hunting(error)) => Ending::Failed(error.kind),
            Err(CallError::Timeout { .. }) => Ending::HostFailed("host-timeout"),
            Err(CallError::Trap { .. }) => Ending::HostFailed("trap"),
            Err(CallError::Busy { .. }) => Ending::HostFailed("busy"),
            Err(CallError::Instantiate(_)) => Ending::HostFailed("instantiate"),
            Err(CallError::Poisoned) => Ending::HostFailed("poisoned"),
            Err(_) => Ending::HostFailed("unknown"),
        }
    }

    /// The kind of failure, if it is one.
    pub(crate) fn failure(self) -> Option<&'static str> {
        match self {
            Ending::Answered | Ending::GivenUp => None,
            Ending::Failed(kind) => Some(kind_name(kind)),
            Ending::HostFailed(name) => Some(name),
        }
    }

    /// In a word, for messages.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Ending::Answered => "an answer",
            Ending::GivenUp => "its caller giving up",
            other => other.failure().unwrap_or_default(),
        }
    }
}
