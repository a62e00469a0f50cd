//! Command lines that the program tells people to type: made here and nowhere else, from words.
//!
//! A word may come from the service, and what is printed gets pasted into a shell. So every word is quoted, one that
//! begins with `-` cannot become a flag, and one with characters that nobody sees is spelled out: [`shlex`] knows how to
//! quote, and what it leaves as it is the terminal must not see.

use std::fmt::Write as _;

use shlex::try_quote;

use crate::output::text::is_unseen;

/// What no shell can be given as an argument: it stops with this message, before anything runs.
const UNWRITABLE: &str = "\"${ID:?has characters that no command line can hold}\"";

/// A command of this program: `livehunt rulesets`, its flags, and what it is about.
pub(crate) fn command(path: &str, flags: &[&str], about: &[&str]) -> String {
    let mut words = vec!["vt-hunting"];
    words.extend(path.split(' '));
    words.extend(flags);
    if about.iter().any(|word| word.starts_with('-')) {
        words.push("--");
    }
    words.extend(about);
    line(&words)
}

/// The words as a POSIX shell reads them.
pub(crate) fn line(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    // The name of a flag is nothing to a shell, and the equals sign after it neither.
    if let Some((flag, value)) = word.split_once('=')
        && flag.strip_prefix("--").is_some_and(|name| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-')))
    {
        return format!("{flag}={}", quoted_text(value));
    }
    quoted_text(word)
}

fn quoted_text(word: &str) -> String {
    if !word.contains(is_unseen) {
        // It fails on a NUL alone, which nobody sees.
        return try_quote(word).unwrap_or_default().into_owned();
    }
    // `$(…)` drops line breaks at its end, and no argument can hold a NUL.
    if word.contains('\0') || word.ends_with('\n') {
        return UNWRITABLE.to_owned();
    }
    let mut text = String::from("\"$(printf '");
    for c in word.chars() {
        if c.is_ascii_alphanumeric() || !(c.is_ascii() || is_unseen(c)) {
            text.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\{byte:03o}");
        }
    }
    text + "')\""
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::output::text::{plain, unseen};

    /// What a service could call something to have a command run.
    const HOSTILE: [&str; 24] = [
        "alice-1&touch${IFS}x",
        "alice-1;touch x",
        "alice-1|touch x",
        "$(touch x)",
        "`touch x`",
        "${IFS}",
        "a b  c",
        "it's",
        "\"quoted\"",
        "back\\slash\\",
        "!!",
        "a!b^c",
        "*",
        "~root",
        "#comment",
        "{a,b}",
        "[a-z]",
        "a>x",
        "--apikey-file=/etc/passwd",
        "-h",
        "=ls",
        "",
        "100%s%n",
        "é中\u{1f600}",
    ];

    fn shells() -> Vec<&'static str> {
        let runs = |shell: &&str| {
            let shell = Command::new(shell).args(["-c", ":"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
            shell.is_ok_and(|status| status.success())
        };
        let there: Vec<_> = ["sh", "bash", "zsh"].into_iter().filter(runs).collect();
        assert!(there.contains(&"sh") || cfg!(not(unix)), "there is no shell to ask");
        there
    }

    /// The words that a shell hands to the program. None is run but `printf`.
    fn read(shell: &str, command: &str) -> Vec<String> {
        let arguments = command.strip_prefix("vt-hunting").expect("the program");
        let script = format!("PATH=/nowhere; printf '%s\\0' vt-hunting{arguments}");
        let said = Command::new(shell).args(["-c", &script]).output().expect("it runs");
        assert!(said.status.success(), "{shell}: {command}: {}", String::from_utf8_lossy(&said.stderr));
        let text = String::from_utf8(said.stdout).expect("text");
        text.strip_suffix('\0').expect("words").split('\0').map(str::to_owned).collect()
    }

    fn expected(id: &str) -> Vec<&str> {
        let mut words = vec!["vt-hunting", "retrohunt", "wait"];
        words.extend(id.starts_with('-').then_some("--"));
        words.push(id);
        words
    }

    #[test]
    fn a_shell_gets_the_very_words_back_whatever_the_service_calls_things() {
        for id in HOSTILE {
            let command = command("retrohunt wait", &[], &[id]);
            assert_eq!(shlex::split(&command).unwrap_or_default(), expected(id), "{command}");
            assert_eq!(plain(&command), command, "it is shown as it is");
            for shell in shells() {
                assert_eq!(read(shell, &command), expected(id), "{shell}: {command}");
            }
        }
    }

    #[test]
    fn characters_that_nobody_sees_are_spelled_out_and_come_back() {
        let all: String = unseen().filter(|c| *c != '\0').collect();
        for id in [&*format!("{all}x"), "a\nb", "a\u{1b}[2J", "-\u{202e}cba", "it's\u{9b}%s\\!"] {
            let command = command("retrohunt wait", &[], &[id]);
            assert_eq!(plain(&command), command, "it is shown as it is");
            for shell in shells() {
                assert_eq!(read(shell, &command), expected(id), "{shell}: {command}");
            }
        }
    }

    #[test]
    fn what_no_shell_can_hold_stops_it_before_anything_runs() {
        for id in ["a\0b", "a\n"] {
            let command = command("retrohunt wait", &[], &[id]);
            let script = format!("printf ran {command}");
            let said = Command::new("sh").args(["-c", &script]).output().expect("it runs");
            assert!(!said.status.success() && said.stdout.is_empty(), "{command}");
        }
    }

    #[test]
    fn a_flag_with_its_value_in_one_word_is_quoted_where_the_value_needs_it() {
        assert_eq!(line(&["vt-hunting", "--output=table", "--filter=a b"]), "vt-hunting --output=table --filter='a b'");
        for value in HOSTILE {
            let word = format!("--filter={value}");
            let command = line(&["vt-hunting", &word]);
            for shell in shells() {
                assert_eq!(read(shell, &command), ["vt-hunting", &word], "{shell}: {command}");
            }
        }
    }

    #[test]
    fn flags_stand_before_what_it_is_about() {
        assert_eq!(
            command("livehunt update-ruleset", &["--enabled", "true"], &["-r"]),
            "vt-hunting livehunt update-ruleset --enabled true -- -r"
        );
    }
}
