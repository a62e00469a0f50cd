//! What the gateway is told: what a connector would be, and the variables `GATEWAY_*`. Nothing else of the process's
//! environment reaches it.

use super::error::StartError;
use crate::settings::Secret;

const PREFIX: &str = "GATEWAY_";
const TOKEN: &str = "GATEWAY_TOKEN";
const NO_AUTH: &str = "GATEWAY_NO_AUTH";
const MAX_REQUEST_BYTES: &str = "GATEWAY_MAX_REQUEST_BYTES";

/// The gateway's own default.
const DEFAULT_REQUEST_BYTES: usize = 2 << 20;
/// The most that the gateway takes.
const MOST_REQUEST_BYTES: usize = 16 << 20;

/// The variables, checked as far as this host depends on them.
#[derive(Debug)]
pub(super) struct Variables {
    /// Whether a token is asked for.
    pub(super) asks_for_token: bool,
    /// The largest body of a request, in bytes.
    pub(super) max_request_bytes: usize,
    given: Vec<(String, Secret)>,
}

impl Variables {
    /// Takes those that are the gateway's. Whether it may do without a token is the operator's word to this program, and
    /// nothing that a variable could say: `GATEWAY_NO_AUTH` is not passed on.
    pub(super) fn new(variables: Vec<(String, Secret)>, no_auth: bool) -> Result<Variables, StartError> {
        let is_set = |value: &Secret| !value.expose().trim().is_empty();
        let mut given = variables;
        given.retain(|(name, value)| name.starts_with(PREFIX) && name != NO_AUTH && is_set(value));
        let asks_for_token = given.iter().any(|(name, _)| name == TOKEN);
        match (asks_for_token, no_auth) {
            (true, true) => return Err(StartError::TokenAndNoAuth),
            (false, false) => return Err(StartError::MissingToken),
            (false, true) => given.push((NO_AUTH.to_owned(), Secret::new("true"))),
            (true, false) => {}
        }
        // What is no number is the gateway's to refuse: it does when it is asked for its health.
        let max_request_bytes = given
            .iter()
            .find(|(name, _)| name == MAX_REQUEST_BYTES)
            .and_then(|(_, value)| value.expose().trim().parse().ok())
            .unwrap_or(DEFAULT_REQUEST_BYTES)
            .min(MOST_REQUEST_BYTES);
        Ok(Variables { asks_for_token, max_request_bytes, given })
    }

    /// As the component reads them.
    pub(super) fn environment(&self) -> impl Iterator<Item = (String, String)> {
        self.given.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], no_auth: bool) -> Result<Variables, StartError> {
        Variables::new(
            variables.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
            no_auth,
        )
    }

    #[test]
    fn only_the_gateways_own_variables_are_passed_on() {
        let variables = read(&[("GATEWAY_TOKEN", "t"), ("PATH", "/bin"), ("VT_APIKEY", "k")], false).unwrap();
        assert_eq!(variables.environment().collect::<Vec<_>>(), [("GATEWAY_TOKEN".to_owned(), "t".to_owned())]);
        assert!(variables.asks_for_token);
    }

    #[test]
    fn a_variable_alone_does_not_open_the_gateway() {
        let refused = read(&[("GATEWAY_NO_AUTH", "true")], false).unwrap_err();
        assert!(matches!(refused, StartError::MissingToken));
        let text = refused.to_string();
        assert!(text.contains("GATEWAY_TOKEN") && text.contains("--no-auth"), "{text}");
    }

    #[test]
    fn without_a_token_it_is_told_so_and_a_blank_token_is_none() {
        let variables = read(&[("GATEWAY_TOKEN", " ")], true).unwrap();
        assert_eq!(variables.environment().collect::<Vec<_>>(), [("GATEWAY_NO_AUTH".to_owned(), "true".to_owned())]);
        assert!(!variables.asks_for_token);
    }

    #[test]
    fn a_token_and_no_auth_contradict_each_other() {
        assert!(matches!(read(&[("GATEWAY_TOKEN", "t")], true), Err(StartError::TokenAndNoAuth)));
    }

    #[test]
    fn the_largest_body_is_the_gateways_own() {
        let of = |text| read(&[("GATEWAY_TOKEN", "t"), ("GATEWAY_MAX_REQUEST_BYTES", text)], false).unwrap();
        assert_eq!(of("10").max_request_bytes, 10);
        assert_eq!(of("99999999999").max_request_bytes, 16 << 20);
        assert_eq!(of("many").max_request_bytes, 2 << 20);
    }
}
