//! The query string, read as strictly as VirusTotal reads it.

use crate::reply::ApiError;

/// The largest page.
const LIMIT_MAX: usize = 40;
/// The largest `count_limit`.
const COUNT_LIMIT_MAX: usize = 10_000;

/// The parameters of one request, decoded.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query; only the named parameters may be there, each once.
    pub(crate) fn parse(raw: &str, known: &[&str]) -> Result<Self, ApiError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name, true)?, decode(value, true)?);
            if !known.contains(&name.as_str()) {
                return Err(ApiError::bad_request(format!("\"{name}\" is not a valid parameter")));
            }
            if parameters.iter().any(|(given, _)| *given == name) {
                return Err(ApiError::bad_request(format!("parameter \"{name}\" is given more than once")));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// A parameter's value; an empty one counts as not given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// `limit`, 10 when not given.
    pub(crate) fn limit(&self) -> Result<usize, ApiError> {
        match self.number("limit", "Limit")? {
            None => Ok(10),
            Some(limit) if limit > LIMIT_MAX => {
                Err(ApiError::bad_request(format!("Limit can't be larger than {LIMIT_MAX}")))
            }
            Some(limit) => Ok(limit),
        }
    }

    /// `count_limit`, 200 when not given.
    pub(crate) fn count_limit(&self) -> Result<usize, ApiError> {
        match self.number("count_limit", "Count limit")? {
            None => Ok(200),
            Some(limit) if limit > COUNT_LIMIT_MAX => {
                Err(ApiError::bad_request(format!("Count limit can't be larger than {COUNT_LIMIT_MAX}")))
            }
            Some(limit) => Ok(limit),
        }
    }

    /// A `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(ApiError::bad_request(format!("\"{other}\" is not a valid value for \"{name}\""))),
        }
    }

    fn number(&self, name: &str, words: &str) -> Result<Option<usize>, ApiError> {
        let Some((_, value)) = self.0.iter().find(|(known, _)| known == name) else { return Ok(None) };
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse() {
            Ok(0) => Err(ApiError::bad_request(format!("{words} must be larger than 0"))),
            Ok(number) if digits => Ok(Some(number)),
            _ if digits => Ok(Some(usize::MAX)),
            _ => Err(ApiError::bad_request(format!("{words} must be an integer"))),
        }
    }
}

/// Undoes percent-escapes; in a query a `+` is a space, in a path it is itself.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Result<String, ApiError> {
    let refuse = || ApiError::bad_request("Invalid percent-encoding");
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' if plus_is_space => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or_else(refuse);
                (digit(bytes.next())? * 16 + digit(bytes.next())?) as u8
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| refuse())
}

/// Escapes everything that is not unreserved.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_in_a_query_is_a_space_and_an_escaped_one_is_a_plus() {
        let query = Query::parse("filter=date:1+&order=date%2B", &["filter", "order"]).expect("valid");
        assert_eq!(query.get("filter"), Some("date:1 "));
        assert_eq!(query.get("order"), Some("date+"));
    }

    #[test]
    fn limits_are_refused_in_virustotals_words() {
        let limit = |raw| Query::parse(raw, &["limit"]).and_then(|query| query.limit());
        assert_eq!(limit("").expect("the default"), 10);
        assert_eq!(limit("limit=40").expect("the maximum"), 40);
        assert_eq!(limit("limit=41").expect_err("too large").message, "Limit can't be larger than 40");
        let huge = limit("limit=99999999999999999999999").expect_err("beyond 64 bits");
        assert_eq!(huge.message, "Limit can't be larger than 40");
        for wrong in ["limit=0", "limit=ten", "limit=-1", "limit=", "limit=+5"] {
            assert_eq!(limit(wrong).expect_err(wrong).status, 400);
        }
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused() {
        assert!(Query::parse("lmit=1", &["limit"]).is_err());
        assert!(Query::parse("limit=1&limit=2", &["limit"]).is_err());
        assert!(Query::parse("limit=%zz", &["limit"]).is_err());
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let text = "date:1+ origin:hunting&=ü";
        assert_eq!(decode(&encode(text), true).expect("valid"), text);
    }
}
