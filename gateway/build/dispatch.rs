//! An argument structure for each action, the enumeration of all calls, and what runs each; and which records are objects.

use std::fmt::Write as _;

use wit_parser::{Type, TypeDefKind};

use crate::Result;
use crate::contract::{Action, Contract, Parameter, snake, upper_camel};
use crate::schema::Shape;

pub(crate) fn source(contract: &Contract) -> Result<String> {
    let mut structures = String::new();
    let mut variants = String::new();
    let mut readers = String::new();
    let mut runners = String::new();
    let mut names = String::new();
    for action in &contract.actions {
        let camel = upper_camel(&action.name);
        writeln!(
            structures,
            "#[derive(Debug, serde::Deserialize)]\n#[serde(deny_unknown_fields)]\npub struct {camel} {{"
        )?;
        for member in &action.members {
            let mut ty = rust(contract, &member.ty)?;
            let mut read = contract.strict(&member.ty);
            if member.optional && !contract.is_option(&member.ty) && !contract.is_list(&member.ty) {
                ty = format!("Option<{ty}>");
                read = Some("option");
            }
            if member.optional {
                writeln!(structures, "#[serde(default)]")?;
            }
            if let Some(read) = read {
                writeln!(structures, "#[serde(deserialize_with = \"crate::strict::{read}\")]")?;
            }
            writeln!(structures, "pub {}: {ty},", snake(&member.name))?;
        }
        writeln!(structures, "}}")?;
        writeln!(variants, "{camel}({camel}),")?;
        writeln!(names, "{:?},", action.name)?;
        writeln!(readers, "{:?} => super::read(body).map(Call::{camel}),", action.name)?;
        writeln!(runners, "Call::{camel}(given) => {{ {} }}", run(contract, action)?)?;
    }
    let objects = objects(contract)?;
    Ok(format!(
        "use super::*;
{structures}
/// A call whose arguments were read.
#[derive(Debug)]
pub enum Call {{ {variants} }}
/// The names of all actions.
pub const NAMES: &[&str] = &[{names}];
/// Reads the arguments of an action.
pub(crate) fn call(action: &str, body: &[u8]) -> Option<Result<Call, Unreadable>> {{
    Some(match action {{ {readers} _ => return None }})
}}
impl Call {{
    /// Calls the component.
    pub fn run(self) -> Result<Answer, Box<types::Error>> {{ match self {{ {runners} }} }}
}}
{objects}"
    ))
}

fn run(contract: &Contract, action: &Action) -> Result<String> {
    let mut arguments = Vec::new();
    for parameter in &action.parameters {
        arguments.push(match parameter {
            Parameter::Record(id, fields) => {
                let (_, path) = contract.path(*id)?;
                let fields: Vec<_> = fields.iter().map(|name| format!("{0}: given.{0}", snake(name))).collect();
                let value = format!("{path} {{ {} }}", fields.join(", "));
                if contract.is_copy(&Type::Id(*id)) { value } else { format!("&{value}") }
            }
            Parameter::Member(name, ty) => {
                let name = format!("given.{}", snake(name));
                match contract.kind(ty) {
                    Some((id, TypeDefKind::Record(record))) => {
                        // A record that may be left out has nothing but options.
                        let none: Vec<_> =
                            record.fields.iter().map(|field| format!("{}: None", snake(&field.name))).collect();
                        let (_, path) = contract.path(id)?;
                        let value = if record.fields.iter().all(|field| contract.is_option(&field.ty)) {
                            format!("{name}.unwrap_or({path} {{ {} }})", none.join(", "))
                        } else {
                            name
                        };
                        if contract.is_copy(ty) { value } else { format!("&{value}") }
                    }
                    Some((_, TypeDefKind::Option(Type::String))) => format!("{name}.as_deref()"),
                    _ if contract.is_copy(ty) => name,
                    _ => format!("&{name}"),
                }
            }
        });
    }
    let call = format!("{}::{}({})", snake(&action.interface), snake(&action.name), arguments.join(", "));
    let make = match Shape::of(contract, action)? {
        Shape::Done => "|()| Answer::Done".to_owned(),
        Shape::Bare => "Answer::Bare".to_owned(),
        Shape::Found => "Answer::found".to_owned(),
        Shape::Page => "|page| Answer::page(page.items, page.page)".to_owned(),
        Shape::Batch { meta } => {
            let meta: Vec<_> = meta.iter().map(|field| format!("{0:?}: batch.{0}", snake(&field.name))).collect();
            format!(
                "|batch| Answer::batch(batch.items, &serde_json::json!({{ {} }}), batch.incomplete)",
                meta.join(", ")
            )
        }
        Shape::One => "Answer::one".to_owned(),
        Shape::Whole => "Answer::whole".to_owned(),
        Shape::Within { object, beside } => {
            let beside: Vec<_> = beside.iter().map(|name| format!("{0:?}: value.{0}", snake(name))).collect();
            format!("|value| Answer::within(value.{}, serde_json::json!({{ {} }}))", snake(&object), beside.join(", "))
        }
        Shape::Value => "|value| Answer::value(&value)".to_owned(),
    };
    Ok(if action.fails { format!("{call}.map({make}).map_err(Box::new)") } else { format!("Ok(({make})({call}))") })
}

/// Every record with the object as it came.
fn objects(contract: &Contract) -> Result<String> {
    let mut source = String::new();
    for interface in &contract.interfaces {
        for (name, id) in &contract.resolve.interfaces[*interface].types {
            let TypeDefKind::Record(record) = &contract.resolve.types[*id].kind else { continue };
            let has = |field: &str| record.fields.iter().any(|other| other.name == field);
            if !has("json") {
                continue;
            }
            let (_, path) = contract.path(*id)?;
            let hash = if has("file-sha256") { "self.file_sha256.as_deref()" } else { "None" };
            writeln!(
                source,
                "impl Object for {path} {{ const RECORD: &'static str = {name:?}; \
                 fn json(&self) -> &str {{ &self.json }} fn file_sha256(&self) -> Option<&str> {{ {hash} }} }}"
            )?;
        }
    }
    Ok(source)
}

fn rust(contract: &Contract, ty: &Type) -> Result<String> {
    Ok(match contract.kind(ty) {
        Some((_, TypeDefKind::Option(inner))) => format!("Option<{}>", rust(contract, inner)?),
        Some((_, TypeDefKind::List(inner))) => format!("Vec<{}>", rust(contract, inner)?),
        Some((id, TypeDefKind::Record(_) | TypeDefKind::Enum(_))) => contract.path(id)?.1,
        Some((_, kind)) => return Err(format!("an argument that is a {}", kind.as_str()).into()),
        None => match ty {
            Type::Bool => "bool",
            Type::U8 => "u8",
            Type::U16 => "u16",
            Type::U32 => "u32",
            Type::U64 => "u64",
            Type::F64 => "f64",
            Type::String => "String",
            other => return Err(format!("an argument that is a {other:?}").into()),
        }
        .to_owned(),
    })
}
