//! Whose id is whose: the simulator never gives one id to two users, so an id that two tenants get to see is a leak
//! from one to the other, whatever else looks right.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// All ids that any tenant has seen. Kept as hashes: a long run sees many, and the ledger must not look like a leak.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<u64, usize>>);

impl Ledger {
    /// Notes that this tenant saw this id.
    ///
    /// # Errors
    /// The tenant that saw it before, if that was another.
    pub(crate) fn claim(&self, kind: &str, id: &str, tenant: usize) -> Result<(), usize> {
        let mut hasher = DefaultHasher::new();
        (kind, id).hash(&mut hasher);
        let mut owners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *owners.entry(hasher.finish()).or_insert(tenant) {
            owner if owner == tenant => Ok(()),
            owner => Err(owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn an_id_belongs_to_whoever_saw_it_first() {
        let ledger = Ledger::default();
        assert_eq!(ledger.claim("job", "a-1", 3), Ok(()));
        assert_eq!(ledger.claim("job", "a-1", 3), Ok(()));
        assert_eq!(ledger.claim("ruleset", "a-1", 4), Ok(()));
        assert_eq!(ledger.claim("job", "a-1", 4), Err(3));
    }
}
