//! `vt-hunting retrohunt …`

mod jobs;
mod wait;

pub(crate) use jobs::{CreateJob, JobId, JobQuota, Jobs, Matches, ReconcileJob};
pub(crate) use wait::Wait;

use clap::Subcommand;

use super::value::Source;

/// The actions on retrohunt.
#[derive(Debug, Subcommand)]
pub(crate) enum Retrohunt {
    /// Start a job; costs one of the monthly quota, whatever it finds
    #[command(after_help = "\
Try a rule on the goodware corpus first: a minute shows its false positives.

Examples:
  vt-hunting retrohunt create-job --rules loader.yar --corpus goodware
  vt-hunting retrohunt create-job --rules loader.yar --user alice \\
      --start 2021-07-01 --end 2021-07-31T23:59:59Z
  cat *.yar | vt-hunting retrohunt create-job --rules - \\
      --notification-email hunt@example.com")]
    CreateJob(Box<CreateJob>),

    /// Look whether a create-job arrived whose answer got lost
    ///
    /// Give what create-job was given, and a moment a minute before it ran. Prints the jobs with the same rules text that were
    /// created since; none: it did not arrive, cost nothing, and may be sent again.
    #[command(after_help = "\
Example:
  vt-hunting retrohunt reconcile-job --rules loader.yar --created-since 10m")]
    ReconcileJob(Box<ReconcileJob>),

    /// Show one job
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt job alice-1598966772
  vt-hunting retrohunt job alice-1598966772 --output json | jq -r .rules")]
    Job(JobId),

    /// Show how a job stands, and when to look again
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt check-job alice-1598966772
  vt-hunting retrohunt check-job alice-1598966772 --output json | jq .done")]
    CheckJob(JobId),

    /// Wait until a job has ended, and show it
    ///
    /// Looks as often as VirusTotal's own estimate suggests, and only reads: it can be ended and started again at any time, and
    /// a network that is gone for a while is waited out. Ends with 0 when the job has finished, with 40 when it was aborted,
    /// with 41 when --timeout-total is over.
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt wait alice-1598966772
  vt-hunting retrohunt wait alice-1598966772 --timeout-total 7200 \\
      && vt-hunting retrohunt matches alice-1598966772 --limit 200")]
    Wait(Wait),

    /// List jobs
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt jobs
  vt-hunting retrohunt jobs --status running --limit 20")]
    Jobs(Jobs),

    /// Stop a job; its matches stay, what it cost is not given back
    #[command(after_help = "\
Example:
  vt-hunting retrohunt abort-job alice-1598966772")]
    AbortJob(JobId),

    /// Delete a job and its matches; there is no undo, what it cost is not given back
    #[command(after_help = "\
Example:
  vt-hunting retrohunt delete-job alice-1598966772")]
    DeleteJob(JobId),

    /// List the files a job matched, with their reports
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt matches alice-1598966772 --limit 400
  vt-hunting retrohunt matches alice-1598966772 --output jsonl | jq -r .id")]
    Matches(Matches),
}

impl Retrohunt {
    /// Where the rules come from, if the command has any.
    pub(crate) fn rules(&self) -> Option<&Source> {
        match self {
            Self::CreateJob(args) => Some(&args.rules),
            Self::ReconcileJob(args) => Some(&args.job.rules),
            _ => None,
        }
    }
}
