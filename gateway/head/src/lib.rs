//! What a request's head says about it: whether it is answered from the head alone, or its body is worth reading.
//!
//! The component judges every request with this, whatever host it runs in. `vt-hunting serve` judges with the same code
//! before that, so that who has no token gets neither an instance nor a byte of memory for a body. Pure: no input, no
//! output, nothing kept.
//!
//! | module | what |
//! |---|---|
//! | `judge` | the order in which a request is judged, and what is left to do after that |
//! | `host` | the host that a request names |
//! | `access` | who is let in |
//! | `media` | the media type and the length that a head declares |
//! | `cors` | which pages of other origins may read answers |
//! | `settings` | the variables `GATEWAY_*` |
//! | `problem`, `reply`, `request` | the values |
#![forbid(unsafe_code)]

mod access;
mod cors;
mod host;
mod judge;
mod media;
mod problem;
mod reply;
mod request;
mod settings;

pub use cors::headers as cors_headers;
pub use host::name as host;
pub use judge::{Route, finish, health, judge, unknown_action};
pub use media::too_large;
pub use problem::{Kind, Problem};
pub use reply::Reply;
pub use request::Request;
pub use settings::{Access, Settings};
