//! What the rules matched: listing, following and deleting notifications, and the files they are about.

use clap::{ArgGroup, Args};
use vt_hunting_host::{livehunt as contract, types::PollBudget};

use crate::{
    args::{
        filter::Filter,
        following::{FollowArgs, StepArgs},
        page::{NextArgs, PageArgs, Since},
        terms::{Dates, NotificationTerms},
    },
    failure::Failure,
};

/// `notifications-query`
#[derive(Args, Debug)]
pub(crate) struct Notifications {
    #[command(flatten)]
    page: PageArgs,
    /// `tag:…`, `owner:…`, `date:2021-07-22+` (since), `date:1626960086-` (until), joined by a space
    #[arg(long)]
    filter: Option<String>,
    /// `date-` (newest first) or `date+` [VirusTotal's default: date-]
    #[arg(long)]
    order: Option<String>,
    /// Where the total stops counting, at most 10000 [VirusTotal's default: 200]
    #[arg(long, value_name = "N")]
    count_limit: Option<u32>,
    #[command(flatten)]
    terms: NotificationTerms,
    #[command(flatten)]
    dates: Dates,
}

/// One notification.
#[derive(Args, Debug)]
pub(crate) struct NotificationId {
    /// The notification's id, as `livehunt notifications --output json` shows it
    pub(crate) id: String,
}

/// `notification-files-query`
#[derive(Args, Debug)]
pub(crate) struct NotificationFiles {
    #[command(flatten)]
    page: PageArgs,
    /// An exact tag: a rule's name, a ruleset's name or a hash
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    since: Since,
    /// Where the total stops counting, at most 10000 [VirusTotal's default: 200]
    #[arg(long, value_name = "N")]
    count_limit: Option<u32>,
}

/// `ruleset-notification-files-query`
#[derive(Args, Debug)]
pub(crate) struct RulesetNotificationFiles {
    /// The ruleset's id, as `livehunt rulesets` shows it
    #[arg(required = false, required_unless_present = "next")]
    id: String,
    #[command(flatten)]
    page: PageArgs,
    /// Type and id only, without the files' reports
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        conflicts_with = "since"
    )]
    descriptors_only: Option<bool>,
    #[command(flatten)]
    since: Since,
}

/// `poll-livehunt-notifications`, again and again
#[derive(Args, Debug)]
pub(crate) struct Follow {
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
    #[command(flatten)]
    which: Which,
}

/// `poll-livehunt-notifications`
#[derive(Args, Debug)]
pub(crate) struct Poll {
    /// What the step before gave; without one, following begins
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    checkpoint: Option<String>,
    #[command(flatten)]
    next: NextArgs,
    #[command(flatten)]
    step: StepArgs,
    #[command(flatten)]
    which: Which,
}

/// Which notifications to follow.
#[derive(Args, Debug)]
struct Which {
    /// `tag:…`, `owner:…`, joined by a space; no `date:`, which following sets itself
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    terms: NotificationTerms,
}

/// `delete-livehunt-notifications`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("selection").required(true).args(["tag", "everything"]))]
pub(crate) struct DeleteNotifications {
    /// Those with this tag: a rule's name, a ruleset's name, a hash
    #[arg(long)]
    tag: Option<String>,
    /// All of them
    #[arg(long)]
    everything: bool,
}

impl TryFrom<Notifications> for contract::NotificationsQuery {
    type Error = Failure;

    fn try_from(args: Notifications) -> Result<Self, Failure> {
        Ok(Self {
            limit: args.page.limit,
            filter: Filter::new(args.filter).notifications(args.terms).dates(args.dates).join()?,
            order: args.order,
            cursor: args.page.cursor,
            count_limit: args.count_limit,
        })
    }
}

impl From<NotificationFiles> for (contract::NotificationFilesQuery, Since) {
    fn from(args: NotificationFiles) -> Self {
        let PageArgs { limit, cursor, .. } = args.page;
        let query =
            contract::NotificationFilesQuery { limit, filter: args.filter, cursor, count_limit: args.count_limit };
        (query, args.since)
    }
}

impl From<RulesetNotificationFiles> for (String, contract::RulesetNotificationFilesQuery, Since) {
    fn from(args: RulesetNotificationFiles) -> Self {
        let RulesetNotificationFiles { id, page: PageArgs { limit, cursor, .. }, descriptors_only, since } = args;
        (id, contract::RulesetNotificationFilesQuery { limit, descriptors_only, cursor }, since)
    }
}

impl TryFrom<Poll> for (Option<String>, contract::NotificationsPoll, PollBudget) {
    type Error = Failure;

    fn try_from(args: Poll) -> Result<Self, Failure> {
        Ok((args.checkpoint, args.which.poll(&args.step)?, args.step.budget()))
    }
}

impl Follow {
    /// How to follow, and what.
    pub(crate) fn split(self) -> Result<(FollowArgs, contract::NotificationsPoll), Failure> {
        let poll = self.which.poll(&self.follow.step)?;
        Ok((self.follow, poll))
    }
}

impl Which {
    fn poll(self, step: &StepArgs) -> Result<contract::NotificationsPoll, Failure> {
        Ok(contract::NotificationsPoll {
            since: step.since,
            filter: Filter::new(self.filter).notifications(self.terms).join()?,
            overlap_seconds: step.overlap_seconds,
        })
    }
}

impl DeleteNotifications {
    /// In the contract's words. The tag is no term of a filter: it stands as it is, spaces and all.
    pub(crate) fn selection(self) -> String {
        self.tag.map_or_else(|| "everything".to_owned(), |tag| format!("tag:{tag}"))
    }
}
