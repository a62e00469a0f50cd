//! Reading VirusTotal's JSON tolerantly.
//!
//! Its types drift between objects: a number on one is a string on the next, a date is a string of digits, `null`
//! stands where a value is documented. So a field is first found as raw text, which no value can make fail, and then
//! read as what it should be, or counts as absent. Nested values are skipped without recursion, however deep.

use super::hexadecimal;
use super::scan::{Cursor, plain_length};
use alloc::string::String;
use alloc::vec::Vec;

/// A JSON value as text; `None` where there is none.
pub type Raw<'a> = Option<&'a str>;

/// Finds the named fields of an object.
///
/// Of several members of one name the last counts, here and wherever the component looks for a member: so do
/// `serde_json::Value`, Python and JavaScript read it, and nothing may stand in an answer that the caller reads otherwise
/// in `json`.
///
/// False when the text is not one whole JSON object; what was found until then is in `into`. `into` is as long as
/// `names`.
pub fn fields<'a>(object: &'a str, names: &[&str], into: &mut [Raw<'a>]) -> bool {
    let mut cursor = Cursor::new(object);
    take_fields(&mut cursor, names, into).is_some() && cursor.is_at_end()
}

/// [`fields`] of the object that a cursor stands before.
pub fn take_fields<'a>(cursor: &mut Cursor<'a>, names: &[&str], into: &mut [Raw<'a>]) -> Option<()> {
    cursor.object(&mut |key, cursor| {
        keep(key, cursor.value()?, names, into);
        Some(())
    })
}

/// Keeps a value whose key is one of the names in the place of that name.
pub fn keep<'a>(key: &str, value: &'a str, names: &[&str], into: &mut [Raw<'a>]) {
    let position = names.iter().position(|name| is_key(key, name));
    if let Some(field) = position.and_then(|position| into.get_mut(position)) {
        *field = Some(value);
    }
}

/// Whether a key, as it stands between its quotes, is this name; escapes in it are possible, if nobody's habit.
pub fn is_key(key: &str, name: &str) -> bool {
    key == name || (key.as_bytes().contains(&b'\\') && string(&["\"", key, "\""].concat()).as_deref() == Some(name))
}

/// A key's text, as it stands between its quotes.
#[must_use]
pub fn key(key: &str) -> Option<String> {
    string(&["\"", key, "\""].concat())
}

/// The elements of an array, each as raw text; `None` when the text is no array, or has more than `most`.
pub fn elements(array: &str, most: usize) -> Option<Vec<&str>> {
    let mut elements = Vec::new();
    Cursor::new(array).array(&mut |cursor| {
        elements.push(cursor.value()?);
        (elements.len() <= most).then_some(())
    })?;
    Some(elements)
}

/// A string's text; `None` when it is no string, or holds what no text can (a lone surrogate).
fn string(raw: &str) -> Option<String> {
    let mut rest = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::with_capacity(rest.len());
    loop {
        let (plain, escape) = rest.split_at_checked(plain_length(rest.as_bytes()))?;
        if escape.is_empty() {
            break;
        }
        text.push_str(plain);
        let (character, behind) = escaped(escape)?;
        text.push(character);
        rest = behind;
    }
    text.push_str(rest);
    Some(text)
}

/// The character that an escape spells, and what comes behind it.
fn escaped(escape: &str) -> Option<(char, &str)> {
    let [b'\\', kind, ..] = escape.as_bytes() else { return None };
    let simple = match kind {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = unit(escape)?;
            if !matches!(high, 0xd800..0xdc00) {
                return Some((char::from_u32(high)?, escape.get(6..)?));
            }
            // Beyond the basic plane: two halves, the second an escape of its own.
            let low = unit(escape.get(6..)?).filter(|low| matches!(low, 0xdc00..0xe000))?;
            let character = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return Some((char::from_u32(character)?, escape.get(12..)?));
        }
        other => char::from(*other),
    };
    Some((simple, escape.get(2..)?))
}

/// The number in `\uXXXX`.
fn unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u32::try_from(hexadecimal::read(digits, 4)?).ok()
}

/// Whether a text is one whole JSON value.
#[must_use]
pub fn is_json(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.value().is_some() && cursor.is_at_end()
}

/// A text; a number counts as its digits.
#[must_use]
pub fn text(raw: Raw<'_>) -> Option<String> {
    let raw = raw?;
    match raw.as_bytes().first()? {
        b'"' => string(raw),
        b'-' | b'0'..=b'9' => Some(String::from(raw)),
        _ => None,
    }
}

