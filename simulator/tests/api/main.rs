//! The simulator as its clients see it, over real sockets: one file per behaviour.
#![forbid(unsafe_code)]

mod client;

mod account;
mod arrivals;
mod clock;
mod faults;
mod ioc_stream;
mod irregular;
mod livehunt;
mod pages;
mod retrohunt;
mod seeded;
mod strict;
mod transport;
mod variables;
mod vt_py;
