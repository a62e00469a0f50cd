//! Which pages of other origins may use the gateway: none, but those that the settings name.

use crate::reply::Reply;
use crate::request::Request;

/// Lets the origin of the request read the reply, if it is one of those.
pub(crate) fn allow(reply: &mut Reply, request: &Request, origins: &[String]) {
    if origins.is_empty() {
        return;
    }
    reply.header("vary", "origin");
    let Some(origin) = request.header("origin").filter(|origin| origins.iter().any(|allowed| allowed == origin)) else {
        return;
    };
    reply.header("access-control-allow-origin", origin);
    reply.header("access-control-expose-headers", "retry-after");
    reply.header("cross-origin-resource-policy", "cross-origin");
    if request.method == "OPTIONS" && request.header("access-control-request-method").is_some() {
        reply.header("access-control-allow-methods", "GET, HEAD, POST");
        reply.header("access-control-allow-headers", "authorization, content-type");
        reply.header("access-control-max-age", "600");
    }
}
