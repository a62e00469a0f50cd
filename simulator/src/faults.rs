//! Faults on demand: what VirusTotal, its edge and the network do on a bad day, at the moment a test chooses.
//!
//! A fault is a condition (method, path, query, key, how many requests to skip, how often) and an action. The first fault whose
//! condition holds acts; only a delay lets the next one act as well. In JSON (the `--faults` option, the control API):
//!
//! ```json
//! [{"method": "GET", "path": "/api/v3/ioc_stream", "times": 2, "action": "quota"},
//!  {"path": "/api/v3/intelligence/*/abort", "after": 1, "action": {"delay": 250}},
//!  {"path": "/api/v3/ioc_stream", "query": "cursor=", "action": {"status": {"code": 503}}},
//!  {"action": {"respond": {"status": 200, "body": {"data": []}}}}]
//! ```
//!
//! Durations are milliseconds; a body is text, a list of byte values, or a JSON object sent as JSON.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

mod action;
mod json;

pub use action::FaultAction;

/// One fault: when it acts, and what it does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only requests of this method; `None` is any.
    #[serde(default, with = "json::method", skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Only raw paths that begin with this; with a `*` in it, paths that match it whole. `None` is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only requests whose raw query contains this: `cursor=` is every page but the first. `None` is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Only requests with this API key, so that one user among many has a bad day; `None` is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How many requests it acts on; `None` is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub after: u32,
    /// What happens.
    pub action: FaultAction,
}

impl Fault {
    /// A fault that acts on every request until it is cleared.
    pub fn new(action: FaultAction) -> Self {
        Self { method: None, path: None, query: None, key: None, times: None, after: 0, action }
    }

    /// Narrows the fault to one method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Narrows the fault to a path prefix, or with a `*` to a pattern for the whole path.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Narrows the fault to raw queries that contain this.
    #[must_use]
    pub fn query(mut self, part: impl Into<String>) -> Self {
        self.query = Some(part.into());
        self
    }

    /// Narrows the fault to the user with this API key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Limits how many requests it acts on.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets that many matching requests pass first.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    fn concerns(&self, method: &Method, path: &str, query: &str, key: Option<&str>) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|wanted| path_matches(wanted, path))
            && self.query.as_deref().is_none_or(|wanted| query.contains(wanted))
            && self.key.as_deref().is_none_or(|wanted| key.is_some_and(|key| wanted.eq_ignore_ascii_case(key)))
    }
}

impl From<FaultAction> for Fault {
    fn from(action: FaultAction) -> Self {
        Self::new(action)
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Puts a fault in force, behind those already there.
    pub fn add(&self, fault: impl Into<Fault>) {
        self.list().push(fault.into());
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.list().clear();
    }

    /// The faults still in force, with their counters as they stand.
    pub fn active(&self) -> Vec<Fault> {
        self.list().clone()
    }

    /// Reads faults from JSON: one fault or a list of them.
    ///
    /// # Errors
    /// A text that says where the JSON is wrong, or which field is unknown.
    pub fn parse(text: &str) -> Result<Vec<Fault>, String> {
        let one_or_many: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("faults are not JSON: {error}"))?;
        let list = match one_or_many {
            serde_json::Value::Array(items) => items,
            one => vec![one],
        };
        let read = |item| serde_json::from_value(item).map_err(|error| format!("not a fault: {error}"));
        list.into_iter().map(read).collect()
    }

