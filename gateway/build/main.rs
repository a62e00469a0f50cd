//! Writes everything that depends on the contract, from `wit/`: bindings, arguments, dispatch, schemas, documents. And
//! the hashes that let the page's own style and script run, and no others.
//!
//! A function that is added to `wit/` is an action of the gateway without a line here.

mod bindings;
mod catalogue;
mod contract;
mod dispatch;
mod openapi;
mod page;
mod schema;

use std::path::PathBuf;
use std::{env, error, fs, result};

use contract::Contract;

type Result<T> = result::Result<T, Box<dyn error::Error>>;

fn main() -> Result<()> {
    for path in ["build", "../wit", "src/page.html"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let contract = Contract::read("../wit")?;
    fs::write(out.join("bindings.rs"), bindings::source(&contract)?)?;
    fs::write(out.join("dispatch.rs"), dispatch::source(&contract)?)?;
    fs::write(out.join("catalogue.json"), catalogue::document(&contract)?)?;
    fs::write(out.join("openapi.json"), openapi::document(&contract)?)?;
    fs::write(out.join("page_policy.txt"), page::policy(&fs::read_to_string("src/page.html")?)?)?;
    Ok(())
}
