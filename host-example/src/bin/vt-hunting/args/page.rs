//! The flags of everything that lists.

use clap::Args;

use super::moment::moment;

/// How much of a list, and from where.
#[derive(Args, Debug)]
pub(crate) struct PageArgs {
    /// How many, at least 1; beyond 40 over several requests [VirusTotal's default: 10]
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u32>,
    /// Go on after the page before: `page.cursor` of its JSON, with everything else unchanged
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) cursor: Option<String>,
    #[command(flatten)]
    next: NextArgs,
}

/// The next page or step, by its short name. It is replaced by what it stands for before a command is made of it.
#[derive(Args, Debug)]
pub(crate) struct NextArgs {
    /// The next page of a table: what its last line says. It stands for the whole query, and is kept for 7 days
    #[arg(long, value_name = "HANDLE")]
    next: Option<String>,
}

/// Since when, where VirusTotal has no filter for it.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Since {
    /// Only what is dated at this time or later; selected here, VirusTotal has no filter for it
    ///
    /// The list is read newest first, and ends at the first that is older. What has no date stays in it.
    /// 2021-07-22, 2021-07-22T10:00:00Z, 2h, 3d, yesterday, or seconds since 1970.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<u64>,
}
