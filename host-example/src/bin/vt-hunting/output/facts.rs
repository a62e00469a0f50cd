//! What a table shows of the objects themselves: the contract types what the notification says, the reports are in `json`.
//!
//! Everything is optional and read with tolerance: attributes are missing from descriptors and change their types.

use serde_json::Value;

/// Facts of a file, URL, domain or address.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// How many engines call it malicious, of how many that had an opinion.
    pub(crate) detections: Option<(u64, u64)>,
    /// A file's kind, such as `peexe`.
    pub(crate) kind: Option<String>,
    /// A file's size in bytes.
    pub(crate) size: Option<u64>,
    /// A file's name or a URL's address: what a person calls it.
    pub(crate) name: Option<String>,
    /// When it was first submitted.
    pub(crate) first_seen: Option<u64>,
}

impl Facts {
    /// Reads an object as VirusTotal sent it.
    pub(crate) fn of(object: &str) -> Self {
        let object: Value = serde_json::from_str(object).unwrap_or_default();
        let attributes = &object["attributes"];
        let text = |key: &str| attributes[key].as_str().map(str::to_owned);
        Self {
            detections: detections(&attributes["last_analysis_stats"]),
            kind: text("type_tag"),
            size: number(&attributes["size"]),
            name: text("meaningful_name").or_else(|| text("url")),
            first_seen: number(&attributes["first_submission_date"]),
        }
    }
}

fn detections(stats: &Value) -> Option<(u64, u64)> {
    let of = |key: &str| number(&stats[key]).unwrap_or(0);
    let malicious = number(&stats["malicious"])?;
    // Engines that timed out, failed or do not know the type have no opinion.
    Some((malicious, malicious + of("suspicious") + of("undetected") + of("harmless")))
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|digits| digits.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_gives_what_a_hunter_looks_at_first() {
        let facts = Facts::of(
            r#"{"attributes":{"last_analysis_stats":{"malicious":56,"undetected":9,"timeout":2,"type-unsupported":4},
               "type_tag":"peexe","size":"2281472","meaningful_name":"a.exe","first_submission_date":1637892429}}"#,
        );
        assert_eq!(
            facts,
            Facts {
                detections: Some((56, 65)),
                kind: Some("peexe".to_owned()),
                size: Some(2_281_472),
                name: Some("a.exe".to_owned()),
                first_seen: Some(1_637_892_429),
            }
        );
    }

    #[test]
    fn a_descriptor_or_anything_else_gives_nothing() {
        for object in [r#"{"type":"file","id":"a"}"#, r#"{"attributes":null}"#, r#"{"attributes":[1]}"#, ""] {
            assert_eq!(Facts::of(object), Facts::default());
        }
    }
}
