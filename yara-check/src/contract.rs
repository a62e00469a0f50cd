//! The contract's records as Rust types, generated from `wit/` at build time, under short names.

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all, clippy::indexing_slicing, reason = "generated")]
pub mod bindings {
    //! What `wit-bindgen` makes of the world `yara-check`.
    wit_bindgen::generate!({
        world: "yara-check",
        path: "wit",
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::virustotal::yara_check::rules_check::{
    CheckOptions, Finding, Guest, Hunt, MatchObjectType, Report, Severity,
};
