//! Retrohunt: a rule over what the service already holds.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use virustotal_hunting_simulator::EXAMPLE_RULES;
use vt_hunting_host::retrohunt::{Corpus, MatchesQuery, NewRetrohuntJob, RetrohuntJob, RetrohuntJobsQuery};

use super::livehunt::RULE;
use super::progress::Progress;
use super::text::{counted, or_dash, page, short};
use crate::actions::{ABORT_JOB, CREATE_JOB, GET_JOB, GET_JOBS, GET_MATCHES};
use crate::report::Turn;
use crate::story::{FinishedJob, Story};

/// How far the simulated clock moves between two looks: a job takes about a dozen.
const SIMULATED_STEP: u64 = 10;
/// How long to wait between two looks at a real job.
const REAL_PAUSE: Duration = Duration::from_secs(5);
/// A job over the smaller corpus takes a minute; after this many looks something is wrong.
const MOST_LOOKS: usize = 120;

/// Starts a job.
pub(crate) async fn create_job(story: &mut Story) {
    story
        .act(&CREATE_JOB, "", async |story, turn| {
            let job = create(story, turn).await?;
            Ok(format!("created {}", job.id))
        })
        .await;
}

async fn create(story: &mut Story, turn: &mut Turn) -> Result<RetrohuntJob> {
    // On a real account the smaller corpus: a minute instead of hours.
    let corpus = if story.service.simulator().is_some() { Corpus::Main } else { Corpus::Goodware };
    let corpus_name = if corpus == Corpus::Main { "main" } else { "goodware" };
    turn.sent(format!("the rule {RULE} over the corpus {corpus_name}"));
    let new = NewRetrohuntJob {
        rules: EXAMPLE_RULES.to_owned(),
        notification_email: None,
        corpus: Some(corpus),
        time_range: None,
    };
    let job = turn.call(story.hunting.create_retrohunt_job(&new)).await?;
    story.jobs.push(job.id.clone());
    turn.came(format!("job {}, {}", job.id, or_dash(job.status.as_ref())));
    ensure!(!job.id.is_empty(), "the new job has no id");
    if story.service.simulator().is_some() {
        // A real service may lay the text out anew.
        ensure!(job.rules.as_deref() == Some(EXAMPLE_RULES), "the rules came back changed");
    }
    ensure!(job.finish_date.is_none(), "the job is finished before it began");
    Ok(job)
}

/// Looks at the job until it is finished.
pub(crate) async fn watch(story: &mut Story) {
    story
        .act(&GET_JOB, "", async |story, turn| {
            let id = story.jobs.first().cloned().context("there is no job to watch: creating it failed")?;
            turn.sent(format!("job {id}, until it is finished"));
            let job = until(story, turn, &id, "finished").await?;
            story.jobs.retain(|unfinished| *unfinished != id);
            ensure!(job.progress == Some(100.0), "the job is finished at {:?} percent", job.progress);
            ensure!(job.finish_date.is_some(), "the job is finished but does not say when");
            let matches = job.num_matches.context("the job is finished but does not say how many files it matched")?;
            if story.service.simulator().is_some() {
                ensure!(matches > 0, "the rule matches nothing, though it was written for these samples");
            }
            story.finished = Some(FinishedJob { id, matches });
            Ok(format!("finished, {matches} matches"))
        })
        .await;
}

/// Looks at a job until it has this status, moving time along where that can be done.
async fn until(story: &mut Story, turn: &mut Turn, id: &str, status: &str) -> Result<RetrohuntJob> {
    let progress = Progress::start();
    let mut reached = 0.0;
    for _ in 0..MOST_LOOKS {
        let job = turn.call(story.hunting.get_retrohunt_job(id)).await?;
        progress.show(turn, &job);
        ensure!(job.id == id, "asked for {id}, got {}", job.id);
        let percent = job.progress.unwrap_or(reached);
        ensure!(percent >= reached, "the progress fell from {reached} to {percent} percent");
        reached = percent;
        match job.status.as_deref() {
            Some(now) if now == status => return Ok(job),
            Some(end @ ("finished" | "aborted")) => bail!("the job is {end} and will never be {status}"),
            _ => {}
        }
        match story.service.simulator() {
            Some(simulator) => {
                simulator.advance_clock(SIMULATED_STEP);
                tokio::time::sleep(progress.simulated_pause()).await;
            }
            None => tokio::time::sleep(REAL_PAUSE).await,
        }
    }
    bail!(
        "after {MOST_LOOKS} looks the job is still not {status}; `vt-hunting retrohunt job {id}` shows how it goes on"
    )
}

