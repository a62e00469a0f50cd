//! An outside made up for tests: it plays answers, records what it is asked to do, and its clock moves only when it is
//! waited for.

pub(crate) mod service;

use crate::api::Listing;
use crate::api::answer::{Cause, Failure, Headers, Response};
use crate::api::message::Message;
use crate::api::rate;
use crate::api::request::Method;
use crate::contract::{Failed, ResponseInfo};
use crate::driver::Platform;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Headers as text.
pub(crate) type Pairs = Vec<(String, String)>;

/// What was sent: method, scheme and authority, target, headers, body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) origin: String,
    pub(crate) target: String,
    pub(crate) headers: Pairs,
    pub(crate) body: Option<String>,
    pub(crate) bounds: (u64, usize),
    /// How long connecting may take.
    pub(crate) connecting: u64,
}

/// Answers a request by itself.
type Service = Box<dyn FnMut(&Sent) -> Result<Response, Failure>>;

/// The outside.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) variables: RefCell<Vec<(&'static str, String)>>,
    answers: RefCell<VecDeque<Result<Response, Failure>>>,
    service: RefCell<Option<Service>>,
    pub(crate) sent: RefCell<Vec<Sent>>,
    last: RefCell<Option<ResponseInfo>>,
    /// The clock, in nanoseconds.
    pub(crate) clock: Cell<u64>,
    /// How long was waited, each time.
    pub(crate) waits: RefCell<Vec<u64>>,
    /// How long an exchange takes.
    pub(crate) takes: Cell<u64>,
    rate: RefCell<rate::Sent>,
}

impl Stage {
    pub(crate) fn with(variables: &[(&'static str, &'static str)]) -> Self {
        let stage = Self::default();
        stage.set(variables);
        stage
    }

    /// With a key, and what fails is not repeated.
    pub(crate) fn with_key() -> Self {
        Self::with(&[("VT_APIKEY", KEY), ("VT_RETRIES", "0")])
    }

    /// Replaces the variables.
    pub(crate) fn set(&self, variables: &[(&'static str, &'static str)]) {
        *self.variables.borrow_mut() = variables.iter().map(|(name, value)| (*name, String::from(*value))).collect();
    }

    pub(crate) fn answers(self, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        self.plays(Response { status, headers: raw(headers), body: Vec::from(body) })
    }

    pub(crate) fn plays(self, response: Response) -> Self {
        self.answers.borrow_mut().push_back(Ok(response));
        self
    }

    pub(crate) fn fails(self, cause: Cause, head: Option<(u16, Headers)>) -> Self {
        self.answers.borrow_mut().push_back(Err(Failure { cause, head }));
        self
    }

    /// Has everything answered that no answer was put in for.
    pub(crate) fn served_by(self, service: impl FnMut(&Sent) -> Result<Response, Failure> + 'static) -> Self {
        *self.service.borrow_mut() = Some(Box::new(service));
        self
    }

    /// Status, reason and headers of the last response.
    pub(crate) fn last(&self) -> Option<(u16, String, Pairs)> {
        let info = self.last.borrow().clone()?;
        Some((info.status_code, info.reason, info.headers))
    }

    /// How many requests the last call sent, if one was answered.
    pub(crate) fn attempts(&self) -> Option<u32> {
        self.last.borrow().as_ref().map(|info| info.attempts)
    }

    /// The targets of all requests.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.sent.borrow().iter().map(|sent| sent.target.clone()).collect()
    }
}

impl Platform for Stage {
    fn variables(&self) -> impl Fn(&str) -> Option<String> {
        let variables = self.variables.borrow().clone();
        move |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn exchange(&self, message: &Message<'_>) -> Result<Response, Failure> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let sent = Sent {
            method: message.method,
            origin: format!("{}://{}", if message.https { "https" } else { "http" }, message.authority),
            target: message.path_and_query.clone(),
            headers: message.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            body: message.body.map(text),
            bounds: (message.timeout_nanoseconds, message.max_response_bytes),
            connecting: message.connect_nanoseconds,
        };
        self.sent.borrow_mut().push(sent.clone());
        self.clock.set(self.clock.get() + self.takes.get());
        if let Some(answer) = self.answers.borrow_mut().pop_front() {
            return answer;
        }
        let answer = (self.service.borrow_mut().as_mut().expect("an answer to play"))(&sent)?;
        if answer.body.len() > message.max_response_bytes {
            let cause = Cause::TooLarge { most: message.max_response_bytes };
            return Err(Failure { cause, head: Some((answer.status, answer.headers)) });
        }
        Ok(answer)
    }

    fn remember(&self, info: Option<ResponseInfo>) {
        *self.last.borrow_mut() = info;
    }

    fn now(&self) -> u64 {
        self.clock.get()
    }

    fn wait(&self, nanoseconds: u64) {
        self.waits.borrow_mut().push(nanoseconds);
        self.clock.set(self.clock.get() + nanoseconds);
    }

    fn sent(&self, use_it: &mut dyn FnMut(&mut rate::Sent)) {
        use_it(&mut self.rate.borrow_mut());
    }
}

pub(crate) fn raw(headers: &[(&str, &str)]) -> Headers {
    headers.iter().map(|(name, value)| (String::from(*name), Vec::from(*value))).collect()
}

pub(crate) fn owned(headers: &[(&str, &str)]) -> Pairs {
    headers.iter().map(|(name, value)| (String::from(*name), String::from(*value))).collect()
}

/// The first request of a listing, as text: method and target.
pub(crate) fn first<T>(listing: Result<Listing<T>, Failed>) -> String {
    let pages = listing.unwrap().pages;
    let request = pages.request(pages.size(&pages.start, pages.limit), &pages.start);
    format!("{:?} {}", request.method, request.path_and_query)
}
