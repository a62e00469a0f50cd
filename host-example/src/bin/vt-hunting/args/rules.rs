//! `vt-hunting rules …`, and the flag of the commands that upload rules.

use clap::{Args, Subcommand, ValueEnum};
use vt_hunting_host::{livehunt, rules_check as contract};

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
  vt-hunting rules check rules/ --for retrohunt
  vt-hunting rules check c2.yar --match-object-type domain --output json \\
      | jq '.items[].findings'
  cat *.yar | vt-hunting rules check -")]
    Check(Check),
}

/// `check-rules`
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The YARA sources, UTF-8; a folder is searched for .yar and .yara; `-` reads standard input
    #[arg(value_name = "FILE|FOLDER|-", required = true)]
    pub(crate) files: Vec<Source>,
    /// What a livehunt ruleset is matched against [default: `target_entity` in their `meta`, else file]
    #[arg(long, value_enum, value_name = "TYPE")]
    match_object_type: Option<MatchObjectType>,
    /// What the rules are for
    #[arg(long = "for", value_enum, value_name = "HUNT", default_value_t = Hunt::Livehunt)]
    hunt: Hunt,
    /// The account has a licence of Google Threat Intelligence, and with it `gti_assessment`
    #[arg(long)]
    gti: bool,
}

/// Checking what is about to be uploaded.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CheckFirst {
    /// Upload the rules without checking them first
    #[arg(long)]
    pub(crate) no_check: bool,
    /// The account has a licence of Google Threat Intelligence, and with it `gti_assessment`
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
pub(crate) enum MatchObjectType {
    File,
    Url,
    Domain,
    /// As rules call it in `target_entity`: ip_address
    #[value(alias = "ip_address", alias = "ip-address")]
    Ip,
}

impl From<MatchObjectType> for livehunt::MatchObjectType {
    fn from(kind: MatchObjectType) -> Self {
        match kind {
            MatchObjectType::File => Self::File,
            MatchObjectType::Url => Self::Url,
            MatchObjectType::Domain => Self::Domain,
            MatchObjectType::Ip => Self::Ip,
        }
    }
}

impl From<MatchObjectType> for contract::MatchObjectType {
    fn from(kind: MatchObjectType) -> Self {
        match kind {
            MatchObjectType::File => Self::File,
            MatchObjectType::Url => Self::Url,
            MatchObjectType::Domain => Self::Domain,
            MatchObjectType::Ip => Self::Ip,
        }
    }
}

impl From<&Check> for contract::CheckOptions {
    fn from(args: &Check) -> Self {
        Self {
            hunt: match args.hunt {
                Hunt::Livehunt => contract::Hunt::Livehunt,
                Hunt::Retrohunt => contract::Hunt::Retrohunt,
            },
            match_object_type: args.match_object_type.map(Into::into),
            gti: args.gti,
        }
    }
}
