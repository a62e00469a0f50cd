//! The composed gateway in the stock `wasmtime`, against the simulator: every action and refusal, the command line's
//! envelope beside its own, schemathesis on its OpenAPI document, and its page in a browser.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anstream::{eprintln, println};
use anyhow::{Context, Result, ensure};

use super::{Outcome, Step};
use crate::commands::build;
use crate::components::gateway;
use crate::python::Venv;
use crate::vt_simulator::VtSimulator;
use crate::wasmtime_cli;
use crate::workspace::{self, Workspace, on_build_server};

pub(super) const STEP: Step =
    Step { name: "gateway", title: "the HTTP gateway: actions, refusals, OpenAPI, page", run };

const TESTS: &str = "gateway/tests";
const REQUIREMENTS: &str = "gateway/tests/requirements.txt";
const NO_BROWSER: &str =
    "there is no `chromium` with `chromedriver`; install Debian's packages chromium and chromium-driver to try it";
const TOKEN: &str = "token-of-the-gateways-tests";
/// Compiling the component, on a machine that does other things as well.
const START: Duration = Duration::from_secs(600);

fn run(workspace: &Workspace) -> Result<Outcome> {
    let (program, version) = match wasmtime_cli::find(workspace)? {
        Ok(found) => found,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    let venv = match Venv::prepare(workspace, "gateway", REQUIREMENTS)? {
        Ok(venv) => venv,
        Err(why) => return Ok(Outcome::Skipped(why)),
    };
    build::component(workspace)?;
    let component = gateway::build(workspace)?;
    let simulator = VtSimulator::start(workspace)?;
    let with = |flags: &[&str], settings: &[(&str, &str)]| {
        Gateway::start(workspace, &program, &component, &simulator.url, flags, settings)
    };
    let start = |settings: &[(&str, &str)]| with(&[], settings);
    let key = ("VT_APIKEY", &*simulator.key);
    let token = ("GATEWAY_TOKEN", TOKEN);
    let main = start(&[key, token, ("GATEWAY_CORS_ORIGINS", "https://hunt.example")])?;
    let closed = start(&[key])?;
    let refused = start(&[("VT_APIKEY", &"0".repeat(64)), token, ("VT_ACCESS", "read-only")])?;
    let loopback = start(&[key, ("GATEWAY_NO_AUTH", "true")])?;
    // One instance for many callers.
    let kept = with(&["--max-instance-reuse-count", "1000", "--idle-instance-timeout", "60s"], &[key, token])?;

    let python = |script: &str| {
        let mut command = workspace.command(venv.python());
        command.arg(Path::new(TESTS).join(script));
        command.env("GATEWAY_URL", &main.url).env("GATEWAY_TEST_TOKEN", TOKEN);
        command.env("GATEWAY_CLOSED_URL", &closed.url).env("GATEWAY_REFUSED_URL", &refused.url);
        command.env("GATEWAY_LOOPBACK_URL", &loopback.url).env("GATEWAY_KEPT_URL", &kept.url);
        command.env("VT_URL", &simulator.url).env("VT_APIKEY", &simulator.key);
        command.env("VT_HUNTING_PROGRAM", workspace.program("vt-hunting"));
        command.env("VT_HUNTING_COMPONENT", workspace.component());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    workspace::run(&mut python("test_gateway.py"))?;
    schemathesis(workspace, &venv, &main.url)?;
    let page = match browser()? {
        Some((chromium, driver)) => {
            let mut command = python("page.py");
            command.env("CHROMIUM", chromium).env("CHROMEDRIVER", driver);
            command.env("GATEWAY_PICTURES", workspace.target.join("gateway-page"));
            workspace::run(&mut command)?;
            "the page in Chromium"
        }
        None => {
            println!("The page was not tried: {NO_BROWSER}.");
            "no browser, so the page was not tried"
        }
    };
    for (name, gateway) in
        [("main", &main), ("closed", &closed), ("refused", &refused), ("loopback", &loopback), ("kept", &kept)]
    {
        let broken = gateway.traps.load(Ordering::Relaxed);
        ensure!(broken == 0, "the {name} gateway broke off {broken} times: its log above says why");
    }
    Ok(Outcome::Passed(format!("{version}, {}, {page}", venv.version(workspace, "schemathesis")?)))
}

/// What the OpenAPI document says against what comes, with a fixed seed. Whether good data are taken is not asked: most ids
/// that fit the schema do not exist.
fn schemathesis(workspace: &Workspace, venv: &Venv, url: &str) -> Result<()> {
    let mut command = workspace.command(venv.program("schemathesis"));
    // Elsewhere than in the sources, for what it may leave behind.
    let folder = workspace.target.join("gateway-schemathesis");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    command.current_dir(folder);
    command.arg("run").arg(format!("{url}/openapi.json"));
    command.arg("--header").arg(format!("Authorization: Bearer {TOKEN}"));
    command.args(["--phases", "coverage,fuzzing", "--checks", "all", "--exclude-checks", "positive_data_acceptance"]);
    command.args([
        "--max-examples",
        "10",
        "--seed",
        "1",
        "--generation-database",
        "none",
        "--no-color",
        "--warnings",
        "off",
    ]);
    workspace::run(&mut command)
}

/// Chromium and its driver. On a build server they are installed where that is possible.
fn browser() -> Result<Option<(PathBuf, PathBuf)>> {
    let found = || Some((on_path(&["chromium", "chromium-browser", "google-chrome"])?, on_path(&["chromedriver"])?));
    if found().is_some() || !on_build_server() {
        return Ok(found());
    }
    let (Some(apt), true) = (on_path(&["apt-get"]), is_root()) else {
        anyhow::bail!("{NO_BROWSER} (skipped where the variable CI is not set)");
    };
    workspace::run(Command::new(&apt).arg("update"))?;
    let mut install = Command::new(apt);
    install.args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]);
    workspace::run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(Some(found().context("the packages chromium and chromium-driver brought no `chromium` and `chromedriver`")?))
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let found = |name: &&str| {
        let file = |folder: &PathBuf| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
        folders.iter().map(file).find(|file| file.is_file())
    };
    names.iter().find_map(found)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// A gateway of its own; dropping it ends it.
struct Gateway {
    url: String,
    /// The lines of its log that tell of a component that broke off.
    traps: Arc<AtomicUsize>,
    child: Child,
}

impl Gateway {
    fn start(
        workspace: &Workspace,
        program: &Path,
        component: &Path,
        upstream: &str,
        flags: &[&str],
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let mut command = workspace.command(program);
        command.args(["serve", "-Scli", "-Shttp", "--addr", "127.0.0.1:0"]).args(flags);
        command.arg("--env").arg(format!("VT_URL={upstream}"));
        for (name, value) in settings {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.arg(component).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start `wasmtime serve`")?;
        let stderr = child.stderr.take();
        // From here on the guard ends the process whatever happens.
        let mut gateway = Self { url: String::new(), traps: Arc::default(), child };
        let traps = Arc::clone(&gateway.traps);
        let (say, hear) = mpsc::channel();
        let lines = BufReader::new(stderr.context("wasmtime was started without a pipe to read")?).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("wasm trap") || line.contains("panicked") {
                    traps.fetch_add(1, Ordering::Relaxed);
                }
                match line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")) {
                    // Nobody listens any more once the first address was heard.
                    Some(url) if line.starts_with("Serving") => drop(say.send(url.trim_end_matches('/').to_owned())),
                    _ => eprintln!("wasmtime: {line}"),
                }
            }
        });
        gateway.url = hear.recv_timeout(START).context("`wasmtime serve` did not say where it listens")?;
        ensure!(!gateway.url.ends_with(":0"), "`wasmtime serve` listens on no port");
        Ok(gateway)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself, and then both say so: nothing to do about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
