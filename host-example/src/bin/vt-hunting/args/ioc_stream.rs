//! `vt-hunting ioc-stream …`

use clap::{Args, Subcommand};
use vt_hunting_host::ioc_stream as contract;

/// The actions on the IoC stream.
#[derive(Debug, Subcommand)]
pub(crate) enum IocStream {
    /// List the stream's objects
    #[command(after_help = "\
Examples:
  vt-hunting ioc-stream objects --descriptors-only --limit 40
  vt-hunting ioc-stream objects \\
      --filter 'origin:hunting entity_type:file date:2021-07-22+'
  vt-hunting ioc-stream objects --filter source_type:retrohunt_job \\
      --output jsonl | jq -r .id")]
    Objects(Objects),

    /// Show one notification of the stream
    #[command(after_help = "\
Example:
  vt-hunting ioc-stream notification 2467348644")]
    Notification(Notification),
}

/// `ioc-stream-query`
#[derive(Args, Debug)]
pub(crate) struct Objects {
    /// How many, 1 to 40 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Type, id and notification only: about 30 times smaller [VirusTotal's default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    descriptors_only: Option<bool>,
    /// Which objects: terms joined by a space
    ///
    /// `date:…+` (since), `date:…-` (until), `origin:hunting|subscriptions`, `entity_type:file|url|domain|ip_address`,
    /// `entity_id:…`, `source_type:hunting_ruleset|retrohunt_job|collection|threat_actor|threat_profile`,
    /// `source_id:…`, `notification_tag:…`.
    #[arg(long)]
    filter: Option<String>,
    /// `date-` (newest first) or `date+` [VirusTotal's default: date-]
    #[arg(long)]
    order: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// `get-ioc-stream-notification`
#[derive(Args, Debug)]
pub(crate) struct Notification {
    /// The notification's id: the digits that `ioc-stream objects` shows
    pub(crate) id: String,
}

impl From<Objects> for contract::IocStreamQuery {
    fn from(args: Objects) -> Self {
        Self {
            limit: args.limit,
            descriptors_only: args.descriptors_only,
            filter: args.filter,
            order: args.order,
            cursor: args.cursor,
        }
    }
}
