//! One row: everybody does the same work, in turns, and is compared with the component round by round.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use vt_hunting_host::{Connector, Runtime};

use crate::measure::{Sample, Spread, Watch, memory, peak_memory, quantile};
use crate::relay::{Link, Relay, address_of};
use crate::server::{Address, Server};
use crate::ways::{Inside, Way, Who, by_component, by_native};
use crate::work::Work;

/// Somebody at work.
pub(crate) enum Run {
    /// Calls, one after the other.
    Calls(Way, Work, Address),
    /// A tenant each.
    Tenants(Inside, Arc<Runtime>, Address),
    /// All at once.
    Burst(Way, Address),
    /// A process that starts, makes its first call, and ends.
    Start(Alone),
    /// A store and an instance, and no call.
    Instantiate(Connector),
}

impl Run {
    /// So many calls; the inner `Err` is the reason why this one does not do such work.
    pub(crate) async fn sample(&mut self, times: usize) -> Result<Result<Sample, String>> {
        Ok(Ok(match self {
            Run::Calls(Way::Outside(outside), work, _) => return outside.perform(*work, times),
            Run::Calls(way, work, at) => {
                let (watch, mut objects) = (Watch::start(), 0);
                for _ in 0..times {
                    objects += perform(way, *work, at).await?;
                }
                watch.stop(times, objects)
            }
            Run::Tenants(inside, runtime, at) => tenants(*inside, runtime, at, times).await?,
            Run::Burst(way, at) => burst(way, at, times).await?,
            Run::Start(alone) => alone.sample(times)?,
            Run::Instantiate(connector) => {
                let watch = Watch::start();
                for _ in 0..times {
                    std::hint::black_box(connector.instance().await?);
                }
                watch.stop(times, 0)
            }
        }))
    }
}

async fn perform(way: &Way, work: Work, at: &Address) -> Result<usize> {
    match way {
        Way::Component(connector) => by_component(connector, work, at).await,
        Way::Native(native) => by_native(native, work, at).await,
        Way::Outside(_) => not_here(),
    }
}

fn not_here() -> Result<usize> {
    anyhow::bail!("another program takes part only where calls come one after the other")
}

/// Makes `count` tenants, 32 at the same time, and lets each make a small call.
async fn tenants(inside: Inside, runtime: &Arc<Runtime>, at: &Address, count: usize) -> Result<Sample> {
    let (watch, mut left, mut running, mut objects) = (Watch::start(), count, JoinSet::new(), 0);
    loop {
        while left > 0 && running.len() < 32 {
            left -= 1;
            let (runtime, at) = (Arc::clone(runtime), at.clone());
            running.spawn(async move {
                let tenant = inside.tenant(&runtime, &at)?;
                perform(&tenant, Work::Small, &at).await
            });
        }
        match running.join_next().await {
            Some(done) => objects += done??,
            None => return Ok(watch.stop(count, objects)),
        }
    }
}

/// `count` small calls at once. The times are those of the calls; processor and allocations are shared out among them.
async fn burst(way: &Way, at: &Address, count: usize) -> Result<Sample> {
    let (watch, mut running) = (Watch::start(), JoinSet::new());
    for _ in 0..count {
        let at = at.clone();
        let call: std::pin::Pin<Box<dyn Future<Output = Result<usize>> + Send>> = match way {
            Way::Component(connector) => {
                let connector = connector.clone();
                Box::pin(async move { by_component(&connector, Work::Small, &at).await })
            }
            Way::Native(native) => {
                let native = native.clone();
                Box::pin(async move { by_native(&native, Work::Small, &at).await })
            }
            Way::Outside(_) => Box::pin(async { not_here() }),
        };
        let started = Instant::now();
        running.spawn(async move { call.await.map(|objects| (started.elapsed().as_secs_f64(), objects)) });
    }
    let (mut seconds, mut objects) = (Vec::with_capacity(count), 0);
    while let Some(done) = running.join_next().await {
        let (took, read) = done??;
        seconds.push(took);
        objects += read;
    }
    let all = watch.stop(count, objects);
    seconds.sort_by(f64::total_cmp);
    let median = quantile(&seconds, 0.5).context("a burst is at least one call")?;
    Ok(Sample { seconds: median, tail: quantile(&seconds, 0.99), ..all })
}

/// A process of this very program that does one thing: for starts from cold, and for the memory that a way takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alone {
    pub(crate) inside: Inside,
    pub(crate) work: Work,
    pub(crate) times: usize,
    pub(crate) at: Address,
    /// The component's file, and the folder with what was compiled of it earlier.
    pub(crate) component: PathBuf,
    pub(crate) compiled: Option<PathBuf>,
    /// Instances of the component to hold at the end, after a call each.
    pub(crate) idle: usize,
}

