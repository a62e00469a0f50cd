//! One call under way: made, dropped when its caller is of that kind, and never waited for for ever.

use std::time::Duration;

use vt_hunting_host::{CallError, Instance};

use crate::asking::{Through, ask};
use crate::ending::Ending;
use crate::errand::Errand;
use crate::harm::{Caller, Harm};
use crate::owner::{Answer, Owner};
use crate::stage::Stage;

/// Beyond every deadline: what reaches it hangs.
const HANGS: Duration = Duration::from_secs(600);
/// How often a caller who is about to give up looks whether the fault has acted.
const LOOK: Duration = Duration::from_millis(5);

pub(crate) struct Call<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) number: u64,
    pub(crate) errand: &'a Errand,
    pub(crate) harm: Option<&'static Harm>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Outside the call's own result, inside what is wrong with a good answer.
    Ended(Result<Result<Answer, String>, CallError>),
    /// Its caller dropped it.
    GivenUp,
}

impl Outcome {
    pub(crate) fn ending(&self) -> Ending {
        match self {
            Outcome::Ended(result) => Ending::of(result),
            Outcome::GivenUp => Ending::GivenUp,
        }
    }
}

impl Call<'_> {
    /// Runs it; `None` if it hangs.
    pub(crate) async fn run(&self, through: Through<'_>, owner: &Owner<'_>, key: &str) -> Option<Outcome> {
        let call = tokio::time::timeout(HANGS, ask(through, self.errand, owner));
        if self.harm.is_none_or(|harm| harm.caller != Caller::Fickle) {
            return call.await.ok().map(Outcome::Ended);
        }
        tokio::select! {
            result = call => result.ok().map(Outcome::Ended),
            () = self.fault_to_act(key) => Some(Outcome::GivenUp),
        }
    }

    /// Whether this tenant's fault has not acted yet.
    pub(crate) fn fault_waits(&self, key: &str) -> bool {
        self.stage.simulator.faults().active().iter().any(|fault| fault.key.as_deref() == Some(key))
    }

    async fn fault_to_act(&self, key: &str) {
        while self.fault_waits(key) {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// After a call on a kept instance: it is poisoned if and only if the call did not end by itself, and remembers the
    /// very answer that the call was about.
    pub(crate) async fn check_kept(&self, kept: &mut Instance, outcome: &Outcome) -> Result<(), String> {
        let expected = match outcome {
            Outcome::Ended(Ok(_)) => None,
            Outcome::Ended(Err(CallError::Hunting(error))) => Some(error.status),
            _ if kept.is_poisoned() => return Ok(()),
            _ => return Err("the instance is not poisoned, though its call was dropped".to_owned()),
        };
        let status = kept.last_response().await.map(|response| response.status_code);
        let fits = match expected {
            None => status.is_some_and(|status| (200..300).contains(&status)),
            Some(expected) => status == expected,
        };
        if fits { Ok(()) } else { Err(format!("the instance remembers another answer's status: {status:?}")) }
    }
}
