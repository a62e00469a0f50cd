//! Whether anything has grown: what was counted against the figures that are committed.

use std::collections::BTreeMap;

/// How much more than the committed figure is still no growth, in percent: a compiler's new release moves things by a little.
const TOLERANCE: u64 = 3;

/// A figure, then and now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) what: String,
    /// As committed.
    pub(crate) figure: Option<u64>,
    /// As counted.
    pub(crate) counted: Option<u64>,
    pub(crate) verdict: Verdict,
}

/// What to make of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    /// Good news that the figure does not know yet.
    Shrunk(String),
    /// What is wrong, and what to do about it.
    Wrong(String),
}

/// Compares name by name; what is on one side only is wrong.
pub(crate) fn compare(figures: &[(&str, u64)], counted: &BTreeMap<String, u64>) -> Vec<Compared> {
    let known = figures.iter().map(|(what, figure)| {
        let counted = counted.get(*what).copied();
        let verdict = counted.map_or_else(|| Verdict::Wrong(gone(what)), |counted| verdict(what, *figure, counted));
        Compared { what: (*what).to_owned(), figure: Some(*figure), counted, verdict }
    });
    let unknown = counted.iter().filter(|(what, _)| !figures.iter().any(|(known, _)| known == what));
    let unknown = unknown.map(|(what, counted)| Compared {
        what: what.clone(),
        figure: None,
        counted: Some(*counted),
        verdict: Verdict::Wrong(format!("it is counted, and has no figure: add (\"{what}\", {counted}) to FIGURES")),
    });
    known.chain(unknown).collect()
}

fn gone(what: &str) -> String {
    format!("there is a figure, and nobody counts it: take `{what}` out of FIGURES, or see what became of it")
}

fn verdict(what: &str, figure: u64, counted: u64) -> Verdict {
    // In 128 bits, so that no figure is too large to be compared.
    let (of_hundred, figure_hundred) = (u128::from(counted) * 100, u128::from(figure) * 100);
    let tolerance = u128::from(figure) * u128::from(TOLERANCE);
    if of_hundred > figure_hundred + tolerance {
        Verdict::Wrong(format!(
            "grew by {} %, more than {TOLERANCE}. Find out what the last change does that it need not; if it is worth it, write \
             (\"{what}\", {counted}) into FIGURES of xtask/src/budgets.rs, and why into the commit",
            percent(counted - figure, figure)
        ))
    } else if of_hundred + tolerance < figure_hundred {
        Verdict::Shrunk(format!(
            "shrank by {} %: write (\"{what}\", {counted}) into FIGURES of xtask/src/budgets.rs, so that it stays there",
            percent(figure - counted, figure)
        ))
    } else {
        Verdict::Same
    }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}", 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(figure: u64, counted: u64) -> Verdict {
        verdict("size", figure, counted)
    }

    #[test]
    fn three_percent_more_is_no_growth_and_anything_beyond_is() {
        assert_eq!(judged(1000, 1030), Verdict::Same);
        assert!(
            matches!(judged(1000, 1031), Verdict::Wrong(why) if why.contains("grew by 3.1 %") && why.contains("1031"))
        );
    }

    #[test]
    fn three_percent_less_is_nothing_and_anything_beyond_asks_for_a_lower_figure() {
        assert_eq!(judged(1000, 970), Verdict::Same);
        assert!(
            matches!(judged(1000, 969), Verdict::Shrunk(why) if why.contains("shrank by 3.1 %") && why.contains("969"))
        );
    }

    #[test]
    fn a_figure_of_nothing_may_not_grow_at_all() {
        assert_eq!(judged(0, 0), Verdict::Same);
        assert!(matches!(judged(0, 1), Verdict::Wrong(_)));
    }

    #[test]
    fn what_has_no_figure_or_is_not_counted_any_more_is_wrong() {
        let counted = BTreeMap::from([("new".to_owned(), 1), ("kept".to_owned(), 2)]);
        let compared = compare(&[("kept", 2), ("gone", 3)], &counted);
        let wrong: Vec<_> = compared.iter().filter(|one| one.verdict != Verdict::Same).map(|one| &one.what).collect();
        assert_eq!(wrong, ["gone", "new"]);
    }
}
