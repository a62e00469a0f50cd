//! Taking out of a component what does nothing at run time.
//!
//! `strip = true` reaches the core module inside; the names that the linker gives to the component's own parts, 8 KB of
//! them, stay, and neither cargo nor the linker has a setting for them.

use anyhow::{Context, Result};
use wasmparser::{Parser, Payload};

/// The outermost component without its custom section `component-name`; everything else byte for byte.
pub(crate) fn without_names(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity(wasm.len());
    let mut depth = 0_usize;
    let mut copied = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("the linker's output is not a valid WebAssembly file")? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 0 && section.name() == "component-name" => {
                // The range begins behind the section's number and length, and the length is a varint of the range's.
                let range = usize::try_from(section.range().start)?..usize::try_from(section.range().end)?;
                let header = 1 + varint_length(range.len());
                kept.extend_from_slice(&wasm[copied..range.start - header]);
                copied = range.end;
            }
            _ => {}
        }
    }
    kept.extend_from_slice(&wasm[copied..]);
    Ok(kept)
}

fn varint_length(value: usize) -> usize {
    (usize::BITS - value.leading_zeros()).div_ceil(7).max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_and_nothing_else() -> Result<()> {
        let body = r#"(import "plain" (func)) (core module (memory 1) (data (i32.const 0) "data"))"#;
        let plain = wat::parse_str(format!("(component {body})"))?;
        let named = wat::parse_str(format!("(component $a-name-for-the-whole {body})"))?;
        assert!(named.len() > plain.len());
        assert_eq!(without_names(&named)?, plain);
        assert_eq!(without_names(&plain)?, plain);
        Ok(())
    }

    #[test]
    fn a_long_section_goes_whole() -> Result<()> {
        let name = "n".repeat(20_000);
        assert_eq!(without_names(&wat::parse_str(format!("(component ${name})"))?)?, wat::parse_str("(component)")?);
        Ok(())
    }
}
