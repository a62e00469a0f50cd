//! Components made smaller by Binaryen's `wasm-opt`.
//!
//! `wasm-opt` reads core modules and no components. So each core module is taken out, optimised and put back; every other
//! byte of the component, its types, imports and exports among them, stays as it is.

use std::fs;

use anyhow::{Context, Result, ensure};
use wasm_encoder::{ComponentSection, RawSection};
use wasmparser::{BinaryReader, Encoding, Parser, Payload, Validator};

use super::tools::Tools;
use crate::inspect::inspect;
use crate::workspace::Workspace;

/// Numbers of sections in a component that hold others.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;
/// Magic and version.
const HEADER: usize = 8;
/// The linker's own small modules: starting the optimiser takes longer than a host saves by their last bytes.
const WORTHWHILE: usize = 1024;

/// The component with its modules optimised. A module for which that gains nothing stays; the result is a valid component
/// with the same imports and exports, or an error.
pub(super) fn optimised(workspace: &Workspace, tools: &Tools, wasm: &[u8]) -> Result<Vec<u8>> {
    let scratch = workspace.target.join("tmp");
    fs::create_dir_all(&scratch).with_context(|| format!("cannot create {}", scratch.display()))?;
    let (before, after) = (scratch.join("before-wasm-opt.wasm"), scratch.join("after-wasm-opt.wasm"));
    let result = with_modules(wasm, &mut |module| {
        if module.len() < WORTHWHILE {
            return Ok(module.to_vec());
        }
        fs::write(&before, module).with_context(|| format!("cannot write {}", before.display()))?;
        tools.optimise(workspace, &before, &after)?;
        let smaller = fs::read(&after).with_context(|| format!("cannot read {}", after.display()))?;
        Ok(if smaller.len() < module.len() { smaller } else { module.to_vec() })
    })?;
    Validator::new().validate_all(&result).context("the optimised component is not valid")?;
    let (is, was) = (inspect(&result)?, inspect(wasm)?);
    ensure!(is.bytes <= was.bytes, "the optimised component is larger");
    ensure!(
        (&is.imports, &is.exports) == (&was.imports, &was.exports),
        "the optimised component has other imports or exports: {is:?} instead of {was:?}"
    );
    Ok(result)
}

/// `wasm` with each core module, however deeply nested, replaced by what `replace` makes of it.
fn with_modules(wasm: &[u8], replace: &mut impl FnMut(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let version = Parser::new(0).parse(wasm, true).context("this is not a WebAssembly file")?;
    let is_component = matches!(
        version,
        wasmparser::Chunk::Parsed { payload: Payload::Version { encoding: Encoding::Component, .. }, .. }
    );
    ensure!(is_component, "this is a core module, not a component");
    let mut result = wasm[..HEADER].to_vec();
    let mut reader = BinaryReader::new(&wasm[HEADER..], HEADER as u64);
    while !reader.eof() {
        let number = reader.read_u8()?;
        let length = reader.read_var_u32()?;
        let body = reader.read_bytes(length as usize)?;
        let body = match number {
            CORE_MODULE => replace(body)?,
            COMPONENT => with_modules(body, replace)?,
            _ => body.to_vec(),
        };
        RawSection { id: number, data: &body }.append_to_component(&mut result);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: &str = r#"(component
        (component (core module (memory 1) (data (i32.const 0) "inner")))
        (core module (func (export "f") (result i32) i32.const 7)))"#;

    #[test]
    fn modules_that_are_left_alone_give_the_same_bytes() -> Result<()> {
        let wasm = wat::parse_str(NESTED)?;
        let mut seen = 0;
        let result = with_modules(&wasm, &mut |module| {
            seen += 1;
            Ok(module.to_vec())
        })?;
        assert_eq!((result, seen), (wasm, 2));
        Ok(())
    }

    #[test]
    fn a_module_is_replaced_by_one_of_any_length() -> Result<()> {
        let long = wat::parse_str(format!("(module (memory 1) (data (i32.const 0) \"{}\"))", "d".repeat(20_000)))?;
        let wasm = wat::parse_str(NESTED)?;
        let result = with_modules(&wasm, &mut |_| Ok(long.clone()))?;
        Validator::new().validate_all(&result)?;
        assert!(result.len() > 40_000);
        Ok(())
    }

    #[test]
    fn a_core_module_is_refused() -> Result<()> {
        assert!(with_modules(&wat::parse_str("(module)")?, &mut |module| Ok(module.to_vec())).is_err());
        Ok(())
    }
}
