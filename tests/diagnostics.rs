//! `last-response` is the last action's answer, good or bad, and nothing else; it never shows the key.

use vt_hunting_host::diagnostics::ResponseInfo;
use vt_hunting_host::retrohunt::RetrohuntJobsQuery;
use vt_hunting_host::{Connector, Instance, Settings};

use crate::support::bare::Bare;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{World, connector, facing, settings};
use crate::support::{KEY, answered, refused, within};

async fn instance(connector: &Connector) -> Instance {
    within(connector.instance()).await.expect("an instance")
}

async fn last(instance: &mut Instance) -> Option<ResponseInfo> {
    within(instance.last_response()).await
}

fn header<'a>(info: &'a ResponseInfo, name: &str) -> Vec<&'a str> {
    info.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect()
}

#[tokio::test]
async fn before_any_action_there_is_none() {
    let (server, connector) = facing(answer(empty_page())).await;
    let mut instance = instance(&connector).await;
    assert!(last(&mut instance).await.is_none());
    assert_eq!(server.connections(), 0, "asking sends nothing");
}

#[tokio::test]
async fn a_good_answer_is_told_with_status_reason_headers_and_attempts() {
    let headers =
        [("content-type", "application/json"), ("set-cookie", "a=1"), ("x-cloud", "käse"), ("set-cookie", "b=2")];
    let (_server, connector) = facing(answer(response(201, &headers, r#"{"data":[]}"#))).await;
    let mut instance = instance(&connector).await;
    answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    let info = last(&mut instance).await.expect("an answer");
    assert_eq!((info.status_code, &*info.reason, info.attempts), (201, "Created", 1));
    assert_eq!(header(&info, "content-type"), ["application/json"]);
    assert_eq!(header(&info, "set-cookie"), ["a=1", "b=2"], "repeated ones are repeated, in order");
    assert_eq!(header(&info, "x-cloud"), ["käse"]);
    assert_eq!(header(&info, "content-length"), ["11"]);
    assert_eq!(last(&mut instance).await, Some(info), "asking twice changes nothing");
}

#[tokio::test]
async fn an_error_leaves_its_answer_behind() {
    let world = World::new();
    let mut instance = instance(&world.connector).await;
    refused(instance.get_retrohunt_job("night-shift_lab-1")).await;
    let info = last(&mut instance).await.expect("an answer");
    assert_eq!((info.status_code, &*info.reason), (404, "Not Found"));
}

#[tokio::test]
async fn an_answer_that_broke_off_is_told_by_its_head() {
    let head = send("HTTP/1.1 200 OK\r\nx-trace: 7\r\ncontent-length: 100\r\n\r\n{");
    let (_server, connector) = facing(vec![Step::Read, head, Step::Close]).await;
    let mut instance = instance(&connector).await;
    refused(instance.get_retrohunt_job("1")).await;
    let info = last(&mut instance).await.expect("a head");
    assert_eq!((info.status_code, header(&info, "x-trace")), (200, vec!["7"]));
}

#[tokio::test]
async fn an_action_without_an_answer_clears_the_one_before() {
    let (server, connector) = facing(answer(empty_page())).await;
    let mut instance = instance(&connector).await;
    let page =
        async |instance: &mut Instance| answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;

    page(&mut instance).await;
    refused(instance.get_retrohunt_job("")).await;
    assert!(last(&mut instance).await.is_none(), "its argument was wrong");

    page(&mut instance).await;
    server.play(vec![Step::Read, Step::Close]);
    refused(instance.get_retrohunt_job("1")).await;
    assert!(last(&mut instance).await.is_none(), "its connection failed");

    server.play(answer(empty_page()));
    page(&mut instance).await;
    within(instance.parse_snippet("4D 5A")).await.expect("a snippet");
    assert!(last(&mut instance).await.is_none(), "it sends nothing");
}

#[tokio::test]
async fn headers_are_bytes_and_come_out_as_text() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nx-latin: caf\xe9\r\nx-empty:\r\n".to_vec();
    bytes.extend_from_slice(b"content-length: 11\r\n\r\n{\"data\":[]}");
    let (_server, connector) = facing(answer(bytes)).await;
    let mut instance = instance(&connector).await;
    answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    let info = last(&mut instance).await.expect("an answer");
    assert_eq!(header(&info, "x-latin"), ["caf\u{fffd}"]);
    assert_eq!(header(&info, "x-empty"), [""]);
}

#[tokio::test]
async fn a_status_without_words_has_an_empty_reason() {
    let (_server, connector) =
        facing(answer("HTTP/1.1 299 Whatever It Says\r\ncontent-length: 11\r\n\r\n{\"data\":[]}")).await;
    let mut instance = instance(&connector).await;
    answered(instance.get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
    let info = last(&mut instance).await.expect("an answer");
    assert_eq!((info.status_code, &*info.reason), (299, ""));
}

#[tokio::test]
async fn a_server_that_echoes_the_key_does_not_get_it_into_headers_or_errors() {
    let echo = format!("you sent {KEY}!");
    // The end of what a message takes cuts the last one in two.
    let keys = format!("{KEY} ").repeat(100);
    let body = format!(r#"{{"error":{{"code":"X{KEY}X","message":"these keys are wrong: {keys}"}}}}"#);
    let server = RawServer::start(answer(response(401, &[("x-echo", &echo), ("x-other", "fine")], body))).await;
    for from_host in [true, false] {
        let connector = connector(Settings { api_key_from_host: from_host, ..settings(server.url()) });
        let mut instance = instance(&connector).await;
        let failed = within(instance.get_retrohunt_job("1")).await.expect_err("it fails");
        let info = last(&mut instance).await.expect("an answer");
        assert_eq!((header(&info, "x-echo"), header(&info, "x-other")), (vec!["[redacted]"], vec!["fine"]));
        let shown = format!("{failed:?} {failed}");
        assert!(!shown.contains(&KEY[..4]) && shown.contains("[redacted]"), "{shown}");
    }
}

#[tokio::test]
async fn a_component_that_holds_the_key_takes_it_out_by_itself() {
    let mut bare = Bare::answering(&[("VT_APIKEY", KEY)], || {
        let keys = format!("{KEY} ").repeat(100);
        let body = format!(r#"{{"error":{{"code":"X{KEY}X","message":"these keys are wrong: {keys}"}}}}"#);
        let response = http::Response::builder().status(401).header("x-echo", format!("you sent {KEY}!"));
        response.body(body.into()).expect("a response")
    })
    .await;
    let retrohunt = bare.exports.virustotal_hunting_retrohunt();
    let result = within(retrohunt.call_get_retrohunt_job(&mut bare.store, "1")).await.expect("no trap");
    let error = format!("{:?}", result.expect_err("a 401"));
    assert!(!error.contains(&KEY[..4]) && error.contains("[redacted]"), "{error}");
    let diagnostics = bare.exports.virustotal_hunting_diagnostics();
    let last = within(diagnostics.call_last_response(&mut bare.store)).await.expect("no trap").expect("an answer");
    assert_eq!(header(&last, "x-echo"), ["[redacted]"]);
}
