//! Crowdsourced YARA rules: each function turns a contract record into an action, the reader an object into a record.

use crate::api::envelope::{Object, object};
use crate::api::request::{Method, Parameter, Request};
use crate::api::{Action, Listing, input, json};
use crate::contract::Failed;
use crate::contract::crowdsourced::{CrowdsourcedYaraRule, CrowdsourcedYaraRulesQuery};
use alloc::string::String;

const RULES: &str = "yara_rules";

/// Get crowdsourced YARA rules.
pub fn get_rules(query: CrowdsourcedYaraRulesQuery) -> Result<Listing<CrowdsourcedYaraRule>, Failed> {
    let parameters = [Parameter::Text("filter", &query.filter), Parameter::Text("order", &query.order)];
    Listing::new(&[RULES], query.limit, query.cursor, &parameters, rule)
}

/// Get a crowdsourced YARA rule.
pub fn get_rule(id: String) -> Result<Action<CrowdsourcedYaraRule>, Failed> {
    let request = Request::new(Method::Get, &[RULES, input::id("id", &id)?]);
    Ok(Action { request, decode: |answer| object(answer, rule) })
}

fn rule(object: Object<'_>) -> CrowdsourcedYaraRule {
    let [name, author, rule, matches, enabled, tags, creation_date, modification_date, included_date] = object
        .attributes([
            "name",
            "author",
            "rule",
            "matches",
            "enabled",
            "tags",
            "creation_date",
            "modification_date",
            "included_date",
        ]);
    CrowdsourcedYaraRule {
        id: object.id,
        name: json::text(name),
        author: json::text(author),
        rule: json::text(rule),
        matches: json::number(matches),
        enabled: json::boolean(enabled),
        tags: json::texts(tags),
        creation_date: json::number(creation_date),
        modification_date: json::number(modification_date),
        included_date: json::number(included_date),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}
