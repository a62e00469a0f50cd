//! The flags that every command takes: where the component and the settings come from, and how answers are shown.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::value::Source;

/// Flags of every command.
#[derive(Args, Debug)]
pub(crate) struct Global {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) log: Log,
}

/// How an answer is shown.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// json, jsonl or table [default: table on a terminal, json otherwise]
    ///
    /// json: one document; a collection is {"items":[…],"page":{"cursor":…}}.
    /// jsonl: one object a line, the next cursor on standard error.
    /// table: for people, with the command that gets the next page.
    #[arg(
        long,
        short,
        global = true,
        value_enum,
        hide_possible_values = true,
        value_name = "FORMAT",
        verbatim_doc_comment
    )]
    pub(crate) output: Option<Format>,

    /// One JSON envelope: status_code, reason, response_headers, json_body
    ///
    /// What connector platforms expect of an action. `json_body` is VirusTotal's body, with the aliases that
    /// descriptions in circulation use beside the real names: `finished_date`, `yara_rule`, `file_sha256`.
    #[arg(long, global = true)]
    pub(crate) envelope: bool,

    /// JSON on one line
    #[arg(long, global = true)]
    pub(crate) compact: bool,

    /// JSON without `json`, the whole object as VirusTotal sent it
    #[arg(long, global = true, conflicts_with = "envelope")]
    pub(crate) no_raw: bool,

    /// Table: full hashes and texts, however wide
    #[arg(long, short, global = true)]
    pub(crate) wide: bool,

    /// Table: show the bytes around each match
    #[arg(long, global = true)]
    pub(crate) snippets: bool,

    /// No colours; NO_COLOR does the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// The component and its settings.
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection (flags win over the environment, that over the file)")]
pub(crate) struct Connection {
    /// The component to run [default: the one in this program]
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true)]
    pub(crate) component: Option<PathBuf>,

    /// The settings file [default: $XDG_CONFIG_HOME/vt-hunting/config.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Read the API key from a file, or from standard input for `-`; VT_APIKEY works too
    ///
    /// The key itself is never a flag: the arguments of a process can be read by every user of the machine, and end
    /// up in the shell's history.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) apikey_file: Option<Source>,

    /// The service [VT_URL; default: https://www.virustotal.com]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Whole-call deadline [VT_TIMEOUT; default: 60]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,

    /// Refuse everything that would change anything [VT_ACCESS=read-only]
    #[arg(long, global = true)]
    pub(crate) read_only: bool,

    /// Repeat what may be repeated this often, 0 to 10 [VT_RETRIES; default: 2]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub(crate) retries: Option<String>,

    /// Send at most so many requests a minute; `public`: 4 a minute, 500 a day [VT_REQUESTS_PER_MINUTE]
    #[arg(long, global = true, value_name = "N|public", hide_short_help = true)]
    pub(crate) requests_per_minute: Option<String>,

    /// Refuse answers beyond this size after inflating [VT_MAX_RESPONSE_BYTES; default: 67108864]
    #[arg(long, global = true, value_name = "BYTES", hide_short_help = true)]
    pub(crate) max_response_bytes: Option<String>,

    /// Send requests through this proxy [VT_HTTP_PROXY]
    #[arg(long, visible_alias = "proxy", global = true, value_name = "URL", hide_short_help = true)]
    pub(crate) http_proxy: Option<String>,

    /// Trust the certificates in this PEM file too
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Whether the service's certificate is checked [VT_VERIFY_SSL; default: true]
    #[arg(long, global = true, value_name = "BOOL", action = ArgAction::Set, hide_short_help = true)]
    pub(crate) verify_ssl: Option<bool>,

    /// The same as --verify-ssl false: whoever is on the path can read the key
    #[arg(long, global = true, conflicts_with = "verify_ssl", hide_short_help = true)]
    pub(crate) insecure: bool,

    /// Allow plain http:// to other machines: the key travels in the clear [VT_ALLOW_HTTP]
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) allow_http: bool,

    /// Allow private and link-local addresses
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) allow_private: bool,
}

/// What is logged to standard error.
#[derive(Args, Debug)]
#[command(next_help_heading = "Logging (standard error)")]
pub(crate) struct Log {
    /// Log what happens; twice for details. The key is never logged
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT", hide_short_help = true)]
    pub(crate) log_format: LogFormat,
}

/// `--output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
    /// For people.
    Table,
}

/// `--log-format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

impl Connection {
    /// What the flags say about certificates, if anything.
    pub(crate) fn verify_ssl(&self) -> Option<bool> {
        if self.insecure { Some(false) } else { self.verify_ssl }
    }
}
