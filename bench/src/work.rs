//! What is asked for: the same work for every way to do it.

use serde::{Deserialize, Serialize};

use crate::server::Address;

/// A piece of work: one call, or the reading of a whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// A retrohunt job: half a kilobyte.
    Small,
    /// 40 matches of a job, in full: 750 KB.
    Page,
    /// A ruleset with a megabyte of rules.
    Large,
    /// 40 descriptors of the stream: 20 KB.
    Descriptors,
    /// 10 000 descriptors, to the end of the list.
    ReadAll,
    /// No request at all: the hex dump of a snippet, read.
    Snippet,
}

/// A snippet as VirusTotal has them: a hex dump, with what matched marked in both columns.
pub(crate) const SNIPPET: &str = "\
30 31 32 33 34 35 36 37 38 39 20 *begin_highlight*6E 65 65 64 6C*end_highlight*  0123456789 *begin_highlight*needl*end_highlight*\n\
*begin_highlight*65 *end_highlight*20 6D 6F 72 65 20 74 65 78 74 20 62 65 68 69  *begin_highlight*e*end_highlight* more text behi\n\
6E 64 20 69 74  nd it\n";

impl Work {
    /// The path and query of the (first) request. `None` where none is sent.
    pub(crate) fn target(self, at: &Address) -> Option<String> {
        let (job, ruleset) = (&at.job, &at.ruleset);
        Some(match self {
            Work::Small => format!("/api/v3/intelligence/retrohunt_jobs/{job}"),
            Work::Page => format!("/api/v3/intelligence/retrohunt_jobs/{job}/matching_files?limit=40"),
            Work::Large => format!("/api/v3/intelligence/hunting_rulesets/{ruleset}"),
            Work::Descriptors | Work::ReadAll => "/api/v3/ioc_stream?limit=40&descriptors_only=true".to_owned(),
            Work::Snippet => return None,
        })
    }
}
