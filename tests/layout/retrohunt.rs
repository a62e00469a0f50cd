//! Jobs, how they stand, and what they matched.

use vt_hunting_host::retrohunt::{JobCheck, MatchFile, MatchesQuery, RetrohuntJob, RetrohuntJobsQuery, TimeRange};
use vt_hunting_host::types::ItemError;

use super::{assert_page, page_of, plays, some, stage};
use crate::support::answered;
use crate::support::world::new_job;

const JOB: &str = r#"{"id":"j-id","type":"retrohunt_job","links":{"self":"j-self"},"attributes":{"status":"j-status",
    "rules":"j-rules","corpus":"main","creation_date":4294967311,"start_date":4294967312,"finish_date":4294967313,
    "progress":12.5,"eta_seconds":123,"scanned_bytes":9007199254740993,"num_matches":10001,
    "num_matches_outside_time_range":4294967316,"notification_email":"j-mail",
    "time_range":{"start":4294967317,"end":4294967318}},
    "error":{"code":"j-code","message":"j-message"}}"#;

fn job() -> RetrohuntJob {
    RetrohuntJob {
        id: "j-id".to_owned(),
        status: some("j-status"),
        rules: some("j-rules"),
        corpus: some("main"),
        creation_date: Some(4_294_967_311),
        start_date: Some(4_294_967_312),
        finish_date: Some(4_294_967_313),
        progress: Some(12.5),
        eta_seconds: Some(123),
        scanned_bytes: Some(9_007_199_254_740_993),
        num_matches: Some(10_001),
        num_matches_outside_time_range: Some(4_294_967_316),
        notification_email: some("j-mail"),
        time_range: Some(TimeRange { start: Some(4_294_967_317), end: Some(4_294_967_318) }),
        self_link: some("j-self"),
        error: Some(ItemError { code: "j-code".to_owned(), message: "j-message".to_owned() }),
        json: JOB.to_owned(),
    }
}

fn bare_job(json: &str) -> RetrohuntJob {
    RetrohuntJob {
        id: "b".to_owned(),
        status: None,
        rules: None,
        corpus: None,
        creation_date: None,
        start_date: None,
        finish_date: None,
        progress: None,
        eta_seconds: None,
        scanned_bytes: None,
        num_matches: None,
        num_matches_outside_time_range: None,
        notification_email: None,
        time_range: None,
        self_link: None,
        error: None,
        json: json.to_owned(),
    }
}

#[tokio::test]
async fn a_job_is_the_same_wherever_it_comes_from() {
    let (server, mut instance) = stage().await;
    let bare = r#"{"id":"b"}"#;
    for _ in 0..2 {
        plays(&server, &page_of(JOB));
        let page = answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        assert_eq!(page.items, [job()]);
        assert_page(&page.page);
        plays(&server, &format!("{{\"data\":{JOB}}}"));
        assert_eq!(answered(instance.get_retrohunt_job("1")).await, job());
        assert_eq!(answered(instance.create_retrohunt_job(&new_job())).await, job());
        let check = answered(instance.check_retrohunt_job("1")).await;
        assert_eq!(check, JobCheck { job: job(), next_check_in_seconds: 123, done: false, truncated: true });
        plays(&server, &format!("{{\"data\":[{JOB}]}}"));
        let mut sought = new_job();
        sought.rules = "j-rules".to_owned();
        sought.time_range = Some(TimeRange { start: Some(4_294_967_317), end: Some(4_294_967_318) });
        assert_eq!(answered(instance.reconcile_retrohunt_job(&sought, 1)).await, [job()]);
        plays(&server, &format!("{{\"data\":{bare}}}"));
        assert_eq!(answered(instance.get_retrohunt_job("1")).await, bare_job(bare));
        let check = answered(instance.check_retrohunt_job("1")).await;
        let expected = JobCheck { job: bare_job(bare), next_check_in_seconds: 30, done: false, truncated: false };
        assert_eq!(check, expected);
    }
}

#[tokio::test]
async fn half_a_time_range_is_half_a_time_range() {
    let (server, mut instance) = stage().await;
    for (text, range) in [
        (r#"{"start":7}"#, Some(TimeRange { start: Some(7), end: None })),
        (r#"{"end":8}"#, Some(TimeRange { start: None, end: Some(8) })),
        ("{}", None),
        ("[7,8]", None),
    ] {
        plays(&server, &format!(r#"{{"data":{{"id":"b","attributes":{{"time_range":{text}}}}}}}"#));
        assert_eq!(answered(instance.get_retrohunt_job("1")).await.time_range, range, "{text}");
    }
}

const MATCH: &str = r#"{"id":"m-id","type":"file","links":{"self":"m-self"},"context_attributes":{"rule_name":"m-rule",
    "match_in_subfile":true},"error":{"code":"m-code","message":"m-message"}}"#;

#[tokio::test]
async fn a_match_has_its_fields_in_their_places() {
    let (server, mut instance) = stage().await;
    plays(&server, &page_of(&format!("{MATCH},{{\"id\":\"b\"}}")));
    let page = answered(instance.get_retrohunt_job_matches("1", &MatchesQuery::default())).await;
    let whole = MatchFile {
        id: "m-id".to_owned(),
        rule_name: some("m-rule"),
        match_in_subfile: Some(true),
        self_link: some("m-self"),
        error: Some(ItemError { code: "m-code".to_owned(), message: "m-message".to_owned() }),
        json: MATCH.to_owned(),
    };
    let bare = MatchFile {
        id: "b".to_owned(),
        rule_name: None,
        match_in_subfile: None,
        self_link: None,
        error: None,
        json: r#"{"id":"b"}"#.to_owned(),
    };
    assert_eq!(page.items, [whole, bare]);
    assert_page(&page.page);
}
