//! The only module that touches the outside: the seven imports of the world, and nothing else.

#[allow(unsafe_code, reason = "each use says why")]
mod canonical;
mod configuration;
mod deadline;
mod exchange;
mod runtime;

use crate::api::answer::{Failure, Response};
use crate::api::message::Message;
use crate::api::rate::Sent;
use crate::contract::ResponseInfo;
use crate::driver::Platform;
use alloc::string::String;
pub(crate) use canonical::give;
use runtime::Slot;
use wasi::clocks::monotonic_clock;

/// The outside, as WASI 0.2 gives it.
pub(crate) struct Wasi {
    last_response: Slot<ResponseInfo>,
    sent: Slot<Sent>,
}

/// An instance has one outside.
pub(crate) static WASI: Wasi = Wasi { last_response: Slot::new(), sent: Slot::new() };

impl Wasi {
    pub(crate) fn last_response(&self) -> Option<ResponseInfo> {
        self.last_response.get()
    }
}

impl Platform for Wasi {
    fn variables(&self) -> impl Fn(&str) -> Option<String> {
        let environment = configuration::read();
        move |name: &str| environment.variable(name)
    }

    fn exchange(&self, message: &Message<'_>) -> Result<Response, Failure> {
        exchange::exchange(message)
    }

    fn remember(&self, info: Option<ResponseInfo>) {
        self.last_response.set(info);
    }

    fn now(&self) -> u64 {
        monotonic_clock::now()
    }

    fn wait(&self, nanoseconds: u64) {
        monotonic_clock::subscribe_duration(nanoseconds).block();
    }

    fn sent(&self, use_it: &mut dyn FnMut(&mut Sent)) {
        self.sent.update(use_it);
    }
}
