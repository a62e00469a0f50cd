//! What is published, by way of a real registry: pushed as `cargo xtask publish` pushes it, looked at and pulled by a client
//! that is not ours, and run as it came back.

use std::fs;
use std::path::{Path, PathBuf};

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::dist as command;
use crate::commands::publish::{self, Published};
use crate::dist::origin::Origin;
use crate::dist::registry::Registry;
use crate::dist::tools::Tools;
use crate::dist::{self, Extent};
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::wasmtime_cli;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step = Step { name: "oci", title: "through an OCI registry and back", run };

const REQUIREMENTS: &str = "xtask/requirements/oci.txt";
const SCRIPT: &str = "xtask/requirements/oci.py";
const NAMESPACE: &str = "hunting";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let registry = match Registry::start()? {
        Ok(registry) => registry,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let venv = match Venv::prepare(workspace, "oci", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let (wasmtime, version) = match wasmtime_cli::find(workspace)? {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let tools = match Tools::prepare(workspace, &Tools::folder(workspace))? {
        Ok(tools) => tools,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let folder = command::folder(workspace);
    dist::assemble(workspace, &tools, &Origin::find(workspace)?, &folder, Extent::WebAssembly)?;

    let to = format!("{}/{NAMESPACE}", registry.host);
    let published = publish::publish(workspace, &tools, &folder, &to, true)?;
    let again = publish::publish(workspace, &tools, &folder, &to, true)?;
    for (first, second) in published.iter().zip(&again) {
        ensure!(first.digest == second.digest, "{} got another digest when it was pushed again", first.reference);
    }
    let pulled = Pulled::folder(workspace)?;
    for one in &published {
        by_digest(workspace, &tools, one, &pulled)?;
    }
    unrelated_client(workspace, &venv, &published)?;

    let component = published.iter().find(|one| one.file.file_name() == workspace.component().file_name());
    let component = component.context("the component is not among what was pushed")?;
    runs(workspace, &wasmtime, &pulled.path(component)?)?;
    let client = venv.version(workspace, "oras")?;
    Ok(Outcome::Passed(format!("{} artifacts, pulled by {client}, run by {version}", published.len())))
}

/// Where what comes back is written; dropping it removes that.
struct Pulled(PathBuf);

impl Pulled {
    fn folder(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("tmp").join(format!("pulled-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self(folder))
    }

    fn path(&self, published: &Published) -> Result<PathBuf> {
        Ok(self.0.join(published.file.file_name().context("what was pushed has a name")?))
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        // What is left behind is in a folder that is all output.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// By its digest the same comes back, and by another digest nothing.
fn by_digest(workspace: &Workspace, tools: &Tools, published: &Published, pulled: &Pulled) -> Result<()> {
    let file = pulled.path(published)?;
    let digest = tools.pull(workspace, &published.pinned(), &file)?;
    ensure!(digest == published.digest, "{} came back as {digest}", published.pinned());
    ensure!(fs::read(&file)? == fs::read(&published.file)?, "{} came back with other bytes", published.pinned());

    let wrong =
        Published { file: PathBuf::new(), digest: format!("sha256:{}", "0".repeat(64)), ..reference(published) };
    let refused = tools.pull(workspace, &wrong.pinned(), &file.with_extension("wrong"));
    ensure!(refused.is_err(), "{}, which nobody pushed, came back all the same", wrong.pinned());
    Ok(())
}

fn reference(published: &Published) -> Published {
    Published { file: PathBuf::new(), reference: published.reference.clone(), digest: String::new() }
}

/// A client that knows nothing of WebAssembly sees the layout that those look for who do.
fn unrelated_client(workspace: &Workspace, venv: &Venv, published: &[Published]) -> Result<()> {
    let mut script = workspace.command(venv.python());
    script.arg(SCRIPT);
    for one in published {
        script.arg(&one.file).arg(&one.reference).arg(&one.digest);
    }
    workspace::run(&mut script)
}

/// What came back answers, and says what is missing where its settings are.
fn runs(workspace: &Workspace, wasmtime: &Path, component: &Path) -> Result<()> {
    let simulator = VtSimulator::start(workspace)?;
    let invoke = |settings: &[String]| {
        let mut command = workspace.command(wasmtime);
        command.args(["run", "-Shttp"]);
        for setting in settings {
            command.arg("--env").arg(setting);
        }
        workspace::capture(command.args(["--invoke", "get-retrohunt-jobs({:})"]).arg(component))
    };
    let key = format!("VT_APIKEY={}", simulator.key);
    let answered = invoke(&[key, format!("VT_URL={}", simulator.url)])?;
    ensure!(answered.trim_start().starts_with("ok("), "the pulled component did not answer ok: {}", answered.trim());
    let refused = invoke(&[format!("VT_URL={}", simulator.url)])?;
    ensure!(
        refused.trim_start().starts_with("err(")
            && refused.contains("kind: configuration")
            && refused.contains("VT_APIKEY"),
        "without a key the pulled component did not name the setting: {}",
        refused.trim()
    );
    println!("the pulled component answered, and without a key it named the setting");
    Ok(())
}
