//! `vt-hunting livehunt …`

use clap::{Args, Subcommand, ValueEnum};
use vt_hunting_host::livehunt as contract;

use super::{read_rules, value::Source};
use crate::failure::Failure;

/// The actions on livehunt.
#[derive(Debug, Subcommand)]
pub(crate) enum Livehunt {
    /// List rulesets
    #[command(after_help = "\
Examples:
  vt-hunting livehunt rulesets
  vt-hunting livehunt rulesets --limit 20 --order modification_date-
  vt-hunting livehunt rulesets --filter 'enabled:true name:loader'")]
    Rulesets(Rulesets),

    /// Create a ruleset
    #[command(after_help = "\
Without --enabled the ruleset is stored but not run.

Examples:
  vt-hunting livehunt create-ruleset --name loader --rules loader.yar --enabled
  cat *.yar | vt-hunting livehunt create-ruleset --name all --rules -
  vt-hunting livehunt create-ruleset --name c2 --rules c2.yar \\
      --match-object-type domain --notification-email soc@example.com")]
    CreateRuleset(CreateRuleset),

    /// Delete a ruleset; there is no undo, its notifications stay
    #[command(after_help = "\
Example:
  vt-hunting livehunt delete-ruleset 0c87043296586fee")]
    DeleteRuleset(DeleteRuleset),

    /// List what the rules matched
    #[command(after_help = "\
Examples:
  vt-hunting livehunt notifications --limit 40
  vt-hunting livehunt notifications --snippets \\
      --filter 'tag:loader date:2021-07-22+'
  vt-hunting livehunt notifications --output jsonl | jq -r .file_sha256")]
    Notifications(Notifications),

    /// List the files the rules matched, with their reports
    #[command(after_help = "\
Examples:
  vt-hunting livehunt notification-files --limit 40
  vt-hunting livehunt notification-files --filter loader \\
      --output jsonl | jq -r .id")]
    NotificationFiles(NotificationFiles),
}

impl Livehunt {
    /// Where the rules come from, if the command has any.
    pub(crate) fn rules(&self) -> Option<&Source> {
        match self {
            Self::CreateRuleset(args) => Some(&args.rules),
            _ => None,
        }
    }
}

/// `rulesets-query`
#[derive(Args, Debug)]
pub(crate) struct Rulesets {
    /// How many, at least 1 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// `enabled:true`, `name:…`, `rules:…` (whole words), `tag:…`, joined by a space
    #[arg(long)]
    filter: Option<String>,
    /// `name`, `creation_date` or `modification_date`, with `+` (ascending) or `-` (descending) behind it
    #[arg(long)]
    order: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// `new-ruleset`
#[derive(Args, Debug)]
pub(crate) struct CreateRuleset {
    /// Its name
    #[arg(long)]
    name: String,
    /// The YARA source, UTF-8, at most 1 MB; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    rules: Source,
    /// Run it at once [VirusTotal's default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    enabled: Option<bool>,
    /// The most notifications in 24 hours; matches beyond are lost [VirusTotal's default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Send an e-mail for every notification; can be repeated
    #[arg(long = "notification-email", value_name = "ADDRESS")]
    notification_emails: Vec<String>,
    /// What the rules are about [VirusTotal's default: file]
    #[arg(long, value_enum, value_name = "TYPE")]
    match_object_type: Option<MatchObjectType>,
}

/// `delete-livehunt-ruleset`
#[derive(Args, Debug)]
pub(crate) struct DeleteRuleset {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
}

/// `notifications-query`
#[derive(Args, Debug)]
pub(crate) struct Notifications {
    /// How many, 1 to 40 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// `tag:…`, `owner:…`, `date:2021-07-22+` (since), `date:1626960086-` (until), joined by a space
    #[arg(long)]
    filter: Option<String>,
    /// `date-` (newest first) or `date+` [VirusTotal's default: date-]
    #[arg(long)]
    order: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
    /// Where the total stops counting, at most 10000 [VirusTotal's default: 200]
    #[arg(long, value_name = "N")]
    count_limit: Option<u32>,
}

/// `notification-files-query`
#[derive(Args, Debug)]
pub(crate) struct NotificationFiles {
    /// How many, 1 to 40 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// An exact tag: a rule's name, a ruleset's name or a hash
    #[arg(long)]
    filter: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
    /// Where the total stops counting, at most 10000 [VirusTotal's default: 200]
    #[arg(long, value_name = "N")]
    count_limit: Option<u32>,
}

/// `match-object-type`
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MatchObjectType {
    File,
    Url,
    Domain,
    Ip,
}

impl From<Rulesets> for contract::RulesetsQuery {
    fn from(args: Rulesets) -> Self {
        Self { limit: args.limit, filter: args.filter, order: args.order, cursor: args.cursor }
    }
}

impl From<Notifications> for contract::NotificationsQuery {
    fn from(args: Notifications) -> Self {
        Self {
            limit: args.limit,
            filter: args.filter,
            order: args.order,
            cursor: args.cursor,
            count_limit: args.count_limit,
        }
    }
}

impl From<NotificationFiles> for contract::NotificationFilesQuery {
    fn from(args: NotificationFiles) -> Self {
        Self { limit: args.limit, filter: args.filter, cursor: args.cursor, count_limit: args.count_limit }
    }
}

impl TryFrom<CreateRuleset> for contract::NewRuleset {
    type Error = Failure;

    fn try_from(args: CreateRuleset) -> Result<Self, Failure> {
        Ok(Self {
            rules: read_rules(&args.rules)?,
            name: args.name,
            enabled: args.enabled,
            limit: args.limit,
            notification_emails: args.notification_emails,
            match_object_type: args.match_object_type.map(|kind| match kind {
                MatchObjectType::File => contract::MatchObjectType::File,
                MatchObjectType::Url => contract::MatchObjectType::Url,
                MatchObjectType::Domain => contract::MatchObjectType::Domain,
                MatchObjectType::Ip => contract::MatchObjectType::Ip,
            }),
        })
    }
}
