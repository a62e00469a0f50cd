//! Whether a create arrived: what is like it, and when the answer is not certain.

use super::{is_same_text, reconcile};
use crate::api::answer::{Cause, Failure, Phase, Response};
use crate::contract::Failed;
use crate::contract::livehunt::NewRuleset;
use crate::contract::retrohunt::{Corpus, NewRetrohuntJob, RetrohuntJob, TimeRange};
use crate::livehunt::reconcile_ruleset;
use crate::retrohunt::reconcile_job;
use crate::stage::{Sent, Stage};

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
    // There are more than are looked at, and all of them are new.
    let stage = Stage::with_key().served_by(endless(|_| job("x", "other", 100)));
    assert_eq!(reconcile(&stage, reconcile_job(new_job(), 50)).unwrap_err().code, "Undecided");
    assert_eq!(stage.sent.borrow().len(), 50);
}

const RULES: &str = "rule r { condition: true }";

fn job(id: &str, rules: &str, created: u64) -> String {
    format!("{{\"id\":\"{id}\",\"attributes\":{{\"rules\":\"{rules}\",\"creation_date\":{created}}}}}")
}

fn page(objects: &[String], cursor: Option<&str>) -> String {
    let cursor = cursor.map(|cursor| format!(",\"meta\":{{\"cursor\":\"{cursor}\"}}")).unwrap_or_default();
    format!("{{\"data\":[{}]{cursor}}}", objects.join(","))
}

/// A list without end, whose object at a place is made by this.
fn endless(object: impl Fn(usize) -> String + 'static) -> impl FnMut(&Sent) -> Result<Response, Failure> {
    let mut pages = 0;
    move |_| {
        let objects: Vec<String> = (pages * 40..pages * 40 + 40).map(&object).collect();
        pages += 1;
        let body = page(&objects, Some(&pages.to_string())).into_bytes();
        Ok(Response { status: 200, headers: Vec::new(), body })
    }
}

fn ids(found: Result<Vec<RetrohuntJob>, Failed>) -> Vec<String> {
    found.unwrap().into_iter().map(|job| job.id).collect()
}

#[test]
fn what_was_found_is_the_answer_whatever_follows() {
    let first =
        || Stage::with_key().answers(200, &[], &page(&[job("me", RULES, 100), job("x", "other", 99)], Some("c")));
    let head = || Some((200, Vec::new()));
    let empty = || page(&[], Some("c"));
    for (what, stage) in [
        ("a failed page", first().answers(503, &[], "")),
        ("a refused page", first().answers(429, &[], "{\"error\":{\"code\":\"QuotaExceededError\"}}")),
        ("no answer", first().fails(Cause::Deadline(Phase::Answer), None)),
        ("a broken answer", first().fails(Cause::Incomplete { read: 9 }, head())),
        ("no JSON", first().answers(200, &[], "<html>")),
        ("too large a page", first().fails(Cause::TooLarge { most: 9 }, head())),
        ("the same cursor again", first().answers(200, &[], &page(&[job("x", "other", 98)], Some("c")))),
        (
            "an error in place of one",
            first().answers(200, &[], "{\"data\":[{\"id\":\"y\",\"error\":{\"code\":\"TransientError\"}}]}"),
        ),
        ("an empty page to itself", first().answers(200, &[], &empty())),
    ] {
        assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 50))), ["me"], "{what}");
        assert_eq!(stage.sent.borrow().len(), 2, "{what}");
    }
    let mut pages = 0;
    let stage = first().served_by(move |_| {
        pages += 1;
        let body = page(&[], Some(&format!("empty-{pages}"))).into_bytes();
        Ok(Response { status: 200, headers: Vec::new(), body })
    });
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 50))), ["me"], "empty pages");
}

