//! One request: vetted, given the key, sent, and its answer handed back.
//!
//! # What is repeated
//!
//! A server may close an idle connection at the very moment a request is written to it. RFC 9110, 9.2.2: "A client
//! SHOULD NOT automatically retry a request with a non-idempotent method unless it has some means to know that the
//! request semantics are actually idempotent". So: `GET` and `HEAD`, when they went out on a *kept* connection and that
//! connection ended before the first byte of an answer, are sent again on the next one, until one is new. `POST` and
//! `DELETE` never are: a second `DELETE` answers 404 for what the first one did.
//!
//! What is sent again counts as another request for the tenant's rate, and waits for its turn as the first did.
//!
//! # The request's body
//!
//! Is read whole before anything is sent: rules are a megabyte at most, a body of known length needs no chunking
//! (which the API's front end does not love), and a guest that gives up half-way sends nothing instead of half.

use super::body::ResponseBody;
use super::client::MAX_HEADER_BYTES;
use super::connect::{CONNECTION, Connection, connecting};
use super::errors::{
    Destination, body_timeout, connect_timeout, is_stale, proxy_timeout, proxy_wants_authentication, rate_refused,
    send_error,
};
use super::{CallStats, Egress};
use crate::settings::{Access, Origin, Scheme};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName};
use http::{Method, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

const API_KEY: HeaderName = HeaderName::from_static("x-apikey");

/// Sixteen times the contract's limit for rules.
const MAX_REQUEST_BODY: u64 = 16 << 20;

/// Kept connections that may turn out dead in a row. Every dead one leaves the pool.
const MAX_REPLAYS: usize = 64;

pub(super) async fn send(
    egress: Arc<Egress>,
    stats: Arc<CallStats>,
    request: http::Request<WasiBody>,
    options: RequestOptions,
) -> Result<http::Response<WasiBody>, Error> {
    let (parts, body) = request.into_parts();
    let (url, target) = match vet(&egress, &parts) {
        Ok(vetted) => vetted,
        Err(error) => {
            egress.counters.denied.fetch_add(1, Relaxed);
            return Err(error);
        }
    };
    let (client, proxy) = egress.clients.route(&target).ok_or(Error::HttpRequestDenied)?;
    let destination = Destination { target, proxy: proxy.cloned(), key: egress.key.clone() };

    // What a guest asks for holds up to the host's own limit.
    let cut = |asked: Option<Duration>| asked.unwrap_or(egress.timeout).min(egress.timeout);
    let mut first_byte = cut(options.first_byte_timeout);
    if destination.speaks_http_to_proxy() {
        first_byte = shortly_before(first_byte);
    }
    let deadline = Instant::now() + first_byte;
    // Counted from when there is leave to send: waiting for that is none of the connection's doing.
    let connect = || cut(options.connect_timeout).min(connecting(deadline.saturating_duration_since(Instant::now())));

    let body = timeout_at(deadline, collect(body)).await.map_err(|_| body_timeout())??;
    let headers = outgoing_headers(&egress, &destination.target, parts.headers, body.as_ref())?;
    let exchange = timeout(connect(), Arc::clone(&egress.exchanges).acquire_owned()).await;
    let Ok(Ok(exchange)) = exchange else { return Err(Error::ConnectionLimitReached) };

    let repeatable = body.is_none() && matches!(parts.method, Method::GET | Method::HEAD);
    let mut replays = 0;
    let response = loop {
        if let Some(rate) = &egress.rate {
            rate.admit(deadline).await.map_err(|refused| rate_refused(&refused, &destination))?;
        }
        let mut request = reqwest::Request::new(parts.method.clone(), url.clone());
        *request.headers_mut() = headers.clone();
        *request.body_mut() = body.clone().map(reqwest::Body::from);
        stats.attempts.fetch_add(1, Relaxed);
        egress.counters.requests.fetch_add(1, Relaxed);

        let connection = Connection::new(connect());
        let sent = CONNECTION.scope(Arc::clone(&connection), client.execute(request));
        match timeout_at(deadline, sent).await {
            Ok(Ok(response)) => break response,
            Ok(Err(error)) if repeatable && replays < MAX_REPLAYS && connection.is_reused() && is_stale(&error) => {
                tracing::debug!(target = %destination.target, "a kept connection was closed; sending again");
                replays += 1;
            }
            Ok(Err(error)) => return Err(send_error(&error, &destination)),
            Err(_) if connection.is_pending() => return Err(connect_timeout(&destination)),
            Err(_) if destination.speaks_http_to_proxy() => return Err(proxy_timeout(&destination)),
            Err(_) => return Err(Error::HttpResponseTimeout),
        }
    };

    if let Some(body) = &body {
        stats.bytes_sent.fetch_add(body.len() as u64, Relaxed);
        egress.counters.bytes_sent.fetch_add(body.len() as u64, Relaxed);
    }
    stats.status.store(response.status().as_u16(), Relaxed);
    if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED && destination.speaks_http_to_proxy() {
        return Err(proxy_wants_authentication(&destination));
    }
    let (mut parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
    check_size(&parts.headers)?;
    egress.redact_headers(&mut parts.headers);
    let body = ResponseBody {
        inner: body,
        between_bytes: cut(options.between_bytes_timeout),
        received: 0,
        destination,
        egress: Arc::clone(&egress),
        stats,
        patience: None,
        _exchange: exchange,
    };
    Ok(http::Response::from_parts(parts, body.boxed_unsync()))
}

/// A guest asks for as much time as it has for an answer, and its own words at the end of it name no proxy: who blames one
/// has to be earlier.
fn shortly_before(limit: Duration) -> Duration {
    limit - (limit / 8).min(Duration::from_millis(250))
}

/// Whether this may leave, and the URL to send it to. The log says why not, without path and query.
fn vet(egress: &Egress, request: &http::request::Parts) -> Result<(url::Url, Origin), Error> {
    let uri = &request.uri;
    let denied = |what: &str, reason: &str| {
        tracing::warn!(target = what, reason, "request denied");
        Error::HttpRequestDenied
    };
    // The component refuses by itself, and says it better. This holds for one that does not.
    if egress.access == Access::ReadOnly && !only_reads(request) {
        return Err(denied("(hidden)", "`access` is `read-only`, and only a `GET` changes nothing"));
    }
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    if authority.contains('@') {
        return Err(denied("(hidden)", "there is a user in the address"));
    }
    let url = url::Url::parse(&uri.to_string()).map_err(|_| denied("(hidden)", "the address is no URL"))?;
    let origin = Origin::of(&url).ok_or_else(|| denied("(hidden)", "the scheme is neither http nor https"))?;
    if !egress.allowed.permits_origin(&origin) {
        return Err(denied(
            &origin.to_string(),
            "it is not the configured origin, and `allowed_hosts` does not list it",
        ));
    }
    if let Some(address) = origin.address()
        && let Err(kind) = egress.vetting.check(&origin.host, address)
    {
        denied(&origin.to_string(), kind.describe());
        return Err(Error::DestinationIpProhibited);
    }
    // The client sends `url`, whose parser folds `..` (and `%2e%2e`) away. A path that means another one by the time
    // it is sent is not sent.
    let given = uri.path_and_query().map_or("/", |path| path.as_str());
    let sent = &url[url::Position::BeforePath..url::Position::AfterQuery];
    if sent != given && !(given.is_empty() && sent == "/") {
        tracing::warn!(target = %origin, "request denied: its path is not in normal form");
        return Err(Error::HttpRequestUriInvalid);
    }
    Ok((url, origin))
}

/// Whether a request can change nothing: a `GET`, and none that asks to be taken for something else
/// (`x-http-method-override` and its kin, which many servers honour).
fn only_reads(request: &http::request::Parts) -> bool {
    request.method == Method::GET && !request.headers.keys().any(|name| name.as_str().contains("method"))
}

/// The body, or `None` where there is none: an empty body and none are not the same on the wire.
async fn collect(mut body: WasiBody) -> Result<Option<Bytes>, Error> {
    if body.is_end_stream() {
        return Ok(None);
    }
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            if collected.len() as u64 + data.len() as u64 > MAX_REQUEST_BODY {
                return Err(Error::HttpRequestBodySize(Some(MAX_REQUEST_BODY)));
            }
            // Most bodies are one piece.
            collected.extend_from_slice(&data);
        }
    }
    Ok(Some(collected.freeze()))
}

