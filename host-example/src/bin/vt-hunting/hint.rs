//! What to do next, in the words of this command line. The message of the contract is for every host; this is for ours.

use vt_hunting_host::{
    CallError,
    types::{self, ErrorKind},
};

use crate::{actions::Action, suggest};

/// The next step after a failure of an action, if there is one.
pub(crate) fn of(error: &types::Error, action: &Action) -> Option<String> {
    if let Some(reconcile) = repeat_with_care(error, action) {
        return Some(format!(
            "it may have reached VirusTotal: before repeating it, `{}` with the same arguments and \
             --created-since TIME finds out",
            vt(&reconcile)
        ));
    }
    if may_have_been_carried_out(error) && action.writes() && !error.retryable {
        let list = action.ids_from?;
        return Some(format!("it may have taken effect: look with `{}` before repeating it", vt(list)));
    }
    let again = match error.retry_after {
        Some(seconds) => format!("in {seconds} s"),
        None => "in a while".to_owned(),
    };
    let own = error.status.is_none();
    let hint = match error.kind {
        _ if error.code == "ReadOnly" => {
            "the settings allow reading only: VT_ACCESS=full allows it; `vt-hunting config` shows where it is set"
                .to_owned()
        }
        _ if error.code == "ConfirmationMissing" => {
            format!("nothing was sent: `{}` has what confirms it", help(action))
        }
        _ if own && error.code.starts_with("RequestsPer") => {
            format!("the configured rate (VT_REQUESTS_PER_MINUTE) holds it back, nothing was sent: repeat it {again}")
        }
        ErrorKind::InvalidArgument if !own && action.function == "delete-all-livehunt-rulesets" => {
            "nothing was deleted: --confirm-user is the name of the user whose rulesets they are".to_owned()
        }
        ErrorKind::InvalidArgument if !own && action.creates() => {
            "nothing was created; mend the rules, or the field that the message names".to_owned()
        }
        // Where it is about one object, not about a text that selects some.
        ErrorKind::InvalidArgument if !own && action.path.contains("{id}") => {
            let list = action.ids_from?;
            format!("`{}` shows what there is, and its state", vt(list))
        }
        ErrorKind::InvalidArgument => {
            format!("`{}` has the fields and their limits", help(action))
        }
        ErrorKind::Configuration if error.code == "MissingApiKey" => {
            "set VT_APIKEY, or give --apikey-file FILE".to_owned()
        }
        ErrorKind::Configuration => "`vt-hunting config` shows every setting and where it comes from".to_owned(),
        ErrorKind::Authentication => "`vt-hunting config` shows where the key comes from".to_owned(),
        ErrorKind::Forbidden if own => {
            "this host refused it: `vt-hunting config` shows the policy; --allow-private and --allow-http widen it"
                .to_owned()
        }
        ErrorKind::Forbidden => "hunting needs a premium key".to_owned(),
        ErrorKind::NotFound => {
            let list = action.ids_from?;
            format!("`{}` lists the ids there are", vt(list))
        }
        ErrorKind::Conflict => format!("`{}` shows what there is", vt(action.ids_from?)),
        ErrorKind::QuotaExceeded => {
            format!("repeat it {again}; VirusTotal does not say whether the minute, day or month is used up")
        }
        ErrorKind::RateLimited | ErrorKind::Unavailable => format!("repeat it {again}"),
        ErrorKind::Timeout if own => "raise it with --timeout SECONDS, or ask for less with --limit".to_owned(),
        ErrorKind::Timeout => format!("repeat it {again}"),
        ErrorKind::Transport if error.code == "TlsError" => {
            "if the service has a certificate of its own, give --ca-file FILE".to_owned()
        }
        ErrorKind::Transport => "check --url and --http-proxy: `vt-hunting config` shows both".to_owned(),
        ErrorKind::Protocol => "check that --url is VirusTotal's address: `vt-hunting config` shows it".to_owned(),
        ErrorKind::TooLarge if action.writes() => "send less".to_owned(),
        ErrorKind::TooLarge if action.function == "get-ioc-stream-objects" => {
            "ask for less with --limit or --descriptors-only, or raise --max-response-bytes".to_owned()
        }
        ErrorKind::TooLarge => "ask for less with --limit, or raise --max-response-bytes".to_owned(),
        ErrorKind::Other => "-vv shows what happened".to_owned(),
    };
    Some(hint)
}

