//! Where the settings come from: `wasi:cli/environment`, the one source every runtime offers.

use alloc::string::String;
use alloc::vec::Vec;

/// The environment at the time of a call.
pub(super) struct Environment(Vec<(String, String)>);

/// Takes the environment anew, so that a rotated key works at once.
pub(super) fn read() -> Environment {
    Environment(wasi::cli::environment::get_environment())
}

impl Environment {
    /// A variable's value.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}
