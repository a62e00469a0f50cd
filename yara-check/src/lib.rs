//! YARA rules, checked before they are uploaded, as a WebAssembly component that imports nothing.
//!
//! VirusTotal's own parser, `yara-x-parser`, says what is no YARA at all; the modules here say what VirusTotal would refuse
//! of the rest. Nothing is compiled and nothing is run, so types and most fields of modules are not looked at.
//!
//! 1. [`checker`] takes the source text and puts the report together;
//! 2. [`lexical`] says how much of it is worth parsing; [`syntax`] parses it, and learns from the tokens what also holds of
//!    broken rules: names and imports;
//! 3. [`imports`], [`rules`], [`patterns`], [`contents`], [`regexps`], [`condition`], [`values`], [`target`] and [`access`] look
//!    at the rules that are sound;
//! 4. [`findings`] gathers what they find, and [`places`] turns offsets into lines, columns and excerpts.
//!
//! A panic in the component is a trap without text, hence the lints below. Nothing of our own recurses on the source, and how
//! deep the parser may is bounded by itself.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod access;
pub mod checker;
mod condition;
mod contents;
pub mod contract;
mod findings;
mod imports;
mod lexical;
mod patterns;
mod places;
mod regexps;
mod rules;
mod syntax;
mod target;
mod values;

#[cfg(target_family = "wasm")]
mod exports {
    use super::checker;
    use super::contract::{CheckOptions, Guest, Report};

    struct Component;

    impl Guest for Component {
        fn check_rules(source: String, options: CheckOptions) -> Report {
            checker::check(&source, options)
        }
    }

    #[allow(unsafe_code, unreachable_pub, reason = "the canonical ABI's exported symbols")]
    mod symbols {
        use super::Component;
        crate::contract::bindings::export!(Component with_types_in crate::contract::bindings);
    }
}
