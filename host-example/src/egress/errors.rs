//! What went wrong, in WASI's words.
//!
//! The client's errors are chains; each link is asked for its type (`rustls::Error`, `io::ErrorKind`, `hyper::Error`, our
//! own [`ResolveError`] and [`ConnectError`]), never for its text.
//!
//! Most of WASI's codes carry no text. Two do, and a guest shows it: `internal-error`, and `tls-alert-received`. TLS failures
//! therefore all become `tls-alert-received`, with the number of the alert that stands for the cause, also where it was
//! this side that gave up (RFC 8446 has this side send that very alert): that tells an untrusted certificate, a wrong
//! name, an expired one and a server that speaks no TLS apart, and keeps the kind. Failures of a proxy become
//! `internal-error` naming it, or nobody would look there.
//!
//! A code also says whether the request may have arrived, and `internal-error` says that it may. Where nothing was sent and
//! no code has room for the text, the text begins with [`NOT_SENT`], as the component knows it. A request that this side
//! held back for the rate has an agreed form of its own.

use super::connect::ConnectError;
use super::proxy::ProxyTarget;
use super::rate::Refused;
use super::resolver::ResolveError;
use crate::settings::{ApiKey, Origin, Scheme};
use rustls::{AlertDescription, CertificateError};
use std::error::Error as StdError;
use std::io;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::{DnsErrorPayload, ErrorCode, TlsAlertReceivedPayload};

/// What the text of an `internal-error` begins with where nothing was sent: an agreement with the component.
const NOT_SENT: &str = "not-sent: ";

fn not_sent(text: impl std::fmt::Display) -> Error {
    Error::InternalError(Some(format!("{NOT_SENT}{text}")))
}

/// Where a request was going, for messages.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) target: Origin,
    pub(super) proxy: Option<ProxyTarget>,
    /// What must not be logged, should the other side have repeated it.
    pub(super) key: Option<ApiKey>,
}

impl Destination {
    /// What the last link says, fit to be logged.
    fn cause(&self, error: &(dyn StdError + 'static)) -> String {
        let mut text = root_text(error);
        if let Some(key) = &self.key {
            key.redactor().redact(&mut text);
        }
        text
    }

    fn name(&self) -> String {
        let target = format!("{}:{}", self.target.host, self.target.port);
        match &self.proxy {
            // TLS may have failed with either of the two.
            Some(proxy) => format!("{target} (through the proxy {proxy})"),
            None => target,
        }
    }
}

/// Every link of the chain. An `io::Error` keeps another error inside and lists only that one's source.
fn links<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |link: &&'a (dyn StdError + 'static)| {
        let link: &'a (dyn StdError + 'static) = *link;
        match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => link.source(),
        }
    })
}

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    links(error).find_map(|link| link.downcast_ref::<E>())
}

/// The innermost `io::ErrorKind` that says anything.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    links(error)
        .filter_map(|link| link.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .filter(|kind| *kind != io::ErrorKind::Other)
        .last()
}

