//! What a rule's condition uses: strings, and names with what is behind their dots.
//!
//! The walk keeps its own stack: a condition may be long, and nothing here recurses on the source.

use std::collections::BTreeMap;
use std::ops::Range;

use yara_x_parser::ast::{
    Expr, ForIn, Iterable, MatchAnchor, OfItems, PatternSet, PatternSetItem, Quantifier, Range as AstRange, Regexp,
    Rule, WithSpan as _,
};

use crate::contract::Hunt;
use crate::findings::Findings;
use crate::imports::{CUCKOO, MODULES};
use crate::syntax::{Named, Outline};

/// Integers and numbers at an offset: the functions that need no module.
const FUNCTIONS: [&str; 20] = [
    "float32",
    "float32be",
    "float64",
    "float64be",
    "int16",
    "int16be",
    "int32",
    "int32be",
    "int64",
    "int64be",
    "int8",
    "int8be",
    "uint16",
    "uint16be",
    "uint32",
    "uint32be",
    "uint64",
    "uint64be",
    "uint8",
    "uint8be",
];

/// What VirusTotal had before its module `vt`, and what to use of the module in its place. Known in livehunt alone.
pub(crate) const LEGACY: [(&str, &str); 13] = [
    ("file_name", "vt.metadata.file_name"),
    ("file_type", "vt.metadata.file_type"),
    ("imphash", "vt.metadata.imphash"),
    ("md5", "vt.metadata.md5"),
    ("new_file", "vt.metadata.new_file"),
    ("positives", "vt.metadata.analysis_stats.malicious"),
    ("sha1", "vt.metadata.sha1"),
    ("sha256", "vt.metadata.sha256"),
    ("signatures", "vt.metadata.signatures"),
    ("ssdeep", "vt.metadata.ssdeep"),
    ("submissions", "vt.metadata.times_submitted"),
    ("tags", "vt.metadata.tags"),
    ("vhash", "vt.metadata.vhash"),
];

/// Names, each with a number. One type for all of them: every other one is some kilobytes of code.
pub(crate) type Names<'s> = BTreeMap<&'s str, usize>;

/// What a condition uses, each in the order of the text.
#[derive(Default)]
pub(crate) struct Uses<'a, 's> {
    /// `$a`, `#a`, `@a`, `!a`, with the sign; the sign alone for the string that a `for … of` is at.
    pub(crate) strings: Vec<StringUse<'a, 's>>,
    /// `($a, $b*)`, item by item.
    pub(crate) sets: Vec<(&'a PatternSetItem<'s>, Place<'a, 's>)>,
    /// Every `them`.
    pub(crate) them: Vec<(Range<usize>, Place<'a, 's>)>,
    /// Names that are not a variable of a loop around them.
    pub(crate) names: Vec<NameUse<'s>>,
    /// Every `entrypoint`.
    pub(crate) entrypoints: Vec<Range<usize>>,
    /// Every `(1..2)`.
    pub(crate) ranges: Vec<&'a AstRange<'s>>,
    /// Every loop over a range, a list or what a module has.
    pub(crate) loops: Vec<&'a ForIn<'s>>,
    /// Integers that have limits, with the smallest and the largest that is allowed.
    pub(crate) limited: Vec<(&'a Expr<'s>, i128, i128)>,
    /// Every regular expression.
    pub(crate) regexps: Vec<&'a Regexp<'s>>,
}

/// Where a string has to be found.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a, 's> {
    /// Somewhere: it is enough to know whether.
    Somewhere,
    /// `at` this offset.
    At(&'a Expr<'s>),
    /// Every place counts: `in`, `#`, `@`, `!`, or a loop over strings.
    Everywhere,
}

/// A string, used alone.
pub(crate) struct StringUse<'a, 's> {
    /// As it stands, with its sign.
    pub(crate) text: &'s str,
    pub(crate) span: Range<usize>,
    /// Whether it is in the body of a `for … of`.
    pub(crate) in_loop: bool,
    pub(crate) place: Place<'a, 's>,
}

