//! The command that finds out whether a create arrived: the one that was typed, with another verb and the moment.

use crate::{actions::Action, output::next_page};

/// For clocks that differ.
const MINUTE: u64 = 60;

/// Takes the arguments as they were typed, and when the create was sent.
pub(crate) fn command(typed: &[String], action: &Action, sent: u64) -> Option<String> {
    let reconcile = action.reconcile()?;
    let (from, to) = (action.command.rsplit(' ').next()?, reconcile.rsplit(' ').next()?);
    let mut words = typed.to_vec();
    *words.iter_mut().find(|word| *word == from)? = to.to_owned();
    Some(next_page::command(&words, "--created-since", &sent.saturating_sub(MINUTE).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions;

    #[test]
    fn it_is_what_was_typed_with_another_verb_and_the_moment() {
        let typed = ["vt-hunting", "retrohunt", "create-job", "--rules", "a b.yar", "--corpus", "main"];
        let typed: Vec<_> = typed.map(str::to_owned).to_vec();
        assert_eq!(
            command(&typed, &actions::CREATE_JOB, 1_626_960_086).as_deref(),
            Some("vt-hunting retrohunt reconcile-job --rules 'a b.yar' --corpus main --created-since 1626960026")
        );
        assert_eq!(command(&typed, &actions::JOB, 5), None);
    }

    #[test]
    fn the_other_verb_takes_the_same_arguments() {
        let rules = std::env::temp_dir().join("no-such.yar");
        let typed = format!(
            "vt-hunting livehunt create-ruleset --name a --rules {} --enabled --limit 5 --notification-email a@example.com",
            rules.display()
        );
        let typed = shlex::split(&typed).unwrap();
        let words = shlex::split(&command(&typed, &actions::CREATE_RULESET, 5_000).unwrap()).unwrap();
        crate::args::command().try_get_matches_from(words).unwrap();
    }
}
