//! Listeners and connections: from a socket to a [`Call`], and from a [`Reply`] back to bytes.
//!
//! HTTP/1.1 and HTTP/2 on both ports; over TLS the client chooses by ALPN.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::calendar;
use crate::compression;
use crate::faults::FaultAction;
use crate::record::RecordedRequest;
use crate::reply::{ApiError, Reply};
use crate::shared::Shared;
use crate::wire::{ReplyBody, ResetFlag, Wire};
use crate::{control, router};

/// No request of this API comes near this; a ruleset may be 1 MB.
const BODY_LIMIT: usize = 8 << 20;

/// A request, read whole. Path and query are as they were sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Accepts connections until the runtime ends.
pub(crate) async fn listen(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: spinning would not help.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let reset = ResetFlag::default();
        let wire = Wire::new(stream, reset.clone());
        let (shared, tls) = (shared.clone(), tls.clone());
        let open = shared.open.clone();
        tokio::spawn(async move {
            let _open = open;
            match tls {
                None => converse(wire, shared, reset).await,
                // A client that does not trust us hangs up here; that is its right.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(wire).await {
                        converse(stream, shared, reset).await;
                    }
                }
            }
        });
    }
}

async fn converse<S>(stream: S, shared: Arc<Shared>, reset: ResetFlag)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| exchange(request, shared.clone(), reset.clone()));
    // How a connection ends is the client's business: there is nobody here to tell.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    reset: ResetFlag,
) -> Result<Response<ReplyBody>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let reply = ApiError::new(413, "BadRequestError", "Request entity too large").into();
            return Ok(respond(&reply, None, shared.clock.now()));
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    let call = Arc::new(Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    });
    if shared.options.control && call.path.starts_with("/_simulator/") {
        let reply = work(&call, &shared, control::handle).await;
        return Ok(respond(&reply, None, shared.clock.now()));
    }

    shared.clock.advance(shared.options.seconds_per_request);
    let (delay, action) = shared.faults.take(&call.method, &call.path, &call.query, call.header("x-apikey"));
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let record = |status| shared.recorder.push(recorded(&call, status));
    match action {
        Some(FaultAction::Stall) => {
            record(0);
            std::future::pending::<Infallible>().await;
        }
        Some(FaultAction::Reset) => {
            record(0);
            reset.store(true, Ordering::SeqCst);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some(FaultAction::ResetAfter) => {
            work(&call, &shared, router::handle).await;
            record(0);
            reset.store(true, Ordering::SeqCst);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        _ => {}
    }
    let reply = match action.as_ref().and_then(instead) {
        Some(reply) => reply,
        None => work(&call, &shared, router::handle).await,
    };
    let reply = match action {
        Some(FaultAction::Ungzipped) => reply,
        _ => compression::apply(reply, &call.headers, &shared.gzipped),
    };
    record(reply.status);
    Ok(respond(&reply, action.as_ref(), shared.clock.now()))
}

/// Runs an operation. What can compile or scan rules goes to a thread that may block.
async fn work(call: &Arc<Call>, shared: &Arc<Shared>, operation: fn(&Call, &Shared) -> Reply) -> Reply {
    if call.method == Method::GET {
        return operation(call, shared);
    }
    let (call, shared) = (call.clone(), shared.clone());
    let outcome = tokio::task::spawn_blocking(move || operation(&call, &shared)).await;
    outcome.unwrap_or_else(|_| ApiError::of_status(500).into())
}

/// The reply that a fault puts in place of the work, if it does.
fn instead(action: &FaultAction) -> Option<Reply> {
    let json = |body: String| Reply { compressible: false, ..Reply::json_text(body) };
    Some(match action {
        FaultAction::Status { code, body, headers } => {
            let mut reply = match body {
                Some(body) => json(body.clone()).with_status(*code),
                None => ApiError::of_status(*code).into(),
            };
            override_headers(&mut reply, headers);
            reply
        }
        FaultAction::Garbage(bytes) => Reply { body: bytes.clone().into(), ..json(String::new()) },
        FaultAction::Quota => ApiError::quota().into(),
        FaultAction::RateLimit { retry_after } => {
            let mut reply = Reply::from(ApiError::of_status(429));
            reply.headers.extend(retry_after.iter().map(|value| ("retry-after".into(), value.clone())));
            reply
        }
        FaultAction::HtmlEdge => {
            let mut reply = json("<title>429</title>429 Too Many Requests".into()).with_status(429);
            override_headers(&mut reply, &[("content-type".into(), "text/html; charset=UTF-8".into())]);
            reply
        }
        FaultAction::Respond { status, headers, body } => {
            let mut reply = Reply { body: body.clone().into(), ..json(String::new()).with_status(*status) };
            override_headers(&mut reply, headers);
            reply
        }
        _ => return None,
    })
}

/// Adds headers; one that is given replaces our own of the same name.
fn override_headers(reply: &mut Reply, headers: &[(String, String)]) {
    reply.headers.retain(|(ours, _)| !headers.iter().any(|(theirs, _)| theirs.eq_ignore_ascii_case(ours)));
    reply.headers.extend_from_slice(headers);
}

fn respond(reply: &Reply, action: Option<&FaultAction>, now: u64) -> Response<ReplyBody> {
    let mut response = Response::builder().status(reply.status).header("server", "Google Frontend");
    // The HTTP library would write the real time, which is not the one that this service lives in.
    if !reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
        response = response.header("date", calendar::http_date(now));
    }
    for (name, value) in &reply.headers {
        response = response.header(name.as_str(), value.as_bytes());
    }
    let full = reply.body.clone();
    let body = match action {
        Some(FaultAction::Truncate(bytes)) if *bytes < full.len() => {
            response = response.header("content-length", full.len());
            ReplyBody::cut(full.slice(..*bytes))
        }
        Some(FaultAction::Drip { bytes, every }) => ReplyBody::dripping(full, *bytes, *every),
        _ => ReplyBody::whole(full),
    };
    response.body(body).unwrap_or_else(|_| {
        // Only a fault can name an impossible status or header; say so rather than answer something else.
        let text = "the fault names a status or header that HTTP does not allow";
        let mut response = Response::new(ReplyBody::whole(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

fn recorded(call: &Call, status: u16) -> RecordedRequest {
    RecordedRequest {
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: call.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
        body: call.body.to_vec(),
        status,
    }
}
