//! What a rule's condition uses: strings, and names with what is behind their dots.
//!
//! The walk keeps its own stack: a condition may be long, and nothing here recurses on the source.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use yara_x_parser::ast::{
    Expr, Iterable, MatchAnchor, OfItems, PatternSet, PatternSetItem, Quantifier, Rule, WithSpan as _,
};

use crate::findings::Findings;
use crate::imports::MODULES;
use crate::syntax::{Named, Outline};

/// What a condition uses, each in the order of the text.
#[derive(Default)]
pub(crate) struct Uses<'a, 's> {
    /// `$a`, `#a`, `@a`, `!a`, without the sign; empty for the string that a `for … of` is at.
    pub(crate) strings: Vec<StringUse<'s>>,
    /// `($a, $b*)`, item by item.
    pub(crate) sets: Vec<&'a PatternSetItem<'s>>,
    /// Every `them`.
    pub(crate) them: Vec<Range<usize>>,
    /// Names that are no variable of a loop around them.
    pub(crate) names: Vec<NameUse<'s>>,
}

/// A string, used alone.
pub(crate) struct StringUse<'s> {
    /// As it stands, with its sign.
    pub(crate) text: &'s str,
    pub(crate) span: Range<usize>,
    /// Whether it is in the body of a `for … of`.
    pub(crate) in_loop: bool,
}

/// A name at the beginning of a path, such as `vt` in `vt.net.url.raw`.
pub(crate) struct NameUse<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Range<usize>,
    /// What follows it behind dots.
    pub(crate) fields: Vec<&'s str>,
    /// The whole path.
    pub(crate) path: Range<usize>,
}

