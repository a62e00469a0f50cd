//! What this host itself answers, in the form that the gateway's own answers have.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use virustotal_hunting_gateway_head::Reply;

/// A reply as an HTTP response.
pub(super) fn response(reply: Reply) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        // All of them are made from constants, numbers and origins that were checked.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
