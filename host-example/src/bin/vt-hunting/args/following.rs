//! The flags of following, the same for the stream and for notifications.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use vt_hunting_host::types::PollBudget;

use super::moment::moment;

/// What one step takes.
#[derive(Args, Debug)]
pub(crate) struct StepArgs {
    /// Where following begins: with what came at this moment or later; without it, with what comes from now on
    ///
    /// 2h, 3d, yesterday, 2021-07-22, 2021-07-22T10:00:00Z, or seconds since 1970. Not read once there is a checkpoint.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<u64>,
    /// How far behind the newest every step looks again, for what VirusTotal dated late [default: 10, at most 86400]
    #[arg(long, value_name = "N")]
    pub(crate) overlap_seconds: Option<u32>,
    /// The most objects of one step [default: 1000]
    #[arg(long, value_name = "N")]
    limit_items: Option<u32>,
}

/// What following takes.
#[derive(Args, Debug)]
pub(crate) struct FollowArgs {
    /// Where it is stored how far following got; made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// Write to this file instead of standard output: exactly once, whatever happens
    ///
    /// Lines are added at its end. The state records its length, and a start cuts it back to that. Move it away while
    /// nothing follows, and the next start begins a new one.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// End when there is nothing more to read; any failure ends it too
    #[arg(long)]
    pub(crate) once: bool,
    /// How long to wait where there is nothing more to read
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    interval: u64,
    #[command(flatten)]
    pub(crate) step: StepArgs,
    #[command(flatten)]
    pub(crate) pause: Pause,
}

/// Every pause the same, for tests: they do not wait for clocks.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Pause {
    #[arg(long = "poll-interval-ms", value_name = "N", hide = true)]
    milliseconds: Option<u64>,
}

impl StepArgs {
    pub(crate) fn budget(&self) -> PollBudget {
        PollBudget { items: self.limit_items, ..PollBudget::default() }
    }
}

impl FollowArgs {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(self.interval)
    }
}

impl Pause {
    /// This long, unless a test says otherwise.
    pub(crate) fn or(self, usual: Duration) -> Duration {
        self.milliseconds.map_or(usual, Duration::from_millis)
    }
}
