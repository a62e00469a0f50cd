//! Who else may edit a ruleset, and whose it is.

use crate::api::answer::Answer;
use crate::api::envelope::{Object, object, unusable};
use crate::api::request::{Attributes, Method, Request, Value};
use crate::api::{Action, Listing, error, input, json, nothing, redaction};
use crate::contract::Failed;
use crate::contract::livehunt::{EditorType, RulesetEditor, RulesetEditorsQuery, UserOrGroup};
use alloc::string::String;
use alloc::vec::Vec;

/// Get a Livehunt Ruleset's editors.
pub fn get_editors(id: String, query: RulesetEditorsQuery) -> Result<Listing<UserOrGroup>, Failed> {
    let segments = ["intelligence", "hunting_rulesets", input::id("id", &id)?, "relationships", "editors"];
    Listing::new(&segments, query.limit, query.cursor, &[], user_or_group)
}

/// Get a Livehunt Ruleset's owner.
pub fn get_owner(id: String) -> Result<Action<UserOrGroup>, Failed> {
    let request = related(Method::Get, &id, &["owner"])?;
    Ok(Action { request, decode: |answer| object(answer, user_or_group) })
}

/// Add editors to a Livehunt Ruleset.
pub fn add_editors(id: String, editors: Vec<RulesetEditor>) -> Result<Action<()>, Failed> {
    if editors.is_empty() {
        return Err(error::invalid_argument("editors", "is empty", 0, "Give at least one user or group."));
    }
    let mut fields = Vec::with_capacity(editors.len());
    for editor in &editors {
        let editor_type = match editor.editor_type {
            EditorType::User => "user",
            EditorType::Group => "group",
        };
        fields.push([("type", Value::Text(editor_type)), ("id", Value::Text(input::user("editors", &editor.id)?))]);
    }
    let objects: Vec<Attributes<'_>> = fields.iter().map(|fields| Attributes(fields)).collect();
    let mut request = related(Method::Post, &id, &["editors"])?;
    request.data(Value::Objects(&objects))?;
    Ok(Action { request, decode: nothing })
}

/// Check whether a user or group may edit a Livehunt Ruleset.
pub fn check_editor(id: String, editor: String) -> Result<Action<bool>, Failed> {
    let request = related(Method::Get, &id, &["editors", input::user("editor", &editor)?])?;
    Ok(Action { request, decode: is_true })
}

/// Take the right to edit a Livehunt Ruleset from a user or group.
pub fn remove_editor(id: String, editor: String) -> Result<Action<()>, Failed> {
    let request = related(Method::Delete, &id, &["editors", input::user("editor", &editor)?])?;
    Ok(Action { request, decode: nothing })
}

/// Give a Livehunt Ruleset to another user.
pub fn transfer_ruleset(id: String, user: String) -> Result<Action<()>, Failed> {
    let mut request = related(Method::Post, &id, &["owner"])?;
    request.data(Value::Nested(&Attributes(&[
        ("type", Value::Text("user")),
        ("id", Value::Text(input::user("user", &user)?)),
    ])))?;
    Ok(Action { request, decode: nothing })
}

/// A request about what a ruleset is related to.
fn related(method: Method, id: &str, to: &[&str]) -> Result<Request, Failed> {
    let ruleset = ["intelligence", "hunting_rulesets", input::id("id", id)?, "relationships"];
    Ok(Request::new(method, &[&ruleset, to].concat()))
}

/// Reads a user or group; of a user's secrets, which only the account's own answers should have, none gets through.
fn user_or_group(object: Object<'_>) -> UserOrGroup {
    UserOrGroup {
        object_type: object.object_type,
        id: object.id,
        self_link: object.self_link,
        error: object.error,
        json: redaction::without_secrets(object.json),
    }
}

/// `{"data": true}`
fn is_true(answer: &Answer) -> Result<bool, Failed> {
    let mut found = [None];
    let is_json = json::fields(answer.body.trim_ascii(), &["data"], &mut found);
    let [data] = found;
    json::boolean(data).filter(|_| is_json).ok_or_else(|| unusable(answer))
}
