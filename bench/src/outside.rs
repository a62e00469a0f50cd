//! A rival in another program: Python, Node.js, a host with the stock sender.
//!
//! It reads lines of JSON, `{"work": "page", "times": 5}`, does that work so many times, one after the other, and answers each with
//! `{"nanoseconds": …, "cpu_nanoseconds": …, "objects": …}` (all of them together), or `{"skipped": "why"}` for work that it
//! cannot do. What to ask is in its environment: `BENCH_SERVER`, the JSON of `server::Address`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::measure::Sample;
use crate::server::Address;
use crate::work::Work;

/// How to start one, and what it is called in the tables.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rival {
    /// As in the tables: `vt-py 0.22.0`.
    pub(crate) name: String,
    /// What it does, in a sentence.
    pub(crate) what: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
}

/// A running one; dropping it ends it.
pub(crate) struct Outside {
    name: String,
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Serialize)]
struct Question {
    work: Work,
    times: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Done { nanoseconds: u64, cpu_nanoseconds: u64, objects: usize },
    Skipped { skipped: String },
}

impl Outside {
    pub(crate) fn start(rival: &Rival, server: &Address) -> Result<Outside> {
        let Some((program, arguments)) = rival.command.split_first() else {
            bail!("the rival `{}` has no command", rival.name)
        };
        let mut command = Command::new(program);
        command.args(arguments).env("BENCH_SERVER", serde_json::to_string(server)?);
        // OpenSSL's own variable, which Python goes by, and Node.js's: the simulator's authority is in no system's list.
        command.env("SSL_CERT_FILE", &server.ca_file).env("NODE_EXTRA_CA_CERTS", &server.ca_file);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program} for `{}`", rival.name))?;
        let ask = child.stdin.take().context("there is a pipe to write to")?;
        let answers = BufReader::new(child.stdout.take().context("there is a pipe to read from")?);
        Ok(Outside { name: rival.name.clone(), child, ask, answers })
    }

    /// Has it done `times`; `Err` in the inner result is its reason not to.
    pub(crate) fn perform(&mut self, work: Work, times: usize) -> Result<Result<Sample, String>> {
        let question = serde_json::to_string(&Question { work, times })?;
        writeln!(self.ask, "{question}").with_context(|| format!("`{}` has ended", self.name))?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer = serde_json::from_str(&line)
            .with_context(|| format!("`{}` answered no line of the protocol: `{}`", self.name, line.trim()))?;
        Ok(match answer {
            Answer::Skipped { skipped } => Err(skipped),
            Answer::Done { nanoseconds, cpu_nanoseconds, objects } => Ok(Sample {
                seconds: Duration::from_nanos(nanoseconds).as_secs_f64() / times as f64,
                cpu: Some(Duration::from_nanos(cpu_nanoseconds).as_secs_f64() / times as f64),
                objects: objects / times,
                ..Sample::default()
            }),
        })
    }

    /// The process, for its peak memory.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
