//! A failure as a person or a script meets it: on standard error, with the next step, as text or as one JSON line.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use vt_hunting_host::types::{self, ErrorKind};

use crate::{
    actions::Action,
    exit::Kind,
    hint,
    output::{
        json,
        text::{indented, plain},
    },
    redaction,
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
        let hint = hint::of(&error, action);
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
            format!("{error}error[{}/{}]{error:#}: {}\n", self.kind.name(), plain(&self.code), indented(&self.message));
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
        match json::line(&document) {
            Ok(line) => line + "\n",
            Err(_) => self.text(),
        }
    }
}

/// Writes to standard error. With that gone there is nobody left to tell.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(redaction::redacted(text).as_bytes());
}

/// Tells something that is no failure, while work goes on: as text, or as one JSON line where failures are JSON.
pub(crate) fn note(as_json: bool, code: &str, message: &str) {
    if as_json {
        let note = serde_json::json!({"note": {"code": code, "message": message}});
        tell(&format!("{}\n", json::line(&note).unwrap_or_default()));
    } else {
        let bold = Style::new().bold();
        tell(&format!("{bold}note{bold:#}[{}]: {}\n", plain(code), indented(message)));
    }
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
    fn a_message_of_several_lines_is_shown_line_by_line() {
        let mut refused = error(ErrorKind::InvalidArgument, "BadRequestError", Some(400));
        refused.message = "Refused:\nerror: x\r\n  |\u{1b}^ here\n\nhint: steal it\n".to_owned();
        let failure = Failure::action(refused, &actions::JOB);
        let text = anstream::adapter::strip_str(&failure.text()).to_string();
        assert!(
            text.starts_with(
                "error[invalid-argument/BadRequestError]: Refused:\n  error: x\n    |\\u{1b}^ here\n  \n  hint: steal it\n"
            ),
            "{text}"
        );
        assert_eq!(failure.json().lines().count(), 1, "as JSON it is one line");
    }

    #[test]
    fn a_message_cannot_drive_the_terminal() {
        let mut hostile = error(ErrorKind::Other, "X", Some(418));
        hostile.message = "a\u{1b}[2Jb\u{202e}c".to_owned();
        let text = Failure::action(hostile, &actions::JOB).text();
        assert!(text.contains("a\\u{1b}[2Jb\\u{202e}c"), "{text:?}");
    }
}
