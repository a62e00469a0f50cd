//! The envelope that connector platforms expect of an action: the status, the headers and VirusTotal's body.
//!
//! Descriptions of connectors in circulation name fields that VirusTotal does not have: the envelope has these aliases
//! beside the real names. Everything else of an object stays as it came.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::answer::{Answer, Object};
use crate::contract::{Failure, ResponseInfo};

/// The names that descriptions of connectors give to an object's attributes: the record, the alias, the attribute.
const ALIASES: &[(&str, &str, &str)] =
    &[("retrohunt-job", "finished_date", "finish_date"), ("retrohunt-job", "yara_rule", "rules")];
/// The alias of what the contract derives.
const HASH: &str = "file_sha256";

/// An object whose values stay as they came, in their order.
type Members = IndexMap<String, Box<RawValue>>;

/// The whole envelope.
pub(crate) fn envelope(response: Option<&ResponseInfo>, answer: Answer) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        status_code: Option<u16>,
        reason: &'a str,
        response_headers: IndexMap<String, String>,
        json_body: Box<RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        derived: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        incomplete: Option<Failure>,
    }
    let (body, derived, incomplete) = match answer {
        Answer::Done => ("{}".to_owned(), None, None),
        Answer::Bare(value) => (format!("{{\"data\":{value}}}"), None, None),
        Answer::Body { body, derived, incomplete } => (body, derived, incomplete),
    };
    serde_json::to_vec(&Envelope {
        status_code: response.map(|response| response.status_code),
        reason: response.map_or("", |response| &response.reason),
        response_headers: response.map(headers).unwrap_or_default(),
        json_body: RawValue::from_string(body)?,
        derived,
        incomplete,
    })
}

/// A header that came several times has its values joined by a comma, as HTTP allows.
fn headers(response: &ResponseInfo) -> IndexMap<String, String> {
    let mut joined = IndexMap::<String, String>::new();
    for (name, value) in &response.headers {
        joined
            .entry(name.to_ascii_lowercase())
            .and_modify(|values| {
                values.push_str(", ");
                values.push_str(value);
            })
            .or_insert_with(|| value.clone());
    }
    joined
}

/// The object with the aliases of its record. A name that is there already stays, and an object without attributes is
/// left as it is.
pub(crate) fn with_aliases<T: Object>(object: &T) -> String {
    aliased(object).unwrap_or_else(|| object.json().to_owned())
}

fn aliased<T: Object>(object: &T) -> Option<String> {
    let attributes_of = ALIASES.iter().filter(|(record, _, _)| *record == T::RECORD);
    if object.file_sha256().is_none() && attributes_of.clone().next().is_none() {
        return None;
    }
    let mut members: Members = serde_json::from_str(object.json()).ok()?;
    let attributes = members.get_mut("attributes")?;
    let mut inner: Members = serde_json::from_str(attributes.get()).ok()?;
    for (_, alias, real) in attributes_of {
        if let Some(value) = inner.get(*real).cloned() {
            inner.entry((*alias).to_owned()).or_insert(value);
        }
    }
    if let Some(hash) = object.file_sha256() {
        inner.entry(HASH.to_owned()).or_insert(serde_json::value::to_raw_value(hash).ok()?);
    }
    *attributes = serde_json::value::to_raw_value(&inner).ok()?;
    serde_json::to_string(&members).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Job(&'static str);
    impl Object for Job {
        const RECORD: &'static str = "retrohunt-job";
        fn json(&self) -> &str {
            self.0
        }
        fn file_sha256(&self) -> Option<&str> {
            None
        }
    }
    struct Hit(&'static str);
    impl Object for Hit {
        const RECORD: &'static str = "notification";
        fn json(&self) -> &str {
            self.0
        }
        fn file_sha256(&self) -> Option<&str> {
            Some("ab")
        }
    }

    #[test]
    fn the_envelope_has_status_reason_headers_and_body() {
        let response = ResponseInfo {
            status_code: 200,
            reason: "OK".to_owned(),
            headers: vec![("Vary".to_owned(), "a".to_owned()), ("vary".to_owned(), "b".to_owned())],
            attempts: 1,
        };
        let text = envelope(Some(&response), Answer::Bare(true)).expect("an envelope");
        assert_eq!(
            String::from_utf8_lossy(&text),
            r#"{"status_code":200,"reason":"OK","response_headers":{"vary":"a, b"},"json_body":{"data":true}}"#
        );
    }

    #[test]
    fn where_nothing_was_sent_there_is_no_status() {
        let text = envelope(None, Answer::Done).expect("an envelope");
        assert_eq!(
            String::from_utf8_lossy(&text),
            r#"{"status_code":null,"reason":"","response_headers":{},"json_body":{}}"#
        );
    }

    #[test]
    fn the_aliases_of_a_job_stand_beside_the_real_names() {
        assert_eq!(
            with_aliases(&Job(r#"{"attributes":{"rules":"r","finish_date":1e3},"id":"1"}"#)),
            r#"{"attributes":{"rules":"r","finish_date":1e3,"finished_date":1e3,"yara_rule":"r"},"id":"1"}"#
        );
    }

    #[test]
    fn an_alias_without_a_value_is_absent_and_never_replaces() {
        for same in [r#"{"attributes":{}}"#, r#"{"id": "1"}"#] {
            assert_eq!(with_aliases(&Job(same)), same);
        }
        let same = r#"{"attributes":{"file_sha256":"theirs"}}"#;
        assert_eq!(with_aliases(&Hit(same)), same);
        assert_eq!(with_aliases(&Hit(r#"{"attributes":{}}"#)), r#"{"attributes":{"file_sha256":"ab"}}"#);
    }
}
