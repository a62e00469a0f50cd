//! The service that every way is measured against: the simulator, in a process of its own, so that its work is in nobody's
//! figures.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::native;

/// How many entries the stream has: 250 pages of 40.
pub(crate) const STREAM: usize = 10_000;

/// VirusTotal's limit for rules, less what the envelope adds: the object is a megabyte as a whole.
const LARGE_RULES: usize = 1_000_000;

/// What somebody needs to ask it. Handed to the programs that this one starts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Where: scheme, host and port.
    pub(crate) url: String,
    /// The API key; it is the simulator's, made for this run.
    pub(crate) key: String,
    /// A file with the certificate of its authority, in PEM.
    pub(crate) ca_file: PathBuf,
    /// A finished retrohunt job: the small object, and whose matches make the page of full ones.
    pub(crate) job: String,
    /// A ruleset with a megabyte of rules.
    pub(crate) ruleset: String,
}

impl Address {
    /// The authority that has to be trusted to ask there. Over HTTP there is none, and everybody trusts whom they trust by default.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.url.starts_with("https:").then_some(&*self.ca_file)
    }
}

/// As random as a key is.
const KEY: &str = "9f1c3a7e5b2d8046f0e7a94c6d13b85e2c7f09a1d64b38e5170fc2a9b6e43d58";

/// A running simulator with something to ask for; dropping it ends it.
pub(crate) struct Server {
    /// Over HTTP.
    pub(crate) http: Address,
    /// The port of its HTTPS; the certificate is for `localhost`.
    https: String,
    /// Keeps no connection, so that it works in every runtime, and so that its own connections can be told.
    control: Client,
    asked: AtomicU64,
    child: Child,
}

impl Server {
    /// Starts the program and fills it. Files go to `folder`.
    pub(crate) async fn start(program: &Path, folder: &Path) -> Result<Server> {
        let ca_file = folder.join("simulator-ca.pem");
        let mut command = Command::new(program);
        // Always the same: what it takes to look for a key in an answer depends on the key.
        command.args(["--json", "--key", KEY]).arg("--tls-ca-out").arg(&ca_file).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take();
        // From here on the guard ends the process whatever happens.
        let http = Address { ca_file, ..Address::default() };
        let mut server =
            Server { http, https: String::new(), control: native::client(None, 0)?, asked: AtomicU64::new(0), child };
        let mut line = String::new();
        let stdout = stdout.context("the simulator was started without a pipe to read")?;
        BufReader::new(stdout).read_line(&mut line).context("cannot read what the simulator announces")?;
        let announced: Value =
            serde_json::from_str(&line).with_context(|| format!("the simulator announced no JSON: {}", line.trim()))?;
        let places = [("http", &mut server.http.url), ("https", &mut server.https), ("key", &mut server.http.key)];
        for (name, place) in places {
            *place = text(&announced[name]).with_context(|| format!("the simulator announced no `{name}`"))?;
        }
        server.fill().await?;
        Ok(server)
    }

    /// Over HTTPS.
    pub(crate) fn https(&self) -> Address {
        Address { url: self.https.clone(), ..self.http.clone() }
    }

    async fn fill(&mut self) -> Result<()> {
        let rules = "rule everything { condition: true }";
        let job = json!({"data": {"type": "retrohunt_job", "attributes": {"rules": rules, "corpus": "main"}}});
        let job = self.post("/api/v3/intelligence/retrohunt_jobs", &job).await?;
        self.http.job = text(&job["data"]["id"]).context("the simulator made no job")?;
        let ruleset =
            json!({"data": {"type": "hunting_ruleset", "attributes": {"name": "large", "rules": large_rules()}}});
        let ruleset = self.post("/api/v3/intelligence/hunting_rulesets", &ruleset).await?;
        self.http.ruleset = text(&ruleset["data"]["id"]).context("the simulator made no ruleset")?;
        self.post("/_simulator/clock/advance?seconds=86400", &Value::Null).await?;
        self.post(&format!("/_simulator/ioc_stream/add?count={STREAM}"), &Value::Null).await?;
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut request = self.control.post(format!("{}{path}", self.http.url)).header("x-apikey", &self.http.key);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.asked.fetch_add(1, Relaxed);
        let response = request.send().await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "the simulator answered {path} with {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// How many connections it has accepted so far from those who are measured.
    pub(crate) async fn connections(&self) -> Result<u64> {
        let own = self.asked.fetch_add(1, Relaxed) + 1;
        let text = self.control.get(format!("{}/_simulator/state", self.http.url)).send().await?.text().await?;
        let state: Value = serde_json::from_str(&text)?;
        let all = state["connections"].as_u64().context("the simulator's state has no `connections`")?;
        Ok(all - own)
    }

    /// Lets it forget the requests it has recorded: they are kept for tests, and a benchmark sends too many.
    pub(crate) async fn forget(&self) -> Result<()> {
        self.asked.fetch_add(1, Relaxed);
        self.control.delete(format!("{}/_simulator/requests", self.http.url)).send().await?.error_for_status()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, and then both say so: nothing to do about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// A rule, and comments full of hexadecimal, which compresses by half as rules do: compiling it takes the simulator no time.
fn large_rules() -> String {
    let mut rules = String::from("rule large { strings: $a = \"large\" condition: $a }\n");
    // Xorshift: the same text in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while rules.len() < LARGE_RULES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        rules.push_str(&format!("// seen in \"sample {}\":\t{{ {state:016x} }}\n", rules.len()));
    }
    rules
}