/// What the last link says: the cause without the layers around it.
fn root_text(error: &(dyn StdError + 'static)) -> String {
    links(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Why there was no answer.
pub(super) fn send_error(error: &reqwest::Error, destination: &Destination) -> Error {
    tracing::debug!(target = %destination.target, cause = %destination.cause(error), "request failed");
    if let Some(failure) = find::<ResolveError>(error) {
        return resolve_error(failure, destination);
    }
    let connecting = find::<ConnectError>(error);
    // Once the handshake is over, what TLS finds wrong is a connection that broke, and the request may have arrived.
    if let Some(tls) = find::<rustls::Error>(error)
        && (connecting.is_some() || refuses_handshake(tls))
    {
        return tls_error(tls, destination);
    }
    if let Some(connecting) = connecting {
        let timed_out = matches!(connecting, ConnectError::TimedOut) || error.is_timeout();
        return if timed_out { connect_timeout(destination) } else { connect_error(error, destination) };
    }
    if error.is_timeout() {
        // The client has no other timer of its own than HTTP/2's pings: the connection is dead. How long an answer may take
        // is counted in `send`.
        return if error.is_connect() { connect_timeout(destination) } else { Error::ConnectionTerminated };
    }
    exchange_error(error).unwrap_or_else(|| match io_kind(error) {
        Some(io::ErrorKind::TimedOut) => Error::ConnectionReadTimeout,
        Some(_) => Error::ConnectionTerminated,
        None => Error::InternalError(Some(root_text(error))),
    })
}

/// Whether the other side refused the handshake. With TLS 1.3 it says so when this side has long been done with it: that is
/// how a client certificate is refused.
fn refuses_handshake(error: &rustls::Error) -> bool {
    use AlertDescription as A;

    matches!(
        error,
        rustls::Error::AlertReceived(
            A::HandshakeFailure
                | A::NoCertificate
                | A::BadCertificate
                | A::UnsupportedCertificate
                | A::CertificateRevoked
                | A::CertificateExpired
                | A::CertificateUnknown
                | A::UnknownCA
                | A::AccessDenied
                | A::DecryptError
                | A::InsufficientSecurity
                | A::CertificateRequired
        )
    )
}

/// Why the answer's body ended before its time.
pub(super) fn body_error(error: &reqwest::Error, destination: &Destination) -> Error {
    tracing::debug!(target = %destination.target, cause = %destination.cause(error), "answer's body failed");
    if let Some(tls) = find::<rustls::Error>(error) {
        // A connection that ends without TLS's own goodbye may have been cut by anyone.
        return match tls {
            rustls::Error::AlertReceived(_) => tls_error(tls, destination),
            _ => Error::HttpResponseIncomplete,
        };
    }
    if error.is_timeout() {
        return Error::ConnectionReadTimeout;
    }
    match io_kind(error) {
        // What the decoder of chunks says about broken ones.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            Error::HttpResponseTransferCoding(Some("chunked".to_owned()))
        }
        Some(_) => Error::HttpResponseIncomplete,
        None => match exchange_error(error) {
            Some(Error::ConnectionTerminated) | None => Error::HttpResponseIncomplete,
            Some(other) => other,
        },
    }
}

/// What `hyper` says about the exchange itself.
fn exchange_error(error: &(dyn StdError + 'static)) -> Option<Error> {
    let hyper = find::<hyper::Error>(error)?;
    if hyper.is_parse_too_large() {
        return Some(Error::HttpResponseHeaderSectionSize(None));
    }
    if hyper.is_parse() || hyper.is_parse_status() {
        return Some(Error::HttpProtocolError);
    }
    if hyper.is_timeout() {
        return Some(Error::HttpResponseTimeout);
    }
    if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() {
        return Some(Error::ConnectionTerminated);
    }
    if find::<h2::Error>(error).is_some_and(broke_off) {
        return Some(Error::ConnectionTerminated);
    }
    // HTTP/2's own errors: an `io::Error` inside is a connection that broke, anything else a peer that misbehaves.
    if io_kind(error).is_none() { Some(Error::HttpProtocolError) } else { None }
}

/// Whether the other side ended an HTTP/2 exchange for reasons of its own, as HTTP/1 does by closing. What it says about
/// our side (`PROTOCOL_ERROR` and the like), and what this side finds wrong, is no such thing.
fn broke_off(error: &h2::Error) -> bool {
    use h2::Reason;

    const ITS_OWN: [Reason; 5] =
        [Reason::NO_ERROR, Reason::INTERNAL_ERROR, Reason::REFUSED_STREAM, Reason::CANCEL, Reason::ENHANCE_YOUR_CALM];
    error.is_remote() && error.reason().is_some_and(|reason| ITS_OWN.contains(&reason))
}

/// Whether a kept connection was closed under the request, before any byte of an answer.
pub(super) fn is_stale(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};

    let ended = find::<hyper::Error>(error)
        .is_some_and(|hyper| hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled());
    ended
        || matches!(
            io_kind(error),
            Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
        )
}

fn resolve_error(failure: &ResolveError, destination: &Destination) -> Error {
    tracing::warn!(reason = %failure, "name not used");
    if let Some(proxy) = &destination.proxy {
        return not_sent(format_args!("the proxy {proxy} cannot be found: {failure}; check `http_proxy`"));
    }
    let reason = match failure {
        ResolveError::Prohibited { .. } => return Error::DestinationIpProhibited,
        ResolveError::Failed { error, .. } => error.to_string(),
        ResolveError::Empty { .. } => "it has no address".to_owned(),
    };
    Error::DnsError { rcode: Some(reason), info_code: None }
}

/// The tenant's requests are used up. Nothing was sent. The text is an agreement with the component: a code, a space,
/// whole seconds; it makes `rate-limited` with that code and `retry-after` of it.
pub(super) fn rate_refused(refused: &Refused, destination: &Destination) -> Error {
    let Refused { limit, seconds } = refused;
    tracing::info!(target = %destination.target, limit = limit.code(), seconds, "request held back");
    Error::InternalError(Some(format!("{} {seconds}", limit.code())))
}

/// No connection in time.
pub(super) fn connect_timeout(destination: &Destination) -> Error {
    match &destination.proxy {
        Some(proxy) => not_sent(format_args!(
            "the proxy {proxy} opened no way to {}:{} in time; check `http_proxy`",
            destination.target.host, destination.target.port
        )),
        None => Error::ConnectionTimeout,
    }
}

/// No answer in time to a plain-http request, which the proxy reads: it or the target is to blame.
pub(super) fn proxy_timeout(destination: &Destination) -> Error {
    let proxy = destination.proxy.as_ref().map(ToString::to_string).unwrap_or_default();
    Error::InternalError(Some(format!(
        "the proxy {proxy} gave no answer for {}:{} in time; check `http_proxy`",
        destination.target.host, destination.target.port
    )))
}

/// A plain-http request that the proxy itself answered with 407: it went no further.
pub(super) fn proxy_wants_authentication(destination: &Destination) -> Error {
    let proxy = destination.proxy.as_ref().map(ToString::to_string).unwrap_or_default();
    not_sent(format_args!(
        "the proxy {proxy} demands authentication, and passed nothing on; check `proxy_user` and `proxy_password`"
    ))
}

/// A guest that does not hand over its request's body.
pub(super) fn body_timeout() -> Error {
    not_sent("the component did not hand over the whole request in time")
}

/// No connection, though not for TLS's sake.
fn connect_error(error: &reqwest::Error, destination: &Destination) -> Error {
    let kind = io_kind(error);
    if let Some(proxy) = &destination.proxy {
        let text = match kind {
            Some(io::ErrorKind::ConnectionRefused) => {
                format!("the proxy {proxy} refused the connection; check `http_proxy`")
            }
            // What the tunnel says is of a private type: its words are passed on, not judged.
            _ => format!(
                "the proxy {proxy} opened no way to {}:{} ({}); check `http_proxy`, `proxy_user` and `proxy_password`",
                destination.target.host,
                destination.target.port,
                root_text(error)
            ),
        };
        return not_sent(text);
    }
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable) => {
            Error::DestinationUnavailable
        }
        // The TCP connection stood, since those are the ways it fails; so TLS was on its way.
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            if destination.target.scheme == Scheme::Https =>
        {
            let name = destination.name();
            not_sent(format_args!("{name} closed the connection during the TLS handshake; is it an https port?"))
        }
        _ => not_sent(format_args!("no connection to {}: {}", destination.name(), root_text(error))),
    }
}

