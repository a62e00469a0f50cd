//! The flags that choose objects: each is a term of VirusTotal's filter language.

use clap::{Args, ValueEnum};

use super::moment::moment;

/// What the objects of the IoC stream can be asked for, but for the dates, which following sets itself.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which (joined with --filter)")]
pub(crate) struct StreamTerms {
    /// Only objects of this kind
    #[arg(long, value_enum, value_name = "TYPE")]
    pub(super) entity_type: Option<EntityType>,
    /// Only this object: a file's SHA-256, a URL's id, a domain, an address
    #[arg(long, value_name = "ID")]
    pub(super) entity_id: Option<String>,
    /// Only what such a source brought, or this very one: a kind as in --source-type, or an id as in --source-id
    #[arg(long, value_name = "TYPE|ID", conflicts_with_all = ["source_type", "source_id"])]
    pub(super) source: Option<String>,
    /// Only what such a source brought
    #[arg(long, value_enum, value_name = "TYPE")]
    pub(super) source_type: Option<SourceType>,
    /// Only what this source brought: a ruleset's, a job's, a collection's id
    #[arg(long, value_name = "ID")]
    pub(super) source_id: Option<String>,
    /// Only what came from there
    #[arg(long, value_enum)]
    pub(super) origin: Option<Origin>,
    /// Only notifications with this tag
    #[arg(long)]
    pub(super) tag: Option<String>,
}

/// What livehunt notifications can be asked for, but for the dates.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which (joined with --filter)")]
pub(crate) struct NotificationTerms {
    /// Only notifications with this tag: a rule's name, a ruleset's name, a hash
    #[arg(long)]
    pub(super) tag: Option<String>,
    /// Only notifications of this user's rulesets
    #[arg(long, value_name = "USER")]
    pub(super) owner: Option<String>,
}

/// From when until when.
#[derive(Args, Debug)]
pub(crate) struct Dates {
    /// Only from this moment: 2021-07-22, 2021-07-22T10:00:00Z, 2h, 3d, yesterday, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) since: Option<u64>,
    /// Only until this moment; written like --since
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) until: Option<u64>,
}

/// `entity_type:`
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EntityType {
    File,
    Url,
    Domain,
    IpAddress,
}

/// `source_type:`
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum SourceType {
    HuntingRuleset,
    RetrohuntJob,
    Collection,
    ThreatActor,
    ThreatProfile,
}

impl SourceType {
    /// The kind that a text names; any other text is an id.
    pub(super) fn named(text: &str) -> Option<Self> {
        Self::from_str(text, false).ok()
    }
}

/// `origin:`
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Origin {
    Hunting,
    Subscriptions,
}

/// `status:` of a retrohunt job.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Status {
    Starting,
    Running,
    Aborting,
    Aborted,
    Finished,
}
