//! Following: one step gives what is new since the step before, oldest first, each once.
//!
//! A step lists everything since a little before the newest known date (`order=date+`, and the bound is inclusive),
//! leaves out what it knows by id, and goes on until the list or the budget ends. From page to page it moves the bound
//! rather than follow VirusTotal's cursor: entries that others delete meanwhile cannot shift it. Only where one second
//! holds more than a page does it need the cursor, and then it reads that second again until nothing in it is new.
//!
//! The checkpoint moves past nothing that was not given, so a caller who loses it gets things twice, never not at all. What
//! a clock that stepped back dates before all that the checkpoint knows by id is the one thing that it cannot find.
//!
//! Where the service deletes what is older than so many days, a step from an older checkpoint says what is lost: by the
//! service's own clock, since the component has none.

use crate::api::answer::Answer;
use crate::api::checkpoint::{Checkpoint, Reading};
use crate::api::envelope::{Object, collection};
use crate::api::fingerprint::fingerprint;
use crate::api::listing::{Guard, MAX_PAGE};
use crate::api::request::{Method, Parameter, Request};
use crate::api::{error, input};
use crate::contract::ioc_stream::StreamGap;
use crate::contract::types::PollBudget;
use crate::contract::{Error, ErrorKind, Failed, PageInfo};
use crate::driver::Platform;
use crate::session::Session;
use alloc::string::String;
use alloc::vec::Vec;

