//! The key and the proxy's password: on the wire where they belong, and in nothing that anybody can read.

use std::fmt::Debug;
use std::time::Duration;

use virustotal_hunting_simulator::{Fault, FaultAction};
use vt_hunting_host::types::ErrorKind;
use vt_hunting_host::{ApiKey, CallError, Connector, PartialSettings, REDACTED, Secret, Settings, Source};

use super::get;
use crate::logs::Logs;
use crate::proxy::{BASIC, Conduct, PASSWORD, PASSWORD_IN_URL, Proxy, Speaks, USER};
use crate::rogue;
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step, answer, empty_page, response, send};
use crate::support::world::{World, api_key, connector, new_job, new_ruleset, settings};
use crate::support::{KEY, RUNTIME, answered, refused, within};

/// Fails if a secret is in the text, in any of the forms that logs give to text and bytes.
fn assert_silent(text: &str, what: &str) {
    let bytes = |secret: &str| format!("{:?}", secret.as_bytes()).trim_matches(['[', ']']).to_owned();
    let hex = |secret: &str| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let basic = BASIC.trim_start_matches("Basic ");
    for secret in [KEY, &bytes(KEY), &hex(KEY), PASSWORD, PASSWORD_IN_URL, &bytes(PASSWORD), &hex(PASSWORD), basic] {
        if let Some(at) = text.find(secret) {
            let from = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let line: String = text[from..].chars().take(2_000).collect();
            panic!("a secret is in {what}: {line}");
        }
    }
}

/// A tenant's every secret set.
fn secretive(url: &str) -> Settings {
    Settings {
        http_proxy: Some(format!("http://{USER}:{PASSWORD_IN_URL}@127.0.0.1:9")),
        proxy_password: Some(Secret::new(PASSWORD)),
        ..settings(url)
    }
}

#[tokio::test]
async fn the_guest_is_not_given_the_key_and_the_server_is() {
    let server = RawServer::start(answer(empty_page())).await;
    answered(get(&connector(settings(server.url())))).await;
    let head = |at: usize| String::from_utf8(server.requests()[at].clone()).expect("text").to_ascii_lowercase();
    assert!(head(0).contains(&format!("x-apikey: {KEY}\r\n")), "{}", head(0));
    assert_eq!(head(0).matches(KEY).count(), 1);

    // A component that looks for it finds nothing, and one that is given it finds it.
    let curious = rogue::curious();
    let error = refused(get(&curious.connector(settings(server.url())).expect("good settings"))).await;
    assert_eq!((error.kind, &*error.code), (ErrorKind::Configuration, "MissingApiKey"), "{error:?}");
    assert_eq!(server.requests().len(), 1);
    let given = Settings { api_key_from_host: false, ..settings(server.url()) };
    answered(get(&curious.connector(given).expect("good settings"))).await;
    assert!(head(1).contains(&format!("x-apikey: {KEY}\r\n")), "{}", head(1));
}

#[tokio::test]
async fn no_public_type_shows_a_secret() {
    let url = "https://vt.example";
    let mut layer = PartialSettings::default();
    for (name, text) in [("apikey", KEY), ("proxy_password", PASSWORD), ("url", url)] {
        layer.set(name, text, Source::Default).expect("good settings");
    }
    layer.set("http_proxy", &format!("http://{USER}:{PASSWORD_IN_URL}@proxy:1"), Source::Default).expect("good");
    let resolved = layer.resolve().expect("good settings");
    let tenant = connector(secretive(url));
    let instance = within(tenant.instance()).await.expect("an instance");
    let things: [&dyn Debug; 12] = [
        &layer,
        &layer.api_key,
        &layer.http_proxy,
        &layer.effective(),
        &resolved,
        &resolved.api_key,
        &resolved.proxy_password,
        &tenant,
        &tenant.counters(),
        tenant.settings(),
        &instance,
        &*RUNTIME,
    ];
    for thing in things {
        assert_silent(&format!("{thing:?} {thing:#?}"), "a Debug print");
    }
    let written = serde_json::to_string(&(&resolved, tenant.settings(), layer.effective())).expect("JSON");
    assert_silent(&written, "what serde writes");
    assert!(written.contains(REDACTED));
}

