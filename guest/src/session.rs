//! One call: its settings, its deadline, and what is left of the retries and the bytes it may take.
//!
//! A call may be several requests (pages, retries); all of them share these.

use crate::api::answer::{Answer, Cause, Failure, Phase};
use crate::api::message::Message;
use crate::api::outcome::Outcome;
use crate::api::request::{Method, Request};
use crate::api::settings::Settings;
use crate::api::{backoff, error, status};
use crate::contract::{Failed, ResponseInfo};
use crate::driver::Platform;
use alloc::string::String;
use alloc::vec::Vec;

/// One call.
pub struct Session<'p, P> {
    platform: &'p P,
    settings: Settings,
    /// When the deadline passes, on the platform's clock.
    ends: u64,
    bytes_left: usize,
    retries_left: u32,
    attempts: u32,
}

impl<'p, P: Platform> Session<'p, P> {
    /// Begins a call: reads the settings, starts the clock.
    ///
    /// # Errors
    /// What [`Settings::read`] found wrong.
    pub fn open(platform: &'p P) -> Result<Self, Failed> {
        let settings = Settings::read(platform.variables())?;
        let ends = platform.now().saturating_add(settings.timeout_nanoseconds);
        let (bytes_left, retries_left) = (settings.max_response_bytes, settings.retries);
        Ok(Self { platform, settings, ends, bytes_left, retries_left, attempts: 0 })
    }

    /// Has one thing answered; sends it again where that can do no harm and may help.
    ///
    /// # Errors
    /// `forbidden` for a change where the settings allow reading only; `rate-limited` when the configured rate does not
    /// allow it before the deadline; else what the exchange or VirusTotal found wrong.
    pub fn ask(&mut self, request: &Request) -> Result<Answer, Failed> {
        if self.settings.read_only && request.method != Method::Get {
            return Err(error::read_only());
        }
        let platform = self.platform;
        let before = self.attempts;
        // What became of the attempts so far.
        let mut outcome = Outcome::NotSent;
        // An attempt that got no answer may have done what it was to do.
        let mut may_be_done = false;
        let mut before_this: Option<Failed> = None;
        loop {
            let mut message = Message::new(&self.settings, request)?;
            if let Err(refused) = self.wait_for_the_rate() {
                // Something was sent then, and how that ended says more.
                return Err(before_this.unwrap_or(refused));
            }
            self.attempts += 1;
            message.within(self.ends.saturating_sub(platform.now()), self.bytes_left);
            let exchanged = match message.timeout_nanoseconds {
                0 => Err(Failure { cause: Cause::Deadline(Phase::Start), head: None }),
                _ => platform.exchange(&message),
            };
            drop(message);
            self.remember(&exchanged);
            let was_lost = backoff::is_lost(&exchanged);
            let (this, bytes) = match &exchanged {
                Ok(response) => (Outcome::of_status(response.status), response.body.len()),
                Err(failure) => (failure.outcome(), failure.bytes()),
            };
            let answered = match exchanged {
                Ok(response) => Answer::from_response(response, &self.settings, self.bytes_left, request),
                Err(failure) => Err(failure.into_error(&self.settings, request, outcome)),
            };
            let mut failed = match answered {
                Ok(answer) => {
                    self.bytes_left = self.bytes_left.saturating_sub(answer.body.len());
                    return Ok(answer);
                }
                // It is gone: by the attempt before, whose answer got lost.
                Err(failed) if may_be_done && request.method == Method::Delete && failed.status == Some(404) => {
                    drop(failed);
                    return Ok(Answer { status: 204, body: String::new(), doubt: None, date: None });
                }
                Err(failed) => failed,
            };
            // What was read of an answer that is no use counts as well, or each repetition could fill the memory again.
            self.bytes_left = self.bytes_left.saturating_sub(bytes);
            outcome = outcome.max(this);
            // 503 is said by a service that did not begin: what is not there then was never there.
            may_be_done |= this == Outcome::Unknown && failed.status != Some(503);
            let attempts = self.attempts - before;
            let now = platform.now();
            let wait = backoff::wait(attempts, failed.retry_after, now ^ u64::from(self.attempts));
            let may_help = was_lost || backoff::is_passing(&failed);
            let does_no_harm = request.is_repeatable() || outcome == Outcome::NotSent;
            let in_time = now.saturating_add(wait) < self.ends;
            if !(may_help && does_no_harm && self.retries_left > 0 && in_time) {
                if attempts > 1 {
                    let times = error::decimal(u64::from(attempts));
                    failed.message.push_str(&[" It was tried ", &times, " times."].concat());
                }
                return Err(failed);
            }
            self.retries_left -= 1;
            before_this = Some(failed);
            platform.wait(wait);
        }
    }

    /// Counts what objects take beside their text against the bytes of the call, so that nobody's millions of empty ones
    /// fill the memory.
    pub fn spend_on(&mut self, objects: usize) {
        const OBJECT: usize = 256;
        self.bytes_left = self.bytes_left.saturating_sub(objects.saturating_mul(OBJECT));
    }

    /// Requests sent so far.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.attempts
    }

    /// Nanoseconds to go until the deadline.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.ends.saturating_sub(self.platform.now())
    }

    /// The whole deadline, in nanoseconds.
    #[must_use]
    pub fn timeout(&self) -> u64 {
        self.settings.timeout_nanoseconds
    }

    /// An error without the key, should a server have echoed it.
    #[must_use]
    pub fn redact(&self, error: Failed) -> Failed {
        self.settings.redact(error)
    }

    fn wait_for_the_rate(&self) -> Result<(), Failed> {
        let Some(rate) = self.settings.rate else { return Ok(()) };
        loop {
            let now = self.platform.now();
            let mut admitted = Ok(());
            self.platform.sent(&mut |sent| admitted = sent.admit(rate, now));
            match admitted {
                Ok(()) => return Ok(()),
                Err(wait) if now.saturating_add(wait.nanoseconds) >= self.ends => return Err(wait.into_error()),
                Err(wait) => self.platform.wait(wait.nanoseconds),
            }
        }
    }

    fn remember(&self, exchanged: &Result<crate::api::answer::Response, Failure>) {
        let head = match exchanged {
            Ok(response) => Some((response.status, &response.headers)),
            Err(failure) => failure.head.as_ref().map(|head| (head.0, &head.1)),
        };
        if let Some((status, headers)) = head {
            self.platform.remember(Some(self.response_info(status, headers)));
        }
    }

    fn response_info(&self, status: u16, headers: &[(String, Vec<u8>)]) -> ResponseInfo {
        ResponseInfo {
            status_code: status,
            reason: String::from(status::reason(status)),
            headers: self.settings.shown(headers),
            attempts: self.attempts,
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
