//! What an action gave, as VirusTotal's body is put together from it.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::contract::{Failure, types::PageInfo};
use crate::envelope;

/// A record that has the object as it came.
pub(crate) trait Object {
    /// The record's name in the contract.
    const RECORD: &'static str;
    /// The object.
    fn json(&self) -> &str;
    /// The hash that the contract derived, where it derives one.
    fn file_sha256(&self) -> Option<&str>;
}

/// What an action gave.
#[derive(Debug)]
pub enum Answer {
    /// It is done, and there is nothing to show.
    Done,
    /// A bare value.
    Bare(bool),
    /// A body as it is.
    Body {
        /// VirusTotal's body: JSON.
        body: String,
        /// What was derived beside it.
        derived: Option<Value>,
        /// Why it is not all of it.
        incomplete: Option<Failure>,
    },
}

impl Answer {
    pub(crate) fn page<T: Object>(items: Vec<T>, page: PageInfo) -> Self {
        let mut meta = serde_json::Map::new();
        if let Some(cursor) = page.cursor {
            meta.insert("cursor".to_owned(), json!(cursor));
        }
        if let Some(count) = page.count {
            meta.insert("count".to_owned(), json!(count));
        }
        let mut links = serde_json::Map::new();
        if let Some(link) = page.self_link {
            links.insert("self".to_owned(), json!(link));
        }
        if let Some(link) = page.next_link {
            links.insert("next".to_owned(), json!(link));
        }
        Self::list(&items, &meta.into(), &links.into(), page.incomplete)
    }

    pub(crate) fn found<T: Object>(items: Vec<T>) -> Self {
        Self::list(&items, &json!({}), &json!({}), None)
    }

    /// What the component says of its step, the checkpoint above all, stands where a cursor would.
    pub(crate) fn batch<T: Object>(items: Vec<T>, meta: &Value, incomplete: Option<Failure>) -> Self {
        Self::list(&items, meta, &json!({}), incomplete)
    }

    pub(crate) fn one<T: Object>(object: T) -> Self {
        Self::from_body(format!("{{\"data\":{}}}", envelope::with_aliases(&object)))
    }

    pub(crate) fn whole<T: Object>(body: T) -> Self {
        Self::from_body(body.json().to_owned())
    }

    pub(crate) fn within<T: Object>(object: T, beside: Value) -> Self {
        let body = format!("{{\"data\":{}}}", envelope::with_aliases(&object));
        Self::Body { body, derived: Some(beside), incomplete: None }
    }

    pub(crate) fn value(value: &impl Serialize) -> Self {
        Self::from_body(json!({"data": value}).to_string())
    }

    fn from_body(body: String) -> Self {
        Self::Body { body, derived: None, incomplete: None }
    }

    fn list<T: Object>(items: &[T], meta: &Value, links: &Value, incomplete: Option<Failure>) -> Self {
        let mut body = String::from("{\"data\":[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(&envelope::with_aliases(item));
        }
        body.push_str(&format!("],\"meta\":{meta},\"links\":{links}}}"));
        Self::Body { body, derived: None, incomplete }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect();
    serializer.serialize_str(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::snippets::{Highlight, Snippet};

    #[test]
    fn bytes_are_hexadecimal_digits() {
        let snippet =
            Snippet { bytes: vec![0, 0xaf], highlights: vec![Highlight { start: 0, end: 1 }], truncated: true };
        let Answer::Body { body, .. } = Answer::value(&snippet) else { panic!("another answer") };
        let read: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(read, json!({"data": {"bytes": "00af", "highlights": [{"start": 0, "end": 1}], "truncated": true}}));
    }

    #[test]
    fn a_page_has_only_what_is_known_of_it() {
        let page = PageInfo {
            cursor: Some("c=".to_owned()),
            count: None,
            self_link: Some("https://s".to_owned()),
            next_link: None,
            incomplete: None,
        };
        let Answer::Body { body, .. } = Answer::page(Vec::<crate::contract::retrohunt::MatchFile>::new(), page) else {
            panic!("another answer")
        };
        assert_eq!(body, r#"{"data":[],"meta":{"cursor":"c="},"links":{"self":"https://s"}}"#);
    }
}
