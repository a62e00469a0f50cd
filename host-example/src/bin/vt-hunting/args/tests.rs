use clap::FromArgMatches as _;
use vt_hunting_host::{ioc_stream, livehunt, retrohunt};

use super::livehunt::IfExists;
use super::*;
use crate::dispatch::{Call, LivehuntCall, ReadingCall, RetrohuntCall, StreamCall, Work};

fn parse(line: &str) -> Result<Cli, clap::Error> {
    let words = shlex::split(line).unwrap();
    command().try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches))
}

fn work(line: &str) -> Result<Work, Failure> {
    match parse(line).unwrap_or_else(|error| panic!("{error}")).command {
        Command::Livehunt(command) => command.try_into(),
        Command::Retrohunt(command) => command.try_into(),
        Command::IocStream(command) => command.try_into(),
        Command::Account(command) => Ok(command.into()),
        Command::Crowdsourced(command) => command.try_into(),
        other => panic!("{other:?} is no action"),
    }
}

fn call(line: &str) -> Call {
    match work(line) {
        Ok(Work::Call(call)) => call,
        Ok(_) => panic!("{line} is no single call"),
        Err(failure) => panic!("{failure:?}"),
    }
}

fn live(line: &str) -> LivehuntCall {
    let Call::Livehunt(call) = call(&format!("vt-hunting livehunt {line}")) else { panic!("{line}") };
    call
}

fn retro(line: &str) -> RetrohuntCall {
    let Call::Retrohunt(call) = call(&format!("vt-hunting retrohunt {line}")) else { panic!("{line}") };
    call
}

fn stream(line: &str) -> StreamCall {
    let Call::Stream(call) = call(&format!("vt-hunting ioc-stream {line}")) else { panic!("{line}") };
    call
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
    assert!(matches!(live("rulesets"), LivehuntCall::Rulesets(query, _) if query == Default::default()));
    assert!(matches!(live("notifications"), LivehuntCall::Notifications(query) if query == Default::default()));
    assert!(
        matches!(live("notification-files"), LivehuntCall::NotificationFiles(query, _) if query == Default::default())
    );
    assert!(
        matches!(live("ruleset-notification-files r"), LivehuntCall::RulesetFiles(id, query, _) if id == "r" && query == Default::default())
    );
    assert!(matches!(retro("jobs"), RetrohuntCall::Jobs(query, _) if query == Default::default()));
    assert!(
        matches!(retro("matches a-1"), RetrohuntCall::Matches(id, query) if id == "a-1" && query == Default::default())
    );
    assert!(matches!(stream("objects"), StreamCall::Objects(query) if query == Default::default()));
    assert!(
        matches!(stream("poll"), StreamCall::Poll(None, poll, budget) if poll == Default::default() && budget == Default::default())
    );
    assert!(
        matches!(live("poll"), LivehuntCall::Poll(None, poll, budget) if poll == Default::default() && budget == Default::default())
    );
}

#[test]
fn every_field_of_a_query_is_a_flag() {
    let LivehuntCall::Rulesets(query, _) = live(
        "rulesets --limit 20 --filter rules:x --enabled true --name x --order name+ --cursor c --relationships editors,owner",
    ) else {
        panic!()
    };
    let expected = livehunt::RulesetsQuery {
        limit: Some(20),
        filter: Some("rules:x enabled:true name:x".to_owned()),
        order: Some("name+".to_owned()),
        cursor: Some("c".to_owned()),
        relationships: Some(vec![livehunt::RulesetRelationship::Editors, livehunt::RulesetRelationship::Owner]),
    };
    assert_eq!(query, expected);

    let LivehuntCall::Editors(id, query) = live("editors x --limit 7 --cursor c") else { panic!() };
    let expected = livehunt::RulesetEditorsQuery { limit: Some(7), cursor: Some("c".to_owned()) };
    assert_eq!((&*id, query), ("x", expected));

    let LivehuntCall::Notifications(query) = live(
        "notifications --limit 400 --tag x --owner me --since 5 --until 9 --order date- --cursor c --count-limit 10000",
    ) else {
        panic!()
    };
    let expected = livehunt::NotificationsQuery {
        limit: Some(400),
        filter: Some("tag:x owner:me date:5+ date:9-".to_owned()),
        order: Some("date-".to_owned()),
        cursor: Some("c".to_owned()),
        count_limit: Some(10_000),
    };
    assert_eq!(query, expected);

    let LivehuntCall::NotificationFiles(query, _) =
        live("notification-files --limit 1 --filter x --cursor c --count-limit 5")
    else {
        panic!()
    };
    let expected = livehunt::NotificationFilesQuery {
        limit: Some(1),
        filter: Some("x".to_owned()),
        cursor: Some("c".to_owned()),
        count_limit: Some(5),
    };
    assert_eq!(query, expected);

    let LivehuntCall::RulesetFiles(_, query, _) =
        live("ruleset-notification-files r --limit 1 --descriptors-only --cursor c")
    else {
        panic!()
    };
    let expected = livehunt::RulesetNotificationFilesQuery {
        limit: Some(1),
        descriptors_only: Some(true),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);

    let RetrohuntCall::Jobs(query, _) = retro("jobs --limit 2 --status running --cursor c") else { panic!() };
    let expected = retrohunt::RetrohuntJobsQuery {
        limit: Some(2),
        filter: Some("status:running".to_owned()),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);

    let StreamCall::Objects(query) =
        stream("objects --limit 3 --descriptors-only --filter tag:x --origin hunting --order date+ --cursor c")
    else {
        panic!()
    };
    let expected = ioc_stream::IocStreamQuery {
        limit: Some(3),
        descriptors_only: Some(true),
        filter: Some("tag:x origin:hunting".to_owned()),
        order: Some("date+".to_owned()),
        cursor: Some("c".to_owned()),
    };
    assert_eq!(query, expected);
}

