//! What one tenant is configured with.
//!
//! The table in this file is the one list of settings: a field, its name in a file, its environment variable, its
//! default. [`Settings`], [`PartialSettings`], reading, printing and the "did you mean" all follow from it.
//!
//! The guest sees only what it needs (`VT_URL`, `VT_TIMEOUT`, `VT_MAX_RESPONSE_BYTES`, `VT_ALLOW_HTTP`, `VT_ACCESS`,
//! `VT_RETRIES`, and `VT_APIKEY_FROM_HOST` or `VT_APIKEY`); TLS, proxy, addresses, rates and limits stay with the host.

mod access;
mod error;
mod layers;
mod origin;
mod rate;
mod secret;
mod validate;
mod value;

pub use access::Access;
pub use error::SettingsError;
pub use layers::{EffectiveSetting, Source, Sourced};
pub use rate::RequestRate;
pub use secret::{ApiKey, InvalidApiKey, Secret};
pub use virustotal_hunting_redaction::{REDACTED, Redactor};

pub(crate) use origin::{Origin, Scheme, canonical_host, is_localhost};
pub(crate) use validate::without_credentials;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use value::Value;

/// VirusTotal itself.
pub const DEFAULT_URL: &str = "https://www.virustotal.com";

/// How often the component repeats a request unless it is told otherwise: its own default.
pub(crate) const DEFAULT_RETRIES: u32 = 2;

/// 64 MiB: the largest page on record (40 full objects) is far below it.
const DEFAULT_MAX_RESPONSE_BYTES: u64 = 64 << 20;

/// 320 MiB, for a page of the full 64 MiB: its bytes as they are read (64), the buffer they outgrew while it doubles
/// (another 64 at the worst moment), the objects' text once more in the records that are handed out (64), and as much
/// again for compressed input, attributes and fragmentation. A usual page of 773 KB stays below 4 MiB.
const DEFAULT_MAX_MEMORY_BYTES: u64 = 320 << 20;

macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $(#[serde($($serde:tt)+)])?
        $field:ident: $kind:ty => $full:ty, $key:literal $(or $alias:literal)?, $env:literal $(or $env_alias:literal)?, $default:expr;
    )+) => {
        /// Everything one tenant is configured with. Start from [`Settings::new`] or [`Settings::default`] and set
        /// fields, or let [`PartialSettings`] put flags, environment and file together.
        ///
        /// `Debug` and `serde` show `[redacted]` for secrets.
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {$(
            $(#[doc = $doc])+
            $(#[serde($($serde)+)])?
            pub $field: $full,
        )+}

        impl Default for Settings {
            fn default() -> Settings {
                Settings {$( $field: $default, )+}
            }
        }

        /// One layer of settings: what a file, the environment or the command line says, and where it said so. What it
        /// does not say is `None`.
        ///
        /// ```
        /// use vt_hunting_host::{PartialSettings, Source};
        ///
        /// let mut flags = PartialSettings::default();
        /// flags.set("timeout", "30", Source::Flag("--timeout".into()))?;
        /// let environment = PartialSettings::from_env(|name| (name == "VT_TIMEOUT").then(|| "20".into()))?;
        /// let file = PartialSettings::from_toml("url = 'https://vt.example'", "vt-hunting.toml")?;
        ///
        /// let settings = flags.merge(environment).merge(file).resolve()?;
        /// assert_eq!(settings.timeout.as_secs(), 30);
        /// assert_eq!(settings.url, "https://vt.example");
        /// # Ok::<(), vt_hunting_host::SettingsError>(())
        /// ```
        #[derive(Clone, Default)]
        pub struct PartialSettings {$(
            $(#[doc = $doc])+
            pub $field: Option<Sourced<$kind>>,
        )+}

        /// A file's names, in order: what a misspelt name is compared with.
        const KEYS: &[&str] = &[$($key),+];

        impl PartialSettings {
            /// Sets the value with this name (as in a file) from text.
            ///
            /// # Errors
            ///
            /// A name that does not exist, or text that is no value for it.
            pub fn set(&mut self, name: &str, text: &str, source: Source) -> Result<(), SettingsError> {
                match name {
                    $($key $(| $alias)? => {
                        let value = <$kind>::from_text(text)
                            .map_err(|reason| SettingsError::invalid(name, &source, reason))?;
                        self.$field = Some(Sourced { value, source });
                    })+
                    _ => return Err(SettingsError::unknown(name, &source)),
                }
                Ok(())
            }

            fn set_toml(&mut self, name: &str, value: &toml::Value, source: Source) -> Result<(), SettingsError> {
                match name {
                    $($key $(| $alias)? => {
                        let value = <$kind>::from_toml(value)
                            .map_err(|reason| SettingsError::invalid(name, &source, reason))?;
                        self.$field = Some(Sourced { value, source });
                    })+
                    _ => return Err(SettingsError::unknown(name, &source)),
                }
                Ok(())
            }

            /// What the environment says. The argument looks a variable up, as `|name| std::env::var(name).ok()` does.
            /// An empty variable counts as not set.
            ///
            /// # Errors
            ///
            /// A variable whose text is no value for it.
            pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<PartialSettings, SettingsError> {
                let mut layer = PartialSettings::default();
                $(for name in [$env $(, $env_alias)?] {
                    if layer.$field.is_none()
                        && let Some(text) = variable(name).filter(|text| !text.trim().is_empty())
                    {
                        let source = Source::Environment(name);
                        let value = <$kind>::from_text(&text)
                            .map_err(|reason| SettingsError::invalid(name, &source, reason))?;
                        layer.$field = Some(Sourced { value, source });
                    }
                })+
                Ok(layer)
            }

            /// This layer, and below it the other: what both say, this one decides.
            #[must_use]
            pub fn merge(self, below: PartialSettings) -> PartialSettings {
                PartialSettings {$( $field: self.$field.or(below.$field), )+}
            }

            /// The settings in force: what the layers say, and the defaults below them.
            ///
            /// # Errors
            ///
            /// Values that are no good, alone or together; see [`Settings::validate`].
            pub fn resolve(&self) -> Result<Settings, SettingsError> {
                let settings = self.with_defaults();
                settings.validate()?;
                Ok(settings)
            }

            fn with_defaults(&self) -> Settings {
                let default = Settings::default();
                Settings {$(
                    $field: self.$field.as_ref().map_or(default.$field, |set| set.value.clone().into()),
                )+}
            }

            /// Every setting, its value in force and where that came from; secrets and the user part of addresses show
            /// as `[redacted]`. Works for settings that [`PartialSettings::resolve`] would refuse.
            pub fn effective(&self) -> Vec<EffectiveSetting> {
                let settings = self.with_defaults();
                vec![$(
                    EffectiveSetting {
                        key: $key,
                        variable: $env,
                        value: validate::without_credentials(&Show::show(&settings.$field)),
                        source: self.$field.as_ref().map_or(Source::Default, |set| set.source.clone()),
                    },
                )+]
            }
        }

        impl fmt::Debug for PartialSettings {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = formatter.debug_struct("PartialSettings");
                $(if let Some(Sourced { value, source }) = &self.$field {
                    shown.field(stringify!($field), &(validate::without_credentials(&Show::show(value)), source));
                })+
                shown.finish()
            }
        }

        impl fmt::Debug for Settings {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut shown = formatter.debug_struct("Settings");
                $(shown.field(stringify!($field), &validate::without_credentials(&Show::show(&self.$field)));)+
                shown.finish()
            }
        }
    };
}

/// `Value::show` for a field, set or not.
trait Show {
    fn show(&self) -> String;
}
impl<T: Value> Show for T {
    fn show(&self) -> String {
        Value::show(self)
    }
}
impl<T: Value> Show for Option<T> {
    fn show(&self) -> String {
        value::show_option(self)
    }
}

