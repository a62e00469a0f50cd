//! A server that repeats the key, whole or a part of it, in every place that an answer has: nothing of it comes out of the
//! library, of a component that holds the key, or of the command line. `gateway/key.rs` has the same for `serve`.

use std::fmt::Debug;

use vt_hunting_host::ioc_stream::{IocStreamPoll, IocStreamQuery};
use vt_hunting_host::livehunt::RulesetsQuery;
use vt_hunting_host::types::PollBudget;
use vt_hunting_host::{Connector, Settings};

use crate::gzip::gzip;
use crate::program::run;
use crate::support::bare::Bare;
use crate::support::raw_server::{RawServer, Step, answer, response, send};
use crate::support::within;
use crate::support::world::{api_key, connector, settings};

/// A key no four characters of which come twice, so that what is found is found.
pub(crate) const ECHOED: &str = "c7d1f04b8e3a965202bb1f6ce89d7735a0d4412fe6b85c93717e0a2d9f46c8b5";

/// The fewest characters that count.
const PART: usize = 12;

/// Parts of every length, from all over the key, every other in upper case, and the whole in both.
pub(crate) fn parts() -> Vec<String> {
    let mut parts = vec![ECHOED.to_owned(), ECHOED.to_uppercase()];
    for length in PART..ECHOED.len() {
        let start = length * 7 % (ECHOED.len() - length + 1);
        let part = &ECHOED[start..start + length];
        parts.push(if length % 2 == 0 { part.to_owned() } else { part.to_uppercase() });
    }
    parts
}

/// Fails if any twelve characters of the key are in the text.
pub(crate) fn assert_keeps(text: &str, what: &str) {
    let text = text.to_ascii_lowercase();
    for start in 0..=ECHOED.len() - PART {
        let part = &ECHOED[start..start + PART];
        assert!(!text.contains(part), "`{part}` of the key is in what {what} gives: {text}");
    }
}

/// A page with what was said in every place that a page has.
fn page(said: &str) -> String {
    let text = |name: &str| format!(r#""{name}":"{said}""#);
    let attributes = ["name", "rules", "hunting_source", "status", "meaningful_name", said].map(text).join(",");
    let object = |id: &str| {
        format!(
            r#"{{"id":"{id}","type":"{said}","links":{{"self":"https://vt/{said}"}},"attributes":{{{attributes},
            "tags":["{said}"],"matched_rules":[{{"{said}":"{said}"}}]}},"context_attributes":{{{attributes},
            "sources":[{{"id":"{said}","type":"{said}","label":"{said}"}}]}}}}"#
        )
    };
    let broken = format!(r#"{{"id":"{said}","type":"x","error":{{"code":"{said}","message":"no {said}"}}}}"#);
    format!(
        r#"{{"data":[{},{},{broken}],"meta":{{"count":3,"cursor":"{said}","{said}":"{said}"}},
        "links":{{"self":"https://vt/?{said}","next":"https://vt/?cursor={said}"}}}}"#,
        object(said),
        object("plain"),
    )
}

