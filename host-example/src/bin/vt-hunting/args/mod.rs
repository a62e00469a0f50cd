//! The command line's grammar: one module per group of actions, each of which turns what was typed into the
//! contract's input record.

pub(crate) mod global;
pub(crate) mod ioc_stream;
pub(crate) mod livehunt;
pub(crate) mod retrohunt;
pub(crate) mod value;

use clap::{CommandFactory, Parser, Subcommand, builder::styling};
use clap_complete::Shell;

use crate::{args::value::Unreadable, exit, failure::Failure};

/// VirusTotal hunting: livehunt rulesets and notifications, retrohunt jobs and matches, the IoC stream.
///
/// Every command is one action, run by a sandboxed WebAssembly component. What it may reach, and how, is decided by
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
  vt-hunting ioc-stream objects --descriptors-only --output jsonl

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
    /// Show the settings in effect and where each comes from; the key is redacted
    #[command(after_help = "\
Examples:
  vt-hunting config
  VT_TIMEOUT=10 vt-hunting config --url https://vt.example --output json")]
    Config,
    /// List the actions: action, function, request, command
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
    Cli::command().after_long_help(format!("{examples}\n\nExit codes:\n{}", exit::table()))
}

/// Reads a rules text for an action; what goes wrong is the argument's fault.
fn read_rules(source: &value::Source) -> Result<String, Failure> {
    source.read().map_err(|error| match error {
        Unreadable::Io(error) => Failure::argument(
            "Unreadable",
            format!("rules: cannot read {source}: {error}."),
            "give a readable file with --rules FILE, or pipe the text and give --rules -.",
        ),
        Unreadable::NotUtf8 { line, byte } => Failure::argument(
            "NotUtf8",
            format!("rules: {source} is no UTF-8 text: line {line} (byte {byte}) is the first wrong place."),
            "save it as UTF-8; match other bytes with a hex string such as { FF D8 }.",
        ),
    })
}

#[cfg(test)]
mod tests;