#[test]
fn no_error_about_settings_repeats_a_secret() {
    let broken = format!("{KEY} {KEY}");
    let mut errors = vec![format!("{:?}", ApiKey::new(&broken).expect_err("it has a space"))];
    let mut failed = |error: vt_hunting_host::SettingsError| errors.push(format!("{error} {error:?} {error:#?}"));
    // In the right place and broken, and in wrong places.
    for (name, text) in [("apikey", &*broken), ("timeout", KEY), ("verify_ssl", KEY), ("max_response_bytes", KEY)] {
        failed(PartialSettings::default().set(name, text, Source::Default).expect_err(name));
    }
    for text in [
        format!("apikey = '{KEY}"),
        format!("apikey = ['{KEY}']"),
        format!("api-key = '{KEY}'"),
        format!("timeout = '{KEY}'"),
        format!("apikey = '{broken}'"),
    ] {
        failed(PartialSettings::from_toml(&text, "config.toml").expect_err(&text));
    }
    for name in ["VT_APIKEY", "VT_TIMEOUT"] {
        let variable = |wanted: &str| (wanted == name).then(|| broken.clone());
        failed(PartialSettings::from_env(variable).expect_err(name));
    }
    for bad in [
        Settings { url: format!("https://{KEY}@vt.example"), ..settings("") },
        Settings { url: format!("https://me:{KEY}@vt.example"), ..settings("") },
        Settings { allowed_hosts: vec![format!("me:{KEY}@vt.example")], ..settings("https://vt.example") },
        Settings { http_proxy: Some(format!("ftp://me:{PASSWORD}@proxy")), ..settings("https://vt.example") },
        Settings { proxy_password: Some(Secret::new(PASSWORD)), ..settings("https://vt.example") },
    ] {
        assert_silent(&format!("{:?}", bad.warnings()), "a warning");
        failed(bad.validate().expect_err("it is no good"));
    }
    errors.iter().for_each(|error| assert_silent(error, "an error"));
}

/// What a call said, whichever way it ended.
fn told<T: Debug>(result: Result<T, CallError>) -> String {
    match result {
        Ok(value) => format!("{value:?}\n"),
        Err(error) => format!("{error}\n{error:?}\n{error:#?}\n{:?}\n", error.as_hunting()),
    }
}

/// Every action once, and what they said.
async fn all_actions(tenant: &Connector) -> String {
    let mut said = String::new();
    let mut instance = match within(tenant.instance()).await {
        Ok(instance) => instance,
        Err(error) => return format!("{error} {error:?}"),
    };
    macro_rules! act {
        ($($call:expr),+) => {$(
            said += &told(within($call).await);
            said += &format!("{:?}\n", within(instance.last_response()).await);
            if instance.is_poisoned() {
                instance = within(tenant.instance()).await.expect("an instance");
            }
        )+};
    }
    act!(
        instance.get_livehunt_rulesets(&Default::default()),
        instance.create_livehunt_ruleset(&new_ruleset("n")),
        instance.delete_livehunt_ruleset("1"),
        instance.get_livehunt_notifications(&Default::default()),
        instance.get_livehunt_notification_files(&Default::default()),
        instance.create_retrohunt_job(&new_job()),
        instance.get_retrohunt_job("a-1"),
        instance.get_retrohunt_jobs(&Default::default()),
        instance.abort_retrohunt_job("a-1"),
        instance.get_retrohunt_job_matches("a-1", &Default::default()),
        instance.get_ioc_stream_objects(&Default::default()),
        instance.get_ioc_stream_notification("1")
    );
    said
}

