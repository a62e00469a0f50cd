//! Checks of the caller's arguments, before a request is built: a wrong argument costs no quota.
//!
//! Each error names the field, the limit and how long the value was, never a secret.

use super::error;
use crate::contract::Failed;
use alloc::string::String;

/// The most bytes of YARA source text VirusTotal takes: 1 MB.
pub const MAX_RULES_BYTES: usize = 1 << 20;
/// The most bytes of an id. The longest on record have under 200.
pub const MAX_ID_BYTES: usize = 1024;
/// The most bytes of a filter, order or cursor; encoded they still fit the request line every server takes.
pub const MAX_PARAMETER_BYTES: usize = 8192;
/// The most bytes of a cursor, with what this component adds to VirusTotal's.
pub const MAX_CURSOR_BYTES: usize = MAX_PARAMETER_BYTES + 64;
/// The most seconds that following looks back: a day.
pub const MAX_OVERLAP_SECONDS: u32 = 86_400;
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

/// A filter or order.
pub fn parameter<'a>(field: &str, value: &'a Option<String>) -> Result<Option<&'a str>, Failed> {
    let value = value.as_deref();
    at_most(field, value.map_or(0, str::len), MAX_PARAMETER_BYTES, "Shorten it.")?;
    Ok(value)
}

/// A cursor; an empty one is none.
pub fn cursor(value: Option<String>) -> Result<Option<String>, Failed> {
    at_most("cursor", value.as_ref().map_or(0, String::len), MAX_CURSOR_BYTES, "Give it as `page.cursor` had it.")?;
    Ok(value.filter(|cursor| !cursor.is_empty()))
}

/// What goes into a header: visible ASCII.
pub fn header<'a>(field: &str, value: &'a str, advice: &str) -> Result<&'a str, Failed> {
    if !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Err(error::invalid_argument(field, "has a character that no header can hold", value.len(), advice));
    }
    at_most(field, value.len(), MAX_ID_BYTES, advice)?;
    Ok(value)
}

/// The name of a user, in a path. The API takes the key in its place; this does not, since an address ends up in logs.
pub fn user<'a>(field: &str, value: &'a str) -> Result<&'a str, Failed> {
    let bare = value.trim_ascii();
    let is_key = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_key {
        return Err(error::invalid_argument(
            field,
            "looks like an API key, which must not be part of an address",
            value.len(),
            "Give the user's name.",
        ));
    }
    id(field, value)
}

/// A filter for following, which sets the dates itself.
pub fn undated(filter: &Option<String>) -> Result<(), Failed> {
    let text = parameter("filter", filter)?.unwrap_or_default();
    if text.split_ascii_whitespace().any(|term| term.starts_with("date:")) {
        let advice = "Following sets the date itself: give the first one as `since`.";
        return Err(error::invalid_argument("filter", "has a `date:`", text.len(), advice));
    }
    Ok(())
}

/// How far back following looks again.
pub fn overlap(value: Option<u32>) -> Result<u64, Failed> {
    const DEFAULT: u32 = 10;
    let seconds = value.unwrap_or(DEFAULT);
    if seconds > MAX_OVERLAP_SECONDS {
        let advice = "Leave it out for 10.";
        return Err(error::out_of_range("overlap-seconds", u64::from(seconds), "at most 86400", advice));
    }
    Ok(u64::from(seconds))
}

/// Whether there is anything in a text beside white space and control characters, which a service may take for nothing; and
/// nothing is everything, where it selects what to delete.
#[must_use]
pub fn has_substance(text: &str) -> bool {
    text.chars().any(|character| match character {
        '"' => false,
        '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{206f}' | '\u{3000}' | '\u{feff}' => false,
        other => other > '\u{9f}' || other.is_ascii_graphic(),
    })
}

/// A part of a budget: at least one.
pub fn budget(field: &str, value: Option<u32>, default: u32) -> Result<u32, Failed> {
    match value {
        Some(0) => Err(error::out_of_range(field, 0, "at least 1", "Leave it out for the default.")),
        _ => Ok(value.unwrap_or(default)),
    }
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
    fn a_text_of_blanks_has_no_substance() {
        for blank in ["", " ", "\"\"", "\u{a0}", "\u{b}", "\u{2003}\u{200b}", "\u{3000}", "\u{feff}", "\u{7f}"] {
            assert!(!has_substance(blank), "{blank:?}");
        }
        for text in ["a", "-", "\u{e9}", "\u{438}", " \u{4e2d} "] {
            assert!(has_substance(text), "{text:?}");
        }
    }

    #[test]
    fn a_key_is_no_users_name_with_white_space_around_either() {
        let key = "0123456789abcdef".repeat(4);
        for name in [&key, &alloc::format!("{key}\n"), &alloc::format!(" {key}")] {
            assert!(user("user", name).is_err());
        }
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
