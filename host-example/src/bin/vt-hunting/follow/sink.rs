//! Where followed items go: standard output, or a file that grows in step with the checkpoint.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use vt_hunting_host::files;

use super::{broken, state, unusable};
use crate::failure::Failure;

/// How much of the output file belongs to the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Output {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
}

/// Where it goes.
pub(crate) enum Sink {
    Stdout,
    File { file: File, output: Output },
}

/// Whether it was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Yes,
    /// Nobody reads any more, as behind `head`.
    NobodyReads,
}

impl Sink {
    /// Opens it, and cuts back what a killed follower wrote without storing it.
    pub(crate) fn open(file: Option<&Path>, known: Option<&Output>) -> Result<Self, Failure> {
        let Some(path) = file else {
            return match known {
                Some(output) => Err(of_another_output(output)),
                None => Ok(Self::Stdout),
            };
        };
        let path = std::path::absolute(path).map_err(|error| unusable("output file", path, &error))?;
        if let Some(known) = known
            && known.file != path
        {
            return Err(of_another_output(known));
        }
        Self::file(&path, known.map(|known| known.bytes))
    }

    fn file(path: &Path, known: Option<u64>) -> Result<Self, Failure> {
        let failed = |error: io::Error| unusable("output file", path, &error);
        let there = path.try_exists().map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = files::open_own(path, state::for_its_owner(&mut options)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(broken(
                    "OutputInUse",
                    format!("Another follower writes to {}.", path.display()),
                    "give this one an output file of its own",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let length = file.metadata().map_err(failed)?.len();
        // A file that was moved away has what belongs to the checkpoint, and a new one begins.
        let bytes = if there { known.unwrap_or(length) } else { 0 };
        if length < bytes {
            return Err(broken(
                "OutputTooShort",
                format!("{} has {length} bytes, and the state file says {bytes}: items are missing.", path.display()),
                "put the whole file back; or move it away, and a new one begins",
            ));
        }
        file.set_len(bytes).map_err(failed)?;
        file.seek(SeekFrom::Start(bytes)).map_err(failed)?;
        file.sync_all().and_then(|()| state::sync_folder(path)).map_err(failed)?;
        Ok(Self::File { file, output: Output { file: path.to_owned(), bytes } })
    }

    /// Writes a step's lines, on to where they last.
    pub(crate) fn write(&mut self, lines: &str) -> Result<Written, Failure> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
                    Ok(()) => Ok(Written::Yes),
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Written::NobodyReads),
                    Err(error) => Err(crate::output::unwritable(&error)),
                }
            }
            Self::File { file, output } => {
                if !lines.is_empty() {
                    let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
                    written.map_err(|error| unusable("output file", &output.file, &error))?;
                    output.bytes += lines.len() as u64;
                }
                Ok(Written::Yes)
            }
        }
    }

    /// What the state is to remember.
    pub(crate) fn output(&self) -> Option<Output> {
        match self {
            Self::Stdout => None,
            Self::File { output, .. } => Some(output.clone()),
        }
    }
}

fn of_another_output(known: &Output) -> Failure {
    broken(
        "StateOfAnotherOutput",
        format!("The state file belongs to the output file {}.", known.file.display()),
        "give that with --output-file, or follow with a state file of its own",
    )
}

#[cfg(test)]
#[path = "sink_tests.rs"]
mod tests;
