//! In which order a request is judged, before its body is read: host, path, method, token, action, media type, size.

use crate::access;
use crate::cors;
use crate::host;
use crate::media;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Request;
use crate::settings::Settings;

/// Where a request leads that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The page to try the actions with.
    Page,
    /// Whether the gateway answers at all.
    Health,
    /// The OpenAPI document.
    OpenApi,
    /// The list of actions. The request has the token.
    Catalogue,
    /// The action of this name. The request has the token, and its body is worth reading.
    Action(&'a str),
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        Some(match path {
            "/" => Self::Page,
            "/healthz" => Self::Health,
            "/openapi.json" => Self::OpenApi,
            "/v1/actions" => Self::Catalogue,
            _ => Self::Action(path.strip_prefix("/v1/actions/").filter(|rest| !rest.is_empty())?),
        })
    }

    /// For `allow`.
    fn methods(&self) -> &'static str {
        if matches!(self, Self::Action(_)) { "OPTIONS, POST" } else { "GET, HEAD, OPTIONS" }
    }

    /// Whether everyone may have it, whatever the settings are.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Page | Self::Health | Self::OpenApi)
    }
}

/// Judges a request by its head. `is_action` knows the actions by their names.
///
/// # Errors
///
/// The answer, where the head is enough for one: a refusal, or the methods that there are.
pub fn judge<'a>(
    request: &'a Request,
    settings: Result<&Settings, &Problem>,
    is_action: impl Fn(&str) -> bool,
) -> Result<Route<'a>, Reply> {
    let host = host::name(request).map_err(|problem| problem.reply())?;
    let Some(route) = Route::of(&request.path) else {
        let detail = "There is nothing here. `GET /openapi.json` lists what there is.";
        return Err(Problem::request(404, "UnknownPath", detail).reply());
    };
    let methods = route.methods();
    if request.method == "OPTIONS" {
        let mut reply = Reply::empty(204);
        reply.header("allow", methods);
        return Err(reply);
    }
    if !methods.split(", ").any(|method| method == request.method) {
        let mut reply = Problem::request(405, "MethodNotAllowed", format!("Here go only {methods}.")).reply();
        reply.header("allow", methods);
        return Err(reply);
    }
    if route.is_open() {
        return Ok(route);
    }
    let settings = settings.map_err(Problem::reply)?;
    if let Some(refusal) = access::refusal(request, host.as_deref(), settings) {
        return Err(refusal);
    }
    if let Route::Action(name) = route {
        if !is_action(name) {
            return Err(unknown_action().reply());
        }
        media::accepted(request, settings.max_request_bytes).map_err(|problem| problem.reply())?;
    }
    Ok(route)
}

/// The refusal of an action that there is not.
pub fn unknown_action() -> Problem {
    Problem::request(404, "UnknownAction", "There is no such action. `GET /v1/actions` lists those there are.")
}

/// The answer of [`Route::Health`].
pub fn health() -> Reply {
    Reply::json("{\"status\":\"ok\"}")
}

/// What every answer gets, wherever it is made: leave for the origins that may read it, and no body to `HEAD`.
pub fn finish(reply: &mut Reply, request: &Request, settings: Result<&Settings, &Problem>) {
    if let Ok(settings) = settings {
        for (name, value) in cors::headers(request, &settings.cors_origins) {
            reply.header(name, value);
        }
    }
    if request.method == "HEAD" {
        reply.body.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn settings() -> Settings {
        Settings::read(|name| (name == "GATEWAY_TOKEN").then(|| TOKEN.to_owned())).expect("good settings")
    }

    fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        Request { method: method.to_owned(), path: path.to_owned(), authority: None, headers }
    }

    /// What it comes to: a route, or a status and a code.
    fn judged(request: &Request) -> Result<String, (u16, String)> {
        let settings = settings();
        judge(request, Ok(&settings), |name| name == "act").map(|route| format!("{route:?}")).map_err(|reply| {
            let document: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            (reply.status, document["code"].as_str().unwrap_or_default().to_owned())
        })
    }

    #[test]
    fn each_fault_is_found_before_the_ones_after_it() {
        // Everything is wrong with the first; each one after that has one fault less.
        let (token, json) = (("authorization", "Bearer 0123456789abcdef"), ("content-type", "application/json"));
        let (host, long, short) = (("host", "a"), ("content-length", "2097153"), ("content-length", "2097152"));
        for (method, path, headers, status, code) in [
            ("GET", "/v2", &[("host", "a b"), long][..], 400, "InvalidHost"),
            ("GET", "/v2", &[host, long], 404, "UnknownPath"),
            ("GET", "/v1/actions/none", &[host, long], 405, "MethodNotAllowed"),
            ("POST", "/v1/actions/none", &[host, long], 401, "TokenRequired"),
            ("POST", "/v1/actions/none", &[host, token, long], 404, "UnknownAction"),
            ("POST", "/v1/actions/act", &[host, token, long], 415, "UnsupportedMediaType"),
            ("POST", "/v1/actions/act", &[host, token, json, long], 413, "BodyTooLarge"),
        ] {
            assert_eq!(
                judged(&request(method, path, headers)),
                Err((status, code.to_owned())),
                "{method} {path} {headers:?}"
            );
        }
        let good = request("POST", "/v1/actions/act", &[host, token, json, short]);
        assert_eq!(judged(&good).as_deref(), Ok("Action(\"act\")"));
    }

    #[test]
    fn what_is_open_needs_neither_a_token_nor_settings() {
        let broken = Problem::gateway(500, "InvalidGatewaySetting", "It is wrong.");
        for (path, route) in [("/", Route::Page), ("/healthz", Route::Health), ("/openapi.json", Route::OpenApi)] {
            for method in ["GET", "HEAD"] {
                assert_eq!(judge(&request(method, path, &[]), Err(&broken), |_| true).ok(), Some(route));
            }
        }
        let catalogue = request("GET", "/v1/actions", &[]);
        let refused = judge(&catalogue, Err(&broken), |_| true);
        assert_eq!(refused.expect_err("broken settings").status, 500);
    }
}