/// Reads all matches of the finished job, page by page.
pub(crate) async fn matches(story: &mut Story) {
    story
        .act(&GET_MATCHES, "", async |story, turn| {
            let finished = story.finished.as_ref().context("there is no finished job to read: watching it failed")?;
            let FinishedJob { id, matches: expected } = finished;
            turn.sent(format!("job {id}, 40 files a page"));
            let mut query = MatchesQuery { limit: Some(40), cursor: None };
            let (mut files, mut pages, mut bytes) = (BTreeSet::new(), 0, 0);
            // A real job can have 10 000 matches of 20 KB; a few pages tell the same story.
            let most = if story.service.simulator().is_some() { usize::MAX } else { 3 };
            loop {
                let found = turn.call(story.hunting.get_retrohunt_job_matches(id, &query)).await?;
                pages += 1;
                bytes += found.items.iter().map(|file| file.json.len()).sum::<usize>();
                match found.items.first() {
                    Some(first) => turn.came(format!(
                        "page {pages}: {}; the first is {} by {}",
                        page(found.items.len(), "file", &found.page),
                        short(&first.id),
                        or_dash(first.rule_name.as_ref())
                    )),
                    None if pages == 1 => turn.came("page 1: empty"),
                    None => turn.came(format!("page {pages}: empty, since a cursor can have nothing behind it")),
                }
                for file in found.items {
                    ensure!(files.insert(file.id.clone()), "file {} came twice", file.id);
                }
                if found.page.cursor.is_none() || pages >= most {
                    break;
                }
                query.cursor = found.page.cursor;
            }
            if story.service.simulator().is_some() {
                ensure!(pages > 1, "all matches came in one page");
                ensure!(files.len() as u64 == *expected, "{} files came, the job counts {expected}", files.len());
            }
            let (files, pages) = (counted(files.len(), "file"), counted(pages, "page"));
            Ok(format!("{files} in {pages}, {} KB", bytes / 1000))
        })
        .await;
}

/// Starts a second job and aborts it.
pub(crate) async fn abort_job(story: &mut Story) {
    story
        .act(&ABORT_JOB, "", async |story, turn| {
            let job = create(story, turn).await.context("cannot start a job to abort")?;
            turn.sent(format!("abort job {}", job.id));
            turn.call(story.hunting.abort_retrohunt_job(&job.id)).await?;
            turn.came("nothing, as it should; the job takes a while to stop");
            until(story, turn, &job.id, "aborted").await?;
            story.jobs.retain(|unfinished| *unfinished != job.id);
            story.aborted = Some(job.id);
            Ok("aborted".to_owned())
        })
        .await;
}

/// Lists the jobs; ours have to be among them.
pub(crate) async fn list_jobs(story: &mut Story) {
    story
        .act(&GET_JOBS, "", async |story, turn| {
            turn.sent("the newest 10");
            let query = RetrohuntJobsQuery { limit: Some(10), filter: None, cursor: None };
            let jobs = turn.call(story.hunting.get_retrohunt_jobs(&query)).await?;
            turn.came(page(jobs.items.len(), "job", &jobs.page));
            for job in jobs.items.iter().take(3) {
                let matches = job.num_matches.map_or("–".to_owned(), |count| count.to_string());
                turn.came(format!("{}  {}, {matches} matches", job.id, or_dash(job.status.as_ref())));
            }
            let status = |id: &str| jobs.items.iter().find(|job| job.id == id).map(|job| job.status.as_deref());
            if let Some(FinishedJob { id, .. }) = story.finished.as_ref().filter(|_| story.service.writes()) {
                ensure!(status(id) == Some(Some("finished")), "job {id} is not in the list as finished");
            }
            if let Some(id) = &story.aborted {
                ensure!(status(id) == Some(Some("aborted")), "job {id} is not in the list as aborted");
            }
            if !story.service.writes() {
                // What a read-only story looks at next.
                let finished = jobs.items.iter().find(|job| job.status.as_deref() == Some("finished"));
                story.finished = finished
                    .map(|job| FinishedJob { id: job.id.clone(), matches: job.num_matches.unwrap_or_default() });
            }
            Ok(format!("{} listed", counted(jobs.items.len(), "job")))
        })
        .await;
}

/// Looks once at a job that is there already, for a story that may not create one.
pub(crate) async fn look_at_finished(story: &mut Story) {
    let Some(FinishedJob { id, .. }) = &story.finished else {
        for action in [&GET_JOB, &GET_MATCHES] {
            story.report.skip(action, "", "the account's newest jobs hold no finished one to look at");
        }
        return;
    };
    let id = id.clone();
    story
        .act(&GET_JOB, "", async |story, turn| {
            turn.sent(format!("job {id}"));
            let job = turn.call(story.hunting.get_retrohunt_job(&id)).await?;
            ensure!(job.id == id, "asked for {id}, got {}", job.id);
            turn.came(format!("{}, corpus {}", or_dash(job.status.as_ref()), or_dash(job.corpus.as_ref())));
            Ok(job.status.unwrap_or_else(|| "read".to_owned()))
        })
        .await;
    matches(story).await;
}
