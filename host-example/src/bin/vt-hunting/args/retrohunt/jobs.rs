//! Jobs and their matches.

use clap::{Args, ValueEnum};
use vt_hunting_host::retrohunt as contract;

use crate::{
    args::{
        filter::Filter,
        moment::moment,
        page::{PageArgs, Since},
        read_rules,
        rules::CheckFirst,
        terms::Status,
        value::Source,
    },
    failure::Failure,
};

/// `new-retrohunt-job`
#[derive(Args, Debug)]
pub(crate) struct CreateJob {
    /// The YARA source, UTF-8, at most 1 MB and 300 rules; `-` reads standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) rules: Source,
    /// Send an e-mail when it ends
    #[arg(long, value_name = "ADDRESS")]
    notification_email: Option<String>,
    /// Which files: main (the account's window, 2 to 4 hours) or goodware (a minute) [VirusTotal's default: main]
    #[arg(long, value_enum, hide_possible_values = true)]
    corpus: Option<Corpus>,
    /// Only files last sent to VirusTotal from this time on
    ///
    /// A file's last submission counts: an old file that was sent again yesterday is in yesterday's span.
    ///
    /// Seconds since 1970, a date (its first second), a date and time, 3d, yesterday; UTC where no offset is given.
    #[arg(long, visible_alias = "since", value_name = "TIME", value_parser = moment)]
    start: Option<u64>,
    /// Only files last sent to VirusTotal until this time; written like --start
    #[arg(long, visible_alias = "until", value_name = "TIME", value_parser = moment)]
    end: Option<u64>,
    #[command(flatten)]
    pub(crate) quota: JobQuota,
    #[command(flatten)]
    pub(crate) check: CheckFirst,
}

/// Looking at what is left of the monthly jobs before one is spent.
#[derive(Args, Clone, Debug)]
pub(crate) struct JobQuota {
    /// Whose jobs are counted [VT_USER; default: the user of the newest job, which takes a request to find out]
    #[arg(long, value_name = "NAME", env = "VT_USER", hide_env = true)]
    pub(crate) user: Option<String>,
    /// Do not look what is left of this month's jobs first
    #[arg(long)]
    pub(crate) no_quota_check: bool,
    /// Create it although nothing is left
    #[arg(long)]
    pub(crate) force: bool,
}

/// `reconcile-retrohunt-job`
#[derive(Args, Debug)]
pub(crate) struct ReconcileJob {
    #[command(flatten)]
    pub(crate) job: CreateJob,
    /// Not older than this: a minute before the create ran, for clocks that differ
    ///
    /// 10m, 2021-07-22T10:00:00Z, seconds since 1970 and so on; UTC where no offset is given.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) created_since: u64,
}

/// One job.
#[derive(Args, Debug)]
pub(crate) struct JobId {
    /// The job's id, as `retrohunt jobs` shows it
    pub(crate) id: String,
}

/// `retrohunt-jobs-query`
#[derive(Args, Debug)]
pub(crate) struct Jobs {
    #[command(flatten)]
    page: PageArgs,
    /// Only jobs in this state
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// `status:` and one of starting, running, aborting, aborted, finished
    #[arg(long)]
    filter: Option<String>,
    #[command(flatten)]
    since: Since,
}

/// `get-retrohunt-job-matches`
#[derive(Args, Debug)]
pub(crate) struct Matches {
    /// The job's id, as `retrohunt jobs` shows it
    #[arg(required = false, required_unless_present = "next")]
    id: String,
    #[command(flatten)]
    page: PageArgs,
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

impl TryFrom<Jobs> for (contract::RetrohuntJobsQuery, Since) {
    type Error = Failure;

    fn try_from(args: Jobs) -> Result<Self, Failure> {
        let filter = Filter::new(args.filter).word("--status", "status", args.status);
        let PageArgs { limit, cursor, .. } = args.page;
        Ok((contract::RetrohuntJobsQuery { limit, filter: filter.join()?, cursor }, args.since))
    }
}

impl From<Matches> for (String, contract::MatchesQuery) {
    fn from(args: Matches) -> Self {
        (args.id, contract::MatchesQuery { limit: args.page.limit, cursor: args.page.cursor })
    }
}
