//! The flat world of the contract as it is, and contracts that cannot be made flat.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use virustotal_hunting_tools_generator::Flat;
use virustotal_hunting_tools_generator::tool::NO_TOOL;
use wit_parser::{Function, Resolve, Type, TypeDefKind, WorldItem};

fn flat() -> Result<Flat> {
    Flat::from_contract(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")))
}

fn exported(flat: &Flat) -> Vec<&Function> {
    let exports = flat.resolve.worlds[flat.world].exports.values();
    exports.filter_map(|item| if let WorldItem::Function(function) = item { Some(function) } else { None }).collect()
}

fn named<'a>(flat: &'a Flat, name: &str) -> Result<&'a Function> {
    exported(flat).into_iter().find(|function| function.name == name).with_context(|| format!("no tool {name}"))
}

fn docs(function: &Function) -> &str {
    function.docs.contents.as_deref().unwrap_or_default()
}

/// A contract of one interface, with this in it.
fn contract(interface: &str) -> Result<Flat> {
    let wit = format!(
        "package test:hunting@0.1.0;
        interface actions {{
          {interface}
          /// One request; changes nothing.
          last-response: func() -> string;
          /// One request; changes nothing.
          parse-snippet: func() -> string;
        }}
        world connector {{ export actions; }}"
    );
    let mut resolve = Resolve::default();
    let package = resolve.push_str("contract.wit", &wit)?;
    Flat::from_package(resolve, package)
}

fn refusal(interface: &str) -> String {
    contract(interface).err().map(|error| format!("{error:#}")).unwrap_or_default()
}

#[test]
fn every_action_is_a_tool_of_the_same_name_but_for_those_that_make_no_sense_as_one() -> Result<()> {
    let flat = flat()?;
    let mut actions = BTreeSet::new();
    let contract =
        flat.resolve.packages.iter().find(|(_, package)| package.name.name == "hunting").context("contract")?.0;
    for interface in flat.resolve.packages[contract].interfaces.values() {
        actions.extend(flat.resolve.interfaces[*interface].functions.keys().map(String::as_str));
    }
    for (name, _) in NO_TOOL {
        assert!(actions.remove(name), "{name}");
    }
    let tools: BTreeSet<_> = exported(&flat).into_iter().map(|function| &*function.name).collect();
    assert_eq!(tools, actions);
    Ok(())
}

#[test]
fn the_world_exports_functions_alone_and_imports_only_the_contract() -> Result<()> {
    let flat = flat()?;
    let world = &flat.resolve.worlds[flat.world];
    assert!(world.exports.values().all(|item| matches!(item, WorldItem::Function(_))));
    for item in world.imports.values() {
        if let WorldItem::Interface { id, .. } = item {
            let package = flat.resolve.interfaces[*id].package.context("an interface of a package")?;
            assert_eq!(flat.resolve.packages[package].name.name, "hunting");
        }
    }
    Ok(())
}

#[test]
fn a_description_says_what_the_call_costs_and_whether_it_changes_anything() -> Result<()> {
    let flat = flat()?;
    for function in exported(&flat) {
        let (name, docs) = (&function.name, docs(function));
        let first = docs.split("\n\n").next().unwrap_or_default();
        assert!(first.contains("request"), "{name} does not say what it costs: {first}");
        let (reads, changes) = (first.contains("changes nothing"), first.contains("Changes what VirusTotal holds"));
        assert!(reads != changes, "{name} says neither or both: {first}");
        // What is sent says the same as the words.
        let sent = ["`GET /", "`POST /", "`PATCH /", "`DELETE /"].into_iter().find(|method| first.contains(method));
        match sent {
            Some(method) => assert_eq!(method == "`GET /", reads, "{name}: {first}"),
            None => assert!(name.starts_with("reconcile-") && reads, "{name} does not say what is sent: {first}"),
        }
    }
    Ok(())
}

