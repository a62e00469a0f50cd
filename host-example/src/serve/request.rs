//! A request on its way in: read whole, within a size and a time, before it takes a place.
//!
//! So who sends slowly, or nothing, holds a connection and no instance; and the component sees requests that are whole.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::problem::Problem;

/// How much of what is too large is read and dropped, so that who sends it sees the answer and not a closed connection.
const DRAINED: usize = 8 << 20;

/// Reads the request's body: up to `most` bytes, which have to come within `patience`.
pub(super) async fn read(
    request: Request<Incoming>,
    most: usize,
    patience: Duration,
) -> Result<Request<Bytes>, Problem> {
    let (mut parts, body) = request.into_parts();
    if parts.uri.authority().is_none() && parts.headers.get(HOST).is_none_or(|host| host.to_str().is_err()) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "NoHost",
            "The request names no host: send the header `host`.",
        ));
    }
    let body = match tokio::time::timeout(patience, collect(body, most)).await {
        Ok(body) => body?,
        Err(_) => {
            let detail = format!("The body did not come within {} s. Send it faster.", patience.as_secs());
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "BodyTooSlow", detail));
        }
    };
    // How it came is the connection's business, and over: what the component reads is whole.
    parts.headers.remove(TRANSFER_ENCODING);
    parts.headers.remove(EXPECT);
    if !body.is_empty() || parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Ok(Request::from_parts(parts, body))
}

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, Problem> {
    let mut collected = BytesMut::new();
    let mut beyond = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "IncompleteBody", "The body ended before it was whole.")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if beyond == 0 && collected.len() + data.len() <= most {
            collected.extend_from_slice(&data);
            continue;
        }
        collected = BytesMut::new();
        beyond += data.len();
        if beyond > DRAINED {
            break;
        }
    }
    if beyond > 0 {
        let detail = format!("The body is larger than {most} bytes. The operator can raise GATEWAY_MAX_REQUEST_BYTES.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BodyTooLarge", detail));
    }
    Ok(collected.freeze())
}
