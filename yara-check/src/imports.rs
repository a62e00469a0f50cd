//! `import` and `include`: what VirusTotal offers, and what it does not.

use crate::condition::Names;
use crate::findings::Findings;
use crate::syntax::Outline;

/// The modules that VirusTotal offers.
pub(crate) const MODULES: [&str; 11] =
    ["pe", "elf", "dotnet", "lnk", "macho", "math", "magic", "hash", "string", "time", "vt"];

/// A module that VirusTotal offered once, and still takes.
pub(crate) const CUCKOO: &str = "cuckoo";

/// Refuses what is included, and imports of modules that VirusTotal does not offer.
pub(crate) fn check<'s>(outline: &Outline<'s>, findings: &mut Findings<'s>) {
    for include in &outline.includes {
        let message = format!(
            "VirusTotal takes no `include`: there is no file `{}` beside the rules. Put its rules here in its place.",
            include.name
        );
        findings.error("include-refused", include.span.clone(), None, message);
    }
    let mut seen = Names::new();
    for import in &outline.imports {
        if import.name == CUCKOO {
            let message = "VirusTotal still takes the module `cuckoo`, and no longer lists it. Use `vt.behaviour` of the module \
                           `vt` in its place.";
            findings.warning("legacy-module", import.span.clone(), None, message.to_owned());
        } else if !MODULES.contains(&import.name) {
            let message = format!(
                "VirusTotal offers no module `{}`; it offers {}. Take out the import and what uses it.",
                import.name,
                MODULES.join(", ")
            );
            findings.error("unknown-module", import.span.clone(), None, message);
        } else if seen.insert(import.name, 0).is_some() {
            let message =
                format!("`{}` is imported already. One import is enough for all rules behind it.", import.name);
            findings.warning("duplicate-import", import.span.clone(), None, message);
        }
    }
}

/// The imported modules, each once.
pub(crate) fn modules(outline: &Outline<'_>) -> Vec<String> {
    let mut seen = Names::new();
    let names = outline.imports.iter().map(|import| import.name);
    names.filter(|name| seen.insert(name, 0).is_none()).map(str::to_owned).collect()
}