    /// What is to happen to this request: an added delay, and at most one action. Counts the fault as used.
    pub(crate) fn take(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        key: Option<&str>,
    ) -> (Duration, Option<FaultAction>) {
        let mut list = self.list();
        let mut delay = Duration::ZERO;
        let mut action = None;
        for fault in list.iter_mut().filter(|fault| fault.concerns(method, path, query, key)) {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            match &mut fault.times {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            if let FaultAction::Delay(more) = fault.action {
                delay += more;
            } else {
                action = Some(fault.action.clone());
                break;
            }
        }
        list.retain(|fault| fault.times != Some(0));
        (delay, action)
    }

    fn list(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A prefix, or with `*` (any run of characters, slashes too) a pattern for the whole path.
fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let head = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(head) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return true;
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_without_a_star_is_a_prefix_and_with_one_a_whole_pattern() {
        assert!(path_matches("/api/v3/ioc", "/api/v3/ioc_stream"));
        assert!(path_matches("/api/*/abort", "/api/v3/intelligence/retrohunt_jobs/x-1/abort"));
        assert!(!path_matches("/api/*/abort", "/api/v3/intelligence/retrohunt_jobs/x-1/abort/more"));
        assert!(!path_matches("/other", "/api"));
    }

    #[test]
    fn a_fault_skips_then_acts_then_ends() {
        let faults = Faults::default();
        faults.add(Fault::new(FaultAction::Quota).after(1).times(1));
        let act = || faults.take(&Method::GET, "/x", "", None).1.is_some();
        assert_eq!((act(), act(), act()), (false, true, false));
        assert!(faults.active().is_empty());
    }

    #[test]
    fn a_fault_with_a_key_leaves_other_users_alone() {
        let faults = Faults::default();
        faults.add(Fault::new(FaultAction::Quota).key("ab"));
        let acts = |key| faults.take(&Method::GET, "/x", "", key).1.is_some();
        assert_eq!((acts(Some("AB")), acts(Some("cd")), acts(None)), (true, false, false));
    }

    #[test]
    fn a_fault_with_a_query_acts_where_the_query_contains_it() {
        let faults = Faults::default();
        faults.add(Fault::new(FaultAction::Quota).query("cursor="));
        let acts = |query| faults.take(&Method::GET, "/x", query, None).1.is_some();
        assert_eq!((acts("limit=5&cursor=ab"), acts("limit=5"), acts("")), (true, false, false));
    }

    #[test]
    fn a_delay_lets_the_next_fault_act_too() {
        let faults = Faults::default();
        faults.add(FaultAction::Delay(Duration::from_millis(5)));
        faults.add(FaultAction::HtmlEdge);
        let (delay, action) = faults.take(&Method::GET, "/x", "", None);
        assert_eq!(delay, Duration::from_millis(5));
        assert!(matches!(action, Some(FaultAction::HtmlEdge)));
    }

    #[test]
    fn faults_read_from_json_in_every_form() {
        let text = r#"[
            {"method":"GET","path":"/a","query":"cursor=","times":2,"action":"quota"},
            {"action":{"delay":250}},
            {"action":{"status":{"code":503}}},
            {"action":{"rate_limit":{"retry_after":"3"}}},
            {"action":{"truncate":10}},
            {"action":{"garbage":"<<<"}},
            {"action":{"garbage":[31,139,0]}},
            {"action":{"respond":{"status":200,"headers":[["x-a","b"]],"body":{"data":[]}}}},
            {"action":"html_edge"},{"action":"reset"},{"action":"reset_after"},{"action":"ungzipped"},{"action":"stall"},
            {"action":{"drip":{"bytes":1,"every":10}}}
        ]"#;
        let faults = Faults::parse(text).expect("all forms are valid");
        assert_eq!(faults.len(), 14);
        assert!(matches!(&faults[6].action, FaultAction::Garbage(bytes) if bytes[..] == [31, 139, 0]));
        assert!(matches!(&faults[7].action, FaultAction::Respond { body, .. } if body == br#"{"data":[]}"#));
        let again = serde_json::to_string(&faults).expect("faults serialise");
        assert_eq!(Faults::parse(&again).expect("and read back").len(), 14);
    }

    #[test]
    fn an_unknown_field_in_a_fault_is_named() {
        let error = Faults::parse(r#"{"acton":"quota"}"#).expect_err("a typo must not pass");
        assert!(error.contains("acton"), "{error}");
    }
}
