//! What a tenant knows it has, and what it wants next because of that.
//!
//! All of it is bounded: rulesets are deleted as they are created, and the allowance ends the creation of jobs. A world
//! that grew for ever would look like a leak.

use fastrand::Rng;

use crate::errand::{Errand, rules, ruleset_prefix};
use crate::owner::Answer;

/// Jobs that the simulator grants a tenant a month.
pub(crate) const JOBS: u64 = 6;
const RULESETS: usize = 3;
const STREAM_IDS: usize = 8;
/// One ruleset in so many is matched against the feed.
const ENABLED: u32 = 8;

#[derive(Debug)]
struct Job {
    id: String,
    /// The clock stands still within a round: before the next one it cannot end by itself.
    round: u64,
    aborted: bool,
}

/// One tenant's.
#[derive(Debug, Default)]
pub(crate) struct Belongings {
    rulesets: Vec<String>,
    jobs: Vec<Job>,
    /// Also those of which the answer was lost.
    jobs_asked: u64,
    stream_ids: Vec<String>,
    stream_cursor: Option<String>,
}

impl Belongings {
    /// What the tenant wants in its call of this number. `foreign` is an id that another tenant's job may have.
    pub(crate) fn next(&mut self, rng: &mut Rng, tenant: usize, call: u64, round: u64, foreign: String) -> Errand {
        let create_ruleset = |rng: &mut Rng| Errand::CreateRuleset {
            name: format!("{}{call}", ruleset_prefix(tenant)),
            rules: rules(tenant, call),
            enabled: rng.u32(0..ENABLED) == 0,
        };
        match rng.u8(0..13) {
            0 => Errand::ListRulesets,
            1 if self.rulesets.len() < RULESETS => create_ruleset(rng),
            1 | 2 if self.rulesets.is_empty() => create_ruleset(rng),
            1 | 2 => {
                let one = rng.usize(..self.rulesets.len());
                // However it ends, the next listing tells whether it is still there.
                Errand::DeleteRuleset { id: self.rulesets.swap_remove(one) }
            }
            3 => Errand::ListNotifications,
            4 => Errand::ListNotificationFiles,
            5 => {
                self.jobs_asked += 1;
                let beyond_quota = self.jobs_asked > JOBS;
                Errand::CreateJob { rules: rules(tenant, call), goodware: rng.bool(), beyond_quota }
            }
            6 => Errand::ListJobs,
            7 => Errand::GetForeignJob { id: foreign },
            job @ 8..=10 => match rng.choice(&mut self.jobs) {
                None => Errand::ListJobs,
                Some(one) => match job {
                    8 => Errand::GetJob { id: one.id.clone() },
                    9 => Errand::GetMatches { id: one.id.clone() },
                    _ => {
                        let may_be_over = one.aborted || one.round < round;
                        one.aborted = true;
                        Errand::AbortJob { id: one.id.clone(), may_be_over }
                    }
                },
            },
            11 => match rng.choice(&self.stream_ids) {
                Some(id) => Errand::GetStreamNotification { id: id.clone() },
                None => Errand::ListStream { cursor: None },
            },
            _ => Errand::ListStream { cursor: self.stream_cursor.take() },
        }
    }

    /// Learns from a good answer.
    pub(crate) fn learn(&mut self, answer: Answer, round: u64) {
        match answer {
            Answer::Nothing => {}
            Answer::Rulesets(all) => self.rulesets = all,
            Answer::Ruleset(id) => self.rulesets.push(id),
            Answer::Job(id) => self.jobs.push(Job { id, round, aborted: false }),
            Answer::Stream(ids, cursor) => {
                self.stream_ids.extend(ids);
                let surplus = self.stream_ids.len().saturating_sub(STREAM_IDS);
                self.stream_ids.drain(..surplus);
                self.stream_cursor = cursor;
            }
        }
    }
}