/// A name at the beginning of a path, such as `vt` in `vt.net.url.raw`. Where it is what a `with` declared to be another
/// path, it is that path's.
pub(crate) struct NameUse<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Range<usize>,
    /// What follows it behind dots.
    pub(crate) fields: Vec<&'s str>,
    /// The whole path.
    pub(crate) path: Range<usize>,
}

/// A variable, and the path that it is another name for, if it is one.
type Variable<'s> = (&'s str, Option<Vec<&'s str>>);

/// The largest integer.
const LARGEST: i128 = i64::MAX as i128;

enum Step<'a, 's> {
    /// An expression whose first name is a name.
    Expression(&'a Expr<'s>),
    /// An expression behind a dot, whose first name is a field.
    Field(&'a Expr<'s>),
    /// Variables come into force, or go.
    Open(Vec<Variable<'s>>),
    Close(Vec<&'s str>),
    /// The body of a `for … of` begins, or ends.
    OpenLoop,
    CloseLoop,
}

/// What a rule's condition uses.
pub(crate) fn uses<'a, 's>(rule: &'a Rule<'s>) -> Uses<'a, 's> {
    let mut walk = Walk { uses: Uses::default(), steps: Vec::new(), variables: Variables::default(), loops: 0 };
    walk.steps.push(Step::Expression(&rule.condition));
    while let Some(step) = walk.steps.pop() {
        match step {
            Step::Expression(expression) => walk.expression(expression),
            Step::Field(expression) => walk.field(expression),
            Step::Open(variables) => variables.into_iter().for_each(|variable| walk.variables.open(variable)),
            Step::Close(names) => names.into_iter().for_each(|name| walk.variables.close(name)),
            Step::OpenLoop => walk.loops += 1,
            Step::CloseLoop => walk.loops -= 1,
        }
    }
    walk.uses
}

struct Walk<'a, 's> {
    uses: Uses<'a, 's>,
    /// What is still to be visited, the next one last.
    steps: Vec<Step<'a, 's>>,
    variables: Variables<'s>,
    /// How many `for … of` there are around.
    loops: usize,
}

impl<'a, 's> Walk<'a, 's> {
    fn expression(&mut self, expression: &'a Expr<'s>) {
        // What comes first in the text is pushed last.
        match expression {
            Expr::True { .. }
            | Expr::False { .. }
            | Expr::Filesize { .. }
            | Expr::LiteralString(_)
            | Expr::LiteralInteger(_)
            | Expr::LiteralFloat(_) => {}
            Expr::Entrypoint { span } => self.uses.entrypoints.push(span.range()),
            Expr::Regexp(regexp) => self.uses.regexps.push(regexp),
            Expr::Ident(name) => self.name(name.name, name.span().range(), Vec::new(), name.span().range()),
            Expr::PatternMatch(pattern) => {
                let place = self.anchor(pattern.anchor.as_ref());
                self.string(pattern.identifier.name, pattern.identifier.span().range(), place);
            }
            Expr::PatternCount(pattern) => {
                self.string(pattern.identifier.name, pattern.identifier.span().range(), Place::Everywhere);
                if let Some(range) = &pattern.range {
                    self.range(range);
                }
            }
            Expr::PatternOffset(pattern) | Expr::PatternLength(pattern) => {
                self.string(pattern.identifier.name, pattern.identifier.span().range(), Place::Everywhere);
                self.uses.limited.extend(pattern.index.iter().map(|index| (index, 1, LARGEST)));
                self.all(&pattern.index);
            }
            Expr::Lookup(lookup) => self.all([&lookup.primary, &lookup.index]),
            Expr::FieldAccess(access) => {
                let mut operands = access.operands();
                let first = operands.next();
                self.steps.extend(access.operands().skip(1).rev().map(Step::Field));
                if let Some(Expr::Ident(name)) = first {
                    let fields = operands.map_while(|operand| match operand {
                        Expr::Ident(field) => Some(field.name),
                        _ => None,
                    });
                    self.name(name.name, name.span().range(), fields.collect(), access.span().range());
                } else {
                    self.all(first);
                }
            }
            Expr::FuncCall(call) => {
                self.all(&call.args);
                self.all(&call.object);
                if call.object.is_none() {
                    let span = call.identifier.span().range();
                    self.name(call.identifier.name, span.clone(), Vec::new(), span);
                }
            }
            Expr::Defined(unary) | Expr::Not(unary) | Expr::Minus(unary) | Expr::BitwiseNot(unary) => {
                self.steps.push(Step::Expression(&unary.operand));
            }
            Expr::And(many)
            | Expr::Or(many)
            | Expr::Add(many)
            | Expr::Sub(many)
            | Expr::Mul(many)
            | Expr::Div(many)
            | Expr::Mod(many) => self.all(many.operands()),
            Expr::Shl(two) | Expr::Shr(two) => {
                self.uses.limited.push((&two.rhs, 0, LARGEST));
                self.all([&two.lhs, &two.rhs]);
            }
            Expr::BitwiseAnd(two)
            | Expr::BitwiseOr(two)
            | Expr::BitwiseXor(two)
            | Expr::Eq(two)
            | Expr::Ne(two)
            | Expr::Lt(two)
            | Expr::Gt(two)
            | Expr::Le(two)
            | Expr::Ge(two)
            | Expr::Contains(two)
            | Expr::IContains(two)
            | Expr::StartsWith(two)
            | Expr::IStartsWith(two)
            | Expr::EndsWith(two)
            | Expr::IEndsWith(two)
            | Expr::IEquals(two)
            | Expr::Matches(two) => self.all([&two.lhs, &two.rhs]),
            Expr::Of(of) => {
                let place = self.anchor(of.anchor.as_ref());
                match &of.items {
                    OfItems::PatternSet(set) => self.set(set, place),
                    OfItems::BoolExprTuple(items) => self.all(items),
                }
                self.quantifier(&of.quantifier);
            }
            Expr::ForOf(for_of) => {
                self.set(&for_of.pattern_set, Place::Everywhere);
                self.steps.extend([Step::CloseLoop, Step::Expression(&for_of.body), Step::OpenLoop]);
                self.quantifier(&for_of.quantifier);
            }
            Expr::ForIn(for_in) => {
                let names: Vec<&'s str> = for_in.variables.iter().map(|name| name.name).collect();
                let variables = names.iter().map(|name| (*name, None)).collect();
                self.steps.extend([Step::Close(names), Step::Expression(&for_in.body), Step::Open(variables)]);
                self.uses.loops.push(for_in);
                match &for_in.iterable {
                    Iterable::Range(range) => self.range(range),
                    Iterable::ExprTuple(items) => self.all(items),
                    Iterable::Expr(iterable) => self.all([iterable]),
                }
                self.quantifier(&for_in.quantifier);
            }
            Expr::With(with) => {
                // Each declaration may use the ones before it.
                let names: Vec<&'s str> = with.declarations.iter().map(|declared| declared.identifier.name).collect();
                self.steps.extend([Step::Close(names), Step::Expression(&with.body)]);
                for declared in with.declarations.iter().rev() {
                    self.steps.push(Step::Open(vec![(declared.identifier.name, path(&declared.expression))]));
                    self.steps.push(Step::Expression(&declared.expression));
                }
            }
        }
    }

    fn field(&mut self, expression: &'a Expr<'s>) {
        match expression {
            Expr::Ident(_) => {}
            Expr::Lookup(lookup) => {
                self.steps.extend([Step::Expression(&lookup.index), Step::Field(&lookup.primary)]);
            }
            Expr::FieldAccess(access) => self.steps.extend(access.operands().rev().map(Step::Field)),
            Expr::FuncCall(call) => {
                self.all(&call.args);
                self.steps.extend(call.object.iter().map(Step::Field));
            }
            other => self.steps.push(Step::Expression(other)),
        }
    }

    /// Visits these next, in their order.
    fn all<I>(&mut self, expressions: I)
    where
        I: IntoIterator<Item = &'a Expr<'s>>,
        I::IntoIter: DoubleEndedIterator,
    {
        self.steps.extend(expressions.into_iter().rev().map(Step::Expression));
    }

    fn range(&mut self, range: &'a AstRange<'s>) {
        self.uses.ranges.push(range);
        self.uses.limited.extend([(&range.lower_bound, 0, LARGEST), (&range.upper_bound, 0, LARGEST)]);
        self.all([&range.lower_bound, &range.upper_bound]);
    }

    fn anchor(&mut self, anchor: Option<&'a MatchAnchor<'s>>) -> Place<'a, 's> {
        match anchor {
            Some(MatchAnchor::At(at)) => {
                self.uses.limited.push((&at.expr, 0, LARGEST));
                self.all([&at.expr]);
                Place::At(&at.expr)
            }
            Some(MatchAnchor::In(within)) => {
                self.range(&within.range);
                Place::Everywhere
            }
            None => Place::Somewhere,
        }
    }

    fn quantifier(&mut self, quantifier: &'a Quantifier<'s>) {
        let (value, largest) = match quantifier {
            Quantifier::Percentage(value) => (value, 100),
            Quantifier::Expr(value) => (value, LARGEST),
            _ => return,
        };
        self.uses.limited.push((value, 0, largest));
        self.all([value]);
    }

    fn set(&mut self, set: &'a PatternSet<'s>, place: Place<'a, 's>) {
        match set {
            PatternSet::Them { span } => self.uses.them.push((span.range(), place)),
            PatternSet::Set(items) => self.uses.sets.extend(items.iter().map(|item| (item, place))),
        }
    }

    fn string(&mut self, text: &'s str, span: Range<usize>, place: Place<'a, 's>) {
        self.uses.strings.push(StringUse { text, span, in_loop: self.loops > 0, place });
    }

    fn name(&mut self, name: &'s str, span: Range<usize>, fields: Vec<&'s str>, path: Range<usize>) {
        let Some(meaning) = self.variables.get(name) else {
            return self.uses.names.push(NameUse { name, span, fields, path });
        };
        if let Some((name, first)) = meaning.as_ref().and_then(|path| path.split_first()) {
            let fields = first.iter().copied().chain(fields).collect();
            self.uses.names.push(NameUse { name, span, fields, path });
        }
    }
}

/// What the loops and `with`s around make of names.
#[derive(Default)]
struct Variables<'s> {
    /// For each name its place in `meanings`.
    names: Names<'s>,
    /// For each name what it means, the innermost last.
    meanings: Vec<Vec<Option<Vec<&'s str>>>>,
}

impl<'s> Variables<'s> {
    /// Whether a name is a variable, and what path it is another name for.
    fn get(&self, name: &str) -> Option<&Option<Vec<&'s str>>> {
        self.meanings.get(*self.names.get(name)?)?.last()
    }

