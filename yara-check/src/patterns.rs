//! A rule's strings: that each has a name of its own and is used, that what is used is there, and their modifiers. What they
//! are made of is looked at in [`contents`](crate::contents).

use yara_x_parser::ast::{Expr, LiteralString, Pattern, PatternModifier, Rule, WithSpan as _};

use crate::condition::{Names, Place, Uses};
use crate::contents;
use crate::findings::Findings;
use crate::values::constant;

/// The most strings of a rule.
const MOST: usize = 100_000;

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
    if patterns.len() > MOST {
        let message = format!("The rule has {} strings; {MOST} are allowed. Split it.", patterns.len());
        findings.error("too-many-strings", rule.identifier.span().range(), name, message);
    }
    let mut strings = Strings::default();
    for pattern in patterns {
        modifiers(rule, pattern, findings);
        let identifier = pattern.identifier();
        let known = strings.add(unsigned(identifier.name));
        if known && identifier.name != "$" {
            let message = format!("The rule has a string `{}` already. Give this one another name.", identifier.name);
            findings.error("duplicate-string", identifier.span().range(), name, message);
        }
    }
    undefined(rule, uses, &mut strings, findings);
    for (span, place) in &uses.them {
        strings.note_all("", *place);
        if patterns.is_empty() {
            let message = "`them` is all strings of the rule, and it has none. Add a section `strings:`.".to_owned();
            findings.error("undefined-string", span.clone(), name, message);
        }
    }
    for pattern in patterns {
        let identifier = pattern.identifier();
        let used = strings.get(unsigned(identifier.name));
        contents::check(rule, pattern, used.is_some_and(Used::is_anchored), findings);
        // VirusTotal lets strings be unused whose name begins with `_`.
        if used.is_some_and(|used| !used.at_all) && !identifier.starts_with("$_") {
            let message = format!(
                "The string `{}` is not used in the condition, which makes the rule invalid. Use it, take it out, or let its \
                 name begin with `$_`.",
                identifier.name
            );
            findings.error("unused-string", identifier.span().range(), name, message);
        }
    }
}

/// How a string is used.
#[derive(Default)]
struct Used {
    at_all: bool,
    /// Whether it is looked for at places that are known beforehand; if it is a single one that is known here, which.
    anchored: Option<Option<i128>>,
    /// Whether all places where it is found are of interest.
    everywhere: bool,
}

impl Used {
    fn note(&mut self, place: Place<'_, '_>) {
        self.at_all = true;
        match place {
            Place::Somewhere => {}
            Place::Everywhere => self.everywhere = true,
            Place::At(offset) => match (&self.anchored, constant(offset)) {
                (Some(Some(before)), Some(now)) if *before != now => self.everywhere = true,
                (_, Some(now)) => self.anchored = Some(Some(now)),
                // A constant of a module is one too.
                (None, None) if matches!(offset, Expr::Ident(_) | Expr::FieldAccess(_)) => self.anchored = Some(None),
                (Some(_), None) if matches!(offset, Expr::Ident(_) | Expr::FieldAccess(_)) => {}
                (_, None) => self.everywhere = true,
            },
        }
    }

    /// Whether it may be that it is looked for at one offset alone, and costs nothing there.
    fn is_anchored(&self) -> bool {
        self.anchored.is_some() && !self.everywhere
    }
}

/// A rule's strings, and how each is used.
#[derive(Default)]
struct Strings<'s> {
    /// By name without the sign, the place in `used`. Strings without a name share the empty one.
    names: Names<'s>,
    used: Vec<Used>,
    /// For each kind of place and each prefix that was noted: how often.
    prefixes: [Names<'s>; 3],
}

impl<'s> Strings<'s> {
    /// Whether there was one of the name already.
    fn add(&mut self, name: &'s str) -> bool {
        let before = self.names.insert(name, self.used.len());
        self.used.push(Used::default());
        before.is_some()
    }

    fn get(&self, name: &str) -> Option<&Used> {
        self.used.get(*self.names.get(name)?)
    }

    /// Notes the use of one; whether it is there.
    fn note(&mut self, name: &str, place: Place<'_, 's>) -> bool {
        let used = self.names.get(name).and_then(|at| self.used.get_mut(*at));
        used.map(|used| used.note(place)).is_some()
    }

