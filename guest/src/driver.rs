//! The one place where an action meets the outside: settings, exchange, answer or failure.
//!
//! Generic over [`Platform`], so that it runs natively in tests with an outside made up for the purpose.

use crate::api::answer::{Answer, Failure, Response};
use crate::api::message::Message;
use crate::api::settings::Settings;
use crate::api::{Action, Request, status};
use crate::contract::{Error, Failed, ResponseInfo};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// What a call needs of the outside.
pub trait Platform {
    /// The values the settings are read from, taken anew every call: never kept, so that a rotated key works at once.
    fn variables(&self) -> impl Fn(&str) -> Option<String>;

    /// Sends one request and reads its whole answer within the message's deadline and cap.
    fn exchange(&self, message: &Message<'_>) -> Result<Response, Failure>;

    /// Keeps what `diagnostics.last-response` tells; `None` while no answer has come.
    fn remember(&self, info: Option<ResponseInfo>);
}

/// Runs one action.
///
/// # Errors
/// The action's own, when its arguments are wrong; else what [`Settings::read`], the exchange, VirusTotal or the
/// action's decoder found wrong. Never contains the API key.
pub fn run<P: Platform, T>(platform: &P, action: Result<Action<T>, Failed>) -> Result<T, Error> {
    platform.remember(None);
    match action.and_then(|action| {
        let call = perform(platform, &action.request)?;
        (action.decode)(&call.answer).map_err(|error| call.settings.redact(error))
    }) {
        Ok(decoded) => Ok(decoded),
        Err(error) => Err(*error),
    }
}

/// A call that was answered.
struct Call {
    settings: Settings,
    answer: Answer,
}

/// The part of [`run`] that does not depend on what is decoded, so that it is compiled once.
fn perform<P: Platform>(platform: &P, request: &Request) -> Result<Box<Call>, Failed> {
    let settings = Settings::read(platform.variables())?;
    match exchange(platform, &settings, request) {
        Ok(answer) => Ok(Box::new(Call { settings, answer })),
        Err(error) => Err(settings.redact(error)),
    }
}

fn exchange<P: Platform>(platform: &P, settings: &Settings, request: &Request) -> Result<Answer, Failed> {
    let message = Message::new(settings, request)?;
    let exchanged = platform.exchange(&message);
    let head = match &exchanged {
        Ok(response) => Some((response.status, &response.headers)),
        Err(failure) => failure.head.as_ref().map(|head| (head.0, &head.1)),
    };
    if let Some((status, headers)) = head {
        platform.remember(Some(response_info(settings, status, headers)));
    }
    match exchanged {
        Ok(response) => Answer::from_response(response, settings, request),
        Err(failure) => Err(failure.into_error(settings, request)),
    }
}

fn response_info(settings: &Settings, status: u16, headers: &[(String, Vec<u8>)]) -> ResponseInfo {
    ResponseInfo {
        status_code: status,
        reason: String::from(status::reason(status)),
        headers: headers.iter().map(|(name, value)| (name.clone(), settings.redact_header(value))).collect(),
        attempts: 1,
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