#[test]
fn without_a_find_the_failure_of_a_later_page_is_the_answer() {
    let first = || Stage::with_key().answers(200, &[], &page(&[job("x", "other", 99)], Some("c")));
    for (stage, code) in [
        (first().answers(503, &[], ""), "Http503"),
        (first().fails(Cause::Incomplete { read: 9 }, None), "IncompleteResponse"),
        (first().answers(200, &[], &page(&[job("x", "other", 98)], Some("c"))), "RepeatedCursor"),
    ] {
        let error = reconcile(&stage, reconcile_job(new_job(), 50)).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains("ask once more"), "{}", error.message);
    }
}

#[test]
fn an_account_with_thousands_of_jobs_whose_first_is_the_one_costs_one_request() {
    let stage = Stage::with_key().served_by(endless(|place| match place {
        0 => job("me", RULES, 1_000_000),
        _ => job("x", "other", 999_000 - place as u64),
    }));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 999_999))), ["me"]);
    assert_eq!(stage.sent.borrow().len(), 1);
    // Without a bound, some more are looked at for others like it.
    let stage = Stage::with_key().served_by(endless(|place| match place {
        0 | 199 => job("me", RULES, 1_000_000),
        _ => job("x", "other", 1_000_000),
    }));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 0))), ["me", "me"]);
    assert!(stage.sent.borrow().len() <= 6, "{}", stage.sent.borrow().len());
}

#[test]
fn reading_ends_with_the_page_on_which_something_is_older() {
    // Sixty new ones, then older ones without end.
    let created = |place: usize| if place < 60 { 100 } else { 99 - (place as u64).min(99) };
    let stage = Stage::with_key().served_by(endless(move |place| job("x", "other", created(place))));
    assert!(ids(reconcile(&stage, reconcile_job(new_job(), 100))).is_empty());
    assert_eq!(stage.sent.borrow().len(), 2);
    // What is of the very second is not older, on whichever page it is.
    let stage = Stage::with_key()
        .served_by(endless(move |place| job("me", if place == 59 { RULES } else { "other" }, created(place))));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 100))), ["me"]);
    assert_eq!(stage.sent.borrow().len(), 2);
}

#[test]
fn clocks_that_differ_a_little_do_not_hide_what_is_further_down_the_page() {
    let objects = [job("x", "other", 199), job("me", RULES, 201), job("x", "other", 150)];
    let stage = Stage::with_key().answers(200, &[], &page(&objects, Some("c")));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 200))), ["me"]);
    assert_eq!(stage.sent.borrow().len(), 1);
}

#[test]
fn a_list_that_is_not_newest_first_is_read_to_its_end() {
    let first = [job("x", "other", 10), job("x", "other", 1_000)];
    let last = [job("x", "other", 2_000), job("me", RULES, 3_000)];
    let stage = Stage::with_key().answers(200, &[], &page(&first, Some("c"))).answers(200, &[], &page(&last, None));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 2_500))), ["me"]);
    assert_eq!(stage.sent.borrow().len(), 2);
}

#[test]
fn what_has_no_date_or_could_not_be_read_ends_nothing_and_leaves_it_open() {
    let unread = "{\"id\":\"y\",\"error\":{\"code\":\"TransientError\"}}".to_owned();
    let undated = format!("{{\"id\":\"me\",\"attributes\":{{\"rules\":\"{RULES}\"}}}}");
    // Neither is taken for older than what is sought: the next page is read.
    let first = [unread.clone(), job("x", "other", 120)];
    let next = [job("me", RULES, 110), job("x", "other", 40)];
    let stage =
        Stage::with_key().answers(200, &[], &page(&first, Some("c"))).answers(200, &[], &page(&next, Some("d")));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 50))), ["me"]);
    // All was seen, and of one it cannot be said.
    let stage = Stage::with_key().answers(200, &[], &page(&[unread, job("x", "other", 40)], Some("c")));
    assert_eq!(reconcile(&stage, reconcile_job(new_job(), 50)).unwrap_err().code, "Undecided");
    let stage = Stage::with_key().answers(200, &[], &page(&[undated, job("x", "other", 40)], Some("c")));
    assert_eq!(ids(reconcile(&stage, reconcile_job(new_job(), 50))), ["me"]);
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
