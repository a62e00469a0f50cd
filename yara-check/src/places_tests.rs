use super::*;

fn place(line: usize, column: usize) -> Place {
    Place { line, column }
}

#[test]
fn columns_count_characters_from_one() {
    let places = Places::new("aé\r\n\tx\n");
    assert_eq!(places.place(0), place(1, 1));
    assert_eq!(places.place(1), place(1, 2));
    // In the middle of a character is at its beginning.
    assert_eq!(places.place(2), place(1, 2));
    assert_eq!(places.place(3), place(1, 3));
    assert_eq!(places.place(5), place(2, 1));
    assert_eq!(places.place(6), place(2, 2));
    assert_eq!(places.place(8), place(3, 1));
    assert_eq!(places.place(1000), place(3, 1));
    assert_eq!(Places::new("").place(0), place(1, 1));
}

#[test]
fn an_excerpt_marks_the_span_in_its_first_line() {
    let places = Places::new("one two\nthree\n");
    assert_eq!(places.excerpt(4..7), "one two\n    ^^^");
    assert_eq!(places.excerpt(4..12), "one two\n    ^^^");
    assert_eq!(places.excerpt(7..7), "one two\n       ^");
    assert_eq!(places.excerpt(8..8), "three\n^");
    assert_eq!(places.excerpt(14..14), "\n^");
}

#[test]
fn of_a_long_line_the_part_around_the_place_is_shown() {
    let source = format!("{}mark{}", "a".repeat(1000), "b".repeat(1000));
    let excerpt = Places::new(&source).excerpt(1000..1004);
    let (line, mark) = excerpt.split_once('\n').expect("two lines");
    assert_eq!(line.chars().count(), WIDTH + 2);
    assert!(line.starts_with("…aaa") && line.ends_with("bbb…"), "{line}");
    let at = mark.find('^').expect("a mark");
    assert_eq!(line.chars().skip(at).take(4).collect::<String>(), "mark");
    assert_eq!(mark.trim_start(), "^^^^");
}

#[test]
fn an_excerpt_cannot_drive_a_terminal() {
    let excerpt = Places::new("a\t\u{1b}[2J\u{202e}x").excerpt(0..1);
    assert_eq!(excerpt, "a \u{fffd}[2J\u{fffd}x\n^");
}
