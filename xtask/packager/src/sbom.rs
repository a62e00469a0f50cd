//! A bill of materials in CycloneDX for one component: the crates that are linked into it, and nothing else.
//!
//! Which crates those are, cargo says: `cargo tree` for one package and one target, with what is built for the build or the
//! tests left out, resolves features as the build does. `cargo metadata` would not: it joins the features of the whole
//! workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, SecondsFormat};
use cyclonedx_bom::models::component::Classification;
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::external_reference::{ExternalReference, ExternalReferenceType, ExternalReferences};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::tool::{Tool, Tools};
use cyclonedx_bom::prelude::*;

use crate::sums;

/// One crate, as a line of the tree has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    license: String,
    repository: String,
    /// From the workspace, not from a registry.
    own: bool,
}

/// Crates and who depends on whom.
type Graph = BTreeMap<Crate, BTreeSet<Crate>>;

/// Writes the bill of materials of the file `component` to `out`.
///
/// `tree` is the answer of `cargo tree --prefix depth --no-dedupe --format '{p}|{l}|{r}'`; several, one after the other,
/// for a component that is composed of several. `lock` is the Cargo.lock with the checksums. `timestamp` is in seconds since
/// 1970 and left out where there is none: the same input gives the same bytes.
pub(crate) fn write(tree: &str, component: &Path, lock: &Path, timestamp: Option<i64>, out: &Path) -> Result<()> {
    let graph = graph(tree)?;
    let checksums = checksums(&fs::read_to_string(lock).with_context(|| format!("cannot read {}", lock.display()))?)?;
    let bytes = fs::read(component).with_context(|| format!("cannot read {}", component.display()))?;
    let subject = subject(component, &bytes)?;
    let bom = bill(&graph, &checksums, subject, timestamp)?;

    let problems = bom.validate_version(SpecVersion::V1_5);
    ensure!(problems.passed(), "the bill of materials breaks its format: {problems:?}");
    let mut json = Vec::new();
    bom.output_as_json_v1_5(&mut json).context("cannot write the bill of materials")?;
    json.push(b'\n');
    fs::write(out, json).with_context(|| format!("cannot write {}", out.display()))
}

/// What the bill is about: the file, under the name and version of its own metadata.
fn subject(path: &Path, bytes: &[u8]) -> Result<Component> {
    let payload =
        wasm_metadata::Payload::from_binary(bytes).with_context(|| format!("cannot read {}", path.display()))?;
    let metadata = payload.metadata();
    let name = metadata.name.as_deref().with_context(|| format!("{} says no name", path.display()))?;
    let version = metadata.version.as_ref().with_context(|| format!("{} says no version", path.display()))?.to_string();
    let mut subject = Component::new(Classification::Application, name, &version, Some(format!("component:{name}")));
    subject.description = metadata.description.as_ref().map(|text| NormalizedString::new(&text.to_string()));
    subject.licenses = metadata.licenses.as_ref().map(|text| licenses(&text.to_string())).transpose()?;
    subject.hashes = Some(sha256(&sums::hexadecimal(bytes)));
    let source = metadata.source.as_ref().map(ToString::to_string).unwrap_or_default();
    subject.external_references = repository(&source);
    Ok(subject)
}

fn bill(
    graph: &Graph,
    checksums: &BTreeMap<(String, String), String>,
    subject: Component,
    timestamp: Option<i64>,
) -> Result<Bom> {
    let subject_reference = subject.bom_ref.clone().unwrap_or_default();
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (krate, uses) in graph {
        let reference = reference(krate)?;
        let mut component =
            Component::new(Classification::Library, &krate.name, &krate.version, Some(reference.to_string()));
        component.licenses =
            Some(licenses(&krate.license).with_context(|| format!("{} {}", krate.name, krate.version))?);
        component.external_references = repository(&krate.repository);
        if !krate.own {
            let checksum = checksums.get(&(krate.name.clone(), krate.version.clone()));
            let checksum = checksum
                .with_context(|| format!("the lock file has no checksum of {} {}", krate.name, krate.version))?;
            component.hashes = Some(sha256(checksum));
        }
        component.purl = Some(reference.clone());
        components.push(component);
        let uses = uses.iter().map(|used| Ok(self::reference(used)?.to_string())).collect::<Result<_>>()?;
        dependencies.push(Dependency { dependency_ref: reference.to_string(), dependencies: uses });
    }
    let own = graph.keys().filter(|krate| krate.own).map(|krate| Ok(reference(krate)?.to_string()));
    dependencies.push(Dependency { dependency_ref: subject_reference, dependencies: own.collect::<Result<_>>()? });

    let tool = Tool::new("VirusTotal Hunting", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let timestamp = timestamp.map(instant).transpose()?;
    Ok(Bom {
        // A serial number would have to be a new one each time, and the same input is to give the same bytes.
        serial_number: None,
        metadata: Some(Metadata {
            timestamp: timestamp.map(TryInto::try_into).transpose()?,
            tools: Some(Tools::List(vec![tool])),
            component: Some(subject),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    })
}

fn instant(seconds: i64) -> Result<String> {
    let instant = DateTime::from_timestamp(seconds, 0);
    let instant = instant.with_context(|| format!("--timestamp {seconds} is no number of seconds since 1970"))?;
    Ok(instant.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn reference(krate: &Crate) -> Result<Purl> {
    Purl::new("cargo", &krate.name, &krate.version).with_context(|| format!("no package URL for {}", krate.name))
}

fn sha256(hexadecimal: &str) -> Hashes {
    Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content: HashValue(hexadecimal.to_owned()) }])
}

/// `MIT/Apache-2.0` is how old manifests put a choice.
fn licenses(expression: &str) -> Result<Licenses> {
    let expression = SpdxExpression::parse_lax(expression.to_owned())
        .with_context(|| format!("`{expression}` is no SPDX licence expression"))?;
    Ok(Licenses(vec![LicenseChoice::Expression(expression)]))
}

fn repository(url: &str) -> Option<ExternalReferences> {
    let url = Uri::try_from(url.to_owned()).ok().filter(|_| !url.is_empty())?;
    Some(ExternalReferences(vec![ExternalReference::new(ExternalReferenceType::Vcs, url)]))
}

/// Reads lines of a depth, a package, its licence and its repository: `1serde v1.0.228|MIT OR Apache-2.0|https://…`.
fn graph(tree: &str) -> Result<Graph> {
    let mut graph = Graph::new();
    // The way from the root to the line before.
    let mut above: Vec<Crate> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let unreadable = || format!("cannot read the line `{line}` of the tree");
        let (depth, rest) = line.split_at(line.find(|c: char| !c.is_ascii_digit()).with_context(unreadable)?);
        let depth: usize = depth.parse().with_context(unreadable)?;
        let mut fields = rest.split('|');
        let (Some(package), Some(license), Some(repository)) = (fields.next(), fields.next(), fields.next()) else {
            bail!(unreadable());
        };
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v'))) else {
            bail!(unreadable());
        };
        let krate = Crate {
            name: name.to_owned(),
            version: version.to_owned(),
            license: license.to_owned(),
            repository: repository.to_owned(),
            // Behind the version stands a path, which is the machine's and goes nowhere.
            own: words.next().is_some(),
        };
        ensure!(depth <= above.len(), "{}: it is deeper than the line above allows", unreadable());
        above.truncate(depth);
        graph.entry(krate.clone()).or_default();
        if let Some(user) = above.last() {
            graph.entry(user.clone()).or_default().insert(krate.clone());
        }
        above.push(krate);
    }
    ensure!(!graph.is_empty(), "the tree on standard input is empty");
    Ok(graph)
}

