//! The router against a stand-in for the component: who is let in, what is refused and how, and what every reply has.

use serde_json::Value;

use super::*;
use crate::body::Broken;
use crate::contract::ErrorKind;

const TOKEN: &str = "0123456789abcdef";

/// Says that it is done, or fails; counts what it ran.
#[derive(Default)]
struct StandIn {
    ran: usize,
    fails: bool,
}

impl Hunting for StandIn {
    fn run(&mut self, _: Call) -> Result<Answer, Box<Failure>> {
        self.ran += 1;
        if self.fails {
            return Err(Box::new(Failure {
                kind: ErrorKind::NotFound,
                code: "NotFoundError".to_owned(),
                message: "There is none.".to_owned(),
                status: Some(404),
                retry_after: None,
                retryable: false,
            }));
        }
        Ok(Answer::Done)
    }

    fn last_response(&mut self) -> Option<ResponseInfo> {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Some(ResponseInfo { status_code: 200, reason: "OK".to_owned(), headers, attempts: 1 })
    }
}

struct Bytes(Option<Vec<u8>>);
impl Source for Bytes {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        Ok(self.0.take())
    }
}

/// A body that must not be asked for.
struct Untouched;
impl Source for Untouched {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        panic!("the body is read before the head was judged")
    }
}

struct Asked {
    request: Request,
    body: Vec<u8>,
    variables: Vec<(&'static str, &'static str)>,
    hunting: StandIn,
}

fn asked(method: &str, path: &str) -> Asked {
    let headers = [("authorization", format!("Bearer {TOKEN}")), ("content-type", "application/json".to_owned())];
    Asked {
        request: Request {
            method: method.to_owned(),
            path: path.to_owned(),
            authority: Some("127.0.0.1:8080".to_owned()),
            headers: headers.map(|(name, value)| (name.to_owned(), value.into_bytes())).to_vec(),
        },
        body: br#"{"id":"a-1"}"#.to_vec(),
        variables: vec![("GATEWAY_TOKEN", TOKEN)],
        hunting: StandIn::default(),
    }
}

impl Asked {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.request.headers.retain(|(other, _)| other != name);
        self.request.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    fn variables(mut self, variables: &[(&'static str, &'static str)]) -> Self {
        self.variables = variables.to_vec();
        self
    }

    fn reply(&mut self) -> Reply {
        let variables = self.variables.clone();
        let get = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        serve(&self.request, &mut Bytes(Some(self.body.clone())), get, &mut self.hunting)
    }
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
}

/// The status and code of a problem.
fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(header(reply, "content-type"), Some("application/problem+json"));
    let body: Value = serde_json::from_slice(&reply.body).expect("a problem is JSON");
    assert_eq!(body["status"], reply.status);
    (reply.status, body["code"].as_str().expect("a code").to_owned())
}

const ABORT: &str = "/v1/actions/abort-retrohunt-job";

#[test]
fn an_action_answers_the_envelope() {
    let reply = asked("POST", ABORT).reply();
    assert_eq!(reply.status, 200);
    assert_eq!(
        String::from_utf8_lossy(&reply.body),
        r#"{"status_code":200,"reason":"OK","response_headers":{"content-type":"application/json"},"json_body":{}}"#
    );
}

#[test]
fn a_failure_of_virustotal_is_a_problem() {
    let mut asked = asked("POST", ABORT);
    asked.hunting.fails = true;
    assert_eq!(problem(&asked.reply()), (404, "NotFoundError".to_owned()));
}

#[test]
fn without_the_token_nothing_runs() {
    for authorization in
        ["", "Bearer", "Bearer ", "Bearer 0123456789abcdeF", "Basic 0123456789abcdef", "0123456789abcdef"]
    {
        let mut asked = asked("POST", ABORT).with("authorization", authorization);
        let reply = asked.reply();
        assert_eq!(problem(&reply), (401, "TokenRequired".to_owned()), "{authorization}");
        assert!(header(&reply, "www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer realm=")));
        assert_eq!(asked.hunting.ran, 0);
    }
    assert_eq!(asked("GET", "/v1/actions").with("authorization", "").reply().status, 401);
}

