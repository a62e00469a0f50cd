//! Settings that are missing or wrong are named before anything is sent; a key works from either side of the sandbox,
//! and a rotated one at once.

use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::NewRuleset;
use vt_hunting_host::retrohunt::{RetrohuntJobsQuery, TimeRange};
use vt_hunting_host::types::{Error, ErrorKind};
use vt_hunting_host::{ApiKey, Settings};

use crate::support::bare::Bare;
use crate::support::world::{World, connector, new_job, new_ruleset, settings};
use crate::support::{KEY, RUNTIME, answered, refused, within};

async fn call(bare: &mut Bare) -> Result<(), Error> {
    let query = RetrohuntJobsQuery::default();
    let call = bare.exports.virustotal_hunting_retrohunt().call_get_retrohunt_jobs(&mut bare.store, &query);
    within(call).await.expect("no trap").map(drop)
}

/// What the component says to these variables; nothing may have been sent.
async fn complaint(variables: &[(&str, &str)]) -> Error {
    let mut bare = Bare::new(variables).await;
    let error = call(&mut bare).await.expect_err("it complains");
    assert!(bare.requests().is_empty(), "{variables:?}: something was sent");
    assert_eq!((error.status, error.retryable), (None, false));
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    error
}

#[tokio::test]
async fn a_missing_key_is_named_with_what_to_do() {
    for variables in [&[][..], &[("VT_APIKEY", "")], &[("VT_APIKEY", "  ")], &[("VT_APIKEY_FROM_HOST", "false")]] {
        let error = complaint(variables).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Configuration, "MissingApiKey"));
        assert!(error.message.contains("VT_APIKEY") && error.message.contains("VT_APIKEY_FROM_HOST"));
    }
    // The example host hands the question on.
    let error = refused(connector(Settings::default()).get_retrohunt_job("1")).await;
    assert_eq!(&*error.code, "MissingApiKey");
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_refused_without_being_shown() {
    for key in ["s3cr3t", "s3cr3t-s3cr3t-5", "s3cr3t\n", "s3cr3t\r\nx-evil: 1", "s3cr3t key", "s3cr3tü", "s3cr3t\0"] {
        let error = complaint(&[("VT_APIKEY", key)]).await;
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{key:?}");
        assert!(error.message.contains("VT_APIKEY") && !error.message.contains("s3cr3t"), "{}", error.message);
        assert!(error.message.contains(&key.len().to_string()), "its length tells what is wrong: {}", error.message);
    }
}

#[tokio::test]
async fn a_bad_url_is_refused_without_being_repeated() {
    for url in [
        "www.virustotal.com",
        "ftp://www.virustotal.com",
        "https://",
        "https://user:s3cret@www.virustotal.com",
        "https://www.virustotal.com?key=s3cret",
        "https://www.virustotal.com#s3cret",
        "https://www.virustotal.com:99999",
        "https://www.virustotal.com/a/../b",
        "https://www.virustotal.com\\@evil.example",
        "https://www.virustotal.com/ s3cret",
        "javascript:s3cret",
    ] {
        let error = complaint(&[("VT_APIKEY", KEY), ("VT_URL", url)]).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Configuration, "InvalidSetting"), "{url}");
        assert!(error.message.contains("VT_URL") && !error.message.contains("s3cret"), "{}", error.message);
    }
}

#[tokio::test]
async fn plain_http_goes_to_this_machine_only_unless_allowed() {
    for url in
        ["http://www.virustotal.com", "http://10.0.0.1:8080", "http://127.0.0.1.example", "http://localhost.example"]
    {
        let error = complaint(&[("VT_APIKEY", KEY), ("VT_URL", url)]).await;
        assert_eq!(error.kind, ErrorKind::Configuration, "{url}");
        assert!(error.message.contains("VT_ALLOW_HTTP"), "{}", error.message);
        // The example host does not even take it.
        let error = RUNTIME.connector(settings(url)).expect_err(url).to_string();
        assert!(error.contains("allow_http") && !error.contains(KEY), "{error}");

        let mut bare = Bare::new(&[("VT_APIKEY", KEY), ("VT_URL", url), ("VT_ALLOW_HTTP", "true")]).await;
        call(&mut bare).await.expect("allowed");
        assert_eq!(bare.requests()[0].uri().scheme_str(), Some("http"));
    }
    for url in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.1.2.3"] {
        let mut bare = Bare::new(&[("VT_APIKEY", KEY), ("VT_URL", url)]).await;
        call(&mut bare).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    }
}

#[tokio::test]
async fn settings_of_the_host_that_reach_the_component_stop_it() {
    for (name, value) in [
        ("VT_HTTP_PROXY", "http://user:s3cret@proxy.example:3128"),
        ("VT_VERIFY_SSL", "false"),
        ("VT_VERIFY_SSL", "0"),
        ("VT_VERIFY_SSL", "No"),
    ] {
        let error = complaint(&[("VT_APIKEY", KEY), (name, value)]).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Configuration, "HostOnlySetting"), "{name}={value}");
        assert!(error.message.contains(name) && error.message.contains("host"), "{}", error.message);
        assert!(!error.message.contains("s3cret"), "{}", error.message);
    }
    // What asks for nothing is no matter.
    let mut bare = Bare::new(&[("VT_APIKEY", KEY), ("VT_HTTP_PROXY", ""), ("VT_VERIFY_SSL", "true")]).await;
    call(&mut bare).await.expect("fine");
}

