//! The whole check: from a source text to the report.

use crate::contract::{CheckOptions, Hunt, Report};
use crate::findings::{Findings, number};
use crate::lexical::Cut;
use crate::{condition, imports, lexical, network, patterns, rules, syntax};

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
        return report(source, findings, Vec::new(), Vec::new());
    }
    let whole = source;
    let source = cut(source, &mut findings);
    let outline = syntax::outline(source);
    syntax::report(&outline, &mut findings);
    rules::count(&outline, options.hunt == Hunt::Retrohunt, &mut findings);
    rules::duplicates(&outline, source, &mut findings);
    imports::check(&outline, &mut findings);
    if let Some(ast) = outline.sound(source) {
        syntax::report_values(&ast, &outline, &mut findings);
        let known = condition::Known::new(&outline);
        for rule in ast.rules() {
            rules::tags(rule, &mut findings);
            let uses = condition::uses(rule);
            patterns::check(rule, &uses, &mut findings);
            condition::names(rule, &uses, &known, &mut findings);
            network::check(rule, &uses, options, &mut findings);
        }
    }
    let names = outline.rules.iter().map(|rule| rule.name.to_owned()).collect();
    report(whole, findings, names, imports::modules(&outline))
}

/// The part of the text that is worth parsing.
fn cut<'s>(source: &'s str, findings: &mut Findings<'s>) -> &'s str {
    let (end, code, message) = match lexical::cut(source) {
        None => return source,
        Some(Cut::Unknown(end)) => (
            end,
            "too-many-errors",
            "Too much that is no YARA; from here on the text is not looked at. Is it the right file?",
        ),
        Some(Cut::Calls(end)) => (
            end,
            "too-complex",
            "Calls inside calls: reading them takes longer than anybody waits, and from here on the text is not looked at. Nest \
             them less.",
        ),
    };
    findings.error(code, end..end, None, message.to_owned());
    source.get(..end).unwrap_or_default()
}

fn report(source: &str, findings: Findings<'_>, rule_names: Vec<String>, imports: Vec<String>) -> Report {
    let (findings, findings_left_out) = findings.report(source);
    Report { number_of_rules: number(rule_names.len()), rule_names, imports, findings, findings_left_out }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
