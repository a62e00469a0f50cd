use super::*;

#[test]
fn names_are_known_of_broken_rules_too() {
    let (outline, _) =
        read("include \"i\" import \"pe\" rule a { rule b : t { condition: ( } /* rule c */ // rule d\n");
    let names = |named: &[Named<'_>]| named.iter().map(|it| it.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&outline.rules), ["a", "b"]);
    assert_eq!(names(&outline.imports), ["pe"]);
    assert_eq!(names(&outline.includes), ["i"]);
    assert!(outline.has_errors());
}

#[test]
fn the_parser_reads_every_text_to_its_end() {
    for source in ["", " ", "\n//", "rule a { condition: true } \n", "é", "{", "rule a { condition: f(1) } /*"] {
        assert_eq!(read(source).0.gave_up, None, "{source}");
    }
}
