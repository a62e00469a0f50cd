//! The rows: which work, over which link, and who takes part.

use std::path::PathBuf;
use std::sync::Arc;

use anstream::println;
use anyhow::{Context, Result};
use tokio::runtime::Runtime as Tokio;
use vt_hunting_host::Runtime;

use crate::contest::{Alone, Contest, Outcome, Run, footprint};
use crate::outside::Rival;
use crate::relay::{Link, Relay, address_of};
use crate::server::{Address, Server};
use crate::ways::{Inside, Way, Who, load};
use crate::work::Work;

/// What is to be measured.
pub(crate) struct Plan {
    pub(crate) component: PathBuf,
    /// Where files may be put.
    pub(crate) folder: PathBuf,
    pub(crate) rivals: Vec<Rival>,
    pub(crate) quick: bool,
    pub(crate) only: Option<String>,
}

/// The names of the links, as the tables have them.
pub(crate) const HTTP: &str = "HTTP";
pub(crate) const HTTPS: &str = "HTTPS";
pub(crate) const SLOW: &str = "HTTPS, 50 ms, 20 Mbit/s";

/// A row of calls that come one after the other: title, work, calls a round, rounds.
const CALLS: [(&str, Work, usize, usize); 5] = [
    ("One small object", Work::Small, 100, 21),
    ("A page of 40 descriptors", Work::Descriptors, 40, 21),
    ("A page of 40 full objects", Work::Page, 5, 21),
    ("One object of 1 MB", Work::Large, 5, 21),
    ("10 000 descriptors, to the end", Work::ReadAll, 1, 5),
];

/// Those of them that are also worth measuring over TLS and over a slow link.
const OVER_HTTPS: [(&str, Work, usize, usize); 2] =
    [("One small object", Work::Small, 100, 11), ("A page of 40 full objects", Work::Page, 5, 11)];
const OVER_SLOW: [(&str, Work, usize, usize); 3] = [
    ("One small object", Work::Small, 2, 7),
    ("A page of 40 descriptors", Work::Descriptors, 2, 7),
    ("A page of 40 full objects", Work::Page, 2, 7),
];

const TENANTS: usize = 1000;
const BURST: usize = 200;
/// Instances that are held at once, to see what one holds.
const IDLE: usize = 200;

/// All rows, in the order of the tables; and what an idle instance holds, where that can be told and everything was asked for.
pub(crate) fn run(plan: &Plan, server: &Server) -> Result<(Vec<Outcome>, Option<u64>)> {
    let runtime = load(&plan.component)?;
    let mut everybody: Vec<Who> = vec![Who::Inside(Inside::Component)];
    everybody.extend(Inside::NATIVE.map(Who::Inside));
    everybody.extend(plan.rivals.iter().cloned().map(Who::Outside));
    let bench = Bench { plan, server, runtime, everybody };
    let mut outcomes = Vec::new();
    let (http, https) = (server.http.clone(), server.https());
    for (title, work, times, rounds) in CALLS {
        bench.calls(&mut outcomes, title, HTTP, &http, work, times, rounds)?;
    }
    for (title, work, times, rounds) in OVER_HTTPS {
        bench.calls(&mut outcomes, title, HTTPS, &https, work, times, rounds)?;
    }
    let relay = Relay::start(address_of(&https.url)?, Link::SLOW)?;
    let slow = Address { url: relay.instead_of(&https.url)?, ..https.clone() };
    for (title, work, times, rounds) in OVER_SLOW {
        bench.calls(&mut outcomes, title, SLOW, &slow, work, times, rounds)?;
    }
    bench.many(&mut outcomes)?;
    bench.starts(&mut outcomes)?;
    bench.overheads(&mut outcomes)?;
    let idle = if plan.only.is_none() { bench.idle_memory()? } else { None };
    Ok((outcomes, idle))
}

struct Bench<'a> {
    plan: &'a Plan,
    server: &'a Server,
    runtime: Arc<Runtime>,
    everybody: Vec<Who>,
}