/// A list to follow, and how to read its objects.
#[derive(Debug)]
pub struct Following<T> {
    plan: Plan,
    convert: fn(Object<'_>) -> T,
}

/// What is the same whatever the objects become.
#[derive(Debug)]
struct Plan {
    request: Request,
    filter: String,
    since: Option<u64>,
    overlap: u64,
    query: u64,
    checkpoint: Option<Checkpoint>,
    items: u32,
    requests: u32,
    milliseconds: Option<u32>,
    /// After how many seconds the service deletes an object; `None`: not known to.
    retention: Option<u64>,
    /// An object's date, and what tells it from every other.
    mark: fn(&Object<'_>) -> (Option<u64>, u64),
}

/// What to follow, as the caller says it.
#[derive(Debug)]
pub struct Subject {
    /// Which objects, without dates.
    pub filter: Option<String>,
    /// Where the first step begins; absent: now.
    pub since: Option<u64>,
    /// How far back every step looks again, in seconds.
    pub overlap_seconds: Option<u32>,
    /// Where the step before ended.
    pub checkpoint: Option<String>,
    /// What the step may take.
    pub budget: PollBudget,
}

/// What a step brought.
#[derive(Debug)]
pub struct Batch<T> {
    /// What is new.
    pub items: Vec<T>,
    /// Where the next step begins.
    pub checkpoint: String,
    /// Whether there is more to read at once.
    pub more: bool,
    /// Why not, if that is not the budget.
    pub incomplete: Option<Error>,
    /// What the service deleted before it was read.
    pub gap: Option<StreamGap>,
}

/// A step through a list that the service deletes from: its batch says what is lost.
#[derive(Debug)]
pub struct Retained<T>(pub Batch<T>);

impl<T> Following<T> {
    /// Checks what is to be followed.
    ///
    /// # Errors
    /// `invalid-argument`, naming what is wrong; a checkpoint that belongs to another query is.
    pub fn new(
        segments: &[&str],
        flags: &[Parameter<'_>],
        subject: Subject,
        mark: fn(&Object<'_>) -> (Option<u64>, u64),
        convert: fn(Object<'_>) -> T,
    ) -> Result<Self, Failed> {
        input::undated(&subject.filter)?;
        let filter = subject.filter.unwrap_or_default();
        let bare = Request::new(Method::Get, segments);
        let query = fingerprint(&[&bare.path_and_query, &filter]);
        let checkpoint = match subject.checkpoint.as_deref() {
            Some(text) => Some(Checkpoint::read(text, query)?),
            None => None,
        };
        let PollBudget { items, requests, milliseconds } = subject.budget;
        let plan = Plan {
            request: bare.query(flags)?,
            filter,
            since: subject.since,
            overlap: input::overlap(subject.overlap_seconds)?,
            query,
            checkpoint,
            items: input::budget("budget.items", items, 1000)?,
            requests: input::budget("budget.requests", requests, 20)?,
            milliseconds: milliseconds.map(|most| input::budget("budget.milliseconds", Some(most), 1)).transpose()?,
            retention: None,
            mark,
        };
        Ok(Self { plan, convert })
    }

    /// Of a list whose objects the service deletes after so many seconds.
    #[must_use]
    pub fn kept_for(mut self, seconds: u64) -> Self {
        self.plan.retention = Some(seconds);
        self
    }
}

/// Takes one step.
///
/// # Errors
/// As [`run`](crate::driver::run); only while nothing was read. What fails later is in `incomplete`.
pub fn step<P: Platform, T>(platform: &P, following: Result<Following<T>, Failed>) -> Result<Batch<T>, Failed> {
    platform.remember(None);
    let Following { plan, convert } = following?;
    let mut items = Vec::new();
    let End { checkpoint, more, incomplete, gap } = begin(platform, plan, &mut |object| items.push(convert(object)))?;
    Ok(Batch { items, checkpoint, more, incomplete, gap })
}

/// The part of [`step`] that does not depend on what the objects become, so that it is compiled once.
#[inline(never)]
fn begin<P: Platform>(platform: &P, mut plan: Plan, give: &mut dyn FnMut(Object<'_>)) -> Result<End, Failed> {
    let mut session = Session::open(platform)?;
    let checkpoint = plan.checkpoint.take();
    let since = plan.since.map(|since| Checkpoint::since(plan.query, since));
    let ended = match checkpoint.or(since) {
        Some(checkpoint) => advance(&mut session, &plan, checkpoint, give),
        None => begin_now(&mut session, &plan),
    };
    match ended {
        Ok(end) => Ok(End { incomplete: end.incomplete.map(|error| *session.redact(Failed::new(error))), ..end }),
        Err(error) => Err(session.redact(error)),
    }
}

/// How a step ended.
struct End {
    checkpoint: String,
    more: bool,
    incomplete: Option<Error>,
    gap: Option<StreamGap>,
}

fn advance<P: Platform>(
    session: &mut Session<'_, P>,
    plan: &Plan,
    mut state: Checkpoint,
    give: &mut dyn FnMut(Object<'_>),
) -> Result<End, Failed> {
    let budget = Budget::new(session, plan);
    let reached = state.reached();
    let mut reading = state.reading.take().unwrap_or_else(|| Reading::from(state.resume(state.clock, plan.overlap)));
    let mut guard = Guard::new(reading.cursor.as_deref());
    let (mut given, mut has_answer, mut may_restart) = (0, false, true);
    let (mut incomplete, mut gap, mut knows_time) = (None, None, false);
    let more = loop {
        if has_answer && (given >= plan.items || budget.is_spent(session)) {
            break true;
        }
        let answer = session.ask(&plan.page(&reading));
        let (date, objects, page) = match read(&answer) {
            Ok(page) => page,
            // A cursor does not live for ever.
            Err(error) if may_restart && reading.cursor.is_some() && error.kind == ErrorKind::InvalidArgument => {
                may_restart = false;
                reading = reading.at(reading.from);
                guard = Guard::new(None);
                continue;
            }
            Err(error) if !has_answer => return Err(error),
            Err(error) => {
                incomplete = Some(*error);
                break true;
            }
        };
        has_answer = true;
        if let (Some(clock), false) = (date, knows_time) {
            knows_time = true;
            gap = plan.lost(reached, clock);
            // Nothing is left there to wait for, and it is said once.
            state.clock = gap.as_ref().map_or(state.clock, |gap| state.clock.max(gap.until));
        }
        if let Some(clock) = date
            && reading.observe(clock)
        {
            let from = state.resume(clock, plan.overlap);
            // The server's clock has stepped back: what it dates now lies before where this began.
            if from < reading.from {
                reading = reading.at(from);
                guard = Guard::new(None);
                continue;
            }
        }
        let is_empty = objects.is_empty();
        session.spend_on(objects.len());
        let (mut last, mut before, mut is_cut, mut is_ordered) = (reading.from, 0, false, true);
        for object in objects {
            let (date, mark) = (plan.mark)(&object);
            is_ordered &= date.is_none_or(|date| date >= before);
            before = date.unwrap_or(before);
            let date = date.unwrap_or(reading.from);
            // Older than asked for: whoever sent it does not know the filter, and would send it for ever.
            if date < reading.from || state.knows(mark) {
                last = last.max(date);
                continue;
            }
            is_cut = given >= plan.items;
            if is_cut {
                break;
            }
            give(object);
            given += 1;
            last = last.max(date);
            state.learn(date, mark);
            reading.found = true;
        }
        if is_cut {
            break true;
        }
        let next = page.cursor.filter(|next| !(is_empty && reading.cursor.as_ref() == Some(next)));
        // What a service gives in another order than asked for is read by its cursors alone.
        let has_moved = is_ordered && last > reading.from;
        if (next.is_none() || has_moved) && reading.cursor.is_some() && reading.found {
            // A second of several pages: once more, until nothing in it is new.
            reading = reading.at(reading.from);
            guard = Guard::new(None);
            continue;
        }
        let Some(next) = next else { break false };
        if has_moved {
            reading = reading.at(last);
            guard = Guard::new(None);
        } else if guard.is_repeated(&next) {
            incomplete = Some(*error::repeated_cursor());
            reading = reading.at(reading.from);
            break true;
        } else {
            reading.cursor = Some(next);
            if guard.is_empty_again(is_empty) {
                incomplete = Some(*error::empty_pages());
                break true;
            }
        }
    };
    if !more {
        state.clock = reading.clock;
    }
    state.forget_before(state.newest.saturating_sub(plan.overlap), if more { reading.from } else { u64::MAX });
    state.reading = more.then_some(reading);
    Ok(End { checkpoint: state.write(), more, incomplete, gap })
}

/// A place to start from: whatever is there now is known, and nothing is given.
fn begin_now<P: Platform>(session: &mut Session<'_, P>, plan: &Plan) -> Result<End, Failed> {
    let mut state = Checkpoint::since(plan.query, 0);
    let mut reading = Reading::from(0);
    let mut guard = Guard::new(None);
    loop {
        let answer = session.ask(&plan.newest(reading.cursor.as_deref()));
        let (date, objects, page) = read(&answer)?;
        reading.observe(date.unwrap_or(0));
        let is_empty = objects.is_empty();
        let mut oldest = u64::MAX;
        for object in objects {
            let (date, mark) = (plan.mark)(&object);
            let date = date.unwrap_or(state.newest);
            oldest = oldest.min(date);
            if !state.knows(mark) {
                state.learn(date, mark);
            }
        }
        let Some(next) = page.cursor.filter(|next| !(is_empty && reading.cursor.as_ref() == Some(next))) else {
            break;
        };
        // The newest second is all there as soon as something older is.
        if oldest < state.newest {
            state.floor = oldest.saturating_add(1);
            break;
        }
        if guard.is_repeated(&next) {
            return Err(error::repeated_cursor());
        }
        if guard.is_empty_again(is_empty) {
            return Err(error::empty_pages());
        }
        reading.cursor = Some(next);
    }
    state.clock = reading.clock;
    state.forget_before(state.newest.saturating_sub(plan.overlap), u64::MAX);
    Ok(End { checkpoint: state.write(), more: false, incomplete: None, gap: None })
}

/// The server's clock, the objects of a page, and where it stands.
type Read<'a> = (Option<u64>, Vec<Object<'a>>, PageInfo);

fn read(answer: &Result<Answer, Failed>) -> Result<Read<'_>, Failed> {
    let answer = answer.as_ref().map_err(Clone::clone)?;
    let (objects, page) = collection(answer)?;
    Ok((answer.date, objects, page))
}

impl Plan {
    /// What was deleted, by the service's clock, before it was read by somebody who has all that was made until then.
    fn lost(&self, reached: u64, clock: u64) -> Option<StreamGap> {
        let until = clock.saturating_sub(self.retention?);
        (reached < until).then_some(StreamGap { since: reached, until })
    }

    /// A page of everything since a date, oldest first.
    fn page(&self, reading: &Reading) -> Request {
        let mut since = String::from("date:");
        since.push_str(itoa::Buffer::new().format(reading.from));
        since.push('+');
        let filter = if self.filter.is_empty() { since } else { [self.filter.as_str(), " ", &since].concat() };
        self.ask(&filter, "date+", reading.cursor.as_deref())
    }

    /// A page of everything, newest first.
    fn newest(&self, cursor: Option<&str>) -> Request {
        self.ask(&self.filter, "date-", cursor)
    }

    fn ask(&self, filter: &str, order: &str, cursor: Option<&str>) -> Request {
        let mut request = self.request.clone();
        request.limit(MAX_PAGE);
        if !filter.is_empty() {
            request.add("filter", filter);
        }
        request.add("order", order);
        if let Some(cursor) = cursor {
            request.add("cursor", cursor);
        }
        request
    }
}

/// What a step may take, beside items.
struct Budget {
    /// The requests sent when there are none left.
    requests: u32,
    /// The nanoseconds to the deadline when there is no time left.
    remaining: u64,
}

impl Budget {
    fn new<P: Platform>(session: &Session<'_, P>, plan: &Plan) -> Self {
        let remaining = match plan.milliseconds {
            Some(most) => session.remaining().saturating_sub(u64::from(most) * 1_000_000),
            // The other half is for the request that is under way when this one is over.
            None => session.timeout() / 2,
        };
        Self { requests: session.requests().saturating_add(plan.requests), remaining }
    }

    fn is_spent<P: Platform>(&self, session: &Session<'_, P>) -> bool {
        session.requests() >= self.requests || session.remaining() <= self.remaining
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
