//! Operations.

use vt_hunting_host::operations::Operation;

use super::{Shown, as_json};
use crate::output::table::{Column, Fit, Tone, Value};

impl Shown for Operation {
    fn id(&self) -> &str {
        &self.id
    }

    fn columns(&self) -> Vec<Column> {
        vec![("ID", Fit::Whole), ("STATUS", Fit::Whole)]
    }

    fn row(&self) -> Vec<Value> {
        vec![self.id.as_str().into(), status(self)]
    }

    fn card(&self) -> Vec<(&'static str, Value)> {
        vec![("operation", self.id.as_str().into()), ("status", status(self))]
    }

    as_json!();
}

fn status(operation: &Operation) -> Value {
    let tone = match operation.status.as_deref() {
        Some("finished") => Tone::Good,
        Some("aborted") => Tone::Bad,
        _ => Tone::Notice,
    };
    operation.status.as_deref().map(|status| Value::toned(status, tone)).unwrap_or_default()
}