settings! {
    /// The API key. Without one every call ends with the guest's `MissingApiKey`.
    api_key: ApiKey => Option<ApiKey>, "apikey" or "x_apikey", "VT_APIKEY", None;

    /// Whether the host adds the key on the way out, to the configured origin only, so that the guest never holds it.
    /// Default: true.
    api_key_from_host: bool => bool, "apikey_from_host", "VT_APIKEY_FROM_HOST", true;

    /// Where the API is: scheme, host, port, optional path prefix. Default: `https://www.virustotal.com`.
    url: String => String, "url", "VT_URL", DEFAULT_URL.to_owned();

    /// Whether plain `http://` may go to anything but loopback. Default: false.
    allow_http: bool => bool, "allow_http", "VT_ALLOW_HTTP", false;

    /// Whether the server's certificate is checked. `false` holds for the configured origin only; anyone between here
    /// and there can then read the key. Default: true.
    verify_ssl: bool => bool, "verify_ssl", "VT_VERIFY_SSL", true;

    /// PEM file of certificate authorities to trust besides the platform's, for networks that inspect TLS.
    ca_file: PathBuf => Option<PathBuf>, "ca_file", "VT_CA_FILE", None;

    /// PEM file with the client's certificate chain, shown to the configured origin only.
    client_cert: PathBuf => Option<PathBuf>, "client_cert", "VT_CLIENT_CERT", None;

    /// PEM file with that certificate's private key.
    client_key: PathBuf => Option<PathBuf>, "client_key", "VT_CLIENT_KEY", None;

    /// The proxy: `http://`, `https://` or `socks5h://`, host, port; a user and password may stand in it. The proxy
    /// resolves names. Nothing falls back to a direct connection.
    #[serde(serialize_with = "value::as_redacted_url")]
    http_proxy: String => Option<String>, "http_proxy", "VT_HTTP_PROXY", None;

    /// The proxy's user, if not in `http_proxy`.
    proxy_user: String => Option<String>, "proxy_user", "VT_PROXY_USER", None;

    /// The proxy's password, if not in `http_proxy`.
    proxy_password: Secret => Option<Secret>, "proxy_password", "VT_PROXY_PASSWORD", None;

    /// What goes around the proxy: names (with their subdomains), addresses, networks (`10.0.0.0/8`), each with an
    /// optional port, joined by commas; `*` is everything. Without a proxy it means nothing.
    no_proxy: String => Option<String>, "no_proxy", "NO_PROXY" or "no_proxy", None;

    /// How long one call may take in all, in seconds. Every other timeout of the call is cut to it. Default: 60.
    #[serde(with = "value::as_seconds")]
    timeout: Duration => Duration, "timeout", "VT_TIMEOUT", Duration::from_secs(60);

    /// The largest answer, in bytes, after inflating. Default: 67108864 (64 MiB).
    max_response_bytes: u64 => u64, "max_response_bytes", "VT_MAX_RESPONSE_BYTES", DEFAULT_MAX_RESPONSE_BYTES;

    /// What the component may do. With [`Access::ReadOnly`] it refuses every action that changes anything with
    /// `forbidden` `ReadOnly`, and sends nothing. Default: full.
    access: Access => Access, "access", "VT_ACCESS", Access::Full;

    /// How often the component repeats, within one call and its deadline, a request that may be repeated: 0 (never) to
    /// 10. Default: 2.
    retries: u32 => u32, "retries", "VT_RETRIES", DEFAULT_RETRIES;

    /// How many requests may leave in any minute (1 to 1000000) and on any day, counted over all calls and instances of
    /// the tenant. Default: none, no limit.
    requests_per_minute: RequestRate => Option<RequestRate>, "requests_per_minute", "VT_REQUESTS_PER_MINUTE", None;

    /// What may be reached besides the configured origin: `host[:port]`, `scheme://host[:port]`, `*.suffix`. The API
    /// key is never sent there. Default: none.
    allowed_hosts: Vec<String> => Vec<String>, "allowed_hosts", "VT_ALLOWED_HOSTS", Vec::new();

    /// Whether names may resolve to private, loopback or link-local addresses. Without it they may only if the
    /// configured origin is itself written as such an address (or `localhost`). Default: false.
    allow_private: bool => bool, "allow_private", "VT_ALLOW_PRIVATE", false;

    /// How many calls may run at the same time; more wait. Default: 64.
    max_concurrent_calls: u32 => u32, "max_concurrent_calls", "VT_MAX_CONCURRENT_CALLS", 64;

    /// How long a call may wait for its turn, in seconds, before it fails with `Busy`. Default: 10.
    #[serde(with = "value::as_seconds")]
    queue_timeout: Duration => Duration, "queue_timeout", "VT_QUEUE_TIMEOUT", Duration::from_secs(10);

    /// How many idle connections are kept per host. Default: 16.
    pool_max_idle: u32 => u32, "pool_max_idle", "VT_POOL_MAX_IDLE", 16;

    /// How long an idle connection is kept, in seconds. Below the minute after which many servers and middleboxes
    /// drop one silently. Default: 50.
    #[serde(with = "value::as_seconds")]
    pool_idle_timeout: Duration => Duration, "pool_idle_timeout", "VT_POOL_IDLE_TIMEOUT", Duration::from_secs(50);

    /// The most memory one instance may have, in bytes. Default: 335544320 (320 MiB), enough for a page of 64 MiB.
    max_memory_bytes: u64 => u64, "max_memory_bytes", "VT_MAX_MEMORY_BYTES", DEFAULT_MAX_MEMORY_BYTES;
}

impl Settings {
    /// The defaults with this key.
    pub fn new(key: ApiKey) -> Settings {
        Settings { api_key: Some(key), ..Settings::default() }
    }
}

#[cfg(test)]
mod tests;
