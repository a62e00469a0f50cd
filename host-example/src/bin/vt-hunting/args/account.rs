//! `vt-hunting account …`

use clap::{Args, Subcommand};
use vt_hunting_host::account as contract;

use super::moment::day;

/// The actions on the own account.
#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Show a user; address and key are redacted
    #[command(after_help = "\
Example:
  vt-hunting account show alice")]
    Show(User),

    /// Show what a user may use, and what is left
    #[command(after_help = "\
Examples:
  vt-hunting account quotas alice
  vt-hunting account quotas alice --output json \\
      | jq '.quotas[] | select(.name | contains(\"retrohunt\")) | .remaining'")]
    Quotas(User),

    /// Show how often a user asked what
    #[command(after_help = "\
Examples:
  vt-hunting account usage alice
  vt-hunting account usage alice --start-date 2026-10-01 --end-date 2026-10-31
  vt-hunting account usage alice --start-date 7d")]
    Usage(Usage),
}

/// A user.
#[derive(Args, Debug)]
pub(crate) struct User {
    /// The user's name; the key that VirusTotal takes in its place is refused, since addresses end up in logs
    pub(crate) user: String,
}

/// `usage-query`
#[derive(Args, Debug)]
pub(crate) struct Usage {
    /// The user's name
    user: String,
    /// The first day: 2026-10-01, 20261001, 7d [VirusTotal's default: 30 days ago]
    #[arg(long, visible_alias = "since", value_name = "DAY", value_parser = day)]
    start_date: Option<String>,
    /// The last day [VirusTotal's default: today]
    #[arg(long, visible_alias = "until", value_name = "DAY", value_parser = day)]
    end_date: Option<String>,
}

impl From<Usage> for (String, contract::UsageQuery) {
    fn from(args: Usage) -> Self {
        (args.user, contract::UsageQuery { start_date: args.start_date, end_date: args.end_date })
    }
}
