//! Parses a source text, twice: once as a stream of tokens, from which names and imports are known even where a rule is
//! broken, and once as a tree, of the rules that are sound.
//!
//! The parser recurses on what is nested and stops at a depth of its own (1000 nodes). What it does not bound is how deep a
//! tree becomes that a long row of operators makes, `1 & 1 & 1 …`: its own limit comes after the tree is built, and a tree
//! is taken down recursively. So the tokens are counted first, and of a row that is too long no tree is made.

use std::collections::BTreeSet;
use std::ops::Range;

use yara_x_parser::ast::{AST, Error};
use yara_x_parser::cst::{CSTStream, Event, SyntaxKind};
use yara_x_parser::{Parser, Span};

use crate::findings::Findings;

/// How deep operators and brackets may make a tree. The parser itself refuses half of it, after it is built.
const MAX_DEPTH: usize = 2000;

/// What the parser says where it ends for depth.
const NESTING_LIMIT: &str = "nesting limit reached";

/// What the tokens tell.
#[derive(Default)]
pub(crate) struct Outline<'s> {
    /// Every `rule NAME`.
    pub(crate) rules: Vec<Named<'s>>,
    /// Every `import "MODULE"`.
    pub(crate) imports: Vec<Named<'s>>,
    /// Every `include "FILE"`.
    pub(crate) includes: Vec<Named<'s>>,
    errors: Vec<(Range<usize>, String)>,
    /// The operator with which the tree becomes too deep.
    too_deep: Option<Range<usize>>,
    /// Where the parser stopped, if it gave up.
    gave_up: Option<usize>,
}

/// A name, and where it is.
pub(crate) struct Named<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Range<usize>,
}

/// What the tokens of a source text tell.
pub(crate) fn outline(source: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut depth = Depth::default();
    let mut parsed = 0;
    let mut before = SyntaxKind::NEWLINE;
    for event in CSTStream::from(Parser::new(source.as_bytes())) {
        let (kind, span) = match event {
            Event::Token { kind, span } => (kind, span.range()),
            Event::Error { message, span } => {
                outline.errors.push((span.range(), message));
                continue;
            }
            Event::Begin { .. } | Event::End { .. } => continue,
        };
        parsed = span.end;
        if matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::NEWLINE | SyntaxKind::COMMENT) {
            continue;
        }
        let text = source.get(span.clone()).unwrap_or_default();
        match (before, kind) {
            (SyntaxKind::RULE_KW, SyntaxKind::IDENT) => outline.rules.push(Named { name: text, span: span.clone() }),
            (SyntaxKind::IMPORT_KW, SyntaxKind::STRING_LIT) => {
                outline.imports.push(Named { name: text.trim_matches('"'), span: span.clone() });
            }
            (SyntaxKind::INCLUDE_KW, SyntaxKind::STRING_LIT) => {
                outline.includes.push(Named { name: text.trim_matches('"'), span: span.clone() });
            }
            _ => {}
        }
        if depth.add(kind) > MAX_DEPTH && outline.too_deep.is_none() {
            outline.too_deep = Some(span);
        }
        before = kind;
    }
    if parsed < source.len() {
        outline.gave_up = Some(parsed);
    }
    outline
}

impl<'s> Outline<'s> {
    /// The tree, of the rules that are sound; none where it would be too deep.
    pub(crate) fn sound(&self, source: &'s str) -> Option<AST<'s>> {
        if self.too_deep.is_some() || self.gave_up.is_some() {
            return None;
        }
        Some(AST::from(Parser::new(source.as_bytes())))
    }

    /// Whether the text is all YARA.
    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.too_deep.is_some() || self.gave_up.is_some()
    }

    /// The rule that was begun last before this place.
    fn rule_at(&self, offset: usize) -> Option<&'s str> {
        let begun = self.rules.partition_point(|rule| rule.span.start <= offset);
        self.rules.get(begun.checked_sub(1)?).map(|rule| rule.name)
    }
}

/// Tells what the parser found.
pub(crate) fn report<'s>(outline: &Outline<'s>, findings: &mut Findings<'s>) {
    for (span, message) in &outline.errors {
        syntax_error(outline, span.clone(), message, findings);
    }
    let told = outline.errors.iter().any(|(_, message)| message == NESTING_LIMIT);
    if let Some(span) = outline.too_deep.as_ref().filter(|_| !told) {
        let message = format!(
            "Operators and brackets nest deeper than {MAX_DEPTH} here. Split the condition into several rules, and combine them \
             by their names."
        );
        findings.error("nested-too-deep", span.clone(), None, message);
    }
    if let Some(at) = outline.gave_up {
        let message =
            "The parser gave up here: what is nested in this rule makes it try too many ways to read it. Split the \
                       condition into several rules."
                .to_owned();
        findings.error("too-complex", at..at, None, message);
    }
}

