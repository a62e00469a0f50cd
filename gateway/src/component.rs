//! The way in and the way on, in WebAssembly: a request through waki, an action through the contract.
//!
//! What waki does itself with a request that it cannot read, and with a client that is gone, is to break off. So the
//! request is handed to waki here, and the answer is written here.

use virustotal_hunting_gateway_head::{Problem, Reply, Request};
use waki::bindings::exports::wasi::http::incoming_handler::Guest;
use waki::bindings::wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use waki::bindings::wasi::io::streams::StreamError;
use waki::{Method, Request as Incoming};

use crate::actions::Call;
use crate::answer::Answer;
use crate::body::{Broken, Source};
use crate::contract::{Failure, ResponseInfo, diagnostics};
use crate::router::{self, Hunting};

/// The most bytes asked for at a time.
const CHUNK: u64 = 64 * 1024;

struct Body<'a>(&'a Incoming);

impl Source for Body<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        self.0.chunk(CHUNK).map_err(|_| Broken)
    }
}

/// The component that is composed in.
struct Composed;

impl Hunting for Composed {
    fn run(&mut self, call: Call) -> Result<Answer, Box<Failure>> {
        call.run()
    }

    fn last_response(&mut self) -> Option<ResponseInfo> {
        diagnostics::last_response()
    }
}

struct Gateway;

waki::bindings::export!(Gateway with_types_in waki::bindings);

impl Guest for Gateway {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        // What waki does not take is a host or a path that is none: the host of the gateway has let it through.
        let reply = match Incoming::try_from(request) {
            Ok(incoming) => answer(&incoming),
            Err(_) => Problem::request(400, "InvalidRequest", "The request's target or `host` is not one.").reply(),
        };
        send(reply, out);
    }
}

fn answer(incoming: &Incoming) -> Reply {
    let headers = incoming.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let request = Request {
        method: method(incoming.method()),
        path: incoming.path().to_owned(),
        authority: incoming.authority().as_ref().map(|authority| authority.as_str().to_owned()),
        headers: headers.collect(),
    };
    let variable = |name: &str| std::env::var(name).ok();
    router::serve(&request, &mut Body(incoming), variable, &mut Composed)
}

/// Sends the reply. A client that is gone needs none: nothing here fails because of that.
fn send(reply: Reply, out: ResponseOutparam) {
    // Where the host takes no such header, or no such status, it gets the reply without: it has the body all the same.
    let headers: Vec<_> =
        reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
    let response = OutgoingResponse::new(Fields::from_list(&headers).unwrap_or_else(|_| Fields::new()));
    let _ = response.set_status_code(reply.status);
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    if let Ok(body) = body
        && write(&body, &reply.body).is_ok()
    {
        let _ = OutgoingBody::finish(body, None);
    }
}

/// Writes as much at a time as the host takes.
fn write(body: &OutgoingBody, mut bytes: &[u8]) -> Result<(), StreamError> {
    let Ok(stream) = body.write() else { return Ok(()) };
    let ready = stream.subscribe();
    while !bytes.is_empty() {
        ready.block();
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.flush()?;
    ready.block();
    stream.check_write().map(drop)
}

fn method(method: Method) -> String {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(other) => return other,
    }
    .to_owned()
}
