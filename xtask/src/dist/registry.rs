//! The reference implementation of an OCI registry, as Debian packages it, on loopback and for as long as a test needs it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{self, on_build_server};

const PROGRAM: &str = "docker-registry";
/// What it logs once it can be reached.
const LISTENING: &str = "listening on ";

/// A running registry; dropping it ends it and removes what was pushed.
pub(crate) struct Registry {
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    child: Child,
    folder: PathBuf,
}

impl Registry {
    /// Starts one on a free port. `Err` with the reason where it is not installed; on a build server, as root and with apt,
    /// it is installed, and else it is an error there.
    pub(crate) fn start() -> Result<std::result::Result<Self, String>> {
        if !installed() {
            let why =
                "there is no `docker-registry`; install the package of that name (Debian, Ubuntu) to run this step";
            if !on_build_server() {
                return Ok(Err(why.to_owned()));
            }
            install().with_context(|| format!("{why} (skipped where the variable CI is not set)"))?;
            ensure!(installed(), "{why} (skipped where the variable CI is not set)");
        }
        let folder = std::env::temp_dir().join(format!("virustotal-hunting-registry-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let storage = serde_json::to_string(&folder.join("storage"))?;
        let configuration = folder.join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: \
             {storage}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n"
        );
        fs::write(&configuration, text).with_context(|| format!("cannot write {}", configuration.display()))?;
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg(&configuration).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().with_context(|| format!("cannot start `{}`", workspace::shown(&command)))?;
        // From here on the guard ends the process whatever happens.
        let mut registry = Self { host: String::new(), child, folder };
        registry.host = registry.announced()?;
        Ok(Ok(registry))
    }

    /// Reads its log until it says where it listens, and lets a thread read the rest, so that it never waits for a reader.
    fn announced(&mut self) -> Result<String> {
        let log = self.child.stderr.take().context("the registry was started without a log")?;
        let mut lines = BufReader::new(log).lines();
        let mut said = Vec::new();
        for line in lines.by_ref() {
            let line = line.context("cannot read the registry's log")?;
            if let Some(host) = address(&line) {
                let host = host.to_owned();
                std::thread::spawn(move || lines.map_while(std::result::Result::ok).for_each(drop));
                return Ok(host);
            }
            said.push(line);
        }
        bail!("the registry ended before it listened: {}", said.join("; "))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself, and then all of these say so: nothing to do about any.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// `127.0.0.1:37699` of a line such as `… level=info msg="listening on 127.0.0.1:37699" …`.
fn address(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(LISTENING)?;
    rest.split(['"', ' ', ',']).next().filter(|address| address.starts_with("127.0.0.1:"))
}

fn installed() -> bool {
    let version = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn install() -> Result<()> {
    workspace::run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends", PROGRAM]);
    workspace::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_address_is_found_in_the_log() {
        let line = r#"time="2026-01-01T00:00:00Z" level=info msg="listening on 127.0.0.1:37699" version=2.8.2"#;
        assert_eq!(address(line), Some("127.0.0.1:37699"));
        assert_eq!(address(r#"level=info msg="redis not configured""#), None);
    }
}
