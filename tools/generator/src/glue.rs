//! The Rust code between the flat world and the contract.
//!
//! For every type of an answer an `impl Shown` (the contract's to the tool's), for every type of a parameter an `impl Given`
//! (the tool's to the contract's), and for every tool a function that puts its parameters into the action's records, calls
//! the action and shows the answer. The names it uses, `contract`, `tool`, `Shown`, `Given`, `Show`, are in scope where it is
//! included: the first two are modules of `wit-bindgen`, the others the crate's own.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::names::{snake, upper_camel};
use crate::shape::{self, INCLUDE_JSON, Preset, Shaping};
use crate::tool::{self, Parameter, Tool};

/// Everything, as one file to include.
///
/// # Errors
/// A type that the contract has not had so far.
pub fn functions(resolve: &Resolve, tools: &[Tool<'_>]) -> Result<String> {
    let mut source = String::new();
    let (mut given, mut shown) = (Vec::new(), Vec::new());
    for tool in tools {
        for parameter in &tool.parameters {
            tool::named_types(resolve, &parameter.ty, &mut given)?;
        }
        if let Some(result) = &tool.function.result {
            tool::named_types(resolve, result, &mut shown)?;
        }
    }
    shown.into_iter().try_for_each(|id| conversion(&mut source, resolve, id, &Direction::Shown))?;
    given.into_iter().try_for_each(|id| conversion(&mut source, resolve, id, &Direction::Given))?;
    source.push_str("impl tool::Guest for Tools {\n");
    tools.iter().try_for_each(|tool| function(&mut source, resolve, tool))?;
    source.push_str("}\n");
    Ok(source)
}

enum Direction {
    Shown,
    Given,
}

fn conversion(source: &mut String, resolve: &Resolve, id: TypeId, direction: &Direction) -> Result<()> {
    let (contract, tool) = (in_contract(resolve, id)?, format!("tool::{}", upper_camel(tool::place(resolve, id)?.1)));
    let show = if matches!(resolve.types[id].kind, TypeDefKind::Enum(_)) { "_" } else { "show" };
    let (from, to, header) = match direction {
        Direction::Shown => (
            &contract,
            &tool,
            format!("impl Shown for {contract} {{ type Tool = {tool}; fn shown(self, {show}: &Show)"),
        ),
        Direction::Given => {
            (&tool, &contract, format!("impl Given for {tool} {{ type Contract = {contract}; fn given(self)"))
        }
    };
    writeln!(source, "{header} -> {to} {{")?;
    match &resolve.types[id].kind {
        TypeDefKind::Enum(cases) => {
            writeln!(source, "match self {{")?;
            for case in &cases.cases {
                let case = upper_camel(&case.name);
                writeln!(source, "{from}::{case} => {to}::{case},")?;
            }
            writeln!(source, "}}")?;
        }
        TypeDefKind::Record(record) => {
            writeln!(source, "{to} {{")?;
            for field in &record.fields {
                let name = snake(&field.name);
                let value = match (direction, shape::shaping(field, resolve)) {
                    (Direction::Shown, Shaping::Json) => format!("show.json(self.{name})"),
                    (Direction::Shown, Shaping::Snippet) => format!("show.snippet(self.{name})"),
                    (Direction::Shown, Shaping::Rules) => format!("show.rules(self.{name})"),
                    (Direction::Shown, Shaping::Same) => format!("self.{name}.shown(show)"),
                    (Direction::Given, _) => format!("self.{name}.given()"),
                };
                writeln!(source, "{name}: {value},")?;
            }
            writeln!(source, "}}")?;
        }
        other => bail!("no rule converts a {} yet", other.as_str()),
    }
    source.push_str("}}\n");
    Ok(())
}

fn function(source: &mut String, resolve: &Resolve, tool: &Tool<'_>) -> Result<()> {
    let mut parameters = Vec::new();
    for parameter in &tool.parameters {
        parameters.push(format!("{}: {}", snake(parameter.name), in_rust(resolve, &parameter.ty)?));
    }
    if tool.has_json {
        parameters.push(format!("{}: Option<bool>", snake(INCLUDE_JSON)));
    }
    let Some(result) = &tool.function.result else { bail!("`{}` has no answer", tool.name()) };
    let name = snake(tool.name());
    writeln!(source, "fn {name}({}) -> {} {{", parameters.join(", "), in_rust(resolve, result)?)?;
    let mut arguments = Vec::new();
    for (position, parameter) in tool.function.params.iter().enumerate() {
        let mut own = tool.parameters.iter().filter(|own| own.position == position);
        arguments.push(match tool::record(resolve, &parameter.ty) {
            Some((id, _)) => {
                let fields = own.map(|own| format!("{}: {}", snake(own.name), value(own)));
                let record = format!("{} {{ {} }}", in_contract(resolve, id)?, fields.collect::<Vec<_>>().join(", "));
                if has_pointer(resolve, &parameter.ty) { format!("&{record}") } else { record }
            }
            None => {
                let Some(own) = own.next() else { bail!("`{}` lacks a parameter", tool.name()) };
                lent(resolve, own)
            }
        });
    }
    let json = if tool.has_json { format!("{}.unwrap_or(false)", snake(INCLUDE_JSON)) } else { "false".to_owned() };
    writeln!(source, "let show = Show {{ json: {json}, whole_rules: {} }};", shape::gets_one(tool.function))?;
    let module = snake(tool.interface_name(resolve)?);
    writeln!(source, "contract::{module}::{name}({}).shown(&show)\n}}", arguments.join(", "))?;
    Ok(())
}

/// A parameter as a field of the action's record.
fn value(parameter: &Parameter<'_>) -> String {
    let name = snake(parameter.name);
    match parameter.preset {
        Some(Preset::Count(count)) => format!("Some({name}.unwrap_or({count}))"),
        Some(Preset::True) => format!("Some({name}.unwrap_or(true))"),
        None => format!("{name}.given()"),
    }
}

/// A parameter as an argument of the action: borrowed, where `wit-bindgen` has it so.
fn lent(resolve: &Resolve, parameter: &Parameter<'_>) -> String {
    let name = snake(parameter.name);
    let kind = match parameter.ty {
        Type::Id(id) => Some(&resolve.types[tool::original(resolve, id)].kind),
        _ => None,
    };
    match (parameter.ty, kind) {
        (Type::String, _) => format!("&{name}"),
        (_, Some(TypeDefKind::Option(Type::String))) => format!("{name}.as_deref()"),
        (_, Some(TypeDefKind::List(_))) => format!("&{name}.given()"),
        _ => format!("{name}.given()"),
    }
}

/// Whether a record holds text or a list: such arguments are borrowed.
fn has_pointer(resolve: &Resolve, ty: &Type) -> bool {
    match ty {
        Type::String => true,
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::List(_) => true,
            TypeDefKind::Record(record) => record.fields.iter().any(|field| has_pointer(resolve, &field.ty)),
            TypeDefKind::Option(inner) | TypeDefKind::Type(inner) => has_pointer(resolve, inner),
            _ => false,
        },
        _ => false,
    }
}

