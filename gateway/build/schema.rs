//! JSON Schemas (2020-12) of what actions take and give.

use serde_json::{Map, Value, json};
use wit_parser::{Field, Type, TypeDefKind};

use crate::Result;
use crate::contract::{Action, Contract, snake, text};

/// What an action gives, which decides how VirusTotal's body is put together.
pub(crate) enum Shape {
    /// Nothing but that it is done.
    Done,
    /// A bare value.
    Bare,
    /// Objects.
    Found,
    /// Objects, and where the page stands.
    Page,
    /// Objects, and where following goes on.
    Batch { meta: Vec<Field> },
    /// An object.
    One,
    /// A whole body.
    Whole,
    /// An object in a field, and what was derived beside it.
    Within { object: String, beside: Vec<String> },
    /// What the component itself found out.
    Value,
}

impl Shape {
    pub(crate) fn of(contract: &Contract, action: &Action) -> Result<Self> {
        let Some(ty) = &action.result else { return Ok(Self::Done) };
        let record = match contract.kind(ty) {
            None if matches!(ty, Type::Bool) => return Ok(Self::Bare),
            Some((_, TypeDefKind::List(_))) => return Ok(Self::Found),
            Some((_, TypeDefKind::Record(record))) => record,
            _ => return Err(format!("{} gives something that has no place in a body", action.name).into()),
        };
        let has = |name: &str| record.fields.iter().any(|field| field.name == name);
        let is_object = |ty: &Type| matches!(contract.kind(ty), Some((_, TypeDefKind::Record(inner))) if inner.fields.iter().any(|field| field.name == "json"));
        Ok(if has("items") && has("page") {
            Self::Page
        } else if has("items") && has("checkpoint") {
            let is_meta = |field: &&Field| field.name != "items" && field.name != "incomplete";
            Self::Batch { meta: record.fields.iter().filter(is_meta).cloned().collect() }
        } else if has("json") && has("id") {
            Self::One
        } else if has("json") {
            Self::Whole
        } else if let Some(object) = record.fields.iter().find(|field| is_object(&field.ty)) {
            let beside = record.fields.iter().filter(|field| field.name != object.name).map(|field| field.name.clone());
            Self::Within { object: object.name.clone(), beside: beside.collect() }
        } else {
            Self::Value
        })
    }
}

/// What the body of a request may be.
pub(crate) fn input(contract: &Contract, action: &Action) -> Result<Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for member in &action.members {
        let mut schema = of(contract, &member.ty)?;
        if let Some(docs) = &member.docs {
            schema.insert("description".to_owned(), json!(docs));
        }
        if !member.optional {
            required.push(snake(&member.name));
        } else if matches!(contract.kind(&member.ty), Some((_, TypeDefKind::Record(_)))) {
            schema.insert("type".to_owned(), json!(["object", "null"]));
        }
        if member.name == "limit" && matches!(schema.get("maximum"), Some(most) if *most == json!(u32::MAX)) {
            schema.insert("minimum".to_owned(), json!(1));
        }
        properties.insert(snake(&member.name), schema.into());
    }
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    Ok(schema)
}

/// The envelope.
pub(crate) fn output(contract: &Contract, action: &Action) -> Result<Value> {
    let shape = Shape::of(contract, action)?;
    let object = json!({"type": "object", "description": "An object as VirusTotal sent it."});
    let objects = json!({"type": "array", "items": object});
    let body = match &shape {
        Shape::Done => json!({"type": "object", "maxProperties": 0}),
        Shape::Bare => json!({"type": "object", "properties": {"data": {"type": "boolean"}}, "required": ["data"]}),
        Shape::Found => collection(&objects, json!({"type": "object"})),
        Shape::Page => collection(
            &objects,
            json!({"type": "object", "properties": {
                "cursor": {"type": "string", "description": "Give this as the next request's `cursor`. Absent on the last page."},
                "count": {"type": "integer", "minimum": 0, "description": "How many objects the whole collection holds."}
            }}),
        ),
        Shape::Batch { meta } => {
            let mut properties = Map::new();
            for field in meta {
                properties.insert(snake(&field.name), documented(contract, field)?.into());
            }
            let required: Vec<_> = properties.keys().cloned().collect();
            collection(&objects, json!({"type": "object", "properties": properties, "required": required}))
        }
        Shape::One | Shape::Within { .. } => {
            json!({"type": "object", "properties": {"data": object}, "required": ["data"]})
        }
        Shape::Whole => json!({"type": "object", "description": "The body as VirusTotal sent it."}),
        Shape::Value => {
            let ty = action.result.as_ref().ok_or("a value without a type")?;
            json!({"type": "object", "properties": {"data": of(contract, ty)?}, "required": ["data"]})
        }
    };
    let mut properties = json!({
        "status_code": {"type": ["integer", "null"], "description": "The status of VirusTotal's last answer. Null where nothing was sent."},
        "reason": {"type": "string", "description": "That status in words."},
        "response_headers": {"type": "object", "additionalProperties": {"type": "string"}, "description": "The headers of that answer, names in lower case."},
        "json_body": body,
    });
    if matches!(shape, Shape::Page | Shape::Batch { .. }) {
        properties["incomplete"] = failure();
    }
    if let (Shape::Within { beside, .. }, Some(ty)) = (&shape, &action.result)
        && let Some((_, TypeDefKind::Record(record))) = contract.kind(ty)
    {
        let mut derived = Map::new();
        for field in record.fields.iter().filter(|field| beside.contains(&field.name)) {
            derived.insert(snake(&field.name), documented(contract, field)?.into());
        }
        properties["derived"] = json!({
            "type": "object",
            "description": "What the component derived; VirusTotal did not send it.",
            "properties": derived,
        });
    }
    Ok(json!({
        "type": "object",
        "properties": properties,
        "required": ["status_code", "reason", "response_headers", "json_body"],
        "additionalProperties": false,
    }))
}