#[test]
fn every_field_of_a_step_is_a_flag() {
    let StreamCall::Poll(checkpoint, poll, budget) = stream(
        "poll --checkpoint -c --since 5 --descriptors-only --filter a:b --entity-type ip_address --overlap-seconds 7 \
         --limit-items 9",
    ) else {
        panic!()
    };
    assert_eq!(checkpoint.as_deref(), Some("-c"));
    let expected = ioc_stream::IocStreamPoll {
        since: Some(5),
        descriptors_only: Some(true),
        filter: Some("a:b entity_type:ip_address".to_owned()),
        overlap_seconds: Some(7),
    };
    assert_eq!((poll, budget.items, budget.requests), (expected, Some(9), None));
    let LivehuntCall::Poll(_, poll, _) = live("poll --since 5 --owner me --overlap-seconds 7") else { panic!() };
    let expected =
        livehunt::NotificationsPoll { since: Some(5), filter: Some("owner:me".to_owned()), overlap_seconds: Some(7) };
    assert_eq!(poll, expected);
}

#[test]
fn every_field_of_a_new_ruleset_is_a_flag() {
    let rules = RulesFile::new("ruleset", b"rule a { condition: true }\n");
    let given = format!(
        "--name a --rules {} --enabled --limit 500 --notification-email a@example.com \
         --notification-email b@example.com --match-object-type domain",
        rules.0.display()
    );
    let expected = livehunt::NewRuleset {
        name: "a".to_owned(),
        rules: "rule a { condition: true }\n".to_owned(),
        enabled: Some(true),
        limit: Some(500),
        notification_emails: vec!["a@example.com".to_owned(), "b@example.com".to_owned()],
        match_object_type: Some(livehunt::MatchObjectType::Domain),
    };
    let LivehuntCall::CreateRuleset(ruleset, IfExists::Fail) = live(&format!("create-ruleset {given}")) else {
        panic!()
    };
    assert_eq!(ruleset, expected);
    let LivehuntCall::ReconcileRuleset(ruleset, since) =
        live(&format!("reconcile-ruleset {given} --created-since 1626960086"))
    else {
        panic!()
    };
    assert_eq!((ruleset, since), (expected, 1_626_960_086));
}

#[test]
fn a_change_sets_clears_or_leaves_every_attribute() {
    let changes = |flags: &str| {
        let LivehuntCall::UpdateRuleset(id, changes) = live(&format!("update-ruleset r {flags}")) else { panic!() };
        assert_eq!(id, "r");
        changes
    };
    let rules = RulesFile::new("changes", b"rule b { condition: true }");
    let all = format!(
        "--name n --rules {} --enabled false --limit 0 --notification-email a@example.com --match-object-type ip",
        rules.0.display()
    );
    let expected = livehunt::RulesetChanges {
        name: Some("n".to_owned()),
        rules: Some("rule b { condition: true }".to_owned()),
        enabled: Some(false),
        limit: Some(0),
        notification_emails: Some(vec!["a@example.com".to_owned()]),
        match_object_type: Some(livehunt::MatchObjectType::Ip),
    };
    assert_eq!(changes(&all), expected);
    let cleared = livehunt::RulesetChanges { notification_emails: Some(Vec::new()), ..Default::default() };
    assert_eq!(changes("--no-notification-emails"), cleared);
    assert_eq!(changes("--limit 5"), livehunt::RulesetChanges { limit: Some(5), ..Default::default() });
    assert!(refusal("vt-hunting livehunt update-ruleset r").contains("required"), "nothing to change");
    let both = "vt-hunting livehunt update-ruleset r --no-notification-emails --notification-email a@example.com";
    assert!(refusal(both).contains("cannot be used with"));
}

