//! An id, a filter or a cursor is data: whatever it holds, it reaches its own endpoint unchanged, and no other.

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use virustotal_hunting_simulator::RecordedRequest;
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{NotificationFilesQuery, NotificationsQuery, RulesetsQuery};
use vt_hunting_host::retrohunt::{MatchesQuery, RetrohuntJobsQuery};
use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{CallError, Connector};

use crate::support::refused;
use crate::support::world::World;

/// What people who want elsewhere would try, and what merely looks like it.
const NASTY: [&str; 28] = [
    "../users/x",
    "../../../etc/passwd",
    "a/b?c",
    "a?limit=40",
    "a#fragment",
    "a\\..\\b",
    "%2e%2e",
    "%2E%2E%2Fusers",
    "..%2f",
    "...",
    ".a",
    "a%00b",
    "nul\0nul",
    "line\r\nx-apikey: mine",
    "tab\tand space",
    "a+b",
    "a&limit=1&filter=x",
    "a=b;c=d",
    "käse-ünïcode",
    "\u{202e}gnp.exe",
    "日本語",
    "🦀",
    "\u{feff}bom",
    "http://evil.example/",
    "//evil.example/",
    "@evil.example",
    ":80",
    "a|b",
];

/// Undoes percent-escapes, and nothing else: a `+` stays.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| char::from(byte.expect("two digits")).to_digit(16).expect("a digit") as u8;
        plain.push(if byte == b'%' { digit(bytes.next()) * 16 + digit(bytes.next()) } else { byte });
    }
    String::from_utf8(plain).expect("what was sent was text")
}

fn is_unreserved(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
}

/// A world in which every request is answered, so that only what arrives matters.
fn world() -> World {
    let world = World::new();
    world.respond(200, &[], r#"{"data":{"type":"x","id":"1","attributes":{}}}"#);
    world
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The one request that came since, if any.
fn taken(world: &World) -> Option<RecordedRequest> {
    let mut requests = world.simulator.requests();
    world.simulator.clear_requests();
    assert!(requests.len() <= 1, "{requests:?}");
    requests.pop()
}

/// Few cases: each is a call through host and component. Nothing is written beside the sources.
fn property<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: 48,
        failure_persistence: None::<Box<FileFailurePersistence>>.map(|p| p as _),
        ..Config::default()
    };
    TestRunner::new(config).run(&strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

async fn by_id(connector: &Connector, action: usize, id: &str) -> (&'static str, String, Result<(), CallError>) {
    let rulesets = "/api/v3/intelligence/hunting_rulesets/";
    let jobs = "/api/v3/intelligence/retrohunt_jobs/";
    let (prefix, suffix, result) = match action {
        0 => (rulesets, "", connector.delete_livehunt_ruleset(id).await),
        1 => (jobs, "", connector.get_retrohunt_job(id).await.map(drop)),
        2 => (jobs, "/abort", connector.abort_retrohunt_job(id).await),
        3 => {
            (jobs, "/matching_files", connector.get_retrohunt_job_matches(id, &MatchesQuery::default()).await.map(drop))
        }
        _ => ("/api/v3/ioc_stream_notifications/", "", connector.get_ioc_stream_notification(id).await.map(drop)),
    };
    (prefix, suffix.to_owned(), result)
}

/// The id arrives as one segment of its own endpoint, or nothing is sent at all.
fn assert_id_stays(world: &World, action: usize, id: &str, runtime: &tokio::runtime::Runtime) {
    let (prefix, suffix, result) = runtime.block_on(by_id(&world.connector, action, id));
    let Some(request) = taken(world) else {
        let error = result.expect_err("what sends nothing fails");
        let error = error.as_hunting().unwrap_or_else(|| panic!("{error:?}"));
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{id:?}: {error:?}");
        let refusable = id.trim_ascii().is_empty() || matches!(id, "." | "..") || id.len() > 1024;
        assert!(refusable, "{id:?} was refused: {error:?}");
        return;
    };
    result.unwrap_or_else(|error| panic!("{id:?}: {error:?}"));
    let segment = request.path.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(&*suffix));
    let segment = segment.unwrap_or_else(|| panic!("{id:?} reached {}", request.path));
    assert!(is_unreserved(segment), "{id:?} was sent as {segment}");
    assert_eq!(decoded(segment), id);
    assert_eq!((&*request.query, request.body.len()), ("", 0));
}

#[test]
fn a_nasty_id_reaches_its_own_endpoint_unchanged() {
    let (world, runtime) = (world(), runtime());
    for id in NASTY {
        for action in 0..5 {
            assert_id_stays(&world, action, id, &runtime);
        }
    }
}

#[test]
fn any_string_as_an_id_reaches_its_own_endpoint_unchanged_or_nothing_is_sent() {
    let (world, runtime) = (world(), runtime());
    property((0usize..5, any::<String>()), |(action, id)| {
        assert_id_stays(&world, action, &id, &runtime);
        Ok(())
    });
}

#[test]
fn an_id_that_names_no_object_sends_nothing() {
    let (world, runtime) = (world(), runtime());
    for id in ["", " ", "\t\r\n", ".", "..", &"a".repeat(1025)] {
        for action in 0..5 {
            let (_, _, result) = runtime.block_on(by_id(&world.connector, action, id));
            let error = result.expect_err(id);
            let error = error.as_hunting().unwrap_or_else(|| panic!("{error:?}"));
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None));
            assert!(
                error.message.contains("`id`") && error.message.contains(&id.len().to_string()),
                "{}",
                error.message
            );
            assert!(taken(&world).is_none());
        }
    }
}

