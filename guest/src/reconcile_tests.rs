//! Whether a create arrived: what is like it, and when the answer is not certain.

use super::{is_same_text, reconcile};
use crate::contract::livehunt::NewRuleset;
use crate::contract::retrohunt::{Corpus, NewRetrohuntJob, TimeRange};
use crate::livehunt::reconcile_ruleset;
use crate::retrohunt::reconcile_job;
use crate::stage::Stage;

fn new_job() -> NewRetrohuntJob {
    NewRetrohuntJob {
        rules: String::from("rule r { condition: true }"),
        notification_email: None,
        corpus: Some(Corpus::Main),
        time_range: None,
    }
}

/// A job of these attributes beside rules and creation date.
fn found(new: NewRetrohuntJob, attributes: &str) -> usize {
    let body = format!(
        "{{\"data\":[{{\"type\":\"retrohunt_job\",\"id\":\"me-1\",\"attributes\":{{\
         \"rules\":\"rule r {{ condition: true }}\",\"creation_date\":100{attributes}}}}}]}}"
    );
    let stage = Stage::with_key().answers(200, &[], &body);
    reconcile(&stage, reconcile_job(new, 50)).unwrap().len()
}

#[test]
fn a_job_is_like_another_by_rules_corpus_and_time_range() {
    assert_eq!(found(new_job(), ",\"corpus\":\"main\""), 1);
    assert_eq!(found(NewRetrohuntJob { corpus: None, ..new_job() }, ",\"corpus\":\"main\""), 1);
    // The same rules on goodware first, as one does.
    assert_eq!(found(new_job(), ",\"corpus\":\"goodware\""), 0);
    let range = ",\"time_range\":{\"start\":5}";
    let ranged = |start| NewRetrohuntJob { time_range: Some(TimeRange { start: Some(start), end: None }), ..new_job() };
    assert_eq!((found(ranged(5), range), found(ranged(6), range)), (1, 0));
    // What was not asked for may have been filled in.
    assert_eq!(found(new_job(), range), 1);
    assert_eq!(found(ranged(5), ",\"time_range\":{\"start\":5,\"end\":9}"), 1);
    // What is not said is no difference.
    assert_eq!((found(new_job(), ""), found(ranged(5), "")), (1, 1));
}

#[test]
fn what_is_older_or_has_other_rules_is_another_job() {
    let stage = |body: &str| Stage::with_key().answers(200, &[], body);
    let of = |attributes: &str| {
        let body = format!("{{\"data\":[{{\"id\":\"1\",\"attributes\":{{{attributes}}}}}]}}");
        reconcile(&stage(&body), reconcile_job(new_job(), 50)).unwrap().len()
    };
    let rules = "\"rules\":\"rule r { condition: true }\"";
    assert_eq!(of(&format!("{rules},\"creation_date\":49")), 0);
    assert_eq!(of(&format!("{rules},\"creation_date\":50")), 1);
    assert_eq!(of(rules), 1);
    assert_eq!(of("\"rules\":\"rule s { condition: true }\",\"creation_date\":100"), 0);
}

#[test]
fn an_answer_that_is_not_certain_is_an_error() {
    // There is another page, and it fails.
    let page = "{\"data\":[],\"meta\":{\"cursor\":\"c\"}}";
    let stage = Stage::with_key().answers(200, &[], page).answers(500, &[], "");
    assert_eq!(reconcile(&stage, reconcile_job(new_job(), 0)).unwrap_err().status, Some(500));
    // Nothing is like it, and of one it cannot be said.
    for unknown in ["\"error\":{\"code\":\"TransientError\"}", "\"attributes\":{\"creation_date\":100}"] {
        let page = format!("{{\"data\":[{{\"id\":\"me-1\",{unknown}}}]}}");
        let stage = Stage::with_key().answers(200, &[], &page);
        assert_eq!(reconcile(&stage, reconcile_job(new_job(), 50)).unwrap_err().code, "Undecided");
        // Unless it is older.
        let stage = Stage::with_key().answers(200, &[], &page.replace("100", "40"));
        assert_eq!(reconcile(&stage, reconcile_job(new_job(), 50)).is_ok(), unknown.contains("100"));
    }
    // There are more than are looked at.
    let mut pages = 0;
    let stage = Stage::with_key().served_by(move |_| {
        pages += 1;
        let objects = vec!["{\"id\":\"x\"}"; 40].join(",");
        let body = format!("{{\"data\":[{objects}],\"meta\":{{\"cursor\":\"{pages}\"}}}}");
        Ok(crate::api::answer::Response { status: 200, headers: Vec::new(), body: body.into_bytes() })
    });
    assert_eq!(reconcile(&stage, reconcile_job(new_job(), 0)).unwrap_err().code, "Undecided");
    assert_eq!(stage.sent.borrow().len(), 50);
}

#[test]
fn a_ruleset_is_like_another_by_name_and_rules() {
    let sought = || NewRuleset {
        name: String::from("n"),
        rules: String::from("rule r {}\n"),
        enabled: None,
        limit: None,
        notification_emails: Vec::new(),
        match_object_type: None,
    };
    let body = "{\"data\":[\
        {\"id\":\"1\",\"attributes\":{\"name\":\"n\",\"rules\":\"rule r {}\",\"creation_date\":9}},\
        {\"id\":\"2\",\"attributes\":{\"name\":\"m\",\"rules\":\"rule r {}\",\"creation_date\":9}},\
        {\"id\":\"3\",\"attributes\":{\"name\":\"n\",\"rules\":\"rule s {}\",\"creation_date\":9}}]}";
    let stage = Stage::with_key().answers(200, &[], body);
    let found = reconcile(&stage, reconcile_ruleset(sought(), 0)).unwrap();
    assert_eq!(found.iter().map(|ruleset| ruleset.id.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!(stage.targets(), ["/api/v3/intelligence/hunting_rulesets?limit=40&order=creation_date-"]);
}

#[test]
fn line_ends_and_white_space_around_make_no_other_text() {
    assert_eq!(is_same_text(Some("a\r\nb\n"), "\na\nb"), Some(true));
    assert_eq!(is_same_text(Some("a \nb"), "a\nb"), Some(true));
    assert_eq!(is_same_text(Some("a\n b"), "a\nb"), Some(false));
    assert_eq!(is_same_text(Some("a"), "a\nb"), Some(false));
    assert_eq!(is_same_text(None, ""), None);
}

#[test]
fn a_moment_in_milliseconds_is_refused_since_nothing_would_ever_be_found() {
    let error = reconcile(&Stage::with_key(), reconcile_job(new_job(), 1_700_000_000_000)).unwrap_err();
    assert!(error.message.contains("`created-since`") && error.message.contains("milliseconds"), "{}", error.message);
}
