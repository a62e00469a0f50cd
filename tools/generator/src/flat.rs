//! The flat world as WIT text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail, ensure};
use wit_parser::{Docs, PackageId, Resolve, Type, TypeDefKind, TypeId};

use crate::describe;
use crate::shape::{self, INCLUDE_JSON, Shaping};
use crate::tool::{self, Tool};

/// The world's name.
pub const WORLD: &str = "tools";

/// Writes the world: it imports the interfaces that the tools are of, defines the types itself, and exports the tools.
///
/// # Errors
/// Two types of one name; documentation that does not do for a tool.
pub fn world(resolve: &Resolve, contract: PackageId, tools: &[Tool<'_>]) -> Result<String> {
    let contract = &resolve.packages[contract].name;
    let version = contract.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
    let mut wit = format!("package {}:{}-tools{version};\n\n", contract.namespace, contract.name);
    writeln!(wit, "/// VirusTotal Hunting as tools: each action of the contract as a function of the world.")?;
    writeln!(wit, "world {WORLD} {{")?;
    let mut imported = Vec::new();
    for tool in tools {
        let interface = tool.interface_name(resolve)?;
        if !imported.contains(&interface) {
            writeln!(wit, "  import {}:{}/{interface}{version};", contract.namespace, contract.name)?;
            imported.push(interface);
        }
    }
    types(&mut wit, resolve, tools)?;
    for tool in tools {
        docs(&mut wit, "  ", &describe::tool(resolve, tool, tools)?)?;
        let mut parameters = Vec::new();
        for parameter in &tool.parameters {
            parameters.push(format!("{}: {}", parameter.name, spelled(resolve, &parameter.ty)?));
        }
        if tool.has_json {
            parameters.push(format!("{INCLUDE_JSON}: option<bool>"));
        }
        let result = tool.function.result.as_ref().map(|result| spelled(resolve, result)).transpose()?;
        let result = result.map(|result| format!(" -> {result}")).unwrap_or_default();
        writeln!(wit, "  export {}: func({}){result};", tool.name(), parameters.join(", "))?;
    }
    wit.push_str("}\n");
    Ok(wit)
}

/// The types that tools use, defined in the world.
fn types(wit: &mut String, resolve: &Resolve, tools: &[Tool<'_>]) -> Result<()> {
    let mut names: BTreeMap<&str, TypeId> = BTreeMap::new();
    for id in all_types(resolve, tools)? {
        let (_, name) = tool::place(resolve, id)?;
        ensure!(names.insert(name, id).is_none(), "two interfaces of the contract have a type `{name}`");
        let ty = &resolve.types[id];
        plain_docs(wit, "  ", &ty.docs, "")?;
        match &ty.kind {
            TypeDefKind::Record(record) => {
                writeln!(wit, "  record {name} {{")?;
                for field in &record.fields {
                    let (kind, note) = match shape::shaping(field, resolve) {
                        Shaping::Json => ("option<string>".to_owned(), " Absent unless `include-json` is true."),
                        Shaping::Snippet | Shaping::Rules => (spelled(resolve, &field.ty)?, " Cut where it is long."),
                        Shaping::Same => (spelled(resolve, &field.ty)?, ""),
                    };
                    plain_docs(wit, "    ", &field.docs, note)?;
                    writeln!(wit, "    {}: {kind},", field.name)?;
                }
            }
            TypeDefKind::Enum(cases) => {
                writeln!(wit, "  enum {name} {{")?;
                for case in &cases.cases {
                    plain_docs(wit, "    ", &case.docs, "")?;
                    writeln!(wit, "    {},", case.name)?;
                }
            }
            other => bail!("`{name}` is a {}, which no rule makes flat yet", other.as_str()),
        }
        wit.push_str("  }\n");
    }
    Ok(())
}

/// The named types of all parameters and answers, each once.
///
/// # Errors
/// A type that the contract has not had so far.
pub fn all_types(resolve: &Resolve, tools: &[Tool<'_>]) -> Result<Vec<TypeId>> {
    let mut found = Vec::new();
    for tool in tools {
        let types = tool.parameters.iter().map(|parameter| &parameter.ty).chain(tool.function.result.as_ref());
        types.into_iter().try_for_each(|ty| tool::named_types(resolve, ty, &mut found))?;
    }
    Ok(found)
}

/// A type as WIT spells it.
fn spelled(resolve: &Resolve, ty: &Type) -> Result<String> {
    let id = match ty {
        Type::Id(id) => tool::original(resolve, *id),
        Type::Bool => return Ok("bool".to_owned()),
        Type::U16 => return Ok("u16".to_owned()),
        Type::U32 => return Ok("u32".to_owned()),
        Type::U64 => return Ok("u64".to_owned()),
        Type::F64 => return Ok("f64".to_owned()),
        Type::String => return Ok("string".to_owned()),
        other => bail!("no rule spells {other:?} yet"),
    };
    let ty = &resolve.types[id];
    Ok(match &ty.kind {
        TypeDefKind::Option(inner) => format!("option<{}>", spelled(resolve, inner)?),
        TypeDefKind::List(inner) => format!("list<{}>", spelled(resolve, inner)?),
        TypeDefKind::Type(inner) => spelled(resolve, inner)?,
        TypeDefKind::Result(result) => {
            let half = |half: &Option<Type>| half.as_ref().map_or(Ok("_".to_owned()), |ty| spelled(resolve, ty));
            format!("result<{}, {}>", half(&result.ok)?, half(&result.err)?)
        }
        _ => tool::place(resolve, id)?.1.to_owned(),
    })
}

fn plain_docs(wit: &mut String, indent: &str, text: &Docs, note: &str) -> Result<()> {
    docs(wit, indent, &format!("{}{note}", text.contents.as_deref().unwrap_or_default().trim_end()))
}

fn docs(wit: &mut String, indent: &str, text: &str) -> Result<()> {
    for line in text.lines() {
        writeln!(wit, "{}", format!("{indent}/// {line}").trim_end())?;
    }
    Ok(())
}
