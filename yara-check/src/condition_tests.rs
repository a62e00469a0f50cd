use yara_x_parser::ast::AST;

use super::*;

/// The names and strings that a condition uses.
fn used(condition: &str) -> (Vec<String>, Vec<String>) {
    let source = format!("rule a {{ strings: $a = \"x\" condition: {condition} }}");
    let ast = AST::from(source.as_str());
    let rule = ast.rules().next().unwrap_or_else(|| panic!("{condition} is no condition: {:?}", ast.errors()));
    let uses = uses(rule);
    let names =
        uses.names.iter().map(|used| std::iter::once(&used.name).chain(&used.fields).copied().collect::<Vec<_>>());
    (names.map(|path| path.join(".")).collect(), uses.strings.iter().map(|used| used.text.to_owned()).collect())
}

#[test]
fn names_come_with_what_is_behind_their_dots() {
    for (condition, names) in [
        ("a.b.c == d", vec!["a.b.c", "d"]),
        ("a.b[c.d].e == 1", vec!["a.b", "c.d"]),
        ("a[1].b[c] == 1", vec!["a", "c"]),
        ("a.f(b, c.d).g.h == 1", vec!["a", "b", "c.d"]),
        ("f(1).g(x).h[y] == 1", vec!["f", "x", "y"]),
        ("defined a.b and not c", vec!["a.b", "c"]),
        ("a matches /x/ and -b == ~c", vec!["a", "b", "c"]),
        ("any of (a, b.c)", vec!["a", "b.c"]),
        ("a of them", vec!["a"]),
    ] {
        assert_eq!(used(condition).0, names, "{condition}");
    }
}

#[test]
fn variables_are_no_names_inside_their_loop() {
    for (condition, names) in [
        ("for any i in (a..b) : ( i == c ) and i == 1", vec!["a", "b", "c", "i"]),
        ("for any k, v in a.b : ( k == v.w and for any k in (1..k) : ( k == 1 ) and k == 2 )", vec!["a.b"]),
        ("with x = a.b, y = x + z : ( x == y ) and x == 1", vec!["a.b", "a.b", "z", "a.b", "x"]),
        (
            "with x = a.b : ( with y = x.c, a = 1 : ( y.d == 1 and a == x.e ) )",
            vec!["a.b", "a.b.c", "a.b.c.d", "a.b.e"],
        ),
        ("for any v in a.b : ( with w = v.c : ( w == 1 ) )", vec!["a.b"]),
        ("for a of ($a) : ( $ at b )", vec!["a", "b"]),
    ] {
        assert_eq!(used(condition).0, names, "{condition}");
    }
}

#[test]
fn strings_are_found_wherever_they_stand() {
    let (names, strings) = used("$a at x and $a in (y..@a[!a[1]]) and #a in (1..#a) > 2 and any of ($a) in (z..@a)");
    assert_eq!(names, ["x", "y", "z"]);
    assert_eq!(strings, ["$a", "$a", "@a", "!a", "#a", "#a", "@a"]);
}
