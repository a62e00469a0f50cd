//! The component, compiled, and the one tenant this process is.

use std::path::{Path, PathBuf};

use vt_hunting_host::{Connector, LoadError, Runtime, RuntimeOptions, Settings};

use crate::{args::global::Global, exit::Kind, failure::Failure, settings};

/// Loads the component and gives it these settings.
pub(crate) async fn connector(global: &Global, settings: Settings) -> Result<Connector, Failure> {
    let path = global.connection.component.clone().unwrap_or_else(Runtime::default_path);
    let compiled = tokio::task::spawn_blocking(move || connect(&path, settings)).await;
    compiled.map_err(|error| not_loaded("NotLoaded", &error))?
}

fn connect(path: &Path, settings: Settings) -> Result<Connector, Failure> {
    let mut options = RuntimeOptions::default();
    options.max_instances = 1;
    options.compiled = compiled();
    let runtime = Runtime::load_with(path, &options).map_err(|error| match error {
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
