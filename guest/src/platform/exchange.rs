//! One request and its whole answer over `wasi:http`, within a deadline and a cap.
//!
//! The order is deliberate throughout: the request is handed over before its body is written (some hosts start
//! reading only then), children are dropped before their parents (a host traps otherwise), and every wait is a poll
//! together with the deadline.

use super::deadline::Deadline;
use crate::api::answer::{Cause, Failure, Headers, Phase, Response};
use crate::api::error_code::{cause, cause_in_body};
use crate::api::json;
use crate::api::message::Message;
use crate::api::outcome::Outcome;
use crate::api::request::Method;
use crate::api::retry_after::header;
use alloc::vec::Vec;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use wasi::io::streams::{InputStream, StreamError};

/// How much is asked for at a time; a host gives what it has, up to this.
const READ_BYTES: u64 = 256 << 10;
/// The most that is set aside on the word of a `content-length`.
const MAX_TRUSTED_LENGTH: usize = 4 << 20;

/// Sends a message and reads its answer.
pub(super) fn exchange(message: &Message<'_>) -> Result<Response, Failure> {
    let deadline = Deadline::after(message.timeout_nanoseconds);
    let before_head = |cause| Failure { cause, head: None };
    let response = send(message, &deadline).map_err(before_head)?;
    let status = response.status();
    let headers = response.headers().entries();
    match read_body(&response, &headers, message.max_response_bytes, &deadline) {
        Ok(body) => Ok(Response { status, headers, body }),
        Err(cause) => Err(Failure { cause, head: Some((status, headers)) }),
    }
}

fn send(message: &Message<'_>, deadline: &Deadline) -> Result<IncomingResponse, Cause> {
    let request = OutgoingRequest::new(fields(message)?);
    let method = match message.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    };
    let scheme = if message.https { Scheme::Https } else { Scheme::Http };
    request.set_method(&method).map_err(|()| Cause::Unsendable("method"))?;
    request.set_scheme(Some(&scheme)).map_err(|()| Cause::Unsendable("scheme"))?;
    request.set_authority(Some(message.authority)).map_err(|()| Cause::Unsendable("host"))?;
    request.set_path_with_query(Some(&message.path_and_query)).map_err(|()| Cause::Unsendable("path"))?;
    // No body is no call at all: a host frames even an empty one.
    let body = match message.body {
        Some(bytes) => Some((request.body().map_err(|()| Cause::Unsendable("body"))?, bytes)),
        None => None,
    };
    let future = outgoing_handler::handle(request, Some(options(deadline, message.connect_nanoseconds)))
        .map_err(|code| cause(&code))?;
    let written = match body {
        Some((body, bytes)) => write_body(body, bytes, deadline),
        None => Ok(()),
    };
    // A server may answer before it has read everything, and then stop reading: its answer is the better news.
    match await_head(&future, deadline) {
        // Unless the host knows that nothing had left by then.
        Err(cause) if matches!(written, Err(Cause::Deadline(_))) && Outcome::of_cause(&cause) != Outcome::NotSent => {
            Err(Cause::Deadline(Phase::Answer))
        }
        head => head,
    }
}

/// The headers; one that a host does not let a guest set is left to the host.
fn fields(message: &Message<'_>) -> Result<Fields, Cause> {
    if let Ok(fields) = Fields::from_list(&message.headers) {
        return Ok(fields);
    }
    let fields = Fields::new();
    for (name, value) in &message.headers {
        if fields.append(name, value).is_err() && name == "x-apikey" {
            return Err(Cause::Unsendable("header `x-apikey`"));
        }
    }
    Ok(fields)
}

/// Asks the host to give up when we do, and on connecting before that; a host that knows no such option is bounded by our
/// own polls.
fn options(deadline: &Deadline, connect_nanoseconds: u64) -> RequestOptions {
    let options = RequestOptions::new();
    let remaining = Some(deadline.remaining());
    let _ = options.set_connect_timeout(Some(connect_nanoseconds));
    let _ = options.set_first_byte_timeout(remaining);
    let _ = options.set_between_bytes_timeout(remaining);
    options
}

fn write_body(body: OutgoingBody, mut bytes: &[u8], deadline: &Deadline) -> Result<(), Cause> {
    let stopped = || Cause::Connection { detail: "it stopped reading the request".into(), may_have_arrived: true };
    {
        let stream = body.write().map_err(|()| Cause::Unsendable("body"))?;
        let writable = stream.subscribe();
        while !bytes.is_empty() {
            // `blocking-write-and-flush` would trap above 4096 bytes: ask how much, then write that.
            let permitted = stream.check_write().map_err(|_| stopped())?;
            if permitted == 0 {
                if !deadline.wait_for(&writable) {
                    return Err(Cause::Deadline(Phase::Answer));
                }
                continue;
            }
            let now = usize::try_from(permitted).unwrap_or(usize::MAX).min(bytes.len());
            let (chunk, rest) = bytes.split_at_checked(now).unwrap_or((bytes, &[]));
            stream.write(chunk).map_err(|_| stopped())?;
            bytes = rest;
        }
        stream.flush().map_err(|_| stopped())?;
    }
    OutgoingBody::finish(body, None).map_err(|code| cause(&code))
}

fn await_head(future: &FutureIncomingResponse, deadline: &Deadline) -> Result<IncomingResponse, Cause> {
    let arrival = future.subscribe();
    loop {
        match future.get() {
            Some(Ok(Ok(response))) => return Ok(response),
            Some(Ok(Err(code))) => return Err(cause(&code)),
            Some(Err(())) => return Err(Cause::Protocol("the host gave its answer away".into())),
            None => {}
        }
        if !deadline.wait_for(&arrival) {
            return Err(Cause::Deadline(Phase::Answer));
        }
    }
}

fn read_body(
    response: &IncomingResponse,
    headers: &Headers,
    most: usize,
    deadline: &Deadline,
) -> Result<Vec<u8>, Cause> {
    let announced = json::number(header(headers, "content-length")).unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > most {
        return Err(Cause::TooLarge { most });
    }
    let body = response.consume().map_err(|()| Cause::Protocol("the host gave its body away".into()))?;
    let stream = body.stream().map_err(|()| Cause::Protocol("the host gave its body away".into()))?;
    let mut bytes = Vec::with_capacity(announced.min(MAX_TRUSTED_LENGTH));
    let read = read_to_end(&stream, &mut bytes, most, deadline);
    drop(stream);
    // Trailers mean nothing here; waiting for them could only cost.
    drop::<IncomingBody>(body);
    read.map(|()| bytes)
}

fn read_to_end(stream: &InputStream, bytes: &mut Vec<u8>, most: usize, deadline: &Deadline) -> Result<(), Cause> {
    let readable = stream.subscribe();
    loop {
        match stream.read(READ_BYTES) {
            Ok(chunk) if chunk.is_empty() => {
                if !deadline.wait_for(&readable) {
                    return Err(Cause::Deadline(Phase::Body));
                }
            }
            Ok(chunk) => {
                if bytes.len() + chunk.len() > most {
                    return Err(Cause::TooLarge { most });
                }
                if bytes.is_empty() && bytes.capacity() < chunk.len() {
                    *bytes = chunk;
                } else {
                    bytes.extend_from_slice(&chunk);
                }
                // A server that always has one more byte ready never makes us wait.
                if deadline.has_passed() {
                    return Err(Cause::Deadline(Phase::Body));
                }
            }
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(error)) => {
                let code: Option<ErrorCode> = http_error_code(&error);
                return Err(cause_in_body(code.as_ref(), bytes.len() as u64));
            }
        }
    }
}
