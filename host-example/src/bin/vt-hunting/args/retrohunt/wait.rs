//! Waiting for a job.

use clap::Args;

use crate::args::following::Pause;

/// `check-retrohunt-job`, again and again
#[derive(Args, Debug)]
pub(crate) struct Wait {
    /// The job's id, as `retrohunt jobs` shows it
    pub(crate) id: String,
    /// Ctrl-C aborts the job, instead of only ending the waiting
    #[arg(long)]
    pub(crate) abort_on_interrupt: bool,
    /// Give up waiting after this long; the job goes on [default: never]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout_total: Option<u64>,
    #[command(flatten)]
    pub(crate) pause: Pause,
}
