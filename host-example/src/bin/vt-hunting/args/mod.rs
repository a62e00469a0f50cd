//! The command line's grammar: one module per group of actions, each of which turns what was typed into the
//! contract's input record.

pub(crate) mod account;
pub(crate) mod crowdsourced;
pub(crate) mod filter;
pub(crate) mod following;
pub(crate) mod global;
pub(crate) mod ioc_stream;
pub(crate) mod livehunt;
pub(crate) mod moment;
pub(crate) mod page;
pub(crate) mod retrohunt;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod terms;
pub(crate) mod usable;
pub(crate) mod value;
mod wrong;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand, builder::styling};
use clap_complete::Shell;

use crate::{args::value::Unreadable, exit, failure::Failure};

/// VirusTotal hunting: livehunt rulesets and notifications, retrohunt jobs and matches, the IoC stream.
///
/// Nearly every command is one action, run by a sandboxed WebAssembly component; `follow` and `wait` run one again and again. What it may reach, and how, is decided by
/// this host: `vt-hunting config` shows the settings and where each comes from.
#[derive(Debug, Parser)]
#[command(
    name = "vt-hunting",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
Examples:
  export VT_APIKEY=…                       the key; or --apikey-file FILE
  vt-hunting livehunt rulesets --limit 20
  vt-hunting retrohunt create-job --rules rule.yar --corpus goodware
  vt-hunting retrohunt wait alice-1598966772
  vt-hunting ioc-stream follow --state stream.state --descriptors-only

Exit codes and everything else: vt-hunting --help"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: global::Global,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The groups, and what is no action.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// YARA rulesets run against everything submitted, and what they found
    #[command(subcommand, arg_required_else_help = true)]
    Livehunt(livehunt::Livehunt),
    /// YARA rules run once over the files VirusTotal already holds
    #[command(subcommand, arg_required_else_help = true)]
    Retrohunt(retrohunt::Retrohunt),
    /// What livehunt, retrohunt and subscriptions brought up, in one place
    #[command(subcommand, arg_required_else_help = true)]
    IocStream(ioc_stream::IocStream),
    /// The own account: what the key may do, and how much of it is left
    #[command(subcommand, arg_required_else_help = true)]
    Account(account::Account),
    /// YARA rules that others have published and VirusTotal runs on every file
    #[command(subcommand, arg_required_else_help = true)]
    Crowdsourced(crowdsourced::Crowdsourced),
    /// Show how something stands that takes VirusTotal a while
    #[command(after_help = "\
Example:
  vt-hunting operation 77c539e473090379913d6f7b4411a25f")]
    Operation {
        /// The operation's id, as `livehunt delete-all-rulesets` gives it
        id: String,
    },
    /// Show the bytes of a match's snippet, the matched ones in colour
    ///
    /// Reads the hex dump that notifications have in `snippet`; needs no key and no network.
    #[command(after_help = "\
Examples:
  vt-hunting livehunt notification 10425-4847-21bac4f0-1626960086 \\
      --output json | jq -r .snippet | vt-hunting snippet
  vt-hunting snippet dump.txt --output json | jq -r .bytes")]
    Snippet {
        /// The dump; `-` reads standard input
        #[arg(default_value = "-", value_name = "FILE|-")]
        dump: value::Source,
    },
    /// YARA rules, checked here before VirusTotal sees them
    #[command(subcommand, arg_required_else_help = true)]
    Rules(rules::Rules),
    /// Answer HTTP with the gateway: every action as `POST /v1/actions/{action}`, JSON in and out
    Serve(serve::ServeArgs),
    /// Show the settings in effect and where each comes from; the key is redacted
    #[command(after_help = "\
