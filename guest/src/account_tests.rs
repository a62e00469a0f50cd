use super::*;
use crate::contract::ErrorKind;

fn answer(body: &str) -> Answer {
    Answer { status: 200, body: String::from(body), doubt: None, date: None }
}

#[test]
fn a_users_quotas_are_read_in_order_with_what_is_left() {
    let body = include_str!("../../tests/fixtures/user_overall_quotas-1.json");
    let action = get_quotas(String::from("alice")).unwrap();
    assert_eq!(action.request.path_and_query, "/api/v3/users/alice/overall_quotas");
    let AccountQuotas { quotas, json } = (action.decode)(&answer(body)).unwrap();
    let of = |name: &str| quotas.iter().find(|quota| quota.name == name).unwrap();
    assert_eq!(quotas.len(), 3);
    let hourly = of("api_requests_hourly");
    assert_eq!((hourly.user_allowed, hourly.user_used), (Some(60_000_000_000), Some(0)));
    assert_eq!((hourly.group_allowed, hourly.group_used), (Some(3_300_000), Some(653)));
    assert_eq!(hourly.inherited_from.as_deref(), Some("company"));
    assert_eq!(hourly.remaining, Some(60_000_000_000));
    assert_eq!(of("api_requests_monthly").remaining, Some(1_000_000_000 - 137));
    assert_eq!(json, body.trim());
}

