//! The whole check: from a source text to the report.

use crate::contract::{CheckOptions, Hunt, MatchObjectType, Report};
use crate::findings::{Findings, number};
use crate::lexical::Cut;
use crate::target::Target;
use crate::{access, condition, imports, lexical, patterns, regexps, rules, syntax, values};

/// The largest source text that VirusTotal takes.
pub const MAX_BYTES: usize = 1 << 20;

/// Checks a source text. It never fails and never panics: what is wrong is in the report.
pub fn check(source: &str, options: CheckOptions) -> Report {
    let mut findings = Findings::new();
    if source.len() > MAX_BYTES {
        // Not parsed: the limit is also what bounds the work.
        findings.error(
            "source-too-large",
            MAX_BYTES..MAX_BYTES,
            None,
            format!(
                "The rules are {} bytes long; VirusTotal takes at most {MAX_BYTES} (1 MB). The mark is where the limit is \
                 passed. Upload them in several parts.",
                source.len()
            ),
        );
        return report(source, findings, None);
    }
    // What an editor put before the text is not part of it, and VirusTotal takes it.
    let whole = source.strip_prefix('\u{feff}').unwrap_or(source);
    if let Some((code, message)) = not_a_source(whole) {
        findings.error(code, 0..0, None, message.to_owned());
        return report(whole, findings, None);
    }
    let source = cut(whole, &mut findings);
    let (outline, ast) = syntax::read(source);
    syntax::report(&outline, &ast, &mut findings);
    rules::count(&outline, options.hunt == Hunt::Retrohunt, &mut findings);
    rules::duplicates(&outline, source, &mut findings);
    imports::check(&outline, &mut findings);
    let (target, said) = Target::of(&ast, options, &mut findings);
    let known = condition::Known::new(&outline);
    for rule in ast.rules() {
        rules::tags(rule, &mut findings);
        rules::name(rule, &known, options.hunt, &mut findings);
        let uses = condition::uses(rule);
        patterns::check(rule, &uses, &mut findings);
        condition::names(rule, &uses, &known, options.hunt, &mut findings);
        condition::entrypoints(rule, &uses, &mut findings);
        values::check(rule, &uses, &mut findings);
        uses.regexps.iter().for_each(|regexp| regexps::check_condition(regexp, rule, &mut findings));
        access::check(rule, &uses, options, target, &mut findings);
    }
    report(whole, findings, Some((&outline, said)))
}

/// What the text is, if it is not one that anybody wrote.
fn not_a_source(source: &str) -> Option<(&'static str, &'static str)> {
    let begin = source.as_bytes().get(..8).unwrap_or(source.as_bytes());
    if begin.starts_with(b"YARA") && begin.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
        || begin.starts_with(b"YARA-X")
    {
        return Some((
            "compiled-rules",
            "These are compiled rules, and VirusTotal takes sources alone. Give the file that they were compiled from.",
        ));
    }
    let utf_16 = |first: usize| begin.len() >= 4 && begin.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    (utf_16(0) || utf_16(1))
        .then_some(("utf-16", "This is a text in UTF-16, and VirusTotal takes UTF-8. Save it as UTF-8."))
}

/// The part of the text that is worth parsing.
fn cut<'s>(source: &'s str, findings: &mut Findings<'s>) -> &'s str {
    let (end, code, message) = match lexical::cut(source) {
        None => return source,
        Some(Cut::Unknown(end)) => (
            end,
            "too-many-errors",
            "There is too much here that is not YARA; from here on the text is not looked at. Is it the right file?",
        ),
        Some(Cut::Calls(end)) => (
            end,
            "too-complex",
            "Calls inside calls: the parser, and VirusTotal with it, gives up before it has read them, and from here on the text is \
             not looked at. Nest them less.",
        ),
    };
    findings.error(code, end..end, None, message.to_owned());
    source.get(..end).unwrap_or_default()
}

fn report(
    source: &str,
    findings: Findings<'_>,
    read: Option<(&syntax::Outline<'_>, Option<MatchObjectType>)>,
) -> Report {
    let (findings, findings_left_out) = findings.report(source);
    let (rule_names, imports, target_entity) = match read {
        None => (Vec::new(), Vec::new(), None),
        Some((outline, said)) => {
            (outline.rules.iter().map(|rule| rule.name.to_owned()).collect(), imports::modules(outline), said)
        }
    };
    Report {
        number_of_rules: number(rule_names.len()),
        rule_names,
        imports,
        target_entity,
        findings,
        findings_left_out,
    }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
