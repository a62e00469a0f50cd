//! Which flags a command has use for. Every command takes the flags of all of them, since an alias may have one; its help
//! and its completion show those that change something.

use clap::Command;

/// The settings of the service. `--component` is apart: what reads no setting may still run a component.
const SERVICE: [&str; 14] = [
    "config",
    "apikey_file",
    "url",
    "timeout",
    "read_only",
    "retries",
    "requests_per_minute",
    "max_response_bytes",
    "http_proxy",
    "ca_file",
    "verify_ssl",
    "insecure",
    "allow_http",
    "allow_private",
];

/// The commands whose objects have the bytes around a match.
pub(crate) const WITH_SNIPPETS: [&str; 8] = [
    "livehunt notifications",
    "livehunt notification",
    "livehunt notification-files",
    "livehunt ruleset-notification-files",
    "livehunt poll",
    "ioc-stream objects",
    "ioc-stream notification",
    "ioc-stream poll",
];

/// The flags that a command takes and that change nothing there.
fn unusable(command: &str) -> Vec<&'static str> {
    let (service, others): (bool, &[&str]) = match command {
        "completions" => (
            true,
            &["component", "output", "envelope", "compact", "no_raw", "wide", "snippets", "verbose", "log_format"],
        ),
        "actions" => (true, &["component", "envelope", "no_raw", "snippets", "verbose", "log_format"]),
        "snippet" | "rules" | "rules check" => (true, &["envelope", "no_raw", "wide", "snippets"]),
        "config" => (false, &["component", "envelope", "no_raw", "snippets"]),
        "serve" => (false, &["component", "envelope", "compact", "no_raw", "wide", "snippets"]),
        "livehunt follow" | "ioc-stream follow" => (false, &["envelope", "compact", "wide", "snippets"]),
        "livehunt" | "ioc-stream" => (false, &[]),
        other if WITH_SNIPPETS.contains(&other) => (false, &[]),
        _ => (false, &["snippets"]),
    };
    let service = if service { &SERVICE[..] } else { &[] };
    service.iter().chain(others).copied().collect()
}

/// Hides what a command has no use for, from its help and from completion.
pub(super) fn shown(grammar: Command) -> Command {
    let global: Vec<_> = grammar.get_arguments().filter(|flag| flag.is_global_set()).cloned().collect();
    below(grammar, "", &global)
}

fn below(grammar: Command, path: &str, global: &[clap::Arg]) -> Command {
    let names: Vec<_> = grammar.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(grammar, |grammar, name| {
        grammar.mut_subcommand(name, |command| {
            let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
            let unusable = unusable(&path);
            let hidden = global.iter().filter(|flag| unusable.contains(&flag.get_id().as_str()));
            // One that is there already is not handed down from above.
            below(command.args(hidden.map(|flag| flag.clone().hide(true))), &path, global)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(path: &str) -> String {
        let mut grammar = crate::args::command();
        grammar.build();
        let mut command = &mut grammar;
        for word in path.split(' ') {
            command = command.find_subcommand_mut(word).unwrap();
        }
        command.render_long_help().to_string()
    }

    #[test]
    fn a_help_has_the_flags_that_a_command_can_use_and_no_others() {
        for (command, has, lacks) in [
            (
                "actions",
                &["--output", "--wide", "--no-color"][..],
                &["--url", "--insecure", "--snippets", "--component"][..],
            ),
            ("completions", &[], &["--output", "--url", "--verbose", "--wide"]),
            ("snippet", &["--output", "--component"], &["--url", "--apikey-file", "--wide", "--envelope"]),
            ("rules check", &["--output", "--component"], &["--url", "--allow-private", "--envelope"]),
            ("config", &["--url", "--insecure", "--output"], &["--snippets", "--envelope", "--component"]),
            ("serve", &["--url", "--output", "--log-format"], &["--snippets", "--envelope", "--wide"]),
            ("livehunt follow", &["--url", "--no-raw"], &["--snippets", "--envelope", "--wide"]),
            ("livehunt notifications", &["--url", "--snippets", "--envelope", "--wide"], &[]),
            ("retrohunt jobs", &["--url", "--envelope", "--wide"], &["--snippets"]),
        ] {
            let help = help(command);
            for flag in has {
                assert!(help.contains(flag), "{command} lacks {flag}");
            }
            for flag in lacks {
                assert!(!help.contains(flag), "{command} has {flag}: {help}");
            }
        }
    }

    #[test]
    fn every_name_in_the_tables_is_one() {
        let grammar = crate::args::command();
        let flags: Vec<_> = grammar.get_arguments().map(|flag| flag.get_id().as_str().to_owned()).collect();
        for command in ["completions", "actions", "snippet", "config", "serve", "livehunt follow", "retrohunt jobs"] {
            for flag in unusable(command) {
                assert!(flags.iter().any(|known| known == flag), "{flag} is no flag of all commands");
            }
        }
        for command in WITH_SNIPPETS {
            help(command);
        }
    }

    #[test]
    fn what_a_help_does_not_show_is_still_taken() {
        crate::args::command().try_get_matches_from(["vt-hunting", "--url", "https://vt.example", "actions"]).unwrap();
        crate::args::command().try_get_matches_from(["vt-hunting", "actions", "--insecure"]).unwrap();
    }
}
