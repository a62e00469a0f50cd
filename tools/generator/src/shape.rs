//! How a tool's answers and arguments differ from the contract's: the rules that keep answers small.

use wit_parser::{Field, Function, Record, Resolve, Type, TypeDefKind};

/// How many objects a list gives unless the caller says.
pub const OBJECTS: u32 = 10;
/// The parameter that asks for the objects as they came.
pub const INCLUDE_JSON: &str = "include-json";

/// What becomes of a field of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shaping {
    /// Nothing.
    Same,
    /// The object as it came: absent, unless asked for.
    Json,
    /// A dump around a match: cut.
    Snippet,
    /// The source text of rules: cut, but where the action gets this one object.
    Rules,
}

/// What becomes of `field` in an answer.
#[must_use]
pub fn shaping(field: &Field, resolve: &Resolve) -> Shaping {
    let optional_text = matches!(&field.ty, Type::Id(id)
        if matches!(resolve.types[*id].kind, TypeDefKind::Option(Type::String)));
    match &*field.name {
        "json" if field.ty == Type::String => Shaping::Json,
        name if optional_text && (name == "snippet" || name.ends_with("-snippet")) => Shaping::Snippet,
        "rules" | "rule" if optional_text => Shaping::Rules,
        _ => Shaping::Same,
    }
}

/// What a tool takes for an optional argument that is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A count.
    Count(u32),
    /// True.
    True,
}

/// The preset of a field of a record that is an argument, where it has one.
#[must_use]
pub fn preset(record_name: &str, record: &Record, field: &Field) -> Option<Preset> {
    let is_page = record.fields.iter().any(|field| field.name == "cursor");
    match &*field.name {
        // Of a page; a ruleset has a `limit` too, and there it is the most notifications.
        "limit" if is_page => Some(Preset::Count(OBJECTS)),
        "items" if record_name == "poll-budget" => Some(Preset::Count(OBJECTS)),
        "descriptors-only" => Some(Preset::True),
        _ => None,
    }
}

/// Whether an action gets one object by its name: then its rules are what was asked for.
#[must_use]
pub fn gets_one(function: &Function) -> bool {
    function.name.starts_with("get-") && function.params.len() == 1 && function.params[0].ty == Type::String
}
