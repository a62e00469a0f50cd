//! What the generated glue makes of the contract's answers and of a tool's arguments.
#![forbid(unsafe_code)]

use virustotal_hunting_tools::Show;
use virustotal_hunting_tools::bindings as tool;
use virustotal_hunting_tools::bindings::virustotal::hunting::{livehunt, retrohunt, types};
use virustotal_hunting_tools::convert::{Given as _, Shown as _};

fn notification(snippet: &str) -> livehunt::Notification {
    livehunt::Notification {
        id: "1-2-3".into(),
        date: Some(1_760_000_000),
        file_sha256: None,
        match_in_subfile: Some(false),
        rule_name: Some("loader".into()),
        rule_tags: vec!["pe".into()],
        snippet: Some(snippet.into()),
        source_country: None,
        source_key: None,
        tags: Vec::new(),
        self_link: None,
        error: Some(types::ItemError { code: "NotFoundError".into(), message: "gone".into() }),
        json: "{\"id\": \"1-2-3\"}".into(),
    }
}

fn page(items: Vec<livehunt::Notification>) -> livehunt::NotificationPage {
    let page = types::PageInfo {
        cursor: Some("next".into()),
        count: Some(7),
        self_link: None,
        next_link: None,
        incomplete: None,
    };
    livehunt::NotificationPage { items, page }
}

#[test]
fn objects_of_a_page_come_without_json_unless_it_is_asked_for() {
    let shown = page(vec![notification("4d 5a")]).shown(&Show::default());
    assert_eq!(shown.items[0].json, None);
    assert_eq!(shown.items[0].snippet.as_deref(), Some("4d 5a"));
    assert_eq!(shown.items[0].rule_tags, ["pe"]);
    assert_eq!(shown.items[0].error.as_ref().map(|error| &*error.code), Some("NotFoundError"));
    assert_eq!((shown.page.cursor.as_deref(), shown.page.count), (Some("next"), Some(7)));

    let asked = page(vec![notification("4d 5a")]).shown(&Show { json: true, whole_rules: false });
    assert_eq!(asked.items[0].json.as_deref(), Some("{\"id\": \"1-2-3\"}"));
}

#[test]
fn a_long_snippet_of_a_page_is_cut_and_says_so() {
    let shown = page(vec![notification(&"4d 5a ".repeat(500))]).shown(&Show::default());
    let snippet = shown.items[0].snippet.as_deref().unwrap_or_default();
    assert!(snippet.len() < 1200 && snippet.contains("[cut: 1024 of 3000 bytes"), "{snippet}");
}

#[test]
fn a_failure_says_to_a_tools_caller_what_it_says_to_the_contracts() {
    let failed: Result<livehunt::NotificationPage, _> = Err(types::Error {
        kind: types::ErrorKind::RateLimited,
        code: "QuotaExceededError".into(),
        message: "Wait.".into(),
        status: Some(429),
        retry_after: Some(30),
        retryable: true,
    });
    let expected = tool::Error {
        kind: tool::ErrorKind::RateLimited,
        code: "QuotaExceededError".into(),
        message: "Wait.".into(),
        status: Some(429),
        retry_after: Some(30),
        retryable: true,
    };
    assert_eq!(failed.shown(&Show::default()), Err(expected));
}

#[test]
fn arguments_become_the_contracts_case_by_case_and_field_by_field() {
    assert_eq!(tool::Corpus::Goodware.given(), retrohunt::Corpus::Goodware);
    assert_eq!(Some(tool::Corpus::Main).given(), Some(retrohunt::Corpus::Main));
    let range = tool::TimeRange { start: Some(1), end: None };
    assert_eq!(range.given(), retrohunt::TimeRange { start: Some(1), end: None });
    let editor = tool::RulesetEditor { editor_type: tool::EditorType::Group, id: "blue".into() };
    let expected = livehunt::RulesetEditor { editor_type: livehunt::EditorType::Group, id: "blue".into() };
    assert_eq!(vec![editor].given(), [expected]);
}
