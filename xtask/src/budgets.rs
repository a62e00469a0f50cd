//! What the component promises its hosts. A change here is a change of the product: say why in the commit.

/// 384 KiB, in bytes. It travels over networks, sits in registries and is compiled at every cold start. What it may grow
/// by is for plain code; the figures below hold it to what it has.
pub(crate) const MAX_BYTES: u64 = 384 * 1024;

/// All that the component can do to the outside. A host audits this list, so nothing joins it by accident.
pub(crate) const IMPORTS: [&str; 7] = [
    "wasi:io/poll",
    "wasi:io/error",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    "wasi:cli/environment",
];

/// The build for hosts with a configuration store: the same, but for where its settings come from.
pub(crate) const CONFIG_STORE_IMPORTS: [&str; 7] = [
    "wasi:io/poll",
    "wasi:io/error",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
    CONFIG_STORE,
];

/// A draft of WASI, which has exactly one version that hosts implement.
pub(crate) const CONFIG_STORE: &str = "wasi:config/store";
/// That version.
pub(crate) const CONFIG_STORE_VERSION: &str = "0.2.0-rc.1";

/// Imports are of WASI 0.2.x, x at most this: a host refuses an import newer than what it implements.
pub(crate) const MAX_WASI_PATCH: u32 = 6;

/// All that the component offers.
pub(crate) const EXPORTS: [&str; 9] = [
    "virustotal:hunting/types",
    "virustotal:hunting/livehunt",
    "virustotal:hunting/retrohunt",
    "virustotal:hunting/ioc-stream",
    "virustotal:hunting/operations",
    "virustotal:hunting/account",
    "virustotal:hunting/crowdsourced",
    "virustotal:hunting/snippets",
    "virustotal:hunting/diagnostics",
];

/// The version of every export.
pub(crate) const EXPORT_VERSION: &str = "0.1.0";

/// What the component that checks rules promises. It is optional for a host, and stays well below the size of a parser's
/// usual company.
pub(crate) mod rules_check {
    /// 384 KiB, in bytes: most of it are the two parsers, of YARA and of regular expressions.
    pub(crate) const MAX_BYTES: u64 = 384 * 1024;

    /// It imports nothing: a pure function needs nothing.
    pub(crate) const IMPORTS: [&str; 0] = [];

    /// All that the component offers.
    pub(crate) const EXPORTS: [&str; 1] = ["virustotal:yara-check/rules-check"];

    /// The version of every export.
    pub(crate) const EXPORT_VERSION: &str = "0.1.0";
}

/// What was counted when this was committed: nothing here may grow by more than 3 % without its figure, so that the change
/// says so. `cargo xtask check` counts; instructions are wasmtime's fuel, memory is in bytes, allocations are those of one
/// call of `vt-hunting-host` as it is built for tests, and of the component's code compiled for this machine.
pub(crate) const FIGURES: [(&str, u64); 18] = [
    ("bytes: the component", 219_730),
    ("bytes: the rules check", 380_688),
    ("instructions: a snippet, without a request", 50_957),
    ("instructions: a small object", 294_615),
    ("instructions: a page of 40 descriptors", 2_763_330),
    ("instructions: a page of 40 full objects", 62_227_064),
    ("memory of the instance: a snippet, without a request", 131_072),
    ("memory of the instance: a small object", 131_072),
    ("memory of the instance: a page of 40 descriptors", 196_608),
    ("memory of the instance: a page of 40 full objects", 1_638_400),
    ("allocations of the host: a snippet, without a request", 52),
    ("allocations of the host: a small object", 245),
    ("allocations of the component: a small object", 46),
    ("allocations of the component: a page of 40 descriptors", 478),
    ("allocations of the component: a page of 40 full objects", 260),
    ("bytes over the boundary: a small object", 722),
    ("bytes over the boundary: a page of 40 descriptors", 15_824),
    ("bytes over the boundary: a page of 40 full objects", 950_465),
];
