//! Compiled components kept between runs, so that a program that is started for one call does not compile for it.
//!
//! A compiled component is native code: whoever can write such a file runs what they like in this process. So a file is
//! used only where it and its folder belong to the user of this process and nobody else may write them; it is named by a
//! digest of the component and of everything that decides what it compiles to, and wasmtime looks once more whether it is
//! its own. Whatever is in the way of that (no such folder, another owner, half a file) costs the time to compile, nothing
//! else. On systems without owners and permissions as Unix has them nothing is kept.
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
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::hash::{Hash as _, Hasher};
    use std::io::{self, Write as _};
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use sha2::{Digest as _, Sha256};
    use wasmtime::Engine;
    use wasmtime::component::Component;

    /// Files of components that have not been compiled for so long are of versions that nobody runs any more.
    const OLD: Duration = Duration::from_secs(90 * 86_400);
    const EXTENSION: &str = "cwasm";

    pub(super) fn component(engine: &Engine, bytes: &[u8], folder: &Path) -> wasmtime::Result<Component> {
        let path = folder.join(name(engine, bytes)).with_extension(EXTENSION);
        if let Some(component) = read(engine, &path) {
            return Ok(component);
        }
        let compiled = engine.precompile_component(bytes)?;
        if let Err(error) = store(&path, &compiled) {
            tracing::debug!(path = %path.display(), %error, "the compiled component cannot be kept");
        }
        // SAFETY: this very engine has just made these bytes.
        unsafe { Component::deserialize(engine, &compiled) }
    }

    /// The file's content in memory, mapped and not read; nothing where it cannot be trusted.
    fn read(engine: &Engine, path: &Path) -> Option<Component> {
        let folder = path.parent()?;
        let is_ours = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| is_ours_alone(&metadata));
        if !(path.is_file() && is_ours(folder) && is_ours(path)) {
            return None;
        }
        // SAFETY: only the user of this process can have written the file or put another in its place, and the name says
        // that it is what wasmtime makes of this component; files here are written aside and renamed, never in place.
        let component = unsafe { Component::deserialize_file(engine, path) };
        component.inspect_err(|error| tracing::debug!(path = %path.display(), %error, "it is compiled anew")).ok()
    }

    /// A file or folder, not a link to one, that belongs to this process's user, and that only they may write.
    pub(super) fn is_ours_alone(metadata: &Metadata) -> bool {
        !metadata.is_symlink() && metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
    }

    /// Names what is compiled, by all that decides what comes of it.
    fn name(engine: &Engine, bytes: &[u8]) -> String {
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

    /// Aside, then renamed: nobody meets half a file, and one that is mapped somewhere stays what it was.
    fn store(path: &Path, compiled: &[u8]) -> io::Result<()> {
        let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if !is_ours_alone(&folder.symlink_metadata()?) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "others may write its folder, or own it"));
        }
        let aside = path.with_extension(format!("{}.new", std::process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside)
            .and_then(|mut file: File| file.write_all(compiled))
            .and_then(|()| std::fs::rename(&aside, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
        clear(folder);
        written
    }

    /// Takes away what is old, as far as that works.
    fn clear(folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_old = |metadata: Metadata| {
                let age = metadata
                    .modified()
                    .and_then(|then| SystemTime::now().duration_since(then).map_err(io::Error::other));
                age.is_ok_and(|age| age > OLD)
            };
            if entry.path().extension().is_some_and(|extension| extension == EXTENSION)
                && entry.metadata().is_ok_and(is_old)
            {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const COMPONENT: &str = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 7))
        (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))"#;

    /// A folder of this test's own, gone at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Folder {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let name = format!("vt-hunting-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            Folder(std::env::temp_dir().join(name).join("compiled"))
        }

        fn files(&self) -> Vec<PathBuf> {
            std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
        }

        /// What the component answers, taken through the folder.
        fn answer(&self) -> u32 {
            let engine = Engine::default();
            let bytes = wat::parse_str(COMPONENT).unwrap();
            let component = component(&engine, &bytes, Some(&self.0)).unwrap();
            let mut store = wasmtime::Store::new(&engine, ());
            let linker = wasmtime::component::Linker::new(&engine);
            let instance = linker.instantiate(&mut store, &component).unwrap();
            let f = instance.get_typed_func::<(), (u32,)>(&mut store, "f").unwrap();
            f.call(&mut store, ()).unwrap().0
        }

        /// Which file it is: another one has another number.
        fn inode(&self) -> u64 {
            let [file] = self.files().try_into().expect("one file");
            std::fs::metadata(file).unwrap().ino()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(self.0.parent().expect("it has one"));
        }
    }

    #[test]
    fn a_component_is_compiled_once_and_then_taken_from_the_file() {
        let folder = Folder::new();
        assert_eq!(folder.answer(), 7);
        let first = folder.inode();
        assert_eq!((folder.answer(), folder.inode()), (7, first));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&folder.0), mode(&folder.files()[0])), (0o700, 0o600));
    }

    #[test]
    fn a_file_that_others_may_write_is_not_trusted() {
        let folder = Folder::new();
        folder.answer();
        let first = folder.inode();
        std::fs::set_permissions(&folder.files()[0], Permissions::from_mode(0o622)).unwrap();
        assert_eq!(folder.answer(), 7);
        assert_ne!(folder.inode(), first, "it was taken");
    }

    #[test]
    fn a_folder_that_others_may_write_is_not_trusted_and_nothing_is_kept_there() {
        let folder = Folder::new();
        std::fs::create_dir_all(&folder.0).unwrap();
        std::fs::set_permissions(&folder.0, Permissions::from_mode(0o777)).unwrap();
        assert_eq!((folder.answer(), folder.files().len()), (7, 0));
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = Folder::new();
        folder.answer();
        let [file] = folder.files().try_into().expect("one file");
        let elsewhere = folder.0.parent().unwrap().join("elsewhere");
        std::fs::rename(&file, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
        assert_eq!(folder.answer(), 7);
        assert!(!file.symlink_metadata().unwrap().is_symlink(), "the link was taken");
    }

    #[test]
    fn half_a_file_is_compiled_anew() {
        let folder = Folder::new();
        folder.answer();
        let [file] = folder.files().try_into().expect("one file");
        let whole = std::fs::read(&file).unwrap();
        for length in [0, 10, whole.len() / 2] {
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &whole[..length]).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            assert_eq!(folder.answer(), 7, "{length}");
        }
        assert_eq!(std::fs::metadata(&file).unwrap().len(), whole.len() as u64);
    }

    #[test]
    fn what_is_no_component_is_refused_with_a_folder_too() {
        let folder = Folder::new();
        assert!(component(&Engine::default(), b"no component", Some(&folder.0)).is_err());
        assert_eq!(folder.files().len(), 0);
    }
}
