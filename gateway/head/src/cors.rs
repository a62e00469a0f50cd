//! Which pages of other origins may use the gateway: none, but those that the settings name.

use crate::request::Request;

/// The headers that let the origin of the request read the answer, if it is one of those.
pub fn headers(request: &Request, origins: &[String]) -> Vec<(&'static str, String)> {
    if origins.is_empty() {
        return Vec::new();
    }
    let mut headers = vec![("vary", "origin".to_owned())];
    let Some(origin) = request.header("origin").filter(|origin| origins.iter().any(|allowed| allowed == origin)) else {
        return headers;
    };
    headers.push(("access-control-allow-origin", origin.to_owned()));
    let mut allow = |name, value: &str| headers.push((name, value.to_owned()));
    allow("access-control-expose-headers", "retry-after");
    allow("cross-origin-resource-policy", "cross-origin");
    if request.method == "OPTIONS" && request.header("access-control-request-method").is_some() {
        allow("access-control-allow-methods", "GET, HEAD, POST");
        allow("access-control-allow-headers", "authorization, content-type");
        allow("access-control-max-age", "600");
    }
    headers
}
