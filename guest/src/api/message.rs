//! A request made ready for the wire: origin, path, headers, body, deadline and cap.

use super::error;
use super::request::{Method, Request};
use super::settings::Settings;
use crate::contract::Failed;
use alloc::string::String;
use alloc::vec::Vec;

/// `gzip` in it is what makes VirusTotal compress for a client that is no browser.
pub const USER_AGENT: &str = concat!("virustotal-hunting/", env!("CARGO_PKG_VERSION"), " (gzip)");

/// The most bytes of a request target: what every server and proxy on the way takes.
const MAX_TARGET_BYTES: usize = 60_000;

/// What goes over the wire, and within what bounds. No `Debug`: the headers hold the key.
pub struct Message<'a> {
    /// The method.
    pub method: Method,
    /// `https`, not `http`.
    pub https: bool,
    /// `host[:port]`.
    pub authority: &'a str,
    /// The request target.
    pub path_and_query: String,
    /// Headers in sending order; `host` is the platform's.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body; `None` is no body at all.
    pub body: Option<&'a [u8]>,
    /// The deadline over the exchange: what is left of the call's.
    pub timeout_nanoseconds: u64,
    /// How long connecting may take of it: looking up the name, and every handshake up to the request's first byte.
    pub connect_nanoseconds: u64,
    /// The most bytes of an answer, before and after inflating.
    pub max_response_bytes: usize,
}

impl<'a> Message<'a> {
    /// Puts a request on the base URL of the settings.
    ///
    /// # Errors
    /// `invalid-argument` when filter and cursor together make the request line too long for servers to take.
    pub fn new(settings: &'a Settings, request: &'a Request) -> Result<Self, Failed> {
        let path_and_query = [settings.base.prefix.as_str(), &request.path_and_query].concat();
        if path_and_query.len() > MAX_TARGET_BYTES {
            let advice = "Shorten the filter.";
            return Err(error::too_long("the encoded request line", path_and_query.len(), MAX_TARGET_BYTES, advice));
        }
        let mut headers = Vec::with_capacity(7);
        let mut header = |name: &str, value: &str| headers.push((String::from(name), Vec::from(value)));
        if let Some(key) = settings.key() {
            header("x-apikey", key);
        }
        header("accept", "application/json");
        header("accept-encoding", "gzip");
        header("user-agent", USER_AGENT);
        if let Some(user) = &request.confirm_delete {
            header("x-confirm-delete", user);
        }
        if let Some(body) = &request.body {
            header("content-type", "application/json");
            header("content-length", &error::decimal(body.len() as u64));
        }
        Ok(Self {
            method: request.method,
            https: settings.base.https,
            authority: &settings.base.authority,
            path_and_query,
            headers,
            body: request.body.as_deref(),
            timeout_nanoseconds: settings.timeout_nanoseconds,
            connect_nanoseconds: connecting(settings.timeout_nanoseconds),
            max_response_bytes: settings.max_response_bytes,
        })
    }

    /// Bounds the exchange by what is left of the call.
    pub fn within(&mut self, nanoseconds: u64, max_response_bytes: usize) {
        self.timeout_nanoseconds = nanoseconds;
        self.connect_nanoseconds = connecting(nanoseconds);
        self.max_response_bytes = max_response_bytes;
    }
}

/// How long connecting may take of so much time: a third, so that another attempt is left, and 10 s, since who has not
/// answered by then is not there. Always less than what is left, so that it is certain which of the two ends first.
fn connecting(left: u64) -> u64 {
    const MOST: u64 = 10_000_000_000;
    (left / 3).clamp(1, MOST)
}