#[test]
fn every_field_of_a_new_job_is_a_flag() {
    let rules = RulesFile::new("job", b"rule a { condition: true }");
    let RetrohuntCall::CreateJob(job, quota) = retro(&format!(
        "create-job --rules {} --notification-email a@example.com --corpus goodware --start 2021-07-22 --end 1626960086 \
         --user alice --force",
        rules.0.display()
    )) else {
        panic!()
    };
    let expected = retrohunt::NewRetrohuntJob {
        rules: "rule a { condition: true }".to_owned(),
        notification_email: Some("a@example.com".to_owned()),
        corpus: Some(retrohunt::Corpus::Goodware),
        time_range: Some(retrohunt::TimeRange { start: Some(1_626_912_000), end: Some(1_626_960_086) }),
    };
    assert_eq!(job, expected);
    assert_eq!((quota.user.as_deref(), quota.force, quota.no_quota_check), (Some("alice"), true, false));
}

#[test]
fn a_time_range_can_be_open_or_absent() {
    let rules = RulesFile::new("range", b"rule a { condition: true }");
    let create = format!("create-job --rules {}", rules.0.display());
    assert!(matches!(retro(&create), RetrohuntCall::CreateJob(job, _) if job.time_range.is_none()));
    let RetrohuntCall::CreateJob(job, _) = retro(&format!("{create} --end 7")) else { panic!() };
    let range = job.time_range.unwrap();
    assert_eq!((range.start, range.end), (None, Some(7)));
}

#[test]
fn an_optional_flag_can_say_no() {
    let rules = RulesFile::new("no", b"rule a { condition: true }");
    let create = format!("create-ruleset --name a --rules {}", rules.0.display());
    assert!(matches!(live(&create), LivehuntCall::CreateRuleset(ruleset, _) if ruleset.enabled.is_none()));
    assert!(
        matches!(live(&format!("{create} --enabled=false")), LivehuntCall::CreateRuleset(ruleset, _) if ruleset.enabled == Some(false))
    );
}

#[test]
fn editors_are_users_and_groups() {
    let LivehuntCall::AddEditors(id, editors) = live("add-editors r --user a --group g --user b") else { panic!() };
    let editor = |editor_type, id: &str| livehunt::RulesetEditor { editor_type, id: id.to_owned() };
    let (user, group) = (livehunt::EditorType::User, livehunt::EditorType::Group);
    assert_eq!((&*id, editors), ("r", vec![editor(user, "a"), editor(user, "b"), editor(group, "g")]));
    assert!(refusal("vt-hunting livehunt add-editors r").contains("required"));
}

#[test]
fn what_deletes_much_wants_to_be_told_what() {
    for line in [
        "livehunt delete-notifications",
        "livehunt delete-notifications --tag a --everything",
        "livehunt delete-all-rulesets",
        "ioc-stream delete-objects",
        "ioc-stream delete-objects --everything --origin hunting",
        "ioc-stream delete-objects --everything --until 3d",
    ] {
        refusal(&format!("vt-hunting {line}"));
    }
    let selected = |line: &str| match call(&format!("vt-hunting {line}")) {
        Call::Livehunt(LivehuntCall::DeleteNotifications(selection)) => selection,
        Call::Stream(StreamCall::DeleteObjects(selection)) => selection,
        _ => panic!("{line}"),
    };
    assert_eq!(selected("livehunt delete-notifications --everything"), "everything");
    assert_eq!(selected("livehunt delete-notifications --tag 'a b'"), "tag:a b");
    assert_eq!(selected("ioc-stream delete-objects --everything"), "everything");
    assert_eq!(selected("ioc-stream delete-objects --filter origin:hunting --until 9"), "origin:hunting date:9-");
    // A filter that is the contract's word for all of it is no filter.
    for filter in ["everything", " Everything ", "", " "] {
        let failure = work(&format!("vt-hunting ioc-stream delete-objects --filter '{filter}'")).err().unwrap();
        assert_eq!((failure.kind.code(), &*failure.code), (10, "ConfirmationMissing"), "{filter:?}");
    }
}

#[test]
fn a_filter_and_a_flag_cannot_say_the_same() {
    let failure = work("vt-hunting ioc-stream objects --filter date:2021-07-22+ --since 3d").err().unwrap();
    assert_eq!((failure.kind.code(), &*failure.code), (10, "FilterConflict"));
}

#[test]
fn days_of_usage_are_written_as_the_contract_takes_them() {
    let Call::Reading(ReadingCall::Usage(user, query)) =
        call("vt-hunting account usage alice --start-date 2026-10-01 --end-date 20261031")
    else {
        panic!()
    };
    assert_eq!(user, "alice");
    assert_eq!((query.start_date.as_deref(), query.end_date.as_deref()), (Some("20261001"), Some("20261031")));
}

