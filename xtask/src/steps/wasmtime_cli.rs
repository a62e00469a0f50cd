//! The component under the stock `wasmtime` command line: no host code of ours anywhere.

use std::path::Path;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::vt_simulator::VtSimulator;
use crate::wasmtime_cli;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step =
    Step { name: "wasmtime-cli", title: "the component under the stock `wasmtime` command line", run };

fn run(workspace: &Workspace) -> Result<Outcome> {
    let (program, version) = match wasmtime_cli::find(workspace)? {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    let simulator = VtSimulator::start(workspace)?;

    let created = invoke(
        workspace,
        &program,
        &simulator,
        r#"create-retrohunt-job({rules: "rule everything { condition: true }", corpus: some(goodware)})"#,
    )?;
    let id = job_id(&created).with_context(|| format!("the created job has no id: {}", created.trim()))?;
    println!("created job {id}");

    let got = invoke(workspace, &program, &simulator, &format!("get-retrohunt-job(\"{id}\")"))?;
    ensure!(got.trim_start().starts_with("ok("), "get-retrohunt-job did not answer ok: {}", got.trim());
    ensure!(job_id(&got) == Some(id), "get-retrohunt-job answered another job than {id}: {}", got.trim());
    println!("got job {id}");
    Ok(Outcome::Passed(version))
}

/// Calls one function, given in the notation of `--invoke`, and gives back the printed result.
fn invoke(workspace: &Workspace, program: &Path, simulator: &VtSimulator, call: &str) -> Result<String> {
    let mut wasmtime = workspace.command(program);
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
