//! The command line says a lot, and never the key.

use virustotal_hunting_simulator::{Options, Simulator};

use crate::program::{Said, run};
use crate::proxy::{PASSWORD, PASSWORD_IN_URL, USER};
use crate::support::KEY;
use crate::support::process::Folder;
use crate::support::raw_server::{RawServer, answer, response};

fn simulator() -> Simulator {
    Simulator::start_blocking(Options { key: Some(KEY.to_owned()), ..Options::default() }).expect("it starts")
}

fn assert_silent(said: &Said, arguments: &[&str]) {
    for text in [&said.stdout, &said.stderr] {
        for secret in [KEY, PASSWORD, PASSWORD_IN_URL] {
            assert!(!text.contains(secret), "{arguments:?} says a secret: {text}");
        }
    }
}

/// Runs it and looks for secrets in what it says.
fn quiet(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Said {
    let said = run(arguments, environment, input);
    assert_silent(&said, arguments);
    said
}

#[test]
fn answers_and_their_logs_hold_no_key() {
    let simulator = simulator();
    let url = simulator.http_url();
    let environment = [("VT_APIKEY", KEY), ("VT_URL", &*url)];
    for (arguments, says) in [
        (&["livehunt", "rulesets", "-vv"][..], "call ended"),
        (&["retrohunt", "jobs", "-vv", "--log-format", "json"], "call ended"),
        (&["ioc-stream", "objects", "--limit", "1", "--envelope", "-v"], "call ended"),
    ] {
        let said = quiet(arguments, &environment, "");
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(said.stderr.contains(says) && !said.stdout.is_empty(), "{}", said.stderr);
    }
    // The key from a stream, and in the guest's hands.
    let said = quiet(&["retrohunt", "jobs", "--apikey-file", "-"], &[("VT_URL", &url)], &format!("{KEY}\n"));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let handed = [environment[0], environment[1], ("VT_APIKEY_FROM_HOST", "false")];
    let said = quiet(&["retrohunt", "jobs", "-vv"], &handed, "");
    assert!(said.code == 0 && said.stderr.contains("apikey_from_host is false"), "{}", said.stderr);
    assert!(simulator.requests().iter().all(|request| request.header("x-apikey") == Some(KEY)));
    assert_eq!(simulator.requests().len(), 5);
}

#[test]
fn a_token_of_another_product_is_refused_before_anything_is_sent_wherever_it_is_given() {
    const TOKEN: &str = "vtai_5up3r5ecr3tt0k3n";
    let simulator = simulator();
    let url = simulator.http_url();
    let folder = Folder::new();
    let (key_file, config) =
        (folder.with("key", TOKEN), folder.with("config.toml", &format!("apikey = \"{TOKEN}\"\nurl = \"{url}\"\n")));
    let by_variable = vec![("VT_APIKEY", TOKEN), ("VT_URL", &*url)];
    let handed = [by_variable.clone(), vec![("VT_APIKEY_FROM_HOST", "false")]].concat();
    for (arguments, environment, input, names) in [
        (vec!["retrohunt", "jobs", "-vv"], by_variable.clone(), "", "VT_APIKEY"),
        (vec!["retrohunt", "jobs", "-vv"], handed, "", "VT_APIKEY"),
        (vec!["serve"], by_variable, "", "VT_APIKEY"),
        (vec!["retrohunt", "jobs", "--apikey-file", &key_file], vec![("VT_URL", &*url)], "", "--apikey-file"),
        (vec!["retrohunt", "jobs", "--apikey-file", "-"], vec![("VT_URL", &*url)], TOKEN, "--apikey-file"),
        (vec!["retrohunt", "jobs", "--config", &config], vec![], "", "apikey"),
    ] {
        let said = quiet(&arguments, &environment, input);
        assert_eq!((said.code, &*said.stdout), (11, ""), "{arguments:?}: {}", said.stderr);
        for part in ["vtai_…", "another product", "profile page", names] {
            assert!(said.stderr.contains(part), "{arguments:?} does not say {part}: {}", said.stderr);
        }
        assert!(!said.stderr.contains(&TOKEN[5..]), "{arguments:?} says the token: {}", said.stderr);
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_and_their_logs_hold_no_key() {
    let echo = format!(r#"{{"error":{{"code":"BadRequestError","message":"your key {KEY} is no good"}}}}"#);
    let echoing = RawServer::start(answer(response(400, &[("x-echo", KEY)], echo))).await;
    let nobody = RawServer::deaf("http");
    let proxy = format!("http://{USER}:{PASSWORD_IN_URL}@{}", nobody.authority());
    let through = |url: &str| vec![("VT_APIKEY", KEY.to_owned()), ("VT_URL", url.to_owned())];
    type Case<'a> = (Vec<&'a str>, Vec<(&'a str, String)>, &'a str);
    let mut cases: Vec<Case<'_>> = vec![
        (vec!["retrohunt", "jobs", "-vv"], through(echoing.url()), "[redacted]"),
        (vec!["retrohunt", "jobs", "--envelope", "-vv", "--log-format", "json"], through(echoing.url()), "[redacted]"),
        (vec!["retrohunt", "jobs", "-vv"], through(nobody.url()), "ConnectionRefused"),
        (
            vec!["livehunt", "rulesets", "-vv", "--http-proxy", &proxy],
            through("https://vt.example"),
            nobody.authority(),
        ),
        (vec!["retrohunt", "job", ""], through(nobody.url()), ""),
    ];
    // Settings that are no good.
    for (name, value) in [
        ("VT_APIKEY", format!("{KEY} {KEY}")),
        ("VT_TIMEOUT", KEY.to_owned()),
        ("VT_URL", format!("https://me:{KEY}@vt.example")),
        ("VT_HTTP_PROXY", format!("ftp://me:{PASSWORD}@proxy")),
    ] {
        for command in [&["config"][..], &["retrohunt", "jobs", "-vv"]] {
            cases.push((command.to_vec(), vec![(name, value.clone())], ""));
        }
    }
    for (arguments, environment, says) in &cases {
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, &**value)).collect();
        let said = tokio::task::block_in_place(|| quiet(arguments, &environment, ""));
        assert_ne!(said.code, 0, "{arguments:?}");
        assert!(said.stderr.contains(says), "{arguments:?}: {}", said.stderr);
    }
}

#[test]
fn config_shows_every_setting_and_no_secret() {
    let proxy = format!("http://{USER}:{PASSWORD_IN_URL}@proxy.example:3128");
    let environment = [("VT_APIKEY", KEY), ("VT_HTTP_PROXY", &*proxy), ("VT_PROXY_PASSWORD", PASSWORD)];
    for arguments in [
        &["config"][..],
        &["config", "--output", "table"],
        &["config", "--output", "jsonl", "-vv"],
        &["config", "--output", "json", "-vv", "--log-format", "json"],
    ] {
        let said = quiet(arguments, &environment, "");
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert_eq!(said.stdout.matches("[redacted]").count(), 3, "{}", said.stdout);
        assert!(said.stdout.contains("proxy.example:3128"), "{}", said.stdout);
    }
    for arguments in [&["actions"][..], &["completions", "bash"], &["--help"], &["livehunt", "--help"], &["nonsense"]] {
        quiet(arguments, &environment, "");
    }
}

#[test]
fn a_settings_file_that_is_broken_is_not_quoted() {
    let file = std::env::temp_dir().join(format!("vt-hunting-tests-{}-secrets.toml", std::process::id()));
    for text in [format!("apikey = \"{KEY}\nurl = 1"), format!("api_kee = \"{KEY}\""), format!("apikey = [\"{KEY}\"]")]
    {
        std::fs::write(&file, text).expect("a writable temporary directory");
        let said = quiet(&["config", "--config", file.to_str().expect("text"), "-vv"], &[], "");
        assert!(said.code != 0 && said.stderr.contains("secrets.toml"), "{}", said.stderr);
    }
    std::fs::write(&file, format!("apikey = \"{KEY}\"")).expect("a writable temporary directory");
    let said = quiet(&["config", "--config", file.to_str().expect("text")], &[], "");
    assert!(said.code == 0 && said.stdout.contains("secrets.toml"), "{}", said.stdout);
    std::fs::remove_file(file).expect("it was there");
}

#[test]
fn verify_ssl_false_is_said_out_loud_by_config_and_by_every_call() {
    let simulator = simulator();
    let url = simulator.https_url();
    let environment = [("VT_APIKEY", KEY), ("VT_URL", &*url)];
    for arguments in [&["config", "--insecure"][..], &["retrohunt", "jobs", "--insecure"]] {
        let said = quiet(arguments, &environment, "");
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(said.stderr.contains("WARN") && said.stderr.contains("NOT checked"), "{arguments:?}: {}", said.stderr);
    }
    let said = quiet(&["config"], &environment, "");
    assert!(!said.stderr.contains("NOT checked"), "{}", said.stderr);
}

#[test]
fn a_proxy_that_other_programs_use_is_not_ours() {
    let simulator = simulator();
    let url = simulator.http_url();
    // Nobody listens on the discard port; through it there is no answer.
    let dead = "http://127.0.0.1:9";
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let mut environment = names.map(|name| (name, dead)).to_vec();
    environment.extend([("VT_APIKEY", KEY), ("VT_URL", &*url)]);
    let said = quiet(&["retrohunt", "jobs"], &environment, "");
    assert_eq!((said.code, simulator.requests().len()), (0, 1), "{}", said.stderr);
}
