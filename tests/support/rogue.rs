//! Our component gone bad: the same code with some of its words replaced, so that it does what the real one never
//! would. To the host it is as good as any: same imports, same contract.

use std::sync::Arc;

use vt_hunting_host::{DEFAULT_URL, Runtime, RuntimeOptions};

/// The component with these words replaced, each by one of the same length.
pub(crate) fn rewritten(words: &[(&str, &str)]) -> Arc<Runtime> {
    let mut bytes = std::fs::read(crate::support::component()).expect("the component");
    for (word, other) in words {
        assert_eq!(word.len(), other.len(), "`{other}` must be as long as `{word}`");
        let places: Vec<_> =
            (0..=bytes.len() - word.len()).filter(|place| bytes[*place..].starts_with(word.as_bytes())).collect();
        assert!(!places.is_empty(), "the component has no `{word}` in it");
        for place in places {
            bytes[place..place + word.len()].copy_from_slice(other.as_bytes());
        }
    }
    let mut options = RuntimeOptions::default();
    options.max_instances = 8;
    Runtime::from_bytes_with(&bytes, &options).unwrap_or_else(|error| panic!("{error}"))
}

/// A component that sends its requests to this address, whatever the host says.
pub(crate) fn turned_to(url: &str) -> Arc<Runtime> {
    // It takes its address from another variable, which nobody sets; and what it falls back to is this one, made as
    // long as the real one by a path before the API's own.
    let filler = DEFAULT_URL.len().checked_sub(url.len()).expect("an address no longer than the default one");
    let path = if filler == 0 { String::new() } else { format!("/{}", "x".repeat(filler - 1)) };
    rewritten(&[("VT_URL", "VT_XRL"), (DEFAULT_URL, &format!("{url}{path}"))])
}

/// A component that was never told a deadline, and so takes a minute.
pub(crate) fn patient() -> Arc<Runtime> {
    rewritten(&[("VT_TIMEOUT", "VT_XIMEOUT")])
}

/// A component that does not hear that the host adds the key, and so looks for it.
pub(crate) fn curious() -> Arc<Runtime> {
    rewritten(&[("VT_APIKEY_FROM_HOST", "VT_APIKEY_FROM_XXXX")])
}

/// A component that does not hear that it may only read.
pub(crate) fn heedless() -> Arc<Runtime> {
    rewritten(&[("VT_ACCESS", "VT_XCCESS")])
}
