//! Each action reads every fixture of its endpoint, served verbatim: the typed fields are what stands there, and `json`
//! is the object byte for byte.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{
    MatchObjectType, NewRuleset, NotificationFilesQuery, NotificationsQuery, RulesetsQuery,
};
use vt_hunting_host::retrohunt::{Corpus, MatchesQuery, NewRetrohuntJob, RetrohuntJobsQuery, TimeRange};
use vt_hunting_host::types::ErrorKind;

use crate::support::raw_server::{RawServer, answer, response};
use crate::support::world::{connector, new_job, new_ruleset, settings};
use crate::support::{answered, fixture, refused};

/// What the tests of this file serve or compare with.
const USED: [&str; 24] = [
    "error-400-limit.json",
    "error-401.json",
    "error-404.json",
    "error-429-edge.html",
    "error-429-quota.json",
    "hunting_notification_files-1.json",
    "hunting_notifications-1.json",
    "hunting_ruleset-1.json",
    "hunting_ruleset_create_request-1.json",
    "hunting_ruleset_create_response-1.json",
    "hunting_rulesets-1.json",
    "ioc_stream-1.json",
    "ioc_stream-13.json",
    "ioc_stream-4.json",
    "ioc_stream-7.json",
    "ioc_stream-9.json",
    "ioc_stream_notification-1.json",
    "retrohunt_job-1.json",
    "retrohunt_job-3.json",
    "retrohunt_job_create_request-1.json",
    "retrohunt_jobs-1.json",
    "retrohunt_matching_files-1.json",
    "retrohunt_matching_files-3.json",
    "hunting_notification-1.json",
];

/// What `more_fixtures.rs` serves or compares with.
const USED_BY_OTHERS: [&str; 7] = [
    "hunting_ruleset_editor_check-1.json",
    "hunting_ruleset_editors-1.json",
    "hunting_ruleset_owner-1.json",
    "hunting_ruleset_patch_request-1.json",
    "hunting_rulesets_relationships-1.json",
    "operation-1.json",
    "user_overall_quotas-1.json",
];

#[test]
fn every_fixture_is_served_or_compared_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    let known: BTreeSet<String> = USED.into_iter().chain(USED_BY_OTHERS).map(str::to_owned).collect();
    assert_eq!(there, known);
}

pub(crate) async fn serving(name: &str) -> RawServer {
    let status = match name {
        _ if name.starts_with("error-") => name[6..9].parse().expect("a status"),
        _ => 200,
    };
    RawServer::start(answer(response(status, &[("content-type", "application/json")], fixture(name)))).await
}

