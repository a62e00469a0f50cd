//! What makes settings no good, found before anything is sent.

use super::{Origin, RequestRate, Scheme, Settings, SettingsError};
use crate::egress::{addresses, policy::AllowList, proxy::ProxyTarget};
use std::time::Duration;

/// An hour, which is the component's own limit: longer is a mistake in the unit.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A millisecond, likewise.
const SHORTEST: Duration = Duration::from_millis(1);

/// A quarter of the sandbox's address space, likewise.
const LARGEST_RESPONSE: u64 = 1 << 30;

/// What the component takes: beyond it a failing service is only made worse.
const MOST_RETRIES: u32 = 10;

/// Below this the component does not start.
const SMALLEST_MEMORY: u64 = 2 << 20;

impl Settings {
    /// Checks what can be checked without touching a file or the network.
    ///
    /// # Errors
    ///
    /// The first setting that is no good, with what would be right.
    pub fn validate(&self) -> Result<(), SettingsError> {
        self.origin()?;
        self.allow_list()?;
        if let Some(proxy) = &self.http_proxy {
            ProxyTarget::parse(proxy, self.proxy_user.as_deref(), self.proxy_password.as_ref())?;
        } else if self.proxy_user.is_some() || self.proxy_password.is_some() {
            return Err(SettingsError::refused("http_proxy", "there is a proxy user or password and no proxy"));
        }
        match (&self.client_cert, &self.client_key) {
            (Some(_), None) => return Err(SettingsError::refused("client_key", "needed beside `client_cert`")),
            (None, Some(_)) => return Err(SettingsError::refused("client_cert", "needed beside `client_key`")),
            _ => {}
        }
        if self.timeout < SHORTEST || self.timeout > LONGEST {
            return Err(SettingsError::refused("timeout", "expected seconds, 0.001 to 3600"));
        }
        if self.queue_timeout > LONGEST {
            return Err(SettingsError::refused("queue_timeout", "expected seconds, at most 3600"));
        }
        if self.max_response_bytes == 0 || self.max_response_bytes > LARGEST_RESPONSE {
            return Err(SettingsError::refused("max_response_bytes", "expected bytes, 1 to 1073741824"));
        }
        if self.retries > MOST_RETRIES {
            return Err(SettingsError::refused("retries", "expected 0 to 10"));
        }
        if self.requests_per_minute.is_some_and(|rate| !rate.is_possible()) {
            return Err(SettingsError::refused("requests_per_minute", RequestRate::EXPECTED));
        }
        if self.max_memory_bytes < SMALLEST_MEMORY || self.max_memory_bytes > 1 << 32 {
            return Err(SettingsError::refused("max_memory_bytes", "expected 2097152 to 4294967296"));
        }
        if self.max_concurrent_calls == 0 || self.max_concurrent_calls > 100_000 {
            return Err(SettingsError::refused("max_concurrent_calls", "expected 1 to 100000"));
        }
        Ok(())
    }

    /// What an operator should hear before the first call: settings that are legal and dangerous.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.verify_ssl {
            warnings.push(format!(
                "verify_ssl is false: the certificate of {} is NOT checked, and whoever sits between can read the API \
                 key. Use ca_file with the authority's certificate instead.",
                without_credentials(&self.url)
            ));
        }
        if let Ok(origin) = self.origin()
            && origin.scheme == Scheme::Http
            && !is_loopback(&origin)
        {
            warnings.push(format!("url is plain http: the API key crosses the network to {origin} unencrypted."));
        }
        if self.allow_private {
            warnings.push("allow_private is true: names may resolve to addresses inside your network.".to_owned());
        }
        if !self.api_key_from_host {
            warnings.push("apikey_from_host is false: the API key is handed to the component.".to_owned());
        }
        warnings
    }

    /// The configured origin.
    pub(crate) fn origin(&self) -> Result<Origin, SettingsError> {
        let refused = |reason: &str| SettingsError::refused("url", reason);
        let url = url::Url::parse(&self.url).map_err(|error| {
            SettingsError::refused("url", format!("{error}; expected `https://host[:port][/prefix]`"))
        })?;
        let origin = Origin::of(&url).ok_or_else(|| refused("expected `https://host[:port][/prefix]`"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("there must be no user or password in it; the key is the setting `apikey`"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("there must be no `?` and no `#` in it"));
        }
        if let Some(kind) = origin.never_good() {
            let host = &origin.host;
            return Err(SettingsError::refused(
                "url",
                format!(
                    "{host} is {}: the API key is never sent there; expected VirusTotal's address",
                    kind.describe()
                ),
            ));
        }
        if origin.scheme == Scheme::Http && !self.allow_http && !is_loopback(&origin) {
            return Err(refused(
                "plain http would send the API key unencrypted; use https, or set `allow_http` if the network is yours",
            ));
        }
        Ok(origin)
    }

    /// The configured origin and the extra hosts, as the request path uses them.
    pub(crate) fn allow_list(&self) -> Result<AllowList, SettingsError> {
        let mut allowed = AllowList::parse(&self.allowed_hosts)
            .map_err(|error| SettingsError::refused("allowed_hosts", error.to_string()))?;
        allowed.add_origin(&self.origin()?);
        Ok(allowed)
    }
}

fn is_loopback(origin: &Origin) -> bool {
    origin.is_localhost() || origin.address().is_some_and(addresses::is_loopback)
}

/// The text, with whatever stands between `://` and `@` redacted: an address may carry a password.
pub(crate) fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        // `user:password@host`, which is no URL and can still hold a password.
        return match text.rsplit_once('@') {
            Some((_, host)) => format!("{}@{host}", super::REDACTED),
            None => text.to_owned(),
        };
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password may contain a slash by mistake, so the last `@` of the whole text counts too.
    match rest[..end].rfind('@').or_else(|| rest.rfind('@')) {
        Some(at) => format!("{scheme}://{}@{}", super::REDACTED, &rest[at + 1..]),
        None => text.to_owned(),
    }
}
