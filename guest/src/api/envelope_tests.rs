//! How the tests of the envelopes ask and compare; the tests are in the two files below.

use super::*;
use crate::api::listing::Page;
use crate::api::{Action, Listing};
use crate::contract::ioc_stream::{
    HuntingInfo, IocStreamNotification, IocStreamObject, IocStreamQuery, NotificationSource,
};
use crate::contract::livehunt::{
    NewRuleset, Notification, NotificationFile, NotificationFilesQuery, NotificationsQuery, Ruleset, RulesetsQuery,
};
use crate::contract::retrohunt::{MatchFile, MatchesQuery, RetrohuntJob, RetrohuntJobsQuery, TimeRange};
use crate::{ioc_stream, livehunt, retrohunt};
use std::fmt::Debug;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/", $name))
    };
}

/// Decodes a body as the answer to an action.
fn decode<T>(action: Result<Action<T>, Failed>, body: &str) -> Result<T, Failed> {
    let action = action.unwrap();
    let doubt = action.request.doubt;
    (action.decode)(&Answer { status: 200, body: String::from(body), doubt, date: None })
}

/// Reads a body as a page of a listing.
fn listed<T>(listing: Result<Listing<T>, Failed>, body: &str) -> Result<Page<T>, Failed> {
    listing.unwrap().decode(&Answer { status: 200, body: String::from(body), doubt: None, date: None })
}

fn created_ruleset(body: &str) -> Result<Ruleset, Failed> {
    let (name, rules) = (String::from("n"), String::from("r"));
    let (enabled, limit, notification_emails, match_object_type) = (None, None, Vec::new(), None);
    let new = NewRuleset { name, rules, enabled, limit, notification_emails, match_object_type };
    decode(livehunt::create_ruleset(new), body)
}

fn rulesets(body: &str) -> Result<Page<Ruleset>, Failed> {
    let query = RulesetsQuery { limit: None, filter: None, order: None, cursor: None, relationships: None };
    listed(livehunt::get_rulesets(query), body)
}

fn notifications(body: &str) -> Result<Page<Notification>, Failed> {
    let query = NotificationsQuery { limit: None, filter: None, order: None, cursor: None, count_limit: None };
    listed(livehunt::get_notifications(query), body)
}

fn notification_files(body: &str) -> Result<Page<NotificationFile>, Failed> {
    let query = NotificationFilesQuery { limit: None, filter: None, cursor: None, count_limit: None };
    listed(livehunt::get_notification_files(query), body)
}

fn job(body: &str) -> Result<RetrohuntJob, Failed> {
    decode(retrohunt::get_job(String::from("1")), body)
}

fn jobs(body: &str) -> Result<Page<RetrohuntJob>, Failed> {
    listed(retrohunt::get_jobs(RetrohuntJobsQuery { limit: None, filter: None, cursor: None }), body)
}

fn matches(body: &str) -> Result<Page<MatchFile>, Failed> {
    listed(retrohunt::get_matches(String::from("1"), MatchesQuery { limit: None, cursor: None }), body)
}

fn stream(body: &str) -> Result<Page<IocStreamObject>, Failed> {
    let query = IocStreamQuery { limit: None, descriptors_only: None, filter: None, order: None, cursor: None };
    listed(ioc_stream::get_objects(query), body)
}

fn stream_notification(body: &str) -> Result<IocStreamNotification, Failed> {
    decode(ioc_stream::get_notification(String::from("1")), body)
}

/// Asserts that two records are equal in every field.
#[track_caller]
fn same<T: Debug>(actual: T, expected: T) {
    assert_eq!(format!("{actual:#?}"), format!("{expected:#?}"));
}

fn some(text: &str) -> Option<String> {
    Some(String::from(text))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| String::from(*text)).collect()
}

/// The object in a fixture's `data`, as it stands there.
fn only_object(body: &str) -> String {
    let (_, data) = body.split_once("\"data\": ").unwrap();
    String::from(&data[..data.rfind("\n}").unwrap()])
}

/// The objects in a fixture's `data`, as they stand there, with what is between them.
fn all_objects(body: &str) -> String {
    let (_, data) = body.split_once("\"data\": [\n  ").unwrap();
    String::from(data.split_once("\n ]").unwrap().0)
}

/// A text somewhere in a body, read by other means.
fn at(body: &str, pointer: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    Some(String::from(body.pointer(pointer)?.as_str().unwrap()))
}

fn next_link(body: &str) -> Option<String> {
    at(body, "/links/next")
}

fn cursor(body: &str) -> Option<String> {
    at(body, "/meta/cursor")
}

/// A ruleset of which only this is known.
fn bare_ruleset(id: &str, json: &str) -> Ruleset {
    Ruleset {
        id: String::from(id),
        name: None,
        rules: None,
        enabled: None,
        limit: None,
        creation_date: None,
        modification_date: None,
        notification_emails: Vec::new(),
        number_of_rules: None,
        rule_names: Vec::new(),
        match_object_type: None,
        tags: Vec::new(),
        rate_limited: None,
        rate_limited_ratio: None,
        scheduled_disable_date: None,
        scheduled_disable_reason: None,
        owner: None,
        editors: None,
        self_link: None,
        error: None,
        json: String::from(json),
    }
}

/// A job of which only this is known.
fn bare_job(id: &str, json: &str) -> RetrohuntJob {
    RetrohuntJob {
        id: String::from(id),
        status: None,
        rules: None,
        corpus: None,
        creation_date: None,
        start_date: None,
        finish_date: None,
        progress: None,
        eta_seconds: None,
        scanned_bytes: None,
        num_matches: None,
        num_matches_outside_time_range: None,
        notification_email: None,
        time_range: None,
        self_link: None,
        error: None,
        json: String::from(json),
    }
}

fn bare_page() -> PageInfo {
    PageInfo { cursor: None, count: None, self_link: None, next_link: None, incomplete: None }
}

#[path = "envelope_fixture_tests.rs"]
mod every_fixture;
#[path = "envelope_repeated_tests.rs"]
mod every_repeated_member;
#[path = "envelope_shape_tests.rs"]
mod every_shape;
