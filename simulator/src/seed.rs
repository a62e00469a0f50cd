//! A hunt in the middle: what a service holds that has been used for a while, so that a newcomer has something to look
//! at. Everything is made by requests, as a user would have made it.
//!
//! All dates but those of two old jobs are relative to the start; ids follow from the order of making, so they are the
//! same every time.

use std::io;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

use crate::account::Usage;
use crate::server::Call;
use crate::shared::Shared;
use crate::{EXAMPLE_RULES, EXAMPLE_URL_RULES, EXAMPLE_VT_RULES, livehunt, router};

/// When the two old jobs were created: fixed dates, since their ids have them.
const OLD_JOBS: [u64; 2] = [1_760_000_000, 1_760_003_600];
/// For how many hours the rulesets have been hunting.
const HOURS: u64 = 48;
/// How many samples came in each of them.
const SAMPLES_AN_HOUR: usize = 5;

const DROPPER_RULES: &str = r#"rule Dropper_Script
{
    strings:
        $dropper = "SIM-DROPPER"
    condition:
        $dropper
}
"#;

const BOT_RULES: &str = r#"rule Busybox_Bot : bot
{
    strings:
        $bot = "SIMBOT"
    condition:
        $bot and uint32(0) == 0x464C457F
}
"#;

/// Gives the first user rulesets that have found things and jobs that have ended, and lets the second one share.
pub(crate) fn plant(shared: &Shared) -> io::Result<()> {
    let [first, second, ..] = &shared.keys[..] else {
        return Err(io::Error::other("a hunt is shared by two users"));
    };
    let now = shared.options.start_time;
    let jobs = "intelligence/retrohunt_jobs";
    let rulesets = "intelligence/hunting_rulesets";

    for (date, corpus) in OLD_JOBS.into_iter().zip(["main", "goodware"]) {
        shared.clock.set(date);
        let attributes = json!({"rules": EXAMPLE_RULES, "corpus": corpus});
        post(shared, first, jobs, &object("retrohunt_job", &attributes))?;
    }

    shared.clock.set(now.saturating_sub(HOURS * 3_600));
    let own = [
        json!({"name": "loaders", "rules": EXAMPLE_RULES, "enabled": true, "limit": 500}),
        json!({"name": "bots", "rules": BOT_RULES, "enabled": false}),
        json!({"name": "login pages", "rules": EXAMPLE_URL_RULES, "enabled": true, "match_object_type": "url"}),
        // Matches more than its limit lets through, so it loses some.
        json!({"name": "flagged", "rules": EXAMPLE_VT_RULES, "enabled": true, "limit": 10}),
    ];
    for attributes in &own {
        post(shared, first, rulesets, &object("hunting_ruleset", attributes))?;
    }
    let theirs = json!({"name": "droppers", "rules": DROPPER_RULES, "enabled": true});
    let made = post(shared, second, rulesets, &object("hunting_ruleset", &theirs))?;
    let id = made["data"]["id"].as_str().unwrap_or_default();
    let editor = json!({"data": [{"type": "user", "id": crate::world::user_name(0)}]});
    post(shared, second, &format!("{rulesets}/{id}/relationships/editors"), &editor)?;

    for _ in 0..HOURS {
        shared.clock.advance(3_600);
        livehunt::advance_feed(shared, SAMPLES_AN_HOUR);
    }
    shared.clock.set(now);

    let mut world = shared.world();
    world.fed_until = Some(shared.clock.moment().uptime);
    for desk in &mut world.desks {
        // The month begins with everything that is allowed.
        desk.usage = Usage::default();
        desk.requests_by_day.clear();
    }
    Ok(())
}

fn object(kind: &str, attributes: &Value) -> Value {
    json!({"data": {"type": kind, "attributes": attributes}})
}

/// Sends a request past the listeners; answers what came.
fn post(shared: &Shared, key: &str, path: &str, body: &Value) -> io::Result<Value> {
    let mut headers = HeaderMap::new();
    headers.insert("x-apikey", HeaderValue::from_str(key).map_err(io::Error::other)?);
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let call = Call {
        method: Method::POST,
        path: format!("/api/v3/{path}"),
        query: String::new(),
        headers,
        body: Bytes::from(body.to_string()),
    };
    let reply = router::handle(&call, shared);
    if reply.status >= 300 {
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        return Err(io::Error::other(format!("POST {path} answered {}: {said}", reply.status)));
    }
    serde_json::from_slice(&reply.body).map_err(io::Error::other)
}
