//! How a retrohunt job stands: the job, and when to look again.

use serde::Serialize;
use serde_json::value::RawValue;
use vt_hunting_host::retrohunt::JobCheck;

use super::Shown;
use crate::output::{
    envelope::Aliases,
    json,
    table::{Column, Value},
    text::duration,
};

impl Shown for JobCheck {
    fn id(&self) -> &str {
        &self.job.id
    }

    fn columns(&self) -> Vec<Column> {
        self.job.columns()
    }

    fn row(&self) -> Vec<Value> {
        self.job.row()
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        let mut card = self.job.card();
        let next = (!self.done).then(|| format!("in {}", duration(self.next_check_in_seconds.into())));
        card.push(("look again", next.into()));
        card
    }

    fn aliases(&self) -> Aliases {
        self.job.aliases()
    }

    fn json(&self, raw: bool) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Check {
            job: Box<RawValue>,
            next_check_in_seconds: u32,
            done: bool,
            truncated: bool,
        }
        let job = json::object(&self.job, raw.then_some(self.job.json.as_str()))?;
        let JobCheck { next_check_in_seconds, done, truncated, .. } = *self;
        serde_json::to_string(&Check { job: RawValue::from_string(job)?, next_check_in_seconds, done, truncated })
    }

    fn raw(&self) -> &str {
        &self.job.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    #[test]
    fn the_job_is_an_object_within() {
        let check = JobCheck { job: samples::job(), next_check_in_seconds: 90, done: false, truncated: false };
        let value: serde_json::Value = serde_json::from_str(&check.json(true).unwrap()).unwrap();
        assert_eq!(value["next_check_in_seconds"], 90);
        assert_eq!(value["job"]["json"]["type"], "retrohunt_job");
        assert!(check.card().contains(&("look again", "in 1 min".into())));
    }
}
