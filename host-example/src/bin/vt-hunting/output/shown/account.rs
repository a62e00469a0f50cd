//! The own account: the user, what is left, and what was used.

use vt_hunting_host::account::{AccountQuotas, AccountUsage, Quota, UserAccount};

use super::{Shown, as_json};
use crate::output::{
    table::{self, Column, Fit, Look, Tone, Value},
    text::day,
};

impl Shown for UserAccount {
    fn id(&self) -> &str {
        &self.id
    }

    fn columns(&self) -> Vec<Column> {
        vec![("USER", Fit::Whole), ("STATUS", Fit::Whole)]
    }

    fn row(&self) -> Vec<Value> {
        vec![self.id.as_str().into(), self.status.as_deref().into()]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let name: Vec<_> = self.first_name.iter().chain(&self.last_name).map(String::as_str).collect();
        vec![
            ("user", self.id.as_str().into()),
            ("name", name.join(" ").into()),
            ("status", self.status.as_deref().into()),
            ("since", self.user_since.map(day).into()),
            ("may use", self.privileges.join(", ").into()),
        ]
    }

    as_json!();
}

impl Shown for AccountQuotas {
    fn id(&self) -> &str {
        ""
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            ("QUOTA", Fit::Wrap),
            ("LEFT", Fit::Number),
            ("USED", Fit::Number),
            ("ALLOWED", Fit::Number),
            ("GROUP USED", Fit::Number),
            ("GROUP ALLOWED", Fit::Number),
        ]
    }

    fn row(&self) -> Vec<Value> {
        Vec::new()
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn alone(&self, look: Look) -> String {
        let rows: Vec<_> = self.quotas.iter().map(row).collect();
        table::table(&self.columns(), &rows, look)
    }

    fn is_body(&self) -> bool {
        true
    }

    as_json!();
}

fn row(quota: &Quota) -> Vec<Value> {
    let number = |number: Option<u64>| Value::from(number.map(|number| number.to_string()));
    let left = match quota.remaining {
        Some(0) => Value::toned("0", Tone::Bad),
        remaining => number(remaining),
    };
    vec![
        quota.name.as_str().into(),
        left,
        number(quota.user_used),
        number(quota.user_allowed),
        number(quota.group_used),
        number(quota.group_allowed),
    ]
}

impl Shown for AccountUsage {
    fn id(&self) -> &str {
        ""
    }

    fn columns(&self) -> Vec<Column> {
        vec![("DAY (UTC)", Fit::Whole), ("ENDPOINT", Fit::Wrap), ("REQUESTS", Fit::Number)]
    }

    fn row(&self) -> Vec<Value> {
        Vec::new()
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn alone(&self, look: Look) -> String {
        let days = self.daily.iter().map(|day| (day.date.as_str(), &day.endpoints));
        let rows: Vec<_> = days
            .chain([("all days", &self.total)])
            .flat_map(|(day, endpoints)| {
                endpoints.iter().map(move |usage| {
                    vec![day.into(), usage.endpoint.as_str().into(), usage.requests.to_string().into()]
                })
            })
            .collect();
        if rows.is_empty() {
            return "no requests on these days\n".to_owned();
        }
        table::table(&self.columns(), &rows, look)
    }

    fn is_body(&self) -> bool {
        true
    }

    as_json!();
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { width: None, colour: false, snippets: false };

    #[test]
    fn quotas_are_a_table_of_what_is_left() {
        let quota = Quota {
            name: "intelligence_retrohunt_jobs_monthly".to_owned(),
            user_allowed: Some(50),
            user_used: Some(47),
            group_allowed: None,
            group_used: None,
            inherited_from: None,
            remaining: Some(3),
        };
        let quotas = AccountQuotas { quotas: vec![quota], json: "{\"data\":{}}".to_owned() };
        let text = quotas.alone(LOOK);
        assert!(text.contains("intelligence_retrohunt_jobs_monthly     3    47       50"), "{text}");
        assert_eq!(
            quotas.json(true).unwrap_or_default().split_once("\"json\":").map(|(_, json)| json),
            Some("{\"data\":{}}}")
        );
    }

    #[test]
    fn usage_without_requests_says_so() {
        let usage = AccountUsage { daily: Vec::new(), total: Vec::new(), json: "{}".to_owned() };
        assert_eq!(usage.alone(LOOK), "no requests on these days\n");
    }
}
