//! Livehunt rulesets: each function turns a contract record into an action, each reader an object into a contract record.
//!
//! What they found is in [`notifications`], who else may edit them in [`sharing`].

use crate::api::envelope::{Object, object};
use crate::api::request::{Attributes, Method, Parameter, Request, Value};
use crate::api::{Action, Listing, error, input, json, nothing};
use crate::contract::Failed;
use crate::contract::livehunt::{
    Descriptor, MatchObjectType, NewRuleset, Ruleset, RulesetChanges, RulesetRelationship, RulesetsQuery,
};
use crate::contract::operations::Operation;
use crate::operations::operation;
use crate::reconcile::{Likeness, Reconciling, is_same_text};
use alloc::string::String;
use alloc::vec::Vec;

pub mod notifications;
pub mod sharing;

pub use notifications::*;
pub use sharing::*;

const RULESETS: [&str; 2] = ["intelligence", "hunting_rulesets"];

/// For a create whose answer got lost.
const RECONCILE: &str = "ask `reconcile-livehunt-ruleset`";

/// Get Livehunt Rulesets.
pub fn get_rulesets(query: RulesetsQuery) -> Result<Listing<Ruleset>, Failed> {
    let relationships = query.relationships.as_deref().map(relationships);
    let parameters = [
        Parameter::Text("filter", &query.filter),
        Parameter::Text("order", &query.order),
        Parameter::Text("relationships", &relationships),
    ];
    Listing::new(&RULESETS, query.limit, query.cursor, &parameters, ruleset)
}

/// What a list of rulesets is asked to come with, each once.
fn relationships(asked: &[RulesetRelationship]) -> String {
    let all = [(RulesetRelationship::Owner, "owner"), (RulesetRelationship::Editors, "editors")];
    let names: Vec<&str> = all.into_iter().filter(|(one, _)| asked.contains(one)).map(|(_, name)| name).collect();
    names.join(",")
}

/// Get a Livehunt Ruleset.
pub fn get_ruleset(id: String) -> Result<Action<Ruleset>, Failed> {
    Ok(Action { request: one(Method::Get, &id)?, decode: |answer| object(answer, ruleset) })
}

/// Create Livehunt Ruleset.
pub fn create_ruleset(new: NewRuleset) -> Result<Action<Ruleset>, Failed> {
    let attributes = Attributes(&[
        ("name", Value::Text(input::required("name", &new.name)?)),
        ("enabled", new.enabled.map_or(Value::Absent, Value::Boolean)),
        ("limit", Value::number(new.limit)),
        ("rules", Value::Text(input::rules(&new.rules)?)),
        (
            "notification_emails",
            match new.notification_emails.as_slice() {
                [] => Value::Absent,
                emails => Value::Texts(emails),
            },
        ),
        ("match_object_type", Value::text(new.match_object_type.map(object_type))),
    ]);
    let mut request = Request::new(Method::Post, &RULESETS).once(RECONCILE);
    request.body("hunting_ruleset", &attributes)?;
    Ok(Action { request, decode: |answer| object(answer, ruleset) })
}

/// Update a Livehunt Ruleset.
pub fn update_ruleset(id: String, changes: RulesetChanges) -> Result<Action<Ruleset>, Failed> {
    let RulesetChanges { name, rules, enabled, limit, notification_emails, match_object_type } = &changes;
    let attributes = [
        ("name", Value::text(name.as_deref().map(|name| input::required("name", name)).transpose()?)),
        ("enabled", enabled.map_or(Value::Absent, Value::Boolean)),
        ("limit", Value::number(*limit)),
        ("rules", Value::text(rules.as_deref().map(input::rules).transpose()?)),
        ("notification_emails", notification_emails.as_deref().map_or(Value::Absent, Value::Texts)),
        ("match_object_type", Value::text(match_object_type.map(object_type))),
    ];
    if attributes.iter().all(|(_, value)| matches!(value, Value::Absent)) {
        return Err(error::invalid_argument("changes", "is empty", 0, "Give at least one attribute."));
    }
    let mut request = one(Method::Patch, &id)?;
    request.data(Value::Nested(&Attributes(&[
        ("type", Value::Text("hunting_ruleset")),
        ("id", Value::Text(&id)),
        ("attributes", Value::Nested(&Attributes(&attributes))),
    ])))?;
    Ok(Action { request, decode: |answer| object(answer, ruleset) })
}