#[test]
fn every_parameter_is_described_under_the_name_that_a_caller_gives_it() -> Result<()> {
    let flat = flat()?;
    for function in exported(&flat) {
        for parameter in &function.params {
            let line = format!("\n- `{}`: ", parameter.name);
            assert!(docs(function).contains(&line), "{} of {}", parameter.name, function.name);
        }
    }
    Ok(())
}

#[test]
fn records_that_a_caller_does_not_see_are_not_mentioned() -> Result<()> {
    let flat = flat()?;
    for function in exported(&flat) {
        for record in ["page-info", "-query", "query.", "-poll", "poll-budget", "new-ruleset", "new-retrohunt-job"] {
            let mentioned = docs(function).split('`').skip(1).step_by(2).find(|quoted| quoted.contains(record));
            assert_eq!(mentioned, None, "{}", function.name);
        }
    }
    assert!(docs(named(&flat, "get-ioc-stream-objects")?).contains("- `cursor`: `page.cursor` of the page before."));
    let deletion = docs(named(&flat, "delete-ioc-stream-objects")?);
    assert!(deletion.contains("a filter as in `filter` of `get-ioc-stream-objects`"), "{deletion}");
    Ok(())
}

#[test]
fn answers_are_small_unless_the_caller_says_otherwise() -> Result<()> {
    let flat = flat()?;
    let stream = docs(named(&flat, "get-ioc-stream-objects")?);
    assert!(stream.contains("gathered over several requests. Null: 10."), "{stream}");
    assert!(stream.contains("about 30 times smaller. Null: true."), "{stream}");
    assert!(flat.glue.contains("limit: Some(limit.unwrap_or(10))"));
    assert!(flat.glue.contains("descriptors_only: Some(descriptors_only.unwrap_or(true))"));
    assert!(flat.glue.contains("items: Some(items.unwrap_or(10))"));
    // The same name, another thing: how many notifications a ruleset may cause.
    assert!(docs(named(&flat, "create-livehunt-ruleset")?).contains("VirusTotal's default when absent: 100."));
    assert!(flat.glue.contains("limit: limit.given()"));
    Ok(())
}

#[test]
fn an_answer_without_objects_has_nothing_to_include() -> Result<()> {
    let flat = flat()?;
    let has = |name| Ok::<_, anyhow::Error>(named(&flat, name)?.params.iter().any(|one| one.name == "include-json"));
    assert!(has("get-account-quotas")?);
    assert!(!has("delete-livehunt-ruleset")? && !has("check-livehunt-ruleset-editor")?);
    Ok(())
}

#[test]
fn a_date_is_given_in_seconds() -> Result<()> {
    let flat = flat()?;
    for (name, parameter) in [
        ("poll-ioc-stream", "since"),
        ("poll-livehunt-notifications", "since"),
        ("create-retrohunt-job", "time-range"),
        ("reconcile-retrohunt-job", "created-since"),
    ] {
        let line = docs(named(&flat, name)?).lines().find(|line| line.starts_with(&format!("- `{parameter}`")));
        assert!(line.is_some_and(|line| line.contains("seconds since 1970-01-01")), "{name}: {line:?}");
    }
    Ok(())
}

#[test]
fn the_section_documents_every_tool_in_the_world_that_readers_of_a_component_see() -> Result<()> {
    let flat = flat()?;
    let section = flat.docs()?;
    let json: serde_json::Value = serde_json::from_slice(&section[1..])?;
    let functions = json["worlds"]["root"]["func_exports"].as_object().context("the world `root` has functions")?;
    for function in exported(&flat) {
        assert_eq!(functions[&function.name]["docs"].as_str(), Some(docs(function)), "{}", function.name);
    }
    Ok(())
}

#[test]
fn an_action_that_does_not_say_what_it_costs_is_refused_by_name() {
    let said = refusal("/// Gets a thing; changes nothing.\n get-thing: func(id: string) -> string;");
    assert!(said.contains("`get-thing` does not say what it costs"), "{said}");
}

