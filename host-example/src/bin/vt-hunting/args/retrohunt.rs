//! `vt-hunting retrohunt …`

use clap::{Args, Subcommand, ValueEnum};
use vt_hunting_host::retrohunt as contract;

use super::{
    read_rules,
    value::{Source, moment},
};
use crate::failure::Failure;

/// The actions on retrohunt.
#[derive(Debug, Subcommand)]
pub(crate) enum Retrohunt {
    /// Start a job; costs one of the monthly quota, whatever it finds
    #[command(after_help = "\
Try a rule on the goodware corpus first: a minute shows its false positives.

Examples:
  vt-hunting retrohunt create-job --rules loader.yar --corpus goodware
  vt-hunting retrohunt create-job --rules loader.yar \\
      --start 2021-07-01 --end 2021-07-31T23:59:59Z
  cat *.yar | vt-hunting retrohunt create-job --rules - \\
      --notification-email hunt@example.com")]
    CreateJob(CreateJob),

    /// Show one job
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt job alice-1598966772
  vt-hunting retrohunt job alice-1598966772 --output json | jq -r .rules")]
    Job(Job),

    /// List jobs
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt jobs
  vt-hunting retrohunt jobs --filter status:running --limit 20")]
    Jobs(Jobs),

    /// Stop a job; its matches stay, what it cost is not given back
    #[command(after_help = "\
Example:
  vt-hunting retrohunt abort-job alice-1598966772")]
    AbortJob(AbortJob),

    /// List the files a job matched, with their reports
    #[command(after_help = "\
Examples:
  vt-hunting retrohunt matches alice-1598966772 --limit 40
  vt-hunting retrohunt matches alice-1598966772 --output jsonl | jq -r .id")]
    Matches(Matches),
}

impl Retrohunt {
    /// Where the rules come from, if the command has any.
    pub(crate) fn rules(&self) -> Option<&Source> {
        match self {
            Self::CreateJob(args) => Some(&args.rules),
            _ => None,
        }
    }
}

/// `new-retrohunt-job`
#[derive(Args, Debug)]
pub(crate) struct CreateJob {
    /// The YARA source, UTF-8, at most 1 MB and 300 rules; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    rules: Source,
    /// Send an e-mail when it ends
    #[arg(long, value_name = "ADDRESS")]
    notification_email: Option<String>,
    /// Which files: main (the last 90 days, 2 to 4 hours) or goodware (a minute) [VirusTotal's default: main]
    #[arg(long, value_enum, hide_possible_values = true)]
    corpus: Option<Corpus>,
    /// Only files first submitted from this moment
    ///
    /// Seconds since 1970, a date (its first second) or a date and time; UTC where no offset is given.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    start: Option<u64>,
    /// Only files first submitted until this moment; written like --start
    #[arg(long, value_name = "TIME", value_parser = moment)]
    end: Option<u64>,
}

/// `get-retrohunt-job`
#[derive(Args, Debug)]
pub(crate) struct Job {
    /// The job's id, as `retrohunt jobs` shows it
    pub(crate) id: String,
}

/// `retrohunt-jobs-query`
#[derive(Args, Debug)]
pub(crate) struct Jobs {
    /// How many, at least 1 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// `status:` and one of starting, running, aborting, aborted, finished
    #[arg(long)]
    filter: Option<String>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// `abort-retrohunt-job`
#[derive(Args, Debug)]
pub(crate) struct AbortJob {
    /// The job's id, as `retrohunt jobs` shows it
    pub(crate) id: String,
}

/// `get-retrohunt-job-matches`
#[derive(Args, Debug)]
pub(crate) struct Matches {
    /// The job's id, as `retrohunt jobs` shows it
    pub(crate) id: String,
    /// How many, at least 1 [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, allow_hyphen_values = true)]
    cursor: Option<String>,
}

/// `corpus`
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Corpus {
    Main,
    Goodware,
}

impl TryFrom<CreateJob> for contract::NewRetrohuntJob {
    type Error = Failure;

    fn try_from(args: CreateJob) -> Result<Self, Failure> {
        let time_range = match (args.start, args.end) {
            (None, None) => None,
            (start, end) => Some(contract::TimeRange { start, end }),
        };
        Ok(Self {
            rules: read_rules(&args.rules)?,
            notification_email: args.notification_email,
            corpus: args.corpus.map(|corpus| match corpus {
                Corpus::Main => contract::Corpus::Main,
                Corpus::Goodware => contract::Corpus::Goodware,
            }),
            time_range,
        })
    }
}

impl From<Jobs> for contract::RetrohuntJobsQuery {
    fn from(args: Jobs) -> Self {
        Self { limit: args.limit, filter: args.filter, cursor: args.cursor }
    }
}

impl From<Matches> for (String, contract::MatchesQuery) {
    fn from(args: Matches) -> Self {
        (args.id, contract::MatchesQuery { limit: args.limit, cursor: args.cursor })
    }
}
