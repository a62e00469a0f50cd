//! The contract's records as Rust types, generated from `wit/` at build time, under short names.

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::indexing_slicing, reason = "generated")]
pub mod bindings {
    //! What `wit-bindgen` makes of the world `connector`; the WASI half is the `wasi` crate's.
    wit_bindgen::generate!({
        world: "connector",
        path: "../wit",
        disable_run_ctors_once_workaround: true,
        with: {
            "wasi:io/poll@0.2.4": wasi::io::poll,
            "wasi:io/error@0.2.4": wasi::io::error,
            "wasi:io/streams@0.2.4": wasi::io::streams,
            "wasi:clocks/monotonic-clock@0.2.4": wasi::clocks::monotonic_clock,
            "wasi:http/types@0.2.4": wasi::http::types,
            "wasi:http/outgoing-handler@0.2.4": wasi::http::outgoing_handler,
            "wasi:cli/environment@0.2.4": wasi::cli::environment,
        },
    });
}

pub use bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
pub use diagnostics::ResponseInfo;
pub use types::{Error, ErrorKind, ItemError, PageInfo};

/// An error on its way to the caller. Boxed, since a `Result` is as large as its larger half and is moved at every `?`:
/// that is some 6 KB of the component.
pub type Failed = alloc::boxed::Box<Error>;
