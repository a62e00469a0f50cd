//! What is done to a call, and what may come of it: the table that every failure is held against.
//!
//! A harm acts on the first request of one call of one tenant, which the fault's key singles out. Kinds not listed are
//! violations, and so is a failure of the host itself: nothing here may make the component trap, or have the host give
//! up before the component does.

use std::time::Duration;

use fastrand::Rng;
use virustotal_hunting_simulator::FaultAction;
use vt_hunting_host::types::ErrorKind;

use crate::ending::Ending;
use crate::errand::Errand;

/// Whether the call can still end as it would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survival {
    /// It must.
    Sure,
    /// It may, or fail with the kind.
    Possible,
    /// It may if nothing of a good answer is read, as with a deletion; else it cannot.
    Unread,
    /// It cannot.
    None,
    /// It must if it may be repeated and got a kept connection, may fail with the kind on a new one, and must fail if it
    /// may not be repeated.
    Repeated,
}

/// Who makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// One with more patience than any fault lasts.
    Patient,
    /// One whose deadline is short.
    Hasty,
    /// One who drops the call once the fault has acted.
    Fickle,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Harm {
    pub(crate) name: &'static str,
    action: fn(&mut Rng) -> FaultAction,
    survival: Survival,
    /// The one kind of failure it may cause.
    kind: Option<ErrorKind>,
    pub(crate) caller: Caller,
}

const fn harm(name: &'static str, action: fn(&mut Rng) -> FaultAction, survival: Survival, kind: ErrorKind) -> Harm {
    Harm { name, action, survival, kind: Some(kind), caller: Caller::Patient }
}

const fn harmless(name: &'static str, action: fn(&mut Rng) -> FaultAction) -> Harm {
    Harm { name, action, survival: Survival::Sure, kind: None, caller: Caller::Patient }
}

/// All of them.
pub(crate) static HARMS: [Harm; 19] = [
    harm("status 429", |_| status(429), Survival::None, ErrorKind::RateLimited),
    harm("status 500", |_| status(500), Survival::None, ErrorKind::Unavailable),
    harm("status 503", |_| status(503), Survival::None, ErrorKind::Unavailable),
    harm("status 504", |_| status(504), Survival::None, ErrorKind::Timeout),
    harm("quota", |_| FaultAction::Quota, Survival::None, ErrorKind::QuotaExceeded),
    harm("rate limit", rate_limit, Survival::None, ErrorKind::RateLimited),
    harm("html edge", |_| FaultAction::HtmlEdge, Survival::None, ErrorKind::RateLimited),
    harm("redirect", redirect, Survival::None, ErrorKind::Protocol),
    harmless("delay", |rng| FaultAction::Delay(Duration::from_millis(rng.u64(5..150)))),
    harmless("ungzipped", |_| FaultAction::Ungzipped),
    harmless("drip, quick", |_| FaultAction::Drip { bytes: 4096, every: Duration::from_millis(2) }),
    // An answer that is shorter than the cut comes whole.
    harm("truncate", |rng| FaultAction::Truncate(rng.usize(0..600)), Survival::Possible, ErrorKind::Transport),
    harm("garbage", garbage, Survival::Unread, ErrorKind::Protocol),
    harm("gzip cut short", |_| FaultAction::Garbage(GZIP_HEAD.to_vec()), Survival::None, ErrorKind::Transport),
    harm("reset", |_| FaultAction::Reset, Survival::Repeated, ErrorKind::Transport),
    harm("reset after", |_| FaultAction::ResetAfter, Survival::Repeated, ErrorKind::Transport),
    Harm {
        name: "drip, slow",
        // An answer of a few bytes is through before the deadline.
        action: |_| FaultAction::Drip { bytes: 1, every: Duration::from_millis(100) },
        survival: Survival::Possible,
        kind: Some(ErrorKind::Timeout),
        caller: Caller::Hasty,
    },
    Harm {
        name: "stall",
        action: |_| FaultAction::Stall,
        survival: Survival::None,
        kind: Some(ErrorKind::Timeout),
        caller: Caller::Hasty,
    },
    Harm {
        name: "given up",
        action: |_| FaultAction::Stall,
        survival: Survival::None,
        kind: None,
        caller: Caller::Fickle,
    },
];

fn status(code: u16) -> FaultAction {
    FaultAction::Status { code, body: None, headers: Vec::new() }
}

fn rate_limit(rng: &mut Rng) -> FaultAction {
    let said = [None, Some("3"), Some("-1"), Some("1e30"), Some("Thu, 01 Jan 1970 00:00:00 GMT"), Some("soon")];
    FaultAction::RateLimit { retry_after: rng.choice(said).flatten().map(str::to_owned) }
}

/// To a port where nobody listens: following it would be another kind of failure, and hand out the key.
fn redirect(_: &mut Rng) -> FaultAction {
    let headers = vec![("location".to_owned(), "http://127.0.0.1:9/api/v3/".to_owned())];
    FaultAction::Respond { status: 302, headers, body: Vec::new() }
}

/// The head of a gzip stream, and of its content next to nothing.
const GZIP_HEAD: [u8; 12] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0xab, 0x56];

/// Random bytes that are no text, a login page, or half an answer.
fn garbage(rng: &mut Rng) -> FaultAction {
    let bytes: Vec<u8> = match rng.u8(0..3) {
        0 => std::iter::once(0xff).chain((0..rng.usize(1..2000)).map(|_| rng.u8(..))).collect(),
        1 => b"<html><body>Please log in</body></html>".to_vec(),
        _ => b"{\"data\":[{\"id\":\"".to_vec(),
    };
    FaultAction::Garbage(bytes)
}

impl Harm {
    pub(crate) fn action(&self, rng: &mut Rng) -> FaultAction {
        (self.action)(rng)
    }

    /// Whether this errand under this harm may end like this.
    pub(crate) fn permits(&self, errand: &Errand, ending: Ending) -> bool {
        if self.caller == Caller::Fickle {
            return ending == Ending::GivenUp;
        }
        let caused = self.kind.is_some_and(|kind| ending == Ending::Failed(kind));
        match self.survival {
            Survival::None => caused,
            Survival::Sure => errand.permits(ending),
            Survival::Unread => caused || (errand.is_unread() && errand.permits(ending)),
            Survival::Possible => caused || errand.permits(ending) || blurs(errand, ending),
            Survival::Repeated => caused || (errand.is_repeatable() && errand.permits(ending)),
        }
    }

    /// How many requests the call has to have sent, given how it ended: a second one only where the first was cut off
    /// on a kept connection and may be repeated.
    pub(crate) fn requests(&self, ending: Ending) -> usize {
        let lost = ending == Ending::Failed(ErrorKind::Transport);
        if self.survival == Survival::Repeated && !lost { 2 } else { 1 }
    }
}

/// Which of the two a 429 is stands in its body: one that was lost is taken for the one that passes.
fn blurs(errand: &Errand, ending: Ending) -> bool {
    ending == Ending::Failed(ErrorKind::RateLimited) && errand.permits(Ending::Failed(ErrorKind::QuotaExceeded))
}
