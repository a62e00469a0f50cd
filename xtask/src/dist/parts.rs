//! The list of what is published. A component joins it with an entry.

use std::path::PathBuf;

use anyhow::Result;

use crate::commands::build;
use crate::components::{config_store, gateway, tools};
use crate::judge::{CONFIG_STORE, HUNTING, Promise, RULES_CHECK};
use crate::workspace::{COMPONENT_PACKAGE, RULES_CHECK_PACKAGE, RULES_CHECK_TARGET, TARGET, Workspace};

/// A component.
pub(crate) struct Part {
    /// The crate whose manifest says what it is.
    pub(crate) describes: &'static str,
    /// Builds it and gives back where it is. Those before it in the list are built already.
    pub(crate) build: fn(&Workspace) -> Result<PathBuf>,
    /// The crates that are compiled into it.
    pub(crate) roots: &'static [Root],
    /// What it is held to, where something is promised.
    pub(crate) promise: Option<&'static Promise>,
}

/// A crate that is compiled into a component, and how.
pub(crate) struct Root {
    pub(crate) package: &'static str,
    pub(crate) target: &'static str,
    /// What is asked for beyond the default features.
    pub(crate) features: &'static [&'static str],
    /// The folder below the target directory in which it is compiled; empty for that directory itself.
    pub(crate) folder: &'static str,
}

/// A contract, published for whoever generates from it.
pub(crate) struct Contract {
    /// From the root.
    pub(crate) folder: &'static str,
    /// The crate whose manifest says under which licence it is, and so on.
    pub(crate) describes: &'static str,
}

const HUNTING_ROOT: Root = Root { package: COMPONENT_PACKAGE, target: TARGET, features: &[], folder: "" };

/// In the order in which they are built and announced.
pub(crate) const PARTS: &[Part] = &[
    Part {
        describes: COMPONENT_PACKAGE,
        build: |workspace| build::component(workspace).map(|()| workspace.component()),
        roots: &[HUNTING_ROOT],
        promise: Some(&HUNTING),
    },
    Part {
        describes: RULES_CHECK_PACKAGE,
        build: |workspace| build::components(workspace).map(|()| workspace.rules_check()),
        roots: &[Root { package: RULES_CHECK_PACKAGE, target: RULES_CHECK_TARGET, features: &[], folder: "" }],
        promise: Some(&RULES_CHECK),
    },
    Part {
        describes: COMPONENT_PACKAGE,
        build: config_store::build,
        roots: &[Root {
            package: COMPONENT_PACKAGE,
            target: TARGET,
            features: &["config-store"],
            folder: "config-store",
        }],
        promise: Some(&CONFIG_STORE),
    },
    Part {
        describes: "virustotal-hunting-gateway",
        build: gateway::build,
        roots: &[
            Root { package: "virustotal-hunting-gateway", target: TARGET, features: &[], folder: "" },
            HUNTING_ROOT,
        ],
        promise: None,
    },
    Part {
        describes: "virustotal-hunting-tools",
        build: tools::build,
        roots: &[
            Root { package: "virustotal-hunting-tools", target: RULES_CHECK_TARGET, features: &[], folder: "" },
            HUNTING_ROOT,
        ],
        promise: None,
    },
];

/// Every contract that a component of ours exports.
pub(crate) const CONTRACTS: &[Contract] = &[
    Contract { folder: "wit", describes: COMPONENT_PACKAGE },
    Contract { folder: "yara-check/wit", describes: RULES_CHECK_PACKAGE },
];
