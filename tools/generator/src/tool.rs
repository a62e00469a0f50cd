//! The actions that are tools, and their parameters.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use wit_parser::{Function, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem};

use crate::shape::{self, Preset, Shaping};

/// What is no tool, and why.
pub const NO_TOOL: [(&str, &str); 2] = [
    ("last-response", "hosts make an instance for every call, so there is never an answer before"),
    ("parse-snippet", "its answer is bytes, as a list of numbers; an agent reads the dump itself"),
];

/// The longest name that clients of such hosts take.
const LONGEST_NAME: usize = 64;

/// An action as a tool.
pub struct Tool<'a> {
    /// The action.
    pub function: &'a Function,
    /// The interface that has it.
    pub interface: InterfaceId,
    /// What a caller gives.
    pub parameters: Vec<Parameter<'a>>,
    /// Whether the answer holds objects whose `json` can be asked for.
    pub has_json: bool,
}

/// A parameter of a tool: one of the action, or a field of a record that is one.
pub struct Parameter<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type in the contract.
    pub ty: Type,
    /// Its documentation in the contract: parameters have none, fields do.
    pub docs: Option<&'a str>,
    /// Which parameter of the action it is, or is a field of.
    pub position: usize,
    /// What is taken where it is not given, if not the contract's own.
    pub preset: Option<Preset>,
}

/// Every tool, in the contract's order.
///
/// # Errors
/// Two parameters of one name, a name that is too long, an entry of [`NO_TOOL`] that the contract does not have.
pub fn all(resolve: &Resolve, contract: WorldId) -> Result<Vec<Tool<'_>>> {
    let mut left_out: BTreeSet<_> = NO_TOOL.iter().map(|(name, _)| *name).collect();
    let mut tools = Vec::new();
    for item in resolve.worlds[contract].exports.values() {
        let WorldItem::Interface { id, .. } = item else {
            bail!("the contract exports something that is no interface")
        };
        for function in resolve.interfaces[*id].functions.values() {
            if !left_out.remove(&*function.name) {
                tools.push(Tool::new(resolve, *id, function)?);
            }
        }
    }
    ensure!(left_out.is_empty(), "the contract has no {left_out:?} that could be left out");
    Ok(tools)
}

impl<'a> Tool<'a> {
    fn new(resolve: &'a Resolve, interface: InterfaceId, function: &'a Function) -> Result<Self> {
        let name = &function.name;
        ensure!(name.len() <= LONGEST_NAME, "`{name}` is longer than {LONGEST_NAME} characters");
        let mut parameters = Vec::new();
        for (position, parameter) in function.params.iter().enumerate() {
            let Some((id, record)) = record(resolve, &parameter.ty) else {
                let (name, ty) = (&*parameter.name, parameter.ty);
                parameters.push(Parameter { name, ty, docs: None, position, preset: None });
                continue;
            };
            let record_name = resolve.types[id].name.as_deref().unwrap_or_default();
            parameters.extend(record.fields.iter().map(|field| Parameter {
                name: &field.name,
                ty: field.ty,
                docs: field.docs.contents.as_deref(),
                position,
                preset: shape::preset(record_name, record, field),
            }));
        }
        let has_json = function.result.is_some_and(|result| holds_json(resolve, &result));
        let mut names: Vec<_> = parameters.iter().map(|parameter| parameter.name).collect();
        names.extend(has_json.then_some(shape::INCLUDE_JSON));
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.into_iter().find(|name| !seen.insert(*name)) {
            bail!("`{name}` would have two parameters `{twice}`: rename a field of its records");
        }
        Ok(Self { function, interface, parameters, has_json })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.function.name
    }

    /// The name of the interface that has the action.
    ///
    /// # Errors
    /// An interface without a name, which the contract cannot export.
    pub fn interface_name(&self, resolve: &'a Resolve) -> Result<&'a str> {
        resolve.interfaces[self.interface].name.as_deref().context("an exported interface has a name")
    }
}

/// The record that a type is, through any alias.
#[must_use]
pub fn record<'a>(resolve: &'a Resolve, ty: &Type) -> Option<(TypeId, &'a wit_parser::Record)> {
    let Type::Id(id) = ty else { return None };
    let id = original(resolve, *id);
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => Some((id, record)),
        _ => None,
    }
}

/// The type that `use` and `type … = …` lead to.
#[must_use]
pub fn original(resolve: &Resolve, id: TypeId) -> TypeId {
    match resolve.types[id].kind {
        TypeDefKind::Type(Type::Id(next)) => original(resolve, next),
        _ => id,
    }
}

/// The named types that a type is made of, itself included, each once; what a type is made of comes before it.
///
/// # Errors
/// A type that the contract has not had so far.
pub fn named_types(resolve: &Resolve, ty: &Type, found: &mut Vec<TypeId>) -> Result<()> {
    let Type::Id(id) = ty else { return Ok(()) };
    let id = original(resolve, *id);
    if found.contains(&id) {
        return Ok(());
    }
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            record.fields.iter().try_for_each(|field| named_types(resolve, &field.ty, found))?;
            found.push(id);
        }
        TypeDefKind::Enum(_) => found.push(id),
        TypeDefKind::Option(inner) | TypeDefKind::List(inner) | TypeDefKind::Type(inner) => {
            named_types(resolve, inner, found)?;
        }
        TypeDefKind::Result(result) => {
            [result.ok, result.err].iter().flatten().try_for_each(|inner| named_types(resolve, inner, found))?;
        }
        other => bail!("no rule makes a {} flat yet: give the generator one", other.as_str()),
    }
    Ok(())
}

/// The module of the contract that a named type is in, and its name.
///
/// # Errors
/// A type without a name or outside an interface.
pub fn place(resolve: &Resolve, id: TypeId) -> Result<(&str, &str)> {
    let ty = &resolve.types[id];
    let TypeOwner::Interface(interface) = ty.owner else { bail!("a type of the contract is in no interface") };
    let interface = resolve.interfaces[interface].name.as_deref().context("an interface has a name")?;
    Ok((interface, ty.name.as_deref().context("a record or enum has a name")?))
}

fn holds_json(resolve: &Resolve, ty: &Type) -> bool {
    let Type::Id(id) = ty else { return false };
    match &resolve.types[*id].kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter()
            .any(|field| shape::shaping(field, resolve) == Shaping::Json || holds_json(resolve, &field.ty)),
        TypeDefKind::Option(inner) | TypeDefKind::List(inner) | TypeDefKind::Type(inner) => holds_json(resolve, inner),
        TypeDefKind::Result(result) => [result.ok, result.err].iter().flatten().any(|inner| holds_json(resolve, inner)),
        _ => false,
    }
}