fn alert(description: Option<AlertDescription>, text: String) -> Error {
    Error::TlsAlertReceived { alert_id: description.map(u8::from), alert_message: Some(text) }
}

fn tls_error(error: &rustls::Error, destination: &Destination) -> Error {
    let name = destination.name();
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_error(certificate, destination),
        rustls::Error::NoCertificatesPresented => {
            alert(Some(AlertDescription::NoCertificate), format!("{name} showed no certificate"))
        }
        rustls::Error::InvalidMessage(_) => alert(
            Some(AlertDescription::DecodeError),
            format!("what answers at {name} does not speak TLS; is it an https port?"),
        ),
        rustls::Error::PeerIncompatible(_) => alert(
            Some(AlertDescription::ProtocolVersion),
            format!("{name} has no TLS version or cipher in common with this client (TLS 1.2 and 1.3)"),
        ),
        rustls::Error::AlertReceived(description) => {
            let hint = match description {
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA => "; it may want a client certificate: see `client_cert`",
                AlertDescription::ProtocolVersion => "; it may accept only TLS versions older than 1.2",
                _ => "",
            };
            alert(Some(*description), format!("{name} refused the TLS handshake ({description:?}){hint}"))
        }
        other => alert(None, format!("TLS with {name} failed: {other}")),
    }
}

