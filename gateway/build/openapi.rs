//! What `GET /openapi.json` answers: OpenAPI 3.1.

use serde_json::{Map, Value, json};

use crate::Result;
use crate::contract::{Contract, text};
use crate::schema;

/// The statuses with which an action can be refused or fail. docs/gateway.md says when.
const FAILURES: &[(u16, &str)] = &[
    (400, "The body is no JSON."),
    (401, "The token is missing or wrong."),
    (403, "The key lacks the privilege, or only reading is allowed, or the address is not this machine's."),
    (404, "VirusTotal has no such object."),
    (409, "There is such an object already."),
    (413, "The body, or what it asks VirusTotal to take, is too large."),
    (415, "The body is not `application/json`."),
    (422, "An argument is unknown, missing, of another type, or not acceptable to VirusTotal."),
    (429, "A quota is used up, or requests come too fast."),
    (500, "The component's settings are missing or wrong."),
    (502, "VirusTotal could not be reached, did not accept the gateway's key, or gave an answer that cannot be used."),
    (503, "VirusTotal cannot answer now, or the gateway has no token to ask for."),
    (504, "The call's deadline passed."),
];

pub(crate) fn document(contract: &Contract) -> Result<String> {
    let mut paths = Map::new();
    paths.insert(
        "/healthz".to_owned(),
        json!({"get": {
            "operationId": "healthz", "summary": "Whether it answers", "tags": ["gateway"], "security": [],
            "responses": {"200": ok(&json!({
                "type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]
            }))},
        }}),
    );
    paths.insert(
        "/openapi.json".to_owned(),
        json!({"get": {
            "operationId": "openapi", "summary": "This document", "tags": ["gateway"], "security": [],
            "responses": {"200": ok(&json!({"type": "object"}))},
        }}),
    );
    paths.insert("/v1/actions".to_owned(), json!({"get": {
        "operationId": "list-actions", "summary": "All actions with their documentation and schemas", "tags": ["gateway"],
        "responses": with_failures(ok(&json!({
            "type": "object",
            "properties": {
                "contract": {"type": "string"},
                "actions": {"type": "array", "items": {
                    "type": "object", "required": ["name", "title", "interface", "path", "description", "cost", "changes", "input", "output"],
                }},
            },
            "required": ["contract", "actions"],
        })), &[401, 403, 500, 503]),
    }}));
    for action in &contract.actions {
        let docs = &action.docs;
        let schema = schema::input(contract, action)?;
        let every: Vec<_> = FAILURES.iter().map(|(status, _)| *status).collect();
        paths.insert(
            format!("/v1/actions/{}", action.name),
            json!({"post": {
                "operationId": action.name,
                "summary": docs.title,
                "description": docs.whole,
                "tags": [action.interface],
                "x-cost": docs.cost,
                "x-changes": docs.changes,
                "x-irreversible": docs.irreversible,
                "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
                "responses": with_failures(ok(&schema::output(contract, action)?), &every),
            }}),
        );
    }
    let mut tags = vec![json!({"name": "gateway", "description": "The gateway itself."})];
    for interface in &contract.interfaces {
        let name = contract.interface_name(*interface);
        if contract.actions.iter().any(|action| action.interface == name) {
            let docs = text(&contract.resolve.interfaces[*interface].docs);
            tags.push(json!({"name": name, "description": docs.unwrap_or_default()}));
        }
    }
    let responses: Map<_, _> = FAILURES
        .iter()
        .map(|(status, description)| {
            let mut response = json!({
                "description": description,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
            });
            if matches!(status, 429 | 503) {
                response["headers"] = json!({"retry-after": {
                    "description": "Seconds to wait, where known.", "schema": {"type": "integer", "minimum": 0},
                }});
            }
            (status.to_string(), response)
        })
        .collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "VirusTotal Hunting",
            "version": contract.package.rsplit('@').next(),
            "description": format!("The functions of `{}`, each a POST. Generated from the contract.", contract.package),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "The gateway's token, `GATEWAY_TOKEN`. Not VirusTotal's API key."}},
            "responses": responses,
            "schemas": {"problem": problem()},
        },
    })
    .to_string())
}

fn ok(schema: &Value) -> Value {
    json!({"200": {"description": "Done.", "content": {"application/json": {"schema": schema}}}})["200"].clone()
}

fn with_failures(ok: Value, statuses: &[u16]) -> Value {
    let mut responses = Map::from_iter([("200".to_owned(), ok)]);
    for status in statuses {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{status}")}));
    }
    responses.into()
}

/// RFC 9457, and our members.
fn problem() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": {"type": "string", "description": "What kind of problem, as a URN."},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What happened, and what to do next."},
            "kind": {"type": "string", "description": "The contract's `error-kind`, or `request` or `gateway` for what the gateway itself refused."},
            "code": {"type": "string"},
            "retryable": {"type": "boolean"},
            "retry_after": {"type": ["integer", "null"], "minimum": 0},
            "upstream_status": {"type": ["integer", "null"], "description": "VirusTotal's own status, where it answered."},
            "pointer": {"type": "string", "description": "Which part of the body it is about."},
        },
        "required": ["type", "title", "status", "detail", "kind", "code", "retryable", "retry_after", "upstream_status"],
    })
}
