//! Checks of the caller's arguments, before a request is built: a wrong argument costs no quota.
//!
//! Each error names the field, the limit and how long the value was, never a secret.

use super::error;
use crate::contract::Failed;

/// The most bytes of YARA source text VirusTotal takes: 1 MB.
pub const MAX_RULES_BYTES: usize = 1 << 20;
/// The most bytes of an id. The longest on record have under 200.
pub const MAX_ID_BYTES: usize = 1024;
/// The most bytes of a filter, order or cursor; encoded they still fit the request line every server takes.
pub const MAX_PARAMETER_BYTES: usize = 8192;
/// Where VirusTotal stops counting notifications.
pub const MAX_COUNT_LIMIT: u32 = 10_000;

/// A path segment: not empty, not dots alone (a URL parser on the way would fold `..` into another endpoint).
pub fn id<'a>(field: &str, value: &'a str) -> Result<&'a str, Failed> {
    if value.trim_ascii().is_empty() {
        return Err(error::invalid_argument(field, "is empty", value.len(), "Give the object's id."));
    }
    if value == "." || value == ".." {
        return Err(error::invalid_argument(field, "is made of dots alone", value.len(), "Give the object's id."));
    }
    at_most(field, value.len(), MAX_ID_BYTES, "Give the object's id.")?;
    Ok(value)
}

/// A text that VirusTotal requires.
pub fn required<'a>(field: &str, value: &'a str) -> Result<&'a str, Failed> {
    if value.trim_ascii().is_empty() {
        return Err(error::invalid_argument(field, "is empty", value.len(), "VirusTotal requires it."));
    }
    Ok(value)
}

/// YARA source text.
pub fn rules(value: &str) -> Result<&str, Failed> {
    required("rules", value)?;
    at_most("rules", value.len(), MAX_RULES_BYTES, "Split the rules over several.")?;
    Ok(value)
}

/// How many objects to give: at least one.
pub fn limit(value: Option<u32>) -> Result<Option<u32>, Failed> {
    if value == Some(0) {
        return Err(error::out_of_range("limit", 0, "at least 1", "Leave it out for VirusTotal's default of 10."));
    }
    Ok(value)
}

/// Where to stop counting.
pub fn count_limit(value: Option<u32>) -> Result<Option<u32>, Failed> {
    match value {
        Some(number) if number == 0 || number > MAX_COUNT_LIMIT => Err(error::out_of_range(
            "count-limit",
            u64::from(number),
            "1 to 10000",
            "Leave it out for VirusTotal's default of 200.",
        )),
        _ => Ok(value),
    }
}

/// A filter, order or cursor.
pub fn parameter<'a>(field: &str, value: &'a Option<alloc::string::String>) -> Result<Option<&'a str>, Failed> {
    let value = value.as_deref();
    at_most(field, value.map_or(0, str::len), MAX_PARAMETER_BYTES, "Shorten it.")?;
    Ok(value)
}

fn at_most(field: &str, bytes: usize, limit: usize, advice: &str) -> Result<(), Failed> {
    if bytes > limit { Err(error::too_long(field, bytes, limit, advice)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ErrorKind;

    #[test]
    fn rules_of_exactly_one_megabyte_pass_and_one_byte_more_does_not() {
        let exact = "r".repeat(MAX_RULES_BYTES);
        assert!(rules(&exact).is_ok());
        let error = rules(&"r".repeat(MAX_RULES_BYTES + 1)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        for part in ["`rules`", "1048577", "1048576"] {
            assert!(error.message.contains(part), "{}", error.message);
        }
    }

    #[test]
    fn an_id_that_is_empty_or_dots_alone_is_refused() {
        for value in ["", "  ", ".", ".."] {
            assert_eq!(id("id", value).unwrap_err().kind, ErrorKind::InvalidArgument, "{value:?}");
        }
        assert_eq!(id("id", "...").unwrap(), "...");
        assert!(id("id", &"a".repeat(MAX_ID_BYTES + 1)).is_err());
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        assert!(limit(Some(0)).unwrap_err().message.contains("`limit`"));
        assert_eq!(limit(Some(1)).unwrap(), Some(1));
        assert_eq!(limit(None).unwrap(), None);
    }

    #[test]
    fn a_count_limit_beyond_what_virustotal_counts_is_refused() {
        assert!(count_limit(Some(0)).is_err());
        assert!(count_limit(Some(10_001)).is_err());
        assert_eq!(count_limit(Some(10_000)).unwrap(), Some(10_000));
    }
}
