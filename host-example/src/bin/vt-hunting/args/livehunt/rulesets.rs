//! Rulesets: listing, making, changing and deleting them.

use clap::{ArgGroup, Args, ValueEnum};
use vt_hunting_host::livehunt as contract;

use crate::{
    args::{
        filter::Filter,
        moment::moment,
        page::{PageArgs, Since},
        read_rules,
        rules::{CheckFirst, MatchObjectType},
        value::Source,
    },
    failure::Failure,
};

/// `rulesets-query`
#[derive(Args, Debug)]
pub(crate) struct Rulesets {
    #[command(flatten)]
    page: PageArgs,
    /// Only enabled ones, or only disabled ones
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
    /// Only those with this word in their name
    #[arg(long, value_name = "WORD")]
    name: Option<String>,
    /// Only those with this tag
    #[arg(long)]
    tag: Option<String>,
    /// `enabled:true`, `name:…`, `rules:…` (whole words), `tag:…`, joined by a space
    #[arg(long)]
    filter: Option<String>,
    /// `name`, `creation_date` or `modification_date`, with `+` (ascending) or `-` (descending) behind it
    #[arg(long, conflicts_with = "since")]
    order: Option<String>,
    /// List each with its owner, its editors, or both: `owner,editors`
    #[arg(long, value_enum, value_name = "WHO", value_delimiter = ',')]
    relationships: Vec<Relationship>,
    #[command(flatten)]
    since: Since,
}

/// One ruleset.
#[derive(Args, Debug)]
pub(crate) struct RulesetId {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
}

/// `--if-exists`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IfExists {
    Fail,
    Update,
    Create,
}

/// `new-ruleset`
#[derive(Args, Debug)]
pub(crate) struct CreateRuleset {
    /// Its name
    #[arg(long)]
    name: String,
    /// The YARA source, UTF-8, at most 1 MB; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) rules: Source,
    /// Run it at once: each of its rules costs one of the allowance [VirusTotal's default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    enabled: Option<bool>,
    /// The most notifications in 24 hours; matches beyond are never delivered [VirusTotal's default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Send an e-mail for every notification; can be repeated
    #[arg(long = "notification-email", value_name = "ADDRESS")]
    notification_emails: Vec<String>,
    /// What the rules are about [default: `target_entity` in their `meta`, else file]
    #[arg(long, value_enum, value_name = "TYPE")]
    match_object_type: Option<MatchObjectType>,
    /// Where a ruleset has this very name: fail, update that one, or create another
    ///
    /// All rulesets are listed to find out, a request for 40 of them. `update` changes what is given, and refuses where
    /// several have the name.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = IfExists::Fail)]
    pub(crate) if_exists: IfExists,
    #[command(flatten)]
    pub(crate) quota: RuleQuota,
    #[command(flatten)]
    pub(crate) check: CheckFirst,
}

/// Looking at what is left of the livehunt rules before some are enabled.
#[derive(Args, Clone, Debug)]
pub(crate) struct RuleQuota {
    /// Whose rules are counted [VT_USER; default: the user of the newest retrohunt job, which takes a request to find out]
    #[arg(long, value_name = "NAME", env = "VT_USER", hide_env = true)]
    pub(crate) user: Option<String>,
    /// Do not look how many livehunt rules are left first
    #[arg(long)]
    pub(crate) no_quota_check: bool,
    /// Enable it although too few rules are left
    #[arg(long)]
    pub(crate) force: bool,
}

/// `reconcile-livehunt-ruleset`
#[derive(Args, Debug)]
pub(crate) struct ReconcileRuleset {
    #[command(flatten)]
    pub(crate) ruleset: CreateRuleset,
    /// Not older than this: a minute before the create ran, for clocks that differ
    ///
    /// 10m, 2021-07-22T10:00:00Z, seconds since 1970 and so on; UTC where no offset is given.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) created_since: u64,
}

/// `ruleset-changes`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("changes").required(true).multiple(true).args([
    "name", "rules", "enabled", "limit", "notification_emails", "no_notification_emails", "match_object_type",
]))]
pub(crate) struct UpdateRuleset {
    /// The ruleset's id, as `livehunt rulesets` shows it
    pub(crate) id: String,
    /// A new name
    #[arg(long)]
    name: Option<String>,
    /// New YARA source, UTF-8, at most 1 MB; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) rules: Option<Source>,
    /// Whether to run it: then each of its rules costs one of the allowance
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
    /// The most notifications in 24 hours; 0 is none
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Who gets an e-mail for every notification, in place of those who do now; can be repeated
    #[arg(long = "notification-email", value_name = "ADDRESS")]
    notification_emails: Vec<String>,
    /// Nobody gets an e-mail any more
    #[arg(long, conflicts_with = "notification_emails")]
    no_notification_emails: bool,
    /// What the rules are about [default with --rules: `target_entity` in their `meta`]
    #[arg(long, value_enum, value_name = "TYPE")]
    match_object_type: Option<MatchObjectType>,
    #[command(flatten)]
    pub(crate) quota: RuleQuota,
    #[command(flatten)]
    pub(crate) check: CheckFirst,
}

/// `delete-all-livehunt-rulesets`
#[derive(Args, Debug)]
pub(crate) struct DeleteAllRulesets {
    /// The name of the user whose rulesets they are: without it nothing is sent
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm_user: String,
}

/// `ruleset-relationship`
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Relationship {
    Owner,
    Editors,
}

impl From<Relationship> for contract::RulesetRelationship {
    fn from(relationship: Relationship) -> Self {
        match relationship {
            Relationship::Owner => Self::Owner,
            Relationship::Editors => Self::Editors,
        }
    }
}

impl TryFrom<Rulesets> for (contract::RulesetsQuery, Since) {
    type Error = Failure;

    fn try_from(args: Rulesets) -> Result<Self, Failure> {
        // Those that were changed last come first: it ends at the first that is older.
        let order = args.order.or_else(|| args.since.since.map(|_| "modification_date-".to_owned()));
        let filter = Filter::new(args.filter)
            .term("--enabled", "enabled", args.enabled)
            .term("--name", "name", args.name)
            .term("--tag", "tag", args.tag);
        let relationships: Vec<_> = args.relationships.into_iter().map(Into::into).collect();
        let query = contract::RulesetsQuery {
            limit: args.page.limit,
            filter: filter.join()?,
            order,
            cursor: args.page.cursor,
            relationships: (!relationships.is_empty()).then_some(relationships),
        };
        Ok((query, args.since))
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
            match_object_type: args.match_object_type.map(Into::into),
        })
    }
}

impl TryFrom<UpdateRuleset> for (String, contract::RulesetChanges) {
    type Error = Failure;

    fn try_from(args: UpdateRuleset) -> Result<Self, Failure> {
        let given = args.no_notification_emails || !args.notification_emails.is_empty();
        let changes = contract::RulesetChanges {
            name: args.name,
            rules: args.rules.as_ref().map(read_rules).transpose()?,
            enabled: args.enabled,
            limit: args.limit,
            notification_emails: given.then_some(args.notification_emails),
            match_object_type: args.match_object_type.map(Into::into),
        };
        Ok((args.id, changes))
    }
}
