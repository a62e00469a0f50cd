//! From method and path to the operation; the whole API on one page.

use http::Method;

use crate::clock::Moment;
use crate::query::decode;
use crate::reply::{ApiError, Outcome, Reply};
use crate::server::Call;
use crate::shared::Shared;
use crate::world::World;
use crate::{account, auth, body, crowdsourced, ioc_stream, livehunt, operations, retrohunt};

/// One request on its way through an operation, the world locked for it.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) call: &'a Call,
    pub(crate) shared: &'a Shared,
    pub(crate) world: &'a mut World,
    /// Whose request it is.
    pub(crate) desk: usize,
    /// The date.
    pub(crate) now: u64,
    /// The seconds since the start, which what takes a while goes by.
    pub(crate) uptime: u64,
}

/// Answers a request.
pub(crate) fn handle(call: &Call, shared: &Shared) -> Reply {
    answer(call, shared).unwrap_or_else(Reply::from)
}

fn answer(call: &Call, shared: &Shared) -> Outcome {
    let Some(path) = call.path.strip_prefix("/api/v3/") else {
        return Err(ApiError::of_status(404));
    };
    let segments = path.split('/').map(|segment| decode(segment, false)).collect::<Result<Vec<_>, _>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();

    let desk = auth::desk_of(call, shared)?;
    livehunt::catch_up(shared);
    let mut world = shared.world();
    auth::charge(&mut world, desk, call, shared)?;
    let Moment { now, uptime } = shared.clock.moment();
    ioc_stream::finish_deletion(&mut world.desks[desk], uptime);
    ioc_stream::expire(&mut world.desks[desk], now);
    if matches!(call.method, Method::GET | Method::DELETE) {
        body::none(call)?;
    }
    dispatch(&mut Context { call, shared, world: &mut world, desk, now, uptime }, &segments)
}

fn dispatch(context: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let method = context.call.method.as_str();
    match segments {
        ["intelligence", "hunting_rulesets"] => match method {
            "GET" => livehunt::list(context),
            "POST" => livehunt::create(context),
            "DELETE" => livehunt::delete_all(context),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id] => match method {
            "GET" => livehunt::get(context, id),
            "PATCH" => livehunt::patch(context, id),
            "DELETE" => livehunt::delete(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id, "relationships", "editors"] => match method {
            "GET" => livehunt::sharing::editors(context, id),
            "POST" => livehunt::sharing::add_editors(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id, "relationships", "editors", editor] => match method {
            "GET" => livehunt::sharing::check_editor(context, id, editor),
            "DELETE" => livehunt::sharing::remove_editor(context, id, editor),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id, "relationships", "owner"] => match method {
            "GET" => livehunt::sharing::owner(context, id),
            "POST" => livehunt::sharing::change_owner(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id, "hunting_notification_files"] => match method {
            "GET" => livehunt::notifications::files_of_ruleset(context, id, false),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_rulesets", id, "relationships", "hunting_notification_files"] => match method {
            "GET" => livehunt::notifications::files_of_ruleset(context, id, true),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_notifications"] => match method {
            "GET" => livehunt::notifications::list(context),
            "DELETE" => livehunt::notifications::delete_all(context),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_notifications", id] => match method {
            "GET" => livehunt::notifications::get(context, id),
            "DELETE" => livehunt::notifications::delete(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "hunting_notification_files"] => match method {
            "GET" => livehunt::notifications::files(context),
            _ => not_allowed(context),
        },
        ["intelligence", "retrohunt_jobs"] => match method {
            "GET" => retrohunt::list(context),
            "POST" => retrohunt::create(context),
            _ => not_allowed(context),
        },
        ["intelligence", "retrohunt_jobs", id] => match method {
            "GET" => retrohunt::get(context, id),
            "DELETE" => retrohunt::delete(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "retrohunt_jobs", id, "abort"] => match method {
            "POST" => retrohunt::abort(context, id),
            _ => not_allowed(context),
        },
        ["intelligence", "retrohunt_jobs", id, "matching_files"] => match method {
            "GET" => retrohunt::matching_files(context, id),
            _ => not_allowed(context),
        },
        ["ioc_stream"] => match method {
            "GET" => ioc_stream::list(context),
            "DELETE" => ioc_stream::delete_all(context),
            _ => not_allowed(context),
        },
        ["ioc_stream_notifications", id] => match method {
            "GET" => ioc_stream::get(context, id),
            "DELETE" => ioc_stream::delete(context, id),
            _ => not_allowed(context),
        },
        ["operations", id] if method == "GET" => operations::get(context, id),
        ["users", id] if method == "GET" => account::user(context, id),
        ["users", id, "overall_quotas"] if method == "GET" => account::overall_quotas(context, id),
        ["users", id, "api_usage"] if method == "GET" => account::api_usage(context, id),
        ["yara_rules"] if method == "GET" => crowdsourced::list(context),
        ["yara_rules", id] if method == "GET" => crowdsourced::get(context, id),
        ["operations" | "users" | "yara_rules", _] | ["users", _, "overall_quotas" | "api_usage"] | ["yara_rules"] => {
            not_allowed(context)
        }
        _ => Err(ApiError::of_status(404)),
    }
}

fn not_allowed(context: &Context<'_>) -> Outcome {
    let message = format!("Method {} is not allowed for this endpoint", context.call.method);
    Err(ApiError::new(405, "BadRequestError", message))
}
