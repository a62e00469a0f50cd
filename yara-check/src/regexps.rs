//! Regular expressions, with the parser that the compiler has, and by what the compiler asks besides.
//!
//! VirusTotal takes expressions as YARA did: an escape that is none is the character itself, and a brace that repeats nothing
//! is a brace. Nothing recurses here, nor in the parser: its visitor keeps its own stack.

use std::borrow::Cow;
use std::ops::Range;

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{
    AssertionKind, Ast, ClassSetItem, Error, ErrorKind, Flag, Flags, GroupKind, Literal, RepetitionKind,
    RepetitionRange, Span, Visitor, visit,
};
use yara_x_parser::ast::{Pattern, Regexp, Rule, WithSpan as _};

use crate::findings::Findings;

/// So often an expression is put right as YARA does; one that needs more is not looked at.
const MOST_CORRECTIONS: usize = 100;

/// The expression is refused, and there is nothing more to say of it.
pub(crate) struct Refused;

/// Checks the expression of a string. What it is made of is handed out where that is nothing but bytes.
pub(crate) fn check_string<'s>(
    regexp: &Regexp<'s>,
    rule: &Rule<'s>,
    pattern: &Pattern<'s>,
    nocase: bool,
    findings: &mut Findings<'s>,
) -> Result<Option<Vec<u8>>, Refused> {
    let Some(tree) = check(regexp, rule, true, findings)? else { return Ok(None) };
    if tree.empty {
        let message = format!(
            "The regular expression of `{}` is found where nothing is: everything in it, or one of its alternatives, may be left \
             out. Take the empty part out.",
            pattern.identifier().name
        );
        findings.error("invalid-regexp", regexp.span().range(), Some(rule.identifier.name), message);
        return Err(Refused);
    }
    let insensitive = nocase || regexp.case_insensitive;
    Ok(tree.bytes.filter(|bytes| !insensitive || !bytes.iter().any(u8::is_ascii_alphabetic)))
}

/// Checks an expression of a condition.
pub(crate) fn check_condition<'s>(regexp: &Regexp<'s>, rule: &Rule<'s>, findings: &mut Findings<'s>) {
    // What is wrong with it is told.
    let _ = check(regexp, rule, false, findings);
}

/// What is to be known of an expression.
struct Tree {
    /// Whether it is found where nothing is.
    empty: bool,
    /// Its bytes, where it is nothing else.
    bytes: Option<Vec<u8>>,
}

fn check<'s>(
    regexp: &Regexp<'s>,
    rule: &Rule<'s>,
    string: bool,
    findings: &mut Findings<'s>,
) -> Result<Option<Tree>, Refused> {
    let mut refuse = |span: Range<usize>, message: String| {
        // Behind the slash.
        let begin = regexp.span().start() + 1;
        let span = begin + span.start..(begin + span.end).max(begin + span.start + 1);
        findings.error("invalid-regexp", span, Some(rule.identifier.name), message);
        Refused
    };
    let tree = match parse(regexp.src) {
        Ok(None) => return Ok(None),
        Ok(Some(tree)) => tree,
        Err(wrong) => {
            let (error, correction) = *wrong;
            let moved = |offset: usize| offset.checked_add_signed(correction).unwrap_or_default();
            let span = moved(error.span().start.offset)..moved(error.span().end.offset);
            return Err(refuse(span, format!("Not a regular expression: {}. Correct it.", error.kind())));
        }
    };
    let look = Look::new(regexp.dot_matches_new_line);
    match visit(&tree, look) {
        Err((what, span)) => {
            let span = span.start.offset..span.end.offset;
            Err(refuse(span, what.to_owned()))
        }
        Ok((_, Some(span))) if string => {
            let message = "Greedy and lazy repetitions (`*` and `*?`) are mixed; in a string all have to be the same. Choose one.";
            Err(refuse(span.start.offset..span.end.offset, message.to_owned()))
        }
        Ok((empty, _)) => Ok(Some(Tree { empty, bytes: bytes(&tree) })),
    }
}