/// Delete Livehunt Ruleset.
pub fn delete_ruleset(id: String) -> Result<Action<()>, Failed> {
    Ok(Action { request: one(Method::Delete, &id)?, decode: nothing })
}

/// Delete all Livehunt Rulesets.
pub fn delete_all_rulesets(confirm_user: String) -> Result<Action<Operation>, Failed> {
    const ADVICE: &str = "give the name of the user whose rulesets are to be deleted, all of them.";
    if confirm_user.trim_ascii().is_empty() {
        return Err(error::unconfirmed("confirm-user", ADVICE));
    }
    input::header("confirm-user", &confirm_user, "Give the user's name.")?;
    let mut request = Request::new(Method::Delete, &RULESETS).once("list the rulesets");
    request.confirm_delete = Some(confirm_user);
    Ok(Action { request, decode: |answer| object(answer, operation) })
}

/// Find out whether a create arrived: the rulesets like it, created since.
pub fn reconcile_ruleset(sought: NewRuleset, created_since: u64) -> Result<Reconciling<Ruleset, NewRuleset>, Failed> {
    input::rules(&sought.rules)?;
    let order = Some(String::from("creation_date-"));
    let parameters = [Parameter::Text("order", &order)];
    Reconciling::new(
        "rulesets",
        Listing::new(&RULESETS, None, None, &parameters, ruleset)?,
        sought,
        created_since,
        |found, sought| (found.creation_date, Likeness::of(is_like(found, sought))),
    )
}

/// Whether a ruleset is what this one would have become.
fn is_like(found: &Ruleset, sought: &NewRuleset) -> Option<bool> {
    let has_its_name = is_same_text(found.name.as_deref(), &sought.name)?;
    Some(has_its_name && is_same_text(found.rules.as_deref(), &sought.rules)?)
}

/// A request about one ruleset.
fn one(method: Method, id: &str) -> Result<Request, Failed> {
    let [area, rulesets] = RULESETS;
    Ok(Request::new(method, &[area, rulesets, input::id("id", id)?]))
}

fn object_type(kind: MatchObjectType) -> &'static str {
    match kind {
        MatchObjectType::File => "file",
        MatchObjectType::Url => "url",
        MatchObjectType::Domain => "domain",
        MatchObjectType::Ip => "ip",
    }
}

fn ruleset(object: Object<'_>) -> Ruleset {
    let [
        name,
        rules,
        enabled,
        limit,
        creation_date,
        modification_date,
        notification_emails,
        number_of_rules,
        rule_names,
        match_object_type,
        tags,
        rate_limited,
        rate_limited_ratio,
        disable_date,
        disable_reason,
    ] = object.attributes([
        "name",
        "rules",
        "enabled",
        "limit",
        "creation_date",
        "modification_date",
        "notification_emails",
        "number_of_rules",
        "rule_names",
        "match_object_type",
        "tags",
        "rate_limited",
        "rate_limited_ratio",
        "scheduled_disable_date",
        "scheduled_disable_reason",
    ]);
    let owner = object.related("owner").and_then(|found| found.into_iter().next());
    let editors = object.related("editors");
    Ruleset {
        id: object.id,
        name: json::text(name),
        rules: json::text(rules),
        enabled: json::boolean(enabled),
        limit: json::number(limit),
        creation_date: json::number(creation_date),
        modification_date: json::number(modification_date),
        notification_emails: json::texts(notification_emails),
        number_of_rules: json::number(number_of_rules),
        rule_names: json::texts(rule_names),
        match_object_type: json::text(match_object_type),
        tags: json::texts(tags),
        rate_limited: json::boolean(rate_limited),
        rate_limited_ratio: json::float(rate_limited_ratio),
        scheduled_disable_date: json::number(disable_date),
        scheduled_disable_reason: json::text(disable_reason),
        owner: owner.map(descriptor),
        editors: editors.map(|found| found.into_iter().map(descriptor).collect()),
        self_link: object.self_link,
        error: object.error,
        json: String::from(object.json),
    }
}

fn descriptor(object: Object<'_>) -> Descriptor {
    Descriptor { object_type: object.object_type, id: object.id }
}

#[cfg(test)]
#[path = "livehunt_tests.rs"]
mod tests;
