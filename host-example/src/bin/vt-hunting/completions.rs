//! Completion scripts for shells: what `clap_complete` writes, of the grammar that people see.

use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::Shell;

use crate::args;

const PROGRAM: &str = "vt-hunting";

/// The script for a shell.
pub(crate) fn script(shell: Shell) -> String {
    let mut grammar = args::command();
    grammar.build();
    // The names of a `Command` are static. The program prints the script and ends.
    let mut shown = shown(Box::leak(Box::new(grammar)));
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown, PROGRAM, &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        // It names the variable `vt__hunting__subcmd__…` and the arms `vt__subcmd__hunting__subcmd__…`, because of the
        // hyphen in the program's name: no command after the first was ever found.
        Shell::Bash => script.replace("vt__subcmd__hunting", "vt__hunting"),
        _ => script.into_owned(),
    }
}

/// The grammar without what its help does not show, such as flags that a command takes and cannot use.
fn shown(command: &'static Command) -> Command {
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set() && !is_help(argument));
    let commands = command.get_subcommands().filter(|command| command.get_name() != "help");
    let mut shown =
        Command::new(command.get_name()).args(arguments.map(argument)).subcommands(commands.map(self::shown));
    if let Some(about) = command.get_about() {
        shown = shown.about(about.clone());
    }
    match command.get_version() {
        Some(version) => shown.version(version),
        None => shown,
    }
}

fn is_help(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version)
}

/// The same flag without its rules, which name others that may not be shown.
fn argument(argument: &'static Arg) -> Arg {
    let mut shown = Arg::new(argument.get_id().clone())
        .action(argument.get_action().clone())
        .value_parser(argument.get_value_parser().clone())
        .visible_aliases(argument.get_visible_aliases().unwrap_or_default())
        .require_equals(argument.is_require_equals_set());
    if let Some(help) = argument.get_help() {
        shown = shown.help(help.clone());
    }
    if let Some(long) = argument.get_long() {
        shown = shown.long(long);
    }
    if let Some(short) = argument.get_short() {
        shown = shown.short(short);
    }
    if let Some(number) = argument.get_num_args() {
        shown = shown.num_args(number);
    }
    let names = argument.get_value_names().unwrap_or_default();
    if argument.get_action().takes_values() {
        let is_file = names.iter().any(|name| name.contains("FILE") || name.contains("PATH"));
        shown = shown.value_names(names).value_hint(if is_file { ValueHint::FilePath } else { ValueHint::Other });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_of_the_bash_script_is_one_that_its_variable_can_name() {
        let script = script(Shell::Bash);
        let set: Vec<_> =
            script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"')).collect();
        let arms: Vec<_> = script
            .lines()
            .filter_map(|line| line.trim().strip_suffix(')'))
            .filter(|arm| arm.starts_with("vt__"))
            .collect();
        assert!(arms.len() > 40, "{script}");
        for arm in arms.iter().filter(|arm| !arm.contains(',')) {
            assert!(set.contains(arm), "{arm} is never set");
        }
    }

    #[test]
    fn a_flag_that_no_help_shows_is_not_completed() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            assert!(script.contains("overlap-seconds"), "{shell}");
            assert!(!script.contains("poll-interval-ms"), "{shell}");
        }
    }
}
