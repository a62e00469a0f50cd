//! A failure as a person or a script meets it: on standard error, with the next step, as text or as one JSON line.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vt_hunting_host::types::{self, ErrorKind};

use crate::{
    actions::Action,
    exit::Kind,
    output::{json, text::plain},
};

/// Why there is no answer, or only a part of one.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u32>,
    pub(crate) retryable: bool,
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure of this host.
    pub(crate) fn host(kind: Kind, code: &str, message: impl Into<String>, hint: &str) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: message.into(),
            status: None,
            retry_after: None,
            retryable: false,
            hint: Some(hint.to_owned()),
        }
    }

    /// An argument that this host itself finds wrong.
    pub(crate) fn argument(code: &str, message: impl Into<String>, hint: &str) -> Self {
        Self::host(Kind::Action(ErrorKind::InvalidArgument), code, message, hint)
    }

    /// A failure of an action, with what this command line has to say about it.
    pub(crate) fn action(error: types::Error, action: &Action) -> Self {
        let hint = hint(&error, action);
        Self {
            kind: Kind::Action(error.kind),
            code: error.code,
            message: error.message,
            status: error.status,
            retry_after: error.retry_after,
            retryable: error.retryable,
            hint,
        }
    }

    /// Tells it on standard error.
    pub(crate) fn report(&self, as_json: bool) {
        tell(&if as_json { self.json() } else { self.text() });
    }

    fn text(&self) -> String {
        let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let hint = Style::new().bold();
        let mut text =
            format!("{error}error[{}/{}]{error:#}: {}\n", self.kind.name(), plain(&self.code), plain(&self.message));
        if let Some(next) = &self.hint {
            text.push_str(&format!("{hint}hint{hint:#}: {}\n", plain(next)));
        }
        text
    }

    fn json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            error: Error<'a>,
        }
        #[derive(Serialize)]
        struct Error<'a> {
            #[serde(flatten)]
            error: json::Error<'a>,
            hint: Option<&'a str>,
            exit_code: u8,
        }
        let document = Document {
            error: Error {
                error: json::Error {
                    kind: self.kind.name(),
                    code: &self.code,
                    message: &self.message,
                    status: self.status,
                    retry_after: self.retry_after,
                    retryable: self.retryable,
                },
                hint: self.hint.as_deref(),
                exit_code: self.kind.code(),
            },
        };
        match serde_json::to_string(&document) {
            Ok(line) => line + "\n",
            Err(_) => self.text(),
        }
    }
}

/// Writes to standard error. With that gone there is nobody left to tell.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// The next step in the words of this command line. The message of the contract is for every host; this is for ours.
fn hint(error: &types::Error, action: &Action) -> Option<String> {
    if let Some(list) = repeat_with_care(error, action) {
        return Some(format!("it may have reached VirusTotal: look with `vt-hunting {list}` before repeating it"));
    }
    let again = match error.retry_after {
        Some(seconds) => format!("in {seconds} s"),
        None => "in a while".to_owned(),
    };
    let own = error.status.is_none();
    let hint = match error.kind {
        ErrorKind::InvalidArgument if !own && action.creates() => {
            "nothing was created; mend the rules, or the field that the message names".to_owned()
        }
        ErrorKind::InvalidArgument if !own && action.ids_from.is_some() => {
            let list = action.ids_from.unwrap_or_default();
            format!("`vt-hunting {list}` shows what there is, and its state")
        }
        ErrorKind::InvalidArgument => {
            format!("`vt-hunting {} --help` has the fields and their limits", action.command)
        }
        ErrorKind::Configuration if error.code == "MissingApiKey" => {
            "set VT_APIKEY, or give --apikey-file FILE".to_owned()
        }
        ErrorKind::Configuration => "`vt-hunting config` shows every setting and where it comes from".to_owned(),
        ErrorKind::Authentication => "`vt-hunting config` shows where the key comes from".to_owned(),
        ErrorKind::Forbidden if own => {
            "this host refused it: `vt-hunting config` shows the policy; --allow-private and --allow-http widen it"
                .to_owned()
        }
        ErrorKind::Forbidden => "hunting needs a premium key".to_owned(),
        ErrorKind::NotFound => {
            let list = action.ids_from?;
            format!("`vt-hunting {list}` lists the ids there are")
        }
        ErrorKind::Conflict => format!("`vt-hunting {}` shows what there is", action.ids_from?),
        ErrorKind::QuotaExceeded => {
            format!("repeat it {again}; VirusTotal does not say whether the minute, day or month is used up")
        }
        ErrorKind::RateLimited | ErrorKind::Unavailable => format!("repeat it {again}"),
        ErrorKind::Timeout if own => "raise it with --timeout SECONDS, or ask for less with --limit".to_owned(),
        ErrorKind::Timeout => format!("repeat it {again}"),
        ErrorKind::Transport if error.code == "TlsError" => {
            "if the service has a certificate of its own, give --ca-file FILE".to_owned()
        }
        ErrorKind::Transport => "check --url and --http-proxy: `vt-hunting config` shows both".to_owned(),
        ErrorKind::Protocol => "check that --url is VirusTotal's address: `vt-hunting config` shows it".to_owned(),
        ErrorKind::TooLarge if action.writes() => "send less".to_owned(),
        ErrorKind::TooLarge if action.function == "get-ioc-stream-objects" => {
            "ask for less with --limit or --descriptors-only, or raise --max-response-bytes".to_owned()
        }
        ErrorKind::TooLarge => "ask for less with --limit, or raise --max-response-bytes".to_owned(),
        ErrorKind::Other => "-vv shows what happened".to_owned(),
    };
    Some(hint)
}