/// What such a process says at its end.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    /// From `main` to the first answer.
    first_answer_nanoseconds: u64,
    cpu_nanoseconds: u64,
    peak_memory: Option<u64>,
    /// What an instance holds after a call.
    idle_memory: Option<u64>,
}

impl Alone {
    /// Memory that stays taken by an instance between its calls, in bytes. Linux only.
    pub(crate) fn idle_memory(&self) -> Result<Option<u64>> {
        // The first one leaves the compiled component behind.
        self.start()?;
        Ok(self.start()?.idle_memory)
    }

    /// Starts it, `times` one after the other, each with one call.
    fn sample(&self, times: usize) -> Result<Sample> {
        let mut all = Sample { cpu: Some(0.0), objects: 1, ..Sample::default() };
        for _ in 0..times {
            let said = self.start()?;
            all.seconds += said.first_answer_nanoseconds as f64 / 1e9 / times as f64;
            all.cpu = all.cpu.map(|cpu| cpu + said.cpu_nanoseconds as f64 / 1e9 / times as f64);
        }
        Ok(all)
    }

    fn start(&self) -> Result<Said> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--alone").arg(serde_json::to_string(self)?).stderr(Stdio::inherit());
        let output = command.output().context("cannot start this program once more")?;
        ensure!(output.status.success(), "the process on its own failed ({}); what it said is above", output.status);
        serde_json::from_slice(&output.stdout).context("the process on its own said no JSON")
    }

    /// The other side: what that process does, given when its `main` began.
    pub(crate) async fn act(self, began: Instant) -> Result<()> {
        let places = u32::try_from(self.idle)? + 1;
        let way = self.inside.first_tenant(&self.component, self.compiled.as_deref(), places, &self.at)?;
        perform(&way, self.work, &self.at).await?;
        let first = began.elapsed();
        for _ in 1..self.times {
            perform(&way, self.work, &self.at).await?;
        }
        let idle_memory = match &way {
            Way::Component(connector) if self.idle > 0 => held_by(self.idle, connector, &self.at).await?,
            _ => None,
        };
        let said = Said {
            idle_memory,
            first_answer_nanoseconds: u64::try_from(first.as_nanos())?,
            cpu_nanoseconds: u64::try_from(crate::measure::processor_time().unwrap_or_default().as_nanos())?,
            peak_memory: peak_memory(std::process::id()),
        };
        anstream::println!("{}", serde_json::to_string(&said)?);
        Ok(())
    }
}

/// What so many instances hold after a small call, each.
async fn held_by(count: usize, connector: &Connector, at: &Address) -> Result<Option<u64>> {
    let (mut instances, before) = (Vec::with_capacity(count), memory());
    for _ in 0..count {
        let mut instance = connector.instance().await?;
        std::hint::black_box(instance.get_retrohunt_job(&at.job).await?);
        instances.push(instance);
    }
    Ok(memory().zip(before).map(|(after, before)| after.saturating_sub(before) / count as u64))
}

/// What came of a row for one of those who took part.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) name: String,
    /// Seconds a call. Shown to whoever runs it, and in no document: they say as much about the machine.
    pub(crate) seconds: Spread,
    pub(crate) tail: Option<Spread>,
    pub(crate) cpu: Option<Spread>,
    pub(crate) allocations: Option<f64>,
    pub(crate) allocated_bytes: Option<f64>,
    /// Opened in all rounds together.
    pub(crate) connections: u64,
    /// Bytes over the wire for one call on a kept connection, both ways.
    pub(crate) wire_bytes: Option<u64>,
    pub(crate) peak_memory: Option<u64>,
}

/// The component against one rival: below 1 the component takes less.
#[derive(Clone, Debug)]
pub(crate) struct Against {
    pub(crate) rival: Figures,
    pub(crate) time: Spread,
    pub(crate) tail: Option<Spread>,
    pub(crate) cpu: Option<Spread>,
}

/// A row, done.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) title: String,
    pub(crate) link: &'static str,
    pub(crate) calls: usize,
    pub(crate) ours: Figures,
    pub(crate) rivals: Vec<Against>,
    /// Who did not take part, and why.
    pub(crate) skipped: Vec<(String, String)>,
}

/// A row, to be done. The first one is the component.
pub(crate) struct Contest {
    pub(crate) title: String,
    pub(crate) link: &'static str,
    pub(crate) times: usize,
    pub(crate) rounds: usize,
    pub(crate) runs: Vec<(String, Run)>,
    /// Whether all must have read the same number of objects.
    pub(crate) same_objects: bool,
}

