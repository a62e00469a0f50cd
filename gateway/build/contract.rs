//! The contract as the other parts of the build need it: its functions with their documentation, and its types.

use wit_parser::{Docs, Function, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

use crate::Result;

/// The interface that says what happened on the wire; what it tells is in every answer, so it is no action.
pub(crate) const DIAGNOSTICS: &str = "diagnostics";

/// What `wit/` says.
pub(crate) struct Contract {
    pub(crate) resolve: Resolve,
    /// `virustotal:hunting@0.1.0`
    pub(crate) package: String,
    /// What the world exports, in its order.
    pub(crate) interfaces: Vec<InterfaceId>,
    /// The functions, in the order of the interfaces.
    pub(crate) actions: Vec<Action>,
}

/// A function of the contract.
pub(crate) struct Action {
    /// As in the contract: `get-retrohunt-job`.
    pub(crate) name: String,
    /// The name of its interface.
    pub(crate) interface: String,
    /// What the body of a request may hold, in order.
    pub(crate) members: Vec<Member>,
    /// The function's parameters, put together from the members.
    pub(crate) parameters: Vec<Parameter>,
    /// The good result; `None` where there is only done or failed.
    pub(crate) result: Option<Type>,
    /// Whether it can fail.
    pub(crate) fails: bool,
    pub(crate) docs: ActionDocs,
}

/// What its documentation says, taken apart.
pub(crate) struct ActionDocs {
    /// All of it.
    pub(crate) whole: String,
    /// What stands before the first colon.
    pub(crate) title: String,
    /// Method and path.
    pub(crate) request: Option<(String, String)>,
    /// The sentence about how many requests it is, and what they cost.
    pub(crate) cost: String,
    /// Whether it changes anything at VirusTotal.
    pub(crate) changes: bool,
    /// Whether what it does can be taken back.
    pub(crate) irreversible: bool,
}

/// A member of a request's body.
pub(crate) struct Member {
    /// In the contract's spelling.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) docs: Option<String>,
    /// Whether it may be left out.
    pub(crate) optional: bool,
}

/// A parameter.
pub(crate) enum Parameter {
    /// The member of the same name.
    Member(String, Type),
    /// A record of members.
    Record(TypeId, Vec<String>),
}

impl Contract {
    pub(crate) fn read(folder: &str) -> Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder)?;
        let world = resolve.select_world(&[package], Some("connector"))?;
        let mut interfaces = Vec::new();
        for item in resolve.worlds[world].exports.values() {
            let WorldItem::Interface { id, .. } = item else {
                return Err("the world exports something that is no interface".into());
            };
            interfaces.push(*id);
        }
        let package = resolve.packages[package].name.to_string();
        let mut contract = Self { resolve, package, interfaces, actions: Vec::new() };
        let mut actions = Vec::new();
        for interface in &contract.interfaces {
            let name = contract.interface_name(*interface);
            if name != DIAGNOSTICS {
                for function in contract.resolve.interfaces[*interface].functions.values() {
                    actions.push(contract.action(name, function)?);
                }
            }
        }
        contract.actions = actions;
        Ok(contract)
    }

    pub(crate) fn interface_name(&self, interface: InterfaceId) -> &str {
        self.resolve.interfaces[interface].name.as_deref().unwrap_or_default()
    }

    /// `virustotal:hunting/types@0.1.0`
    pub(crate) fn interface_path(&self, interface: InterfaceId) -> Result<String> {
        self.resolve.id_of(interface).ok_or_else(|| "an interface without a name".into())
    }

    /// What a type is, behind `use` and aliases.
    pub(crate) fn kind(&self, ty: &Type) -> Option<(TypeId, &TypeDefKind)> {
        let Type::Id(id) = ty else { return None };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Type(alias) => self.kind(alias),
            kind => Some((*id, kind)),
        }
    }

    /// The name and the Rust path of a named type.
    pub(crate) fn path(&self, id: TypeId) -> Result<(String, String)> {
        let definition = &self.resolve.types[id];
        let (Some(name), TypeOwner::Interface(owner)) = (&definition.name, definition.owner) else {
            return Err("a type without a name or an interface".into());
        };
        Ok((name.clone(), format!("{}::{}", snake(self.interface_name(owner)), upper_camel(name))))
    }

    /// Whether a value of the type is copied, as `wit-bindgen` decides it.
    pub(crate) fn is_copy(&self, ty: &Type) -> bool {
        match self.kind(ty) {
            Some((_, TypeDefKind::Record(record))) => record.fields.iter().all(|field| self.is_copy(&field.ty)),
            Some((_, TypeDefKind::Option(inner))) => self.is_copy(inner),
            Some((_, TypeDefKind::Enum(_))) => true,
            Some(_) => false,
            None => !matches!(ty, Type::String | Type::ErrorContext),
        }
    }

    fn action(&self, interface: &str, function: &Function) -> Result<Action> {
        let mut members = Vec::<Member>::new();
        let mut parameters = Vec::new();
        let mut flattened = false;
        for parameter in &function.params {
            match self.kind(&parameter.ty) {
                // The first record is the body itself; any other has a member of its own.
                Some((id, TypeDefKind::Record(record))) if !flattened => {
                    flattened = true;
                    for field in &record.fields {
                        let optional = self.is_option(&field.ty) || self.is_list(&field.ty);
                        let docs = text(&field.docs);
                        members.push(Member { name: field.name.clone(), ty: field.ty, docs, optional });
                    }
                    let names = record.fields.iter().map(|field| field.name.clone()).collect();
                    parameters.push(Parameter::Record(id, names));
                }
                kind => {
                    let (optional, docs) = match kind {
                        Some((id, TypeDefKind::Record(record))) => (
                            record.fields.iter().all(|field| self.is_option(&field.ty)),
                            text(&self.resolve.types[id].docs),
                        ),
                        _ => (self.is_option(&parameter.ty), None),
                    };
                    members.push(Member { name: parameter.name.clone(), ty: parameter.ty, docs, optional });
                    parameters.push(Parameter::Member(parameter.name.clone(), parameter.ty));
                }
            }
        }
        for (index, member) in members.iter().enumerate() {
            if members[..index].iter().any(|other| other.name == member.name) {
                return Err(format!("{}: two arguments are called {}", function.name, member.name).into());
            }
        }
        let (result, fails) = match function.result.as_ref().and_then(|ty| self.kind(ty)) {
            Some((_, TypeDefKind::Result(result))) => (result.ok, true),
            _ => (function.result, false),
        };
        let docs = action_docs(function).map_err(|error| format!("{}: {error}", function.name))?;
        Ok(Action {
            name: function.name.clone(),
            interface: interface.to_owned(),
            members,
            parameters,
            result,
            fails,
            docs,
        })
    }

    /// The function of `strict.rs` that reads a value of the type, if records are in it.
    pub(crate) fn strict(&self, ty: &Type) -> Option<&'static str> {
        let is_record = |ty: &Type| matches!(self.kind(ty), Some((_, TypeDefKind::Record(_))));
        match self.kind(ty)?.1 {
            TypeDefKind::Record(_) => Some("one"),
            TypeDefKind::Option(inner) if is_record(inner) => Some("option"),
            TypeDefKind::List(inner) if is_record(inner) => Some("list"),
            _ => None,
        }
    }

    pub(crate) fn is_option(&self, ty: &Type) -> bool {
        matches!(self.kind(ty), Some((_, TypeDefKind::Option(_))))
    }

    pub(crate) fn is_list(&self, ty: &Type) -> bool {
        matches!(self.kind(ty), Some((_, TypeDefKind::List(_))))
    }
}

