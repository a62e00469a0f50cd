//! Request bodies, refused when anything about them is off.

use serde_json::{Map, Value};

use crate::reply::ApiError;
use crate::server::Call;

/// What a request that carries no body must look like.
pub(crate) fn none(call: &Call) -> Result<(), ApiError> {
    if call.body.is_empty() {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{} requests to this endpoint take no body", call.method)))
}

/// The attributes of `{"data": {"type": …, "attributes": {…}}}`. An `id` is allowed where it repeats the one in the path.
pub(crate) fn attributes(call: &Call, kind: &str, id: Option<&str>) -> Result<Map<String, Value>, ApiError> {
    let mut data = data(call)?;
    let object = data.as_object_mut().ok_or_else(|| ApiError::bad_request("\"data\" must be an object"))?;
    check_type(object, kind)?;
    match (object.get("id"), id) {
        (None, _) => {}
        (Some(given), Some(id)) if given == id => {}
        (Some(_), Some(id)) => return Err(ApiError::bad_request(format!("\"id\" must be \"{id}\""))),
        (Some(_), None) => return Err(ApiError::bad_request("\"id\" can't be given for a new object")),
    }
    if let Some(unknown) = object.keys().find(|key| !["type", "id", "attributes"].contains(&key.as_str())) {
        return Err(ApiError::bad_request(format!("Unknown field \"{unknown}\" in \"data\"")));
    }
    match object.remove("attributes") {
        Some(Value::Object(attributes)) => Ok(attributes),
        _ => Err(ApiError::bad_request("\"attributes\" is missing or not an object")),
    }
}

/// One descriptor: its type and id.
pub(crate) fn descriptor(value: &Value, kinds: &[&str]) -> Result<(String, String), ApiError> {
    let object = value.as_object().ok_or_else(|| ApiError::bad_request("A descriptor must be an object"))?;
    if let Some(unknown) = object.keys().find(|key| !["type", "id"].contains(&key.as_str())) {
        return Err(ApiError::bad_request(format!("Unknown field \"{unknown}\" in a descriptor")));
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(kind), Some(id)) = (text("type"), text("id")) else {
        return Err(ApiError::bad_request("A descriptor needs \"type\" and \"id\""));
    };
    if !kinds.contains(&kind.as_str()) {
        return Err(ApiError::bad_request(format!("Wrong type \"{kind}\", expected {}", kinds.join(" or "))));
    }
    Ok((kind, id))
}

/// The `data` of a JSON body, which must be all there is in it.
pub(crate) fn data(call: &Call) -> Result<Value, ApiError> {
    let media = call.header("content-type").unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::bad_request("The content type of the body must be application/json"));
    }
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|error| ApiError::bad_request(format!("The body is not valid JSON: {error}")))?;
    let Value::Object(mut body) = body else {
        return Err(ApiError::bad_request("The body must be a JSON object"));
    };
    let data = body.remove("data").ok_or_else(|| ApiError::bad_request("\"data\" is missing"))?;
    match body.keys().next() {
        Some(unknown) => Err(ApiError::bad_request(format!("Unknown field \"{unknown}\""))),
        None => Ok(data),
    }
}

fn check_type(object: &Map<String, Value>, kind: &str) -> Result<(), ApiError> {
    match object.get("type").and_then(Value::as_str) {
        Some(given) if given == kind => Ok(()),
        Some(given) => Err(ApiError::bad_request(format!("Wrong type \"{given}\", expected \"{kind}\""))),
        None => Err(ApiError::bad_request("\"type\" is missing")),
    }
}

/// Refuses attributes that cannot be written.
pub(crate) fn only(attributes: &Map<String, Value>, writable: &[&str], read_only: &[&str]) -> Result<(), ApiError> {
    for name in attributes.keys().map(String::as_str) {
        if read_only.contains(&name) {
            return Err(ApiError::invalid_argument(format!("Attribute \"{name}\" is read-only")));
        }
        if !writable.contains(&name) {
            return Err(ApiError::invalid_argument(format!("Unknown attribute \"{name}\"")));
        }
    }
    Ok(())
}

/// An attribute of wrong type.
pub(crate) fn wrong(name: &str, expected: &str) -> ApiError {
    ApiError::invalid_argument(format!("Attribute \"{name}\" must be {expected}"))
}

/// A text, if it is given.
pub(crate) fn text(attributes: &Map<String, Value>, name: &str) -> Result<Option<String>, ApiError> {
    match attributes.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(name, "a string")),
    }
}

/// A whole number, if it is given.
pub(crate) fn number(attributes: &Map<String, Value>, name: &str) -> Result<Option<u64>, ApiError> {
    attributes.get(name).map(|value| value.as_u64().ok_or_else(|| wrong(name, "a whole number"))).transpose()
}

/// A list of texts, if it is given.
pub(crate) fn texts(attributes: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = attributes.get(name) else { return Ok(None) };
    serde_json::from_value(value.clone()).map(Some).map_err(|_| wrong(name, "a list of strings"))
}
