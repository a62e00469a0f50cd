//! `vt-hunting crowdsourced …`

use clap::{Args, Subcommand};
use vt_hunting_host::crowdsourced as contract;

use super::{
    filter::Filter,
    page::{PageArgs, Since},
};
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
    #[command(flatten)]
    page: PageArgs,
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
    #[arg(long, conflicts_with = "since")]
    order: Option<String>,
    #[command(flatten)]
    since: Since,
}

/// `get-crowdsourced-yara-rule`
#[derive(Args, Debug)]
pub(crate) struct YaraRule {
    /// The rule's id, as `crowdsourced yara-rules` shows it
    pub(crate) id: String,
}

impl TryFrom<YaraRules> for (contract::CrowdsourcedYaraRulesQuery, Since) {
    type Error = Failure;

    fn try_from(args: YaraRules) -> Result<Self, Failure> {
        // Those that were changed last come first: it ends at the first that is older.
        let order = args.order.or_else(|| args.since.since.map(|_| "modification_date-".to_owned()));
        let filter = Filter::new(args.filter)
            .term("--author", "author", args.author)
            .term("--name", "name", args.name)
            .term("--tag", "tag", args.tag)
            .term("--enabled", "enabled", args.enabled);
        let PageArgs { limit, cursor, .. } = args.page;
        Ok((contract::CrowdsourcedYaraRulesQuery { limit, filter: filter.join()?, order, cursor }, args.since))
    }
}
