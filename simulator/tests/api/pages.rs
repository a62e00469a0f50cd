//! Cursors and pages as other services have them, each only when asked for.

use std::collections::HashSet;

use serde_json::json;
use virustotal_hunting_simulator::{Cursors, EXAMPLE_RULES, Options};

use crate::client::{Answer, Api, stream_ids};

const PATH: &str = "/ioc_stream?limit=10&descriptors_only=true&order=date%2B";

fn lengths(pages: &[Answer]) -> Vec<usize> {
    pages.iter().map(|page| page.items().len()).collect()
}

/// An API whose stream holds so many entries.
async fn holding(history: usize, options: Options) -> Api {
    Api::with(Options { history, ..options }).await
}

#[tokio::test]
async fn an_offset_cursor_skips_what_moves_up_and_repeats_what_moves_down() {
    let api = holding(0, Options { cursors: Cursors::Offset, ..Options::default() }).await;
    let made = api.simulator.add_stream_notifications(30);
    assert_eq!(stream_ids(&api.walk(PATH).await), made, "nothing moves, nothing is missed");

    let first = api.get(PATH).await;
    assert!(api.simulator.delete_stream_notification(&made[2]));
    assert_eq!(stream_ids(&[api.after(PATH, &first).await])[0], made[11], "the eleventh is never served");

    let newest_first = "/ioc_stream?limit=10&descriptors_only=true";
    let first = api.get(newest_first).await;
    api.simulator.add_stream_notifications(1);
    let second = api.after(newest_first, &first).await;
    assert_eq!(stream_ids(&[second])[0], stream_ids(&[first])[9], "the tenth comes twice");
}

#[tokio::test]
async fn an_offset_beyond_the_end_is_the_end() {
    let api = holding(0, Options { cursors: Cursors::Offset, ..Options::default() }).await;
    let made = api.simulator.add_stream_notifications(12);
    let first = api.get(PATH).await;
    made.iter().take(8).for_each(|id| assert!(api.simulator.delete_stream_notification(id)));
    let second = api.after(PATH, &first).await;
    assert_eq!((second.status, second.items().len(), second.cursor()), (200, 0, None));
}

#[tokio::test]
async fn empty_pages_come_as_many_in_a_row_as_asked_for() {
    let api = holding(25, Options { empty_pages: true, empty_pages_in_a_row: 3, ..Options::default() }).await;
    let pages = api.walk(PATH).await;
    assert_eq!(lengths(&pages), [10, 0, 0, 0, 10, 0, 0, 0, 5]);
    let cursors: HashSet<_> = pages.iter().filter_map(Answer::cursor).collect();
    assert_eq!(cursors.len(), 8, "no cursor repeats");
}

#[tokio::test]
async fn a_page_can_be_of_a_size_of_its_own() {
    for (size, expected) in [(7, vec![7, 7, 7, 4]), (100, vec![25])] {
        let api = holding(25, Options { ignores_limit: Some(size), ..Options::default() }).await;
        assert_eq!(lengths(&api.walk(PATH).await), expected);
        assert_eq!(api.get("/ioc_stream?limit=41").await.status, 400, "what is not valid is still refused");
    }
    let api = holding(3, Options { ignores_limit: Some(0), ..Options::default() }).await;
    assert_eq!(lengths(&api.walk(PATH).await), [1, 1, 1, 0], "a page of none would never end");
}

#[tokio::test]
async fn a_trailing_cursor_has_nothing_behind_it() {
    for (entries, expected) in [(25, vec![10, 10, 5, 0]), (20, vec![10, 10, 0]), (4, vec![4, 0]), (0, vec![0, 0])] {
        let api = holding(entries, Options { trailing_cursor: true, ..Options::default() }).await;
        assert_eq!(lengths(&api.walk(PATH).await), expected);
    }
}

