//! A WIT package as one binary file, the form in which registries keep packages.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wit_component::DecodedWasm;
use wit_parser::Resolve;

/// Encodes the package in `folder`, with its dependencies in `deps/`, and proves that the file says the same as the text.
/// Gives back the package's name with its version.
pub(crate) fn package(folder: &Path, out: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_dir(folder).with_context(|| format!("{} holds no valid WIT package", folder.display()))?;
    let name = resolve.packages[package].name.to_string();
    let binary = wit_component::encode(&resolve, package).with_context(|| format!("cannot encode {name}"))?;

    let DecodedWasm::WitPackage(decoded, back) = wit_component::decode(&binary)? else {
        anyhow::bail!("{name} was encoded as something that is no WIT package");
    };
    ensure!(decoded.packages[back].name.to_string() == name, "{name} was encoded under another name");
    ensure!(
        documented(&decoded, back) == documented(&resolve, package),
        "{name} lost functions or documentation when it was encoded"
    );
    fs::write(out, binary).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(name)
}

/// Every function of a package with its documentation, in a fixed order.
fn documented(resolve: &Resolve, package: wit_parser::PackageId) -> Vec<(String, String, Option<String>)> {
    let interfaces = resolve.packages[package].interfaces.iter();
    let mut functions: Vec<_> = interfaces
        .flat_map(|(interface, id)| {
            let functions = resolve.interfaces[*id].functions.values();
            functions.map(|function| (interface.clone(), function.name.clone(), function.docs.contents.clone()))
        })
        .collect();
    functions.sort();
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract that this program is for.
    fn contract() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
    }

    #[test]
    fn the_contract_survives_encoding_with_all_its_documentation() -> Result<()> {
        let out = std::env::temp_dir().join(format!("virustotal-hunting-wit-{}.wasm", std::process::id()));
        package(&contract(), &out)?;
        let DecodedWasm::WitPackage(resolve, package) = wit_component::decode(&fs::read(&out)?)? else {
            anyhow::bail!("no WIT package");
        };
        fs::remove_file(out)?;
        let functions = documented(&resolve, package);
        assert!(!functions.is_empty());
        assert!(functions.iter().all(|(_, _, docs)| docs.is_some()), "{functions:?}");
        Ok(())
    }

    #[test]
    fn a_folder_without_wit_is_refused_by_name() {
        let refused = package(Path::new("/no/such/folder"), Path::new("/no/such/file"));
        assert!(refused.is_err_and(|error| format!("{error:#}").contains("/no/such/folder")));
    }
}