fn certificate_error(error: &CertificateError, destination: &Destination) -> Error {
    use CertificateError as E;

    let name = destination.name();
    match error {
        E::Expired | E::ExpiredContext { .. } => alert(
            Some(AlertDescription::CertificateExpired),
            format!("the certificate of {name} has expired; it must be renewed, unless this machine's clock is wrong"),
        ),
        E::NotValidYet | E::NotValidYetContext { .. } => alert(
            Some(AlertDescription::CertificateExpired),
            format!("the certificate of {name} is not valid yet; check this machine's clock"),
        ),
        E::NotValidForName => alert(
            Some(AlertDescription::BadCertificate),
            format!("the certificate of {name} is for another name; check the address"),
        ),
        E::NotValidForNameContext { expected, presented } => {
            let mut names =
                presented.iter().take(3).map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", ");
            if presented.len() > 3 {
                names.push_str(", …");
            }
            if names.is_empty() {
                names = "no name at all".to_owned();
            }
            alert(
                Some(AlertDescription::BadCertificate),
                format!(
                    "the certificate of {name} is for another name ({names}), not for {}; check the address",
                    expected.to_str()
                ),
            )
        }
        // A bad signature: its issuer has the name of one that is known here, and is another.
        E::UnknownIssuer | E::BadSignature => alert(
            Some(AlertDescription::UnknownCA),
            format!(
                "the certificate of {name} is not trusted: its issuer is unknown here; if this network inspects TLS, set \
                 `ca_file` to its authority's certificate"
            ),
        ),
        E::Revoked => alert(
            Some(AlertDescription::CertificateRevoked),
            format!("the certificate of {name} was revoked; do not trust it"),
        ),
        other => alert(
            Some(AlertDescription::BadCertificate),
            format!(
                "the certificate of {name} is not trusted ({}); if it is self-signed, it must be made as a server's, not \
                 as an authority's, and be in `ca_file`",
                rustls::Error::InvalidCertificate(other.clone())
            ),
        ),
    }
}

/// The WASI code of a stream's error: what `wasmtime` finds, or our own error type, which it does not look for.
pub(crate) fn error_code_of(error: &wasmtime::Error) -> Option<ErrorCode> {
    if let Some(code) = error.downcast_ref::<ErrorCode>() {
        return Some(code.clone());
    }
    // What `body` makes; anything else has no code of its own.
    Some(match error.downcast_ref::<Error>()? {
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::HttpResponseTimeout => ErrorCode::HttpResponseTimeout,
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        Error::HttpResponseBodySize(size) => ErrorCode::HttpResponseBodySize(*size),
        Error::HttpResponseTransferCoding(coding) => ErrorCode::HttpResponseTransferCoding(coding.clone()),
        Error::HttpResponseHeaderSectionSize(size) => ErrorCode::HttpResponseHeaderSectionSize(*size),
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::TlsAlertReceived { alert_id, alert_message } => ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id: *alert_id,
            alert_message: alert_message.clone(),
        }),
        Error::DnsError { rcode, info_code } => {
            ErrorCode::DnsError(DnsErrorPayload { rcode: rcode.clone(), info_code: *info_code })
        }
        other => ErrorCode::InternalError(Some(other.to_string())),
    })
}
