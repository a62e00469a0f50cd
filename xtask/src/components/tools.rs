//! The tools for agents: the adapter with the flat world, the main component composed in, and what a host shows of it: the
//! documentation of each function and who made the file.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use virustotal_hunting_tools_generator::{DOCS_SECTION, Flat};
use wasm_encoder::{ComponentSection, CustomSection};
use wasmparser::{Parser, Payload};

use crate::commands::build;
use crate::compose;
use crate::dist::manifest;
use crate::dist::metadata::Label;
use crate::dist::origin::Origin;
use crate::workspace::{RULES_CHECK_TARGET, Workspace};

/// Its crate, and the name of the composed file.
const PACKAGE: &str = "virustotal-hunting-tools";

/// Builds it, and gives back where it is. The main component has to be there.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    // The target whose standard library has nothing to import: all that the result imports is the main component's.
    build::compile(workspace, PACKAGE, RULES_CHECK_TARGET)?;
    let built = workspace.target.join(RULES_CHECK_TARGET).join("release");
    let alone = built.join(PACKAGE.replace('-', "_")).with_extension("wasm");
    let composed = workspace.composed(PACKAGE);
    // Under another name first: what is described is there whole or not at all.
    let bare = workspace.composed(&format!("{PACKAGE}-bare"));
    compose::plug(&alone, &workspace.component(), &bare)?;
    let wasm = fs::read(&bare).with_context(|| format!("cannot read {}", bare.display()))?;
    fs::remove_file(&bare).with_context(|| format!("cannot remove {}", bare.display()))?;
    let docs = Flat::from_contract(&workspace.root.join("wit"))?.docs()?;
    let crates = manifest::read(workspace)?;
    let about = crates.get(PACKAGE).with_context(|| format!("there is no crate {PACKAGE}"))?;
    // Where it comes from is for what is published: with the commit in it, every commit would make another file.
    let described = with_docs(Label::of(about, &Origin::default()).put_on(&wasm)?, &docs)?;
    if !fs::read(&composed).is_ok_and(|there| there == described) {
        build::replace(&composed, &described)?;
    }
    Ok(composed)
}

/// The component with its documentation behind it. Hosts take the first such section that they meet, in whatever part of
/// the file, so there has to be one.
fn with_docs(mut wasm: Vec<u8>, docs: &[u8]) -> Result<Vec<u8>> {
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::CustomSection(section) = payload.context("the composed component is not valid")? {
            ensure!(section.name() != DOCS_SECTION, "a part of the component brings documentation of its own");
        }
    }
    CustomSection { name: DOCS_SECTION.into(), data: docs.into() }.append_to_component(&mut wasm);
    Ok(wasm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(wasm: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CustomSection(section) = payload? {
                found.push((section.name().to_owned(), section.data().to_vec()));
            }
        }
        Ok(found)
    }

    #[test]
    fn documentation_is_a_custom_section_of_the_component_at_any_length() -> Result<()> {
        for length in [0, 1, 127, 128, 20_000, 3_000_000] {
            let docs = vec![b'x'; length];
            let described = with_docs(wat::parse_str("(component)")?, &docs)?;
            assert_eq!(sections(&described)?, [(DOCS_SECTION.to_owned(), docs)]);
        }
        Ok(())
    }

    #[test]
    fn documentation_of_a_part_would_hide_the_tools_and_is_refused() -> Result<()> {
        let inner = wat::parse_str(r#"(component (component (@custom "package-docs" "x")))"#)?;
        let refused = with_docs(inner, b"y");
        assert!(refused.is_err_and(|error| error.to_string().contains("documentation of its own")));
        Ok(())
    }
}
