//! Who else may edit a ruleset, and whose it is.

use crate::api::answer::Answer;
use crate::api::envelope::unusable;
use crate::api::request::{Attributes, Method, Request, Value};
use crate::api::{Action, error, input, json, nothing};
use crate::contract::Failed;
use crate::contract::livehunt::{EditorType, RulesetEditor};
use alloc::string::String;
use alloc::vec::Vec;

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

/// `{"data": true}`
fn is_true(answer: &Answer) -> Result<bool, Failed> {
    let mut found = [None];
    let is_json = json::fields(answer.body.trim_ascii(), &["data"], &mut found);
    let [data] = found;
    json::boolean(data).filter(|_| is_json).ok_or_else(|| unusable(answer))
}
