//! The command that gets the next page, or takes the next step: the one that was typed, with the new cursor or checkpoint.

use crate::suggest;

/// Takes the arguments as they were typed, the program first, and gives `flag` this value in place of the one it had.
pub(crate) fn command(typed: &[String], flag: &str, value: &str) -> String {
    suggest::line(&with_flag(typed, flag, value))
}

/// The words with this flag at their end.
pub(crate) fn with_flag<'a>(typed: &'a [String], flag: &'a str, value: &'a str) -> Vec<&'a str> {
    let mut words = Vec::with_capacity(typed.len() + 1);
    let mut typed = typed.iter();
    let mut behind = Vec::new();
    while let Some(word) = typed.next() {
        match word.as_str() {
            "--" => {
                behind.push(word.as_str());
                behind.extend(typed.by_ref().map(String::as_str));
            }
            word if word == flag => {
                typed.next();
            }
            word if word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')) => {}
            other => words.push(other),
        }
    }
    words.extend([flag, value]);
    words.extend(behind);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(typed: &[&str], cursor: &str) -> String {
        let typed: Vec<_> = typed.iter().map(|word| (*word).to_owned()).collect();
        command(&typed, "--cursor", cursor)
    }

    #[test]
    fn the_cursor_is_put_behind_what_was_typed() {
        assert_eq!(
            next(&["vt-hunting", "livehunt", "rulesets", "--limit", "2"], "abc"),
            "vt-hunting livehunt rulesets --limit 2 --cursor abc"
        );
    }

    #[test]
    fn the_old_cursor_goes() {
        for old in [&["--cursor", "old"][..], &["--cursor=old"]] {
            let mut typed = vec!["vt-hunting", "ioc-stream", "objects"];
            typed.extend(old);
            typed.push("--wide");
            assert_eq!(next(&typed, "-new"), "vt-hunting ioc-stream objects --wide --cursor -new");
        }
    }

    #[test]
    fn a_shell_reads_the_same_words() {
        let typed = ["vt-hunting", "livehunt", "notifications", "--filter", "tag:it's date:1+"];
        let command = next(&typed, "a b=$x");
        let words = shlex::split(&command).unwrap_or_default();
        assert_eq!(words[..5], typed);
        assert_eq!(words[5..], ["--cursor", "a b=$x"]);
    }

    #[test]
    fn positional_words_stay_last() {
        assert_eq!(
            next(&["vt-hunting", "retrohunt", "matches", "--", "-odd-id"], "c"),
            "vt-hunting retrohunt matches --cursor c -- -odd-id"
        );
    }
}