#[test]
fn what_is_left_is_the_groups_where_the_user_has_none_and_never_below_nothing() {
    let remaining = |quota: &str| {
        let body = format!("{{\"data\":{{\"q\":{quota}}}}}");
        (get_quotas(String::from("a")).unwrap().decode)(&answer(&body)).unwrap().quotas[0].remaining
    };
    assert_eq!(remaining(r#"{"user":{"allowed":0,"used":3},"group":{"allowed":600,"used":612}}"#), Some(0));
    assert_eq!(remaining(r#"{"user":{"allowed":0,"used":3},"group":{"allowed":600,"used":590}}"#), Some(10));
    assert_eq!(remaining(r#"{"user":{"allowed":0,"used":3}}"#), Some(0));
    assert_eq!(remaining(r#"{"user":{"allowed":"50","used":"8"}}"#), Some(42));
    assert_eq!(remaining(r#"{"user":{"used":8}}"#), None);
    assert_eq!(remaining("null"), None);
}

#[test]
fn usage_is_read_by_day_and_endpoint() {
    let query = UsageQuery { start_date: Some(String::from("20261001")), end_date: None };
    let action = get_usage(String::from("alice"), query).unwrap();
    assert_eq!(action.request.path_and_query, "/api/v3/users/alice/api_usage?start_date=20261001");
    let body = r#"{"data":{"daily":{"2026-10-01":{"/api/v3/(ioc_stream)":3},"2026-10-02":{}},"total":{"/api/v3/(ioc_stream)":"3","x":null}}}"#;
    let usage = (action.decode)(&answer(body)).unwrap();
    let days: Vec<_> = usage.daily.iter().map(|day| (day.date.as_str(), day.endpoints.len())).collect();
    assert_eq!(days, [("2026-10-01", 1), ("2026-10-02", 0)]);
    assert_eq!((usage.total.len(), usage.total[0].requests), (1, 3));
}

#[test]
fn a_user_comes_without_key_and_address() {
    let body = r#"{"data":{"type":"user","id":"alice","links":{"self":"x"},"attributes":{"apikey":"0123","email":"a@b.c",
        "first_name":"Ada","status":"active","user_since":1500000000,
        "privileges":{"hunting":{"granted":true},"downloads":{"granted":false},"odd":1}}}}"#;
    let account = (get_account(String::from("alice")).unwrap().decode)(&answer(body)).unwrap();
    assert_eq!((account.id.as_str(), account.first_name.as_deref()), ("alice", Some("Ada")));
    assert_eq!(account.privileges, ["hunting"]);
    assert!(!account.json.contains("0123") && !account.json.contains("a@b.c"), "{}", account.json);
    assert!(account.json.contains(r#""apikey":"[redacted]","email":"[redacted]","#), "{}", account.json);
}

#[test]
fn a_key_is_not_taken_for_a_users_name_since_it_would_be_part_of_an_address() {
    let key = "0123456789abcdef".repeat(4);
    for error in [get_account(key.clone()).unwrap_err(), get_quotas(key.clone()).unwrap_err()] {
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert!(error.message.contains("API key") && !error.message.contains(&key), "{}", error.message);
    }
}

#[test]
fn an_answer_without_data_is_no_answer() {
    let quotas = |body: &str| (get_quotas(String::from("a")).unwrap().decode)(&answer(body)).unwrap_err();
    assert_eq!(quotas("{}").code, "InvalidResponse");
    assert_eq!(quotas("<html>").code, "InvalidResponse");
    assert_eq!(quotas(r#"{"error":{"code":"NotFoundError","message":"no"}}"#).kind, ErrorKind::NotFound);
}

#[test]
fn of_entries_that_repeat_the_last_counts_where_the_first_stands() {
    let usage = |body: &str| {
        let query = UsageQuery { start_date: None, end_date: None };
        let usage = (get_usage(String::from("a"), query).unwrap().decode)(&answer(body)).unwrap();
        let of = |endpoints: Vec<EndpointUsage>| -> Vec<_> {
            endpoints.into_iter().map(|endpoint| (endpoint.endpoint, endpoint.requests)).collect()
        };
        (usage.daily.into_iter().map(|day| (day.date, of(day.endpoints))).collect::<Vec<_>>(), of(usage.total))
    };
    let of =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(name, count)| (String::from(*name), *count)).collect::<Vec<_>>();
    let (daily, total) = usage(
        r#"{"data":{"total":{"x":1},"daily":{"d1":{"a":1},"d2":{"a":5},"d\u0031":{"b":2,"c":3,"\u0062":4}},
            "total":{"x":2,"y":3,"x":4,"y":null}}}"#,
    );
    let expected = [(String::from("d1"), of(&[("b", 4), ("c", 3)])), (String::from("d2"), of(&[("a", 5)]))];
    assert_eq!(daily, expected);
    // The last `y` is not a number, and nothing is read in its place.
    assert_eq!(total, of(&[("x", 4)]));

    let body = r#"{"data":{"q":{"user":{"allowed":9}}},"data":{"q":{"user":{"allowed":1}},"r":null,"q":{"user":{"allowed":2}}}}"#;
    let quotas = (get_quotas(String::from("a")).unwrap().decode)(&answer(body)).unwrap().quotas;
    let quotas: Vec<_> = quotas.iter().map(|quota| (quota.name.as_str(), quota.user_allowed)).collect();
    assert_eq!(quotas, [("q", Some(2)), ("r", None)]);
}

#[test]
fn of_privileges_that_repeat_the_last_says_whether_it_is_granted() {
    let body = r#"{"data":{"id":"a","attributes":{"privileges":{"p":{"granted":true},"q":{"granted":false},
        "p":{"granted":false},"q":{"granted":false,"granted":true}}}}}"#;
    let account = (get_account(String::from("a")).unwrap().decode)(&answer(body)).unwrap();
    assert_eq!(account.privileges, ["q"]);
}

#[test]
fn a_map_of_absurdly_many_entries_is_cut_but_what_is_known_is_still_the_last() {
    let many: String = (0..=MAX_ENTRIES).map(|number| format!("\"{number}\":1,")).collect();
    let body = format!("{{\"data\":{{\"total\":{{{many}\"0\":2}}}}}}");
    let query = UsageQuery { start_date: None, end_date: None };
    let total = (get_usage(String::from("a"), query).unwrap().decode)(&answer(&body)).unwrap().total;
    assert_eq!((total.len(), total[0].requests), (MAX_ENTRIES, 2));
}
