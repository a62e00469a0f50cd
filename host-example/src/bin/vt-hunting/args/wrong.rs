//! What is said to somebody who typed a flag that there is not.

use clap::{
    Command, Error,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Flags that give up a protection, skip a check or confirm what cannot be undone. Who mistyped another flag must not be
/// told to try one of these.
pub(super) const DANGEROUS: [&str; 14] = [
    "--insecure",
    "--verify-ssl",
    "--allow-http",
    "--allow-private",
    "--no-check",
    "--no-quota-check",
    "--force",
    "--everything",
    "--confirm-user",
    "--abort-on-interrupt",
    "--no-auth",
    "--component",
    "--gateway",
    "--apikey-file",
];

/// The error with no suggestion that could do harm.
pub(super) fn harmless(mut error: Error, grammar: &Command) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    if let Some(ContextValue::String(flag)) = error.get(ContextKind::SuggestedArg)
        && is_dangerous(flag)
    {
        let flag = flag.clone();
        error.remove(ContextKind::SuggestedArg);
        without(&flag, &mut error);
    }
    let mut tips = match error.remove(ContextKind::Suggested) {
        Some(ContextValue::StyledStrs(tips)) => tips,
        _ => Vec::new(),
    };
    // `'jobs --insecure' exists`
    tips.retain(|tip| !tip.to_string().split([' ', '\'']).any(is_dangerous));
    let invalid = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.split('=').next().unwrap_or_default(),
        _ => "",
    };
    if let Some(flag) = ["--since", "--until"].into_iter().find(|flag| *flag == invalid) {
        let mut commands = Vec::new();
        having(grammar, flag, "", &mut commands);
        tips.push(StyledStr::from(format!(
            "what this is about has no date to select by; {flag} is a flag of {}",
            commands.join(", ")
        )));
        error.remove(ContextKind::SuggestedArg);
    }
    if !tips.is_empty() {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// The line on usage has the flag that was suggested as if it had been typed.
fn without(flag: &str, error: &mut Error) {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return };
    let usage = usage.to_string();
    let words: Vec<&str> = usage.split(' ').filter(|word| *word != flag).collect();
    error.insert(ContextKind::Usage, ContextValue::StyledStr(words.join(" ").into()));
}

fn is_dangerous(flag: &str) -> bool {
    DANGEROUS.contains(&flag.split('=').next().unwrap_or_default())
}

/// The commands that have a flag.
fn having(command: &Command, flag: &str, path: &str, commands: &mut Vec<String>) {
    for command in command.get_subcommands() {
        let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
        let mut flags = command.get_arguments().filter(|flag| !flag.is_hide_set()).filter_map(clap::Arg::get_long);
        if flags.any(|long| Some(long) == flag.strip_prefix("--")) {
            commands.push(path.clone());
        }
        having(command, flag, &path, commands);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn leaves(command: &Command, path: &[String], leaves: &mut Vec<Vec<String>>) {
        for command in command.get_subcommands() {
            let path = [path, &[command.get_name().to_owned()]].concat();
            if command.has_subcommands() {
                self::leaves(command, &path, leaves);
            } else {
                leaves.push(path);
            }
        }
    }

    fn flags(command: &Command, all: &mut BTreeSet<String>) {
        all.extend(command.get_arguments().filter_map(|flag| Some(format!("--{}", flag.get_long()?))));
        for command in command.get_subcommands() {
            flags(command, all);
        }
    }

    fn tips(words: &[String]) -> Vec<String> {
        let said = crate::args::parse(words.iter().map(Into::into)).err().map(|error| error.to_string());
        let lines = said.unwrap_or_default();
        lines.lines().filter(|line| line.contains("tip:")).map(str::to_owned).collect()
    }

    #[test]
    fn every_dangerous_flag_is_one() {
        let mut all = BTreeSet::new();
        flags(&crate::args::command(), &mut all);
        for flag in DANGEROUS {
            assert!(all.contains(flag), "{flag} is no flag");
        }
    }

    #[test]
    fn no_flag_however_it_is_mistyped_is_answered_with_a_dangerous_one() {
        let (mut all, mut commands) = (BTreeSet::new(), Vec::new());
        flags(&crate::args::command(), &mut all);
        leaves(&crate::args::command(), &[], &mut commands);
        let mut typed: BTreeSet<String> =
            ["--secure", "--instance", "--since", "--forced", "--allow", "--no-checks"].map(str::to_owned).into();
        for flag in &all {
            typed.extend([
                flag.clone(),
                format!("{flag}s"),
                flag[..flag.len() - 1].to_owned(),
                flag.replacen('-', "--", 1),
            ]);
        }
        // Some of all that there are: each is a parse of the whole grammar.
        for (index, command) in commands.iter().enumerate() {
            for flag in typed.iter().skip(index % 7).step_by(7).chain(typed.iter().filter(|flag| flag.contains("sin")))
            {
                let words = [&["vt-hunting".to_owned()], &command[..], std::slice::from_ref(flag)].concat();
                let usage = crate::args::parse(words.iter().map(Into::into)).err().map(|error| error.to_string());
                let usage = usage.unwrap_or_default();
                let usage = usage.lines().find(|line| line.starts_with("Usage:")).unwrap_or_default().to_owned();
                // That one has to be given.
                let usage = usage.replace("--confirm-user", "");
                for tip in tips(&words).into_iter().chain([usage]) {
                    let suggested = tip.split([' ', '\'']).filter(|word| *word != flag).find(|word| is_dangerous(word));
                    assert_eq!(suggested, None, "{words:?}: {tip}");
                }
            }
        }
    }

    #[test]
    fn a_harmless_suggestion_stays() {
        let words = ["vt-hunting", "livehunt", "rulesets", "--limt", "5"].map(str::to_owned);
        assert!(tips(&words).concat().contains("--limit"));
    }

    #[test]
    fn since_where_nothing_has_a_date_says_where_there_are_dates() {
        let words = ["vt-hunting", "retrohunt", "matches", "x", "--since", "3d"].map(str::to_owned);
        let tips = tips(&words).concat();
        assert!(tips.contains("has no date") && tips.contains("retrohunt jobs") && !tips.contains("matches"), "{tips}");
    }
}