/// The guest's headers, with the key where it belongs and nowhere else.
fn outgoing_headers(
    egress: &Egress,
    target: &Origin,
    mut headers: HeaderMap,
    body: Option<&Bytes>,
) -> Result<HeaderMap, Error> {
    headers.remove(HOST);
    if let Some(length) = headers.get(CONTENT_LENGTH) {
        let announced = length.to_str().ok().and_then(|length| length.parse::<u64>().ok());
        let actual = body.map_or(0, |body| body.len() as u64);
        if announced != Some(actual) {
            return Err(Error::HttpRequestBodySize(Some(actual)));
        }
    }
    if *target != egress.origin {
        headers.remove(API_KEY);
    } else if let Some(key) = &egress.key {
        headers.insert(API_KEY, key.header_value().ok_or(Error::ConfigurationError)?);
    } else if let Some(key) = headers.get_mut(API_KEY) {
        // The guest's own: not to be printed either.
        key.set_sensitive(true);
    }
    Ok(headers)
}

fn check_size(headers: &HeaderMap) -> Result<(), Error> {
    // As HTTP/2 counts (RFC 9113, 6.5.2): "the length of the name and value in octets plus an overhead of 32 octets for
    // each field".
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    if size > MAX_HEADER_BYTES as usize {
        return Err(Error::HttpResponseHeaderSectionSize(Some(u32::try_from(size).unwrap_or(u32::MAX))));
    }
    Ok(())
}

impl Destination {
    /// Whether a 407 can be the proxy's: only then is it the one who reads the request.
    fn speaks_http_to_proxy(&self) -> bool {
        self.target.scheme == Scheme::Http && self.proxy.as_ref().is_some_and(|proxy| !proxy.is_socks())
    }
}
