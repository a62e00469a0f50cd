use super::*;
use crate::contract::ErrorKind;
use crate::stage::first;

/// A request as one text: method, target, body.
fn sent<T>(action: Result<Action<T>, Failed>) -> String {
    let Request { method, path_and_query, body, .. } = action.unwrap().request;
    let body = body.map(|body| format!(" {}", String::from_utf8(body).unwrap())).unwrap_or_default();
    format!("{method:?} {path_and_query}{body}")
}

/// Asserts that an action is refused before anything is sent, with a message that has all these parts.
#[track_caller]
fn refused<T>(action: Result<T, Failed>, parts: &[&str]) {
    let error = action.err().expect("it should be refused");
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::InvalidArgument, None, false));
    for part in parts {
        assert!(error.message.contains(part), "{part} is not in: {}", error.message);
    }
}

fn text(value: &str) -> Option<String> {
    Some(String::from(value))
}

fn new_job() -> NewRetrohuntJob {
    NewRetrohuntJob { rules: String::from("rule r {}"), notification_email: None, corpus: None, time_range: None }
}

fn with_range(start: Option<u64>, end: Option<u64>) -> NewRetrohuntJob {
    NewRetrohuntJob { time_range: Some(TimeRange { start, end }), ..new_job() }
}

fn jobs_query() -> RetrohuntJobsQuery {
    RetrohuntJobsQuery { limit: None, filter: None, cursor: None }
}

#[test]
fn creating_a_job_posts_only_what_was_given() {
    let smallest = "Post /api/v3/intelligence/retrohunt_jobs \
        {\"data\":{\"type\":\"retrohunt_job\",\"attributes\":{\"rules\":\"rule r {}\"}}}";
    assert_eq!(sent(create_job(new_job())), smallest);
    assert_eq!(sent(create_job(NewRetrohuntJob { notification_email: text(""), ..new_job() })), smallest);
    assert_eq!(sent(create_job(with_range(None, None))), smallest);
}

#[test]
fn creating_a_job_posts_the_documented_body() {
    let job = NewRetrohuntJob {
        rules: String::from("rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }"),
        notification_email: text("jjzmqcwywlnli@fjaf.com"),
        corpus: Some(Corpus::Main),
        time_range: Some(TimeRange { start: Some(1_545_145_761), end: Some(1_547_737_720) }),
    };
    let body = create_job(job).unwrap().request.body.unwrap();
    let documented = include_str!("../../tests/fixtures/retrohunt_job_create_request-1.json");
    let value = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap();
    assert_eq!(value(&body), value(documented.as_bytes()));
}

#[test]
fn every_corpus_has_the_name_virustotal_gives_it() {
    for (corpus, name) in [(Corpus::Main, "main"), (Corpus::Goodware, "goodware")] {
        let job = NewRetrohuntJob { corpus: Some(corpus), ..new_job() };
        assert!(sent(create_job(job)).ends_with(&format!(",\"corpus\":\"{name}\"}}}}}}")));
    }
}

#[test]
fn an_open_time_range_posts_the_one_bound_it_has() {
    assert!(sent(create_job(with_range(Some(0), None))).ends_with(",\"time_range\":{\"start\":0}}}}"));
    assert!(sent(create_job(with_range(None, Some(9)))).ends_with(",\"time_range\":{\"end\":9}}}}"));
    assert!(sent(create_job(with_range(Some(9), Some(9)))).ends_with(",\"time_range\":{\"start\":9,\"end\":9}}}}"));
}

#[test]
fn getting_a_job_is_a_get_of_that_one() {
    assert_eq!(
        sent(get_job(String::from("kbubvaml_naax-7317864545"))),
        "Get /api/v3/intelligence/retrohunt_jobs/kbubvaml_naax-7317864545"
    );
}

#[test]
fn listing_jobs_is_a_get_with_what_was_asked() {
    assert_eq!(first(get_jobs(jobs_query())), "Get /api/v3/intelligence/retrohunt_jobs");
    let query = RetrohuntJobsQuery { limit: Some(5), filter: text("status:running"), cursor: text("a=") };
    assert_eq!(
        first(get_jobs(query)),
        "Get /api/v3/intelligence/retrohunt_jobs?limit=5&filter=status%3Arunning&cursor=a%3D"
    );
}

#[test]
fn aborting_a_job_is_a_post_without_a_body() {
    assert_eq!(sent(abort_job(String::from("me-1"))), "Post /api/v3/intelligence/retrohunt_jobs/me-1/abort");
}

#[test]
fn getting_matches_is_a_get_below_the_job() {
    let query = MatchesQuery { limit: None, cursor: None };
    assert_eq!(
        first(get_matches(String::from("me-1"), query)),
        "Get /api/v3/intelligence/retrohunt_jobs/me-1/matching_files"
    );
    let query = MatchesQuery { limit: Some(40), cursor: text("JML3Nz3=") };
    assert_eq!(
        first(get_matches(String::from("a/../b"), query)),
        "Get /api/v3/intelligence/retrohunt_jobs/a%2F..%2Fb/matching_files?limit=40&cursor=JML3Nz3%3D"
    );
}

#[test]
fn a_time_range_that_ends_before_it_starts_is_refused() {
    refused(create_job(with_range(Some(9), Some(8))), &["`time-range.start` (9)", "`time-range.end` (8)"]);
}

#[test]
fn a_job_without_rules_is_refused_since_it_would_cost_a_unit_of_the_quota() {
    for rules in ["", " \n"] {
        refused(
            create_job(NewRetrohuntJob { rules: String::from(rules), ..new_job() }),
            &["`rules`", "empty", "bytes"],
        );
    }
}

#[test]
fn rules_beyond_one_megabyte_are_refused() {
    let job = NewRetrohuntJob { rules: "r".repeat((1 << 20) + 1), ..new_job() };
    refused(create_job(job), &["`rules`", "1048577", "1048576"]);
}

#[test]
fn an_id_that_names_no_job_is_refused_by_every_action() {
    let query = || MatchesQuery { limit: None, cursor: None };
    for (id, length) in [("", "0 bytes"), (" ", "1 bytes"), (".", "1 bytes"), ("..", "2 bytes")] {
        let parts = ["`id`", length];
        refused(get_job(String::from(id)), &parts);
        refused(abort_job(String::from(id)), &parts);
        refused(get_matches(String::from(id), query()), &parts);
    }
    refused(get_job("i".repeat(1025)), &["`id`", "1025", "1024"]);
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let parts = ["`limit`", "0", "at least 1"];
    refused(get_jobs(RetrohuntJobsQuery { limit: Some(0), ..jobs_query() }), &parts);
    refused(get_matches(String::from("me-1"), MatchesQuery { limit: Some(0), cursor: None }), &parts);
}

#[test]
fn a_filter_or_cursor_that_is_too_long_is_refused() {
    let long = || Some("x".repeat(8193));
    refused(get_jobs(RetrohuntJobsQuery { filter: long(), ..jobs_query() }), &["`filter`", "8193", "8192"]);
    let cursor = || Some("x".repeat(8257));
    let parts = ["`cursor`", "8257", "8256"];
    refused(get_jobs(RetrohuntJobsQuery { cursor: cursor(), ..jobs_query() }), &parts);
    refused(get_matches(String::from("me-1"), MatchesQuery { limit: None, cursor: cursor() }), &parts);
}
