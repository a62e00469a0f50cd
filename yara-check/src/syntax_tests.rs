use super::*;

#[test]
fn names_are_known_of_broken_rules_too() {
    let outline = outline("include \"i\" import \"pe\" rule a { rule b : t { condition: ( } /* rule c */ // rule d\n");
    let names = |named: &[Named<'_>]| named.iter().map(|it| it.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&outline.rules), ["a", "b"]);
    assert_eq!(names(&outline.imports), ["pe"]);
    assert_eq!(names(&outline.includes), ["i"]);
    assert!(outline.has_errors());
}

#[test]
fn the_parser_reads_every_text_to_its_end() {
    for source in ["", " ", "\n//", "rule a { condition: true } \n", "é", "{", "rule a { condition: f(1) } /*"] {
        assert_eq!(outline(source).gave_up, None, "{source}");
    }
}

#[test]
fn a_row_is_as_deep_as_it_has_operators_that_nest() {
    let depth = |condition: &str| {
        let source = format!("rule a {{ condition: {condition} }}");
        outline(&source).too_deep.is_some()
    };
    let row = |operand: &str, times: usize| operand.repeat(times) + "1";
    assert!(!depth(&row("1 & ", MAX_DEPTH)));
    assert!(depth(&row("1 & ", MAX_DEPTH + 1)));
    // The same sign in a row makes one node, and `and` begins a new row.
    assert!(!depth(&row("1 + ", MAX_DEPTH * 2)));
    assert!(depth(&row("1 + 1 - ", MAX_DEPTH)));
    assert!(!depth(&row("1 == 1 and ", MAX_DEPTH)));
    // Brackets hand on what is inside.
    let half = row("1 & ", MAX_DEPTH / 2);
    assert!(depth(&format!("({half}) & {half} & 1")));
}
