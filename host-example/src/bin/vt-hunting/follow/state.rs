//! The state file: how far following got, in a form that survives being killed at any moment.
//!
//! Every step writes a new file beside the old one, has it on the disk, and renames it over the old one. So there is always
//! one that is whole. A lock on a file of its own, which is never replaced, keeps a second follower away. The API key is never
//! in it.
//!
//! What it says is done: an output file is cut to the length that it names. So it is read, and replaced, only where it is a
//! file of this user's own that nobody else may write ([`files`]); and so are the lock and the output file.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use vt_hunting_host::files;

use super::{broken, feed::Query, sink::Output, unusable};
use crate::failure::Failure;

const VERSION: u32 = 1;

/// A checkpoint is some kilobytes; whatever is larger than this is no state.
const LARGEST: u64 = 16 << 20;

/// The file's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    version: u32,
    /// What the checkpoint belongs to.
    query: Query,
    /// Where the next step goes on; absent until one has ended.
    pub(crate) checkpoint: Option<String>,
    /// The output file, and how much of it belongs to the checkpoint.
    pub(crate) output: Option<Output>,
}

/// The file, held.
pub(crate) struct StateFile {
    path: PathBuf,
    pub(crate) state: State,
    /// Held until the process ends.
    _lock: File,
}

impl StateFile {
    /// Takes hold of it, and reads it if it is there.
    pub(crate) fn open(path: &Path, query: Query) -> Result<Self, Failure> {
        let lock = lock(path)?;
        let state = match read(path)? {
            Some(state) if state.query == query => state,
            Some(state) => return Err(of_another_query(path, &state.query, &query)),
            None => State { version: VERSION, query, checkpoint: None, output: None },
        };
        Ok(Self { path: path.to_owned(), state, _lock: lock })
    }

    /// Puts it on the disk, whole or not at all.
    pub(crate) fn store(&self) -> Result<(), Failure> {
        self.replace().map_err(|error| unusable("state file", &self.path, &error))
    }

    fn replace(&self) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        // What a killed follower left. A new file is made in its place: one that is there may be a link to elsewhere.
        if let Err(error) = fs::remove_file(&new)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let mut file = for_its_owner(OpenOptions::new().write(true).create_new(true)).open(&new)?;
        files::check_replaceable(&self.path)?;
        let mut text = serde_json::to_string_pretty(&self.state)?;
        text.push('\n');
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        sync_folder(&self.path)
    }
}

fn lock(path: &Path) -> Result<File, Failure> {
    let place = beside(path, ".lock");
    let mut options = OpenOptions::new();
    let file = files::open_own(&place, for_its_owner(options.write(true).create(true).truncate(false)))
        .map_err(|error| unusable("lock", &place, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(broken(
            "StateInUse",
            format!("Another follower is at work with the state file {}.", path.display()),
            "end that one first, or give this one a state file of its own",
        )),
        Err(TryLockError::Error(error)) => Err(unusable("lock", &place, &error)),
    }
}

fn read(path: &Path) -> Result<Option<State>, Failure> {
    let mut text = String::new();
    match files::open_own(path, OpenOptions::new().read(true))
        .and_then(|file| file.take(LARGEST).read_to_string(&mut text))
    {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(corrupt(path, "it is no text")),
        Err(error) => return Err(unusable("state file", path, &error)),
    }
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_str::<Versioned>(&text) {
        Ok(Versioned { version: VERSION }) => {}
        Ok(Versioned { version }) => {
            let why = format!("it is of version {version}, and this program knows version {VERSION}");
            return Err(corrupt(path, &why));
        }
        Err(error) => return Err(corrupt(path, &error.to_string())),
    }
    serde_json::from_str(&text).map(Some).map_err(|error| corrupt(path, &error.to_string()))
}

fn corrupt(path: &Path, why: &str) -> Failure {
    broken(
        "StateCorrupt",
        format!("The state file {} cannot be read: {why}. Nothing was changed.", path.display()),
        "put back a good copy; or move it away and begin anew, with --since where the last item stands",
    )
}

fn of_another_query(path: &Path, stored: &Query, wanted: &Query) -> Failure {
    let mut differences = Vec::new();
    if stored.kind != wanted.kind {
        differences.push(format!("it follows {}, not {}", stored.kind, wanted.kind));
    }
    if stored.filter != wanted.filter {
        let name = |filter: &Option<String>| filter.as_ref().map_or("none".to_owned(), |filter| format!("`{filter}`"));
        differences.push(format!("its filter is {}, not {}", name(&stored.filter), name(&wanted.filter)));
    }
    if stored.descriptors_only != wanted.descriptors_only {
        differences.push(format!("its descriptors-only is {}", stored.descriptors_only));
    }
    broken(
        "StateOfAnotherQuery",
        format!("The state file {} belongs to another query: {}.", path.display(), differences.join("; ")),
        "follow what it belongs to, or give this query a state file of its own",
    )
}

/// The same name with something behind it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Nobody else may read what it makes.
pub(super) fn for_its_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Has a new or renamed entry on the disk, too.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and renaming is as lasting as it gets.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "state_tests.rs"]
pub(super) mod tests;
