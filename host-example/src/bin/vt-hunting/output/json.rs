//! JSON: every field of the contract's records under its name in snake case, and VirusTotal's object as it came.
//!
//! What is absent is `null`, so that every object of a kind has the same fields.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::RawValue;
use vt_hunting_host::types::{self, PageInfo};

use super::{layout::one_line, style::Style};
use crate::{args::global::Format, exit::Kind, failure::Failure};

/// The record on one line. Its `json` is the object as it came, as JSON and no longer as text, or nothing.
pub(crate) fn object(record: &impl Serialize, raw: Option<&str>) -> serde_json::Result<String> {
    let mut fields: IndexMap<String, Box<RawValue>> = serde_json::from_str(&serde_json::to_string(record)?)?;
    fields.shift_remove("json");
    if let Some(raw) = raw {
        fields.insert("json".to_owned(), RawValue::from_string(raw.to_owned())?);
    }
    Ok(one_line(&serde_json::to_string(&fields)?))
}

/// Any value on one line.
pub(crate) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(one_line(&serde_json::to_string(value)?))
}

/// A collection on one line.
pub(crate) fn collection(objects: &[String], page: &PageInfo) -> serde_json::Result<String> {
    let page = line(&Page::from(page))?;
    Ok(format!("{{\"items\":[{}],\"page\":{page}}}", objects.join(",")))
}

/// What this host itself lists, in the format that is wanted, which is not the table.
pub(crate) fn list<T: Serialize>(items: &[T], style: &Style) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct List<'a, T> {
        items: &'a [T],
    }
    if style.format == Format::Jsonl {
        let lines = items.iter().map(|item| Ok(line(item)? + "\n"));
        return lines.collect();
    }
    Ok(style.document(&serde_json::to_string(&List { items })?))
}

/// An answer that cannot be written as JSON.
pub(crate) fn unfit(error: serde_json::Error) -> Failure {
    let message = format!("The answer cannot be shown as JSON: {error}.");
    Failure::host(Kind::Output, "NotJson", message, "--output table shows it")
}

/// `page-info`
#[derive(Serialize)]
pub(crate) struct Page<'a> {
    cursor: Option<&'a str>,
    count: Option<u64>,
    self_link: Option<&'a str>,
    next_link: Option<&'a str>,
    incomplete: Option<Error<'a>>,
}

impl<'a> From<&'a PageInfo> for Page<'a> {
    fn from(page: &'a PageInfo) -> Self {
        Self {
            cursor: page.cursor.as_deref(),
            count: page.count,
            self_link: page.self_link.as_deref(),
            next_link: page.next_link.as_deref(),
            incomplete: page.incomplete.as_ref().map(Error::from),
        }
    }
}

/// `error`, with the kind's name as the contract writes it.
#[derive(Serialize)]
pub(crate) struct Error<'a> {
    pub(crate) kind: &'static str,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u32>,
    pub(crate) retryable: bool,
}

impl<'a> From<&'a types::Error> for Error<'a> {
    fn from(error: &'a types::Error) -> Self {
        Self {
            kind: Kind::Action(error.kind).name(),
            code: &error.code,
            message: &error.message,
            status: error.status,
            retry_after: error.retry_after,
            retryable: error.retryable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;

    #[test]
    fn a_record_has_every_field_and_the_object_as_it_came() {
        let file = samples::match_file();
        assert_eq!(
            object(&file, Some(&file.json)).unwrap_or_default(),
            format!(
                "{{\"id\":\"{0}\",\"rule_name\":\"loader\",\"match_in_subfile\":null,\"self_link\":null,\"error\":null,\
                 \"json\":{{\"type\":\"file\",\"id\":\"{0}\",\"attributes\":{{\
                 \"size\":340282366920938463463374607431768211456,\"z\":1.50,\"a\":\"\\u00e9\"}}}}}}",
                samples::SHA256
            )
        );
    }

    #[test]
    fn the_object_can_be_left_out() {
        let text = object(&samples::match_file(), None).unwrap_or_default();
        assert!(text.ends_with("\"error\":null}"), "{text}");
    }

    #[test]
    fn nested_records_keep_their_names() {
        let text = object(&samples::job(), None).unwrap_or_default();
        assert!(text.contains("\"time_range\":{\"start\":1615563618,\"end\":null}"), "{text}");
        assert!(text.contains("\"progress\":62.06203"), "{text}");
    }

    #[test]
    fn a_collection_has_items_and_where_the_page_stands() {
        let page = PageInfo {
            cursor: Some("abc=".to_owned()),
            count: Some(2),
            self_link: None,
            next_link: None,
            incomplete: Some(samples::error()),
        };
        assert_eq!(
            collection(&["{\"id\":\"a\"}".to_owned(), "{\"id\":\"b\"}".to_owned()], &page).unwrap_or_default(),
            "{\"items\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"page\":{\"cursor\":\"abc=\",\"count\":2,\"self_link\":null,\
             \"next_link\":null,\"incomplete\":{\"kind\":\"quota-exceeded\",\"code\":\"QuotaExceededError\",\
             \"message\":\"It is used up.\",\"status\":429,\"retry_after\":60,\"retryable\":true}}}"
        );
    }
}
