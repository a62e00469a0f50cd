//! What each path answers, once the head was judged; what is left to judge then is the body: size, JSON, arguments.

use virustotal_hunting_gateway_head::{self as head, Problem, Reply, Request, Route, Settings};

use crate::actions::{self, Call};
use crate::answer::Answer;
use crate::body::{self, Source};
use crate::contract::{Failure, ResponseInfo};
use crate::envelope;

const CATALOGUE: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.json"));
const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));
const PAGE: &str = include_str!("page.html");
const PAGE_POLICY: &str = include_str!(concat!(env!("OUT_DIR"), "/page_policy.txt"));

/// What runs the actions: the composed component, or a stand-in in tests.
pub trait Hunting {
    /// Runs one.
    fn run(&mut self, call: Call) -> Result<Answer, Box<Failure>>;
    /// The head of the answer to it.
    fn last_response(&mut self) -> Option<ResponseInfo>;
}

/// Answers a request. `variable` gives the settings.
pub fn serve(
    request: &Request,
    body: &mut dyn Source,
    variable: impl Fn(&str) -> Option<String>,
    hunting: &mut dyn Hunting,
) -> Reply {
    let settings = Settings::read(variable);
    let mut reply = answer(request, body, settings.as_ref(), hunting);
    head::finish(&mut reply, request, settings.as_ref());
    reply
}

fn answer(
    request: &Request,
    body: &mut dyn Source,
    settings: Result<&Settings, &Problem>,
    hunting: &mut dyn Hunting,
) -> Reply {
    let route = match head::judge(request, settings, |name| actions::NAMES.contains(&name)) {
        Ok(route) => route,
        Err(reply) => return reply,
    };
    match route {
        Route::Health => head::health(),
        Route::OpenApi => Reply::json(OPENAPI),
        Route::Page => {
            let mut reply = Reply::new(200, "text/html; charset=utf-8", PAGE);
            reply.header("content-security-policy", PAGE_POLICY);
            reply
        }
        Route::Catalogue => Reply::json(CATALOGUE),
        Route::Action(name) => {
            let limit = settings.map_or(0, |settings| settings.max_request_bytes);
            act(name, body, limit, hunting).unwrap_or_else(|problem| problem.reply())
        }
    }
}

fn act(name: &str, source: &mut dyn Source, limit: usize, hunting: &mut dyn Hunting) -> Result<Reply, Problem> {
    let body = body::read(source, limit)?;
    let call = actions::read_call(name, &body).ok_or_else(head::unknown_action)?.map_err(|unreadable| {
        if unreadable.is_json {
            let at = if unreadable.pointer.is_empty() { String::new() } else { format!(" at {}", unreadable.pointer) };
            Problem::request(422, "WrongArguments", format!("The arguments are wrong{at}: {}.", unreadable.what))
                .at(unreadable.pointer)
        } else {
            Problem::request(400, "NoJson", format!("The body is no JSON: {}.", unreadable.what))
        }
    })?;
    let answer = hunting.run(call).map_err(|failure| Problem::from(*failure))?;
    let response = hunting.last_response();
    envelope::envelope(response.as_ref(), answer)
        .map(Reply::json)
        .map_err(|_| Problem::gateway(502, "InvalidResponse", "VirusTotal's answer cannot be written as JSON again."))
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
