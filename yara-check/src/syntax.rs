//! Parses a source text, once: from the stream of tokens come names and imports, which are known even where a rule is broken,
//! and the tree of the rules that are sound.
//!
//! The parser recurses on what is nested, and stops at a depth of its own (1000 nodes). It counts its steps, and gives up after
//! a hundred million. A tree that a long row of operators makes, `1 & 1 & 1 …`, it builds and takes down without recursion.

use std::ops::Range;

use yara_x_parser::ast::{AST, Error};
use yara_x_parser::cst::{CSTStream, Event, SyntaxKind};
use yara_x_parser::{Parser, Span};

use crate::findings::Findings;

/// What the parser says where it ends for depth.
const NESTING_LIMIT: &str = "nesting limit reached";

/// What the tokens tell.
pub(crate) struct Outline<'s> {
    source: &'s str,
    /// Every `rule NAME`.
    pub(crate) rules: Vec<Named<'s>>,
    /// Every `import "MODULE"`.
    pub(crate) imports: Vec<Named<'s>>,
    /// Every `include "FILE"`.
    pub(crate) includes: Vec<Named<'s>>,
    errors: Vec<(Range<usize>, String)>,
    /// Where the parser stopped, if it gave up.
    gave_up: Option<usize>,
}

/// A name, and where it is.
pub(crate) struct Named<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Range<usize>,
}

/// Reads a source text: what its tokens tell, and the tree of the rules that are sound.
pub(crate) fn read(source: &str) -> (Outline<'_>, AST<'_>) {
    let mut outline = Outline {
        source,
        rules: Vec::new(),
        imports: Vec::new(),
        includes: Vec::new(),
        errors: Vec::new(),
        gave_up: None,
    };
    let mut parsed = 0;
    let mut before = SyntaxKind::NEWLINE;
    let events = CSTStream::from(Parser::new(source.as_bytes())).inspect(|event| match event {
        Event::Token { kind, span } => {
            let span = span.range();
            parsed = span.end;
            outline.token(before, *kind, span);
            if !matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::NEWLINE | SyntaxKind::COMMENT) {
                before = *kind;
            }
        }
        Event::Error { message, span } => outline.errors.push((span.range(), message.clone())),
        Event::Begin { .. } | Event::End { .. } => {}
    });
    let ast = AST::new(source.as_bytes(), events);
    if parsed < source.len() {
        outline.gave_up = Some(parsed);
    }
    (outline, ast)
}

impl<'s> Outline<'s> {
    fn token(&mut self, before: SyntaxKind, kind: SyntaxKind, span: Range<usize>) {
        let name = self.source.get(span.clone()).unwrap_or_default();
        match (before, kind) {
            (SyntaxKind::RULE_KW, SyntaxKind::IDENT) => self.rules.push(Named { name, span }),
            (SyntaxKind::IMPORT_KW, SyntaxKind::STRING_LIT) => {
                self.imports.push(Named { name: name.trim_matches('"'), span });
            }
            (SyntaxKind::INCLUDE_KW, SyntaxKind::STRING_LIT) => {
                self.includes.push(Named { name: name.trim_matches('"'), span });
            }
            _ => {}
        }
    }

    /// Whether the text is all YARA.
    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.gave_up.is_some()
    }

    /// The rule that was begun last before this place.
    fn rule_at(&self, offset: usize) -> Option<&'s str> {
        let begun = self.rules.partition_point(|rule| rule.span.start <= offset);
        self.rules.get(begun.checked_sub(1)?).map(|rule| rule.name)
    }
}

/// Tells what the parser found.
pub(crate) fn report<'s>(outline: &Outline<'s>, ast: &AST<'s>, findings: &mut Findings<'s>) {
    for (span, message) in &outline.errors {
        syntax_error(outline, span.clone(), message, findings);
    }
    if let Some(at) = outline.gave_up {
        let message =
            "The parser gave up here: what is nested in this rule makes it try too many ways to read it. Split the \
                       condition into several rules."
                .to_owned();
        findings.error("too-complex", at..at, None, message);
    }
    values(ast, outline, findings);
}

/// Tells what is wrong with numbers, texts and regular expressions, which shows when the tree is made.
fn values<'s>(ast: &AST<'s>, outline: &Outline<'s>, findings: &mut Findings<'s>) {
    // By the byte where each begins.
    let mut known = vec![false; outline.source.len() + 1];
    for (span, _) in &outline.errors {
        if let Some(known) = known.get_mut(span.start) {
            *known = true;
        }
    }
    for error in ast.errors() {
        let (code, span, message) = match error {
            Error::SyntaxError { message, span } => {
                if !known.get(span.start()).copied().unwrap_or_default() {
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
    let strange = outline.source.get(span.start..).and_then(|at| at.chars().next()).and_then(strange);
    let next = match message {
        _ if strange.is_some() => strange.unwrap_or_default(),
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

/// What to do about a character that looks like another, or like none.
fn strange(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}'..='\u{201f}'
        | '\u{2032}'..='\u{2037}'
        | '«'
        | '»'
        | '‹'
        | '›'
        | '\u{301d}'..='\u{301f}'
        | '＂'
        | '＇'
        | '´' => "These are typographic quotes, as word processors put them; YARA takes `\"` alone. Replace them.",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "This is a typographic dash; YARA takes `-` alone. Replace it.",
        '\u{feff}' => {
            "This is a byte order mark inside the text, which stays where files are joined; it may stand at the very beginning \
             alone. Take it out."
        }
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "This is a character that is not to be seen. Take it out."
        }
        '\0' => "This is a zero byte: the file is not a text, or one in UTF-16. Save it as UTF-8.",
        _ => return None,
    })
}

#[cfg(test)]
#[path = "syntax_tests.rs"]
mod tests;
