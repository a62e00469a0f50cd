//! Gathers what is found, and puts it into the order of the text.

use std::ops::Range;

use crate::contract::{Finding, Severity};
use crate::places::Places;

/// The most findings of a report. Whoever has more mends these first.
pub(crate) const MOST: usize = 100;

/// What was found so far.
pub(crate) struct Findings<'s> {
    found: Vec<Found<'s>>,
}

struct Found<'s> {
    severity: Severity,
    code: &'static str,
    message: String,
    span: Range<usize>,
    rule: Option<&'s str>,
}

impl<'s> Findings<'s> {
    pub(crate) fn new() -> Findings<'s> {
        Findings { found: Vec::new() }
    }

    /// VirusTotal refuses it, or it can never match.
    pub(crate) fn error(&mut self, code: &'static str, span: Range<usize>, rule: Option<&'s str>, message: String) {
        self.found.push(Found { severity: Severity::Error, code, message, span, rule });
    }

    /// Worth a look.
    pub(crate) fn warning(&mut self, code: &'static str, span: Range<usize>, rule: Option<&'s str>, message: String) {
        self.found.push(Found { severity: Severity::Warning, code, message, span, rule });
    }

    /// The first hundred in the order of the text, errors before warnings where there are more, and how many were left out.
    pub(crate) fn report(mut self, source: &str) -> (Vec<Finding>, u32) {
        self.found.sort_by_key(|found| found.span.start);
        let left_out = self.found.len().saturating_sub(MOST);
        let errors = self.found.iter().filter(|found| found.severity == Severity::Error).count();
        let (mut errors, mut warnings) = (errors.min(MOST), MOST.saturating_sub(errors));
        self.found.retain(|found| {
            let left = if found.severity == Severity::Error { &mut errors } else { &mut warnings };
            let kept = *left > 0;
            *left = left.saturating_sub(1);
            kept
        });
        let places = Places::new(source);
        let findings = self.found.into_iter().map(|found| {
            let (start, end) = (places.place(found.span.start), places.place(found.span.end.max(found.span.start)));
            Finding {
                severity: found.severity,
                code: found.code.to_owned(),
                message: found.message,
                line: number(start.line),
                column: number(start.column),
                end_line: number(end.line),
                end_column: number(end.column),
                rule: found.rule.map(str::to_owned),
                excerpt: places.excerpt(found.span),
            }
        });
        (findings.collect(), number(left_out))
    }
}

/// Texts are far shorter than what 32 bits count.
pub(crate) fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
