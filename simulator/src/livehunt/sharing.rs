//! Who may do what with a ruleset: its owner everything, its editors read and change it.

use serde_json::{Value, json};

use crate::body;
use crate::envelope::{self, Item, Links};
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;

use super::Ruleset;

/// The one group there is; every user is in it.
const GROUP: &str = "simulated-lab";

/// What somebody wants with a ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Edit,
    Own,
}

/// A ruleset this user may use that way. One that is not visible to the user does not exist; one that is visible but
/// not owned is forbidden.
pub(crate) fn find<'a>(context: &'a mut Context<'_>, id: &str, right: Right) -> Result<&'a mut Ruleset, ApiError> {
    let (own, user) = (context.desk, context.world.desks[context.desk].user.clone());
    let everybodys = context.world.desks.iter_mut().enumerate();
    let known = everybodys
        .flat_map(|(index, desk)| desk.rulesets.iter_mut().map(move |ruleset| (index, ruleset)))
        .find(|(_, ruleset)| ruleset.id == id);
    let Some((owner, ruleset)) = known else { return Err(ApiError::not_found("Hunting ruleset", id)) };
    let is_editor = ruleset.editors.iter().any(|(kind, id)| *id == user || kind == "group" && id == GROUP);
    match right {
        _ if owner == own => Ok(ruleset),
        Right::Edit if is_editor => Ok(ruleset),
        Right::Own if is_editor => Err(ApiError::forbidden()),
        _ => Err(ApiError::not_found("Hunting ruleset", id)),
    }
}

/// What a list of rulesets can come with.
const RELATIONSHIPS: [&str; 2] = ["owner", "editors"];
/// How many of a relationship come with an object; the rest is behind a cursor.
const RELATED_MAX: usize = 10;

/// The relationships that a query asks for.
pub(crate) fn relationships(query: &Query) -> Result<Vec<&'static str>, ApiError> {
    let asked = query.get("relationships").unwrap_or_default();
    asked
        .split(',')
        .filter(|name| !name.is_empty())
        .map(|name| {
            let known = RELATIONSHIPS.into_iter().find(|known| *known == name);
            known.ok_or_else(|| ApiError::bad_request(format!("Relationship \"{name}\" is not valid")))
        })
        .collect()
}

/// A ruleset's item with those relationships.
pub(crate) fn with(mut item: Item, ruleset: &Ruleset, owner: &str, asked: &[&str]) -> Item {
    let mut related = serde_json::Map::new();
    for name in asked {
        let ruleset_path = format!("{}/intelligence/hunting_rulesets/{}", envelope::API, ruleset.id);
        let links = json!({
            "self": format!("{ruleset_path}/relationships/{name}"), "related": format!("{ruleset_path}/{name}"),
        });
        let value = match *name {
            "owner" => json!({"data": descriptor("user", owner), "links": links}),
            _ => {
                let first: Vec<Value> =
                    ruleset.editors.iter().take(RELATED_MAX).map(|(kind, id)| descriptor(kind, id)).collect();
                json!({"data": first, "links": links, "meta": {"count": ruleset.editors.len()}})
            }
        };
        related.insert((*name).to_owned(), value);
    }
    if !related.is_empty() {
        item.relationships = Some(related.into());
    }
    item
}

fn descriptor(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

/// `GET …/relationships/editors`
pub(crate) fn editors(context: &mut Context<'_>, id: &str) -> Outcome {
    let query = Query::parse(&context.call.query, &["limit", "cursor"])?;
    let editors = find(context, id, Right::Edit)?.editors.clone();
    let count = editors.len();
    let binding = format!("{id}/editors|{}", context.desk);
    let numbered = editors.into_iter().enumerate().collect();
    let page = envelope::page(context.shared, &query, &binding, numbered, |(number, _)| {
        envelope::place(*number as u64 + 1, 0, false)
    })?;
    let page = page.map(|(_, (kind, id))| Item::new(if kind == "group" { "group" } else { "user" }, id));
    let links = Links::Path(format!("/intelligence/hunting_rulesets/{id}/relationships/editors"));
    Ok(envelope::collection(page, Some(count), &links, &query))
}

/// `GET …/relationships/owner`
pub(crate) fn owner(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let sequence = find(context, id, Right::Edit)?.sequence;
    let owns = |ruleset: &Ruleset| ruleset.sequence == sequence;
    let desk = context.world.desks.iter().find(|desk| desk.rulesets.iter().any(owns));
    let desk = desk.ok_or_else(|| ApiError::not_found("Hunting ruleset", id))?;
    Ok(envelope::object(&Item::new("user", desk.user.clone())))
}

/// `POST …/relationships/editors`
pub(crate) fn add_editors(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let data = body::data(context.call)?;
    let list = data.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| ApiError::bad_request("\"data\" must be a list of users and groups"))?;
    let editors = list
        .iter()
        .map(|value| {
            let (kind, id) = body::descriptor(value, &["user", "group"])?;
            check_exists(context, &kind, &id)?;
            Ok((kind, id))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let ruleset = find(context, id, Right::Own)?;
    for editor in editors {
        if ruleset.editors.contains(&editor) {
            let message = format!("{} \"{}\" is an editor already", editor.0, editor.1);
            return Err(ApiError::new(409, "AlreadyExistsError", message));
        }
        ruleset.editors.push(editor);
    }
    Ok(Reply::json_text("{}".into()))
}

/// `GET …/relationships/editors/{user or group}`
pub(crate) fn check_editor(context: &mut Context<'_>, id: &str, editor: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let ruleset = find(context, id, Right::Edit)?;
    let known = ruleset.editors.iter().any(|(_, id)| id == editor);
    Ok(Reply::json_text(format!("{{\"data\":{known}}}")))
}

/// `DELETE …/relationships/editors/{user or group}`
pub(crate) fn remove_editor(context: &mut Context<'_>, id: &str, editor: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let ruleset = find(context, id, Right::Own)?;
    let before = ruleset.editors.len();
    ruleset.editors.retain(|(_, id)| id != editor);
    if ruleset.editors.len() == before { Err(ApiError::not_found("Editor", editor)) } else { Ok(Reply::empty(200)) }
}

/// `POST …/relationships/owner`
pub(crate) fn change_owner(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let (_, user) = body::descriptor(&body::data(context.call)?, &["user"])?;
    check_exists(context, "user", &user)?;
    let sequence = find(context, id, Right::Own)?.sequence;
    let desks = &mut context.world.desks;
    let old = &mut desks[context.desk].rulesets;
    let position = old.iter().position(|ruleset| ruleset.sequence == sequence);
    let ruleset = old.remove(position.ok_or_else(|| ApiError::not_found("Hunting ruleset", id))?);
    let new = desks.iter_mut().find(|desk| desk.user == user);
    new.ok_or_else(|| ApiError::not_found("User", &user))?.rulesets.push(ruleset);
    Ok(Reply::json_text("{}".into()))
}

fn check_exists(context: &Context<'_>, kind: &str, id: &str) -> Result<(), ApiError> {
    match kind {
        "group" if id == GROUP => Ok(()),
        "group" => Err(ApiError::not_found("Group", id)),
        _ if context.world.desks.iter().any(|desk| desk.user == id) => Ok(()),
        _ => Err(ApiError::not_found("User", id)),
    }
}
