//! What a component says about itself: its size, its imports, its exports.

use anyhow::{Context, Result, bail};
use wasmparser::{Encoding, Parser, Payload};

/// A component's outside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outside {
    pub(crate) bytes: u64,
    pub(crate) parts: Parts,
    pub(crate) imports: Vec<Name>,
    pub(crate) exports: Vec<Name>,
}

/// Where the bytes are, in all modules of the component together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) code: u64,
    pub(crate) data: u64,
    /// Names, producers and other sections that do nothing at run time.
    pub(crate) custom: u64,
}

/// The name of an import or export, split where the version starts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// `wasi:io/poll` of `wasi:io/poll@0.2.4`.
    pub(crate) interface: String,
    /// `0.2.4` of `wasi:io/poll@0.2.4`; empty where there is none.
    pub(crate) version: String,
}

impl Name {
    fn parse(name: &str) -> Self {
        let (interface, version) = name.split_once('@').unwrap_or((name, ""));
        Self { interface: interface.to_owned(), version: version.to_owned() }
    }
}

/// Reads the outermost component of `wasm`; what is nested inside it is its own business.
pub(crate) fn inspect(wasm: &[u8]) -> Result<Outside> {
    let mut outside = Outside { bytes: wasm.len() as u64, ..Outside::default() };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("this is not a valid WebAssembly file")? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                bail!("this is a core module, not a component: build it for wasm32-wasip2 (`cargo xtask build`)")
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::CodeSectionStart { range, .. } => outside.parts.code += length(&range),
            Payload::DataSection(section) => outside.parts.data += length(&section.range()),
            Payload::CustomSection(section) => outside.parts.custom += length(&section.range()),
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    outside.imports.push(Name::parse(import.context("an import cannot be read")?.name.name));
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    outside.exports.push(Name::parse(export.context("an export cannot be read")?.name.name));
                }
            }
            _ => {}
        }
    }
    Ok(outside)
}

fn length(range: &std::ops::Range<u64>) -> u64 {
    range.end - range.start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(interface: &str, version: &str) -> Name {
        Name { interface: interface.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn imports_and_exports_of_the_outermost_component_are_read() -> Result<()> {
        let wasm = wat::parse_str(
            r#"(component
                (component (import "inner:import/thing@9.9.9" (instance)))
                (core module (import "env" "f" (func)) (memory 1) (data (i32.const 0) "data"))
                (import "wasi:io/poll@0.2.4" (instance $poll))
                (import "plain" (func))
                (export "virustotal:hunting/types@0.1.0" (instance $poll)))"#,
        )?;
        let outside = inspect(&wasm)?;
        assert_eq!(outside.bytes, wasm.len() as u64);
        assert_eq!(outside.imports, [name("wasi:io/poll", "0.2.4"), name("plain", "")]);
        assert_eq!(outside.exports, [name("virustotal:hunting/types", "0.1.0")]);
        Ok(())
    }

    #[test]
    fn a_core_module_is_refused_with_the_next_step() -> Result<()> {
        let refused = inspect(&wat::parse_str("(module)")?).map_err(|error| error.to_string());
        assert!(matches!(refused, Err(message) if message.contains("cargo xtask build")));
        Ok(())
    }

    #[test]
    fn something_else_is_refused() {
        assert!(inspect(b"no wasm at all").is_err());
    }
}
