//! Operations: what VirusTotal answers to a request that takes a while.

use crate::api::envelope::{Object, object};
use crate::api::request::{Method, Request};
use crate::api::{Action, input, json};
use crate::contract::Failed;
use crate::contract::operations::Operation;
use alloc::string::String;

/// Get an Operation.
pub fn get_operation(id: String) -> Result<Action<Operation>, Failed> {
    let request = Request::new(Method::Get, &["operations", input::id("id", &id)?]);
    Ok(Action { request, decode: |answer| object(answer, operation) })
}

pub(crate) fn operation(object: Object<'_>) -> Operation {
    let [status] = object.attributes(["status"]);
    Operation {
        id: object.id,
        status: json::text(status),
        self_link: object.self_link,
        json: String::from(object.json),
    }
}
