//! A rule's strings: that each has a name of its own and is used, that what is used is there, and their modifiers.

use std::collections::{BTreeMap, BTreeSet};

use yara_x_parser::ast::{Pattern, PatternModifier, Rule, WithSpan as _};

use crate::condition::Uses;
use crate::findings::Findings;

/// Modifiers that exclude each other.
const EXCLUSIVE: [(&str, &str); 7] = [
    ("xor", "nocase"),
    ("base64", "nocase"),
    ("base64wide", "nocase"),
    ("base64", "fullword"),
    ("base64wide", "fullword"),
    ("base64", "xor"),
    ("base64wide", "xor"),
];

/// Checks a rule's strings against each other and against the condition.
pub(crate) fn check<'s>(rule: &Rule<'s>, uses: &Uses<'_, 's>, findings: &mut Findings<'s>) {
    let name = Some(rule.identifier.name);
    let patterns = rule.patterns.as_deref().unwrap_or_default();
    // By name without the sign, with whether it is used. Strings without a name share the empty one.
    let mut strings: BTreeMap<&'s str, bool> = BTreeMap::new();
    for pattern in patterns {
        modifiers(rule, pattern, findings);
        let identifier = pattern.identifier();
        let known = strings.insert(unsigned(identifier.name), false).is_some();
        if known && identifier.name != "$" {
            let message = format!("The rule has a string `{}` already. Give this one another name.", identifier.name);
            findings.error("duplicate-string", identifier.span().range(), name, message);
        }
    }
    undefined(rule, uses, &mut strings, findings);
    for span in &uses.them {
        if patterns.is_empty() {
            let message = "`them` is all strings of the rule, and it has none. Add a section `strings:`.".to_owned();
            findings.error("undefined-string", span.clone(), name, message);
        }
    }
    if !uses.them.is_empty() {
        return;
    }
    for pattern in patterns {
        let identifier = pattern.identifier();
        // VirusTotal lets strings be unused whose name begins with `_`.
        let excused = identifier.starts_with("$_") || strings.get(unsigned(identifier.name)).is_none_or(|used| *used);
        if !excused {
            let message = format!(
                "The string `{}` is not used in the condition, which makes the rule invalid. Use it, take it out, or let its \
                 name begin with `$_`.",
                identifier.name
            );
            findings.error("unused-string", identifier.span().range(), name, message);
        }
    }
}

/// Marks what is used, and tells what is not there.
fn undefined<'s>(
    rule: &Rule<'s>,
    uses: &Uses<'_, 's>,
    strings: &mut BTreeMap<&'s str, bool>,
    findings: &mut Findings<'s>,
) {
    let name = Some(rule.identifier.name);
    let mut told = BTreeSet::new();
    for used in &uses.strings {
        let bare = unsigned(used.text);
        if bare.is_empty() {
            if !used.in_loop {
                let message = format!(
                    "`{}` alone is the string that a `for … of … : ( … )` is at; there is none around it. Name a string.",
                    used.text
                );
                findings.error("undefined-string", used.span.clone(), name, message);
            }
        } else if let Some(in_use) = strings.get_mut(bare) {
            *in_use = true;
        } else if told.insert(bare) {
            let message =
                format!("The rule has no string `${bare}`. Define it in the section `strings:`, or correct the name.");
            findings.error("undefined-string", used.span.clone(), name, message);
        }
    }
    // Each prefix once: the work stays in proportion to the text.
    let mut prefixes = BTreeMap::new();
    for item in &uses.sets {
        let bare = unsigned(item.identifier);
        let found = if item.wildcard {
            *prefixes.entry(bare).or_insert_with(|| {
                let mut any = false;
                let from = strings.range_mut(bare..).take_while(|(name, _)| name.starts_with(bare));
                from.for_each(|(_, in_use)| {
                    *in_use = true;
                    any = true;
                });
                any
            })
        } else if let Some(in_use) = strings.get_mut(bare) {
            *in_use = true;
            true
        } else {
            false
        };
        if !found {
            let star = if item.wildcard { "*" } else { "" };
            let message = format!(
                "The rule has no string that `${bare}{star}` means. Define one in the section `strings:`, or correct the name."
            );
            findings.error("undefined-string", item.span().range(), name, message);
        }
    }
}

fn modifiers<'s>(rule: &Rule<'s>, pattern: &Pattern<'s>, findings: &mut Findings<'s>) {
    let name = Some(rule.identifier.name);
    let mut seen: Vec<&'static str> = Vec::new();
    for modifier in pattern.modifiers().iter() {
        let text = modifier.as_text();
        let span = modifier.span().range();
        let message = if seen.contains(&text) {
            format!("`{text}` stands there twice. Take one out.")
        } else if matches!(pattern, Pattern::Hex(_)) && !matches!(modifier, PatternModifier::Private { .. }) {
            format!("`{text}` does not go with a hex string; only `private` does. Take it out.")
        } else if let Some(other) = seen.iter().find(|other| exclude_each_other(other, text)) {
            format!("`{other}` and `{text}` do not go together. Take one out.")
        } else {
            if !seen.contains(&text) {
                seen.push(text);
            }
            continue;
        };
        findings.error("invalid-modifier", span, name, message);
    }
}

fn exclude_each_other(one: &str, other: &str) -> bool {
    EXCLUSIVE.contains(&(one, other)) || EXCLUSIVE.contains(&(other, one))
}

/// `a` of `$a`, `#a`, `@a` and `!a`.
fn unsigned(text: &str) -> &str {
    text.trim_start_matches(['$', '#', '@', '!'])
}
