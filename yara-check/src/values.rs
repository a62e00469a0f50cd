//! What a condition says of numbers: ranges that end before they begin, numbers beyond their limits, and loops that take too
//! long.

use yara_x_parser::ast::dfs::{DFSEvent, DFSIter};
use yara_x_parser::ast::{Expr, ForIn, Iterable, Rule, WithSpan as _};

use crate::condition::Uses;
use crate::findings::Findings;

/// So deep a constant is worked out; what is deeper counts as not known.
const DEPTH: usize = 32;

/// Checks the numbers of a condition as far as they stand there.
pub(crate) fn check<'s>(rule: &Rule<'s>, uses: &Uses<'_, 's>, findings: &mut Findings<'s>) {
    let name = Some(rule.identifier.name);
    for range in &uses.ranges {
        if let (Some(lower), Some(upper)) = (constant(&range.lower_bound), constant(&range.upper_bound))
            && lower > upper
        {
            let message =
                format!("The range ends before it begins: {lower} is greater than {upper}. Exchange the two.");
            findings.error("invalid-range", range.span().range(), name, message);
        }
    }
    for (number, smallest, largest) in &uses.limited {
        if let Some(value) = constant(number)
            && !(*smallest..=*largest).contains(&value)
        {
            let message =
                format!("{value} is not allowed here: it has to be from {smallest} to {largest}. Correct it.");
            findings.error("invalid-number", number.span().range(), name, message);
        }
    }
    for for_in in &uses.loops {
        if !matches!(for_in.iterable, Iterable::Expr(_)) && for_in.variables.len() != 1 {
            let message = format!(
                "A loop over a range or a list of values has one variable, and this has {}. Take the others out.",
                for_in.variables.len()
            );
            findings.error("invalid-loop", for_in.iterable.span().range(), name, message);
        }
        if is_slow(for_in) {
            let message = "This loop may be very long: its end depends on the size of the file, or on how often a string is \
                           found, and VirusTotal refuses slow rules. Give it an end, such as `math.min(filesize, 1000)`."
                .to_owned();
            findings.error("slow-loop", for_in.iterable.span().range(), name, message);
        }
    }
}

/// As the compiler tells a slow loop: from a constant up to what the file's size or the number of matches decides, unless
/// `math.min` limits it.
fn is_slow(for_in: &ForIn<'_>) -> bool {
    let Iterable::Range(range) = &for_in.iterable else { return false };
    if constant(&range.lower_bound).is_none() {
        return false;
    }
    let mut nodes = DFSIter::new(&range.upper_bound);
    while let Some(event) = nodes.next() {
        let DFSEvent::Enter(node) = event else { continue };
        match node {
            Expr::Filesize { .. } => return true,
            Expr::PatternCount(count) if count.identifier.name != "#" => return true,
            Expr::FuncCall(call) if call.identifier.name == "min" => nodes.prune(),
            _ => {}
        }
    }
    false
}

/// The value of an integer that is there to be seen.
pub(crate) fn constant(expression: &Expr<'_>) -> Option<i128> {
    value(expression, DEPTH)
}

fn value(expression: &Expr<'_>, depth: usize) -> Option<i128> {
    let depth = depth.checked_sub(1)?;
    let fold = |operands: &[Expr<'_>], with: fn(i128, i128) -> Option<i128>| {
        let mut values = operands.iter().map(|operand| value(operand, depth));
        let first = values.next()??;
        let result = values.try_fold(first, |so_far, next| with(so_far, next?))?;
        // What does not fit the compiler's integers is for the compiler to say.
        i64::try_from(result).ok().map(i128::from)
    };
    match expression {
        #[allow(clippy::cast_sign_loss, reason = "the parser keeps the bits of what is beyond an i64")]
        Expr::LiteralInteger(literal) if literal.is_unsigned => Some(i128::from(literal.value as u64)),
        Expr::LiteralInteger(literal) => Some(i128::from(literal.value)),
        Expr::Minus(unary) => value(&unary.operand, depth)?.checked_neg(),
        Expr::Add(many) => fold(&many.operands, i128::checked_add),
        Expr::Sub(many) => fold(&many.operands, i128::checked_sub),
        Expr::Mul(many) => fold(&many.operands, i128::checked_mul),
        _ => None,
    }
}
