//! What keeps the command line from serving is named, with the next step, and ends it at once.

use super::{TOKEN, file};
use crate::program;
use crate::support::{KEY, component};

/// How it ends, and what it says; the key and the token are in none of it.
fn refused(flags: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let (gateway, mut words) = (file(), vec!["serve"]);
    if !flags.contains(&"--gateway") {
        words.extend(["--gateway", gateway.to_str().expect("text")]);
    }
    words.extend(flags);
    let said = program::run(&words, environment, "");
    assert_eq!(said.stdout, "", "{flags:?} is served");
    assert!(!said.stderr.contains(KEY) && !said.stderr.contains(TOKEN), "{}", said.stderr);
    (said.code, said.stderr)
}

const API_KEY: (&str, &str) = ("VT_APIKEY", KEY);
const WITH_TOKEN: &[(&str, &str)] = &[API_KEY, ("GATEWAY_TOKEN", TOKEN)];

/// Flags, environment, exit code, and what the message has to name.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], i32, &'a [&'a str]);

#[test]
fn every_failure_to_start_names_the_thing_and_the_next_step() {
    let connector = component();
    let connector = connector.to_str().expect("text");
    let cases: &[Case<'_>] = &[
        (&[], &[API_KEY], 11, &["GATEWAY_TOKEN", "--no-auth", "loopback"]),
        (&[], &[API_KEY, ("GATEWAY_NO_AUTH", "true")], 11, &["GATEWAY_TOKEN", "--no-auth"]),
        (&["--no-auth", "--addr", "0.0.0.0:0"], &[API_KEY], 11, &["0.0.0.0:0", "GATEWAY_TOKEN", "--no-auth"]),
        (&["--no-auth"], WITH_TOKEN, 11, &["GATEWAY_TOKEN", "--no-auth"]),
        (&[], &[("GATEWAY_TOKEN", TOKEN)], 11, &["VT_APIKEY"]),
        (&[], &[API_KEY, ("GATEWAY_TOKEN", "short")], 11, &["GATEWAY_TOKEN", "16"]),
        (&[], &[API_KEY, ("GATEWAY_TOKEN", TOKEN), ("GATEWAY_CORS_ORIGINS", "*")], 11, &["GATEWAY_CORS_ORIGINS"]),
        (
            &[],
            &[API_KEY, ("GATEWAY_TOKEN", TOKEN), ("GATEWAY_MAX_REQUEST_BYTES", "all")],
            11,
            &["GATEWAY_MAX_REQUEST_BYTES"],
        ),
        (&[], &[API_KEY, ("GATEWAY_TOKEN", TOKEN), ("VT_TIMEOUT", "never")], 11, &["VT_TIMEOUT"]),
        (&["--addr", "192.0.2.1:1"], WITH_TOKEN, 34, &["192.0.2.1:1", "--addr"]),
        (&["--gateway", "nowhere.wasm"], WITH_TOKEN, 33, &["nowhere.wasm", "cargo xtask build", "--gateway"]),
        (&["--gateway", connector], WITH_TOKEN, 33, &["incoming-handler", "cargo xtask build", "--gateway"]),
        (&["--addr", "localhost"], WITH_TOKEN, 2, &["--addr"]),
    ];
    for (flags, environment, code, named) in cases {
        let (ended, said) = refused(flags, environment);
        assert_eq!(ended, *code, "{flags:?}: {said}");
        for name in *named {
            assert!(said.contains(name), "{flags:?}: {name} is not in {said}");
        }
    }
}

#[test]
fn a_port_that_is_taken_is_said_to_be() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let (code, said) = refused(&["--addr", &address], WITH_TOKEN);
    assert_eq!(code, 34, "{said}");
    assert!(said.contains(&address) && said.contains("--addr"), "{said}");
}
