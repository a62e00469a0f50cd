//! Holds a component against its budgets and says what to do about a miss.

use crate::budgets::{self, MAX_WASI_PATCH};
use crate::inspect::{Name, Outside, Parts};
use crate::workspace::{COMPONENT_PACKAGE, RULES_CHECK_PACKAGE, RULES_CHECK_TARGET, TARGET};

/// What a component promises, and where it is made.
pub(crate) struct Promise {
    pub(crate) max_bytes: u64,
    imports: &'static [&'static str],
    exports: &'static [&'static str],
    export_version: &'static str,
    package: &'static str,
    target: &'static str,
    /// Its crate's folder, and the file with its world.
    folder: &'static str,
    world: &'static str,
}

/// The component.
pub(crate) const HUNTING: Promise = Promise {
    max_bytes: budgets::MAX_BYTES,
    imports: &budgets::IMPORTS,
    exports: &budgets::EXPORTS,
    export_version: budgets::EXPORT_VERSION,
    package: COMPONENT_PACKAGE,
    target: TARGET,
    folder: "guest",
    world: "wit/worlds.wit",
};

/// The component for hosts with a configuration store.
pub(crate) const CONFIG_STORE: Promise = Promise { imports: &budgets::CONFIG_STORE_IMPORTS, ..HUNTING };

/// The component that checks rules.
pub(crate) const RULES_CHECK: Promise = Promise {
    max_bytes: budgets::rules_check::MAX_BYTES,
    imports: &budgets::rules_check::IMPORTS,
    exports: &budgets::rules_check::EXPORTS,
    export_version: budgets::rules_check::EXPORT_VERSION,
    package: RULES_CHECK_PACKAGE,
    target: RULES_CHECK_TARGET,
    folder: "yara-check",
    world: "yara-check/wit/rules-check.wit",
};

/// One budget and how the component stands.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) budget: String,
    pub(crate) actual: String,
    /// What is wrong and what to do about it.
    pub(crate) trouble: Option<String>,
}

/// One row per promise, and one per surprise.
pub(crate) fn judge(outside: &Outside, promise: &Promise) -> Vec<Row> {
    let Promise { package, target, world, .. } = promise;
    let mut rows = vec![size(outside.bytes, &outside.parts, promise)];
    rows.extend(promise.imports.iter().map(|interface| wanted_import(interface, &outside.imports)));
    rows.extend(unwanted("import", promise.imports, &outside.imports, |name| {
        format!(
            "{name} is not among the promised imports. A crate built with `std` or a new call of `wasi` pulls it in: see \
             `cargo tree -p {package} --target {target} -e features`"
        )
    }));
    rows.extend(promise.exports.iter().map(|interface| wanted_export(interface, &outside.exports, promise)));
    rows.extend(unwanted("export", promise.exports, &outside.exports, |name| {
        format!("{name} is exported but not promised. Take it out of {world}, or add it to xtask/src/budgets.rs")
    }));
    rows
}

fn size(bytes: u64, parts: &Parts, promise: &Promise) -> Row {
    let Promise { max_bytes, package, target, .. } = promise;
    let trouble = (bytes > *max_bytes).then(|| {
        format!(
            "{} bytes too many; {} are code, {} data, {} names and other custom sections. See what the last change pulled in \
             (`cargo tree -p {package} --target {target}`); formatting with `{{:?}}`, floats and generic code \
             repeated per type are the usual causes, and custom sections mean that the profile does not strip",
            bytes - max_bytes,
            parts.code,
            parts.data,
            parts.custom
        )
    });
    Row { what: "size".into(), budget: format!("at most {max_bytes} bytes"), actual: format!("{bytes} bytes"), trouble }
}

fn wanted_import(interface: &str, imports: &[Name]) -> Row {
    if interface == budgets::CONFIG_STORE {
        return wanted_draft(interface, imports);
    }
    let budget = format!("0.2.0 to 0.2.{MAX_WASI_PATCH}");
    wanted("import", interface, imports, &budget, is_supported_wasi, |found| match found {
        Some(version) => format!(
            "{interface}@{version} is refused by older hosts. Hold `wasip2` back in Cargo.lock (`cargo update -p wasip2 \
             --precise 1.0.1`) and keep the versions in wit/worlds.wit at or below 0.2.{MAX_WASI_PATCH}"
        ),
        None => format!(
            "the component no longer imports {interface}. Either a feature was lost (no deadline without a clock, no \
             settings without an environment), or the promise became smaller: then say so in xtask/src/budgets.rs, \
             wit/worlds.wit and the README"
        ),
    })
}

