//! Operations: the answer to what takes a while, such as the deletion of all rulesets.

use serde_json::json;

use crate::envelope::{self, Item};
use crate::query::Query;
use crate::reply::{ApiError, Outcome};
use crate::router::Context;

/// How long an operation runs, in simulated seconds.
const DURATION: u64 = 5;

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    id: String,
    /// When it ends, in seconds since the start.
    finished: u64,
}

/// Begins an operation and answers it.
pub(crate) fn begin(context: &mut Context<'_>) -> Outcome {
    let id = format!("{:032x}", u128::from(context.world.next_sequence()) * 0x9E37_79B9_7F4A_7C15_D1B5_4A32);
    let operation = Operation { id, finished: context.uptime + DURATION };
    let reply = envelope::object(&item(&operation, context.uptime));
    context.world.desks[context.desk].operations.push(operation);
    Ok(reply)
}

/// `GET /operations/{id}`
pub(crate) fn get(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    let known = context.world.desks[context.desk].operations.iter().find(|operation| operation.id == id);
    let operation = known.ok_or_else(|| ApiError::not_found("Operation", id))?;
    Ok(envelope::object(&item(operation, context.uptime)))
}

fn item(operation: &Operation, uptime: u64) -> Item {
    let status = if uptime < operation.finished { "running" } else { "finished" };
    Item::object("operation", &operation.id, "operations", json!({ "status": status }))
}
