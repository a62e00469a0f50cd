//! Settings from `wasi:cli/environment`.

use alloc::string::String;
use alloc::vec::Vec;

/// The environment at the time of a call.
pub(in crate::platform) struct Environment(Vec<(String, String)>);

/// Takes the environment anew, so that a rotated key works at once.
pub(in crate::platform) fn read() -> Environment {
    Environment(wasi::cli::environment::get_environment())
}

impl Environment {
    /// A variable's value.
    pub(in crate::platform) fn variable(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}
