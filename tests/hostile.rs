//! A server that means harm, one row per way: each call ends within its deadline with the row's error, the component
//! does not trap, the key shows nowhere, a POST is sent once, and the same instance then answers a good request.
//!
//! The rows are in the modules below, by what they attack. `docs/security.md` lists them all, and a test holds the
//! two together.

mod compression;
mod connection;
mod framing;
mod head;
mod json;
mod status;
mod tls;

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{CallError, Instance, Settings};

use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response};
use crate::support::world::{connector, new_job, settings};
use crate::support::{HANGS, KEY, answered, within};

/// For rows that end with it. On a machine that is too busy for it they are played again with twice as much.
const DEADLINE: Duration = Duration::from_millis(500);

/// One way to mean harm, and what becomes of it.
struct Case {
    name: String,
    server: Server,
    deadline: Duration,
    most: u64,
    outcome: Outcome,
}

/// What the server does.
enum Server {
    /// Listens and plays this.
    Plays(Vec<Step>),
    /// Has the port and does not listen.
    IsDeaf,
    /// Points to another server, which waits for the key there.
    Redirects(u16),
    /// Is to be spoken to over TLS, begins like this, and plays that.
    SpeaksTls(Handshake, Vec<Step>),
}

/// How a server begins where TLS is due.
enum Handshake {
    Sound,
    None,
    UnknownAuthority,
    OtherName,
    Expired,
}

/// What becomes of a GET.
enum Outcome {
    /// A page with so many objects.
    Answered(usize),
    /// One of these kinds with its code, and whether repeating may help.
    Fails(&'static [(ErrorKind, &'static str)], bool),
}

/// A row whose server plays a script.
fn case(name: impl Into<String>, script: Vec<Step>) -> Case {
    Case {
        name: name.into(),
        server: Server::Plays(script),
        deadline: HANGS,
        most: 64 << 20,
        outcome: Outcome::Answered(0),
    }
}

/// A row whose server answers with these bytes.
fn answers(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Case {
    case(name, answer(bytes))
}

/// A row whose server answers with this body under a sound head.
fn body(name: impl Into<String>, body: impl AsRef<[u8]>) -> Case {
    answers(name, response(200, &[("content-type", "application/json")], body))
}

impl Case {
    fn server(self, server: Server) -> Case {
        Case { server, ..self }
    }

    /// The most bytes of an answer.
    fn capped(self, most: u64) -> Case {
        Case { most, ..self }
    }

    fn answered(self, objects: usize) -> Case {
        Case { outcome: Outcome::Answered(objects), ..self }
    }

    fn fails(self, kinds: &'static [(ErrorKind, &'static str)], retryable: bool) -> Case {
        Case { outcome: Outcome::Fails(kinds, retryable), ..self }
    }

    /// It is for the deadline to end it.
    fn ends_with_the_deadline(self) -> Case {
        Case { deadline: DEADLINE, ..self }.fails(&[(ErrorKind::Timeout, "DeadlineExceeded")], true)
    }

    /// The connection is at fault.
    fn fails_to_connect(self) -> Case {
        self.fails(&[(ErrorKind::Transport, "ConnectionFailed")], true)
    }

    /// The answer broke off.
    fn incomplete(self) -> Case {
        self.fails(&[(ErrorKind::Transport, "IncompleteResponse")], true)
    }

    /// The answer is none.
    fn unsound(self) -> Case {
        self.fails(&[(ErrorKind::Protocol, "InvalidResponse")], false)
    }

    /// The answer is beyond the cap.
    fn too_large(self) -> Case {
        self.fails(&[(ErrorKind::TooLarge, "ResponseTooLarge")], false)
    }

    /// As the table of the documentation has it.
    fn row(&self) -> String {
        let outcome = match self.outcome {
            Outcome::Answered(0) => "answered".to_owned(),
            Outcome::Answered(1) => "answered, with one object".to_owned(),
            Outcome::Answered(objects) => format!("answered, with {objects} objects"),
            Outcome::Fails(kinds, retryable) => {
                let kinds: Vec<_> =
                    kinds.iter().map(|(kind, code)| format!("`{}` `{code}`", kind_name(*kind))).collect();
                format!("{}{}", kinds.join(" or "), if retryable { ", may be repeated" } else { "" })
            }
        };
        format!("| {} | {outcome} |", self.name)
    }
}

