//! What `GET /v1/actions` answers.

use serde_json::{Value, json};

use crate::Result;
use crate::contract::Contract;
use crate::schema;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

pub(crate) fn document(contract: &Contract) -> Result<String> {
    let mut actions = Vec::new();
    for action in &contract.actions {
        let with_dialect = |mut schema: Value| {
            schema["$schema"] = json!(DIALECT);
            schema
        };
        let docs = &action.docs;
        actions.push(json!({
            "name": action.name,
            "title": docs.title,
            "interface": action.interface,
            "path": format!("/v1/actions/{}", action.name),
            "description": docs.whole,
            "request": docs.request.as_ref().map(|(method, path)| json!({"method": method, "path": format!("/api/v3{path}")})),
            "cost": docs.cost,
            "changes": docs.changes,
            "irreversible": docs.irreversible,
            "input": with_dialect(schema::input(contract, action)?),
            "output": with_dialect(schema::output(contract, action)?),
        }));
    }
    Ok(json!({"contract": contract.package, "actions": actions}).to_string())
}