/// What a server can say, and where: whole answers.
pub(crate) fn answers(said: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = ("content-type", "application/json");
    let html = ("content-type", "text/html");
    let named = format!("x-{said}");
    let listed = format!("k={said}; Path=/{said}");
    let link = format!("https://elsewhere/?key={said}");
    let heads: Vec<(&str, &str)> = vec![json, (said, "1"), (&named, said), ("set-cookie", &listed), ("x-echo", said)];
    let error = format!(r#"{{"error":{{"code":"{said}","message":"the key {said} ({said}) is wrong"}}}}"#);
    let escaped: String = said.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let escaped = format!(r#"{{"error":{{"code":"X{escaped}","message":"the key {escaped} is wrong"}}}}"#);
    let markup = format!("<html><pre>x-apikey: {said}\n</pre>{said}");
    let mut worded = response(400, &heads, &error);
    worded.splice(13..19, format!("{said} {said}").into_bytes());
    vec![
        ("headers", response(200, &heads, r#"{"data":[]}"#)),
        ("a reason", worded),
        ("an error", response(401, &heads, &error)),
        ("an escaped error", response(403, &[json], escaped)),
        ("an error of text", response(400, &[json], format!(r#"{{"error":"{said}"}}"#))),
        ("an error in the data's place", response(200, &heads, &error)),
        ("a web page", response(200, &[html], &markup)),
        ("a web page of an error", response(502, &[html], &markup)),
        ("a compressed web page", response(200, &[html, ("content-encoding", "gzip")], gzip(&markup))),
        ("plain text", response(200, &[("content-type", said)], said)),
        ("JSON of nobody's", response(200, &[json], format!(r#"{{"headers":{{"x-apikey":"{said}"}}}}"#))),
        ("JSON of a text", response(200, &[json], format!(r#""{said}""#))),
        ("JSON that is cut", response(200, &[json], format!(r#"{{"data":[{{"id":"{said}"#))),
        ("bytes", response(200, &[json], [&[0xff, 0xfe], said.as_bytes()].concat())),
        ("a redirect", response(302, &[("location", &link), ("x-echo", said)], &markup)),
        ("a page", response(200, &heads, page(said))),
        ("a compressed page", response(200, &heads, gzip(page(said)))),
        (
            "an object",
            response(
                200,
                &heads,
                format!(r#"{{"data":{{"id":"{said}","type":"t","attributes":{{"name":"{said}","rules":"{said}"}}}}}}"#),
            ),
        ),
    ]
}

/// Answers whose cut, had they been quoted, would fall on every character of the key.
pub(crate) fn cuts() -> Vec<Vec<u8>> {
    let mut cuts = Vec::new();
    for before in 0..=ECHOED.len() {
        let filler = "x".repeat(before);
        for between in ["", " ", "="] {
            cuts.push(response(200, &[("content-type", "text/html")], format!("{filler}{between}{ECHOED}</p>")));
        }
        let message = |filler: &str| format!(r#"{{"error":{{"code":"E","message":"{filler} {ECHOED} is wrong"}}}}"#);
        cuts.push(response(400, &[], message(&"word ".repeat((2000 - before) / 5))));
        cuts.push(response(400, &[], message(&"ü".repeat((2000 - before) / 2))));
        cuts.push(response(400, &[], message(&"x".repeat(1999 - before))));
        cuts.push(response(400, &[], format!(r#"{{"error":{{"code":"{}{ECHOED}"}}}}"#, "X".repeat(36 + before))));
    }
    cuts
}

/// Everything a result can be shown as.
fn shown<T: Debug + serde::Serialize, E: Debug>(result: &Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?} {}", serde_json::to_string(value).expect("JSON")),
        Err(error) => format!("{error:?} {error:#?}"),
    }
}

/// A call of each kind, and what the library has to say about each.
async fn all_said(connector: &Connector) -> String {
    let mut said = String::new();
    let mut instance = within(connector.instance()).await.expect("an instance");
    let budget = PollBudget { requests: Some(2), ..Default::default() };
    macro_rules! say {
        ($($call:expr),+) => {$(
            let result = within($call).await;
            if let Err(error) = &result {
                said += &error.to_string();
            }
            said += &shown(&result);
            said += &format!("{:?}", within(instance.last_response()).await);
        )+};
    }
    say!(
        instance.get_livehunt_rulesets(&RulesetsQuery::default()),
        instance.get_livehunt_ruleset("1"),
        instance.get_ioc_stream_objects(&IocStreamQuery::default()),
        instance.poll_ioc_stream(None, &IocStreamPoll::default(), &budget),
        instance.get_account("me")
    );
    said
}

fn tenant(server: &RawServer, api_key_from_host: bool) -> Connector {
    connector(Settings { api_key: Some(api_key(ECHOED)), api_key_from_host, ..settings(server.url()) })
}

#[tokio::test]
async fn the_library_gives_out_no_part_of_a_key_that_a_server_repeats() {
    let server = RawServer::start(Vec::new()).await;
    for api_key_from_host in [true, false] {
        let tenant = tenant(&server, api_key_from_host);
        for part in parts() {
            for (place, bytes) in answers(&part) {
                server.play(answer(bytes));
                let said = all_said(&tenant).await;
                assert_keeps(&said, &format!("the library ({place})"));
            }
        }
    }
    // It was the key that was sent, and what is no part of it is still there.
    assert!(
        server.requests().iter().all(|request| request.windows(ECHOED.len()).any(|part| part == ECHOED.as_bytes()))
    );
    server.play(answer(response(200, &[("x-other", "fine")], page("plain-text"))));
    let said = all_said(&tenant(&server, true)).await;
    assert!(said.contains("plain-text") && said.contains("fine") && !said.contains("[redacted]"), "{said}");
}

#[tokio::test]
async fn no_cut_leaves_a_part_of_the_key() {
    let server = RawServer::start(Vec::new()).await;
    for api_key_from_host in [true, false] {
        let tenant = tenant(&server, api_key_from_host);
        for bytes in cuts() {
            server.play(answer(bytes));
            let result = within(tenant.get_livehunt_rulesets(&RulesetsQuery::default())).await;
            let said = shown(&result);
            assert_keeps(&said, "the library (cut)");
            // Not even a part that is too short to be looked for.
            assert!((4..PART).all(|length| !said.contains(&ECHOED[..length])), "{said}");
        }
    }
}

#[tokio::test]
async fn what_stops_a_later_page_gives_out_no_part_of_the_key() {
    let server = RawServer::start(Vec::new()).await;
    let first = response(200, &[], r#"{"data":[{"id":"a","type":"hunting_ruleset"}],"meta":{"cursor":"more"}}"#);
    for api_key_from_host in [true, false] {
        let tenant = tenant(&server, api_key_from_host);
        for part in parts() {
            for (place, bytes) in answers(&part) {
                server.play(vec![Step::Read, send(first.clone()), Step::Read, send(bytes)]);
                let query = RulesetsQuery { limit: Some(80), ..Default::default() };
                let result = within(tenant.get_livehunt_rulesets(&query)).await;
                assert_keeps(&shown(&result), &format!("the library ({place}, second page)"));
                assert!(result.is_ok(), "{place}: {result:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_header_is_dropped_for_its_name_and_redacted_for_its_value() {
    let server = RawServer::start(Vec::new()).await;
    for api_key_from_host in [true, false] {
        let tenant = tenant(&server, api_key_from_host);
        for part in parts() {
            let name = format!("x-{part}");
            let headers = [(&*name, "1"), (&*part, "2"), ("x-value", &*part), ("x-other", "3")];
            server.play(answer(response(200, &headers, r#"{"data":[]}"#)));
            let mut instance = within(tenant.instance()).await.expect("an instance");
            within(instance.get_livehunt_rulesets(&RulesetsQuery::default())).await.expect("a page");
            let mut headers = within(instance.last_response()).await.expect("an answer").headers;
            headers.retain(|(name, _)| name != "content-length");
            headers.sort();
            let expected = [("x-other", "3"), ("x-value", "[redacted]")];
            assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
}

#[tokio::test]
async fn a_component_that_holds_the_key_gives_out_no_part_of_it() {
    // As in the packages for Node and Python, and behind any other host: no host of ours takes care.
    for part in parts() {
        for (place, bytes) in answers(&part) {
            let Some(answer) = parsed(&bytes) else { continue };
            let given = move || {
                let (status, headers, body) = &answer;
                let mut response = http::Response::builder().status(*status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response.body(body.clone().into()).expect("a response")
            };
            let mut bare = Bare::answering(&[("VT_APIKEY", ECHOED), ("VT_RETRIES", "0")], given).await;
            let livehunt = bare.exports.virustotal_hunting_livehunt();
            let listed = within(livehunt.call_get_livehunt_rulesets(&mut bare.store, &RulesetsQuery::default())).await;
            let got = within(livehunt.call_get_livehunt_ruleset(&mut bare.store, "1")).await;
            let diagnostics = bare.exports.virustotal_hunting_diagnostics();
            let last = within(diagnostics.call_last_response(&mut bare.store)).await.expect("no trap");
            let said = format!("{} {} {last:?}", shown(&listed.expect("no trap")), shown(&got.expect("no trap")));
            assert_keeps(&said, &format!("the component ({place})"));
        }
    }
}

/// Status, headers and body.
type Parsed = (u16, Vec<(String, String)>, Vec<u8>);

/// An answer's parts, unless its status line is not a standard one.
fn parsed(bytes: &[u8]) -> Option<Parsed> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into()));
    Some((status, headers.collect(), bytes[end + 4..].to_vec()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_gives_out_no_part_of_the_key() {
    let server = RawServer::start(Vec::new()).await;
    let url = server.url().to_owned();
    let parts = [ECHOED.to_owned(), ECHOED[9..21].to_uppercase(), ECHOED[3..63].to_owned()];
    for (at, part) in parts.iter().enumerate() {
        for (place, bytes) in answers(part) {
            server.play(answer(bytes));
            let from_host = if at == 1 { "false" } else { "true" };
            let environment = [("VT_APIKEY", ECHOED), ("VT_URL", &*url), ("VT_APIKEY_FROM_HOST", from_host)];
            for arguments in [
                &["livehunt", "rulesets", "-vv", "--output", "table"][..],
                &["livehunt", "ruleset", "1", "--envelope", "-vv", "--log-format", "json"],
            ] {
                let said = tokio::task::block_in_place(|| run(arguments, &environment, ""));
                for text in [&said.stdout, &said.stderr] {
                    assert_keeps(text, &format!("{arguments:?} ({place})"));
                }
                assert!(said.stderr.contains("call ended"), "{}", said.stderr);
            }
        }
    }
}

#[test]
fn a_key_that_was_typed_is_not_repeated_by_a_failure() {
    // Nobody listens, and a failure names what to do next, with what was typed in it.
    let nobody = RawServer::deaf("http");
    let environment = [("VT_APIKEY", ECHOED), ("VT_URL", nobody.url())];
    for arguments in [
        &["livehunt", "transfer", "1", "--to", ECHOED][..],
        &["livehunt", "rulesets", "--filter", ECHOED, "-vv"],
        &["retrohunt", "job", ECHOED, "-vv"],
    ] {
        let said = run(arguments, &environment, "");
        assert_keeps(&said.stderr, &format!("{arguments:?}"));
        assert_ne!(said.code, 0, "{arguments:?}");
    }
}
