use super::*;

fn from_toml(text: &str) -> Result<PartialSettings, SettingsError> {
    PartialSettings::from_toml(text, "vt-hunting.toml")
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let mut flags = PartialSettings::default();
    flags.set("timeout", "5", Source::Flag("--timeout".into())).unwrap();
    let environment = PartialSettings::from_env(|name| match name {
        "VT_TIMEOUT" => Some("20".into()),
        "VT_URL" => Some("https://from.environment".into()),
        _ => None,
    })
    .unwrap();
    let file = from_toml("timeout = 30\nurl = 'https://from.file'\nverify_ssl = false").unwrap();

    let merged = flags.merge(environment).merge(file);
    let settings = merged.resolve().unwrap();
    assert_eq!(settings.timeout, Duration::from_secs(5));
    assert_eq!(settings.url, "https://from.environment");
    assert!(!settings.verify_ssl);
    assert_eq!(settings.max_response_bytes, 64 << 20);

    let sources: Vec<_> = merged.effective().into_iter().map(|line| (line.key, line.source.to_string())).collect();
    assert!(sources.contains(&("timeout", "flag --timeout".into())));
    assert!(sources.contains(&("url", "environment VT_URL".into())));
    assert!(sources.contains(&("verify_ssl", "file vt-hunting.toml".into())));
    assert!(sources.contains(&("allow_http", "default".into())));
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_valid_one() {
    for (wrong, right) in [
        ("api_key", "apikey"),
        ("verifyssl", "verify_ssl"),
        ("VT_URL", "url"),
        ("time-out", "timeout"),
        ("proxy", "proxy_user"),
    ] {
        let error = from_toml(&format!("{wrong} = 'x'")).unwrap_err().to_string();
        assert!(error.contains(&format!("`{wrong}`")) && error.contains(&format!("did you mean `{right}`")), "{error}");
    }
    let error = from_toml("zzzzzz = 1").unwrap_err().to_string();
    assert!(error.contains("valid are apikey, "), "{error}");
}

#[test]
fn the_connectors_name_for_the_key_is_accepted() {
    let settings = from_toml("x_apikey = '0123456789abcdef'").unwrap().resolve().unwrap();
    assert_eq!(settings.api_key.unwrap().expose(), "0123456789abcdef");
}

#[test]
fn no_message_and_no_listing_shows_a_secret() {
    let file = "apikey = 's3cr3t-s3cr3t-s3cr3t'\nhttp_proxy = 'http://me:s3cr3t-s3cr3t-s3cr3t@proxy:3128'\nproxy_password = 's3cr3t-s3cr3t-s3cr3t'";
    let layer = from_toml(file).unwrap();
    let settings = layer.resolve().unwrap();
    let mut said = format!("{layer:?} {settings:?} {:?} {:?}", layer.effective(), settings.warnings());
    for broken in [
        "apikey = 's3cr3t-s3cr3t-s3cr3t\n",
        "apikey = ['s3cr3t-s3cr3t-s3cr3t']",
        "apikey = 's3cr3t-s3cr3t-s3cr3t x'",
        "timeout = 's3cr3t-s3cr3t-s3cr3t'",
        "verify_ssl = 's3cr3t-s3cr3t-s3cr3t'",
        "http_proxy = 'ftp://me:s3cr3t-s3cr3t-s3cr3t@proxy'",
        "http_proxy = 'me:s3cr3t-s3cr3t-s3cr3t@proxy:99999'",
        "http_proxy = 'http://me:s3cr3t-s3cr3t-s3cr3t/x@proxy'",
        "url = 'https://me:s3cr3t-s3cr3t-s3cr3t@host'",
    ] {
        said += &from_toml(broken).and_then(|layer| layer.resolve()).expect_err(broken).to_string();
    }
    assert!(!serde_json::to_string(&settings.api_key).unwrap().contains("s3cr3t-s3cr3t-s3cr3t"));
    assert!(!said.contains("s3cr3t-s3cr3t-s3cr3t"), "{said}");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let layer = PartialSettings::from_env(|_| Some(" ".into())).unwrap();
    assert!(layer.effective().iter().all(|line| line.source == Source::Default));
}

#[test]
fn plain_http_needs_loopback_or_consent() {
    let with = |url: &str, allow_http| Settings { url: url.into(), allow_http, ..Settings::default() }.validate();
    assert!(with("http://127.0.0.1:8080", false).is_ok());
    assert!(with("http://[::1]:8080", false).is_ok());
    assert!(with("http://localhost", false).is_ok());
    assert!(with("http://vt.example", false).is_err());
    assert!(with("http://vt.example", true).is_ok());
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let default = Settings::default;
    for settings in [
        Settings { client_cert: Some("c.pem".into()), ..default() },
        Settings { client_key: Some("k.pem".into()), ..default() },
        Settings { proxy_user: Some("me".into()), ..default() },
        Settings { timeout: Duration::ZERO, ..default() },
        Settings { max_response_bytes: 0, ..default() },
        Settings { max_memory_bytes: 1, ..default() },
        Settings { max_concurrent_calls: 0, ..default() },
        Settings { retries: 11, ..default() },
        Settings { requests_per_minute: Some(RequestRate::per_minute(0)), ..default() },
        Settings { requests_per_minute: Some(RequestRate::per_minute(1_000_001)), ..default() },
        Settings { requests_per_minute: Some(RequestRate { per_day: Some(0), ..RequestRate::PUBLIC }), ..default() },
        Settings { url: "www.virustotal.com".into(), ..default() },
        Settings { url: "ftp://www.virustotal.com".into(), ..default() },
        Settings { url: "https://host/?q".into(), ..default() },
        Settings { allowed_hosts: vec!["*".into()], ..default() },
    ] {
        assert!(settings.validate().is_err(), "{settings:?}");
    }
    default().validate().unwrap();
}

#[test]
fn whatever_is_dangerous_is_said_aloud() {
    assert!(Settings::default().warnings().is_empty());
    let settings = Settings { verify_ssl: false, allow_private: true, api_key_from_host: false, ..Settings::default() };
    assert_eq!(settings.warnings().len(), 3);
}

#[test]
fn access_retries_and_rate_are_read_from_every_layer() {
    let environment = PartialSettings::from_env(|name| match name {
        "VT_ACCESS" => Some("READ-ONLY".into()),
        "VT_RETRIES" => Some("0".into()),
        "VT_REQUESTS_PER_MINUTE" => Some(" Public ".into()),
        _ => None,
    });
    let settings = environment.unwrap().resolve().unwrap();
    assert_eq!((settings.access, settings.retries), (Access::ReadOnly, 0));
    assert_eq!(settings.requests_per_minute, Some(RequestRate { per_minute: 4, per_day: Some(500) }));

    let file = from_toml("access = 'full'\nretries = 10\nrequests_per_minute = 1000000").unwrap();
    let settings = file.resolve().unwrap();
    assert_eq!((settings.access, settings.retries), (Access::Full, 10));
    assert_eq!(settings.requests_per_minute, Some(RequestRate::per_minute(1_000_000)));

    let none = Settings::default();
    assert_eq!((none.access, none.retries, none.requests_per_minute), (Access::Full, 2, None));
}

#[test]
fn access_retries_and_rate_that_are_none_are_refused_with_what_would_be_right() {
    for (wrong, right) in [
        ("access = 'readonly'", "`full` or `read-only`"),
        ("access = true", "`full` or `read-only`"),
        ("retries = -1", "whole number"),
        ("retries = 11", "0 to 10"),
        ("requests_per_minute = 0", "1 to 1000000"),
        ("requests_per_minute = -4", "1 to 1000000"),
        ("requests_per_minute = 1000001", "1 to 1000000"),
        ("requests_per_minute = '4.5'", "1 to 1000000, or `public`"),
        ("requests_per_minute = 'premium'", "1 to 1000000, or `public`"),
        ("requests_per_minute = 4.0", "`public`"),
    ] {
        let error = from_toml(wrong).and_then(|layer| layer.resolve()).expect_err(wrong).to_string();
        let name = wrong.split(' ').next().unwrap();
        assert!(error.contains(&format!("`{name}`")) && error.contains(right), "{error}");
    }
}

#[test]
fn a_rate_survives_being_written_down() {
    let written = |rate| serde_json::to_string(&rate).unwrap();
    assert_eq!(written(RequestRate::PUBLIC), "\"public\"");
    assert_eq!(written(RequestRate::per_minute(60)), "60");
    let rate = RequestRate { per_minute: 60, per_day: Some(9) };
    for rate in [RequestRate::PUBLIC, RequestRate::per_minute(60), rate] {
        assert_eq!(serde_json::from_str::<RequestRate>(&written(rate)).unwrap(), rate);
    }
    let shown = |text: &str| {
        let layer = from_toml(&format!("requests_per_minute = {text}")).unwrap();
        layer.effective().into_iter().find(|line| line.key == "requests_per_minute").unwrap().value
    };
    assert_eq!((shown("'PUBLIC'"), shown("60")), ("public".to_owned(), "60".to_owned()));
}
