//! A service made up for tests of reading to the end and of following: one dated collection, and every bad habit that
//! services are known to have.

use super::{Sent, raw};
use crate::api::answer::{Cause, Failure, Response};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Something in the collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) date: u64,
    pub(crate) id: u64,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The connection breaks.
    Reset,
    /// 503, 500, ….
    Status(u16),
    /// 200, and a body that breaks off in the midst of its objects.
    HalfBody,
    /// 200, and something else's body.
    Garbage,
}

/// The service, its state shared with the test.
#[derive(Clone, Default)]
pub(crate) struct Service(pub(crate) Rc<RefCell<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) entries: Vec<Entry>,
    /// The clock, in seconds since 1970.
    pub(crate) now: u64,
    /// Cursors count entries, so that a deletion shifts what they mean.
    pub(crate) counts: bool,
    /// Pages of this size, whatever was asked for.
    pub(crate) ignores_limit: Option<usize>,
    /// So many empty pages before each that is not the first.
    pub(crate) empty_pages: usize,
    /// The last page has a cursor with nothing behind it.
    pub(crate) trails: bool,
    /// The last page has the cursor it was asked with.
    pub(crate) repeats: bool,
    /// Answers without a `date`.
    pub(crate) undated: bool,
    /// What goes wrong with the next requests.
    pub(crate) faults: VecDeque<Option<Fault>>,
    next: u64,
}

impl State {
    /// Adds entries at this moment.
    pub(crate) fn add(&mut self, count: usize) -> Vec<u64> {
        let ids: Vec<u64> = (0..count as u64).map(|index| self.next + index).collect();
        self.next += count as u64;
        self.entries.extend(ids.iter().map(|id| Entry { date: self.now, id: *id }));
        ids
    }

    fn answer(&mut self, sent: &Sent) -> Result<Response, Failure> {
        let fault = self.faults.pop_front().flatten();
        match fault {
            Some(Fault::Reset) => {
                let cause = Cause::Connection { detail: String::from("reset"), may_have_arrived: true };
                return Err(Failure { cause, head: None });
            }
            Some(Fault::Status(status)) => return Ok(self.reply(status, "")),
            Some(Fault::Garbage) => return Ok(self.reply(200, "<html>")),
            Some(Fault::HalfBody) | None => {}
        }
        let query = Query::of(&sent.target);
        let mut listed: Vec<Entry> =
            self.entries.iter().filter(|entry| query.since.is_none_or(|since| entry.date >= since)).cloned().collect();
        listed.sort_by_key(|entry| (entry.date, entry.id));
        if query.order != "date+" {
            listed.reverse();
        }
        let binding = format!("{}{}", query.filter.len(), query.order.len());
        let (start, pause) = match query.cursor.as_deref().map(|cursor| cursor.split('_').collect::<Vec<_>>()) {
            None => (0, 0),
            Some(parts) => {
                let [bound, place, date, pause] = parts.as_slice() else { return Ok(self.reply(400, "")) };
                if *bound != binding {
                    return Ok(self.reply(400, ""));
                }
                let key = (date.parse::<u64>().unwrap(), place.parse::<u64>().unwrap());
                let start = if self.counts {
                    key.1 as usize
                } else {
                    let is_before = |entry: &Entry| match query.order.as_str() {
                        "date+" => (entry.date, entry.id) <= key,
                        _ => (entry.date, entry.id) >= key,
                    };
                    listed.iter().take_while(|entry| is_before(entry)).count()
                };
                (start.min(listed.len()), pause.parse::<usize>().unwrap())
            }
        };
        let cursor = |end: usize, pause: usize| {
            let (place, date) = match end.checked_sub(1).and_then(|last| listed.get(last)) {
                Some(last) if !self.counts => (last.id, last.date),
                _ => (end as u64, 0),
            };
            format!("{binding}_{place}_{date}_{pause}")
        };
        if pause > 0 {
            return Ok(self.reply(200, &page(&[], Some(cursor(start, pause - 1)), listed.len())));
        }
        let size = self.ignores_limit.unwrap_or(query.limit);
        let end = (start + size).min(listed.len());
        let next = if end < listed.len() {
            Some(cursor(end, self.empty_pages))
        } else if self.repeats && query.cursor.is_some() {
            query.cursor.clone()
        } else if self.trails && end > start {
            Some(cursor(end, 0))
        } else {
            None
        };
        let mut body = page(&listed[start..end], next, listed.len());
        if matches!(fault, Some(Fault::HalfBody)) {
            body.truncate(body.len() / 2);
        }
        Ok(self.reply(200, &body))
    }

    fn reply(&self, status: u16, body: &str) -> Response {
        let date = http_date(self.now);
        let headers = if self.undated { Vec::new() } else { raw(&[("date", &date)]) };
        Response { status, headers, body: Vec::from(body) }
    }
}

impl Service {
    /// As a stage's service.
    pub(crate) fn serve(&self) -> impl FnMut(&Sent) -> Result<Response, Failure> + use<> {
        let service = self.clone();
        move |sent| service.0.borrow_mut().answer(sent)
    }
}

fn page(entries: &[Entry], cursor: Option<String>, count: usize) -> String {
    let objects: Vec<String> = entries
        .iter()
        .map(|Entry { date, id }| {
            // The same object comes up several times: only the notification tells one from the other.
            let object = id % 5;
            format!(
                "{{\"type\":\"file\",\"id\":\"file-{object}\",\"context_attributes\":\
                 {{\"notification_id\":\"{id}\",\"notification_date\":{date}}}}}"
            )
        })
        .collect();
    let cursor = cursor.map(|cursor| format!("\"cursor\":\"{cursor}\",")).unwrap_or_default();
    format!("{{\"data\":[{}],\"meta\":{{{cursor}\"count\":{count}}}}}", objects.join(","))
}

/// What a request asks.
struct Query {
    limit: usize,
    filter: String,
    since: Option<u64>,
    order: String,
    cursor: Option<String>,
}

impl Query {
    fn of(target: &str) -> Self {
        let mut query =
            Self { limit: 10, filter: String::new(), since: None, order: String::from("date-"), cursor: None };
        for (name, value) in
            target.split_once('?').map_or("", |(_, query)| query).split('&').filter_map(|pair| pair.split_once('='))
        {
            let value = value.replace("%3A", ":").replace("%2B", "+").replace("%20", " ");
            match name {
                "limit" => query.limit = value.parse().unwrap(),
                "order" => query.order = value,
                "cursor" => query.cursor = Some(value),
                "filter" => {
                    let date = value.split(' ').find_map(|term| term.strip_prefix("date:")?.strip_suffix('+'));
                    query.since = date.map(|date| date.parse().unwrap());
                    query.filter = value;
                }
                _ => {}
            }
        }
        assert!((1..=40).contains(&query.limit), "Limit can't be larger than 40");
        query
    }
}

/// Seconds since 1970 as `Sun, 06 Nov 1994 08:49:37 GMT`; the weekday is not looked at.
fn http_date(seconds: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (mut days, time) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("Sun, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", days + 1, MONTHS[month])
}
