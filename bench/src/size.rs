//! Where the component's bytes are: by section, and by crate where there is a build with names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Bytes of the component.
pub(crate) struct Size {
    total: u64,
    sections: BTreeMap<&'static str, u64>,
    /// Empty without names.
    crates: Vec<(String, u64)>,
}

impl Size {
    /// Reads the component, and the same component built with names.
    pub(crate) fn of(component: &Path, named: Option<&Path>) -> Result<Size> {
        let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        let wasm = read(component)?;
        let crates = named.map(|named| crates(&read(named)?)).transpose()?.unwrap_or_default();
        Ok(Size { total: wasm.len() as u64, sections: sections(&wasm)?, crates })
    }

    /// Bytes of the component.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The document's section about it.
    pub(crate) fn section(&self) -> String {
        let mut text = format!(
            "\n## What the component is made of\n\nIt has {} bytes.\n\n| part | bytes | share |\n|---|---|---|\n",
            self.total
        );
        let share = |bytes: u64, of: u64| 100.0 * bytes as f64 / of as f64;
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_by_key(|(_, bytes)| std::cmp::Reverse(**bytes));
        for (name, bytes) in sections {
            let _ = writeln!(text, "| {name} | {bytes} | {:.1} % |", share(*bytes, self.total));
        }
        if !self.crates.is_empty() {
            let all = self.crates.iter().map(|(_, bytes)| bytes).sum();
            text += "\nThe code by crate, from a build with names; what is inlined counts where it went.\n\n";
            text += "| crate | bytes of code | share |\n|---|---|---|\n";
            for (name, bytes) in &self.crates {
                let _ = writeln!(text, "| {name} | {bytes} | {:.1} % |", share(*bytes, all));
            }
        }
        text.push('\n');
        text
    }
}

/// All modules together; what belongs to the component itself is `the component around it`.
fn sections(wasm: &[u8]) -> Result<BTreeMap<&'static str, u64>> {
    let mut sections = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let (name, range) = match payload? {
            Payload::CodeSectionStart { range, .. } => ("code", range),
            Payload::DataSection(section) => ("data", section.range()),
            Payload::ElementSection(section) => ("function tables", section.range()),
            Payload::ExportSection(section) => ("the module's exports", section.range()),
            Payload::CustomSection(section) => ("names and other custom sections", section.range()),
            _ => continue,
        };
        *sections.entry(name).or_default() += range.end - range.start;
    }
    let known: u64 = sections.values().sum();
    sections.insert("types, imports, and the component around the module", wasm.len() as u64 - known);
    Ok(sections)
}

/// Bytes of code by crate, largest first.
fn crates(wasm: &[u8]) -> Result<Vec<(String, u64)>> {
    let mut largest = Vec::new();
    // The module with the code is the one that has names; the others are the linker's few lines.
    let (mut imports, mut lengths, mut names) = (0_u32, Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => lengths.push(body.range().end - body.range().start),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for name in section {
                        if let Name::Function(functions) = name? {
                            for function in functions {
                                let function = function?;
                                names.insert(function.index, function.name.to_owned());
                            }
                        }
                    }
                }
            }
            Payload::End(_) => {
                if !names.is_empty() && largest.len() < lengths.len() {
                    largest = (imports..).zip(&lengths).map(|(i, length)| (names.get(&i).cloned(), *length)).collect();
                }
                (imports, lengths, names) = (0, Vec::new(), BTreeMap::new());
            }
            _ => {}
        }
    }
    let mut crates: BTreeMap<String, u64> = BTreeMap::new();
    for (name, length) in largest {
        let name = name.map_or_else(|| "without a name".to_owned(), |name| crate_of(&name));
        *crates.entry(name).or_default() += length;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(crates)
}

/// The crate that a mangled name belongs to: for `<a::T as b::Trait>::f` it is `a`.
fn crate_of(mangled: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(mangled));
    let name = name.trim_start_matches(['<', '&', '[', '(', '*']).trim_start_matches("mut ");
    let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
    match name.split_at(end) {
        (name, rest) if rest.starts_with("::") => name.to_owned(),
        // What has no path is C, an export, or the implementation of a trait for a type of the language.
        _ if mangled.contains(':') || mangled.contains('#') => "exports".to_owned(),
        _ => "core and others without a crate in their name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_the_crate_of_its_type() {
        assert_eq!(crate_of("_ZN11miniz_oxide7inflate4core10decompress17h0123456789abcdefE"), "miniz_oxide");
        assert_eq!(crate_of("virustotal:hunting/livehunt@0.1.0#get-livehunt-rulesets"), "exports");
    }
}
