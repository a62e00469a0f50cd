//! The component, compiled, and the one tenant this process is.

use std::path::PathBuf;

use vt_hunting_host::{Connector, LoadError, Runtime, RuntimeOptions, Settings};

use crate::{args::global::Global, embedded, exit::Kind, failure::Failure, settings};

/// Loads the component and gives it these settings.
pub(crate) async fn connector(global: &Global, settings: Settings) -> Result<Connector, Failure> {
    let file = component(global);
    let compiled = tokio::task::spawn_blocking(move || connect(file, settings)).await;
    compiled.map_err(|error| not_loaded("NotLoaded", &error))?
}

/// The component's file, where the user says which; else it is the one in this program. No other place is looked at: a file
/// that happens to lie in some folder would act with the user's key.
pub(crate) fn component(global: &Global) -> Option<PathBuf> {
    global.connection.component.clone().or_else(|| named_by("VT_HUNTING_COMPONENT"))
}

/// The file that this variable is the path of.
pub(crate) fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What is in this program, or why it is not.
pub(crate) fn built_in(bytes: Option<&'static [u8]>, what: &str, remedy: &str) -> Result<&'static [u8], Failure> {
    bytes.ok_or_else(|| lacks(what, remedy))
}

/// This program was built before the components were.
pub(crate) fn lacks(what: &str, remedy: &str) -> Failure {
    let message = format!("this vt-hunting was built without {what}");
    let hint = format!("{remedy} runs another; `cargo xtask build` and then building vt-hunting again puts it in");
    Failure::host(Kind::Load, "NotBuiltIn", message, &hint)
}

fn connect(file: Option<PathBuf>, settings: Settings) -> Result<Connector, Failure> {
    let mut options = RuntimeOptions::default();
    options.max_instances = 1;
    options.compiled = compiled();
    let loaded = match file {
        Some(path) => Runtime::load_with(path, &options),
        None => {
            let bytes = built_in(embedded::CONNECTOR, "its component", "--component PATH")?;
            Runtime::from_bytes_with(bytes, &options)
        }
    };
    let runtime = loaded.map_err(|error| match error {
        LoadError::Settings(error) => settings::refused(error),
        LoadError::Read { .. } => not_loaded("Unreadable", &error),
        _ => not_loaded("NotLoaded", &error),
    })?;
    runtime.connector(settings).map_err(settings::refused)
}

/// The folder of compiled components: the one that `VT_HUNTING_CACHE` names, or the usual place; none if that is `off`.
pub(crate) fn compiled() -> Option<PathBuf> {
    match std::env::var_os("VT_HUNTING_CACHE").filter(|folder| !folder.is_empty()) {
        Some(word) if word == "off" => None,
        Some(folder) => Some(folder.into()),
        None => settings::usual_folder("XDG_CACHE_HOME", ".cache"),
    }
}

/// Why it is not there.
pub(crate) fn not_loaded(code: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::host(Kind::Load, code, error.to_string(), "--component PATH runs another component")
}

#[cfg(test)]
mod tests {
    use super::built_in;

    #[test]
    fn a_program_without_its_component_says_so_and_what_to_do() {
        let failure = built_in(None, "its component", "--component PATH").expect_err("there is none");
        let shown = format!("{failure:?}");
        assert!(shown.contains("this vt-hunting was built without its component"), "{shown}");
        assert!(shown.contains("--component PATH") && shown.contains("cargo xtask build"), "{shown}");
    }
}
