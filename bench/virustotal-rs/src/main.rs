//! The crate virustotal-rs as a rival of the benchmark. The protocol is in bench/src/outside.rs.
//!
//! What it does otherwise: it asks for no compression, and reads each object into a type of its own.

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use virustotal_rs::{ApiTier, Client, ClientBuilder};

#[derive(Deserialize)]
struct Server {
    url: String,
    key: String,
    job: String,
    ruleset: String,
}

#[derive(Deserialize)]
struct Question {
    work: String,
    times: u32,
}

fn main() -> Result<()> {
    let server: Server = serde_json::from_str(&std::env::var("BENCH_SERVER")?)?;
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = ClientBuilder::new().api_key(server.key.clone()).tier(ApiTier::Premium);
    let client = client.base_url(format!("{}/api/v3/", server.url)).build().context("cannot make a client")?;
    for line in std::io::stdin().lock().lines() {
        let Question { work, times } = serde_json::from_str(&line?)?;
        let (cpu, started, mut objects) = (processor_time(), Instant::now(), 0);
        let worked = tokio.block_on(async {
            for _ in 0..times {
                objects += perform(&client, &server, &work).await?;
            }
            anyhow::Ok(())
        });
        let (took, cpu) = (started.elapsed(), processor_time() - cpu);
        let answer = match worked {
            Ok(()) => serde_json::json!({
                "nanoseconds": took.as_nanos() as u64, "cpu_nanoseconds": cpu.as_nanos() as u64, "objects": objects,
            }),
            Err(error) => serde_json::json!({"skipped": error.to_string()}),
        };
        writeln!(std::io::stdout().lock(), "{answer}")?;
    }
    Ok(())
}

async fn perform(client: &Client, server: &Server, work: &str) -> Result<usize> {
    Ok(match work {
        "small" => {
            client.retrohunt().get_job(&server.job).await?;
            1
        }
        "large" => {
            client.livehunt().get_ruleset(&server.ruleset).await?;
            1
        }
        "page" => client.retrohunt().get_matching_files(&server.job, Some(40), None).await?.data.len(),
        "descriptors" => client.ioc_stream().get_stream(None, None, Some(40), Some(true), None).await?.data.len(),
        "read-all" => {
            let (mut count, mut cursor) = (0, None::<String>);
            loop {
                let page = client.ioc_stream().get_stream(None, None, Some(40), Some(true), cursor.as_deref()).await?;
                count += page.data.len();
                cursor = page.meta.and_then(|meta| meta.cursor);
                if cursor.is_none() {
                    return Ok(count);
                }
            }
        }
        other => bail!("there is no work `{other}`"),
    })
}

fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