fn in_contract(resolve: &Resolve, id: TypeId) -> Result<String> {
    let (interface, name) = tool::place(resolve, id)?;
    Ok(format!("contract::{}::{}", snake(interface), upper_camel(name)))
}

/// A type of the flat world in Rust.
fn in_rust(resolve: &Resolve, ty: &Type) -> Result<String> {
    let id = match ty {
        Type::Id(id) => tool::original(resolve, *id),
        Type::String => return Ok("String".to_owned()),
        Type::Bool => return Ok("bool".to_owned()),
        Type::U32 => return Ok("u32".to_owned()),
        Type::U64 => return Ok("u64".to_owned()),
        other => bail!("no rule writes {other:?} in Rust yet"),
    };
    Ok(match &resolve.types[id].kind {
        TypeDefKind::Option(inner) => format!("Option<{}>", in_rust(resolve, inner)?),
        TypeDefKind::List(inner) => format!("Vec<{}>", in_rust(resolve, inner)?),
        TypeDefKind::Type(inner) => in_rust(resolve, inner)?,
        TypeDefKind::Result(result) => {
            let half = |half: &Option<Type>| half.as_ref().map_or(Ok("()".to_owned()), |ty| in_rust(resolve, ty));
            format!("Result<{}, {}>", half(&result.ok)?, half(&result.err)?)
        }
        _ => format!("tool::{}", upper_camel(tool::place(resolve, id)?.1)),
    })
}
