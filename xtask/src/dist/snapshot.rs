//! A copy of the sources in another place, as somebody else would have them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::{self, Workspace};

/// A folder with the sources; dropping it removes it.
pub(crate) struct Snapshot {
    /// Ours alone.
    folder: PathBuf,
    /// The copy's root.
    pub(crate) root: PathBuf,
}

impl Snapshot {
    /// Copies what git tracks or would, as it is in the working tree now, committed or not. The path is longer than most
    /// and has a blank in it.
    pub(crate) fn take(workspace: &Workspace) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("virustotal-hunting-snapshot-{}", std::process::id()));
        let snapshot = Self { root: folder.join("somewhere else").join("the sources"), folder };
        let mut list = workspace.command("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let list = workspace::capture(&mut list).context("cannot list the sources; this needs git and a repository")?;
        for name in list.split('\0').filter(|name| !name.is_empty()) {
            let from = workspace.root.join(name);
            // Git still lists what was deleted and not committed.
            if from.is_file() {
                copy(&from, &snapshot.root.join(name))?;
            }
        }
        Ok(snapshot)
    }

    /// A path below it that is nobody else's.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // What is left behind is in the system's folder for what may be lost.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