fn collection(objects: &Value, meta: Value) -> Value {
    json!({
        "type": "object",
        "properties": {"data": objects, "meta": meta, "links": {"type": "object"}},
        "required": ["data", "meta", "links"],
    })
}

fn failure() -> Value {
    json!({
        "type": "object",
        "description": "Present if a later request of the call failed: what was read until then is here.",
        "properties": {
            "kind": {"type": "string"},
            "code": {"type": "string"},
            "message": {"type": "string"},
            "status": {"type": ["integer", "null"]},
            "retry_after": {"type": ["integer", "null"]},
            "retryable": {"type": "boolean"},
        },
    })
}

/// A field with its words.
fn documented(contract: &Contract, field: &Field) -> Result<Map<String, Value>> {
    let mut schema = of(contract, &field.ty)?;
    if let Some(docs) = text(&field.docs) {
        schema.insert("description".to_owned(), json!(docs));
    }
    Ok(schema)
}

fn of(contract: &Contract, ty: &Type) -> Result<Map<String, Value>> {
    let schema = match contract.kind(ty) {
        Some((_, TypeDefKind::Option(inner))) => {
            let mut schema = of(contract, inner)?;
            if let Some(ty) = schema.get_mut("type") {
                *ty = json!([ty.clone(), "null"]);
            }
            if let Some(Value::Array(words)) = schema.get_mut("enum") {
                words.push(Value::Null);
            }
            return Ok(schema);
        }
        Some((_, TypeDefKind::List(Type::U8))) => json!({"type": "string", "pattern": "^([0-9a-f]{2})*$"}),
        Some((_, TypeDefKind::List(inner))) => json!({"type": "array", "items": of(contract, inner)?}),
        Some((id, TypeDefKind::Enum(cases))) => {
            let cases: Vec<_> = cases.cases.iter().map(|case| case.name.as_str()).collect();
            json!({"type": "string", "enum": cases, "description": text(&contract.resolve.types[id].docs)})
        }
        Some((id, TypeDefKind::Record(record))) => {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for field in &record.fields {
                let schema = documented(contract, field)?;
                if !contract.is_option(&field.ty) && !contract.is_list(&field.ty) {
                    required.push(snake(&field.name));
                }
                properties.insert(snake(&field.name), schema.into());
            }
            let mut schema = json!({
                "type": "object",
                "description": text(&contract.resolve.types[id].docs),
                "properties": properties,
                "additionalProperties": false,
            });
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            schema
        }
        Some((_, kind)) => return Err(format!("no schema for a {}", kind.as_str()).into()),
        None => match ty {
            Type::Bool => json!({"type": "boolean"}),
            Type::U16 => json!({"type": "integer", "minimum": 0, "maximum": u16::MAX}),
            Type::U32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            Type::U64 => json!({"type": "integer", "minimum": 0, "maximum": u64::MAX}),
            Type::F64 => json!({"type": "number"}),
            Type::String => json!({"type": "string"}),
            other => return Err(format!("no schema for {other:?}").into()),
        },
    };
    match schema {
        Value::Object(schema) => Ok(schema),
        _ => Err("a schema is an object".into()),
    }
}