#[test]
fn the_token_may_not_come_twice() {
    let mut asked = asked("POST", ABORT);
    asked.request.headers.push(("authorization".to_owned(), b"Bearer x".to_vec()));
    assert_eq!(asked.reply().status, 401);
}

#[test]
fn the_scheme_is_written_in_any_case() {
    assert_eq!(asked("POST", ABORT).with("authorization", &format!("bearer {TOKEN}")).reply().status, 200);
}

#[test]
fn without_a_token_to_ask_for_only_what_is_open_answers() {
    for (path, status) in [("/", 200), ("/healthz", 200), ("/openapi.json", 200), ("/v1/actions", 503)] {
        assert_eq!(asked("GET", path).variables(&[]).reply().status, status, "{path}");
    }
    assert_eq!(problem(&asked("POST", ABORT).variables(&[]).reply()), (503, "MissingToken".to_owned()));
}

#[test]
fn without_asking_for_a_token_only_this_machines_names_are_answered() {
    let open = [("GATEWAY_NO_AUTH", "true")];
    let ask = || asked("POST", ABORT).with("authorization", "").variables(&open);
    assert_eq!(ask().reply().status, 200);
    let mut rebound = ask();
    rebound.request.authority = Some("evil.example:8080".to_owned());
    assert_eq!(problem(&rebound.reply()), (403, "HostRefused".to_owned()));
    let mut nameless = ask();
    nameless.request.authority = None;
    assert_eq!(nameless.reply().status, 403);
}