fn vt(command: &str) -> String {
    suggest::command(command, &[], &[])
}

fn help(action: &Action) -> String {
    suggest::command(action.command, &["--help"], &[])
}

/// The command that finds out, where the failure leaves open whether a create arrived.
fn repeat_with_care(error: &types::Error, action: &Action) -> Option<String> {
    if may_have_been_carried_out(error) { action.reconcile() } else { None }
}

fn may_have_been_carried_out(error: &types::Error) -> bool {
    match error.kind {
        ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Protocol => true,
        ErrorKind::Transport => error.code == "IncompleteResponse" || error.code == "ConnectionFailed",
        _ => false,
    }
}

/// Whether the failed call may have been carried out: who knows what was typed can say how to find out.
pub(crate) fn may_have_arrived(error: &CallError, action: &Action) -> bool {
    match error {
        CallError::Hunting(error) => repeat_with_care(error, action).is_some(),
        CallError::Timeout { .. } | CallError::Trap { .. } => action.creates(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actions, output::samples};

    fn error(kind: ErrorKind, code: &str, status: Option<u16>) -> types::Error {
        let code = code.to_owned();
        types::Error { kind, code, status, retry_after: None, retryable: false, ..samples::error() }
    }

    #[test]
    fn an_ambiguous_create_says_how_to_find_out_first() {
        for kind in [ErrorKind::Timeout, ErrorKind::Unavailable] {
            let hint = of(&error(kind, "X", None), &actions::CREATE_JOB);
            let hint = hint.unwrap_or_default();
            assert!(hint.contains("`vt-hunting retrohunt reconcile-job` with the same arguments"), "{hint}");
        }
        let timeout = CallError::Timeout { action: "create-retrohunt-job", after: std::time::Duration::ZERO };
        assert!(may_have_arrived(&timeout, &actions::CREATE_JOB) && !may_have_arrived(&timeout, &actions::JOB));
        let refused = error(ErrorKind::Transport, "ConnectionRefused", None);
        let hint = of(&refused, &actions::CREATE_JOB);
        assert!(!hint.unwrap_or_default().contains("before repeating"));
    }

    #[test]
    fn what_this_host_or_the_component_refuses_names_the_setting_or_the_flag() {
        for (kind, code, says) in [
            (ErrorKind::Forbidden, "ReadOnly", "VT_ACCESS"),
            (ErrorKind::InvalidArgument, "ConfirmationMissing", "livehunt delete-notifications --help"),
            (ErrorKind::RateLimited, "RequestsPerMinute", "VT_REQUESTS_PER_MINUTE"),
            (ErrorKind::RateLimited, "RequestsPerDay", "nothing was sent"),
        ] {
            let hint = of(&error(kind, code, None), &actions::DELETE_NOTIFICATIONS);
            assert!(hint.as_ref().is_some_and(|hint| hint.contains(says)), "{code}: {hint:?}");
        }
    }

    #[test]
    fn another_change_that_may_have_taken_effect_names_the_list() {
        let unavailable = error(ErrorKind::Unavailable, "Http503", Some(503));
        for (action, list) in [
            (&actions::UPDATE_RULESET, "`vt-hunting livehunt rulesets`"),
            (&actions::DELETE_STREAM_OBJECTS, "`vt-hunting ioc-stream objects --descriptors-only`"),
        ] {
            let hint = of(&unavailable, action).unwrap_or_default();
            assert!(hint.contains(list) && hint.contains("before repeating"), "{hint}");
        }
        // Deleting by id does no harm twice, and reading none at all.
        let retryable = types::Error { retryable: true, ..unavailable.clone() };
        assert_eq!(of(&retryable, &actions::DELETE_RULESET).as_deref(), Some("repeat it in a while"));
        assert_eq!(of(&unavailable, &actions::JOB).as_deref(), Some("repeat it in a while"));
    }
}
