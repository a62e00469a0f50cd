//! The rival that is nearest: the same request from Rust, with no sandbox between, and three ways to read the answer.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, USER_AGENT};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::records;
use crate::work::Work;

/// VirusTotal compresses for those who name gzip here as well.
const AGENT: &str = "virustotal-hunting-bench (gzip)";

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Each object as a slice of the answer: the least that can be called reading.
    Raw,
    /// Everything as `serde_json::Value`.
    Value,
    /// The contract's records, each with its object's text beside: what the component gives.
    Records,
}

/// A tenant of the native kind: a client with its pool.
#[derive(Clone)]
pub(crate) struct Native {
    client: Client,
    url: String,
    key: String,
    reading: Reading,
}

/// A client that trusts the authority `ca` (PEM) alone where there is one, else the platform's, and keeps so many idle connections.
pub(crate) fn client(ca: Option<&[u8]>, idle: usize) -> Result<Client> {
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .pool_max_idle_per_host(idle)
        .timeout(std::time::Duration::from_secs(60));
    if let Some(ca) = ca {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(ca)?]);
    }
    builder.build().context("cannot make a client")
}

impl Native {
    pub(crate) fn new(url: &str, key: &str, ca: Option<&[u8]>, reading: Reading) -> Result<Native> {
        Ok(Native { client: client(ca, 256)?, url: url.to_owned(), key: key.to_owned(), reading })
    }

    /// Does the work whose first request is `target`; how many objects there were.
    pub(crate) async fn perform(&self, work: Work, target: &str) -> Result<usize> {
        let mut target = target.to_owned();
        let mut count = 0;
        loop {
            let body = self.get(&target).await?;
            let (read, cursor) = self.read(work, &body)?;
            count += read;
            match cursor.filter(|_| work == Work::ReadAll) {
                // What VirusTotal puts into a cursor needs no escape but for the signs of base64.
                Some(cursor) => {
                    let cursor = cursor.replace('+', "%2B").replace('=', "%3D").replace('/', "%2F");
                    target = format!("/api/v3/ioc_stream?limit=40&descriptors_only=true&cursor={cursor}");
                }
                None => return Ok(count),
            }
        }
    }

    async fn get(&self, target: &str) -> Result<Vec<u8>> {
        let request = self.client.get(format!("{}{target}", self.url)).header("x-apikey", &self.key);
        let response = request.header(ACCEPT_ENCODING, "gzip").header(USER_AGENT, AGENT).send().await?;
        ensure!(response.status().is_success(), "{target} was answered with {}", response.status());
        let is_gzip = response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
        let body = response.bytes().await?;
        if !is_gzip {
            return Ok(body.to_vec());
        }
        let mut inflated = Vec::with_capacity(body.len() * 4);
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut inflated)?;
        Ok(inflated)
    }

    fn read(&self, work: Work, body: &[u8]) -> Result<(usize, Option<String>)> {
        let is_one = matches!(work, Work::Small | Work::Large);
        Ok(match self.reading {
            Reading::Raw if is_one => {
                let one: One<'_> = serde_json::from_slice(body)?;
                std::hint::black_box(one.data);
                (1, None)
            }
            Reading::Raw => {
                let many: Many<'_> = serde_json::from_slice(body)?;
                (std::hint::black_box(many.data).len(), many.meta.and_then(|meta| meta.cursor))
            }
            Reading::Value => {
                let value = std::hint::black_box(serde_json::from_slice::<Value>(body)?);
                let count = value["data"].as_array().map_or(1, Vec::len);
                (count, value["meta"]["cursor"].as_str().map(str::to_owned))
            }
            Reading::Records if is_one => {
                let one: One<'_> = serde_json::from_slice(body)?;
                records::read(work, one.data)?;
                (1, None)
            }
            Reading::Records => {
                let many: Many<'_> = serde_json::from_slice(body)?;
                let objects = many.data.iter().map(|object| records::read(work, object));
                let records = objects.collect::<Result<Vec<_>>>()?;
                (std::hint::black_box(records).len(), many.meta.and_then(|meta| meta.cursor))
            }
        })
    }
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    cursor: Option<String>,
}