#[test]
fn each_refusal_has_its_status() {
    let cases = [
        (asked("GET", "/nothing"), 404, "UnknownPath"),
        (asked("POST", "/v1/actions/"), 404, "UnknownPath"),
        (asked("POST", "/v1/actions/last-response"), 404, "UnknownAction"),
        (asked("GET", ABORT), 405, "MethodNotAllowed"),
        (asked("POST", "/healthz"), 405, "MethodNotAllowed"),
        (asked("HEAD", ABORT), 405, "MethodNotAllowed"),
        (asked("POST", ABORT).with("content-type", "text/plain"), 415, "UnsupportedMediaType"),
        (asked("POST", ABORT).with("content-encoding", "gzip"), 415, "UnsupportedMediaType"),
        (asked("POST", ABORT).body("{"), 400, "NoJson"),
        (asked("POST", ABORT).body(""), 400, "EmptyBody"),
        (asked("POST", ABORT).body("{}"), 422, "WrongArguments"),
        (asked("POST", ABORT).body(r#"{"id":1}"#), 422, "WrongArguments"),
        (asked("POST", ABORT).body(r#"{"id":"a","x":1}"#), 422, "WrongArguments"),
        (asked("POST", ABORT).body(&format!("{{\"id\":\"{}\"}}", "a".repeat(3 << 20))), 413, "BodyTooLarge"),
    ];
    for (mut asked, status, code) in cases {
        let reply = asked.reply();
        if asked.request.method == "HEAD" {
            assert_eq!((reply.status, reply.body.len()), (status, 0));
        } else {
            assert_eq!(problem(&reply), (status, code.to_owned()), "{} {}", asked.request.method, asked.request.path);
        }
        assert_eq!(asked.hunting.ran, 0, "{code}");
        if status == 405 {
            assert!(header(&reply, "allow").is_some_and(|allowed| !allowed.contains(&asked.request.method)));
        }
    }
}

#[test]
fn what_the_head_is_enough_to_refuse_is_refused_without_reading_the_body() {
    let mut doubled = asked("POST", ABORT).with("host", "a");
    doubled.request.headers.push(("host".to_owned(), b"a".to_vec()));
    for (asked, status) in [
        (asked("POST", ABORT).with("host", "a b"), 400),
        (doubled, 400),
        (asked("POST", "/nothing"), 404),
        (asked("GET", ABORT), 405),
        (asked("POST", ABORT).with("authorization", ""), 401),
        (asked("POST", ABORT).variables(&[]), 503),
        (asked("POST", "/v1/actions/none"), 404),
        (asked("POST", ABORT).with("content-type", "text/plain"), 415),
        (asked("POST", ABORT).with("content-encoding", "gzip"), 415),
        (asked("POST", ABORT).with("content-length", "2097153"), 413),
        (asked("OPTIONS", ABORT), 204),
        (asked("GET", "/healthz"), 200),
        (asked("GET", "/v1/actions"), 200),
    ] {
        let get =
            |name: &str| asked.variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        let reply = serve(&asked.request, &mut Untouched, get, &mut StandIn::default());
        assert_eq!(reply.status, status, "{} {}", asked.request.method, asked.request.path);
    }
}

#[test]
fn head_is_get_without_the_body_and_options_names_the_methods() {
    let reply = asked("HEAD", "/openapi.json").reply();
    assert_eq!((reply.status, reply.body.len(), header(&reply, "content-type")), (200, 0, Some("application/json")));
    for (path, methods) in [("/v1/actions", "GET, HEAD, OPTIONS"), (ABORT, "OPTIONS, POST")] {
        let reply = asked("OPTIONS", path).with("authorization", "").reply();
        assert_eq!((reply.status, header(&reply, "allow")), (204, Some(methods)));
        assert_eq!(header(&reply, "access-control-allow-origin"), None);
    }
}

#[test]
fn only_the_origins_of_the_settings_are_let_in() {
    let named = [("GATEWAY_TOKEN", TOKEN), ("GATEWAY_CORS_ORIGINS", "https://a.example")];
    let preflight = |origin: &str| {
        asked("OPTIONS", ABORT)
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with("authorization", "")
            .variables(&named)
            .reply()
    };
    let reply = preflight("https://a.example");
    assert_eq!((reply.status, header(&reply, "access-control-allow-origin")), (204, Some("https://a.example")));
    assert_eq!(header(&reply, "access-control-allow-headers"), Some("authorization, content-type"));
    for other in ["https://a.example.evil", "http://a.example", "null", "https://A.example"] {
        let reply = preflight(other);
        assert_eq!((header(&reply, "access-control-allow-origin"), header(&reply, "vary")), (None, Some("origin")));
    }
    // A refusal can be read by the page as well.
    let reply =
        asked("POST", ABORT).with("origin", "https://a.example").with("authorization", "").variables(&named).reply();
    assert_eq!((reply.status, header(&reply, "access-control-allow-origin")), (401, Some("https://a.example")));
}

#[test]
fn every_reply_has_the_headers_that_protect_it() {
    for (method, path) in [("GET", "/"), ("GET", "/healthz"), ("GET", "/nothing"), ("POST", ABORT), ("OPTIONS", ABORT)]
    {
        let reply = asked(method, path).reply();
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert_eq!(header(&reply, name), Some(value), "{method} {path}");
        }
        let policy = header(&reply, "content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn the_documents_name_every_action() {
    let catalogue: Value = serde_json::from_str(CATALOGUE).expect("JSON");
    let openapi: Value = serde_json::from_str(OPENAPI).expect("JSON");
    let listed: Vec<_> =
        catalogue["actions"].as_array().expect("a list").iter().map(|action| &action["name"]).collect();
    assert_eq!(listed, actions::NAMES);
    for name in actions::NAMES {
        assert!(openapi["paths"][format!("/v1/actions/{name}")]["post"].is_object(), "{name}");
    }
}

#[test]
fn what_changes_something_is_told_from_what_does_not() {
    let catalogue: Value = serde_json::from_str(CATALOGUE).expect("JSON");
    for action in catalogue["actions"].as_array().expect("a list") {
        let name = action["name"].as_str().expect("a name");
        let reads = ["get-", "check-", "poll-", "reconcile-", "parse-"].iter().any(|prefix| name.starts_with(prefix));
        assert_eq!(action["changes"], !reads, "{name}");
        assert_eq!(action["irreversible"], name.starts_with("delete-"), "{name}");
    }
}