#[test]
fn following_needs_a_place_for_its_state() {
    assert!(refusal("vt-hunting ioc-stream follow").contains("--state"));
    assert!(refusal("vt-hunting ioc-stream follow --state s --interval 0").contains("0 is not in"));
    assert!(matches!(work("vt-hunting ioc-stream follow --state s --once"), Ok(Work::Follow(_))));
    assert!(matches!(work("vt-hunting livehunt follow --state s --tag a"), Ok(Work::Follow(_))));
    assert!(matches!(work("vt-hunting retrohunt wait a-1"), Ok(Work::Wait(_))));
}

#[test]
fn rules_that_are_no_text_are_refused_before_anything_runs() {
    let rules = RulesFile::new("latin", b"rule a\n{ // \xe9t\xe9\n}");
    let failure = work(&format!("vt-hunting retrohunt create-job --rules {}", rules.0.display())).err().unwrap();
    assert_eq!(failure.kind.code(), 10);
    assert_eq!(failure.code, "NotUtf8");
    assert!(failure.message.contains("line 2 "), "{}", failure.message);
}

#[test]
fn a_cursor_may_begin_with_a_dash() {
    for line in ["jobs --cursor -x", "jobs --cursor=-x"] {
        assert!(matches!(retro(line), RetrohuntCall::Jobs(query, _) if query.cursor.as_deref() == Some("-x")));
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
fn since_selects_from_a_list_that_is_newest_first() {
    let LivehuntCall::Rulesets(query, since) = live("rulesets --since 5") else { panic!() };
    assert_eq!((query.order.as_deref(), since.since), (Some("modification_date-"), Some(5)));
    assert!(refusal("vt-hunting livehunt rulesets --since 5 --order name+").contains("cannot be used with"));
    let RetrohuntCall::Jobs(_, since) = retro("jobs --since 2021-07-22") else { panic!() };
    assert_eq!(since.since, Some(1_626_912_000));
    let Call::Reading(ReadingCall::YaraRules(query, since)) = call("vt-hunting crowdsourced yara-rules --since 5")
    else {
        panic!()
    };
    assert_eq!((query.order.as_deref(), since.since), (Some("modification_date-"), Some(5)));
    assert!(
        matches!(live("notification-files --since 5"), LivehuntCall::NotificationFiles(_, since) if since.since == Some(5))
    );
    let files = "ruleset-notification-files r --since 5";
    assert!(matches!(live(files), LivehuntCall::RulesetFiles(_, _, since) if since.since == Some(5)));
    let without_dates = format!("vt-hunting livehunt {files} --descriptors-only");
    assert!(refusal(&without_dates).contains("cannot be used with"), "a descriptor has no date");
}

#[test]
fn a_proxy_is_given_by_either_name() {
    let cli = parse("vt-hunting config --proxy http://proxy.example:3128").unwrap();
    assert_eq!(cli.global.connection.http_proxy.as_deref(), Some("http://proxy.example:3128"));
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

fn serve(line: &str) -> serve::ServeArgs {
    match parse(line).unwrap_or_else(|error| panic!("{error}")).command {
        Command::Serve(args) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_listens_on_this_machine_and_asks_for_a_token_unless_told_otherwise() {
    let args = serve("vt-hunting serve");
    assert_eq!((args.addr.to_string().as_str(), args.no_auth), ("127.0.0.1:8080", false));
    let (given, default) = (args.options(), vt_hunting_host::serve::ServeOptions::default());
    assert_eq!(format!("{given:?}"), format!("{default:?}"), "the help names the library's own defaults");
}

#[test]
fn where_a_server_listens_and_how_long_it_is_patient_can_be_set() {
    let args = serve("vt-hunting serve --addr [::1]:0 --no-auth --gateway g.wasm --max-connections 9 --grace 5");
    assert_eq!((args.addr.to_string().as_str(), args.no_auth), ("[::1]:0", true));
    assert_eq!(args.gateway.as_deref(), Some(std::path::Path::new("g.wasm")));
    let options = args.options();
    assert_eq!((options.max_connections, options.grace.as_secs()), (9, 5));
}

#[test]
fn an_address_without_a_port_and_limits_of_nothing_are_refused() {
    for line in ["--addr 127.0.0.1", "--addr localhost:80", "--max-connections 0", "--grace 0", "--body-timeout 3601"] {
        let flag = line.split(' ').next().unwrap();
        let refused = refusal(&format!("vt-hunting serve {line}"));
        assert!(refused.contains(flag), "{refused}");
    }
}
