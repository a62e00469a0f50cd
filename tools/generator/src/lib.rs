//! From the contract in `wit/` to a flat world: every action a function that the world itself exports.
//!
//! Hosts that give components to agents show functions of the world with their documentation, and functions of an interface
//! without, under names with the package's version in them. An agent also reads every byte of an answer, and has to name
//! every parameter. So a tool is an action of the contract with
//!
//! - the fields of its records as parameters of its own ([`tool`]);
//! - documentation that describes these parameters, what the call costs and whether it changes anything ([`describe`]);
//! - small answers unless asked otherwise: the rules are in [`shape`].
//!
//! [`flat`] writes the world, [`glue`] the Rust code between it and the contract. Nothing here knows an action by name, but
//! for the two that are no tool ([`tool::NO_TOOL`]).
#![forbid(unsafe_code)]

pub mod describe;
pub mod flat;
pub mod glue;
pub mod names;
pub mod shape;
pub mod tool;

use std::path::Path;

use anyhow::{Context, Result};
use wit_parser::{PackageId, PackageMetadata, Resolve, WorldId};

/// The custom section that hosts read documentation from.
pub const DOCS_SECTION: &str = PackageMetadata::SECTION_NAME;
/// The world of the contract whose exports become tools.
const CONTRACT_WORLD: &str = "connector";
/// What a component's world is called when it is read from the component.
const READ_WORLD: &str = "root";

/// What the contract becomes.
pub struct Flat {
    /// The world as WIT text: the package `virustotal:hunting-tools`.
    pub wit: String,
    /// The Rust code that answers each function of the world: conversions, and the functions of the trait `Guest`.
    pub glue: String,
    /// The contract and the flat world, parsed.
    pub resolve: Resolve,
    /// The package of the flat world.
    pub package: PackageId,
    /// The flat world.
    pub world: WorldId,
}

impl Flat {
    /// Reads the contract from `folder`, with the packages it depends on in `deps/`.
    ///
    /// # Errors
    /// A folder that is no WIT package; a contract that a rule does not fit: two types or parameters of one name, an action
    /// whose documentation does not say what it costs. The message names what to mend.
    pub fn from_contract(folder: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        let (contract, _) =
            resolve.push_dir(folder).with_context(|| format!("{} is no WIT package", folder.display()))?;
        Self::from_package(resolve, contract)
    }

    /// The same for a contract that is parsed already.
    ///
    /// # Errors
    /// As of [`Flat::from_contract`].
    pub fn from_package(mut resolve: Resolve, contract: PackageId) -> Result<Self> {
        let world = resolve.select_world(&[contract], Some(CONTRACT_WORLD))?;
        let tools = tool::all(&resolve, world)?;
        let wit = flat::world(&resolve, contract, &tools)?;
        let glue = glue::functions(&resolve, &tools)?;
        let package = resolve.push_str("hunting-tools.wit", &wit).context("the generated world is no WIT")?;
        let world = resolve.select_world(&[package], Some(flat::WORLD))?;
        Ok(Self { wit, glue, resolve, package, world })
    }

    /// The documentation as the content of the custom section [`DOCS_SECTION`].
    ///
    /// # Errors
    /// None that depends on the contract.
    pub fn docs(&self) -> Result<Vec<u8>> {
        // A component has no name for its world: whoever reads one calls it this, and looks for the documentation there.
        let mut resolve = self.resolve.clone();
        let worlds = &mut resolve.packages[self.package].worlds;
        worlds.clear();
        worlds.insert(READ_WORLD.to_owned(), self.world);
        PackageMetadata::extract(&resolve, self.package).encode()
    }
}
