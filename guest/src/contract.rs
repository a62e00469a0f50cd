//! The contract's records as Rust types, generated from `wit/` at build time, under short names.

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::indexing_slicing, reason = "generated")]
pub mod bindings {
    //! What `wit-bindgen` makes of the world; the WASI half is the `wasi` crate's, but for the configuration store, which it
    //! does not have.
    macro_rules! world {
        ($world:literal $($settings:tt)*) => {
            wit_bindgen::generate!({
                world: $world,
                path: "../wit",
                disable_run_ctors_once_workaround: true,
                with: {
                    "wasi:io/poll@0.2.4": ::wasi::io::poll,
                    "wasi:io/error@0.2.4": ::wasi::io::error,
                    "wasi:io/streams@0.2.4": ::wasi::io::streams,
                    "wasi:clocks/monotonic-clock@0.2.4": ::wasi::clocks::monotonic_clock,
                    "wasi:http/types@0.2.4": ::wasi::http::types,
                    "wasi:http/outgoing-handler@0.2.4": ::wasi::http::outgoing_handler,
                    $($settings)*
                },
            });
        };
    }
    #[cfg(not(feature = "config-store"))]
    world!("connector" "wasi:cli/environment@0.2.4": ::wasi::cli::environment);
    #[cfg(feature = "config-store")]
    world!("connector-config-store" "wasi:config/store@0.2.0-rc.1": generate);
}

pub use bindings::exports::virustotal::hunting::{
    account, crowdsourced, diagnostics, ioc_stream, livehunt, operations, retrohunt, snippets, types,
};
pub use diagnostics::ResponseInfo;
pub use types::{Error, ErrorKind, ItemError, PageInfo};

/// An error on its way to the caller. Boxed, since a `Result` is as large as its larger half and is moved at every `?`:
/// that is some 6 KB of the component.
pub type Failed = alloc::boxed::Box<Error>;
