//! The component under the stock `wasmtime` command line: no host code of ours anywhere.

use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::vt_simulator::VtSimulator;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "wasmtime-cli", title: "the component under the stock `wasmtime` command line", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    let Some(version) = installed() else {
        // Never installed from here: building it takes many minutes.
        return Ok(Outcome::Skipped(
            "there is no `wasmtime` on the PATH; https://wasmtime.dev has builds, or `cargo install wasmtime-cli --version 48.0.8`"
                .to_owned(),
        ));
    };
    build::component(workspace)?;
    let simulator = VtSimulator::start(workspace)?;

    let created = invoke(
        workspace,
        &simulator,
        r#"create-retrohunt-job({rules: "rule everything { condition: true }", corpus: some(goodware)})"#,
    )?;
    let id = job_id(&created).with_context(|| format!("the created job has no id: {}", created.trim()))?;
    println!("created job {id}");

    let got = invoke(workspace, &simulator, &format!("get-retrohunt-job(\"{id}\")"))?;
    ensure!(got.trim_start().starts_with("ok("), "get-retrohunt-job did not answer ok: {}", got.trim());
    ensure!(job_id(&got) == Some(id), "get-retrohunt-job answered another job than {id}: {}", got.trim());
    println!("got job {id}");
    Ok(Outcome::Passed(version))
}

/// What `wasmtime --version` says.
fn installed() -> Option<String> {
    let output = Command::new("wasmtime").arg("--version").stderr(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.trim().to_owned())
}

/// Calls one function, given in the notation of `--invoke`, and gives back the printed result.
fn invoke(workspace: &Workspace, simulator: &VtSimulator, call: &str) -> Result<String> {
    let mut wasmtime = workspace.command("wasmtime");
    wasmtime.args(["run", "-Shttp", "--env"]).arg(format!("VT_APIKEY={}", simulator.key));
    wasmtime.arg("--env").arg(format!("VT_URL={}", simulator.url));
    wasmtime.args(["--invoke", call]).arg(workspace.component());
    workspace::capture(&mut wasmtime)
}

/// The first `id: "…"` of a printed record.
fn job_id(printed: &str) -> Option<&str> {
    let (_, rest) = printed.split_once("id: \"")?;
    rest.split_once('"').map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::job_id;

    #[test]
    fn the_id_of_a_printed_job_is_found() {
        assert_eq!(job_id(r#"ok({id: "user-1760000000", status: some("starting")})"#), Some("user-1760000000"));
        assert_eq!(job_id("err({kind: authentication})"), None);
    }
}