#[tokio::test]
async fn the_example_host_keeps_those_settings_to_itself() {
    let world = World::new();
    let own = Settings { verify_ssl: false, ..settings(&world.simulator.http_url()) };
    answered(connector(own).get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
}

#[tokio::test]
async fn values_that_are_no_values_are_named() {
    for (name, value) in [
        ("VT_VERIFY_SSL", "maybe"),
        ("VT_APIKEY_FROM_HOST", "si"),
        ("VT_ALLOW_HTTP", "2"),
        ("VT_TIMEOUT", "soon"),
        ("VT_TIMEOUT", "0"),
        ("VT_TIMEOUT", "-1"),
        ("VT_TIMEOUT", "1e9"),
        ("VT_TIMEOUT", "NaN"),
        ("VT_MAX_RESPONSE_BYTES", "0"),
        ("VT_MAX_RESPONSE_BYTES", "64MiB"),
        ("VT_MAX_RESPONSE_BYTES", "99999999999999999999"),
    ] {
        let error = complaint(&[("VT_APIKEY", KEY), (name, value)]).await;
        assert_eq!((error.kind, &*error.code), (ErrorKind::Configuration, "InvalidSetting"), "{name}={value}");
        assert!(error.message.contains(name), "{}", error.message);
    }
}

#[tokio::test]
async fn without_a_url_requests_go_to_virustotal_over_https() {
    let mut bare = Bare::new(&[("VT_APIKEY", KEY)]).await;
    call(&mut bare).await.expect("a page");
    let request = &bare.requests()[0];
    assert_eq!(request.uri().to_string(), "https://www.virustotal.com/api/v3/intelligence/retrohunt_jobs");
    assert_eq!(request.headers()["x-apikey"], KEY);
}

#[tokio::test]
async fn with_a_key_from_the_host_the_component_sends_none() {
    let mut bare = Bare::new(&[("VT_APIKEY_FROM_HOST", "true")]).await;
    call(&mut bare).await.expect("a page");
    assert!(bare.requests()[0].headers().get("x-apikey").is_none());
    // Even if it was given one as well.
    bare.set_variables(&[("VT_APIKEY_FROM_HOST", "1"), ("VT_APIKEY", KEY)]);
    call(&mut bare).await.expect("a page");
    assert!(bare.requests()[1].headers().get("x-apikey").is_none());
}

#[tokio::test]
async fn a_key_works_from_the_host_and_from_the_guest() {
    let world = World::new();
    for from_host in [true, false] {
        let own = Settings { api_key_from_host: from_host, ..settings(&world.simulator.http_url()) };
        answered(connector(own).get_retrohunt_jobs(&RetrohuntJobsQuery::default())).await;
        let request = world.simulator.requests().pop().expect("a request");
        let keys: Vec<_> = request.headers.iter().filter(|(name, _)| name == "x-apikey").collect();
        assert_eq!(keys, [&("x-apikey".to_owned(), KEY.as_bytes().to_vec())], "once");
    }
}

#[tokio::test]
async fn a_rotated_key_works_at_the_next_call_of_the_same_instance() {
    let mut bare = Bare::new(&[("VT_APIKEY", "the-old-key-of-one")]).await;
    call(&mut bare).await.expect("a page");
    bare.set_variables(&[("VT_APIKEY", "the-new-key-of-one"), ("VT_URL", "https://gateway.example/vt")]);
    call(&mut bare).await.expect("a page");
    bare.set_variables(&[]);
    assert_eq!(call(&mut bare).await.expect_err("no key").code, "MissingApiKey");
    let requests = bare.requests();
    let keys: Vec<_> = requests.iter().map(|request| &request.headers()["x-apikey"]).collect();
    assert_eq!(keys, ["the-old-key-of-one", "the-new-key-of-one"]);
    assert_eq!(requests[1].uri().path(), "/vt/api/v3/intelligence/retrohunt_jobs");
}

#[tokio::test]
async fn arguments_that_cannot_be_right_cost_no_request() {
    let world = World::new();
    let named = |error: Error, field: &str, says: &[&str]| {
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None), "{error:?}");
        for part in says.iter().copied().chain([format!("`{field}").as_str()]) {
            assert!(error.message.contains(part), "{part}: {}", error.message);
        }
    };
    let create = async |new: NewRuleset| refused(world.connector.create_livehunt_ruleset(&new)).await;
    named(create(new_ruleset("")).await, "name", &["is empty"]);
    named(create(NewRuleset { rules: " \n".to_owned(), ..new_ruleset("a") }).await, "rules", &["is empty"]);
    let long = NewRuleset { rules: "r".repeat((1 << 20) + 1), ..new_ruleset("a") };
    named(create(long).await, "rules", &["1048577", "1048576"]);

    let mut job = new_job();
    job.time_range = Some(TimeRange { start: Some(2), end: Some(1) });
    named(refused(world.connector.create_retrohunt_job(&job)).await, "time-range", &["2", "1"]);
    let none = IocStreamQuery { limit: Some(0), ..Default::default() };
    named(refused(world.connector.get_ioc_stream_objects(&none)).await, "limit", &["at least 1"]);
    assert!(world.simulator.requests().is_empty());
}

#[test]
fn a_key_is_never_printed_by_the_settings_that_hold_it() {
    let settings = Settings::new(ApiKey::new(KEY).expect("a key"));
    assert!(!format!("{settings:?}").contains(KEY));
    assert!(!serde_json::to_string(&settings).expect("JSON").contains(KEY));
    assert!(!format!("{:?}", connector(settings)).contains(KEY));
}