enum Step<'a, 's> {
    /// An expression whose first name is a name.
    Expression(&'a Expr<'s>),
    /// An expression behind a dot, whose first name is a field.
    Field(&'a Expr<'s>),
    /// Variables come into force, or go.
    Open(Vec<&'s str>),
    Close(Vec<&'s str>),
    /// The body of a `for … of` begins, or ends.
    OpenLoop,
    CloseLoop,
}

/// What a rule's condition uses.
pub(crate) fn uses<'a, 's>(rule: &'a Rule<'s>) -> Uses<'a, 's> {
    let mut walk = Walk { uses: Uses::default(), steps: Vec::new(), variables: BTreeMap::new(), loops: 0 };
    walk.steps.push(Step::Expression(&rule.condition));
    while let Some(step) = walk.steps.pop() {
        match step {
            Step::Expression(expression) => walk.expression(expression),
            Step::Field(expression) => walk.field(expression),
            Step::Open(names) => names.iter().for_each(|name| *walk.variables.entry(name).or_default() += 1_usize),
            Step::Close(names) => {
                for name in names {
                    if let Some(count) = walk.variables.get_mut(name) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
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
    /// How many loops and `with`s around have a variable of this name.
    variables: BTreeMap<&'s str, usize>,
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
            | Expr::Entrypoint { .. }
            | Expr::LiteralString(_)
            | Expr::LiteralInteger(_)
            | Expr::LiteralFloat(_)
            | Expr::Regexp(_) => {}
            Expr::Ident(name) => self.name(name.name, name.span().range(), Vec::new(), name.span().range()),
            Expr::PatternMatch(pattern) => {
                self.string(pattern.identifier.name, pattern.identifier.span().range());
                self.anchor(pattern.anchor.as_ref());
            }
            Expr::PatternCount(pattern) => {
                self.string(pattern.identifier.name, pattern.identifier.span().range());
                if let Some(range) = &pattern.range {
                    self.all([&range.lower_bound, &range.upper_bound]);
                }
            }
            Expr::PatternOffset(pattern) | Expr::PatternLength(pattern) => {
                self.string(pattern.identifier.name, pattern.identifier.span().range());
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
            Expr::Shl(two)
            | Expr::Shr(two)
            | Expr::BitwiseAnd(two)
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
                self.anchor(of.anchor.as_ref());
                match &of.items {
                    OfItems::PatternSet(set) => self.set(set),
                    OfItems::BoolExprTuple(items) => self.all(items),
                }
                self.quantifier(&of.quantifier);
            }
            Expr::ForOf(for_of) => {
                self.set(&for_of.pattern_set);
                self.steps.extend([Step::CloseLoop, Step::Expression(&for_of.body), Step::OpenLoop]);
                self.quantifier(&for_of.quantifier);
            }
            Expr::ForIn(for_in) => {
                let names: Vec<&'s str> = for_in.variables.iter().map(|name| name.name).collect();
                self.steps.extend([Step::Close(names.clone()), Step::Expression(&for_in.body), Step::Open(names)]);
                match &for_in.iterable {
                    Iterable::Range(range) => self.all([&range.lower_bound, &range.upper_bound]),
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
                    self.steps.push(Step::Open(vec![declared.identifier.name]));
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

    fn anchor(&mut self, anchor: Option<&'a MatchAnchor<'s>>) {
        match anchor {
            Some(MatchAnchor::At(at)) => self.all([&at.expr]),
            Some(MatchAnchor::In(within)) => self.all([&within.range.lower_bound, &within.range.upper_bound]),
            None => {}
        }
    }

    fn quantifier(&mut self, quantifier: &'a Quantifier<'s>) {
        if let Quantifier::Percentage(value) | Quantifier::Expr(value) = quantifier {
            self.all([value]);
        }
    }

    fn set(&mut self, set: &'a PatternSet<'s>) {
        match set {
            PatternSet::Them { span } => self.uses.them.push(span.range()),
            PatternSet::Set(items) => self.uses.sets.extend(items),
        }
    }

    fn string(&mut self, text: &'s str, span: Range<usize>) {
        self.uses.strings.push(StringUse { text, span, in_loop: self.loops > 0 });
    }

    fn name(&mut self, name: &'s str, span: Range<usize>, fields: Vec<&'s str>, path: Range<usize>) {
        if self.variables.get(name).is_none_or(|count| *count == 0) {
            self.uses.names.push(NameUse { name, span, fields, path });
        }
    }
}

/// Whether the names of a condition are known: modules imported before the rule, and rules before it.
pub(crate) fn names<'s>(rule: &Rule<'s>, uses: &Uses<'_, 's>, known: &Known<'s>, findings: &mut Findings<'s>) {
    let begins = rule.identifier.span().start();
    let mut told = BTreeSet::new();
    for used in &uses.names {
        let imported = known.imports.get(used.name).is_some_and(|at| *at < begins);
        let earlier = known.rules.get(used.name).is_some_and(|at| *at < begins);
        // Once a rule is enough: the same import mends them all.
        if imported || earlier || !told.insert(used.name) {
            continue;
        }
        let name = used.name;
        let rule = Some(rule.identifier.name);
        if MODULES.contains(&name) || known.imports.contains_key(name) {
            let message =
                format!("The module `{name}` is used but not imported before. Put `import \"{name}\"` at the top.");
            findings.error("module-not-imported", used.span.clone(), rule, message);
        } else if known.rules.contains_key(name) {
            let message = format!(
                "The rule `{name}` is used before it is there. A rule may name only rules above it: move it up."
            );
            findings.error("rule-used-too-early", used.span.clone(), rule, message);
        } else {
            let message = format!(
                "`{name}` is no module, no rule above and no variable of a loop. VirusTotal knows some legacy variables by such \
                 names; if it is none of them, correct it."
            );
            findings.warning("unknown-identifier", used.span.clone(), rule, message);
        }
    }
}

/// Where modules are imported first, and rules declared first.
pub(crate) struct Known<'s> {
    imports: BTreeMap<&'s str, usize>,
    rules: BTreeMap<&'s str, usize>,
}

impl<'s> Known<'s> {
    pub(crate) fn new(outline: &Outline<'s>) -> Known<'s> {
        // The first of a name stays.
        let first = |named: &[Named<'s>]| named.iter().rev().map(|it| (it.name, it.span.start)).collect();
        Known { imports: first(&outline.imports), rules: first(&outline.rules) }
    }
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
