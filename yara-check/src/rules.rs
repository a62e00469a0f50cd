//! The rules of a text together: how many there are, and what they and their tags are called.

use yara_x_parser::ast::{Rule, WithSpan as _};

use crate::condition::{Known, LEGACY, Names};
use crate::contract::Hunt;
use crate::findings::Findings;
use crate::places::Places;
use crate::syntax::Outline;

/// The most rules of a retrohunt job.
pub(crate) const MAX_RETROHUNT_RULES: usize = 300;

/// There has to be a rule, and for retrohunt not too many.
pub(crate) fn count<'s>(outline: &Outline<'s>, retrohunt: bool, findings: &mut Findings<'s>) {
    if outline.rules.is_empty() && !outline.has_errors() {
        let message =
            "There is no rule in the text; VirusTotal takes at least one. Write `rule NAME { condition: … }`.";
        findings.error("no-rules", 0..0, None, message.to_owned());
    }
    if retrohunt && let Some(first_too_many) = outline.rules.get(MAX_RETROHUNT_RULES) {
        let message = format!(
            "The text has {} rules; a retrohunt job takes at most {MAX_RETROHUNT_RULES}, and this is the first beyond. Start \
             several jobs; each costs one of the monthly quota.",
            outline.rules.len()
        );
        findings.error("too-many-rules", first_too_many.span.clone(), Some(first_too_many.name), message);
    }
}

/// No two rules have the same name.
pub(crate) fn duplicates<'s>(outline: &Outline<'s>, source: &'s str, findings: &mut Findings<'s>) {
    let mut first = Names::new();
    let mut places = None;
    for rule in &outline.rules {
        let Some(other) = first.get(rule.name).copied() else {
            first.insert(rule.name, rule.span.start);
            continue;
        };
        let line = places.get_or_insert_with(|| Places::new(source)).place(other).line;
        let message = format!("There is a rule `{}` already, in line {line}. Give this one another name.", rule.name);
        findings.error("duplicate-rule", rule.span.clone(), Some(rule.name), message);
    }
}

/// No tag stands twice behind a rule's name.
pub(crate) fn tags<'s>(rule: &Rule<'s>, findings: &mut Findings<'s>) {
    let mut seen = Names::new();
    for tag in rule.tags.iter().flatten() {
        if seen.insert(tag.name, 0).is_some() {
            let message = format!("The rule has the tag `{}` already. Take one out.", tag.name);
            findings.error("duplicate-tag", tag.span().range(), Some(rule.identifier.name), message);
        }
    }
}

/// A rule is not called as something that is there already.
pub(crate) fn name<'s>(rule: &Rule<'s>, known: &Known<'s>, hunt: Hunt, findings: &mut Findings<'s>) {
    let name = rule.identifier.name;
    let span = rule.identifier.span().range();
    let taken = if known.imported(name).is_some_and(|at| at < span.start) {
        "an imported module"
    } else if hunt == Hunt::Livehunt && LEGACY.iter().any(|(legacy, _)| *legacy == name) {
        "a legacy variable of livehunt"
    } else {
        return;
    };
    let message = format!("The rule is called `{name}`, and so is {taken}. Give the rule another name.");
    findings.error("name-taken", span, Some(name), message);
}