async fn by_query(
    connector: &Connector,
    action: usize,
    filter: &str,
    cursor: &str,
) -> (&'static str, Result<(), CallError>) {
    let (filter, cursor) = (Some(filter.to_owned()), Some(cursor.to_owned()));
    match action {
        0 => {
            let query = RulesetsQuery { filter: filter.clone(), order: filter, cursor, ..Default::default() };
            ("/api/v3/intelligence/hunting_rulesets", connector.get_livehunt_rulesets(&query).await.map(drop))
        }
        1 => {
            let query = NotificationsQuery { filter: filter.clone(), order: filter, cursor, ..Default::default() };
            ("/api/v3/intelligence/hunting_notifications", connector.get_livehunt_notifications(&query).await.map(drop))
        }
        2 => {
            let query = NotificationFilesQuery { filter, cursor, ..Default::default() };
            let path = "/api/v3/intelligence/hunting_notification_files";
            (path, connector.get_livehunt_notification_files(&query).await.map(drop))
        }
        3 => {
            let query = RetrohuntJobsQuery { filter, cursor, ..Default::default() };
            ("/api/v3/intelligence/retrohunt_jobs", connector.get_retrohunt_jobs(&query).await.map(drop))
        }
        _ => {
            let query = IocStreamQuery { filter: filter.clone(), order: filter, cursor, ..Default::default() };
            ("/api/v3/ioc_stream", connector.get_ioc_stream_objects(&query).await.map(drop))
        }
    }
}

fn assert_query_stays(world: &World, action: usize, filter: &str, cursor: &str, runtime: &tokio::runtime::Runtime) {
    let (path, result) = runtime.block_on(by_query(&world.connector, action, filter, cursor));
    result.unwrap_or_else(|error| panic!("{filter:?} {cursor:?}: {error:?}"));
    let request = taken(world).expect("a request");
    assert_eq!((&*request.method, &*request.path), ("GET", path));
    for (name, given) in [("filter", filter), ("order", filter), ("cursor", cursor)] {
        let of_name = |pair: &&str| pair.split_once('=').is_some_and(|(known, _)| known == name);
        let sent: Vec<&str> = request.query.split('&').filter(of_name).map(|pair| &pair[name.len() + 1..]).collect();
        let has_order = !matches!(action, 2 | 3);
        if given.is_empty() || (name == "order" && !has_order) {
            assert!(sent.is_empty(), "{name} was sent as {sent:?}");
        } else {
            assert_eq!(sent.len(), 1, "{name}={given:?} was sent as {}", request.query);
            assert!(is_unreserved(sent[0]), "{given:?} was sent as {}", sent[0]);
            assert_eq!(decoded(sent[0]), given);
        }
    }
}

#[test]
fn a_nasty_filter_order_or_cursor_arrives_unchanged() {
    let (world, runtime) = (world(), runtime());
    for text in NASTY.into_iter().chain([".", "..", ""]) {
        for action in 0..5 {
            assert_query_stays(&world, action, text, &text.chars().rev().collect::<String>(), &runtime);
        }
    }
}

#[test]
fn any_string_as_a_filter_order_or_cursor_arrives_unchanged() {
    let (world, runtime) = (world(), runtime());
    property((0usize..5, any::<String>(), any::<String>()), |(action, filter, cursor)| {
        assert_query_stays(&world, action, &filter, &cursor, &runtime);
        Ok(())
    });
}

#[test]
fn any_string_as_a_name_or_rules_stays_inside_its_json_string() {
    let (world, runtime) = (world(), runtime());
    property((any::<String>(), any::<String>()), |(name, rules)| {
        let mut new = crate::support::world::new_ruleset(&name);
        new.rules.clone_from(&rules);
        let result = runtime.block_on(world.connector.create_livehunt_ruleset(&new));
        let Some(request) = taken(&world) else {
            let error = result.expect_err("what sends nothing fails");
            assert_eq!(error.as_hunting().map(|error| error.kind), Some(ErrorKind::InvalidArgument));
            assert!(name.trim_ascii().is_empty() || rules.trim_ascii().is_empty(), "{name:?} {rules:?}: {error:?}");
            return Ok(());
        };
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        let attributes = body["data"]["attributes"].as_object().expect("an object");
        assert_eq!((attributes["name"].as_str(), attributes["rules"].as_str()), (Some(&*name), Some(&*rules)));
        assert_eq!(attributes.len(), 3, "name, rules, enabled: {attributes:?}");
        Ok(())
    });
}

#[tokio::test]
async fn a_filter_or_cursor_that_no_server_takes_is_refused_before_it_is_sent() {
    let world = world();
    let long = |bytes: usize| Some("x".repeat(bytes));
    // A cursor has a part of the component's own beside VirusTotal's.
    for (query, bytes, most) in [
        (IocStreamQuery { filter: long(8193), ..Default::default() }, "8193", "8192"),
        (IocStreamQuery { order: long(8193), ..Default::default() }, "8193", "8192"),
        (IocStreamQuery { cursor: long(8257), ..Default::default() }, "8257", "8256"),
    ] {
        let error = refused(world.connector.get_ioc_stream_objects(&query)).await;
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert!(error.message.contains(bytes) && error.message.contains(most), "{}", error.message);
    }
    assert!(taken(&world).is_none());
    // Each is short enough; together and encoded they are longer than any request line.
    let heavy = Some("\u{1f980}".repeat(2048));
    let query = IocStreamQuery { filter: heavy.clone(), order: heavy.clone(), cursor: heavy, ..Default::default() };
    assert_eq!(refused(world.connector.get_ioc_stream_objects(&query)).await.kind, ErrorKind::InvalidArgument);
    assert!(taken(&world).is_none());
}
