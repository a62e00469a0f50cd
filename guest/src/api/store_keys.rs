//! The settings as a user of `wasi:config/store` knows them: the variables' names without `VT_`, in lower case.
//!
//! The rest of the component speaks of variables. Here a variable's name becomes the key to ask the store for, and errors
//! get the keys' names, so that nobody is told to set a variable that nothing reads.

use super::error;
use crate::contract::Failed;
use alloc::string::String;

/// What every variable begins with, and no key.
const PREFIX: &str = "VT_";

/// Not a setting: a source that could not be read answers this with the key that it failed at.
pub const UNREADABLE: &str = "unreadable";

/// The key for a variable: `apikey` for `VT_APIKEY`.
#[must_use]
pub fn key(variable: &str) -> String {
    variable.strip_prefix(PREFIX).unwrap_or(variable).to_ascii_lowercase()
}

/// What was read, unless the source failed at some key: then what is missing may well be there.
///
/// # Errors
/// `configuration` `StoreUnreadable`, naming the key; else what was wrong before, with the keys' names.
pub fn checked<T>(read: Result<T, Failed>, variable: &dyn Fn(&str) -> Option<String>) -> Result<T, Failed> {
    match variable(UNREADABLE) {
        Some(key) => Err(error::setting(
            "StoreUnreadable",
            &key,
            "could not be read: the host's configuration store failed",
            "Nothing was sent. See the host's log for the reason, and try again when the store answers.",
        )),
        None => read.map_err(named),
    }
}

/// An error that names keys where it named variables. Only names behind a backtick are changed: the component writes its
/// own in no other way, and what a server says stays as it is.
#[must_use]
pub fn named(mut error: Failed) -> Failed {
    let mut parts = error.message.split('`');
    let mut message = String::from(parts.next().unwrap_or_default());
    for part in parts {
        message.push('`');
        let end =
            part.find(|character: char| !character.is_ascii_uppercase() && character != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        if name.len() > PREFIX.len() && name.starts_with(PREFIX) {
            message.push_str(&key(name));
            message.push_str(rest);
        } else {
            message.push_str(part);
        }
    }
    error.message = message;
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::settings::Settings;
    use crate::contract::ErrorKind;
    use alloc::borrow::ToOwned;

    fn store<'a>(entries: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |variable| entries.iter().find(|(known, _)| *known == key(variable)).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_key_is_its_variable_without_the_prefix() {
        assert_eq!(key("VT_APIKEY_FROM_HOST"), "apikey_from_host");
        assert_eq!(key("VT_URL"), "url");
    }

    #[test]
    fn settings_are_read_by_their_keys() {
        let entries = [("apikey", "0123456789abcdef"), ("access", "read-only"), ("retries", "7")];
        let settings = Settings::read(store(&entries)).expect("these are settings");
        assert_eq!((settings.key(), settings.read_only, settings.retries), (Some("0123456789abcdef"), true, 7));
    }

    #[test]
    fn every_error_names_the_key_and_no_variable() {
        let wrong: [(&str, &str); 10] = [
            ("apikey", " "),
            ("apikey", "two words"),
            ("apikey_from_host", "maybe"),
            ("allow_http", "maybe"),
            ("timeout", "-1"),
            ("max_response_bytes", "0"),
            ("access", "some"),
            ("retries", "11"),
            ("requests_per_minute", "0"),
            ("http_proxy", "http://proxy.example"),
        ];
        for (name, value) in wrong {
            let entries = [(name, value), ("apikey", "0123456789abcdef")];
            let entries = if name == "apikey" { &entries[..1] } else { &entries };
            let error = checked(Settings::read(store(entries)), &store(entries)).expect_err(name);
            assert!(error.message.contains(&alloc::format!("`{name}`")), "{}", error.message);
            assert!(!error.message.contains("VT_"), "{}", error.message);
        }
    }

    #[test]
    fn advice_that_sets_another_key_names_that_one() {
        let error = checked(Settings::read(|_| None), &|_| None).expect_err("there is no key");
        assert!(error.message.contains("`apikey_from_host=true`"), "{}", error.message);
    }

    #[test]
    fn a_store_that_fails_is_told_from_one_that_lacks_the_key() {
        let broken = |name: &str| (name == UNREADABLE).then(|| "apikey".to_owned());
        let error = checked(Settings::read(broken), &broken).expect_err("the store failed");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Configuration, "StoreUnreadable"));
        assert!(error.message.starts_with("`apikey` could not be read"), "{}", error.message);
        assert!(!error.retryable);
    }

    #[test]
    fn what_a_server_says_stays_as_it_is() {
        let said = "VirusTotal answered 400: set VT_URL, `VT` and `rule_VT_URL`. Check `VT_URL`.";
        let mut error = error::cursor("is wrong");
        error.message = said.to_owned();
        assert_eq!(named(error).message, said.replace("`VT_URL`.", "`url`."));
    }
}