impl Bench<'_> {
    #[expect(clippy::too_many_arguments, reason = "a row of the tables above, and where it goes")]
    fn calls(
        &self,
        outcomes: &mut Vec<Outcome>,
        title: &str,
        link: &'static str,
        at: &Address,
        work: Work,
        times: usize,
        rounds: usize,
    ) -> Result<()> {
        let tokio = single()?;
        let runs = || {
            let tenant =
                |who: &Who| Ok((who.name().to_owned(), Run::Calls(who.tenant(&self.runtime, at)?, work, at.clone())));
            self.everybody.iter().map(tenant).collect()
        };
        let Some(mut outcome) = self.hold(&tokio, title, link, self.times(times), rounds, true, runs)? else {
            return Ok(());
        };
        if link == HTTP && work != Work::ReadAll {
            let compiled = Some(self.plan.folder.join("compiled"));
            let alone = Alone { compiled, ..self.alone(Inside::Component, at, work) };
            for who in &self.everybody {
                let (wire, memory) = tokio.block_on(footprint(who, work, at, &self.runtime, &alone))?;
                let figures = std::iter::once(&mut outcome.ours)
                    .chain(outcome.rivals.iter_mut().map(|against| &mut against.rival))
                    .find(|figures| figures.name == who.name());
                if let Some(figures) = figures {
                    (figures.wire_bytes, figures.peak_memory) = (wire, memory);
                }
            }
        }
        outcomes.push(outcome);
        Ok(())
    }

    /// Many tenants, and many calls at once: on several threads, as a server would.
    fn many(&self, outcomes: &mut Vec<Outcome>) -> Result<()> {
        let at = &self.server.http;
        let insides = [Inside::Component, Inside::Raw];
        let (tenants, burst) = if self.plan.quick { (20, 20) } else { (TENANTS, BURST) };

        let tokio = several()?;
        let runs = || {
            let one = |inside: Inside| {
                Ok((inside.name().to_owned(), Run::Tenants(inside, Arc::clone(&self.runtime), at.clone())))
            };
            insides.into_iter().map(one).collect()
        };
        let title = format!("{tenants} tenants, one call each");
        outcomes.extend(self.hold(&tokio, &title, HTTP, tenants, 5, true, runs)?);

        let tokio = several()?;
        let runs = || {
            let one = |inside: Inside| {
                Ok((inside.name().to_owned(), Run::Burst(inside.tenant(&self.runtime, at)?, at.clone())))
            };
            insides.into_iter().map(one).collect()
        };
        let title = format!("{burst} calls at once");
        outcomes.extend(self.hold(&tokio, &title, HTTP, burst, 15, true, runs)?);
        Ok(())
    }

    /// A process that starts, from the file to the first answer.
    fn starts(&self, outcomes: &mut Vec<Outcome>) -> Result<()> {
        let compiled = self.plan.folder.join("compiled");
        let runs = || {
            let ahead = Alone {
                compiled: Some(compiled.clone()),
                ..self.alone(Inside::Component, &self.server.http, Work::Small)
            };
            let at_start = Alone { compiled: None, ..ahead.clone() };
            let native = Alone { inside: Inside::Raw, ..at_start.clone() };
            Ok(vec![
                ("component, compiled ahead".to_owned(), Run::Start(ahead)),
                ("component, compiled at the start".to_owned(), Run::Start(at_start)),
                (Inside::Raw.name().to_owned(), Run::Start(native)),
            ])
        };
        let title = "From the file to the first answer";
        outcomes.extend(self.hold(&single()?, title, HTTP, 1, 9, true, runs)?);
        Ok(())
    }

    /// What a call costs without its request, measured by the native client's whole call.
    fn overheads(&self, outcomes: &mut Vec<Outcome>) -> Result<()> {
        let at = &self.server.http;
        let native = || {
            let native = Inside::Raw.tenant(&self.runtime, at)?;
            anyhow::Ok(("a small call of native, raw slices".to_owned(), Run::Calls(native, Work::Small, at.clone())))
        };
        let connector = || match Inside::Component.tenant(&self.runtime, at)? {
            Way::Component(connector) => Ok(connector),
            _ => anyhow::bail!("the component makes a connector"),
        };
        let instantiate = || Ok(vec![("component".to_owned(), Run::Instantiate(connector()?)), native()?]);
        let title = "A store and an instance, without a call";
        outcomes.extend(self.hold(&single()?, title, "none", self.times(200), 21, false, instantiate)?);
        let snippet = || {
            let run = Run::Calls(Way::Component(connector()?), Work::Snippet, at.clone());
            Ok(vec![("component".to_owned(), run), native()?])
        };
        outcomes.extend(self.hold(
            &single()?,
            "A call without a request",
            "none",
            self.times(200),
            21,
            false,
            snippet,
        )?);
        Ok(())
    }

    /// What an instance holds between its calls, in bytes.
    fn idle_memory(&self) -> Result<Option<u64>> {
        let compiled = Some(self.plan.folder.join("compiled"));
        Alone { compiled, idle: IDLE, ..self.alone(Inside::Component, &self.server.http, Work::Small) }.idle_memory()
    }

    fn alone(&self, inside: Inside, at: &Address, work: Work) -> Alone {
        let component = self.plan.component.clone();
        Alone { inside, work, times: 1, at: at.clone(), component, compiled: None, idle: 0 }
    }

    /// How many calls a round has, where their number is not what the row is about.
    fn times(&self, times: usize) -> usize {
        if self.plan.quick { times.min(2) } else { times }
    }

    #[expect(clippy::too_many_arguments, reason = "as above")]
    fn hold(
        &self,
        tokio: &Tokio,
        title: &str,
        link: &'static str,
        times: usize,
        rounds: usize,
        same_objects: bool,
        runs: impl FnOnce() -> Result<Vec<(String, Run)>>,
    ) -> Result<Option<Outcome>> {
        if self.plan.only.as_ref().is_some_and(|only| !format!("{title}, {link}").contains(only)) {
            return Ok(None);
        }
        let rounds = if self.plan.quick { 1 } else { rounds };
        // Clients belong to the runtime that they are made in.
        let outcome = tokio.block_on(async {
            let contest = Contest { title: title.to_owned(), link, times, rounds, runs: runs()?, same_objects };
            contest.hold(self.server).await
        });
        let outcome = outcome.with_context(|| format!("the row `{title}` ({link}) failed"))?;
        println!("{}", outcome.shown());
        Ok(Some(outcome))
    }
}

fn single() -> Result<Tokio> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn several() -> Result<Tokio> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