/// The kind as the contract spells it.
fn kind_name(kind: ErrorKind) -> String {
    let camel = format!("{kind:?}");
    let mut name = String::new();
    for letter in camel.trim_start_matches("ErrorKind::").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Plays every row, and names all that went wrong.
async fn survive(cases: Vec<Case>) {
    let mut failed = Vec::new();
    for case in cases {
        let name = case.name.clone();
        // A panic of one row must not hide the others; nothing is shared between them.
        let played = tokio::spawn(AssertUnwindSafe(async move {
            for post in [false, true] {
                let mut deadline = case.deadline;
                while play(&case, post, deadline).await.is_none() {
                    deadline *= 2;
                    assert!(deadline <= HANGS, "the component does not end it");
                }
            }
        }));
        if played.await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "failed rows: {failed:#?}");
}

/// One row, once with a GET or once with a POST; `None` if the host's own timeout, a little after the deadline, was seen first.
async fn play(case: &Case, post: bool, deadline: Duration) -> Option<()> {
    eprintln!("{} ({})", case.name, if post { "POST" } else { "GET" });
    let (known, stranger) = (Authority::new(), Authority::new());
    let trap = RawServer::start(answer(empty_page())).await;
    let https = matches!(case.server, Server::SpeaksTls(..));
    let mut server = RawServer::deaf(if https { "https" } else { "http" });
    match &case.server {
        Server::Plays(script) => server.play(script.clone()),
        Server::IsDeaf => {}
        Server::Redirects(status) => {
            server.play(answer(response(*status, &[("location", trap.url())], "")));
        }
        Server::SpeaksTls(handshake, script) => {
            server.play(script.clone());
            server.play_tls(match handshake {
                Handshake::Sound => Some(known.acceptor("127.0.0.1")),
                Handshake::None => None,
                Handshake::UnknownAuthority => Some(stranger.acceptor("127.0.0.1")),
                Handshake::OtherName => Some(known.acceptor("other.example")),
                Handshake::Expired => Some(known.expired_acceptor("127.0.0.1")),
            });
        }
    }
    if !matches!(case.server, Server::IsDeaf) {
        server.open();
    }
    let connector = connector(Settings {
        timeout: deadline,
        max_response_bytes: case.most,
        ca_file: Some(known.file().to_owned()),
        allowed_hosts: vec![trap.url().to_owned()],
        allow_private: true,
        ..settings(server.url())
    });
    let mut instance = within(connector.instance()).await.expect("an instance");
    let result = within(call(&mut instance, post)).await;
    if matches!(result, Err(CallError::Timeout { .. })) {
        return None;
    }
    if post {
        check_post(case, &result, &server);
    } else {
        check_get(case, &result, &server);
    }
    let last = within(instance.last_response()).await;
    assert_keeps_the_key(&format!("{last:?}"));
    assert_eq!(trap.connections(), 0, "something went where the redirect points");

    server.play_tls(https.then(|| known.acceptor("127.0.0.1")));
    server.play(answer(response(200, &[], r#"{"data":[{"type":"file","id":"good"}]}"#)));
    server.open();
    answer_again(&mut instance).await
}

/// How many objects came.
async fn call(instance: &mut Instance, post: bool) -> Result<usize, CallError> {
    if post {
        instance.create_retrohunt_job(&new_job()).await.map(|_| 1)
    } else {
        instance.get_ioc_stream_objects(&IocStreamQuery::default()).await.map(|page| page.items.len())
    }
}

/// The component's own error, without the key.
fn error(result: &Result<usize, CallError>) -> &Error {
    match result {
        Err(CallError::Hunting(error)) => {
            assert_keeps_the_key(&format!("{error:?}"));
            error
        }
        other => panic!("neither trap nor host may end it: {other:?}"),
    }
}

fn check_get(case: &Case, result: &Result<usize, CallError>, server: &RawServer) {
    match case.outcome {
        Outcome::Answered(objects) => {
            assert_eq!(result.as_ref().ok(), Some(&objects), "{result:?}");
        }
        Outcome::Fails(kinds, retryable) => {
            let error = error(result);
            assert!(kinds.contains(&(error.kind, &*error.code)), "{error:?}");
            assert_eq!(error.retryable, retryable, "{error:?}");
            let says_where = error.message.contains(server.authority()) || error.status.is_some();
            assert!(says_where, "neither host nor status: {}", error.message);
        }
    }
}

fn check_post(case: &Case, result: &Result<usize, CallError>, server: &RawServer) {
    let arrived = server.requests().len();
    assert!(arrived <= 1, "a POST was sent {arrived} times");
    let Err(_) = result else {
        assert!(matches!(case.outcome, Outcome::Answered(_)), "{result:?}");
        return;
    };
    let error = error(result);
    if let Outcome::Fails(kinds, _) = case.outcome {
        // Where a GET stumbles over a page's objects, a POST already does over the page.
        let kind = (error.kind, &*error.code);
        assert!(kinds.contains(&kind) || kind == (ErrorKind::Protocol, "InvalidResponse"), "{error:?}");
    }
    // Whoever repeats a POST that arrived pays twice; a 429 was refused unread.
    assert!(!error.retryable || arrived == 0 || error.status == Some(429), "{error:?}");
}

/// A good request in the same instance. Under a short deadline a busy machine may need more than one, or a longer deadline.
async fn answer_again(instance: &mut Instance) -> Option<()> {
    assert!(!instance.is_poisoned());
    within(async {
        loop {
            match instance.get_ioc_stream_objects(&IocStreamQuery::default()).await {
                Ok(page) => {
                    let ids: Vec<_> = page.items.iter().map(|item| &*item.id).collect();
                    assert_eq!(ids, ["good"], "the answer to another request");
                    return Some(());
                }
                Err(CallError::Timeout { .. }) => return None,
                Err(CallError::Hunting(error)) if error.kind == ErrorKind::Timeout => {}
                Err(other) => panic!("no answer afterwards: {other:?}"),
            }
        }
    })
    .await
}

/// All rows, by section of the documentation.
fn sections() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Connection", connection::cases()),
        ("Head", head::cases()),
        ("Framing", framing::cases()),
        ("Compression", compression::cases()),
        ("Status", status::cases()),
        ("JSON", json::cases()),
        ("TLS", tls::cases()),
    ]
}

#[test]
fn the_documentation_lists_exactly_these_cases_and_outcomes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let document = std::fs::read_to_string(path).expect("docs/security.md");
    let (_, cases) = document.split_once("\n## The hostile world").expect("the section of the cases");
    let listed = cases
        .lines()
        .filter(|line| line.starts_with("### ") || (line.starts_with("| ") && *line != "| case | outcome |"));
    let mut expected = Vec::new();
    for (section, cases) in sections() {
        expected.push(format!("### {section}"));
        expected.extend(cases.iter().map(Case::row));
    }
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed, expected, "the table of docs/security.md should be:\n{}", expected.join("\n"));
}

#[tokio::test]
async fn a_storm_of_errors_on_one_connector_passes() {
    let server = RawServer::start(Vec::new()).await;
    let connector = connector(settings(server.url()));
    for round in 0..10 {
        for status in [500, 502, 503, 504, 429] {
            server.play(answer(response(status, &[("retry-after", "0")], "<html>busy</html>")));
            let result = within(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
            let result = result.map(|page| page.items.len());
            let error = error(&result);
            assert_eq!((error.status, error.retryable), (Some(status), true), "round {round}");
        }
    }
    server.play(answer(empty_page()));
    answered(connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    assert_eq!((server.requests().len(), server.connections()), (51, 1));
}

/// Fails if any twelve characters of the key are in the text, in upper or lower case.
fn assert_keeps_the_key(text: &str) {
    let lower = text.to_ascii_lowercase();
    let is_in = KEY.as_bytes().windows(12).any(|part| lower.as_bytes().windows(12).any(|window| window == part));
    assert!(!is_in, "the key, or a part of it, is in {text}");
}
