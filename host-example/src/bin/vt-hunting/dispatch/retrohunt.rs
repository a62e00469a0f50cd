//! The calls of `vt-hunting retrohunt`.

use vt_hunting_host::{CallError, Instance, retrohunt as contract};

use super::{Call, Work, done, found, one, page, page_since};
use crate::{
    actions::{self, Action},
    args::{
        page::Since,
        retrohunt::{JobQuota, Retrohunt},
    },
    failure::Failure,
    output::Answer,
    suggest,
};

/// A call, complete.
pub(crate) enum RetrohuntCall {
    CreateJob(contract::NewRetrohuntJob, JobQuota),
    ReconcileJob(contract::NewRetrohuntJob, u64),
    Job(String),
    CheckJob(String),
    Jobs(contract::RetrohuntJobsQuery, Since),
    AbortJob(String),
    DeleteJob(String),
    Matches(String, contract::MatchesQuery),
}

impl TryFrom<Retrohunt> for Work {
    type Error = Failure;

    fn try_from(command: Retrohunt) -> Result<Self, Failure> {
        let call = match command {
            Retrohunt::CreateJob(args) => {
                let quota = args.quota.clone();
                RetrohuntCall::CreateJob((*args).try_into()?, quota)
            }
            Retrohunt::ReconcileJob(args) => RetrohuntCall::ReconcileJob(args.job.try_into()?, args.created_since),
            Retrohunt::Job(args) => RetrohuntCall::Job(args.id),
            Retrohunt::CheckJob(args) => RetrohuntCall::CheckJob(args.id),
            Retrohunt::Wait(args) => return Ok(Work::Wait(args)),
            Retrohunt::Jobs(args) => {
                let (query, since) = args.try_into()?;
                RetrohuntCall::Jobs(query, since)
            }
            Retrohunt::AbortJob(args) => RetrohuntCall::AbortJob(args.id),
            Retrohunt::DeleteJob(args) => RetrohuntCall::DeleteJob(args.id),
            Retrohunt::Matches(args) => {
                let (id, query) = args.into();
                RetrohuntCall::Matches(id, query)
            }
        };
        Ok(Work::Call(Call::Retrohunt(call)))
    }
}

impl RetrohuntCall {
    pub(super) fn action(&self) -> &'static Action {
        match self {
            Self::CreateJob(..) => &actions::CREATE_JOB,
            Self::ReconcileJob(..) => &actions::RECONCILE_JOB,
            Self::Job(_) => &actions::JOB,
            Self::CheckJob(_) => &actions::CHECK_JOB,
            Self::Jobs(..) => &actions::JOBS,
            Self::AbortJob(_) => &actions::ABORT_JOB,
            Self::DeleteJob(_) => &actions::DELETE_JOB,
            Self::Matches(..) => &actions::MATCHES,
        }
    }

    pub(super) async fn run(&self, hunting: &mut Instance) -> Result<Answer, CallError> {
        Ok(match self {
            Self::CreateJob(job, _) => {
                let job = hunting.create_retrohunt_job(job).await?;
                let next = format!("Wait for it: {}", suggest::command("retrohunt wait", &[], &[&job.id]));
                one(job, Some(next))
            }
            Self::ReconcileJob(job, since) => found("jobs", hunting.reconcile_retrohunt_job(job, *since).await?),
            Self::Job(id) => shown(hunting.get_retrohunt_job(id).await?),
            Self::CheckJob(id) => one(hunting.check_retrohunt_job(id).await?, None),
            Self::Jobs(query, since) => {
                let answer = hunting.get_retrohunt_jobs(query).await?;
                page_since("jobs", answer.items, answer.page, *since, |job| job.creation_date)
            }
            Self::AbortJob(id) => {
                hunting.abort_retrohunt_job(id).await?;
                let said = format!(
                    "Asked to abort job {id}. It stops after a while: {}",
                    suggest::command("retrohunt job", &[], &[id])
                );
                done(id, "aborting", said)
            }
            Self::DeleteJob(id) => {
                hunting.delete_retrohunt_job(id).await?;
                done(id, "deleted", format!("Deleted job {id} and its matches."))
            }
            Self::Matches(id, query) => {
                let answer = hunting.get_retrohunt_job_matches(id, query).await?;
                page("files", answer.items, answer.page)
            }
        })
    }
}

/// A job, and where its matches are.
pub(crate) fn shown(job: contract::RetrohuntJob) -> Answer {
    let next = (job.num_matches > Some(0))
        .then(|| format!("Its matches: {}", suggest::command("retrohunt matches", &[], &[&job.id])));
    one(job, next)
}