#[test]
fn a_parameter_that_nothing_describes_is_refused_by_name() {
    let said = refusal("/// One request; changes nothing.\n get-thing: func(colour: string) -> string;");
    assert!(said.contains("nothing describes `colour` of `get-thing`"), "{said}");
}

#[test]
fn two_parameters_of_one_name_are_refused() {
    let said = refusal(
        "record query { /// One.\n id: string }
        /// One request; changes nothing.
        get-thing: func(id: string, query: query) -> string;",
    );
    assert!(said.contains("`get-thing` would have two parameters `id`"), "{said}");
}

#[test]
fn a_name_that_clients_cut_is_refused() {
    let name = format!("get-{}", "a".repeat(61));
    let said = refusal(&format!("/// One request; changes nothing.\n {name}: func(id: string) -> string;"));
    assert!(said.contains("is longer than 64 characters"), "{said}");
}

#[test]
fn a_type_that_no_rule_is_for_is_refused() {
    let said = refusal("/// One request; changes nothing.\n get-thing: func(id: string) -> tuple<string, string>;");
    assert!(said.contains("no rule makes a tuple flat yet"), "{said}");
}

#[test]
fn words_about_fields_of_an_argument_become_words_about_parameters() -> Result<()> {
    let flat = contract(
        "record query {
          /// From where.
          since: option<u32>
        }
        /// One request; changes nothing. Begins at `query.since`.
        get-things: func(query: query) -> string;",
    )?;
    let docs = docs(named(&flat, "get-things")?);
    assert_eq!(
        docs,
        "One request; changes nothing. Begins at `since`.\n\nParameters; give null for what is to be absent:\n- `since`: From where."
    );
    let mut resolve = Resolve::default();
    let package = resolve.push_str("again.wit", &flat.wit.replace("import test:hunting/actions@0.1.0;", ""))?;
    assert!(resolve.select_world(&[package], None).is_ok(), "the world defines its types itself");
    Ok(())
}

/// Whether a number of this name is a date. What ends or begins within a snippet is a position.
fn is_date(record: &str, name: &str) -> bool {
    let dates = ["date", "since", "until", "start", "end"];
    let is_named = dates.contains(&name) || ["-date", "-at", "-since", "-until"].iter().any(|end| name.ends_with(end));
    is_named && record != "highlight"
}

#[test]
fn every_date_of_the_contract_says_its_unit_where_it_stands() -> Result<()> {
    const UNIT: &str = "seconds since 1970-01-01 UTC";
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit"))?;
    let says = |docs: &wit_parser::Docs| {
        let text = docs.contents.as_deref().unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ").contains(UNIT)
    };
    let is_number = |ty: &Type| match ty {
        Type::U64 => true,
        Type::Id(id) => matches!(resolve.types[*id].kind, TypeDefKind::Option(Type::U64)),
        _ => false,
    };
    let mut seen = 0;
    for interface in resolve.packages[package].interfaces.values() {
        let interface = &resolve.interfaces[*interface];
        for (name, id) in &interface.types {
            let TypeDefKind::Record(record) = &resolve.types[*id].kind else { continue };
            for field in record.fields.iter().filter(|field| is_number(&field.ty) && is_date(name, &field.name)) {
                seen += 1;
                assert!(says(&field.docs), "`{name}.{}` does not say that it is in {UNIT}", field.name);
            }
        }
        for function in interface.functions.values() {
            for parameter in function.params.iter().filter(|one| is_number(&one.ty) && is_date("", &one.name)) {
                seen += 1;
                assert!(says(&function.docs), "`{}` does not say what `{}` is in", function.name, parameter.name);
            }
        }
    }
    assert!(seen >= 20, "{seen} dates: were they renamed?");
    Ok(())
}

#[test]
fn the_cursor_is_called_as_it_is_read() -> Result<()> {
    let flat = flat()?;
    assert!(!flat.wit.contains("page-info.cursor") && flat.wit.contains("`page.cursor` of the page before"));
    Ok(())
}
