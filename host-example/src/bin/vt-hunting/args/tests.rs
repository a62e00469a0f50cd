use clap::FromArgMatches as _;
use vt_hunting_host::{ioc_stream as stream, livehunt as live, retrohunt as retro};

use super::*;
use crate::dispatch::Call;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    let words = shlex::split(line).unwrap();
    command().try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches))
}

fn call(line: &str) -> Call {
    match parse(line).unwrap_or_else(|error| panic!("{error}")).command {
        Command::Livehunt(command) => command.try_into().unwrap(),
        Command::Retrohunt(command) => command.try_into().unwrap(),
        Command::IocStream(command) => command.into(),
        other => panic!("{other:?} is no action"),
    }
}

fn refusal(line: &str) -> String {
    parse(line).expect_err(line).to_string()
}

/// A rules file with this text; the folder is removed when it is dropped.
struct RulesFile(std::path::PathBuf);

impl RulesFile {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("vt-hunting-{}-{name}.yar", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for RulesFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_grammar_is_sound() {
    command().debug_assert();
}

#[test]
fn without_flags_a_query_asks_for_virustotals_defaults() {
    assert!(matches!(call("vt-hunting livehunt rulesets"), Call::Rulesets(query) if query == Default::default()));
    assert!(
        matches!(call("vt-hunting livehunt notifications"), Call::Notifications(query) if query == Default::default())
    );
    assert!(
        matches!(call("vt-hunting livehunt notification-files"), Call::NotificationFiles(query) if query == Default::default())
    );
    assert!(matches!(call("vt-hunting retrohunt jobs"), Call::Jobs(query) if query == Default::default()));
    assert!(
        matches!(call("vt-hunting retrohunt matches a-1"), Call::Matches(id, query) if id == "a-1" && query == Default::default())
    );
    assert!(matches!(call("vt-hunting ioc-stream objects"), Call::Objects(query) if query == Default::default()));
}

#[test]
fn every_field_of_a_query_is_a_flag() {
    let Call::Rulesets(query) =
        call("vt-hunting livehunt rulesets --limit 20 --filter 'enabled:true name:x' --order name+ --cursor c")
    else {
        panic!()
    };
    let expected = live::RulesetsQuery {
        limit: Some(20),
        filter: Some("enabled:true name:x".to_owned()),
        order: Some("name+".to_owned()),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);

    let Call::Notifications(query) = call(
        "vt-hunting livehunt notifications --limit 40 --filter tag:x --order date- --cursor c --count-limit 10000",
    ) else {
        panic!()
    };
    let expected = live::NotificationsQuery {
        limit: Some(40),
        filter: Some("tag:x".to_owned()),
        order: Some("date-".to_owned()),
        cursor: Some("c".to_owned()),
        count_limit: Some(10_000),
    };
    assert_eq!(query, expected);

    let Call::NotificationFiles(query) =
        call("vt-hunting livehunt notification-files --limit 1 --filter x --cursor c --count-limit 5")
    else {
        panic!()
    };
    let expected = live::NotificationFilesQuery {
        limit: Some(1),
        filter: Some("x".to_owned()),
        cursor: Some("c".to_owned()),
        count_limit: Some(5),
    };
    assert_eq!(query, expected);

    let Call::Jobs(query) = call("vt-hunting retrohunt jobs --limit 2 --filter status:running --cursor c") else {
        panic!()
    };
    let expected = retro::RetrohuntJobsQuery {
        limit: Some(2),
        filter: Some("status:running".to_owned()),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);

    let Call::Objects(query) = call(
        "vt-hunting ioc-stream objects --limit 3 --descriptors-only --filter origin:hunting --order date+ --cursor c",
    ) else {
        panic!()
    };
    let expected = stream::IocStreamQuery {
        limit: Some(3),
        descriptors_only: Some(true),
        filter: Some("origin:hunting".to_owned()),
        order: Some("date+".to_owned()),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);
}

#[test]
fn every_field_of_a_new_ruleset_is_a_flag() {
    let rules = RulesFile::new("ruleset", b"rule a { condition: true }\n");
    let Call::CreateRuleset(ruleset) = call(&format!(
        "vt-hunting livehunt create-ruleset --name a --rules {} --enabled --limit 500 \
         --notification-email a@example.com --notification-email b@example.com --match-object-type domain",
        rules.0.display()
    )) else {
        panic!()
    };
    let expected = live::NewRuleset {
        name: "a".to_owned(),
        rules: "rule a { condition: true }\n".to_owned(),
        enabled: Some(true),
        limit: Some(500),
        notification_emails: vec!["a@example.com".to_owned(), "b@example.com".to_owned()],
        match_object_type: Some(live::MatchObjectType::Domain),
    };
    assert_eq!(ruleset, expected);
}

#[test]
fn every_field_of_a_new_job_is_a_flag() {
    let rules = RulesFile::new("job", b"rule a { condition: true }");
    let Call::CreateJob(job) = call(&format!(
        "vt-hunting retrohunt create-job --rules {} --notification-email a@example.com --corpus goodware \
         --start 2021-07-22 --end 1626960086",
        rules.0.display()
    )) else {
        panic!()
    };
    let expected = retro::NewRetrohuntJob {
        rules: "rule a { condition: true }".to_owned(),
        notification_email: Some("a@example.com".to_owned()),
        corpus: Some(retro::Corpus::Goodware),
        time_range: Some(retro::TimeRange { start: Some(1_626_912_000), end: Some(1_626_960_086) }),
    };
    assert_eq!(job, expected);
}

#[test]
fn a_time_range_can_be_open_or_absent() {
    let rules = RulesFile::new("range", b"rule a { condition: true }");
    let create = format!("vt-hunting retrohunt create-job --rules {}", rules.0.display());
    assert!(matches!(call(&create), Call::CreateJob(job) if job.time_range.is_none()));
    let Call::CreateJob(job) = call(&format!("{create} --end 7")) else { panic!() };
    let range = job.time_range.unwrap();
    assert_eq!((range.start, range.end), (None, Some(7)));
}

#[test]
fn an_optional_flag_can_say_no() {
    let rules = RulesFile::new("no", b"rule a { condition: true }");
    let create = format!("vt-hunting livehunt create-ruleset --name a --rules {}", rules.0.display());
    assert!(matches!(call(&create), Call::CreateRuleset(ruleset) if ruleset.enabled.is_none()));
    assert!(
        matches!(call(&format!("{create} --enabled=false")), Call::CreateRuleset(ruleset) if ruleset.enabled == Some(false))
    );
}

#[test]
fn rules_that_are_no_text_are_refused_before_anything_runs() {
    let rules = RulesFile::new("latin", b"rule a\n{ // \xe9t\xe9\n}");
    let cli = parse(&format!("vt-hunting retrohunt create-job --rules {}", rules.0.display())).unwrap();
    let Command::Retrohunt(command) = cli.command else { panic!() };
    let failure = Call::try_from(command).err().unwrap();
    assert_eq!(failure.kind.code(), 10);
    assert_eq!(failure.code, "NotUtf8");
    assert!(failure.message.contains("line 2 "), "{}", failure.message);
}

#[test]
fn a_cursor_may_begin_with_a_dash() {
    for line in ["retrohunt jobs --cursor -x", "retrohunt jobs --cursor=-x"] {
        assert!(
            matches!(call(&format!("vt-hunting {line}")), Call::Jobs(query) if query.cursor.as_deref() == Some("-x"))
        );
    }
}

#[test]
fn global_flags_work_before_and_behind_the_command() {
    for line in [
        "vt-hunting --url https://vt.example --output jsonl retrohunt jobs",
        "vt-hunting retrohunt jobs --url https://vt.example --output jsonl",
    ] {
        let global = parse(line).unwrap().global;
        assert_eq!(global.connection.url.as_deref(), Some("https://vt.example"));
        assert_eq!(global.output.output, Some(global::Format::Jsonl));
    }
}

#[test]
fn insecure_is_verify_ssl_false() {
    let verify = |flags: &str| {
        let cli = parse(&format!("vt-hunting config {flags}")).unwrap();
        cli.global.connection.verify_ssl()
    };
    assert_eq!(verify(""), None);
    assert_eq!(verify("--insecure"), Some(false));
    assert_eq!(verify("--verify-ssl false"), Some(false));
    assert_eq!(verify("--verify-ssl true"), Some(true));
    assert!(refusal("vt-hunting config --insecure --verify-ssl true").contains("cannot be used with"));
}

#[test]
fn the_key_is_no_flag() {
    for line in ["vt-hunting config --apikey abc", "vt-hunting config --api-key abc"] {
        assert!(refusal(line).contains("unexpected argument"), "{line}");
    }
}

#[test]
fn a_bad_moment_says_what_would_be_right() {
    let error = refusal("vt-hunting retrohunt create-job --rules r --start tomorrow");
    assert!(error.contains("2021-07-22T10:00:00Z"), "{error}");
}

#[test]
fn the_long_help_has_the_exit_codes_and_the_examples() {
    let help = command().render_long_help().to_string();
    assert!(help.contains("Exit codes:"), "{help}");
    assert!(help.contains("  16  quota-exceeded: "), "{help}");
    assert!(help.contains("retrohunt create-job --rules rule.yar"), "{help}");
    assert!(!help.contains("vt-hunting --help"), "{help}");
}

#[test]
fn examples_fit_a_narrow_terminal() {
    fn check(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        for text in [command.get_after_help(), command.get_after_long_help()].into_iter().flatten() {
            for line in text.to_string().lines() {
                assert!(line.chars().count() <= 80, "{path}: {line}");
            }
        }
        for sub in command.get_subcommands() {
            check(sub, &path);
        }
    }
    check(&command(), "");
}
