use super::*;

#[test]
fn yara_is_not_cut() {
    let rules = "// ü ü\n/* ü ; */ rule a { meta: m = \"ü ; \\\" ü\" m = \"\"\"ü\n;\"\"\" strings: $a = /ü\\/;/ \
                 $b = { 01 ?? } condition: $a and f(g(h(1))) }\n";
    assert_eq!(cut(&rules.repeat(200)), None);
    assert_eq!(cut(""), None);
}

#[test]
fn what_only_stands_in_hex_strings_is_yara_there() {
    let string =
        "$a = /* ü */ { 4D ?? ?A A? ~0? ~?? [4] [-] [0x1-0o7] ( A0 ?? | ~00 // ü ;\n ) /* ?; */ [ 2 - ] ?? }\n";
    assert_eq!(cut(&string.repeat(2000)), None);
    // A byte before a bracket is no call.
    let nested = "( A0 | A1 ".repeat(300) + &")".repeat(300);
    assert_eq!(cut(&format!("$a = {{ 00 {nested} }}").repeat(100)), None);
    // Elsewhere it is not.
    assert!(matches!(cut(&"?? ".repeat(MOST_UNKNOWN + 1)), Some(Cut::Unknown(_))));
    assert!(matches!(cut(&"$a == { 01 ?? } ".repeat(MOST_UNKNOWN + 1)), Some(Cut::Unknown(_))));
}

#[test]
fn every_space_that_the_parser_knows_is_one() {
    for space in "\u{a0}\u{1680}\u{2000}\u{2003}\u{200a}\u{202f}\u{205f}\u{3000}".chars() {
        assert_eq!(cut(&format!("rule{space}a {{ strings: $a = {{ 01{space}02 }} condition: $a }}").repeat(500)), None);
    }
}

#[test]
fn what_is_no_yara_is_cut_where_it_is_too_much() {
    assert_eq!(cut(&"ü ".repeat(MOST_UNKNOWN)), None);
    assert_eq!(cut(&"ü ".repeat(MOST_UNKNOWN + 5)), Some(Cut::Unknown(3 * MOST_UNKNOWN)));
    for nothing in ["; ", "\" \n", "/ \n", "\u{0} ", "\u{c} ", "\u{2028}", "\u{200b} ", "/* "] {
        assert!(matches!(cut(&nothing.repeat(MOST_UNKNOWN + 1)), Some(Cut::Unknown(_))), "{nothing:?}");
    }
}

/// The steps for a condition, as counted.
fn steps(condition: &str) -> u64 {
    let mut calls = Calls::default();
    for token in format!("condition : {condition} }}").split_whitespace() {
        match token.chars().next() {
            Some(c) if c.is_ascii_alphanumeric() => calls.word(token),
            Some('"') => calls.literal(),
            _ => token.chars().for_each(|sign| calls.sign(sign)),
        }
    }
    calls.steps()
}

#[test]
fn calls_inside_calls_are_read_three_times_each() {
    let nested = |depth: usize| steps(&format!("{} 1 {}", "f ( ".repeat(depth), ") ".repeat(depth)));
    for depth in 1..14 {
        let (outer, inner) = (nested(depth), nested(depth - 1));
        assert!((3 * inner..5 * inner).contains(&outer), "{depth}: {inner}, {outer}");
    }
    // Of what is not at the beginning of a term there is one reading, of a number before `of` two, before `% of` one.
    let call = steps("f ( f ( 1 ) )");
    assert!(steps("1 == f ( f ( 1 ) )") < call);
    assert!(steps("f ( f ( 1 ) ) of them") < call);
    assert!(steps("f ( f ( 1 ) ) % of them") < steps("f ( f ( 1 ) ) of them"));
    assert_eq!(steps("1 == ( \"a\" )"), 7 + 3);
}

#[test]
fn calls_may_be_many_or_nested_as_far_as_the_parser_goes() {
    let nested = |depth: usize| "f(".repeat(depth) + "1" + &")".repeat(depth);
    let condition = |text: &str| format!("rule a {{ condition: {text} }}");
    assert_eq!(cut(&condition(&nested(14))), None);
    assert!(matches!(cut(&condition(&nested(17))), Some(Cut::Calls(_))));
    for depth in 1..=4 {
        let call = nested(depth) + " and ";
        assert_eq!(cut(&condition(&call.repeat((1 << 20) / call.len()))), None, "{depth}");
    }
    assert!(matches!(cut(&condition(&(nested(12) + " and ").repeat(100))), Some(Cut::Calls(_))));
    // Brackets that are not a call's are read once.
    assert_eq!(cut(&condition(&("not (".repeat(1000) + &")".repeat(1000)))), None);
    assert_eq!(cut(&condition(&("any of (".repeat(1000) + "true" + &")".repeat(1000)))), None);
}

#[test]
fn a_large_text_takes_no_time() {
    for source in ["/*", "\"", "/", "\"\\", "\"\"\"", "\\\"", "a\"\n", "é", "f(", "(", "={", "={ 0[", "f(1),"] {
        cut(&source.repeat((1 << 20) / source.len()));
    }
}
