//! Writes the component's exported symbols and how each record of the contract is laid out, from `wit/`.
//!
//! `wit-bindgen` writes the lowering of a result into every function that has it: 41 functions, a third of the component,
//! most of it the same. Here it is written once per record, and `platform/canonical.rs` puts the pieces together. What
//! `wit-bindgen` still does is the types, the traits and the lifting of arguments; each symbol below calls its function
//! with a signature that the compiler checks. Layouts are wit-parser's, the same that `wit-bindgen` and hosts use.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, error, fs, result};

use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, InterfaceId, Record, Resolve, SizeAlign, TypeDefKind, WorldItem, WorldKey};

type Result<T> = result::Result<T, Box<dyn error::Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../wit");
    // Natively there are no symbols to export.
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() != Ok("wasm") {
        return Ok(());
    }
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir("../wit")?;
    let world =
        if env::var_os("CARGO_FEATURE_CONFIG_STORE").is_some() { "connector-config-store" } else { "connector" };
    let world = resolve.select_world(&[package], Some(world))?;
    let mut layout = SizeAlign::default();
    layout.fill(&resolve);

    let mut source = String::new();
    for (key, item) in &resolve.worlds[world].exports {
        let WorldItem::Interface { id, .. } = item else {
            return Err("the world exports something that is no interface".into());
        };
        records(&mut source, &resolve, &layout, *id)?;
        for function in resolve.interfaces[*id].functions.values() {
            symbol(&mut source, &resolve, key, *id, function)?;
        }
    }
    let target = PathBuf::from(env::var("OUT_DIR")?).join("symbols.rs");
    fs::write(target, source)?;
    Ok(())
}

/// `record!(path { field @ offset, … } size, align)` for every record that an interface defines itself, and
/// `enumeration!(path)` for every enum.
fn records(source: &mut String, resolve: &Resolve, layout: &SizeAlign, interface: InterfaceId) -> Result<()> {
    let module = module(resolve, interface);
    for (name, id) in &resolve.interfaces[interface].types {
        if let TypeDefKind::Enum(_) = &resolve.types[*id].kind {
            writeln!(source, "enumeration!({module}::{});", upper_camel(name))?;
        }
        if let TypeDefKind::Record(Record { fields }) = &resolve.types[*id].kind {
            write!(source, "record!({module}::{} {{", upper_camel(name))?;
            let offsets = layout.field_offsets(fields.iter().map(|field| &field.ty));
            for (field, (offset, _)) in fields.iter().zip(offsets) {
                write!(source, " {} @ {},", snake(&field.name), offset.size_wasm32())?;
            }
            let whole = layout.record(fields.iter().map(|field| &field.ty));
            writeln!(source, " }} {}, {});", whole.size.size_wasm32(), whole.align.align_wasm32())?;
        }
    }
    Ok(())
}

/// `symbol!(function "symbol" (parameter: type, …))`
fn symbol(
    source: &mut String,
    resolve: &Resolve,
    key: &WorldKey,
    interface: InterfaceId,
    function: &Function,
) -> Result<()> {
    let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
    if !signature.retptr {
        return Err(format!("{} answers without memory, which nothing here is made for", function.name).into());
    }
    let module = module(resolve, interface);
    let cabi = format!("_export_{}_cabi", snake(&function.name));
    let symbol = format!("{}#{}", resolve.name_world_key(key), function.name);
    write!(source, "symbol!({module}::{cabi} \"{symbol}\" (")?;
    for (index, parameter) in signature.params.iter().enumerate() {
        let rust = match parameter {
            WasmType::I32 => "i32",
            WasmType::I64 => "i64",
            WasmType::F32 => "f32",
            WasmType::F64 => "f64",
            WasmType::Pointer => "*mut u8",
            WasmType::Length => "usize",
            WasmType::PointerOrI64 => "core::mem::MaybeUninit<u64>",
        };
        write!(source, " p{index}: {rust},")?;
    }
    writeln!(source, "));")?;
    Ok(())
}

/// The module of the bindings that an exported interface is in.
fn module(resolve: &Resolve, interface: InterfaceId) -> String {
    snake(resolve.interfaces[interface].name.as_deref().unwrap_or_default())
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn upper_camel(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('-').map(word).collect()
}