fn wanted_draft(interface: &str, imports: &[Name]) -> Row {
    let budget = budgets::CONFIG_STORE_VERSION;
    wanted(
        "import",
        interface,
        imports,
        budget,
        |version| version == budget,
        |found| match found {
            Some(version) => format!(
                "{interface}@{version} is another draft than {budget}, the one that hosts implement. The version is in \
             wit/deps/config and wit/worlds.wit"
            ),
            None => format!("the component does not import {interface}: was it built with the feature `config-store`?"),
        },
    )
}

fn wanted_export(interface: &str, exports: &[Name], promise: &Promise) -> Row {
    let Promise { export_version, folder, world, .. } = promise;
    wanted(
        "export",
        interface,
        exports,
        export_version,
        |version| version == *export_version,
        |found| match found {
            Some(version) => format!(
                "{interface} is exported as {version}. The version is in the `package` line of {world}; \
             wit/VERSIONING.md says when it may change, xtask/src/budgets.rs has to follow"
            ),
            None => {
                format!("{interface} is not exported. `export` it in the world of {world} and in {folder}/src/lib.rs")
            }
        },
    )
}

fn wanted(
    kind: &str,
    interface: &str,
    names: &[Name],
    budget: &str,
    fits: impl Fn(&str) -> bool,
    trouble: impl Fn(Option<&str>) -> String,
) -> Row {
    let versions: Vec<&str> =
        names.iter().filter(|name| name.interface == interface).map(|name| name.version.as_str()).collect();
    // The same interface in two versions is as bad as a wrong one: a host would have to offer both.
    let misfit = versions.iter().find(|version| !fits(version)).or_else(|| versions.get(1));
    let trouble = if versions.is_empty() { Some(trouble(None)) } else { misfit.map(|version| trouble(Some(version))) };
    let actual = if versions.is_empty() { "missing".to_owned() } else { versions.join(", ") };
    Row { what: format!("{kind} {interface}"), budget: budget.to_owned(), actual, trouble }
}

fn unwanted(kind: &str, promised: &[&str], names: &[Name], trouble: impl Fn(&str) -> String) -> Vec<Row> {
    let surplus = names.iter().filter(|name| !promised.contains(&name.interface.as_str()));
    surplus
        .map(|name| Row {
            what: format!("{kind} {}", name.interface),
            budget: "none".to_owned(),
            actual: if name.version.is_empty() { "present".to_owned() } else { name.version.clone() },
            trouble: Some(trouble(&name.interface)),
        })
        .collect()
}

