//! `vt-hunting ioc-stream …`

use clap::{ArgGroup, Args, Subcommand};
use vt_hunting_host::{ioc_stream as contract, types::PollBudget};

use super::{
    filter::Filter,
    following::{FollowArgs, StepArgs},
    page::{NextArgs, PageArgs},
    terms::{Dates, StreamTerms},
};
use crate::failure::Failure;

/// The actions on the IoC stream.
#[derive(Debug, Subcommand)]
pub(crate) enum IocStream {
    /// List the stream's objects
    #[command(after_help = "\
Examples:
  vt-hunting ioc-stream objects --descriptors-only --limit 400
  vt-hunting ioc-stream objects --origin hunting --entity-type file --since 3d
  vt-hunting ioc-stream objects --source-type retrohunt_job \\
      --output jsonl | jq -r .id")]
    Objects(Objects),

    /// Show one notification of the stream
    #[command(after_help = "\
Example:
  vt-hunting ioc-stream notification 2467348644")]
    Notification(NotificationId),

    /// Write every new object as a JSON line, until interrupted
    ///
    /// Each step reads what is new, writes it, and then stores in --state where it stands: the next start goes on there, also
    /// after a crash or a kill. On standard output every object comes at least once: killed between writing and storing, the
    /// last step's come again. With --output-file every one comes exactly once: the state records how long the file was,
    /// and at the start the file is cut back to that length.
    ///
    /// What may pass (no network, no answer, too many requests) is told on standard error and tried again for ever; anything
    /// else ends it with its exit code. Ctrl-C and SIGTERM end it after the step that is running, with 0; a second one at once.
    #[command(after_help = "\
Examples:
  vt-hunting ioc-stream follow --state stream.state --descriptors-only
  vt-hunting ioc-stream follow --state stream.state --since 1d \\
      --output-file stream.jsonl
  vt-hunting ioc-stream follow --state stream.state --origin hunting --once \\
      | jq -r .id")]
    Follow(Follow),

    /// One step of following: what is new since a checkpoint, and the next one
    #[command(after_help = "\
Store the checkpoint together with the items.

Examples:
  vt-hunting ioc-stream poll --since 1d --output json
  vt-hunting ioc-stream poll --checkpoint \"$checkpoint\" --output json")]
    Poll(Poll),

    /// Delete one notification of the stream; there is no undo
    #[command(after_help = "\
Example:
  vt-hunting ioc-stream delete-notification 2467348644")]
    DeleteNotification(NotificationId),

    /// Delete objects from the stream: those chosen, or everything; there is no undo
    #[command(after_help = "\
VirusTotal deletes after it has answered, and refuses another deletion
meanwhile.

Examples:
  vt-hunting ioc-stream delete-objects --source-id 0c87043296586fee
  vt-hunting ioc-stream delete-objects --origin subscriptions --until 30d
  vt-hunting ioc-stream delete-objects --everything")]
    DeleteObjects(DeleteObjects),
}

/// `ioc-stream-query`
#[derive(Args, Debug)]
pub(crate) struct Objects {
    #[command(flatten)]
    page: PageArgs,
    /// Type, id and notification only: about 30 times smaller [VirusTotal's default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    descriptors_only: Option<bool>,
    /// `date-` (newest first) or `date+` [VirusTotal's default: date-]
    #[arg(long)]
    order: Option<String>,
    /// Which objects: terms joined by a space
    ///
    /// `date:…+` (since), `date:…-` (until), `origin:hunting|subscriptions`, `entity_type:file|url|domain|ip_address`,
    /// `entity_id:…`, `source_type:hunting_ruleset|retrohunt_job|collection|threat_actor|threat_profile`,
    /// `source_id:…`, `notification_tag:…`.
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    terms: StreamTerms,
    #[command(flatten)]
    dates: Dates,
}

/// One notification.
#[derive(Args, Debug)]
pub(crate) struct NotificationId {
    /// The notification's id: the digits that `ioc-stream objects` shows
    pub(crate) id: String,
}

/// `poll-ioc-stream`, again and again
#[derive(Args, Debug)]
pub(crate) struct Follow {
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    which: Which,
}

/// `poll-ioc-stream`
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

/// Which objects to follow.
#[derive(Args, Debug)]
struct Which {
    /// Type, id and notification only: about 30 times smaller
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    descriptors_only: Option<bool>,
    /// Terms joined by a space, as `ioc-stream objects` takes them; no `date:`, which following sets itself
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    terms: StreamTerms,
}

/// `delete-ioc-stream-objects`
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("selection").required(true).multiple(true).args([
    "everything", "filter", "entity_type", "entity_id", "source", "source_type", "source_id", "origin", "tag", "since",
    "until",
]))]
pub(crate) struct DeleteObjects {
    /// All of them
    #[arg(long, conflicts_with_all = [
        "filter", "entity_type", "entity_id", "source", "source_type", "source_id", "origin", "tag", "since",
    "until",
    ])]
    everything: bool,
    /// Those that this chooses: terms joined by a space, as `ioc-stream objects` takes them
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    terms: StreamTerms,
    #[command(flatten)]
    dates: Dates,
}

impl TryFrom<Objects> for contract::IocStreamQuery {
    type Error = Failure;

    fn try_from(args: Objects) -> Result<Self, Failure> {
        Ok(Self {
            limit: args.page.limit,
            descriptors_only: args.descriptors_only,
            filter: Filter::new(args.filter).stream(args.terms).dates(args.dates).join()?,
            order: args.order,
            cursor: args.page.cursor,
        })
    }
}

impl TryFrom<Poll> for (Option<String>, contract::IocStreamPoll, PollBudget) {
    type Error = Failure;

    fn try_from(args: Poll) -> Result<Self, Failure> {
        Ok((args.checkpoint, args.which.poll(&args.step)?, args.step.budget()))
    }
}

impl Follow {
    /// How to follow, and what.
    pub(crate) fn split(self) -> Result<(FollowArgs, contract::IocStreamPoll), Failure> {
        let poll = self.which.poll(&self.follow.step)?;
        Ok((self.follow, poll))
    }
}

impl Which {
    fn poll(self, step: &StepArgs) -> Result<contract::IocStreamPoll, Failure> {
        Ok(contract::IocStreamPoll {
            since: step.since,
            descriptors_only: self.descriptors_only,
            filter: Filter::new(self.filter).stream(self.terms).join()?,
            overlap_seconds: step.overlap_seconds,
        })
    }
}

impl DeleteObjects {
    /// In the contract's words: a filter, or `everything`.
    pub(crate) fn selection(self) -> Result<String, Failure> {
        if self.everything {
            return Ok("everything".to_owned());
        }
        let filter = Filter::new(self.filter).stream(self.terms).dates(self.dates).join()?.unwrap_or_default();
        // The contract's word for all of it is no filter, and must not come about by one.
        if filter.trim().eq_ignore_ascii_case("everything") || filter.trim().is_empty() {
            return Err(Failure::argument(
                "ConfirmationMissing",
                format!("filter: {filter:?} chooses nothing."),
                "give a filter such as --origin subscriptions, or --everything",
            ));
        }
        Ok(filter)
    }
}