/// The list to look at first, where the failure leaves open whether a create arrived.
fn repeat_with_care(error: &types::Error, action: &Action) -> Option<&'static str> {
    let ambiguous = match error.kind {
        ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Protocol => true,
        ErrorKind::Transport => error.code == "IncompleteResponse" || error.code == "ConnectionFailed",
        _ => false,
    };
    if ambiguous && action.creates() { action.ids_from } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions;

    fn error(kind: ErrorKind, code: &str, status: Option<u16>) -> types::Error {
        types::Error {
            kind,
            code: code.to_owned(),
            message: "It failed.".to_owned(),
            status,
            retry_after: None,
            retryable: false,
        }
    }

    #[test]
    fn json_is_one_line_with_every_field() {
        let failure = Failure::action(error(ErrorKind::NotFound, "NotFoundError", Some(404)), &actions::JOB);
        assert_eq!(
            failure.json(),
            "{\"error\":{\"kind\":\"not-found\",\"code\":\"NotFoundError\",\"message\":\"It failed.\",\"status\":404,\
             \"retry_after\":null,\"retryable\":false,\"hint\":\"`vt-hunting retrohunt jobs` lists the ids there are\",\
             \"exit_code\":14}}\n"
        );
    }

    #[test]
    fn text_names_kind_and_code_and_the_next_step() {
        let failure = Failure::action(error(ErrorKind::Configuration, "MissingApiKey", None), &actions::JOB);
        let text = anstream::adapter::strip_str(&failure.text()).to_string();
        assert_eq!(
            text,
            "error[configuration/MissingApiKey]: It failed.\nhint: set VT_APIKEY, or give --apikey-file FILE\n"
        );
    }

    #[test]
    fn a_message_cannot_drive_the_terminal() {
        let mut hostile = error(ErrorKind::Other, "X", Some(418));
        hostile.message = "a\u{1b}[2Jb\u{202e}c".to_owned();
        let text = Failure::action(hostile, &actions::JOB).text();
        assert!(text.contains("a\u{fffd}[2Jb\u{fffd}c"), "{text:?}");
    }

    #[test]
    fn an_ambiguous_create_says_to_look_first() {
        for kind in [ErrorKind::Timeout, ErrorKind::Unavailable] {
            let failure = Failure::action(error(kind, "X", None), &actions::CREATE_JOB);
            let hint = failure.hint.unwrap_or_default();
            assert!(hint.contains("`vt-hunting retrohunt jobs`"), "{hint}");
        }
        let refused = error(ErrorKind::Transport, "ConnectionRefused", None);
        let hint = Failure::action(refused, &actions::CREATE_JOB).hint;
        assert!(!hint.unwrap_or_default().contains("before repeating"));
    }
}