/// Parses an expression as YARA takes it. An error comes with how far its place is off. Nothing where too much had to be put
/// right.
fn parse(source: &str) -> Result<Option<Ast>, Box<(Error, isize)>> {
    let mut source = Cow::Borrowed(source);
    let mut correction = 0;
    for _ in 0..MOST_CORRECTIONS {
        let error = match ParserBuilder::new().empty_min_range(true).build().parse(&source) {
            Ok(tree) => return Ok(Some(tree)),
            Err(error) => error,
        };
        let at = error.span().start.offset;
        match error.kind() {
            ErrorKind::EscapeUnrecognized | ErrorKind::ClassEscapeInvalid if source.get(at..=at) == Some("\\") => {
                source.to_mut().remove(at);
                correction += 1;
            }
            ErrorKind::RepetitionMissing
            | ErrorKind::RepetitionCountInvalid
            | ErrorKind::RepetitionCountUnclosed
            | ErrorKind::RepetitionCountDecimalEmpty => {
                let Some(brace) = source.get(..=at).and_then(|before| before.rfind('{')) else {
                    return Err(Box::new((error, correction)));
                };
                source.to_mut().insert(brace, '\\');
                correction -= 1;
            }
            _ => return Err(Box::new((error, correction))),
        }
    }
    Ok(None)
}

/// The bytes of an expression that is nothing else.
fn bytes(tree: &Ast) -> Option<Vec<u8>> {
    let byte = |tree: &Ast| match tree {
        Ast::Literal(literal) => literal.byte().or_else(|| u8::try_from(literal.c).ok().filter(u8::is_ascii)),
        _ => None,
    };
    match tree {
        Ast::Concat(concat) => concat.asts.iter().map(byte).collect(),
        other => Some(vec![byte(other)?]),
    }
}

/// What a part of an expression is found in.
#[derive(Clone, Copy)]
enum Found {
    /// Bytes that are not any.
    Some,
    /// Any byte.
    Any(Span),
    /// Any bytes, however many.
    AnyMany(Span),
}

/// Goes through an expression, and stops at what the compiler does not take.
struct Look {
    dot_matches_new_line: bool,
    /// Whether a part of the expression turned Unicode on, which allows more than is known here.
    unicode: bool,
    first: Option<(bool, Span)>,
    mixed: Option<Span>,
    /// For each open node, whether its parts so far may be left out.
    empty: Vec<Vec<bool>>,
    /// For each open row or choice, what its parts so far are found in; and of the part at hand.
    found: Vec<Vec<Found>>,
    now: Found,
}

impl Look {
    fn new(dot_matches_new_line: bool) -> Look {
        Look {
            dot_matches_new_line,
            unicode: false,
            first: None,
            mixed: None,
            empty: vec![Vec::new()],
            found: Vec::new(),
            now: Found::Some,
        }
    }

    fn flags(&mut self, flags: &Flags) {
        self.unicode |= flags.flag_state(Flag::Unicode) == Some(true);
    }

    fn class_literal(&self, literal: &Literal) -> Result<(), (&'static str, Span)> {
        if !self.unicode && literal.byte().is_none() && !literal.c.is_ascii() {
            return Err((NOT_IN_A_CLASS, literal.span));
        }
        Ok(())
    }

    /// The parts of a row or choice that ends.
    fn parts(&mut self) -> Vec<Found> {
        let mut parts = self.found.pop().unwrap_or_default();
        parts.push(self.now);
        parts
    }

    fn next_part(&mut self) {
        if let Some(parts) = self.found.last_mut() {
            parts.push(self.now);
        }
        self.now = Found::Some;
    }
}

const NOT_IN_A_CLASS: &str = "Only bytes may stand in a class of a regular expression, and this is more than one. Write the alternatives with `|`.";
const UNICODE_CLASS: &str =
    "Regular expressions are over bytes: there are no classes of Unicode characters. Write out what is meant.";
const ANY_PREFIX: &str = "The regular expression begins with any number of any bytes, which is found at every place. Take the beginning out.";

