//! What the gateway is told: what a connector would be, and the variables `GATEWAY_*`. Nothing else of the process's
//! environment reaches it.

use virustotal_hunting_gateway_head::{Access, Settings};

use super::error::StartError;
use crate::settings::Secret;

const PREFIX: &str = "GATEWAY_";
const TOKEN: &str = "GATEWAY_TOKEN";
const NO_AUTH: &str = "GATEWAY_NO_AUTH";

/// The variables, read as the component reads them.
pub(super) struct Variables {
    /// What they say.
    pub(super) settings: Settings,
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
        let value =
            |name: &str| given.iter().find(|(other, _)| other == name).map(|(_, value)| value.expose().to_owned());
        let settings = Settings::read(value)
            .map_err(|problem| StartError::Refused(problem.detail.trim_end_matches('.').to_owned()))?;
        Ok(Variables { settings, given })
    }

    /// Whether a token is asked for.
    pub(super) fn asks_for_token(&self) -> bool {
        matches!(self.settings.access, Access::Token(_))
    }

    /// As the component reads them.
    pub(super) fn environment(&self) -> impl Iterator<Item = (String, String)> {
        self.given.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn read(variables: &[(&str, &str)], no_auth: bool) -> Result<Variables, StartError> {
        Variables::new(
            variables.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
            no_auth,
        )
    }

    #[test]
    fn only_the_gateways_own_variables_are_passed_on() {
        let variables = read(&[("GATEWAY_TOKEN", TOKEN), ("PATH", "/bin"), ("VT_APIKEY", "k")], false).unwrap();
        assert_eq!(variables.environment().collect::<Vec<_>>(), [("GATEWAY_TOKEN".to_owned(), TOKEN.to_owned())]);
        assert!(variables.asks_for_token());
    }

    #[test]
    fn a_variable_alone_does_not_open_the_gateway() {
        let refused = read(&[("GATEWAY_NO_AUTH", "true")], false).err().unwrap();
        assert!(matches!(refused, StartError::MissingToken));
        let text = refused.to_string();
        assert!(text.contains("GATEWAY_TOKEN") && text.contains("--no-auth"), "{text}");
    }

    #[test]
    fn without_a_token_it_is_told_so_and_a_blank_token_is_none() {
        let variables = read(&[("GATEWAY_TOKEN", " ")], true).unwrap();
        assert_eq!(variables.environment().collect::<Vec<_>>(), [("GATEWAY_NO_AUTH".to_owned(), "true".to_owned())]);
        assert!(!variables.asks_for_token());
    }

    #[test]
    fn a_token_and_no_auth_contradict_each_other() {
        assert!(matches!(read(&[("GATEWAY_TOKEN", TOKEN)], true), Err(StartError::TokenAndNoAuth)));
    }

    #[test]
    fn what_the_component_would_refuse_is_refused_at_the_start() {
        for (name, value) in
            [("GATEWAY_MAX_REQUEST_BYTES", "many"), ("GATEWAY_CORS_ORIGINS", "*"), ("GATEWAY_TOKEN", "t")]
        {
            // The first one counts.
            let refused = read(&[(name, value), ("GATEWAY_TOKEN", TOKEN)], false).err().unwrap();
            assert!(matches!(&refused, StartError::Refused(why) if why.contains(name)), "{refused}");
        }
        let variables = read(&[("GATEWAY_TOKEN", TOKEN), ("GATEWAY_MAX_REQUEST_BYTES", "10")], false).unwrap();
        assert_eq!(variables.settings.max_request_bytes, 10);
    }
}
