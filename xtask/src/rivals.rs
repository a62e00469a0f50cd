//! The programs that take part in the benchmark besides those it has itself, and the component with names.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::json;

use crate::node;
use crate::python::Venv;
use crate::workspace::{self, COMPONENT_PACKAGE, TARGET, Workspace};

/// A program that speaks the protocol of bench/src/outside.rs.
struct Rival {
    name: String,
    what: &'static str,
    command: Vec<PathBuf>,
}

/// Tells the benchmark of those that are there, and of those that are not, with the reason.
pub(crate) fn join(workspace: &Workspace, bench: &mut Command) -> Result<()> {
    let all = [
        ("wasmtime's own sender", stock(workspace)?),
        ("virustotal-rs", virustotal_rs(workspace)?),
        ("vt-py", vt_py(workspace)?),
        ("component in Python", component_in_python(workspace)?),
        ("component in Node.js", component_in_node(workspace)?),
    ];
    for (name, rival) in all {
        match rival {
            Ok(rival) => {
                let rival = json!({"name": rival.name, "what": rival.what, "command": rival.command});
                bench.arg("--rival").arg(rival.to_string());
            }
            Err(why) => {
                bench.arg("--missing").arg(format!("{name}: {why}"));
            }
        }
    }
    Ok(())
}

type Found = std::result::Result<Rival, String>;

/// Built in a workspace of its own: features are shared within one, and this one has a feature that the project must not have.
fn stock(workspace: &Workspace) -> Result<Found> {
    let program = built(workspace, "stock", "stock-host")?;
    Ok(Ok(Rival {
        name: "component, wasmtime's own sender".to_owned(),
        what: "The component in plain wasmtime with the sender of `wasmtime-wasi-http`, as in \
               [embedding.md](embedding.md#with-wasmtime-alone): a fresh instance and a fresh connection for every request.",
        command: vec![program, workspace.component()],
    }))
}

/// Likewise, for its dependencies.
fn virustotal_rs(workspace: &Workspace) -> Result<Found> {
    let program = built(workspace, "virustotal-rs", "virustotal-rs-rival")?;
    Ok(Ok(Rival {
        name: "virustotal-rs 0.4.4".to_owned(),
        what: "The crate of that name, which asks for no compression and reads each object into a type of its own.",
        command: vec![program],
    }))
}

/// The program of a workspace below bench/, optimised.
fn built(workspace: &Workspace, folder: &str, program: &str) -> Result<PathBuf> {
    let target = workspace.target.join(format!("bench-{folder}"));
    let mut build = workspace.cargo();
    build
        .args(["build", "--release", "--manifest-path", &format!("bench/{folder}/Cargo.toml"), "--target-dir"])
        .arg(&target);
    workspace::run(&mut build).with_context(|| format!("the rival in bench/{folder} did not build"))?;
    Ok(target.join("release").join(program).with_extension(std::env::consts::EXE_EXTENSION))
}

fn vt_py(workspace: &Workspace) -> Result<Found> {
    let venv = match Venv::prepare(workspace, "vt-py", "simulator/tests/vt_py/requirements.txt")? {
        Ok(venv) => venv,
        Err(why) => return Ok(Err(why)),
    };
    Ok(Ok(Rival {
        name: venv.version(workspace, "vt-py")?,
        what: "VirusTotal's own Python client: `get_object` and `iterator`, whose objects are read to the end.",
        command: vec![venv.python(), workspace.root.join("bench/rivals/vt_py.py")],
    }))
}

/// As the step `python` left it: the wheel is installed into its environment.
fn component_in_python(workspace: &Workspace) -> Result<Found> {
    let venv = match Venv::prepare(workspace, "python", "examples/python/requirements.txt")? {
        Ok(venv) => venv,
        Err(why) => return Ok(Err(why)),
    };
    let mut import = workspace.command(venv.python());
    import.args(["-c", "import virustotal_hunting"]).stderr(Stdio::null());
    if !import.status().is_ok_and(|status| status.success()) {
        return Ok(Err("its package is not installed yet; `cargo xtask test --only python` does that".to_owned()));
    }
    let wasmtime = venv.version(workspace, "wasmtime")?;
    Ok(Ok(Rival {
        name: format!("component in Python, {wasmtime}"),
        what: "The component in wasmtime for Python, by the package of [examples/python](../examples/python).",
        command: vec![venv.python(), workspace.root.join("bench/rivals/component_py.py")],
    }))
}

/// As the step `node` left it.
fn component_in_node(workspace: &Workspace) -> Result<Found> {
    let version = match node::version()? {
        Ok(version) => version,
        Err(why) => return Ok(Err(why)),
    };
    let package = workspace.root.join("examples/node/dist/index.js");
    if !package.exists() {
        return Ok(Err("its package is not built yet; `cargo xtask test --only node` does that".to_owned()));
    }
    Ok(Ok(Rival {
        name: format!("component in Node.js {version}"),
        what: "The component as jco translates it, by the package of [examples/node](../examples/node).",
        command: vec!["node".into(), workspace.root.join("bench/rivals/component_node.mjs"), package],
    }))
}

/// What .cargo/config.toml has, but for `--strip-all`: the variable takes the place of what is there.
const NAMED: [&str; 4] = [
    "relocation-model=static",
    "link-arg=--compress-relocations",
    "link-arg=-zstack-size=65536",
    "link-arg=--wasi-adapter=none",
];

/// The component with the names of its functions, in a folder of its own: another build of the very same code.
pub(crate) fn component_with_names(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.target.join("bench-named");
    let mut build = workspace.cargo();
    build.args(["rustc", "--package", COMPONENT_PACKAGE, "--lib", "--release", "--target", TARGET]);
    build.args(["--crate-type", "cdylib", "--target-dir"]).arg(&target);
    let flags = NAMED.map(|flag| format!("-C {flag}")).join(" ");
    build.env("CARGO_PROFILE_RELEASE_STRIP", "none").env("RUSTFLAGS", flags);
    workspace::run(&mut build).context("the component with names did not build")?;
    Ok(target.join(TARGET).join("release").join("virustotal_hunting.wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_with_names_is_built_as_the_other_is() {
        let config = include_str!("../../.cargo/config.toml");
        let (_, section) = config.split_once("[target.wasm32-wasip2]").expect("there is a section");
        let (flags, _) = section.split_once("\n[").expect("there is another section");
        let flags: Vec<&str> = flags.lines().filter_map(|line| line.trim().strip_prefix("\"-C\", ")).collect();
        let kept = flags.iter().map(|flag| flag.trim_matches([',', '"'])).filter(|flag| !flag.ends_with("--strip-all"));
        assert_eq!(kept.collect::<Vec<_>>(), NAMED);
    }
}
