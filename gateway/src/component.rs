//! The way in and the way on, in WebAssembly: a request through waki, an action through the contract.

use waki::{ErrorCode, Method, Request as Incoming, Response, handler};

use crate::actions::Call;
use crate::answer::Answer;
use crate::body::{Broken, Source};
use crate::contract::{Failure, ResponseInfo, diagnostics};
use crate::request::Request;
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

#[handler]
fn handle(incoming: Incoming) -> Result<Response, ErrorCode> {
    let headers = incoming.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let request = Request {
        method: method(incoming.method()),
        path: incoming.path().to_owned(),
        authority: incoming.authority().as_ref().map(|authority| authority.as_str().to_owned()),
        headers: headers.collect(),
    };
    let variable = |name: &str| std::env::var(name).ok();
    let reply = router::serve(&request, &mut Body(&incoming), variable, &mut Composed);
    let mut response = Response::builder().status_code(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body).build()
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
