//! Runs an action: the one place where a request meets the outside, and where a page is read after the other.
//!
//! Generic over [`Platform`], so that it runs natively in tests with an outside made up for the purpose.

use crate::api::answer::{Answer, Failure, Response};
use crate::api::listing::Page;
use crate::api::message::Message;
use crate::api::rate::Sent;
use crate::api::{Action, Listing, Request};
use crate::contract::{Failed, ResponseInfo};
use crate::paging::{self, Wish};
use crate::session::Session;
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

    /// A clock that never goes back, in nanoseconds since some moment.
    fn now(&self) -> u64;

    /// Does nothing for so many nanoseconds.
    fn wait(&self, nanoseconds: u64);

    /// The requests of this instance so far, for the configured rate.
    fn sent(&self, use_it: &mut dyn FnMut(&mut Sent));
}

/// Runs an action that is one request.
///
/// # Errors
/// The action's own, when its arguments are wrong; else what the settings, the exchange, VirusTotal or the action's
/// decoder found wrong. Never contains the API key.
pub fn run<P: Platform, T>(platform: &P, action: Result<Action<T>, Failed>) -> Result<T, Failed> {
    platform.remember(None);
    let Action { request, decode } = action?;
    let call = once(platform, request)?;
    decode(&call.answer).map_err(|error| call.session.redact(error))
}

/// Reads a collection as far as it is wanted.
///
/// # Errors
/// As [`run`]; only the first page's. What a later one has is in `page.incomplete`.
pub fn list<P: Platform, T>(platform: &P, listing: Result<Listing<T>, Failed>) -> Result<Page<T>, Failed> {
    platform.remember(None);
    let Listing { pages, convert } = listing?;
    let mut items = Vec::new();
    let page = paging::list(platform, pages, &mut |object| {
        items.push(convert(object));
        Wish::More
    })?;
    Ok(Page { items, page })
}

/// Runs an action that sends nothing. No answer was received to it either: the one before is not its own, and an engine that
/// keeps instances may have received that one for another caller.
pub fn compute<P: Platform, T>(platform: &P, action: impl FnOnce() -> T) -> T {
    platform.remember(None);
    action()
}

/// A call that was answered.
struct Call<'p, P> {
    session: Session<'p, P>,
    answer: Answer,
}

/// The part of [`run`] that does not depend on what is decoded, so that it is compiled once.
#[inline(never)]
fn once<P: Platform>(platform: &P, request: Request) -> Result<Box<Call<'_, P>>, Failed> {
    let mut session = Session::open(platform)?;
    match session.ask(&request) {
        Ok(answer) => Ok(Box::new(Call { session, answer })),
        Err(error) => Err(session.redact(error)),
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
