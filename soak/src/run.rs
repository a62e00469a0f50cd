//! The run: all tenants in rounds, with nothing under way between them, so that everything can be counted there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::task::JoinSet;

use crate::audit::audit;
use crate::limits::Limits;
use crate::process::Process;
use crate::progress::Progress;
use crate::report::Report;
use crate::stage::Stage;
use crate::tally::Tally;
use crate::tenant::Tenant;

/// Calls of one tenant in a round. The simulator's records, and so the audit's memory, are bounded by it.
const CALLS_PER_ROUND: u64 = 5;
/// New samples bring notifications, and for every tenant stream entries. After so many rounds there are enough of them.
const ROUNDS_WITH_NEWS: u64 = 12;
const SAMPLES_PER_ROUND: usize = 2;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) tenants: usize,
    pub(crate) length: Length,
    pub(crate) seed: u64,
    pub(crate) concurrency: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// So many calls per tenant.
    Calls(u64),
    /// Whole rounds until so much time has passed.
    Time(Duration),
}

/// Runs it all.
pub(crate) async fn run(plan: Plan, component: &Path) -> Result<Report> {
    let stage = Arc::new(Stage::new(component, plan.tenants, plan.concurrency)?);
    let mut report = Report { tenants: plan.tenants, seed: plan.seed, before: Process::now(), ..Report::default() };
    let mut limits = Limits::new(report.before, plan.tenants);

    let mut tenants = Vec::with_capacity(plan.tenants);
    for number in 0..plan.tenants {
        tenants.push(Tenant::new(&stage, number, plan.tenants, plan.seed).await?);
    }
    report.settled_in = Process::now();

    let mut rng = Rng::with_seed(plan.seed);
    let progress = Progress::new(match plan.length {
        Length::Calls(calls) => Some(calls * plan.tenants as u64),
        Length::Time(_) => None,
    });
    let started = Instant::now();
    let (mut tally, mut round, mut done) = (Tally::default(), 0, 0.0);
    while done < 1.0 && stage.verdict.holds() {
        round += 1;
        let calls = match plan.length {
            Length::Calls(calls) => CALLS_PER_ROUND.min(calls - (round - 1) * CALLS_PER_ROUND),
            Length::Time(_) => CALLS_PER_ROUND,
        };
        rng.shuffle(&mut tenants);
        tenants = play(&stage, tenants, round, calls, &progress).await?;
        audit(&stage.simulator, &mut tenants, &stage.verdict).await;
        for tenant in &mut tenants {
            tenant.check_counters(&stage);
            tally.merge(std::mem::take(&mut tenant.tally));
        }
        report.last = limits.check(&stage, plan.tenants, &format!("after round {round}")).await;
        done = match plan.length {
            Length::Calls(calls) => (round * CALLS_PER_ROUND) as f64 / calls as f64,
            Length::Time(time) => started.elapsed().as_secs_f64() / time.as_secs_f64(),
        };
        if done >= 1.0 / 3.0 && report.warm.resident.is_none() {
            report.warm = report.last;
            limits.warmed_up(&report.warm);
        }
        progress.round(round, &tally, &report.last);
        time_passes(&stage, round, &mut rng).await?;
    }
    progress.end();
    report.took = started.elapsed();
    report.longest_wait = stage.pulse.longest();
    report.tally = tally;
    report.connections = (stage.simulator.connections(), tenants.iter().map(Tenant::connections_opened).sum());

    drop(tenants);
    report.after = limits.check(&stage, 0, "after the last tenant was dropped").await;
    if let Err(what) = stage.instances_are_back() {
        stage.verdict.violated(what);
    }
    report.violations = stage.verdict.count();
    report.first_violation = stage.verdict.first();
    Ok(report)
}

/// Every tenant makes its calls, in tasks of their own; whose turn it is, `Stage::turns` decides.
async fn play(
    stage: &Arc<Stage>,
    tenants: Vec<Tenant>,
    round: u64,
    calls: u64,
    progress: &Progress,
) -> Result<Vec<Tenant>> {
    let mut playing = JoinSet::new();
    let count = tenants.len();
    for mut tenant in tenants {
        let stage = Arc::clone(stage);
        playing.spawn(async move {
            tenant.round(&stage, round, calls).await;
            tenant
        });
    }
    let mut back = Vec::with_capacity(count);
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            tenant = playing.join_next() => match tenant {
                Some(tenant) => back.push(tenant.context("a tenant's task broke off")?),
                None => break,
            },
            _ = tick.tick() => progress.calls(stage.done.load(Relaxed)),
        }
    }
    // As they were, or the next shuffle would depend on who came back first.
    back.sort_by_key(|tenant| tenant.number);
    Ok(back)
}

/// The simulated world moves on.
async fn time_passes(stage: &Arc<Stage>, round: u64, rng: &mut Rng) -> Result<()> {
    stage.simulator.advance_clock(rng.u64(10..90));
    if round <= ROUNDS_WITH_NEWS {
        let stage = Arc::clone(stage);
        // It scans, which takes a while.
        tokio::task::spawn_blocking(move || stage.simulator.advance_feed(SAMPLES_PER_ROUND))
            .await
            .context("the feed broke off")?;
    }
    Ok(())
}
