//! The filter and order languages: `key:value` terms joined by spaces, dates with a `+` or `-` behind them.

use crate::calendar;
use crate::reply::ApiError;

/// One `key:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Reads a filter; only the given keys may be in it.
pub(crate) fn parse(text: &str, keys: &[&str]) -> Result<Vec<Term>, ApiError> {
    let mut terms = Vec::new();
    for word in words(text) {
        let Some((key, value)) = word.split_once(':') else {
            return Err(ApiError::bad_request(format!("\"{word}\" is not a valid filter expression")));
        };
        if !keys.contains(&key) {
            return Err(invalid("filter", key, keys));
        }
        let value = value.trim_matches('"');
        if value.is_empty() {
            return Err(ApiError::bad_request(format!("{key} \"\" is not valid")));
        }
        terms.push(Term { key: key.to_owned(), value: value.to_owned() });
    }
    Ok(terms)
}

/// `origin "x" is not valid. Valid origins are: hunting,subscriptions`
pub(crate) fn invalid(what: &str, value: &str, valid: &[&str]) -> ApiError {
    ApiError::bad_request(format!("{what} \"{value}\" is not valid. Valid {what}s are: {}", valid.join(",")))
}

/// Refuses a term whose value is not one of a closed set.
pub(crate) fn one_of(term: &Term, valid: &[&str]) -> Result<(), ApiError> {
    if valid.contains(&term.value.as_str()) { Ok(()) } else { Err(invalid(&term.key, &term.value, valid)) }
}

/// Words apart, but not inside double quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        if character == '"' {
            quoted = !quoted;
        }
        if character == ' ' && !quoted {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// From when to when, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DateRange {
    since: Option<u64>,
    until: Option<u64>,
}

impl DateRange {
    /// Narrows the range by a `date:` term: seconds or a date, then `+` for since or `-` for until.
    ///
    /// A date without a sign is refused: that is what an unescaped `+` turns into.
    pub(crate) fn narrow(&mut self, value: &str) -> Result<(), ApiError> {
        let refuse = || ApiError::bad_request(format!("date \"{value}\" is not valid. Valid dates end in + or -"));
        let (moment, since) = match value.strip_suffix('+') {
            Some(moment) => (moment, true),
            None => (value.strip_suffix('-').ok_or_else(refuse)?, false),
        };
        let epoch = match moment.parse() {
            Ok(epoch) if moment.bytes().all(|byte| byte.is_ascii_digit()) => epoch,
            _ => calendar::parse(moment).ok_or_else(refuse)?,
        };
        if since {
            self.since = Some(self.since.map_or(epoch, |known| known.max(epoch)));
        } else {
            self.until = Some(self.until.map_or(epoch, |known| known.min(epoch)));
        }
        Ok(())
    }

    pub(crate) fn contains(&self, epoch: u64) -> bool {
        self.since.is_none_or(|since| epoch >= since) && self.until.is_none_or(|until| epoch <= until)
    }
}

/// Which field to sort by, and whether downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order<'a> {
    pub(crate) field: &'a str,
    pub(crate) descending: bool,
}

/// Reads an order such as `date-`. The suffix may be left out only where `bare` says so, and means upwards then.
pub(crate) fn order<'a>(text: &str, fields: &[&'a str], bare: bool) -> Result<Order<'a>, ApiError> {
    let refuse = || invalid("order", text, fields);
    let (name, descending) = if let Some(name) = text.strip_suffix('-') {
        (name, true)
    } else if let Some(name) = text.strip_suffix('+') {
        (name, false)
    } else if bare {
        (text, false)
    } else {
        return Err(refuse());
    };
    let field = fields.iter().find(|field| **field == name).ok_or_else(refuse)?;
    Ok(Order { field, descending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_split_at_spaces_outside_quotes() {
        let terms = parse("name:\"two words\" enabled:true", &["name", "enabled"]).expect("valid");
        assert_eq!(terms[0].value, "two words");
        assert_eq!(terms[1].value, "true");
    }

    #[test]
    fn errors_list_what_is_valid() {
        let term = Term { key: "origin".into(), value: "x".into() };
        let error = one_of(&term, &["hunting", "subscriptions"]).expect_err("x is no origin");
        assert_eq!(error.message, "origin \"x\" is not valid. Valid origins are: hunting,subscriptions");
        assert!(parse("foo:bar", &["date"]).expect_err("unknown key").message.contains("Valid filters are: date"));
        assert!(parse("bareword", &["date"]).is_err());
    }

    #[test]
    fn a_date_needs_its_sign() {
        let mut range = DateRange::default();
        range.narrow("100+").expect("since");
        range.narrow("1970-01-02-").expect("until");
        assert!(!range.contains(99) && range.contains(100) && range.contains(86_400) && !range.contains(86_401));
        assert!(range.narrow("100").is_err());
        assert!(range.narrow("yesterday+").is_err());
    }

    #[test]
    fn an_order_is_a_known_field_with_a_sign() {
        assert!(order("date-", &["date"], false).expect("valid").descending);
        for wrong in ["date", "date ", "-date", "name-", ""] {
            assert!(order(wrong, &["date"], false).is_err(), "{wrong}");
        }
        assert!(!order("name", &["name"], true).expect("bare is allowed").descending);
    }
}
