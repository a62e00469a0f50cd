//! The user's own account: allowances, usage, and the user object, which holds the key: what a client must redact.

use serde_json::{Value, json};

use crate::calendar;
use crate::envelope::{self, Item};
use crate::query::Query;
use crate::reply::{ApiError, Outcome, Reply};
use crate::router::Context;

/// What a user has used up in the hour, day and month now running.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    pub(crate) hourly: u64,
    pub(crate) daily: u64,
    pub(crate) monthly: u64,
    pub(crate) retrohunts: u64,
    hour: u64,
    day: u64,
    month: (i64, u32),
}

impl Usage {
    /// Starts counters over when their period is past. A clock that steps back gives nothing back.
    pub(crate) fn renew(&mut self, now: u64) {
        let (hour, day) = (now / 3_600, now / 86_400);
        let (year, month, _) = calendar::date_of(now);
        if self.hour < hour {
            (self.hour, self.hourly) = (hour, 0);
        }
        if self.day < day {
            (self.day, self.daily) = (day, 0);
        }
        if self.month < (year, month) {
            self.month = (year, month);
            (self.monthly, self.retrohunts) = (0, 0);
        }
    }
}

/// The part of a path that usage is counted by: `intelligence/retrohunt_jobs` for everything about jobs.
pub(crate) fn endpoint(path: &str) -> String {
    let mut segments = path.trim_start_matches("/api/v3/").split('/');
    match (segments.next(), segments.next()) {
        (Some("intelligence"), Some(next)) => format!("/api/v3/(intelligence/{next})"),
        (first, _) => format!("/api/v3/({})", first.unwrap_or_default()),
    }
}

/// `GET /users/{id or key}`
pub(crate) fn user(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    own_account(context, id)?;
    let quotas = quotas(context);
    let desk = &context.world.desks[context.desk];
    let attributes = json!({
        "apikey": desk.key, "email": format!("{}@hunting.example", desk.user), "first_name": "Night", "last_name": "Shift",
        "has_2fa": true, "last_login": context.now, "reputation": 1, "status": "active", "user_since": 1_500_000_000,
        "privileges": {"hunting": {"granted": true}, "retrohunt": {"granted": true}, "intelligence": {"granted": true}},
        "quotas": quotas,
    });
    Ok(envelope::object(&Item::object("user", &desk.user, "users", attributes)))
}

/// `GET /users/{id or key}/overall_quotas`
pub(crate) fn overall_quotas(context: &mut Context<'_>, id: &str) -> Outcome {
    Query::parse(&context.call.query, &[])?;
    own_account(context, id)?;
    Ok(Reply::json(&json!({ "data": quotas(context) })))
}

/// `GET /users/{id}/api_usage`
pub(crate) fn api_usage(context: &mut Context<'_>, id: &str) -> Outcome {
    let query = Query::parse(&context.call.query, &["start_date", "end_date"])?;
    own_account(context, id)?;
    let bound = |name: &str| -> Result<Option<String>, ApiError> {
        let Some(text) = query.get(name) else { return Ok(None) };
        let refuse = || ApiError::bad_request(format!("{name} \"{text}\" is not valid. Valid dates are like 20250131"));
        if text.len() != 8 || !text.is_ascii() {
            return Err(refuse());
        }
        let day = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
        calendar::parse(&day).map(|_| Some(day)).ok_or_else(refuse)
    };
    let (start, end) = (bound("start_date")?, bound("end_date")?);
    let desk = &context.world.desks[context.desk];
    let mut total = std::collections::BTreeMap::<&str, u64>::new();
    let mut daily = serde_json::Map::new();
    for (day, endpoints) in &desk.requests_by_day {
        if start.as_ref().is_some_and(|start| day < start) || end.as_ref().is_some_and(|end| day > end) {
            continue;
        }
        daily.insert(day.clone(), json!(endpoints));
        for (endpoint, count) in endpoints {
            *total.entry(endpoint).or_default() += count;
        }
    }
    Ok(Reply::json(&json!({"data": {"daily": daily, "total": total}})))
}

/// One's own account can be named by user name or by key; anybody else's is off limits.
fn own_account(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
    let names = |desk: &crate::world::Desk| desk.user == id || desk.key.eq_ignore_ascii_case(id);
    if names(&context.world.desks[context.desk]) {
        return Ok(());
    }
    if context.world.desks.iter().any(names) {
        Err(ApiError::forbidden())
    } else {
        Err(ApiError::not_found("User", id))
    }
}

fn quotas(context: &mut Context<'_>) -> Value {
    let options = &context.shared.options;
    let desk = &mut context.world.desks[context.desk];
    desk.usage.renew(context.now);
    let usage = &desk.usage;
    let rules = crate::livehunt::rules_used(&desk.rulesets);
    let requests = |allowed: u64, used: u64, group: u64| {
        json!({
            "user": {"allowed": allowed, "used": used},
            "group": {"allowed": group, "inherited_from": "company", "used": used * 3 + 45_000},
        })
    };
    json!({
        "api_requests_hourly": requests(options.hourly_request_quota, usage.hourly, 3_300_000),
        "api_requests_daily": requests(options.daily_request_quota, usage.daily, 99_000_000),
        "api_requests_monthly": requests(options.monthly_request_quota, usage.monthly, 2_000_000_000),
        "intelligence_hunting_rules": {"user": {"allowed": options.hunting_rules_quota, "used": rules}},
        "intelligence_retrohunt_jobs_monthly": {
            "user": {"allowed": options.monthly_retrohunt_quota, "used": usage.retrohunts},
        },
        // A user's 0 with a group beside it means the group's.
        "intelligence_downloads_monthly": {
            "user": {"allowed": 0, "used": 12}, "group": {"allowed": 600, "inherited_from": "company", "used": 612},
        },
    })
}