/// Name and version to checksum, from a Cargo.lock.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>> {
    let lock: toml::Table = lock.parse().context("the lock file is no TOML")?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("the lock file names no packages")?;
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    Ok(packages
        .iter()
        .filter_map(|package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0own v0.1.0 (/somewhere/own)|Apache-2.0|\n1used v1.2.3|MIT/Apache-2.0|https://example.com/used\n\
                        2deep v0.3.0|Zlib|\n1deep v0.3.0|Zlib|\n";
    const LOCK: &str = "[[package]]\nname = \"used\"\nversion = \"1.2.3\"\nchecksum = \"\
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n[[package]]\nname = \"deep\"\nversion = \"0.3.0\"\n\
        checksum = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n";

    fn written(lock: &str) -> Result<serde_json::Value> {
        let subject = Component::new(Classification::Application, "whole", "0.1.0", Some("component:whole".into()));
        let bom = bill(&graph(TREE)?, &checksums(lock)?, subject, Some(0))?;
        assert!(bom.validate_version(SpecVersion::V1_5).passed());
        let mut json = Vec::new();
        bom.output_as_json_v1_5(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }

    #[test]
    fn every_crate_of_the_tree_is_listed_once_with_licence_and_checksum() -> Result<()> {
        let bill = written(LOCK)?;
        let names: Vec<_> = bill["components"].as_array().context("components")?.iter().map(|c| &c["name"]).collect();
        assert_eq!(names, ["deep", "own", "used"]);
        assert_eq!(bill["components"][2]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["components"][2]["hashes"][0]["alg"], "SHA-256");
        assert_eq!(bill["components"][2]["purl"], "pkg:cargo/used@1.2.3");
        assert_eq!(bill["metadata"]["timestamp"], "1970-01-01T00:00:00Z");
        Ok(())
    }

    #[test]
    fn the_dependencies_are_those_of_the_tree() -> Result<()> {
        let bill = written(LOCK)?;
        let dependencies = bill["dependencies"].as_array().context("dependencies")?;
        let of = |reference: &str| dependencies.iter().find(|d| d["ref"] == reference).map(|d| d["dependsOn"].clone());
        let deep = "pkg:cargo/deep@0.3.0";
        assert_eq!(of("pkg:cargo/used@1.2.3"), Some(serde_json::json!([deep])));
        assert_eq!(of("pkg:cargo/own@0.1.0"), Some(serde_json::json!([deep, "pkg:cargo/used@1.2.3"])));
        assert_eq!(of("component:whole"), Some(serde_json::json!(["pkg:cargo/own@0.1.0"])));
        Ok(())
    }

    #[test]
    fn no_path_of_the_machine_is_in_it() -> Result<()> {
        assert!(!written(LOCK)?.to_string().contains("/somewhere"));
        Ok(())
    }

    #[test]
    fn a_crate_without_a_checksum_is_an_error_that_names_it() {
        let without = LOCK.replace("\"used\"", "\"other\"");
        assert!(written(&without).is_err_and(|error| format!("{error:#}").contains("used 1.2.3")));
    }

    #[test]
    fn a_line_that_is_no_line_of_a_tree_is_refused() {
        for tree in ["", "own v0.1.0|MIT|", "0own|MIT|", "2own v0.1.0|MIT|"] {
            assert!(graph(tree).is_err(), "{tree}");
        }
    }
}
