//! Takes back what the story left at a real service, because a scene failed or the user interrupted it. When all went well
//! there is nothing left to do.

use vt_hunting_host::CallError;
use vt_hunting_host::types::ErrorKind;

use crate::story::Story;

/// Deletes what rulesets are left and aborts what jobs still run. False if something stays behind.
pub(crate) async fn clean_up(story: &mut Story) -> bool {
    if story.service.simulator().is_some() {
        // It goes away with this program, and everything in it.
        return true;
    }
    let mut clean = true;
    let rulesets: Vec<String> = story.ruleset.take().into_iter().chain(story.stray_rulesets.drain(..)).collect();
    for id in rulesets {
        let result = story.hunting.delete_livehunt_ruleset(&id).await;
        clean &= tell(story, &format!("ruleset {id}"), "deleted", "vt-hunting livehunt delete-ruleset", &id, result);
    }
    let jobs: Vec<String> = story.jobs.drain(..).collect();
    for id in jobs {
        let result = story.hunting.abort_retrohunt_job(&id).await;
        clean &= tell(story, &format!("job {id}"), "aborted", "vt-hunting retrohunt abort-job", &id, result);
    }
    clean
}

fn tell(story: &Story, what: &str, done: &str, by_hand: &str, id: &str, result: Result<(), CallError>) -> bool {
    match result {
        Ok(()) => story.report.aside(format!("cleaning up: {what} {done}")),
        // Then there is nothing to take back.
        Err(CallError::Hunting(error)) if error.kind == ErrorKind::NotFound => {}
        Err(error) => {
            story.report.aside(format!("cleaning up: {what} could not be {done}: {error}. By hand: `{by_hand} {id}`"));
            return false;
        }
    }
    true
}