/// The objects of a fixture's `data`.
pub(crate) fn data(name: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(&fixture(name)).expect("JSON");
    match &body["data"] {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

/// `json` is a verbatim part of the fixture, and the very object.
pub(crate) fn assert_verbatim(name: &str, object: &Value, json: &str) {
    assert!(fixture(name).contains(json), "{name}: not verbatim: {json}");
    assert_eq!(serde_json::from_str::<Value>(json).expect("JSON"), *object, "{name}");
}

pub(crate) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

#[tokio::test]
async fn get_livehunt_rulesets_reads_its_fixture() {
    let name = "hunting_rulesets-1.json";
    let server = serving(name).await;
    let page = answered(connector(settings(server.url())).get_livehunt_rulesets(&RulesetsQuery::default())).await;
    let objects = data(name);
    assert_eq!((page.items.len(), page.page.count), (objects.len(), Some(1)));
    for (ruleset, object) in page.items.iter().zip(&objects) {
        let attributes = &object["attributes"];
        assert_verbatim(name, object, &ruleset.json);
        assert_eq!(ruleset.id, object["id"]);
        assert_eq!(ruleset.name, text(&attributes["name"]));
        assert_eq!(ruleset.rules, text(&attributes["rules"]));
        assert_eq!(ruleset.enabled, attributes["enabled"].as_bool());
        assert_eq!(ruleset.creation_date, attributes["creation_date"].as_u64());
        assert_eq!(ruleset.modification_date, attributes["modification_date"].as_u64());
        assert_eq!(ruleset.rule_names, texts(&attributes["rule_names"]));
        assert_eq!(ruleset.self_link, text(&object["links"]["self"]));
        assert_eq!(ruleset.match_object_type, None);
    }
}

#[tokio::test]
async fn create_livehunt_ruleset_reads_the_documented_and_the_real_envelope() {
    for name in ["hunting_ruleset_create_response-1.json", "hunting_ruleset-1.json"] {
        let server = serving(name).await;
        let ruleset = answered(connector(settings(server.url())).create_livehunt_ruleset(&new_ruleset("any"))).await;
        let body: Value = serde_json::from_str(&fixture(name)).expect("JSON");
        let attributes = &body["data"]["attributes"];
        let outside = if body.get("id").is_some() { &body } else { &body["data"] };
        assert_verbatim(name, outside, &ruleset.json);
        assert_eq!(ruleset.id, outside["id"]);
        assert_eq!(ruleset.self_link, text(&outside["links"]["self"]));
        assert_eq!(ruleset.name, text(&attributes["name"]));
        assert_eq!((ruleset.enabled, ruleset.limit), (attributes["enabled"].as_bool(), Some(100)));
        assert_eq!(ruleset.match_object_type, text(&attributes["match_object_type"]));
    }
}

#[tokio::test]
async fn create_livehunt_ruleset_sends_what_the_request_fixture_holds() {
    let server = serving("hunting_ruleset-1.json").await;
    let new = NewRuleset {
        name: "diqpgv".to_owned(),
        rules: "rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }".to_owned(),
        enabled: Some(true),
        limit: Some(100),
        notification_emails: vec!["izfbhb@fjaf.com".to_owned(), "khcvuru@fjaf.com".to_owned()],
        match_object_type: Some(MatchObjectType::File),
    };
    answered(connector(settings(server.url())).create_livehunt_ruleset(&new)).await;
    assert_body_is(&server, "hunting_ruleset_create_request-1.json");
}

#[tokio::test]
async fn create_retrohunt_job_sends_what_the_request_fixture_holds() {
    let server = serving("retrohunt_job-1.json").await;
    let new = NewRetrohuntJob {
        rules: "rule diqpgv { strings: $ = \"diqpgv\" condition: pve yf knso }".to_owned(),
        notification_email: Some("jjzmqcwywlnli@fjaf.com".to_owned()),
        corpus: Some(Corpus::Main),
        time_range: Some(TimeRange { start: Some(1_545_145_761), end: Some(1_547_737_720) }),
    };
    answered(connector(settings(server.url())).create_retrohunt_job(&new)).await;
    assert_body_is(&server, "retrohunt_job_create_request-1.json");
}

pub(crate) fn assert_body_is(server: &RawServer, name: &str) {
    let request = server.requests().remove(0);
    let body = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let sent: Value = serde_json::from_slice(&request[body..]).expect("JSON");
    assert_eq!(sent, serde_json::from_str::<Value>(&fixture(name)).expect("JSON"));
}

#[tokio::test]
async fn get_livehunt_notifications_reads_its_fixture() {
    // The second is one object where a list is due: it is read all the same.
    for name in ["hunting_notifications-1.json", "hunting_notification-1.json"] {
        let server = serving(name).await;
        let tenant = connector(settings(server.url()));
        let page = answered(tenant.get_livehunt_notifications(&NotificationsQuery::default())).await;
        let objects = data(name);
        assert_eq!(page.items.len(), objects.len());
        for (notification, object) in page.items.iter().zip(&objects) {
            let attributes = &object["attributes"];
            assert_verbatim(name, object, &notification.json);
            assert_eq!(notification.date, attributes["date"].as_u64());
            assert_eq!(notification.rule_name, text(&attributes["rule_name"]));
            assert_eq!(notification.rule_tags, texts(&attributes["rule_tags"]));
            assert_eq!(notification.snippet, text(&attributes["snippet"]));
            assert_eq!(notification.tags, texts(&attributes["tags"]));
            assert_eq!(notification.source_country, text(&attributes["source_country"]));
            assert_eq!(notification.match_in_subfile, Some(false));
            assert_eq!(notification.file_sha256.as_deref().map(str::len), Some(64));
        }
    }
}

#[tokio::test]
async fn get_livehunt_notification_files_reads_its_fixture() {
    let name = "hunting_notification_files-1.json";
    let server = serving(name).await;
    let tenant = connector(settings(server.url()));
    let page = answered(tenant.get_livehunt_notification_files(&NotificationFilesQuery::default())).await;
    let objects = data(name);
    assert_eq!(page.items.len(), objects.len());
    for (file, object) in page.items.iter().zip(&objects) {
        let context = &object["context_attributes"];
        assert_verbatim(name, object, &file.json);
        assert_eq!(file.id, object["id"]);
        assert_eq!(file.notification_id, text(&context["notification_id"]));
        assert_eq!(file.notification_date, context["notification_date"].as_u64());
        assert_eq!(file.notification_snippet, text(&context["notification_snippet"]));
        assert_eq!(file.notification_source_country, text(&context["notification_source_country"]));
        assert_eq!(file.notification_source_key, text(&context["notification_source_key"]));
        assert_eq!(file.notification_tags, texts(&context["notification_tags"]));
        assert_eq!(file.rule_name, text(&context["rule_name"]));
        assert_eq!(file.ruleset_id, text(&context["ruleset_id"]));
        assert_eq!(file.ruleset_name, text(&context["ruleset_name"]));
    }
}

#[tokio::test]
async fn get_retrohunt_job_reads_each_of_its_fixtures() {
    for name in ["retrohunt_job-1.json", "retrohunt_job-3.json"] {
        let server = serving(name).await;
        let job = answered(connector(settings(server.url())).get_retrohunt_job("any-1")).await;
        let object = data(name).remove(0);
        assert_verbatim(name, &object, &job.json);
        assert_is_job(&job, &object);
    }
}

#[tokio::test]
async fn create_retrohunt_job_reads_a_job() {
    let name = "retrohunt_job-3.json";
    let server = serving(name).await;
    let job = answered(connector(settings(server.url())).create_retrohunt_job(&new_job())).await;
    assert_is_job(&job, &data(name)[0]);
}

#[tokio::test]
async fn get_retrohunt_jobs_reads_its_fixture() {
    let name = "retrohunt_jobs-1.json";
    let server = serving(name).await;
    let page = answered(connector(settings(server.url())).get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    let objects = data(name);
    assert_eq!(page.items.len(), objects.len());
    assert!(page.page.cursor.is_some() && page.page.next_link.is_some());
    for (job, object) in page.items.iter().zip(&objects) {
        assert_verbatim(name, object, &job.json);
        assert_is_job(job, object);
    }
}

fn assert_is_job(job: &vt_hunting_host::retrohunt::RetrohuntJob, object: &Value) {
    let attributes = &object["attributes"];
    assert_eq!(job.id, object["id"]);
    assert_eq!(job.status, text(&attributes["status"]));
    assert_eq!(job.rules, text(&attributes["rules"]));
    assert_eq!(job.corpus, text(&attributes["corpus"]));
    assert_eq!(job.progress, attributes["progress"].as_f64());
    assert_eq!(job.notification_email, text(&attributes["notification_email"]));
    for (read, attribute) in [
        (job.creation_date, "creation_date"),
        (job.start_date, "start_date"),
        (job.finish_date, "finish_date"),
        (job.eta_seconds, "eta_seconds"),
        (job.scanned_bytes, "scanned_bytes"),
        (job.num_matches, "num_matches"),
        (job.num_matches_outside_time_range, "num_matches_outside_time_range"),
    ] {
        assert_eq!(read, attributes[attribute].as_u64(), "{attribute}");
    }
    let range = job.time_range.as_ref().and_then(|range| Some((range.start?, range.end?)));
    let expected = &attributes["time_range"];
    assert_eq!(range, expected["start"].as_u64().zip(expected["end"].as_u64()));
}

#[tokio::test]
async fn get_retrohunt_job_matches_reads_each_of_its_fixtures() {
    for name in ["retrohunt_matching_files-1.json", "retrohunt_matching_files-3.json"] {
        let server = serving(name).await;
        let tenant = connector(settings(server.url()));
        let page = answered(tenant.get_retrohunt_job_matches("any-1", &MatchesQuery::default())).await;
        let objects = data(name);
        assert_eq!(page.items.len(), objects.len());
        for (file, object) in page.items.iter().zip(&objects) {
            assert_verbatim(name, object, &file.json);
            assert_eq!(file.id, object["id"]);
            assert_eq!(file.rule_name, text(&object["context_attributes"]["rule_name"]));
            assert_eq!(file.match_in_subfile, object["context_attributes"]["match_in_subfile"].as_bool());
        }
    }
}

#[tokio::test]
async fn get_ioc_stream_objects_reads_each_of_its_fixtures() {
    for number in [1, 4, 7, 9, 13] {
        let name = format!("ioc_stream-{number}.json");
        let server = serving(&name).await;
        let tenant = connector(settings(server.url()));
        let page = answered(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await;
        let body: Value = serde_json::from_str(&fixture(&name)).expect("JSON");
        let objects = data(&name);
        assert_eq!(page.items.len(), objects.len(), "{name}");
        let theirs = text(&body["meta"]["cursor"]);
        assert_eq!(page.page.cursor.is_some(), theirs.is_some(), "{name}");
        let ours = page.page.cursor.unwrap_or_default();
        assert!(ours.ends_with(&theirs.unwrap_or_default()), "{name}: {ours}");
        assert_eq!(page.page.count, body["meta"]["count"].as_u64());
        for (item, object) in page.items.iter().zip(&objects) {
            let context = &object["context_attributes"];
            assert_verbatim(&name, object, &item.json);
            assert_eq!(
                (&*item.id, &*item.object_type),
                (text(&object["id"]).unwrap().as_str(), text(&object["type"]).unwrap().as_str())
            );
            assert_eq!(item.notification_id, text(&context["notification_id"]));
            assert_eq!(item.notification_date, context["notification_date"].as_u64());
            assert_eq!(item.origin, text(&context["origin"]));
            assert_eq!(item.tags, texts(&context["tags"]));
            let sources: Vec<_> = context["sources"].as_array().into_iter().flatten().collect();
            assert_eq!(item.sources.len(), sources.len());
            for (source, expected) in item.sources.iter().zip(sources) {
                assert_eq!((Some(&*source.id), &source.label), (expected["id"].as_str(), &text(&expected["label"])));
                assert_eq!(Some(&*source.source_type), expected["type"].as_str());
            }
            let info = &context["hunting_info"];
            assert_eq!(item.hunting_info.is_some(), info.is_object());
            if let Some(read) = &item.hunting_info {
                assert_eq!(read.rule_name, text(&info["rule_name"]));
                assert_eq!(read.match_source, text(&info["match_source"]));
                assert_eq!(read.snippet, text(&info["snippet"]));
                assert_eq!(read.match_in_subfile, info["match_in_subfile"].as_bool());
            }
        }
    }
}

#[tokio::test]
async fn get_ioc_stream_notification_reads_its_fixture() {
    let name = "ioc_stream_notification-1.json";
    let server = serving(name).await;
    let notification = answered(connector(settings(server.url())).get_ioc_stream_notification("1")).await;
    let object = data(name).remove(0);
    let attributes = &object["attributes"];
    assert_verbatim(name, &object, &notification.json);
    assert_eq!(notification.id, object["id"]);
    assert_eq!(notification.date, attributes["date"].as_u64());
    assert_eq!(notification.entity_type, text(&attributes["entity_type"]));
    assert_eq!(notification.entity_id, text(&attributes["entity_id"]));
    assert_eq!(notification.file_sha256, notification.entity_id);
    assert_eq!(notification.tags, texts(&attributes["tags"]));
    let info = notification.hunting_info.expect("it was a hunt");
    assert_eq!((info.snippet.as_deref(), info.source_country.as_deref()), (Some(""), Some("OI")));
}

#[tokio::test]
async fn every_error_fixture_is_an_error_for_every_kind_of_action() {
    for (name, kind, code) in [
        ("error-400-limit.json", ErrorKind::InvalidArgument, "BadRequestError"),
        ("error-401.json", ErrorKind::Authentication, "AuthenticationRequiredError"),
        ("error-404.json", ErrorKind::NotFound, "NotFoundError"),
        ("error-429-edge.html", ErrorKind::RateLimited, "Http429"),
        ("error-429-quota.json", ErrorKind::QuotaExceeded, "QuotaExceededError"),
    ] {
        let server = serving(name).await;
        let tenant = connector(settings(server.url()));
        for error in [
            refused(tenant.get_ioc_stream_objects(&IocStreamQuery::default())).await,
            refused(tenant.create_retrohunt_job(&new_job())).await,
            refused(tenant.delete_livehunt_ruleset("1")).await,
        ] {
            assert_eq!((error.kind, &*error.code), (kind, code), "{name}");
        }
    }
}
