//! The settings in force: flags over environment over file over defaults; and the `config` command that shows them.

use std::path::PathBuf;

use vt_hunting_host::{PartialSettings, SettingsError, Source, types::ErrorKind};

use crate::{
    args::{
        global::{Connection, Format},
        value::Unreadable,
    },
    exit::Kind,
    failure::Failure,
    output::{
        Rendered, json,
        style::Style,
        table::{self, Fit, Tone, Value},
    },
    redaction,
};

/// Puts the layers together.
pub(crate) fn layers(connection: &Connection) -> Result<PartialSettings, Failure> {
    let environment = PartialSettings::from_env(|name| std::env::var(name).ok()).map_err(refused)?;
    let layers = flags(connection)?.merge(environment).merge(file(connection)?);
    if let Some(key) = &layers.api_key {
        redaction::keep_back(&key.value);
    }
    Ok(layers)
}

/// A setting that is no good.
pub(crate) fn refused(error: SettingsError) -> Failure {
    Failure::host(
        Kind::Action(ErrorKind::Configuration),
        "InvalidSetting",
        error.to_string(),
        "`vt-hunting config` shows every setting and where it comes from",
    )
}

fn flags(connection: &Connection) -> Result<PartialSettings, Failure> {
    let mut flags = PartialSettings::default();
    let mut set = |name: &str, value: Option<&str>, flag: &str| match value {
        Some(value) => flags.set(name, value, Source::Flag(flag.to_owned())).map_err(refused),
        None => Ok(()),
    };
    set("url", connection.url.as_deref(), "--url")?;
    set("timeout", connection.timeout.as_deref(), "--timeout")?;
    set("max_response_bytes", connection.max_response_bytes.as_deref(), "--max-response-bytes")?;
    set("access", connection.read_only.then_some("read-only"), "--read-only")?;
    set("retries", connection.retries.as_deref(), "--retries")?;
    set("requests_per_minute", connection.requests_per_minute.as_deref(), "--requests-per-minute")?;
    set("http_proxy", connection.http_proxy.as_deref(), "--http-proxy")?;
    let ca_file = connection.ca_file.as_ref().map(|path| path.to_string_lossy());
    set("ca_file", ca_file.as_deref(), "--ca-file")?;
    if let Some(verify) = connection.verify_ssl() {
        let flag = if connection.insecure { "--insecure" } else { "--verify-ssl" };
        set("verify_ssl", Some(&verify.to_string()), flag)?;
    }
    set("allow_http", connection.allow_http.then_some("true"), "--allow-http")?;
    set("allow_private", connection.allow_private.then_some("true"), "--allow-private")?;
    if let Some(source) = &connection.apikey_file {
        let key = source.read().map_err(|error| {
            let why = match error {
                Unreadable::Io(error) => error.to_string(),
                Unreadable::NotUtf8 { .. } | Unreadable::Utf16 | Unreadable::Compiled => {
                    "it is not a text in UTF-8".to_owned()
                }
            };
            Failure::host(
                Kind::Action(ErrorKind::Configuration),
                "Unreadable",
                format!("The API key cannot be read from {source}: {why}."),
                "give a file that holds the key and nothing else",
            )
        })?;
        set("apikey", Some(key.trim()), "--apikey-file")?;
    }
    Ok(flags)
}

/// The file that was named, or the one in the usual place if there is one.
fn file(connection: &Connection) -> Result<PartialSettings, Failure> {
    let path = match &connection.config {
        Some(path) => Some(path.clone()),
        None => usual_place().filter(|path| path.exists()),
    };
    match path {
        Some(path) => PartialSettings::from_file(path).map_err(refused),
        None => Ok(PartialSettings::default()),
    }
}

fn usual_place() -> Option<PathBuf> {
    Some(usual_folder("XDG_CONFIG_HOME", ".config")?.join("config.toml"))
}

/// This program's folder below the one that a variable names, or below a usual one in the home directory.
pub(crate) fn usual_folder(variable: &str, at_home: &str) -> Option<PathBuf> {
    let directory = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        // The specification of these directories says to ignore relative ones.
        path.is_absolute().then_some(path)
    };
    let folder = directory(variable).or_else(|| Some(directory("HOME")?.join(at_home)))?;
    Some(folder.join("vt-hunting"))
}

/// `vt-hunting config`
pub(crate) fn show(layers: &PartialSettings, style: &Style) -> Result<Rendered, Failure> {
    let settings = layers.effective();
    let text = match style.format {
        Format::Table => {
            let rows: Vec<_> = settings
                .iter()
                .map(|setting| {
                    let tone = if setting.source == Source::Default { Tone::Plain } else { Tone::Good };
                    vec![
                        setting.key.into(),
                        Value::new(&setting.value),
                        Value::toned(from(&setting.source), tone),
                        setting.variable.into(),
                    ]
                })
                .collect();
            let columns =
                [("SETTING", Fit::Whole), ("VALUE", Fit::Wrap), ("FROM", Fit::Wrap), ("VARIABLE", Fit::Whole)];
            table::table(&columns, &rows, style.look)
        }
        Format::Json | Format::Jsonl => json::list(&settings, style).map_err(json::unfit)?,
    };
    Ok(text.into())
}

/// In few words: the variable has a column of its own.
fn from(source: &Source) -> String {
    match source {
        Source::Flag(flag) => flag.clone(),
        Source::Environment(_) => "environment".to_owned(),
        Source::File(path) => path.display().to_string(),
        other => other.to_string(),
    }
}