fn action_docs(function: &Function) -> Result<ActionDocs> {
    let whole = text(&function.docs).ok_or("a function without documentation")?;
    let (title, rest) = whole.split_once(':').ok_or("documentation without a title before a colon")?;
    let request = whole.split('`').skip(1).step_by(2).find_map(|code| {
        let (method, path) = code.split_once(' ')?;
        let known = ["GET", "POST", "PATCH", "DELETE"].contains(&method) && path.starts_with('/');
        known.then(|| (method.to_owned(), path.to_owned()))
    });
    let says = |sentence: &&str| {
        sentence.starts_with("One request")
            || sentence.starts_with("At least one request")
            || sentence.contains("sends nothing")
    };
    let cost = rest.split(". ").find(says).ok_or("documentation that does not say how many requests it is")?;
    Ok(ActionDocs {
        title: title.to_owned(),
        request,
        cost: format!("{}.", cost.trim_end_matches('.')),
        changes: !whole.contains("changes nothing") && !whole.contains("sends nothing"),
        irreversible: whole.contains("There is no undo"),
        whole,
    })
}

/// What the contract calls otherwise than the gateway's answers do: where a page stands is in VirusTotal's own envelope.
const CALLED: [(&str, &str); 2] =
    [("`page.cursor`", "`json_body.meta.cursor`"), ("`page.count`", "`json_body.meta.count`")];

/// Documentation on one line, in the words of somebody who reads the gateway's answers.
pub(crate) fn text(docs: &Docs) -> Option<String> {
    let text = docs.contents.as_deref()?.split_whitespace().collect::<Vec<_>>().join(" ");
    let put = |text: String, (contract, here): (&str, &str)| text.replace(contract, here);
    (!text.is_empty()).then(|| CALLED.into_iter().fold(text, put))
}

pub(crate) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

pub(crate) fn upper_camel(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('-').map(word).collect()
}
