//! A name that is listed is still not reached at an address inside the network, unless somebody said so; and nothing is ever
//! sent to a cloud's metadata service, whoever said so.

use vt_hunting_host::Settings;
use vt_hunting_host::types::{Error, ErrorKind};

use super::{get, turned_to};
use crate::program::run;
use crate::rogue;
use crate::support::raw_server::{RawServer, answer, empty_page};
use crate::support::world::{connector, settings};
use crate::support::{answered, refused};

fn assert_prohibited(error: &Error) {
    assert_eq!((error.kind, &*error.code), (ErrorKind::Forbidden, "RequestDenied"), "{error:?}");
    assert!(error.message.contains("its address is not allowed"), "{}", error.message);
    assert!(!error.retryable);
}

/// A tenant of the public VirusTotal that lists one more host.
fn listing(entry: &str) -> Settings {
    Settings { allowed_hosts: vec![entry.to_owned()], allow_http: true, ..settings("https://vt.example") }
}

#[tokio::test]
async fn what_leads_to_loopback_is_refused_for_a_public_origin_and_allowed_on_demand() {
    let server = RawServer::start(answer(empty_page())).await;
    let port = server.authority().rsplit(':').next().expect("a port");
    let mut answers = 0;
    // The name itself, one below it, the address, and the address as a riddle.
    for host in ["localhost", "vt.localhost", "127.0.0.1", "0x7f.1", "127.1.2.3"] {
        let url = format!("http://{host}:{port}");
        let rogue = rogue::turned_to(&url);
        let closed = rogue.connector(listing(&url)).expect("good settings");
        assert_prohibited(&refused(get(&closed)).await);
        assert_eq!(server.connections(), answers, "{host}");
        if host != "127.1.2.3" {
            let open = rogue.connector(Settings { allow_private: true, ..listing(&url) }).expect("good settings");
            answered(get(&open)).await;
            answers += 1;
        }
    }
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn an_ipv4_address_in_ipv6_clothes_is_an_ipv4_address() {
    // Loopback and the metadata service, mapped, compatible, and behind NAT64. Nothing may be sent to them.
    for host in ["[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[::ffff:a9fe:a9fe]"] {
        let url = format!("http://{host}");
        let rogue = turned_to(&url, listing(&url));
        assert_prohibited(&refused(get(&rogue)).await);
        let counters = rogue.counters();
        assert_eq!((counters.denied, counters.attempts, counters.connections_opened), (1, 0, 0), "{host}");
    }
}

#[tokio::test]
async fn the_metadata_service_and_the_unspecified_address_stay_closed_whatever_is_allowed() {
    let server = RawServer::start(answer(empty_page())).await;
    let port = server.authority().rsplit(':').next().expect("a port");
    // Many systems take 0.0.0.0 for this machine.
    for url in ["http://169.254.169.254".to_owned(), format!("http://0.0.0.0:{port}")] {
        let rogue = turned_to(&url, Settings { allow_private: true, ..listing(&url) });
        assert_prohibited(&refused(get(&rogue)).await);
        let counters = rogue.counters();
        assert_eq!((counters.denied, counters.attempts, counters.connections_opened), (1, 0, 0), "{url}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_origin_that_is_loopback_opens_loopback_for_itself_and_for_nobody_else() {
    let origin = RawServer::start(answer(empty_page())).await;
    let other = RawServer::start(answer(empty_page())).await;
    let by_name = origin.url().replace("127.0.0.1", "localhost");
    answered(get(&connector(settings(&by_name)))).await;
    answered(get(&connector(settings(origin.url())))).await;

    let url = other.url().replace("127.0.0.1", "localhost");
    let listed = Settings { allowed_hosts: vec![url.clone()], ..settings(origin.url()) };
    assert_prohibited(&refused(get(&turned_to(&url, listed))).await);
    assert_eq!((origin.connections(), other.connections()), (2, 0));
}

#[tokio::test]
async fn a_name_is_connected_to_at_an_address_it_was_vetted_with() {
    // `localhost` is 127.0.0.1 and ::1 here, and only one of them listens: both were vetted, and nothing else is tried.
    let server = RawServer::start(answer(empty_page())).await;
    let connector = connector(settings(&server.url().replace("127.0.0.1", "localhost")));
    for _ in 0..3 {
        answered(get(&connector)).await;
    }
    let request = String::from_utf8(server.requests().remove(0)).expect("text").to_ascii_lowercase();
    let host = server.authority().replace("127.0.0.1", "localhost");
    assert!(request.contains(&format!("host: {host}\r\n")), "{request}");
    assert_eq!((server.connections(), connector.counters().connections_opened), (1, 1));
}

/// Where nothing is ever sent, in many spellings.
const NEVER: [&str; 42] = [
    // The services of many clouds.
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.0.23",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
    "[fd20:ce::254]",
    "[fd00:c1::a9fe:a9fe]",
    "[fe80::a9fe:a9fe]",
    // One of them as a riddle.
    "169.254.169.254.",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "2852039166",
    "025177524776",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "%31%36%39.254.169.254",
    "\u{ff11}\u{ff16}\u{ff19}.254.169.254",
    "169\u{3002}254\u{3002}169\u{3002}254",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:FFFF:A9FE:A9FE]",
    "[::ffff:0:a9fe:a9fe]",
    "[::a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[2001::5601:5601]",
    "[2607:f8b0::5efe:a9fe:a9fe]",
    "[2002:6464:64c8::]",
    "[::ffff:168.63.129.16]",
    // Many, all, and nobody.
    "224.0.0.1",
    "239.255.255.255",
    "[ff02::1]",
    "255.255.255.255",
    "0.0.0.0",
    "0",
    "[::]",
];

#[test]
fn what_is_never_good_is_no_origin_and_no_proxy_whatever_is_allowed() {
    for host in NEVER {
        for (scheme, port) in [("http", ""), ("https", ":8443")] {
            let open = Settings {
                allow_http: true,
                allow_private: true,
                ..settings(&format!("{scheme}://{host}{port}/prefix"))
            };
            let refused = open.validate().expect_err(host).to_string();
            assert!(
                refused.contains("url") && refused.contains("the API key is never sent there"),
                "{host}: {refused}"
            );
        }
        for scheme in ["http", "https", "socks5h"] {
            let proxied =
                Settings { http_proxy: Some(format!("{scheme}://{host}:3128")), ..settings("https://vt.example") };
            let refused = proxied.validate().expect_err(host).to_string();
            assert!(refused.contains("http_proxy"), "{scheme} {host}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_component_that_goes_there_by_itself_is_stopped() {
    for host in
        ["169.254.170.2", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "[2001::5601:5601]", "[ff02::1]"]
    {
        let url = format!("http://{host}");
        let rogue = turned_to(&url, Settings { allow_private: true, ..listing(&url) });
        assert_prohibited(&refused(get(&rogue)).await);
        let counters = rogue.counters();
        assert_eq!((counters.denied, counters.attempts, counters.connections_opened), (1, 0, 0), "{host}");
    }
}

#[test]
fn the_command_line_names_the_setting_and_sends_nothing() {
    for host in ["169.254.169.254", "0xa9fea9fe", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]"] {
        let url = format!("http://{host}");
        let said = run(
            &["retrohunt", "jobs", "--url", &url, "--allow-http", "--allow-private"],
            &[("VT_APIKEY", crate::support::KEY)],
            "",
        );
        assert_eq!(said.code, 11, "{}", said.stderr);
        assert!(said.stderr.contains("a cloud's metadata service"), "{}", said.stderr);
    }
}
