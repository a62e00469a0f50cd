//! Why the gateway does not start. Every message names the thing and the next step; none holds the key or the token.

use std::net::SocketAddr;

use crate::error::LoadError;
use crate::settings::SettingsError;

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The component's file cannot be read, is no component, or WebAssembly cannot run here.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The component imports more than the gateway may, or does not export `wasi:http/incoming-handler`.
    #[error(
        "{what} is not the gateway: {reason}. `cargo xtask build` makes virustotal-hunting-gateway.wasm, the gateway with \
         the connector composed in"
    )]
    World {
        /// The file.
        what: String,
        /// What is missing, or is there and should not be.
        reason: String,
    },
    /// The settings are no good.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no API key.
    #[error("there is no API key to call VirusTotal with: set VT_APIKEY, or give a file that holds it")]
    MissingApiKey,
    /// There is neither a token nor leave to do without.
    #[error(
        "the gateway has no token to ask for: set GATEWAY_TOKEN to a long random text (`openssl rand -hex 32`), or use \
         --no-auth with a loopback address (--addr 127.0.0.1:8080)"
    )]
    MissingToken,
    /// A token, and leave to do without.
    #[error(
        "GATEWAY_TOKEN is set and --no-auth is given: a gateway either asks for its token or does not; drop one of them"
    )]
    TokenAndNoAuth,
    /// No token is asked for, and other machines could come in.
    #[error(
        "without a token the gateway answers this machine alone, and {0} is no loopback address: set GATEWAY_TOKEN and \
         drop --no-auth, or listen on 127.0.0.1 or [::1] (--addr 127.0.0.1:8080)"
    )]
    NotLoopback(SocketAddr),
    /// One of the gateway's own variables is no good.
    #[error("the gateway does not accept its settings: {0}")]
    Refused(String),
    /// The component did not answer for its health.
    #[error("the gateway does not work: {0}. Rebuild it with `cargo xtask build`")]
    Unhealthy(String),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on ({error}); choose another with --addr, port 0 takes any that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
}