/// A whole number that is not negative; a string of digits and a number such as `5.0` count as well.
#[must_use]
pub fn number(raw: Raw<'_>) -> Option<u64> {
    let text = unquoted(raw?);
    if let Some(whole) = digits(text) {
        return Some(whole);
    }
    let value = decimal(text)?;
    let whole = value as u64;
    // Beyond 2^53 a float no longer names one whole number.
    ((0.0..=9_007_199_254_740_992.0).contains(&value) && whole as f64 == value).then_some(whole)
}

/// A finite number; a string that holds one counts as well.
#[must_use]
pub fn float(raw: Raw<'_>) -> Option<f64> {
    decimal(unquoted(raw?))
}

/// Plain digits that fit.
fn digits(text: &str) -> Option<u64> {
    let mut value = None;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        let higher = value.unwrap_or(0u64).checked_mul(10)?;
        value = Some(if digit < 10 { higher.checked_add(u64::from(digit))? } else { return None });
    }
    value
}

/// A JSON number as a float: exact for up to 15 digits times a power of ten up to 22, which covers every percentage
/// and ratio; beyond, within a few units of the last of 16 digits. (`core` reads any number exactly, with 10 KB of powers of five.)
fn decimal(text: &str) -> Option<f64> {
    let mut cursor = Cursor::new(text);
    let is_number = matches!(cursor.peek(), Some(b'-' | b'0'..=b'9'));
    if !is_number || cursor.value()? != text {
        return None;
    }
    let mut bytes = text.bytes().peekable();
    let is_negative = bytes.next_if_eq(&b'-').is_some();
    let (mut mantissa, mut power) = (0u64, 0i32);
    let mut is_fraction = false;
    while let Some(byte) = bytes.next_if(|byte| !matches!(byte, b'e' | b'E')) {
        if byte == b'.' {
            is_fraction = true;
            continue;
        }
        // What does not fit any more still counts as a place.
        let longer = mantissa.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(byte - b'0')));
        power = power.saturating_add(i32::from(longer.is_none())).saturating_sub(i32::from(is_fraction));
        mantissa = longer.unwrap_or(mantissa);
    }
    bytes.next();
    let is_below_one = bytes.next_if(|byte| matches!(byte, b'+' | b'-')) == Some(b'-');
    let exponent =
        bytes.fold(0i32, |exponent, byte| exponent.saturating_mul(10).saturating_add(i32::from(byte - b'0')));
    power = power.saturating_add(if is_below_one { -exponent } else { exponent });
    let mut value = mantissa as f64;
    // 400 powers take any mantissa to zero or infinity.
    let mut places = power.unsigned_abs().min(400);
    while places > 0 {
        let step = places.min(22);
        let factor = (0..step).fold(1.0, |factor, _| factor * 10.0);
        value = if power < 0 { value / factor } else { value * factor };
        places -= step;
    }
    value.is_finite().then_some(if is_negative { -value } else { value })
}

/// True or false; the words as strings and 1 or 0 count as well.
#[must_use]
pub fn boolean(raw: Raw<'_>) -> Option<bool> {
    match unquoted(raw?) {
        "true" | "True" | "1" => Some(true),
        "false" | "False" | "0" => Some(false),
        _ => None,
    }
}

/// The texts of an array, anything else in it left out; a lone text counts as an array of one.
#[must_use]
pub fn texts(raw: Raw<'_>) -> Vec<String> {
    match raw {
        Some(array) if array.starts_with('[') => elements(array, MAX_TEXTS)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|element| text(Some(element)))
            .collect(),
        lone => text(lone).into_iter().collect(),
    }
}

/// The most texts read from one array: a hundred times what was ever seen.
pub const MAX_TEXTS: usize = 10_000;

fn unquoted(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw).trim_ascii()
}

/// A service's own account of an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// Its code; empty when it gave none.
    pub code: String,
    /// Its text; empty when it gave none.
    pub message: String,
}

/// Finds the error object of a body: under `error`, or under `data`, with or without a message.
#[must_use]
pub fn service_error(body: &str) -> Option<ServiceError> {
    let mut found = [None; 2];
    fields(body, &["error", "data"], &mut found);
    let [error, data] = found;
    let mut nested = [None];
    if let Some(data) = data {
        fields(data, &["error"], &mut nested);
    }
    let [nested] = nested;
    // A lone text is an error's message under `error` only.
    [error, nested, data.filter(|data| data.starts_with('{'))].into_iter().flatten().find_map(error_object)
}

/// Reads an error object; a lone text is its message.
#[must_use]
pub fn error_object(raw: &str) -> Option<ServiceError> {
    if raw.starts_with('"') {
        return text(Some(raw)).map(|message| ServiceError { code: String::new(), message });
    }
    let mut found = [None; 2];
    fields(raw, &["code", "message"], &mut found);
    let [code, message] = found;
    if code.is_none() && message.is_none() {
        return None;
    }
    Some(ServiceError { code: text(code).unwrap_or_default(), message: text(message).unwrap_or_default() })
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
