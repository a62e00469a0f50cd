//! What the component allocates in its own memory: its code, compiled for this machine, with an outside that answers from memory.

use anyhow::{Result, bail};
use virustotal_hunting::api::answer::{Failure, Response};
use virustotal_hunting::api::message::Message;
use virustotal_hunting::api::rate::Sent;
use virustotal_hunting::contract::ioc_stream::IocStreamQuery;
use virustotal_hunting::contract::retrohunt::MatchesQuery;
use virustotal_hunting::contract::{Error, ResponseInfo};
use virustotal_hunting::driver::{Platform, list, run};
use virustotal_hunting::{ioc_stream, retrohunt};

use crate::allocations::{self, Allocated};
use crate::work::Work;

/// What the component's code allocated for one call that is answered with this, and the bytes of the objects that it gave.
pub(crate) fn allocated(work: Work, job: &str, key: &str, answer: &[u8]) -> Result<(Allocated, usize)> {
    let outside = Outside { key, answer };
    let before = allocations::so_far();
    let (bytes, after) = match work {
        Work::Small => {
            let job = run(&outside, retrohunt::get_job(job.to_owned())).map_err(failed)?;
            (job.json.len(), allocations::so_far())
        }
        Work::Page => {
            let query = MatchesQuery { limit: Some(40), cursor: None };
            let page = list(&outside, retrohunt::get_matches(job.to_owned(), query)).map_err(failed)?;
            (page.items.iter().map(|item| item.json.len()).sum(), allocations::so_far())
        }
        Work::Descriptors => {
            let query = IocStreamQuery {
                limit: Some(40),
                cursor: None,
                filter: None,
                order: None,
                descriptors_only: Some(true),
            };
            let page = list(&outside, ioc_stream::get_objects(query)).map_err(failed)?;
            (page.items.iter().map(|item| item.json.len()).sum(), allocations::so_far())
        }
        Work::Large | Work::ReadAll | Work::Snippet => bail!("this is counted for calls of one request"),
    };
    Ok((after.since(before), bytes))
}

fn failed(error: impl AsRef<Error>) -> anyhow::Error {
    let error = error.as_ref();
    anyhow::anyhow!("{}: {}", error.code, error.message)
}

/// Gives the same answer to whatever is asked.
struct Outside<'a> {
    key: &'a str,
    answer: &'a [u8],
}

impl Platform for Outside<'_> {
    fn variables(&self) -> impl Fn(&str) -> Option<String> {
        |name| (name == "VT_APIKEY").then(|| self.key.to_owned())
    }

    fn exchange(&self, _: &Message<'_>) -> std::result::Result<Response, Failure> {
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("content-encoding", "gzip"),
            ("content-length", &self.answer.len().to_string()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Ok(Response { status: 200, headers, body: self.answer.to_owned() })
    }

    fn remember(&self, _: Option<ResponseInfo>) {}

    fn now(&self) -> u64 {
        0
    }

    fn wait(&self, _: u64) {}

    fn sent(&self, use_it: &mut dyn FnMut(&mut Sent)) {
        use_it(&mut Sent::default());
    }
}
