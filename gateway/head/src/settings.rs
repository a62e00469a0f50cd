//! The gateway's settings: the variables `GATEWAY_*`. Everything else is the composed component's.

use crate::problem::Problem;

/// The shortest token: what can be tried out is none.
const SHORTEST_TOKEN: usize = 16;
const LONGEST_TOKEN: usize = 1024;
const DEFAULT_REQUEST_BYTES: usize = 2 * 1024 * 1024;
const MOST_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// Who may come in.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    /// Whoever has the token.
    Token(String),
    /// Whoever is on this machine.
    Loopback,
}

/// The settings in force.
#[derive(Clone)]
pub struct Settings {
    /// Who may come in.
    pub access: Access,
    /// The largest body of a request.
    pub max_request_bytes: usize,
    /// Which origins' pages may read answers.
    pub cors_origins: Vec<String>,
}

impl Settings {
    /// From variables. Empty and blank ones count as not set.
    ///
    /// # Errors
    ///
    /// A variable is wrong, or says nothing of who may come in.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problem> {
        let get = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let access = match (get("GATEWAY_TOKEN"), flag(get("GATEWAY_NO_AUTH"))?) {
            (Some(_), true) => {
                return Err(invalid("GATEWAY_NO_AUTH", "goes against GATEWAY_TOKEN; set one of them"));
            }
            (Some(token), false) => Access::Token(usable(token)?),
            (None, true) => Access::Loopback,
            (None, false) => {
                return Err(Problem::gateway(
                    503,
                    "MissingToken",
                    "The gateway lets no one in, since it has no token to ask for. Set GATEWAY_TOKEN to a long random text, \
                     for instance of `openssl rand -hex 32`.",
                ));
            }
        };
        let max_request_bytes = match get("GATEWAY_MAX_REQUEST_BYTES") {
            None => DEFAULT_REQUEST_BYTES,
            Some(text) => match text.parse() {
                Ok(bytes) if (1..=MOST_REQUEST_BYTES).contains(&bytes) => bytes,
                _ => {
                    return Err(invalid("GATEWAY_MAX_REQUEST_BYTES", "must be a number of bytes from 1 to 16777216"));
                }
            },
        };
        let mut cors_origins = Vec::new();
        for origin in get("GATEWAY_CORS_ORIGINS").iter().flat_map(|list| list.split(',')) {
            let origin = origin.trim();
            if !is_origin(origin) {
                return Err(invalid(
                    "GATEWAY_CORS_ORIGINS",
                    "must be origins joined by commas, each as a browser sends it, such as https://hunt.example:8443; there \
                     is no way to write every origin",
                ));
            }
            cors_origins.push(origin.to_owned());
        }
        Ok(Self { access, max_request_bytes, cors_origins })
    }
}

fn usable(token: String) -> Result<String, Problem> {
    let visible = token.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&token.len()) {
        return Ok(token);
    }
    Err(invalid("GATEWAY_TOKEN", "must be 16 to 1024 visible ASCII characters"))
}

fn flag(value: Option<String>) -> Result<bool, Problem> {
    match value.map(|value| value.to_ascii_lowercase()).as_deref() {
        Some("true" | "1" | "yes" | "on") => Ok(true),
        None | Some("false" | "0" | "no" | "off") => Ok(false),
        Some(_) => Err(invalid("GATEWAY_NO_AUTH", "must be true or false")),
    }
}

/// `scheme://host[:port]`, as browsers write it: in lower case, without a path.
fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    !authority.is_empty() && authority.bytes().all(allowed)
}

/// Names the variable, never its value.
fn invalid(name: &str, what: &str) -> Problem {
    Problem::gateway(500, "InvalidGatewaySetting", format!("The gateway's variable {name} {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let get = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        Settings::read(get).map_err(|problem| String::from_utf8_lossy(&problem.reply().body).into_owned())
    }

    const TOKEN: (&str, &str) = ("GATEWAY_TOKEN", "0123456789abcdef");

    #[test]
    fn a_token_is_all_that_is_needed() {
        let settings = read(&[TOKEN]).expect("good settings");
        assert!(settings.access == Access::Token(TOKEN.1.to_owned()));
        assert_eq!((settings.max_request_bytes, settings.cors_origins.len()), (2_097_152, 0));
    }

    #[test]
    fn without_a_token_no_one_is_let_in() {
        for variables in [&[][..], &[("GATEWAY_TOKEN", "  ")], &[("GATEWAY_NO_AUTH", "false")]] {
            let problem = read(variables).err().expect("a problem");
            assert!(problem.contains("\"status\":503") && problem.contains("GATEWAY_TOKEN"), "{problem}");
        }
    }

    #[test]
    fn a_bad_value_is_refused_by_name_and_not_repeated() {
        for (name, value) in [
            ("GATEWAY_TOKEN", "short-secret"),
            ("GATEWAY_TOKEN", "with a space in the middle"),
            ("GATEWAY_NO_AUTH", "perhaps-secret"),
            ("GATEWAY_NO_AUTH", "true"),
            ("GATEWAY_MAX_REQUEST_BYTES", "0"),
            ("GATEWAY_MAX_REQUEST_BYTES", "99999999"),
            ("GATEWAY_CORS_ORIGINS", "*"),
            ("GATEWAY_CORS_ORIGINS", "https://a.example/"),
            ("GATEWAY_CORS_ORIGINS", "https://a.example,"),
        ] {
            // The first one counts.
            let problem = read(&[(name, value), TOKEN]).err().expect("a problem");
            assert!(problem.contains("\"status\":500") && problem.contains(name), "{name}={value}: {problem}");
            assert!(!problem.contains("secret") && !problem.contains("middle"), "{problem}");
        }
    }

    #[test]
    fn origins_are_taken_exactly() {
        let settings = read(&[TOKEN, ("GATEWAY_CORS_ORIGINS", "https://a.example, http://[::1]:8080")]);
        assert_eq!(settings.expect("good settings").cors_origins, ["https://a.example", "http://[::1]:8080"]);
    }

    #[test]
    fn the_readme_has_every_variable() {
        let asked = std::cell::RefCell::new(Vec::new());
        let _ = Settings::read(|name| {
            asked.borrow_mut().push(name.to_owned());
            (name == TOKEN.0).then(|| TOKEN.1.to_owned())
        });
        assert_eq!(asked.borrow().len(), 4);
        for name in asked.borrow().iter() {
            assert!(include_str!("../../README.md").contains(&format!("| `{name}` |")), "README.md lacks {name}");
        }
    }
}