impl Contest {
    /// Lets them take turns. Each round begins with another one, so that nobody is always behind the same.
    pub(crate) async fn hold(self, server: &Server) -> Result<Outcome> {
        let Contest { title, link, times, rounds, mut runs, same_objects } = self;
        let mut skipped = Vec::new();
        let mut connections = vec![0; runs.len()];
        let mut samples: Vec<Vec<Sample>> = runs.iter().map(|_| Vec::new()).collect();
        for round in 0..=rounds {
            for turn in 0..runs.len() {
                let one = (turn + round) % runs.len();
                let (name, run) = &mut runs[one];
                if skipped.iter().any(|(skipped, _)| skipped == name) {
                    continue;
                }
                let before = server.connections().await?;
                // The first round warms up: connections, caches, and what is made once.
                let warming = if round == 0 { times.min(5) } else { times };
                let sample = run.sample(warming).await.with_context(|| format!("{title}: {name}"))?;
                connections[one] += server.connections().await? - before;
                match sample {
                    Ok(sample) if round > 0 => samples[one].push(sample),
                    Ok(_) => {}
                    Err(why) => skipped.push((name.clone(), why)),
                }
            }
            server.forget().await?;
        }
        if same_objects {
            let objects =
                samples.iter().flatten().map(|sample| sample.objects).collect::<std::collections::BTreeSet<_>>();
            ensure!(objects.len() == 1, "{title}: they did not read the same number of objects: {objects:?}");
        }
        let mut all = Vec::new();
        for ((name, _), (samples, connections)) in runs.iter().zip(samples.iter().zip(connections)) {
            if let Some(figures) = figures(name, samples, connections) {
                all.push((figures, samples));
            }
        }
        let mut all = all.into_iter();
        let (ours, own) = all.next().with_context(|| format!("{title}: the component did not take part"))?;
        let rivals = all.filter_map(|(rival, samples)| against(rival, own, samples)).collect();
        Ok(Outcome { title, link, calls: times * rounds, ours, rivals, skipped })
    }
}

fn figures(name: &str, samples: &[Sample], connections: u64) -> Option<Figures> {
    let of = |figure: fn(&Sample) -> Option<f64>| Spread::of(samples.iter().filter_map(figure));
    Some(Figures {
        name: name.to_owned(),
        seconds: of(|sample| Some(sample.seconds))?,
        tail: of(|sample| sample.tail),
        cpu: of(|sample| sample.cpu),
        allocations: of(|sample| sample.allocations).map(|spread| spread.median),
        allocated_bytes: of(|sample| sample.allocated_bytes).map(|spread| spread.median),
        connections,
        wire_bytes: None,
        peak_memory: None,
    })
}

fn against(rival: Figures, own: &[Sample], theirs: &[Sample]) -> Option<Against> {
    let ratio = |figure: fn(&Sample) -> Option<f64>| {
        let pairs = own.iter().zip(theirs).filter_map(|(own, theirs)| Some((figure(own)?, figure(theirs)?)));
        Spread::of(pairs.filter(|(_, theirs)| *theirs > 0.0).map(|(own, theirs)| own / theirs))
    };
    Some(Against {
        time: ratio(|sample| Some(sample.seconds))?,
        tail: ratio(|sample| sample.tail),
        cpu: ratio(|sample| sample.cpu),
        rival,
    })
}

/// The bytes that one call sends and gets on a connection that is kept, and the memory that the way takes at most.
pub(crate) async fn footprint(
    who: &Who,
    work: Work,
    at: &Address,
    runtime: &Arc<Runtime>,
    alone: &Alone,
) -> Result<(Option<u64>, Option<u64>)> {
    let relay = Relay::start(address_of(&at.url)?, Link::PLAIN)?;
    let through = Address { url: relay.instead_of(&at.url)?, ..at.clone() };
    let way = who.tenant(runtime, &through)?;
    let process = if let Way::Outside(outside) = &way { Some(outside.id()) } else { None };
    let mut run = Run::Calls(way, work, through);
    if run.sample(1).await?.is_err() {
        return Ok((None, None));
    }
    let before = relay.passed();
    let _ = run.sample(1).await?;
    let wire = relay.passed() - before;
    let memory = match (process, who) {
        (Some(process), _) => peak_memory(process),
        (None, Who::Inside(inside)) => {
            let alone = Alone { inside: *inside, work, times: 5, at: at.clone(), ..alone.clone() };
            // The first one leaves the compiled component behind, if it is the component.
            alone.start()?;
            alone.start()?.peak_memory
        }
        (None, Who::Outside(_)) => None,
    };
    Ok((Some(wire), memory))
}