#[tokio::test]
async fn a_repeated_cursor_never_ends() {
    for cursors in [Cursors::AfterEntry, Cursors::Offset] {
        for (entries, served) in [(25, vec![10, 10, 5]), (20, vec![10, 10]), (0, vec![0])] {
            let api = holding(entries, Options { repeats_cursor: true, cursors, ..Options::default() }).await;
            let mut page = api.get(PATH).await;
            for expected in &served[1..] {
                page = api.after(PATH, &page).await;
                assert_eq!(page.items().len(), *expected);
            }
            let last = page.cursor().expect("the last page has a cursor");
            for _ in 0..4 {
                page = api.after(PATH, &page).await;
                assert_eq!((page.items().len(), page.cursor()), (0, Some(last.clone())));
                assert!(page.json()["links"]["next"].is_string());
            }
            let new = api.simulator.add_stream_notifications(2);
            page = api.after(PATH, &page).await;
            assert_eq!(stream_ids(&[page]), new, "what is new comes to stand behind it");
        }
    }
}

#[tokio::test]
async fn empty_pages_come_before_a_cursor_that_repeats() {
    let options = Options { repeats_cursor: true, empty_pages: true, empty_pages_in_a_row: 2, ..Options::default() };
    let api = holding(4, options).await;
    let mut cursors = Vec::new();
    let mut page = api.get(PATH).await;
    for _ in 0..6 {
        cursors.push(page.cursor().expect("always one"));
        page = api.after(PATH, &page).await;
        assert!(page.items().is_empty());
    }
    assert_eq!(cursors.iter().collect::<HashSet<_>>().len(), 3);
    assert_eq!(cursors[2..], vec![cursors[2].clone(); 4]);
}

#[tokio::test]
async fn every_collection_has_the_pages_that_were_asked_for() {
    let options = Options {
        cursors: Cursors::Offset,
        empty_pages: true,
        empty_pages_in_a_row: 2,
        ignores_limit: Some(3),
        trailing_cursor: true,
        concurrent_retrohunt_jobs: 4,
        ..Options::default()
    };
    let api = holding(4, options).await;
    let mut id = String::new();
    for name in ["a", "b", "c", "d"] {
        id = api.ruleset(name, EXAMPLE_RULES, json!({"enabled": name == "d"})).await;
        api.job(json!({"rules": EXAMPLE_RULES})).await;
    }
    api.simulator.add_hunting_notifications(4);
    let job = api.get("/intelligence/retrohunt_jobs").await.items()[0]["id"].as_str().expect("an id").to_owned();
    // Of 80 matches 4, of 120 seconds 7: the job has found as many as the other collections hold.
    api.simulator.advance_clock(5 + 7);
    for path in [
        "/ioc_stream?limit=40&filter=origin%3Ahunting%20notification_tag%3Ad".to_owned(),
        "/intelligence/hunting_rulesets?limit=40".to_owned(),
        "/intelligence/hunting_notifications?limit=40".to_owned(),
        "/intelligence/hunting_notification_files?limit=40".to_owned(),
        format!("/intelligence/hunting_rulesets/{id}/hunting_notification_files?limit=40"),
        format!("/intelligence/hunting_rulesets/{id}/relationships/hunting_notification_files?limit=40"),
        "/intelligence/retrohunt_jobs?limit=40".to_owned(),
        format!("/intelligence/retrohunt_jobs/{job}/matching_files?limit=40"),
        "/yara_rules?limit=40&filter=author%3Aada".to_owned(),
    ] {
        assert_eq!(lengths(&api.walk(&path).await), [3, 0, 0, 1, 0, 0, 0], "{path}");
    }
}

#[tokio::test]
async fn unless_asked_for_pages_are_as_virustotals() {
    let api = holding(25, Options::default()).await;
    let pages = api.walk(PATH).await;
    assert_eq!(lengths(&pages), [10, 10, 5]);
    assert_eq!(pages[2].cursor(), None);
}
