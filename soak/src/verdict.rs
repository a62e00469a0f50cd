//! What did not hold. The first violation is the one that explains; those after it often only follow from it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Collects violations from all tenants.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    first: Mutex<Option<String>>,
    count: AtomicU64,
}

impl Verdict {
    /// Something that has to hold did not.
    pub(crate) fn violated(&self, what: impl Into<String>) {
        self.count.fetch_add(1, Relaxed);
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what.into());
    }

    /// Whether everything held so far.
    pub(crate) fn holds(&self) -> bool {
        self.count() == 0
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    pub(crate) fn first(&self) -> Option<String> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