    /// A variable comes into force. What it is another name for may begin with a variable itself.
    fn open(&mut self, (name, path): Variable<'s>) {
        let path = path.and_then(|path| {
            let (first, rest) = path.split_first()?;
            match self.get(first) {
                None => Some(path),
                Some(meaning) => Some(meaning.as_ref()?.iter().chain(rest).copied().collect()),
            }
        });
        let place = *self.names.entry(name).or_insert(self.meanings.len());
        match self.meanings.get_mut(place) {
            Some(meanings) => meanings.push(path),
            None => self.meanings.push(vec![path]),
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(meanings) = self.names.get(name).and_then(|place| self.meanings.get_mut(*place)) {
            meanings.pop();
        }
    }
}

/// The names of a path, if it is nothing else.
fn path<'s>(expression: &Expr<'s>) -> Option<Vec<&'s str>> {
    let name = |expression: &Expr<'s>| match expression {
        Expr::Ident(name) => Some(name.name),
        _ => None,
    };
    match expression {
        Expr::FieldAccess(access) => access.operands().map(name).collect(),
        other => Some(vec![name(other)?]),
    }
}

/// Whether the names of a condition are known: modules imported before the rule, rules before it, functions, and what
/// VirusTotal knows besides.
pub(crate) fn names<'s>(
    rule: &Rule<'s>,
    uses: &Uses<'_, 's>,
    known: &Known<'s>,
    hunt: Hunt,
    findings: &mut Findings<'s>,
) {
    let begins = rule.identifier.span().start();
    let mut told = Names::new();
    for used in &uses.names {
        let name = used.name;
        let imported = known.imports.get(name).is_some_and(|at| *at < begins);
        let earlier = known.rules.get(name).is_some_and(|at| *at < begins);
        // Once a rule is enough: the same import mends them all.
        if imported || earlier || FUNCTIONS.contains(&name) || told.insert(name, 0).is_some() {
            continue;
        }
        let rule = Some(rule.identifier.name);
        let span = used.span.clone();
        if MODULES.contains(&name) || name == CUCKOO || known.imports.contains_key(name) {
            let message =
                format!("The module `{name}` is used but not imported before. Put `import \"{name}\"` at the top.");
            findings.error("module-not-imported", span, rule, message);
        } else if known.rules.contains_key(name) {
            let message = format!(
                "The rule `{name}` is used before it is there. A rule may name only rules above it: move it up."
            );
            findings.error("rule-used-too-early", span, rule, message);
        } else if let Some((_, field)) = LEGACY.iter().find(|(legacy, _)| *legacy == name) {
            if hunt == Hunt::Livehunt {
                let message = format!(
                    "`{name}` is a legacy variable of livehunt. Use `{field}` in its place, of the module `vt`."
                );
                findings.warning("legacy-variable", span, rule, message);
            } else {
                let message = format!(
                    "`{name}` is not defined: it is a legacy variable that livehunt knows and retrohunt does not. Use `{field}`, \
                     of the module `vt`."
                );
                findings.error("undefined-identifier", span, rule, message);
            }
        } else {
            let message = format!(
                "`{name}` is not defined: it is not a module, a rule above, a function, or a variable of a loop. Correct it; what \
                 a scanner defines from outside is not there at VirusTotal."
            );
            findings.error("undefined-identifier", span, rule, message);
        }
    }
}

/// `entrypoint` is in the grammar and nowhere else.
pub(crate) fn entrypoints<'s>(rule: &Rule<'s>, uses: &Uses<'_, 's>, findings: &mut Findings<'s>) {
    for span in &uses.entrypoints {
        let message = "`entrypoint` is not supported any more. Use `pe.entry_point`, `elf.entry_point` or \
                       `macho.entry_point`, and import its module."
            .to_owned();
        findings.error("entrypoint-refused", span.clone(), Some(rule.identifier.name), message);
    }
}

/// Where modules are imported first, and rules declared first.
pub(crate) struct Known<'s> {
    imports: Names<'s>,
    rules: Names<'s>,
}

impl<'s> Known<'s> {
    /// Where a module is imported first.
    pub(crate) fn imported(&self, name: &str) -> Option<usize> {
        self.imports.get(name).copied()
    }

    pub(crate) fn new(outline: &Outline<'s>) -> Known<'s> {
        // The first of a name stays.
        let first = |named: &[Named<'s>]| named.iter().rev().map(|it| (it.name, it.span.start)).collect();
        Known { imports: first(&outline.imports), rules: first(&outline.rules) }
    }
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
