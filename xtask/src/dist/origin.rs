//! Where a release comes from: the revision, its date, and the address of the sources.

use std::process::Stdio;

use anyhow::{Context, Result};

use crate::workspace::{self, Workspace};

/// What cannot be read from the sources themselves. Each is left out of what is published where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The commit; with `-dirty` behind it where files differ from it.
    pub(crate) revision: Option<String>,
    /// Of the commit, or what `SOURCE_DATE_EPOCH` says: seconds since 1970.
    pub(crate) timestamp: Option<i64>,
    /// A URL.
    pub(crate) source: Option<String>,
}

impl Origin {
    /// Asks git, where there is one and the sources are in a repository of their own.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let commit = git(workspace, &["rev-parse", "HEAD"]);
        let dirty = git(workspace, &["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
        let date = git(workspace, &["log", "-1", "--format=%ct"]).and_then(|seconds| seconds.parse().ok());
        Ok(Self {
            revision: commit.map(|commit| if dirty { format!("{commit}-dirty") } else { commit }),
            timestamp: epoch()?.or(date),
            source: None,
        })
    }
}

/// `SOURCE_DATE_EPOCH`, as reproducible builds have agreed on it.
fn epoch() -> Result<Option<i64>> {
    let Some(value) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let seconds = value.parse().ok().filter(|seconds| *seconds >= 0);
    let seconds = seconds.with_context(|| format!("SOURCE_DATE_EPOCH is `{value}`, which is no number of seconds"))?;
    Ok(Some(seconds))
}

/// What git says, or `None` where it says nothing: no git, no repository, or a repository that is another project's.
fn git(workspace: &Workspace, arguments: &[&str]) -> Option<String> {
    if !workspace.root.join(".git").exists() {
        return None;
    }
    let mut git = workspace.command("git");
    let said = workspace::capture(git.args(arguments).stdin(Stdio::null())).ok()?;
    Some(said.trim().to_owned())
}
