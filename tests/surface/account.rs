//! The user's own account, without its key and address, wherever the answer has them; and the key is no user's name.

use vt_hunting_host::account::{EndpointUsage, UsageQuery};
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::livehunt::{EditorType, RulesetEditor};
use vt_hunting_host::types::ErrorKind;

use super::{assert_sent, with_colleague};
use crate::support::world::{World, new_job};
use crate::support::{KEY, answered, refused};

#[tokio::test]
async fn an_account_comes_without_its_key_and_its_address() {
    let world = World::new();
    let user = world.simulator.user();
    let account = answered(world.connector.get_account(&user)).await;
    assert_sent(&world, "GET", "users/night-shift_lab", "", "");
    assert_eq!(account.id, user);
    assert_eq!((account.first_name.as_deref(), account.last_name.as_deref()), (Some("Night"), Some("Shift")));
    assert_eq!((account.status.as_deref(), account.user_since), (Some("active"), Some(1_500_000_000)));
    let mut privileges = account.privileges.clone();
    privileges.sort();
    assert_eq!(privileges, ["hunting", "intelligence", "retrohunt"]);
    assert_eq!(account.self_link.as_deref(), Some("https://www.virustotal.com/api/v3/users/night-shift_lab"));

    let shown = format!("{account:?}");
    assert!(!shown.contains(KEY) && !shown.contains("hunting.example"), "{shown}");
    let object: serde_json::Value = serde_json::from_str(&account.json).expect("JSON");
    assert_eq!(object["attributes"]["apikey"], "[redacted]");
    assert_eq!(object["attributes"]["email"], "[redacted]");
    assert_eq!(object["attributes"]["reputation"], 1, "the rest is as it came");
}

#[tokio::test]
async fn the_key_is_refused_as_a_name_and_is_in_no_requests_path() {
    let world = World::new();
    let id = world.ruleset("mine").await.id;
    world.simulator.clear_requests();
    let connector = &world.connector;
    let editor = RulesetEditor { editor_type: EditorType::User, id: KEY.to_owned() };
    let upper = KEY.to_ascii_uppercase();
    let errors = [
        refused(connector.get_account(KEY)).await,
        refused(connector.get_account(&upper)).await,
        refused(connector.get_account_quotas(KEY)).await,
        refused(connector.get_account_usage(KEY, &UsageQuery::default())).await,
        refused(connector.check_livehunt_ruleset_editor(&id, KEY)).await,
        refused(connector.remove_livehunt_ruleset_editor(&id, KEY)).await,
        refused(connector.add_livehunt_ruleset_editors(&id, &[editor])).await,
        refused(connector.transfer_livehunt_ruleset(&id, KEY)).await,
    ];
    for error in errors {
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidArgument, None), "{error:?}");
        assert!(error.message.contains("API key"), "{}", error.message);
        assert!(!error.message.contains(&upper), "{}", error.message);
    }
    assert!(world.simulator.requests().is_empty());
    answered(connector.get_account(&world.simulator.user())).await;
    let requests = world.simulator.requests();
    assert!(requests.iter().all(|request| !request.path.contains(KEY) && !request.query.contains(KEY)));
}

#[tokio::test]
async fn another_users_account_is_virustotals_to_refuse() {
    let (world, _, name) = with_colleague();
    assert_eq!(refused(world.connector.get_account(&name)).await.kind, ErrorKind::Forbidden);
    assert_eq!(refused(world.connector.get_account_quotas("nobody")).await.kind, ErrorKind::NotFound);
    let error = refused(world.connector.get_account("a/../b")).await;
    assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    assert_eq!(world.simulator.requests()[2].path, "/api/v3/users/a%2F..%2Fb");
}

#[tokio::test]
async fn quotas_tell_what_is_left_of_the_users_own_or_the_groups() {
    let world = World::new();
    answered(world.connector.create_retrohunt_job(&new_job())).await;
    world.simulator.clear_requests();
    let quotas = answered(world.connector.get_account_quotas(&world.simulator.user())).await;
    assert_sent(&world, "GET", "users/night-shift_lab/overall_quotas", "", "");
    let of = |name: &str| quotas.quotas.iter().find(|quota| quota.name == name).expect(name);

    let jobs = of("intelligence_retrohunt_jobs_monthly");
    assert_eq!((jobs.user_allowed, jobs.user_used, jobs.remaining), (Some(50), Some(1), Some(49)));
    assert_eq!((jobs.group_allowed, jobs.group_used, &jobs.inherited_from), (None, None, &None));
    // A user's 0 with a group beside it means the group's; and more can be used than is allowed.
    let downloads = of("intelligence_downloads_monthly");
    assert_eq!((downloads.user_allowed, downloads.user_used), (Some(0), Some(12)));
    assert_eq!((downloads.group_allowed, downloads.group_used), (Some(600), Some(612)));
    assert_eq!((downloads.inherited_from.as_deref(), downloads.remaining), (Some("company"), Some(0)));
    let hourly = of("api_requests_hourly");
    assert_eq!((hourly.user_allowed, hourly.group_allowed), (Some(60_000_000_000), Some(3_300_000)));
    assert_eq!(hourly.remaining, hourly.user_allowed.zip(hourly.user_used).map(|(allowed, used)| allowed - used));
    assert_eq!(quotas.quotas.len(), 6);
    assert!(quotas.json.starts_with("{\"data\":{"), "{}", quotas.json);
}

#[tokio::test]
async fn usage_is_told_by_day_and_endpoint() {
    let world = World::new();
    // The simulator's clock stands at 2025-10-09.
    let job = answered(world.connector.create_retrohunt_job(&new_job())).await;
    world.simulator.advance_clock(86_400);
    answered(world.connector.get_retrohunt_job(&job.id)).await;
    answered(world.connector.get_retrohunt_job(&job.id)).await;
    answered(world.connector.get_ioc_stream_objects(&IocStreamQuery::default())).await;
    world.simulator.clear_requests();
    let user = world.simulator.user();
    let usage = answered(world.connector.get_account_usage(&user, &UsageQuery::default())).await;
    assert_sent(&world, "GET", "users/night-shift_lab/api_usage", "", "");
    let days: Vec<_> = usage.daily.iter().map(|day| &*day.date).collect();
    assert_eq!(days, ["2025-10-09", "2025-10-10"]);
    let of = |endpoints: &[EndpointUsage]| -> Vec<(String, u64)> {
        endpoints.iter().map(|usage| (usage.endpoint.clone(), usage.requests)).collect()
    };
    let jobs = |requests| ("/api/v3/(intelligence/retrohunt_jobs)".to_owned(), requests);
    let stream = ("/api/v3/(ioc_stream)".to_owned(), 1);
    assert_eq!(of(&usage.daily[0].endpoints), [jobs(1)]);
    assert_eq!(of(&usage.daily[1].endpoints), [jobs(2), stream.clone()]);
    assert_eq!(of(&usage.total), [jobs(3), stream]);

    let query = UsageQuery { start_date: Some("20251009".to_owned()), end_date: Some("20251009".to_owned()) };
    let first_day = answered(world.connector.get_account_usage(&user, &query)).await;
    let request = "start_date=20251009&end_date=20251009";
    assert_sent(&world, "GET", "users/night-shift_lab/api_usage", request, "");
    assert_eq!(first_day.daily.len(), 1);
    let query = UsageQuery { start_date: Some("yesterday".to_owned()), end_date: None };
    assert_eq!(refused(world.connector.get_account_usage(&user, &query)).await.status, Some(400));
}