#[tokio::test]
async fn no_log_line_and_no_result_of_a_whole_run_shows_a_secret() {
    let authority = Authority::new();
    let world = World::new();
    let nobody = RawServer::deaf("http");
    let denied = super::turned_to(nobody.url(), settings("https://vt.example"));
    // Only now: compiling a component has a great deal to say.
    let logs = Logs::start();
    let ca_file = authority.file().with_extension("secrets.pem");
    std::fs::write(&ca_file, world.simulator.ca_pem()).expect("a writable temporary directory");
    let mut said = String::new();

    // Good answers: plain, over HTTP/2, with the key in the guest, through a proxy that wants a password.
    let proxy =
        Proxy::start(Speaks::Http, Conduct::WantsCredentials, &authority_of(&world.simulator.https_url())).await;
    let socks =
        Proxy::start(Speaks::Socks, Conduct::WantsCredentials, &authority_of(&world.simulator.http_url())).await;
    let trusting = Settings { ca_file: Some(ca_file.clone()), ..settings(&world.simulator.https_url()) };
    let credentials = format!("{USER}:{PASSWORD_IN_URL}");
    for settings in [
        settings(&world.simulator.http_url()),
        Settings { api_key_from_host: false, ..settings(&world.simulator.http_url()) },
        trusting.clone(),
        Settings { http_proxy: Some(proxy.url_with(&credentials)), ..trusting.clone() },
        Settings { http_proxy: Some(socks.url_with(&credentials)), ..settings(&world.simulator.http_url()) },
    ] {
        let tenant = connector(settings);
        said += &all_actions(&tenant).await;
        assert!(tenant.counters().failures.iter().all(|(kind, _)| *kind == "not-found"), "{:?}", tenant.counters());
    }

    // Bad ones.
    let plain = connector(settings(&world.simulator.http_url()));
    for action in [
        FaultAction::Quota,
        FaultAction::RateLimit { retry_after: None },
        FaultAction::HtmlEdge,
        FaultAction::Reset,
        FaultAction::Truncate(10),
        FaultAction::Garbage(b"no JSON".to_vec()),
        FaultAction::Status { code: 401, body: None, headers: Vec::new() },
        FaultAction::Status { code: 500, body: None, headers: Vec::new() },
    ] {
        world.simulator.faults().add(Fault::new(action));
        said += &all_actions(&plain).await;
        world.simulator.faults().clear();
    }

    // A server that says what it was told, in each place an error has.
    let echo = format!(r#"{{"error":{{"code":"{KEY}","message":"your key {KEY} is no good"}}}}"#);
    let echoing = RawServer::start(answer(response(400, &[("x-echo", KEY), ("retry-after", KEY)], &echo))).await;
    for api_key_from_host in [true, false] {
        said += &all_actions(&connector(Settings { api_key_from_host, ..settings(echoing.url()) })).await;
    }

    // No answer at all: TLS, proxies, names, time, policy, memory.
    let stranger = RawServer::start_tls(authority.acceptor("127.0.0.1"), answer(empty_page())).await;
    let silent = RawServer::start(vec![Step::Read, Step::Stall]).await;
    let endless = RawServer::start(vec![
        Step::Read,
        send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"data\":[\""),
        Step::Repeat(vec![b'x'; 64 << 10].into()),
    ])
    .await;
    let refusing = Proxy::start(Speaks::Http, Conduct::Refuses, nobody.authority()).await;
    let dead_proxy = format!("http://{credentials}@{}", nobody.authority());
    for settings in [
        settings(stranger.url()),
        settings(nobody.url()),
        settings("https://virustotal.invalid"),
        Settings { timeout: Duration::from_millis(50), ..settings(silent.url()) },
        Settings { http_proxy: Some(refusing.url_with(&credentials)), ..settings("https://vt.example") },
        Settings { http_proxy: Some(dead_proxy), ..settings("https://vt.example") },
        Settings {
            http_proxy: Some(proxy.url_with(&format!("{USER}x:{PASSWORD_IN_URL}"))),
            ..settings("https://vt.example")
        },
    ] {
        said += &all_actions(&connector(settings)).await;
    }
    let small = connector(Settings { max_memory_bytes: 8 << 20, ..settings(endless.url()) });
    for tenant in [&denied, &small] {
        said += &told(within(get(tenant)).await);
    }
    assert_eq!((denied.counters().denied, small.counters().failures), (1, vec![("trap", 1)]));
    std::fs::remove_file(ca_file).expect("it was there");

    assert_silent(&said, "a result");
    let text = logs.text();
    assert_silent(&text, "what was logged");
    // All this is worth something only if the libraries were heard, and the requests carried the key.
    for library in ["vt_hunting_host", "h2::", "reqwest", "wasmtime_wasi"] {
        assert!(text.contains(library), "nothing was heard of {library}");
    }
    assert!(world.simulator.requests().iter().all(|request| request.header("x-apikey") == Some(KEY)));
    assert!(proxy.heads().contains(BASIC) && logs.calls().len() > 200, "{}", logs.calls().len());
}

fn authority_of(url: &str) -> String {
    url.split_once("://").expect("a scheme").1.to_owned()
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for text in [
        format!("key={KEY}"),
        format!("{:?}", KEY.as_bytes()),
        format!("{:?}", ("x-apikey", KEY.as_bytes().to_vec())),
        format!("proxy http://{USER}:{PASSWORD_IN_URL}@proxy"),
        format!("proxy-authorization: {BASIC}"),
    ] {
        assert!(std::panic::catch_unwind(|| assert_silent(&text, "a text")).is_err(), "{text}");
    }
    assert_ne!(api_key(KEY).expose(), REDACTED);
}