Examples:
  vt-hunting config
  VT_TIMEOUT=10 vt-hunting config --url https://vt.example --output json")]
    Config,
    /// List the actions: action, whether connector platforms list it, function, request, command
    Actions,
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  vt-hunting completions bash \\
      > ~/.local/share/bash-completion/completions/vt-hunting
  vt-hunting completions zsh > \"${fpath[1]}/_vt-hunting\"
  vt-hunting completions fish \\
      > ~/.config/fish/completions/vt-hunting.fish")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const STYLES: styling::Styles = styling::Styles::styled()
    .header(styling::AnsiColor::Yellow.on_default().bold())
    .usage(styling::AnsiColor::Yellow.on_default().bold())
    .literal(styling::AnsiColor::Green.on_default())
    .placeholder(styling::AnsiColor::Cyan.on_default());

/// The whole grammar, with the table of exit codes in the long help.
pub(crate) fn command() -> clap::Command {
    let examples = Cli::command().get_after_help().map(ToString::to_string).unwrap_or_default();
    let examples = examples.rsplit_once("\n\n").map_or(examples.as_str(), |(examples, _)| examples).to_owned();
    // They are taken, since the command is what was typed for the create with another verb; and they mean nothing here.
    let hide = |command: clap::Command, flags: &[&'static str]| {
        flags.iter().fold(command, |command, flag| command.mut_arg(flag, |flag| flag.hide(true)))
    };
    let grammar = Cli::command()
        .mut_subcommand("retrohunt", |group| {
            group.mut_subcommand("reconcile-job", |command| {
                hide(command, &["user", "no_quota_check", "force", "no_check", "gti"])
            })
        })
        .mut_subcommand("livehunt", |group| {
            group.mut_subcommand("reconcile-ruleset", |command| hide(command, &["no_check", "gti", "if_exists"]))
        });
    usable::shown(grammar.after_long_help(format!("{examples}\n\nExit codes:\n{}", exit::table())))
}

/// What was typed, and by which grammar.
pub(crate) struct Parsed {
    pub(crate) grammar: clap::Command,
    pub(crate) matches: clap::ArgMatches,
}

/// Reads what was typed, the program first. An error suggests nothing that could do harm.
pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Parsed, clap::Error> {
    let mut grammar = command();
    match grammar.try_get_matches_from_mut(words) {
        Ok(matches) => Ok(Parsed { grammar, matches }),
        Err(error) => Err(wrong::harmless(error, &grammar)),
    }
}

/// Reads a rules text for an action; what goes wrong is the argument's fault.
pub(crate) fn read_rules(source: &value::Source) -> Result<String, Failure> {
    source.read().map_err(|error| match error {
        Unreadable::Io(error) => Failure::argument(
            "Unreadable",
            format!("rules: cannot read {source}: {error}."),
            "give a readable file with --rules FILE, or pipe the text and give --rules -.",
        ),
        Unreadable::Compiled => Failure::argument(
            "CompiledRules",
            format!("rules: {source} is a file of compiled rules, and VirusTotal takes their source."),
            "give the .yar file that they were compiled from.",
        ),
        Unreadable::Utf16 => Failure::argument(
            "NotUtf8",
            format!("rules: {source} is a text in UTF-16, and VirusTotal takes UTF-8."),
            "save it as UTF-8.",
        ),
        Unreadable::NotUtf8 { line, byte } => Failure::argument(
            "NotUtf8",
            format!("rules: {source} is no UTF-8 text: line {line} (byte {byte}) is the first wrong place."),
            "save it as UTF-8; match other bytes with a hex string such as { FF D8 }.",
        ),
    })
}

/// Reads a snippet's dump.
pub(crate) fn read_dump(source: &value::Source) -> Result<String, Failure> {
    source.read().map_err(|error| {
        let why = match error {
            Unreadable::Io(error) => error.to_string(),
            Unreadable::Compiled => "it is a file of compiled rules".to_owned(),
            Unreadable::Utf16 => "it is a text in UTF-16, and not in UTF-8".to_owned(),
            Unreadable::NotUtf8 { line, .. } => format!("it is no text: line {line} is the first wrong place"),
        };
        let message = format!("The dump cannot be read from {source}: {why}.");
        Failure::argument("Unreadable", message, "give a file with the `snippet` of a notification, or pipe it")
    })
}

#[cfg(test)]
mod tests;
