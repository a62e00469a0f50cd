//! What each path answers, and in which order a request is judged: path, method, token, media type, size, JSON, arguments.

use crate::access;
use crate::actions::{self, Call};
use crate::answer::Answer;
use crate::body::{self, Source};
use crate::contract::{Failure, ResponseInfo};
use crate::cors;
use crate::envelope;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Request;
use crate::settings::Settings;

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

/// Where a path leads.
enum Route<'a> {
    Page,
    Health,
    OpenApi,
    Actions,
    Action(&'a str),
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        Some(match path {
            "/" => Self::Page,
            "/healthz" => Self::Health,
            "/openapi.json" => Self::OpenApi,
            "/v1/actions" => Self::Actions,
            _ => Self::Action(path.strip_prefix("/v1/actions/").filter(|rest| !rest.is_empty())?),
        })
    }

    /// For `allow`.
    fn methods(&self) -> &'static str {
        if matches!(self, Self::Action(_)) { "OPTIONS, POST" } else { "GET, HEAD, OPTIONS" }
    }
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
    if let Ok(settings) = &settings {
        cors::allow(&mut reply, request, &settings.cors_origins);
    }
    if request.method == "HEAD" {
        reply.body.clear();
    }
    reply
}

fn answer(
    request: &Request,
    body: &mut dyn Source,
    settings: Result<&Settings, &Problem>,
    hunting: &mut dyn Hunting,
) -> Reply {
    let Some(route) = Route::of(&request.path) else {
        return Problem::request(404, "UnknownPath", "There is nothing here. `GET /openapi.json` lists what there is.")
            .reply();
    };
    let methods = route.methods();
    if request.method == "OPTIONS" {
        let mut reply = Reply::empty(204);
        reply.header("allow", methods);
        return reply;
    }
    if !methods.split(", ").any(|method| method == request.method) {
        let mut reply = Problem::request(405, "MethodNotAllowed", format!("Here go only {methods}.")).reply();
        reply.header("allow", methods);
        return reply;
    }
    match (route, settings) {
        (Route::Health, _) => Reply::json("{\"status\":\"ok\"}"),
        (Route::OpenApi, _) => Reply::json(OPENAPI),
        (Route::Page, _) => {
            let mut reply = Reply::new(200, "text/html; charset=utf-8", PAGE);
            reply.header("content-security-policy", PAGE_POLICY);
            reply
        }
        (_, Err(problem)) => problem.reply(),
        (route, Ok(settings)) => {
            if let Some(refusal) = access::refusal(request, settings) {
                return refusal;
            }
            match route {
                Route::Action(name) => {
                    act(name, request, body, settings, hunting).unwrap_or_else(|problem| problem.reply())
                }
                _ => Reply::json(CATALOGUE),
            }
        }
    }
}

fn act(
    name: &str,
    request: &Request,
    source: &mut dyn Source,
    settings: &Settings,
    hunting: &mut dyn Hunting,
) -> Result<Reply, Problem> {
    if !actions::NAMES.contains(&name) {
        return Err(unknown());
    }
    let body = body::read(request, source, settings.max_request_bytes)?;
    let call = actions::read_call(name, &body).ok_or_else(unknown)?.map_err(|unreadable| {
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

fn unknown() -> Problem {
    Problem::request(404, "UnknownAction", "There is no such action. `GET /v1/actions` lists those there are.")
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
