//! What is published keeps what was promised for what is built: the optimised components are held to the same budgets and
//! tests, the bills of materials to what was compiled, and all of it to being the same when it is built elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anstream::println;
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step, cargo_tests};
use crate::commands::{build, check, dist as command};
use crate::dist::origin::Origin;
use crate::dist::snapshot::Snapshot;
use crate::dist::tools::{PACKAGER, Tools};
use crate::dist::{self, Extent, parts};
use crate::python::Venv;
use crate::workspace::{self, Workspace};

pub(super) const STEP: Step = Step {
    name: "dist",
    title: "what is published: optimised, tested, listed, and the same when built elsewhere",
    run,
};

/// Validates a CycloneDX file with the schema's keepers' own library.
const VALIDATE: &str = "
import pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
validator = JsonStrictValidator(SchemaVersion.V1_5)
for path in sys.argv[1:]:
    error = validator.validate_str(pathlib.Path(path).read_text(encoding='utf-8'))
    if error:
        sys.exit(f'{path} breaks the schema: {error}')
";

fn run(workspace: &Workspace) -> Result<Outcome> {
    let tools = match Tools::prepare(workspace, &Tools::folder(workspace))? {
        Ok(tools) => tools,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    packager(workspace)?;
    let origin = Origin::find(workspace)?;
    let folder = command::folder(workspace);
    dist::assemble(workspace, &tools, &origin, &folder, Extent::Whole)?;

    let crates = components(workspace, &folder, &origin)?;
    let validated = match Venv::prepare(workspace, dist::PYTHON.0, dist::PYTHON.1)? {
        Ok(venv) => {
            validate(workspace, &venv, &folder)?;
            "valid by CycloneDX's schema".to_owned()
        }
        Err(why) => format!("not validated ({why})"),
    };
    let files = elsewhere(workspace, &folder, &origin)?;
    let tests = integration(workspace, &folder)?;
    Ok(Outcome::Passed(format!(
        "{tests} on the optimised components; {crates} crates listed, {validated}; {files} files the same elsewhere"
    )))
}

/// It is no member of the workspace, so nothing else lints and tests it.
fn packager(workspace: &Workspace) -> Result<()> {
    let target = Tools::folder(workspace).join("packager");
    let target = target.to_string_lossy();
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--all-targets", "--manifest-path", PACKAGER, "--target-dir", &target]);
    workspace::run(clippy.args(["--", "-D", "warnings"]))?;
    cargo_tests::run(workspace, &["--manifest-path", PACKAGER, "--target-dir", &target])?;
    Ok(())
}

/// Budgets, metadata and bills of the components in `folder`; gives back how many crates the bills list.
fn components(workspace: &Workspace, folder: &Path, origin: &Origin) -> Result<usize> {
    let mut crates = 0;
    for part in parts::PARTS {
        let built = (part.build)(workspace)?;
        let file = folder.join(built.file_name().context("a component has a name")?);
        if let Some(promise) = part.promise {
            check::held(workspace, &file, promise)?;
        }
        let label = dist::Label::read(&file)?;
        ensure!(label.revision == origin.revision, "{} says the revision {:?}", file.display(), label.revision);
        let wasm = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        for path in of_this_machine(workspace) {
            let leaks = wasm.windows(path.len()).any(|window| window == path.as_bytes());
            ensure!(!leaks, "{} names {path}, a path of this machine", file.display());
        }
        crates += dist::holds(workspace, part, &file)?;
    }
    Ok(crates)
}

/// What no published file may have in it.
fn of_this_machine(workspace: &Workspace) -> Vec<String> {
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
    let root = workspace.root.to_string_lossy().into_owned();
    [home, Some(root), Some(".cargo/registry".to_owned())].into_iter().flatten().collect()
}

fn validate(workspace: &Workspace, venv: &Venv, folder: &Path) -> Result<()> {
    let bills: Vec<PathBuf> =
        files(folder)?.into_keys().filter(|path| path.ends_with(".cdx.json")).map(|name| folder.join(name)).collect();
    ensure!(!bills.is_empty(), "there is no bill of materials in {}", folder.display());
    workspace::run(workspace.command(venv.python()).args(["-c", VALIDATE]).args(bills))
}

/// All integration tests, with the optimised components in place of the built ones.
fn integration(workspace: &Workspace, folder: &Path) -> Result<String> {
    let optimised =
        |built: PathBuf| Ok::<_, anyhow::Error>(folder.join(built.file_name().context("a component has a name")?));
    build::embedded(workspace)?;
    workspace.build_all()?;
    let mut command = workspace.cargo();
    // Chosen as the step `integration` chooses, so that nothing is compiled again.
    command.args(["test", "--workspace", "--test", "integration"]);
    command.env("VT_HUNTING_COMPONENT", optimised(workspace.component())?);
    command.env("VT_HUNTING_GATEWAY", optimised(workspace.composed("virustotal-hunting-gateway"))?);
    let Outcome::Passed(tests) = cargo_tests::run_command(command)? else {
        anyhow::bail!("the integration tests were skipped");
    };
    Ok(tests)
}

/// Builds a copy of the sources in another place and compares; gives back how many files are the same. The copy is built
/// by this very program, with the folders of cargo under other names where the system has symbolic links.
fn elsewhere(workspace: &Workspace, folder: &Path, origin: &Origin) -> Result<usize> {
    let snapshot = Snapshot::take(workspace)?;
    let out = snapshot.beside("dist");
    // By its path and not as the running file, which cargo may have replaced since.
    let mut again = Command::new(workspace.program("xtask"));
    again.current_dir(&snapshot.root).env("CARGO_MANIFEST_DIR", snapshot.root.join("xtask"));
    again.env("CARGO_TARGET_DIR", snapshot.beside("built there"));
    again.args(["dist", "--webassembly-only", "--tools"]).arg(Tools::folder(workspace)).arg("--out").arg(&out);
    if let Some(revision) = &origin.revision {
        again.args(["--revision", revision]);
    }
    if let Some(timestamp) = origin.timestamp {
        again.env("SOURCE_DATE_EPOCH", timestamp.to_string());
    }
    if let Some(home) = cargo_home(&snapshot)? {
        again.env("CARGO_HOME", home);
    }
    workspace::run(&mut again).context("a copy of the sources did not build elsewhere")?;

    let (here, mut there) = (files(folder)?, files(&out)?);
    // It lists the packages for other languages as well, which are not built there.
    there.remove(dist::SUMS);
    ensure!(!there.is_empty(), "nothing was built elsewhere");
    for (name, bytes) in &there {
        let same = here.get(name).with_context(|| format!("only elsewhere there is {name}"))? == bytes;
        ensure!(
            same,
            "{name} has other bytes when it is built elsewhere; compare what `wasm-tools print` says of both"
        );
    }
    let missing: Vec<_> = here.keys().filter(|name| is_webassembly(name) && !there.contains_key(*name)).collect();
    ensure!(missing.is_empty(), "{missing:?} were not built elsewhere; were they changed while this ran?");
    println!("{} files are the same, byte for byte", there.len());
    Ok(there.len())
}

fn is_webassembly(name: &str) -> bool {
    name.ends_with(".wasm") || name.ends_with(".cdx.json")
}

/// The user's own cargo folder under another name.
#[cfg(unix)]
fn cargo_home(snapshot: &Snapshot) -> Result<Option<PathBuf>> {
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let Some(home) = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home).filter(|home| home.is_dir()) else {
        return Ok(None);
    };
    let link = snapshot.beside("another cargo home");
    std::os::unix::fs::symlink(&home, &link).with_context(|| format!("cannot link to {}", home.display()))?;
    Ok(Some(link))
}

#[cfg(not(unix))]
fn cargo_home(_snapshot: &Snapshot) -> Result<Option<PathBuf>> {
    Ok(None)
}

/// The files in a folder by name.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a published file has a readable name")?;
        files.insert(name.to_owned(), fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(files)
}
