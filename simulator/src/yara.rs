//! Rules: compiled and evaluated by a real YARA engine, with the limits of the service.

use std::time::Duration;

use boreal::compiler::{CompilerBuilder, CompilerParams};
use boreal::scanner::{ScanParams, ScanResult, Scanner};

use crate::reply::ApiError;

mod legacy;
mod snippet;
mod vt_module;

pub(crate) use vt_module::{Facts, FileFacts, NetFacts, file_type};
use vt_module::{Magic, Vt};

/// The largest rules text.
const TEXT_MAX: usize = 1 << 20;
/// A rule that needs longer for one small sample is not worth the wait.
const SCAN_TIME: Duration = Duration::from_millis(500);

/// What rules are compiled for: the names that they know differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hunt {
    Livehunt,
    Retrohunt,
}

/// Rules ready to scan.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    scanner: Scanner,
    hunt: Hunt,
    pub(crate) rule_names: Vec<String>,
}

/// One rule that matched.
#[derive(Clone, Debug)]
pub(crate) struct RuleMatch {
    pub(crate) rule: String,
    pub(crate) tags: Vec<String>,
    /// Hex dump of the matched places; empty when the rule has no strings.
    pub(crate) snippet: String,
}

/// Compiles a rules text. What is wrong with it is told in the compiler's words, line and column in front.
pub(crate) fn compile(rules: &str, hunt: Hunt) -> Result<Compiled, ApiError> {
    if rules.len() > TEXT_MAX {
        return Err(ApiError::bad_request("Rules can't be larger than 1MB"));
    }
    let mut compiler = CompilerBuilder::new().add_module(Vt { hunt }).add_module(Magic).build();
    if hunt == Hunt::Livehunt {
        for (name, value) in legacy::values(&FileFacts::default()) {
            compiler.define_symbol(name, value);
        }
    }
    compiler.set_params(CompilerParams::default().disable_includes(true));
    compiler.add_rules_str(rules).map_err(|error| {
        // `mem:` is the engine's name for a text without a file.
        let message = error.to_string();
        ApiError::bad_request(message.strip_prefix("mem:").unwrap_or(&message))
    })?;
    let mut scanner = compiler.finalize();
    scanner.set_scan_params(
        ScanParams::default().compute_full_matches(true).string_max_nb_matches(64).timeout_duration(Some(SCAN_TIME)),
    );
    let visible = scanner.rules().filter(|rule| !rule.is_private);
    let rule_names: Vec<String> = visible.map(|rule| rule.name.to_owned()).collect();
    if rule_names.is_empty() {
        return Err(ApiError::bad_request("No rules found"));
    }
    Ok(Compiled { scanner, hunt, rule_names })
}

impl Compiled {
    /// Scans one thing: its bytes, and what is known about it.
    pub(crate) fn scan(&self, bytes: &[u8], facts: &Facts) -> Vec<RuleMatch> {
        // Cloning shares the compiled rules; only the facts differ.
        let mut scanner = self.scanner.clone();
        scanner.set_module_data::<Vt>(facts.clone());
        scanner.set_module_data::<Magic>(facts.clone());
        if let (Hunt::Livehunt, Some(file)) = (self.hunt, &facts.file) {
            for (name, value) in legacy::values(file) {
                scanner.define_symbol(name, value).expect("every legacy variable is defined when rules are compiled");
            }
        }
        let found: ScanResult<'_> = match scanner.scan_mem(bytes) {
            Ok(found) => found,
            Err((_, found)) => found,
        };
        let matched = found.rules.iter().filter(|rule| rule.matched);
        matched
            .map(|rule| RuleMatch {
                rule: rule.name.to_owned(),
                tags: rule.tags.iter().map(|tag| scanner.get_string_symbol(*tag).to_owned()).collect(),
                snippet: snippet::render(bytes, &rule.matches),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EXAMPLE_BAD_RULES, EXAMPLE_RULES, EXAMPLE_URL_RULES, EXAMPLE_VT_RULES};

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let error = compile(EXAMPLE_BAD_RULES, Hunt::Livehunt).expect_err("an unknown string");
        assert_eq!((error.status, error.code), (400, "BadRequestError"));
        assert!(error.message.starts_with("6:"), "{}", error.message);
        assert!(error.message.contains("$b"), "{}", error.message);
    }

    #[test]
    fn example_rules_compile_and_know_their_names() {
        assert_eq!(compile(EXAMPLE_RULES, Hunt::Livehunt).expect("valid").rule_names, ["Simulated_Loader"]);
        compile(EXAMPLE_VT_RULES, Hunt::Livehunt).expect("the vt module is there");
        compile(EXAMPLE_URL_RULES, Hunt::Livehunt).expect("vt.net is there");
    }

    #[test]
    fn includes_large_texts_and_empty_texts_are_refused() {
        assert!(compile("include \"x.yar\" rule a { condition: true }", Hunt::Livehunt).is_err());
        assert!(compile(&" ".repeat(TEXT_MAX + 1), Hunt::Livehunt).expect_err("too large").message.contains("1MB"));
        assert!(compile("// nothing", Hunt::Livehunt).is_err());
    }

    #[test]
    fn every_module_of_the_service_that_the_engine_has_can_be_imported() {
        for module in ["pe", "elf", "dotnet", "macho", "math", "magic", "hash", "string", "time", "vt"] {
            compile(&format!("import \"{module}\" rule a {{ condition: true }}"), Hunt::Livehunt).expect(module);
        }
    }
}
