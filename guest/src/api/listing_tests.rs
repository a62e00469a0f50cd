use super::*;
use crate::contract::ErrorKind;

fn pages(cursor: Option<&str>, filter: &str) -> Result<Pages, Failed> {
    let filter = Some(String::from(filter));
    let cursor = cursor.map(String::from);
    Pages::new(&["things"], None, cursor, &[Parameter::Text("filter", &filter)])
}

/// VirusTotal's cursors as they were seen: with dots, padded, plain numbers, JSON in base64.
const CURSORS: [&str; 5] = ["7", "HcjDpoYh-_A==", "a.b.c.d.e", "eyJhIjoxfQ", "1.0123456789abcdef.2.3"];

#[test]
fn a_cursor_that_was_handed_out_leads_back_to_its_place() {
    let pages = pages(None, "f").unwrap();
    for cursor in CURSORS.map(|cursor| Some(String::from(cursor))).into_iter().chain([None]) {
        for (given, mark) in [(0, 0), (1, 7), (39, u64::MAX)] {
            let position = Position { cursor: cursor.clone(), given, mark };
            if position == Position::default() {
                continue;
            }
            let text = pages.cursor(&position);
            assert_eq!(self::pages(Some(&text), "f").unwrap().start, position, "{text}");
        }
    }
}

#[test]
fn a_cursor_of_another_query_is_refused() {
    let cursor = pages(None, "f").unwrap().cursor(&Position::at(String::from("7")));
    let error = pages(Some(&cursor), "g").unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(error.message.contains("another query"), "{}", error.message);
}

#[test]
fn a_cursor_that_is_not_whole_is_refused() {
    let cursor = pages(None, "f").unwrap().cursor(&Position { cursor: None, given: 3, mark: 9 });
    for cut in 4..cursor.len() - 1 {
        let result = pages(Some(&cursor[..cut]), "f");
        assert!(result.is_err(), "{}", &cursor[..cut]);
    }
    for garbage in ["vh1.", "vh1.x", "vh1.0123456789abcdef.0.0000000000000000.", "vh1.g123456789abcdef.1.0.7"] {
        assert!(pages(Some(garbage), "f").unwrap_err().message.contains("`cursor`"), "{garbage}");
    }
}

#[test]
fn a_cursor_of_virustotals_own_is_taken_as_it_is() {
    for cursor in CURSORS {
        assert_eq!(pages(Some(cursor), "f").unwrap().start, Position::at(String::from(cursor)));
    }
}

#[test]
fn an_empty_cursor_is_none() {
    assert_eq!(pages(Some(""), "f").unwrap().start, Position::default());
}

#[test]
fn a_page_is_as_large_as_what_is_wanted_and_what_was_given_of_it() {
    let pages = pages(None, "f").unwrap();
    let at = |given| Position { cursor: None, given, mark: 1 };
    assert_eq!(pages.size(&at(0), None), None);
    assert_eq!(pages.size(&at(3), None), Some(40));
    assert_eq!(pages.size(&at(0), Some(7)), Some(7));
    assert_eq!(pages.size(&at(3), Some(7)), Some(10));
    assert_eq!(pages.size(&at(39), Some(7)), Some(40));
    assert_eq!(pages.size(&at(0), Some(u32::MAX)), Some(40));
}

#[test]
fn what_was_given_is_found_again_by_the_last_object() {
    let objects = |ids: &[&'static str]| -> Vec<Object<'_>> {
        let named = |id: &&str| {
            let mut object = Object::default();
            object.id = String::from(*id);
            object
        };
        ids.iter().map(named).collect()
    };
    let mark = objects(&["b"])[0].mark();
    let behind_b = Position { cursor: None, given: 2, mark };
    assert_eq!(behind_b.given_of(&objects(&["a", "b", "c"])), 2);
    // Others deleted something before it, or put something there.
    assert_eq!(behind_b.given_of(&objects(&["b", "c"])), 1);
    assert_eq!(behind_b.given_of(&objects(&["x", "y", "b", "c"])), 3);
    // It is gone itself: nothing is left out.
    assert_eq!(behind_b.given_of(&objects(&["a", "c"])), 0);
    assert_eq!(Position::default().given_of(&objects(&["a"])), 0);
}

#[test]
fn a_guard_knows_every_cursor_it_saw() {
    let mut guard = Guard::new(Some("a"));
    assert!(guard.is_repeated("a"));
    assert!(!guard.is_repeated("b"));
    assert!(guard.is_repeated("b"));
}

#[test]
fn ten_empty_pages_in_a_row_pass_and_one_more_does_not() {
    let mut guard = Guard::new(None);
    assert!((0..10).all(|_| !guard.is_empty_again(true)));
    assert!(!guard.is_empty_again(false));
    assert!((0..10).all(|_| !guard.is_empty_again(true)));
    assert!(guard.is_empty_again(true));
}