impl Visitor for Look {
    /// Whether it is found where nothing is, and where repetitions are mixed.
    type Output = (bool, Option<Span>);
    type Err = (&'static str, Span);

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok((self.empty.iter().flatten().all(|empty| *empty), self.mixed))
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        self.empty.push(Vec::new());
        match ast {
            Ast::Flags(set) => self.flags(&set.flags),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.flags(flags);
                }
            }
            Ast::ClassUnicode(class) if !self.unicode => return Err((UNICODE_CLASS, class.span)),
            Ast::Repetition(repetition) => match self.first {
                None => self.first = Some((repetition.greedy, repetition.span)),
                Some((greedy, _)) if greedy != repetition.greedy => {
                    self.mixed.get_or_insert(repetition.span);
                }
                Some(_) => {}
            },
            Ast::Concat(_) | Ast::Alternation(_) => self.found.push(Vec::new()),
            _ => {}
        }
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        let parts = self.empty.pop().unwrap_or_default();
        let empty = match ast {
            Ast::Empty(_) | Ast::Flags(_) => true,
            Ast::Literal(_) | Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => false,
            // These two are not what they say, but an angle behind a backslash.
            Ast::Assertion(assertion) => {
                !matches!(assertion.kind, AssertionKind::WordBoundaryStartAngle | AssertionKind::WordBoundaryEndAngle)
            }
            Ast::Repetition(repetition) => {
                let none = match &repetition.op.kind {
                    RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => true,
                    RepetitionKind::OneOrMore => false,
                    RepetitionKind::Range(
                        RepetitionRange::Exactly(least)
                        | RepetitionRange::AtLeast(least)
                        | RepetitionRange::Bounded(least, _),
                    ) => *least == 0,
                };
                none || parts.iter().all(|empty| *empty)
            }
            Ast::Group(_) | Ast::Concat(_) => parts.iter().all(|empty| *empty),
            Ast::Alternation(_) => parts.iter().any(|empty| *empty),
        };
        if let Some(around) = self.empty.last_mut() {
            around.push(empty);
        }
        match ast {
            Ast::Group(_) | Ast::Flags(_) | Ast::Assertion(_) => {}
            Ast::Empty(_) | Ast::Literal(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
                self.now = Found::Some
            }
            Ast::Dot(span) => self.now = if self.dot_matches_new_line { Found::Any(**span) } else { Found::Some },
            Ast::Repetition(repetition) => {
                let unbounded = matches!(
                    repetition.op.kind,
                    RepetitionKind::ZeroOrMore
                        | RepetitionKind::OneOrMore
                        | RepetitionKind::Range(RepetitionRange::AtLeast(_))
                );
                if unbounded && matches!(self.now, Found::Any(_)) {
                    self.now = Found::AnyMany(repetition.span);
                }
            }
            Ast::Alternation(_) => {
                let parts = self.parts();
                let many = parts.iter().find(|part| matches!(part, Found::AnyMany(_)));
                let any = parts.iter().rev().find(|part| matches!(part, Found::Any(_)));
                // Without either it stays what the last one was.
                self.now = *many.or(any).unwrap_or(&self.now);
            }
            Ast::Concat(_) => {
                let parts = self.parts();
                if self.found.is_empty() {
                    let prefix = parts.iter().copied().take_while(|part| !matches!(part, Found::Some)).reduce(row);
                    if let Some(Found::AnyMany(span)) = prefix {
                        return Err((ANY_PREFIX, span));
                    }
                } else {
                    self.now = parts.into_iter().reduce(row).unwrap_or(Found::Some);
                }
            }
        }
        Ok(())
    }

    fn visit_alternation_in(&mut self) -> Result<(), Self::Err> {
        self.next_part();
        Ok(())
    }

    fn visit_concat_in(&mut self) -> Result<(), Self::Err> {
        self.next_part();
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Literal(literal) => self.class_literal(literal),
            ClassSetItem::Range(range) => {
                self.class_literal(&range.start)?;
                self.class_literal(&range.end)
            }
            ClassSetItem::Unicode(class) if !self.unicode => Err((UNICODE_CLASS, class.span)),
            _ => Ok(()),
        }
    }
}

/// What two parts in a row are found in, as the compiler takes them together.
fn row(one: Found, other: Found) -> Found {
    let joined = |from: Span, to: Span| Span::new(from.start, to.end);
    match (one, other) {
        (Found::Any(from), Found::Any(to)) => Found::Any(joined(from, to)),
        (Found::AnyMany(from), Found::Any(to)) | (Found::Any(from), Found::AnyMany(to)) => {
            Found::AnyMany(joined(from, to))
        }
        _ => Found::Some,
    }
}
