//! `retrohunt wait`: looks at a job until it has ended.
//!
//! It only reads, and knows nothing but the job's id: ended at any moment, it is resumed by starting it again.

mod progress;
mod watch;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use vt_hunting_host::{CallError, Connector, diagnostics::ResponseInfo, retrohunt::JobCheck};

use crate::{
    actions,
    args::retrohunt::Wait,
    backoff::{self, Backoff},
    dispatch,
    exit::{self, Kind},
    failure::{self, Failure},
    follow,
    interrupts::Interrupts,
    output::style::Style,
    suggest,
};
use progress::Progress;
use watch::Watch;

impl Wait {
    /// Waits, and shows the job at the end.
    pub(crate) async fn run(self, connector: &Connector, style: &Style) -> Result<ExitCode, Failure> {
        let mut progress = Progress::new(&self.id, style.failures_as_json);
        let ended = self.until_it_ends(connector, style, &mut progress).await;
        progress.end();
        ended
    }

    async fn until_it_ends(
        &self,
        connector: &Connector,
        style: &Style,
        progress: &mut Progress,
    ) -> Result<ExitCode, Failure> {
        let as_json = style.failures_as_json;
        let limit = self.timeout_total.map(Duration::from_secs);
        let started = Instant::now();
        let (mut interrupts, mut watch, mut backoff) = (Interrupts::listen()?, Watch::default(), Backoff::default());
        loop {
            let check = tokio::select! {
                check = self.check(connector, style) => check,
                () = interrupts.next() => return self.interrupted(connector, &mut interrupts, progress, as_json).await,
            };
            let wanted = match check {
                Ok((check, response)) => {
                    backoff.reset();
                    progress.show(&watch.see(started.elapsed(), &check));
                    if check.done {
                        progress.end();
                        return self.ended(check, response.as_ref(), style);
                    }
                    Duration::from_secs(check.next_check_in_seconds.into())
                }
                Err(error) if backoff::may_pass(&error) => {
                    let wanted = backoff.after(backoff::retry_after(&error));
                    let failure = dispatch::failed(&error, &actions::CHECK_JOB);
                    progress.aside(|| follow::tell(as_json, &failure, self.pause.or(wanted)));
                    wanted
                }
                Err(error) => return Err(dispatch::failed(&error, &actions::CHECK_JOB)),
            };
            let Some(pause) = watch::pause(self.pause.or(wanted), started.elapsed(), limit) else {
                return Err(self.still_running());
            };
            interrupts.while_sleeping(pause).await;
            if interrupts.asked() {
                return self.interrupted(connector, &mut interrupts, progress, as_json).await;
            }
        }
    }

    async fn check(&self, connector: &Connector, style: &Style) -> Result<(JobCheck, Option<ResponseInfo>), CallError> {
        let mut hunting = connector.instance().await?;
        let check = hunting.check_retrohunt_job(&self.id).await?;
        let response = if style.envelope { hunting.last_response().await } else { None };
        Ok((check, response))
    }

    fn ended(&self, check: JobCheck, response: Option<&ResponseInfo>, style: &Style) -> Result<ExitCode, Failure> {
        let aborted = check.job.status.as_deref() == Some("aborted");
        let truncated = check.truncated;
        crate::tell(&dispatch::retrohunt::shown(check.job).render(response, style, None)?)?;
        if truncated {
            let message = "VirusTotal keeps 10000 matches of a job, and there were more: the others are lost. Narrow the rules \
                           or the time range.";
            failure::note(style.failures_as_json, "Truncated", message);
        }
        if aborted {
            let message = format!("Job {} was aborted before it had gone over everything.", self.id);
            let hint =
                format!("its matches until then stay: {}", suggest::command("retrohunt matches", &[], &[&self.id]));
            return Err(Failure::host(Kind::Aborted, "JobAborted", message, &hint));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn still_running(&self) -> Failure {
        let seconds = self.timeout_total.unwrap_or(0);
        let message = format!("Job {} had not ended after {seconds} s. It goes on.", self.id);
        Failure::host(Kind::StillRunning, "StillRunning", message, &self.resume())
    }

    fn resume(&self) -> String {
        format!("wait on: {}", suggest::command("retrohunt wait", &[], &[&self.id]))
    }

    /// Ends the waiting, and the job too if that is wanted.
    async fn interrupted(
        &self,
        connector: &Connector,
        interrupts: &mut Interrupts,
        progress: &Progress,
        as_json: bool,
    ) -> Result<ExitCode, Failure> {
        progress.end();
        if self.abort_on_interrupt {
            failure::note(as_json, "Interrupted", &format!("aborting job {}; once more leaves it alone", self.id));
            let abort = connector.abort_retrohunt_job(&self.id);
            if let Ok(aborted) = interrupts.while_finishing(abort, || ()).await {
                aborted.map_err(|error| dispatch::failed(&error, &actions::ABORT_JOB))?;
                let message = format!("the job stops after a while; {}", self.resume());
                failure::note(as_json, "Aborting", &message);
                return Ok(exit::INTERRUPTED.into());
            }
        }
        failure::note(as_json, "Interrupted", &format!("the job goes on; {}", self.resume()));
        Ok(exit::INTERRUPTED.into())
    }
}