/// Tells what is wrong with numbers, texts and regular expressions, which shows when the tree is made.
pub(crate) fn report_values<'s>(ast: &AST<'s>, outline: &Outline<'s>, findings: &mut Findings<'s>) {
    let known: BTreeSet<usize> = outline.errors.iter().map(|(span, _)| span.start).collect();
    for error in ast.errors() {
        let (code, span, message) = match error {
            Error::SyntaxError { message, span } => {
                if !known.contains(&span.start()) {
                    syntax_error(outline, span.range(), message, findings);
                }
                continue;
            }
            Error::InvalidInteger { message, span } => {
                ("invalid-integer", span, format!("No integer: {message}. Correct it."))
            }
            Error::InvalidFloat { message, span } => {
                ("invalid-float", span, format!("No number: {message}. Correct it."))
            }
            Error::InvalidRegexpModifier { message, span } => (
                "invalid-regexp-modifier",
                span,
                format!(
                    "`{message}` is no modifier of a regular expression; behind the closing slash `i` and `s` may stand."
                ),
            ),
            Error::InvalidEscapeSequence { message, span } => (
                "invalid-escape-sequence",
                span,
                format!(
                    "{message}. The escapes are \\t, \\n, \\r, \\0, \\\", \\\\ and \\xHH; a single backslash is written \\\\."
                ),
            ),
            Error::InvalidUTF8(span) => ("invalid-utf8", span, "This is no UTF-8. Save the text as UTF-8.".to_owned()),
            Error::UnexpectedEscapeSequence(span) => (
                "unexpected-escape-sequence",
                span,
                "No escape is allowed in this text. Write it without a backslash.".to_owned(),
            ),
        };
        let span = Span::range(span);
        findings.error(code, span.clone(), outline.rule_at(span.start), message);
    }
}

fn syntax_error<'s>(outline: &Outline<'s>, span: Range<usize>, message: &str, findings: &mut Findings<'s>) {
    if message == NESTING_LIMIT {
        let message =
            "Nested too deep: the parser, and VirusTotal with it, ends here. Split the condition into several rules, \
                       and combine them by their names."
                .to_owned();
        return findings.error("nested-too-deep", span.clone(), outline.rule_at(span.start), message);
    }
    let next = match message {
        "unclosed comment" => "End it with `*/`.",
        "unclosed literal string" => "Close it with `\"` on the same line; a `\"` inside is written `\\\"`.",
        "unclosed regular expression" => "Close it with `/` on the same line; a `/` inside is written `\\/`.",
        "invalid UTF-8 character" => "Save the text as UTF-8.",
        _ => "Correct it first; findings behind it may follow from it.",
    };
    // Between rules no rule is meant.
    let outside = message.starts_with("expecting import statement or rule definition");
    let rule = if outside { None } else { outline.rule_at(span.start) };
    findings.error("syntax-error", span, rule, format!("Syntax error: {message}. {next}"));
}

/// An upper bound of how deep the tree of the expression is that the tokens so far make.
#[derive(Default)]
struct Depth {
    open: Vec<Level>,
    level: Level,
}

/// Between two brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators in the row so far that make the tree deeper.
    row: usize,
    last: Option<SyntaxKind>,
    /// The deepest of the brackets in the row so far.
    inside: usize,
    /// The deepest row before.
    deepest: usize,
}

impl Depth {
    fn add(&mut self, kind: SyntaxKind) -> usize {
        use SyntaxKind::{
            ADD, AND_KW, BITWISE_AND, BITWISE_OR, BITWISE_XOR, COLON, COMMA, CONTAINS_KW, DIV, ENDSWITH_KW, EQ, GE, GT,
            ICONTAINS_KW, IENDSWITH_KW, IEQUALS_KW, ISTARTSWITH_KW, L_BRACE, L_BRACKET, L_PAREN, LE, LT, MATCHES_KW,
            MOD, MUL, NE, OR_KW, R_BRACE, R_BRACKET, R_PAREN, SHL, SHR, STARTSWITH_KW, SUB,
        };
        match kind {
            L_PAREN | L_BRACKET => self.open.push(std::mem::take(&mut self.level)),
            R_PAREN | R_BRACKET => {
                let inside = self.level.depth() + 1;
                self.level = self.open.pop().unwrap_or_default();
                self.level.inside = self.level.inside.max(inside);
            }
            // A rule's braces: whatever was left open in it ends with it.
            L_BRACE | R_BRACE => *self = Depth::default(),
            // These make one node, however long the row.
            AND_KW | OR_KW | COMMA | COLON => self.level.end_row(),
            ADD | SUB | MUL | DIV | MOD => self.level.operator(kind, self.level.last != Some(kind)),
            EQ | NE | LT | LE | GT | GE | CONTAINS_KW | ICONTAINS_KW | STARTSWITH_KW | ISTARTSWITH_KW | ENDSWITH_KW
            | IENDSWITH_KW | IEQUALS_KW | MATCHES_KW | BITWISE_AND | BITWISE_OR | BITWISE_XOR | SHL | SHR => {
                self.level.operator(kind, true);
            }
            _ => {}
        }
        self.level.depth()
    }
}

impl Level {
    fn operator(&mut self, kind: SyntaxKind, deeper: bool) {
        self.row += usize::from(deeper);
        self.last = Some(kind);
    }

    fn end_row(&mut self) {
        *self = Level { deepest: self.depth(), ..Level::default() };
    }

    fn depth(&self) -> usize {
        self.deepest.max(self.row + self.inside)
    }
}

#[cfg(test)]
#[path = "syntax_tests.rs"]
mod tests;
