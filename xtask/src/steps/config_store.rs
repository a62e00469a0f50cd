//! The component that reads its settings from `wasi:config/store`: under the stock `wasmtime` command line, and in a host of
//! our own that answers the store itself.

use std::path::Path;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::components::config_store;
use crate::vt_simulator::VtSimulator;
use crate::wasmtime_cli;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "config-store", title: "settings from `wasi:config/store` in place of the environment", run };

/// The host with a store of its own.
const EXAMPLE: &str = "config_store";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let component = config_store::build(workspace)?;
    let simulator = VtSimulator::start(workspace)?;
    in_a_host_of_our_own(workspace, &component, &simulator)?;
    let (wasmtime, version) = match wasmtime_cli::find(workspace)? {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let invoke = |options: &[String]| invoke(workspace, &wasmtime, &component, options);
    let var = |key: &str, value: &str| format!("-Sconfig-var={key}={value}");
    let (key, url) = (var("apikey", &simulator.key), var("url", &simulator.url));

    let answer = invoke(&[key.clone(), url.clone()])?;
    ensure!(answer.starts_with("ok("), "with key and address in the store the call did not succeed: {answer}");
    println!("key and address from the store: ok");

    // The address comes from the environment alone here too: a component that read it would answer `ok`.
    let environment = [format!("--env=VT_APIKEY={}", simulator.key), format!("--env=VT_URL={}", simulator.url)];
    refused(&invoke(&environment)?, "MissingApiKey", "`apikey` is not set")?;
    println!("key in the environment, not in the store: refused");

    refused(&invoke(&[key.clone(), url.clone(), var("timeout", "soon")])?, "InvalidSetting", "`timeout` is no number")?;
    refused(
        &invoke(&[key, url, var("http_proxy", "http://127.0.0.1:1")])?,
        "HostOnlySetting",
        "`http_proxy` was given",
    )?;
    println!("wrong settings: refused by their keys");
    Ok(Outcome::Passed(version))
}

/// Calls one function that asks the service, and gives back the printed result.
fn invoke(workspace: &Workspace, wasmtime: &Path, component: &Path, options: &[String]) -> Result<String> {
    let mut command = workspace.command(wasmtime);
    command.args(["run", "-Shttp", "-Sconfig"]).args(options);
    command.args(["--invoke", "get-livehunt-rulesets({:})"]).arg(component);
    workspace::capture(&mut command).map(|printed| printed.trim().to_owned())
}

/// A result that is a `configuration` error with this code and this beginning of its message.
fn refused(answer: &str, code: &str, message: &str) -> Result<()> {
    let as_due = ["err(", "kind: configuration", &format!("code: \"{code}\""), message];
    let missing = as_due.iter().find(|part| !answer.contains(**part));
    ensure!(missing.is_none(), "the answer lacks `{}`: {answer}", missing.unwrap_or(&""));
    ensure!(!answer.contains("VT_"), "the message names a variable, which nothing reads: {answer}");
    Ok(())
}

fn in_a_host_of_our_own(workspace: &Workspace, component: &Path, simulator: &VtSimulator) -> Result<()> {
    let program = workspace.program("examples").with_extension("").join(EXAMPLE);
    let mut host = workspace.command(program.with_extension(std::env::consts::EXE_EXTENSION));
    host.arg(component).arg(&simulator.url).env("VT_APIKEY", &simulator.key);
    let said = workspace::capture(&mut host).context("the host with a store of its own failed")?;
    println!("{}", said.trim());
    ensure!(said.contains("0 rulesets"), "the host's store was not read: {}", said.trim());

    host.arg("--broken-store");
    let said = workspace::capture(&mut host).context("a store that fails ended the host instead of the call")?;
    println!("{}", said.trim());
    let as_due = said.contains("StoreUnreadable") && said.contains("` could not be read") && !said.contains("VT_");
    ensure!(as_due, "a store that fails is no `configuration` error that names the key: {}", said.trim());
    Ok(())
}
