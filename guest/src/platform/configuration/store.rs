//! Settings from `wasi:config/store`, which a host answers from wherever it keeps them.
//!
//! Key by key and not with `get-all`: a store may hold what is none of the component's business, and what a call has no use
//! for is not read (`apikey`, where the host adds it).

use crate::api::store_keys::{UNREADABLE, key};
use crate::contract::bindings::wasi::config::store;
use alloc::string::String;
use core::cell::RefCell;

/// The store, and the first key it failed at.
pub(in crate::platform) struct Store(RefCell<Option<String>>);

/// Nothing is kept from call to call, so that a rotated key works at once.
pub(in crate::platform) fn read() -> Store {
    Store(RefCell::new(None))
}

impl Store {
    /// The value of a variable's key; of [`UNREADABLE`], the key that the store failed at. What the store says of its failure
    /// stays with the host: it can name what lies behind it.
    pub(in crate::platform) fn variable(&self, name: &str) -> Option<String> {
        if name == UNREADABLE {
            return self.0.take();
        }
        let key = key(name);
        match store::get(&key) {
            Ok(value) => value,
            Err(_) => {
                if let Ok(mut failed_at) = self.0.try_borrow_mut() {
                    failed_at.get_or_insert(key);
                }
                None
            }
        }
    }
}