fn is_supported_wasi(version: &str) -> bool {
    let patch = version.strip_prefix("0.2.").and_then(|patch| patch.parse::<u32>().ok());
    patch.is_some_and(|patch| patch <= MAX_WASI_PATCH)
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::*;
    use crate::budgets::{EXPORT_VERSION, EXPORTS, IMPORTS, MAX_BYTES};
    use crate::inspect::inspect;

    /// A component with these names, made as a real one and read back.
    fn component(imports: &[&str], exports: &[&str]) -> Result<Outside> {
        let mut text = String::from("(component (component $nothing) (instance $offer (instantiate $nothing))\n");
        for import in imports {
            text += &format!("(import \"{import}\" (instance))\n");
        }
        for export in exports {
            text += &format!("(export \"{export}\" (instance $offer))\n");
        }
        inspect(&wat::parse_str(text + ")")?)
    }

    fn promised_imports() -> Vec<String> {
        IMPORTS.iter().map(|interface| format!("{interface}@0.2.4")).collect()
    }

    fn promised_exports() -> Vec<String> {
        EXPORTS.iter().map(|interface| format!("{interface}@{EXPORT_VERSION}")).collect()
    }

    fn troubles(imports: &[String], exports: &[String]) -> Result<Vec<(String, String)>> {
        let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
        let exports: Vec<&str> = exports.iter().map(String::as_str).collect();
        let rows = judge(&component(&imports, &exports)?, &HUNTING);
        Ok(rows.into_iter().filter_map(|row| row.trouble.map(|trouble| (row.what, trouble))).collect())
    }

    #[test]
    fn the_promised_imports_and_exports_pass() -> Result<()> {
        assert_eq!(troubles(&promised_imports(), &promised_exports())?, []);
        Ok(())
    }

    #[test]
    fn an_extra_import_is_named() -> Result<()> {
        let mut imports = promised_imports();
        imports.push("wasi:cli/stdout@0.2.4".into());
        let troubles = troubles(&imports, &promised_exports())?;
        assert_eq!(troubles.len(), 1);
        assert_eq!(troubles[0].0, "import wasi:cli/stdout");
        assert!(troubles[0].1.contains("cargo tree"), "{}", troubles[0].1);
        Ok(())
    }

    #[test]
    fn a_missing_import_is_named() -> Result<()> {
        let imports: Vec<String> = promised_imports().into_iter().filter(|name| !name.contains("clock")).collect();
        let troubles = troubles(&imports, &promised_exports())?;
        assert_eq!(troubles.len(), 1);
        assert_eq!(troubles[0].0, "import wasi:clocks/monotonic-clock");
        Ok(())
    }

    #[test]
    fn an_import_newer_than_the_budget_is_named_with_its_version() -> Result<()> {
        let mut imports = promised_imports();
        imports[4] = format!("wasi:http/types@0.2.{}", MAX_WASI_PATCH + 1);
        let troubles = troubles(&imports, &promised_exports())?;
        assert_eq!(troubles.len(), 1);
        assert!(troubles[0].1.contains("wasi:http/types@0.2.7"), "{}", troubles[0].1);
        Ok(())
    }

    #[test]
    fn an_interface_imported_in_two_versions_fails() -> Result<()> {
        let mut imports = promised_imports();
        imports.push("wasi:io/poll@0.2.0".into());
        assert_eq!(troubles(&imports, &promised_exports())?.len(), 1);
        Ok(())
    }

    #[test]
    fn other_versions_of_wasi_do_not_fit() {
        assert!(is_supported_wasi("0.2.0") && is_supported_wasi("0.2.6"));
        for version in ["0.2.7", "0.3.0", "0.2.0-rc-2024", "0.2", ""] {
            assert!(!is_supported_wasi(version), "{version}");
        }
    }

    #[test]
    fn missing_extra_and_misversioned_exports_are_named() -> Result<()> {
        let mut exports = promised_exports();
        exports[0] = "virustotal:hunting/types@0.2.0".into();
        exports[1] = "virustotal:hunting/livehunts@0.1.0".into();
        let whats: Vec<String> = troubles(&promised_imports(), &exports)?.into_iter().map(|(what, _)| what).collect();
        let expected = ["types", "livehunt", "livehunts"].map(|name| format!("export virustotal:hunting/{name}"));
        assert_eq!(whats, expected);
        Ok(())
    }

    #[test]
    fn the_build_for_a_configuration_store_reads_no_environment_and_one_draft() -> Result<()> {
        let exports = promised_exports();
        let exports: Vec<&str> = exports.iter().map(String::as_str).collect();
        let failures = |store: &str, settings: &str| -> Result<Vec<String>> {
            let mut imports = promised_imports();
            imports.retain(|name| !name.contains("environment"));
            imports.extend([store, settings].into_iter().filter(|name| !name.is_empty()).map(str::to_owned));
            let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
            let rows = judge(&component(&imports, &exports)?, &CONFIG_STORE);
            Ok(rows.into_iter().filter(|row| row.trouble.is_some()).map(|row| row.what).collect())
        };
        let none: [&str; 0] = [];
        assert_eq!(failures("wasi:config/store@0.2.0-rc.1", "")?, none);
        assert_eq!(failures("wasi:config/store@0.2.0-draft", "")?, ["import wasi:config/store"]);
        assert_eq!(failures("", "")?, ["import wasi:config/store"]);
        assert_eq!(
            failures("wasi:config/store@0.2.0-rc.1", "wasi:cli/environment@0.2.4")?,
            ["import wasi:cli/environment"]
        );
        Ok(())
    }

    #[test]
    fn one_byte_too_many_fails() {
        assert!(size(MAX_BYTES, &Parts::default(), &HUNTING).trouble.is_none());
        assert!(size(MAX_BYTES + 1, &Parts::default(), &HUNTING).trouble.is_some());
    }

    #[test]
    fn the_component_that_checks_rules_may_import_nothing() -> Result<()> {
        let good = component(&[], &["virustotal:yara-check/rules-check@0.1.0"])?;
        assert!(judge(&good, &RULES_CHECK).iter().all(|row| row.trouble.is_none()));
        let greedy = component(&["wasi:cli/stderr@0.2.4"], &["virustotal:yara-check/rules-check@0.1.0"])?;
        let troubles: Vec<String> = judge(&greedy, &RULES_CHECK).into_iter().filter_map(|row| row.trouble).collect();
        assert_eq!(troubles.len(), 1);
        assert!(troubles[0].contains("virustotal-yara-check"), "{}", troubles[0]);
        Ok(())
    }
}