    /// Notes the use of all whose name begins so; whether there are any. Each prefix is noted a few times only: the work stays
    /// in proportion to the text.
    fn note_all(&mut self, prefix: &'s str, place: Place<'_, 's>) -> bool {
        let mut matching = self.names.range(prefix..).take_while(|(name, _)| name.starts_with(prefix)).peekable();
        let found = matching.peek().is_some();
        // Two offsets tell whether it is always the same.
        let (kind, often) = match place {
            Place::Somewhere => (0, 1),
            Place::Everywhere => (1, 1),
            Place::At(_) => (2, 2),
        };
        let Some(times) = self.prefixes.get_mut(kind).map(|prefixes| prefixes.entry(prefix).or_default()) else {
            return found;
        };
        if *times < often {
            *times += 1;
            for (_, at) in matching {
                if let Some(used) = self.used.get_mut(*at) {
                    used.note(place);
                }
            }
        }
        found
    }
}

/// Marks what is used, and tells what is not there.
fn undefined<'s>(rule: &Rule<'s>, uses: &Uses<'_, 's>, strings: &mut Strings<'s>, findings: &mut Findings<'s>) {
    let name = Some(rule.identifier.name);
    let mut told = Names::new();
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
        } else if !strings.note(bare, used.place) && told.insert(bare, 0).is_none() {
            let message =
                format!("The rule has no string `${bare}`. Define it in the section `strings:`, or correct the name.");
            findings.error("undefined-string", used.span.clone(), name, message);
        }
    }
    for (item, place) in &uses.sets {
        let bare = unsigned(item.identifier);
        let found = if item.wildcard { strings.note_all(bare, *place) } else { strings.note(bare, *place) };
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
        } else if matches!(pattern, Pattern::Regexp(_)) && matches!(text, "xor" | "base64" | "base64wide") {
            format!("`{text}` does not go with a regular expression, only with a text. Take it out.")
        } else if let Some(other) = seen.iter().find(|other| exclude_each_other(other, text)) {
            format!("`{other}` and `{text}` do not go together. Take one out.")
        } else {
            seen.push(text);
            if let Some((code, message)) = value(modifier) {
                findings.error(code, span, name, message);
            }
            continue;
        };
        findings.error("invalid-modifier", span, name, message);
    }
}

/// What is wrong with the value of a modifier.
fn value(modifier: &PatternModifier<'_>) -> Option<(&'static str, String)> {
    match modifier {
        PatternModifier::Xor { start, end, .. } if start > end => Some((
            "invalid-range",
            format!("The range of `xor` ends before it begins: {start} is greater than {end}. Exchange the two."),
        )),
        PatternModifier::Base64 { alphabet: Some(alphabet), .. }
        | PatternModifier::Base64Wide { alphabet: Some(alphabet), .. } => {
            let what = wrong_alphabet(alphabet)?;
            Some((
                "invalid-alphabet",
                format!(
                    "An alphabet of base64 has 64 different printable characters without `=`; this {what}. Correct it."
                ),
            ))
        }
        _ => None,
    }
}

fn wrong_alphabet(alphabet: &LiteralString<'_>) -> Option<String> {
    let bytes: &[u8] = &alphabet.value;
    if bytes.len() != 64 {
        return Some(format!("has {}", bytes.len()));
    }
    let mut seen = 0_u128;
    bytes.iter().find_map(|byte| {
        let bit = 1_u128.checked_shl(u32::from(*byte)).unwrap_or_default();
        let twice = seen & bit != 0;
        seen |= bit;
        match byte {
            b'=' => Some("has a `=`".to_owned()),
            byte if !(b' '..=b'~').contains(byte) => Some("has one that is not printable ASCII".to_owned()),
            byte => twice.then(|| format!("has `{}` twice", char::from(*byte))),
        }
    })
}

fn exclude_each_other(one: &str, other: &str) -> bool {
    EXCLUSIVE.contains(&(one, other)) || EXCLUSIVE.contains(&(other, one))
}

/// `a` of `$a`, `#a`, `@a` and `!a`.
fn unsigned(text: &str) -> &str {
    text.trim_start_matches(['$', '#', '@', '!'])
}
