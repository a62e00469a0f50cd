//! The user's own account: quotas and usage. These answers are no objects of the API but maps of names.

use crate::api::answer::Answer;
use crate::api::envelope::{Object, object, unusable};
use crate::api::json::{self, Raw};
use crate::api::request::{Method, Parameter, Request};
use crate::api::scan::Cursor;
use crate::api::{Action, input, redaction};
use crate::contract::Failed;
use crate::contract::account::{
    AccountQuotas, AccountUsage, DailyUsage, EndpointUsage, Quota, UsageQuery, UserAccount,
};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The most entries read of one map.
const MAX_ENTRIES: usize = 10_000;

/// Get a User.
pub fn get_account(user: String) -> Result<Action<UserAccount>, Failed> {
    Ok(Action { request: about(&user, &[])?, decode: |answer| object(answer, account) })
}

/// Get a User's quotas.
pub fn get_quotas(user: String) -> Result<Action<AccountQuotas>, Failed> {
    Ok(Action { request: about(&user, &["overall_quotas"])?, decode: quotas })
}

/// Get a User's API usage.
pub fn get_usage(user: String, query: UsageQuery) -> Result<Action<AccountUsage>, Failed> {
    let parameters = [Parameter::Text("start_date", &query.start_date), Parameter::Text("end_date", &query.end_date)];
    let request = about(&user, &["api_usage"])?.query(&parameters)?;
    Ok(Action { request, decode: usage })
}

fn about(user: &str, what: &[&str]) -> Result<Request, Failed> {
    Ok(Request::new(Method::Get, &[&["users", input::user("user", user)?], what].concat()))
}

fn account(object: Object<'_>) -> UserAccount {
    let [first_name, last_name, status, user_since, privileges] =
        object.attributes(["first_name", "last_name", "status", "user_since", "privileges"]);
    let granted = |(name, privilege): (String, &str)| {
        let mut found = [None];
        json::fields(privilege, &["granted"], &mut found);
        let [granted] = found;
        (json::boolean(granted) == Some(true)).then_some(name)
    };
    UserAccount {
        id: object.id,
        first_name: json::text(first_name),
        last_name: json::text(last_name),
        status: json::text(status),
        user_since: json::number(user_since),
        privileges: entries(privileges).into_iter().filter_map(granted).collect(),
        self_link: object.self_link,
        json: redaction::without_secrets(object.json),
    }
}

fn quotas(answer: &Answer) -> Result<AccountQuotas, Failed> {
    let data = data(answer)?;
    Ok(AccountQuotas {
        quotas: entries(Some(data)).into_iter().map(quota).collect(),
        json: String::from(answer.body.trim_ascii()),
    })
}

fn quota((name, raw): (String, &str)) -> Quota {
    let mut found = [None; 2];
    json::fields(raw, &["user", "group"], &mut found);
    let [user, group] = found.map(|allowance| {
        let mut found = [None; 3];
        json::fields(allowance.unwrap_or_default(), &["allowed", "used", "inherited_from"], &mut found);
        found
    });
    let [user_allowed, user_used, _] = user;
    let [group_allowed, group_used, inherited_from] = group;
    let (user_allowed, user_used) = (json::number(user_allowed), json::number(user_used));
    let (group_allowed, group_used) = (json::number(group_allowed), json::number(group_used));
    // A user's 0 with a group beside it means the group's.
    let (allowed, used) = match (user_allowed, group_allowed) {
        (None | Some(0), Some(group)) => (Some(group), group_used),
        _ => (user_allowed, user_used),
    };
    Quota {
        name,
        user_allowed,
        user_used,
        group_allowed,
        group_used,
        inherited_from: json::text(inherited_from),
        remaining: allowed.map(|allowed| allowed.saturating_sub(used.unwrap_or(0))),
    }
}

fn usage(answer: &Answer) -> Result<AccountUsage, Failed> {
    let mut found = [None; 2];
    json::fields(data(answer)?, &["daily", "total"], &mut found);
    let [daily, total] = found;
    let day = |(date, raw): (String, &str)| DailyUsage { date, endpoints: endpoints(Some(raw)) };
    Ok(AccountUsage {
        daily: entries(daily).into_iter().map(day).collect(),
        total: endpoints(total),
        json: String::from(answer.body.trim_ascii()),
    })
}

fn endpoints(raw: Raw<'_>) -> Vec<EndpointUsage> {
    let usage = |(endpoint, count): (String, &str)| {
        json::number(Some(count)).map(|requests| EndpointUsage { endpoint, requests })
    };
    entries(raw).into_iter().filter_map(usage).collect()
}

/// The object under `data`.
fn data(answer: &Answer) -> Result<&str, Failed> {
    let mut found = [None];
    let is_json = json::fields(answer.body.trim_ascii(), &["data"], &mut found);
    let [data] = found;
    data.filter(|data| is_json && data.starts_with('{')).ok_or_else(|| unusable(answer))
}

/// The entries of a map, in order; none of what is not a map. Of several with one name the last counts, in the place of the
/// first.
fn entries(raw: Raw<'_>) -> Vec<(String, &str)> {
    let mut entries = Vec::new();
    let mut places = BTreeMap::new();
    Cursor::new(raw.unwrap_or_default()).object(&mut |key, cursor| {
        let value = cursor.value()?;
        let Some(name) = json::key(key) else { return Some(()) };
        if let Some((_, known)) = places.get(&name).and_then(|place: &usize| entries.get_mut(*place)) {
            *known = value;
        } else if entries.len() < MAX_ENTRIES {
            places.insert(name.clone(), entries.len());
            entries.push((name, value));
        }
        Some(())
    });
    entries
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
