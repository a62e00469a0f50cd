//! `vt-hunting crowdsourced …`

use clap::{Args, Subcommand};
use vt_hunting_host::crowdsourced as contract;

use super::filter::Filter;
use crate::failure::Failure;

/// The actions on what others have published.
#[derive(Debug, Subcommand)]
pub(crate) enum Crowdsourced {
    /// List published YARA rules
    #[command(after_help = "\
Examples:
  vt-hunting crowdsourced yara-rules --tag apt --limit 40
  vt-hunting crowdsourced yara-rules --author 'Jane Doe' --order matches-")]
    YaraRules(YaraRules),

    /// Show a published YARA rule
    #[command(after_help = "\
Quote the id: there is a | in it.

Example:
  vt-hunting crowdsourced yara-rule '0122a7f913|Loader_Generic' \\
      --output json | jq -r .rule")]
    YaraRule(YaraRule),
}

/// `crowdsourced-yara-rules-query`
#[derive(Args, Debug)]
pub(crate) struct YaraRules {
    /// How many, at least 1; beyond 40 over several requests [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Only this author's
    #[arg(long)]
    author: Option<String>,
    /// Only those with this name
    #[arg(long)]
    name: Option<String>,
    /// Only those with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only enabled ones, or only disabled ones
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
    /// `author:…`, `name:…`, `tag:…`, `enabled:true`, joined by a space
    #[arg(long)]
    filter: Option<String>,
    /// `matches`, `creation_date` or `modification_date`, with `+` (ascending) or `-` (descending) behind it
    #[arg(long)]
    order: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// `get-crowdsourced-yara-rule`
#[derive(Args, Debug)]
pub(crate) struct YaraRule {
    /// The rule's id, as `crowdsourced yara-rules` shows it
    pub(crate) id: String,
}

impl TryFrom<YaraRules> for contract::CrowdsourcedYaraRulesQuery {
    type Error = Failure;

    fn try_from(args: YaraRules) -> Result<Self, Failure> {
        let filter = Filter::new(args.filter)
            .term("--author", "author", args.author)
            .term("--name", "name", args.name)
            .term("--tag", "tag", args.tag)
            .term("--enabled", "enabled", args.enabled);
        Ok(Self { limit: args.limit, filter: filter.join()?, order: args.order, cursor: args.cursor })
    }
}
