//! `vt-hunting rules …`, and the flag of the commands that upload rules.

use clap::{Args, Subcommand, ValueEnum};
use vt_hunting_host::rules_check as contract;

use super::value::Source;

/// What is done with rules here, without VirusTotal.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Check YARA rules as `create-ruleset` and `create-job` do before they upload them
    ///
    /// Needs no key and no network. Ends with 0 when no rule has an error, with 10 when one has.
    #[command(after_help = "\
Examples:
  vt-hunting rules check loader.yar
  vt-hunting rules check *.yar --for retrohunt
  vt-hunting rules check c2.yar --match-object-type domain --output json \\
      | jq '.items[].findings'
  cat *.yar | vt-hunting rules check -")]
    Check(Check),
}

/// `check-rules`
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The YARA sources, UTF-8; `-` reads standard input
    #[arg(value_name = "FILE|-", required = true)]
    pub(crate) files: Vec<Source>,
    /// What a livehunt ruleset is matched against [default: file, as at VirusTotal]
    #[arg(long, value_enum, value_name = "TYPE")]
    match_object_type: Option<MatchObjectType>,
    /// What the rules are for
    #[arg(long = "for", value_enum, value_name = "HUNT", default_value_t = Hunt::Livehunt)]
    hunt: Hunt,
    #[command(flatten)]
    licence: Licence,
}

/// Checking what is about to be uploaded.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CheckFirst {
    /// Upload the rules without checking them first
    #[arg(long)]
    pub(crate) no_check: bool,
    #[command(flatten)]
    pub(crate) licence: Licence,
}

/// What the account may use.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Licence {
    /// The account has a licence of Google Threat Intelligence: rules may use `gti_assessment`
    #[arg(long)]
    pub(crate) gti: bool,
}

/// `hunt`
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Hunt {
    Livehunt,
    Retrohunt,
}

/// `match-object-type`
#[derive(Clone, Copy, Debug, ValueEnum)]
enum MatchObjectType {
    File,
    Url,
    Domain,
    Ip,
}

impl From<&Check> for contract::CheckOptions {
    fn from(args: &Check) -> Self {
        Self {
            hunt: match args.hunt {
                Hunt::Livehunt => contract::Hunt::Livehunt,
                Hunt::Retrohunt => contract::Hunt::Retrohunt,
            },
            match_object_type: args.match_object_type.map(|kind| match kind {
                MatchObjectType::File => contract::MatchObjectType::File,
                MatchObjectType::Url => contract::MatchObjectType::Url,
                MatchObjectType::Domain => contract::MatchObjectType::Domain,
                MatchObjectType::Ip => contract::MatchObjectType::Ip,
            }),
            gti: args.licence.gti,
        }
    }
}
