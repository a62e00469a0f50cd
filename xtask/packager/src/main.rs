//! What packaging needs of large libraries, one command each. `cargo xtask dist` and `cargo xtask publish` call it, and
//! nobody else has to.
//!
//! | command | what |
//! |---|---|
//! | `wit FOLDER OUT` | the WIT package in `FOLDER` as one file, with its documentation; prints its name |
//! | `sbom --component FILE --lock FILE [--timestamp SECONDS] --out FILE` | a bill of materials for what `cargo tree` says on standard input |
//! | `sums FOLDER` | `SHA256SUMS` of every file in `FOLDER`, on standard output |
//! | `push FILE REFERENCE [--timestamp SECONDS] [--plain-http]` | a component to a registry; prints the manifest's digest |
//! | `pull REFERENCE FILE [--plain-http]` | a component from a registry; prints the manifest's digest |
//!
//! `push` and `pull` log in with `WKG_OCI_USERNAME` and `WKG_OCI_PASSWORD`, the variables that `wkg` takes, where they are
//! set.

mod registry;
mod sbom;
mod sums;
mod wit;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The command line, taken apart: what every command may be given.
#[derive(Default)]
struct Arguments {
    positional: Vec<String>,
    component: Option<PathBuf>,
    lock: Option<PathBuf>,
    out: Option<PathBuf>,
    timestamp: Option<i64>,
    plain_http: bool,
}

fn run() -> Result<()> {
    let given = parse()?;
    let positional: Vec<&str> = given.positional.iter().map(String::as_str).collect();
    match positional.as_slice() {
        ["wit", folder, out] => {
            println!("{}", wit::package(folder.as_ref(), out.as_ref())?);
            Ok(())
        }
        ["sbom"] => {
            let component = given.component.context("`sbom` needs --component FILE")?;
            let lock = given.lock.context("`sbom` needs --lock FILE, the Cargo.lock")?;
            let out = given.out.context("`sbom` needs --out FILE")?;
            let tree = std::io::read_to_string(std::io::stdin()).context("cannot read the tree on standard input")?;
            sbom::write(&tree, &component, &lock, given.timestamp, &out)
        }
        ["sums", folder] => {
            print!("{}", sums::of(folder.as_ref())?);
            Ok(())
        }
        ["push", file, reference] => {
            println!("{}", registry::push(file.as_ref(), reference, given.timestamp, given.plain_http)?);
            Ok(())
        }
        ["pull", reference, file] => {
            println!("{}", registry::pull(reference, file.as_ref(), given.plain_http)?);
            Ok(())
        }
        other => bail!("cannot do `{}`; the commands are wit, sbom, sums, push and pull", other.join(" ")),
    }
}

fn parse() -> Result<Arguments> {
    let mut given = Arguments::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(value) => given.positional.push(value.string()?),
            Long("component") => given.component = Some(parser.value()?.into()),
            Long("lock") => given.lock = Some(parser.value()?.into()),
            Long("out") => given.out = Some(parser.value()?.into()),
            Long("timestamp") => given.timestamp = Some(parser.value()?.parse()?),
            Long("plain-http") => given.plain_http = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(given)
}
