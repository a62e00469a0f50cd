//! The contract as this component imports it, under short names.

#[allow(missing_docs, unsafe_code, unreachable_pub, dead_code, clippy::all, reason = "generated")]
pub(crate) mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

pub(crate) use bindings::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
pub use diagnostics::ResponseInfo;
pub use types::{Error as Failure, ErrorKind};
