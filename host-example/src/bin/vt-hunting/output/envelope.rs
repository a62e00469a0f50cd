//! The envelope that connector platforms expect of an action: the status, the headers and VirusTotal's body.
//!
//! The body is put together again from the objects as they came. Descriptions of connectors in circulation name fields that
//! VirusTotal does not have: the envelope, and only the envelope, has these aliases beside the real names.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{json, value::RawValue};
use vt_hunting_host::{diagnostics::ResponseInfo, types::PageInfo};

/// An alias and where its value comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Alias {
    /// Another attribute.
    Attribute(&'static str),
    /// A value that the contract derived.
    Value(String),
}

/// Aliases among one object's attributes.
pub(crate) type Aliases = Vec<(&'static str, Alias)>;

/// An object whose values stay as they came, in their order.
type Members = IndexMap<String, Box<RawValue>>;

/// The whole envelope on one line.
pub(crate) fn envelope(response: Option<&ResponseInfo>, body: &RawValue) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        status_code: Option<u16>,
        reason: &'a str,
        response_headers: IndexMap<String, String>,
        json_body: &'a RawValue,
    }
    let envelope = Envelope {
        status_code: response.map(|response| response.status_code),
        reason: response.map_or("", |response| &response.reason),
        response_headers: response.map(headers).unwrap_or_default(),
        json_body: body,
    };
    Ok(super::layout::one_line(&serde_json::to_string(&envelope)?))
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

/// A collection's body.
pub(crate) fn collection(objects: &[String], page: &PageInfo) -> serde_json::Result<Box<RawValue>> {
    let mut meta = IndexMap::new();
    if let Some(cursor) = &page.cursor {
        meta.insert("cursor", json!(cursor));
    }
    if let Some(count) = page.count {
        meta.insert("count", json!(count));
    }
    let mut links = IndexMap::new();
    if let Some(link) = &page.self_link {
        links.insert("self", link);
    }
    if let Some(link) = &page.next_link {
        links.insert("next", link);
    }
    list(objects, &serde_json::to_string(&meta)?, &serde_json::to_string(&links)?)
}

/// The body of anything that is a list.
pub(crate) fn list(objects: &[String], meta: &str, links: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(format!("{{\"data\":[{}],\"meta\":{meta},\"links\":{links}}}", objects.join(",")))
}

/// One object's body.
pub(crate) fn single(object: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(format!("{{\"data\":{object}}}"))
}

/// A body that came as it is.
pub(crate) fn whole(body: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(body.to_owned())
}

/// The body of a delete or an abort.
pub(crate) fn empty() -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string("{}".to_owned())
}

/// The body of a failure, shaped as VirusTotal shapes it.
pub(crate) fn failure(code: &str, message: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(json!({"error": {"code": code, "message": message}}).to_string())
}

/// The object with aliases among its attributes, everything else as it came. A name that is there already stays.
pub(crate) fn with_aliases(object: &str, aliases: Aliases) -> serde_json::Result<String> {
    let mut members: Members = serde_json::from_str(object)?;
    if let Some(attributes) = members.get_mut("attributes")
        && let Ok(mut inner) = serde_json::from_str::<Members>(attributes.get())
    {
        for (name, alias) in aliases {
            let value = match alias {
                Alias::Attribute(real) => inner.get(real).cloned(),
                Alias::Value(text) => Some(serde_json::value::to_raw_value(&text)?),
            };
            if let Some(value) = value {
                inner.entry(name.to_owned()).or_insert(value);
            }
        }
        *attributes = serde_json::value::to_raw_value(&inner)?;
    }
    serde_json::to_string(&members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_status_reason_headers_and_body() {
        let response = ResponseInfo {
            status_code: 200,
            reason: "OK".to_owned(),
            headers: vec![
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("vary".to_owned(), "a".to_owned()),
                ("Vary".to_owned(), "b".to_owned()),
            ],
            attempts: 1,
        };
        let text = single("{ \"id\": 1.0 }").and_then(|body| envelope(Some(&response), &body));
        assert_eq!(
            text.unwrap_or_default(),
            "{\"status_code\":200,\"reason\":\"OK\",\"response_headers\":{\"content-type\":\"application/json\",\
             \"vary\":\"a, b\"},\"json_body\":{\"data\":{\"id\":1.0}}}"
        );
    }

    #[test]
    fn a_collection_is_put_together_as_virustotal_sends_it() {
        let page = PageInfo {
            cursor: Some("abc=".to_owned()),
            count: Some(59),
            self_link: Some("https://s".to_owned()),
            next_link: None,
            incomplete: None,
        };
        let body = collection(&["{\"id\":\"a\"}".to_owned(), "{\"id\":\"b\"}".to_owned()], &page);
        assert_eq!(
            body.map(|body| body.get().to_owned()).unwrap_or_default(),
            "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"meta\":{\"cursor\":\"abc=\",\"count\":59},\
             \"links\":{\"self\":\"https://s\"}}"
        );
    }

    #[test]
    fn aliases_stand_beside_the_real_names() {
        let aliases = vec![
            ("finished_date", Alias::Attribute("finish_date")),
            ("yara_rule", Alias::Attribute("rules")),
            ("file_sha256", Alias::Value("ab".to_owned())),
        ];
        let text =
            with_aliases(r#"{"type":"x","attributes":{"rules":"rule a","finish_date":1e3,"z":1},"id":"1"}"#, aliases);
        assert_eq!(
            text.unwrap_or_default(),
            r#"{"type":"x","attributes":{"rules":"rule a","finish_date":1e3,"z":1,"finished_date":1e3,"yara_rule":"rule a","file_sha256":"ab"},"id":"1"}"#
        );
    }

    #[test]
    fn an_alias_without_a_value_is_absent_and_never_replaces() {
        let aliases = || {
            vec![
                ("finished_date", Alias::Attribute("finish_date")),
                ("file_sha256", Alias::Value("derived".to_owned())),
            ]
        };
        let same = r#"{"attributes":{"file_sha256":"theirs"}}"#;
        assert_eq!(with_aliases(same, aliases()).unwrap_or_default(), same);
        let descriptor = r#"{"type":"file","id":"1"}"#;
        assert_eq!(with_aliases(descriptor, aliases()).unwrap_or_default(), descriptor);
    }
}
