//! Writes the flat world's bindings and the glue, from `../wit`: nothing of the contract is written a second time.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use virustotal_hunting_tools_generator::Flat;
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::Opts;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../wit");
    let mut flat = Flat::from_contract(Path::new("../wit"))?;
    let target = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    // For a person to look at: no code reads it.
    fs::write(target.join("tools.wit"), &flat.wit)?;
    fs::write(target.join("glue.rs"), &flat.glue)?;

    let mut bindings = Files::default();
    let options = Opts {
        generate_all: true,
        pub_export_macro: true,
        export_macro_name: Some("export_tools".to_owned()),
        additional_derive_attributes: vec!["PartialEq".to_owned()],
        ..Opts::default()
    };
    options.build().generate(&mut flat.resolve, flat.world, &mut bindings)?;
    let (_, source) = bindings.iter().next().context("wit-bindgen writes one file")?;
    fs::write(target.join("bindings.rs"), source)?;
    Ok(())
}
