//! Compiled components kept between runs, so that a program that is started for one call does not compile for it.
//!
//! A compiled component is native code: whoever can write such a file runs what they like in this process. So the rules of
//! [`files`](crate::files) hold for the file, its folder and the whole way to it, and what was checked is what is loaded: the
//! folder is held open, the file found in it, and its bytes read once. It is named by a digest of the component and of everything
//! that decides what it compiles to, and wasmtime looks once more whether it is its own. Whatever is in the way of that (no such
//! folder, another owner, half a file) costs the time to compile, nothing else. On systems without owners and permissions as Unix
//! has them nothing is kept.
//!
//! This file has all the unsafe code of this crate: two calls that trust what wasmtime compiled to be what it was.
#![allow(unsafe_code, reason = "each use says why")]

use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::Component;

/// Compiles a component, or takes it from a folder of such files, where there is one; it is kept there then.
///
/// # Errors
///
/// It is no component.
pub(crate) fn component(engine: &Engine, bytes: &[u8], folder: Option<&Path>) -> wasmtime::Result<Component> {
    #[cfg(unix)]
    if let Some(folder) = folder {
        return kept::component(engine, bytes, folder);
    }
    let _ = folder;
    Component::from_binary(engine, bytes)
}

#[cfg(unix)]
mod kept {
    use std::hash::{Hash as _, Hasher};
    use std::path::Path;
    use std::time::Duration;

    use sha2::{Digest as _, Sha256};
    use wasmtime::Engine;
    use wasmtime::component::Component;

    use crate::files::Folder;

    const DAY: Duration = Duration::from_secs(86_400);
    /// Files of components that have not been compiled for so long are of versions that nobody runs any more.
    const OLD: Duration = DAY.saturating_mul(90);
    const EXTENSION: &str = ".cwasm";

    pub(super) fn component(engine: &Engine, bytes: &[u8], folder: &Path) -> wasmtime::Result<Component> {
        let digest = digest(engine, bytes);
        let name = format!("{digest}{EXTENSION}");
        if let Some(component) = read(engine, folder, &name) {
            return Ok(component);
        }
        let compiled = engine.precompile_component(bytes)?;
        let kept = Folder::open(folder, true).and_then(|folder| {
            folder.clear(oldest);
            folder.write(&name, &format!("{digest}.{}.new", std::process::id()), &compiled)
        });
        if let Err(error) = kept {
            tracing::debug!(folder = %folder.display(), %error, "the compiled component cannot be kept");
        }
        // SAFETY: this very engine has just made these bytes.
        unsafe { Component::deserialize(engine, &compiled) }
    }

    /// The file's content; nothing where it cannot be trusted.
    fn read(engine: &Engine, folder: &Path, name: &str) -> Option<Component> {
        let told =
            |error: &dyn std::fmt::Display| tracing::debug!(folder = %folder.display(), %error, "nothing kept is used");
        let opened = Folder::open(folder, false).inspect_err(|error| told(error)).ok()?;
        let bytes = opened.read(name).inspect_err(|error| told(error)).ok()?;
        // SAFETY: only the user of this process can have written these bytes, and the name says that they are what wasmtime
        // makes of this component.
        let component = unsafe { Component::deserialize(engine, &bytes) };
        component.inspect_err(|error| told(error)).ok()
    }

    /// After how long a file of this program's is of no use: what is not named as its files are is none.
    fn oldest(name: &str) -> Option<Duration> {
        let (digest, rest) = name.split_at_checked(64)?;
        let is_digest = digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let process = rest.strip_prefix('.').and_then(|rest| rest.strip_suffix(".new"));
        match rest {
            _ if !is_digest => None,
            EXTENSION => Some(OLD),
            // Half a file, of a program that was killed.
            _ if process.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())) => Some(DAY),
            _ => None,
        }
    }

    /// Names what is compiled, by all that decides what comes of it.
    pub(super) fn digest(engine: &Engine, bytes: &[u8]) -> String {
        let mut digest = Digest(Sha256::new());
        digest.write(bytes);
        engine.precompile_compatibility_hash().hash(&mut digest);
        digest.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A digest that values can be hashed into.
    struct Digest(Sha256);

    impl Hasher for Digest {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            // Nobody asks: the digest is taken whole.
            0
        }
    }
}

#[cfg(all(test, unix))]
#[path = "compiled_tests.rs"]
mod tests;
