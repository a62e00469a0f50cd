//! What to do next, in the words of this command line. The message of the contract is for every host; this is for ours.

use vt_hunting_host::types::{self, ErrorKind};

use crate::{actions::Action, suggest};

/// The codes of a machine that reaches nothing by itself.
const NO_WAY_OUT: [&str; 4] = ["DnsError", "ConnectionRefused", "ConnectionFailed", "ConnectTimeout"];

/// The variables that other programs read a proxy from. This one does not: a key should not take a way that nobody gave it.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The first variable that names a proxy for other programs, if one is set.
pub(crate) fn proxy_variable() -> Option<&'static str> {
    PROXY_VARIABLES.into_iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// That a proxy is set for others, and how to set it here.
pub(crate) fn proxy_not_read(variable: &str) -> String {
    format!("{variable} is set, and is not read here: --proxy URL or VT_HTTP_PROXY sends requests through a proxy")
}

/// The next step after a failure of an action, if there is one.
pub(crate) fn of(error: &types::Error, action: &Action) -> Option<String> {
    with_proxy(error, action, proxy_variable())
}

/// The same with the variable that names a proxy for other programs.
fn with_proxy(error: &types::Error, action: &Action, proxy: Option<&str>) -> Option<String> {
    if action.writes() && error.is_in_doubt() {
        return look_first(action);
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
        ErrorKind::NotFound if is_about_user(error, action) => {
            "check the name: it is the user's or group's own, as it is in their profile's address, not an e-mail address"
                .to_owned()
        }
        ErrorKind::NotFound => {
            let list = action.ids_from?;
            format!("`{}` lists the ids there are", vt(list))
        }
        ErrorKind::Conflict => format!("`{}` shows what there is", vt(action.ids_from?)),
        ErrorKind::QuotaExceeded => {
            let quotas = suggest::command("account quotas", &[], &["USER"]);
            format!("repeat it {again}; `{quotas}` shows what is used up: the minute, the day or the month")
        }
        ErrorKind::RateLimited | ErrorKind::Unavailable => format!("repeat it {again}"),
        // Where an answer can be open the doubt comes first: this one never left.
        ErrorKind::Timeout if own && action.writes() => {
            "repeat it, or raise it with --timeout SECONDS; `vt-hunting config` shows --url and --http-proxy".to_owned()
        }
        ErrorKind::Timeout if own => "raise it with --timeout SECONDS, or ask for less with --limit".to_owned(),
        ErrorKind::Timeout => format!("repeat it {again}"),
        // The message says what is wrong with the certificate, and what to do.
        ErrorKind::Transport if error.code == "TlsError" && error.message.contains("`ca_file`") => {
            "--ca-file FILE sets `ca_file`".to_owned()
        }
        ErrorKind::Transport if error.code == "TlsError" => "`vt-hunting config` shows the address".to_owned(),
        ErrorKind::Transport if NO_WAY_OUT.contains(&error.code.as_str()) && proxy.is_some() => {
            proxy_not_read(proxy.unwrap_or_default())
        }
        ErrorKind::Transport => "check --url and --http-proxy: `vt-hunting config` shows both".to_owned(),
        ErrorKind::Protocol => "check that --url is VirusTotal's address: `vt-hunting config` shows it".to_owned(),
        // 413: the request was.
        ErrorKind::TooLarge if action.writes() => "send less".to_owned(),
        ErrorKind::TooLarge if action.function == "get-ioc-stream-objects" => {
            "ask for less with --limit or --descriptors-only, or raise --max-response-bytes".to_owned()
        }
        ErrorKind::TooLarge => "ask for less with --limit, or raise --max-response-bytes".to_owned(),
        ErrorKind::Other => "-vv shows what happened".to_owned(),
    };
    Some(hint)
}

/// Whether it was a user or group that is not there, and no object.
fn is_about_user(error: &types::Error, action: &Action) -> bool {
    let by_name = action.path.contains("{user}") || action.function == "delete-all-livehunt-rulesets";
    let said = |what: &str| error.message.contains(what);
    by_name || ["User \"", "user \"", "Group \"", "group \""].into_iter().any(said)
}

fn vt(command: &str) -> String {
    suggest::command(command, &[], &[])
}

fn help(action: &Action) -> String {
    suggest::command(action.command, &["--help"], &[])
}

/// How to find out whether a call that may have been carried out was.
pub(crate) fn look_first(action: &Action) -> Option<String> {
    if let Some(reconcile) = action.reconcile() {
        return Some(format!(
            "it may have reached VirusTotal: before repeating it, `{}` with the same arguments and --created-since TIME \
             finds out",
            vt(&reconcile)
        ));
    }
    let list = action.ids_from?;
    Some(format!("it may have taken effect: look with `{}` before repeating it", vt(list)))
}

#[cfg(test)]
mod tests {
    use vt_hunting_host::CallError;

    use super::*;
    use crate::{actions, output::samples};

    fn error(kind: ErrorKind, code: &str, status: Option<u16>) -> types::Error {
        let code = code.to_owned();
        types::Error { kind, code, status, retry_after: None, retryable: false, ..samples::error() }
    }

    const KINDS: [ErrorKind; 14] = [
        ErrorKind::InvalidArgument,
        ErrorKind::Configuration,
        ErrorKind::Authentication,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::QuotaExceeded,
        ErrorKind::RateLimited,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Transport,
        ErrorKind::Protocol,
        ErrorKind::TooLarge,
        ErrorKind::Other,
    ];

    /// What the component says of a create that ended like this: kind, code, status, `retryable`, and whether it may have
    /// been carried out. tests/retries/doubt.rs holds the component to it.
    const CREATES: &[(ErrorKind, &str, Option<u16>, bool, bool)] = &[
        (ErrorKind::InvalidArgument, "InvalidArgument", None, false, false),
        (ErrorKind::InvalidArgument, "BadRequestError", Some(400), false, false),
        (ErrorKind::Configuration, "MissingApiKey", None, false, false),
        (ErrorKind::Authentication, "WrongCredentialsError", Some(401), false, false),
        (ErrorKind::Forbidden, "ForbiddenError", Some(403), false, false),
        (ErrorKind::Forbidden, "ReadOnly", None, false, false),
        (ErrorKind::Forbidden, "RequestDenied", None, false, false),
        (ErrorKind::NotFound, "NotFoundError", Some(404), false, false),
        (ErrorKind::Conflict, "AlreadyExistsError", Some(409), false, false),
        (ErrorKind::QuotaExceeded, "QuotaExceededError", Some(429), false, false),
        (ErrorKind::QuotaExceeded, "QuotaExceededError", Some(503), false, true),
        (ErrorKind::RateLimited, "TooManyRequestsError", Some(429), true, false),
        (ErrorKind::RateLimited, "RequestsPerMinute", None, true, false),
        (ErrorKind::Unavailable, "NotAvailableYet", Some(400), true, false),
        (ErrorKind::Unavailable, "Http500", Some(500), false, true),
        (ErrorKind::Unavailable, "TransientError", Some(503), false, true),
        (ErrorKind::Timeout, "Http408", Some(408), true, false),
        (ErrorKind::Timeout, "DeadlineExceededError", Some(504), false, true),
        // No connection in time, and no answer in time.
        (ErrorKind::Timeout, "DeadlineExceeded", None, true, false),
        (ErrorKind::Timeout, "DeadlineExceeded", None, false, true),
        (ErrorKind::Timeout, "DeadlineExceeded", Some(200), false, true),
        (ErrorKind::Transport, "DnsError", None, true, false),
        (ErrorKind::Transport, "ConnectionRefused", None, true, false),
        (ErrorKind::Transport, "ConnectionFailed", None, true, false),
        (ErrorKind::Transport, "ConnectionFailed", None, false, true),
        (ErrorKind::Transport, "TlsError", None, false, false),
        (ErrorKind::Transport, "IncompleteResponse", None, false, true),
        (ErrorKind::Transport, "IncompleteResponse", Some(200), false, true),
        (ErrorKind::Protocol, "RedirectRefused", Some(302), false, true),
        (ErrorKind::Protocol, "InvalidResponse", Some(200), false, true),
        (ErrorKind::Protocol, "InvalidResponse", None, false, true),
        (ErrorKind::TooLarge, "ResponseTooLarge", Some(200), false, true),
        (ErrorKind::TooLarge, "ResponseTooLarge", None, false, true),
        (ErrorKind::TooLarge, "Http413", Some(413), false, false),
        (ErrorKind::Other, "FailedDependencyError", Some(424), false, false),
        (ErrorKind::Other, "Unencodable", None, false, false),
        (ErrorKind::Other, "Http999", Some(999), false, true),
    ];

    #[test]
    fn what_may_have_been_carried_out_is_looked_for_first_and_nothing_else_is() {
        for kind in KINDS {
            assert!(CREATES.iter().any(|row| row.0 == kind), "{kind:?} is not in the table");
        }
        for (kind, code, status, retryable, is_open) in CREATES {
            let failed = types::Error { retryable: *retryable, ..error(*kind, code, *status) };
            for (action, looks) in [
                (&actions::CREATE_JOB, "`vt-hunting retrohunt reconcile-job` with the same arguments"),
                (&actions::CREATE_RULESET, "`vt-hunting livehunt reconcile-ruleset` with the same arguments"),
                (&actions::ABORT_JOB, "look with `vt-hunting retrohunt jobs` before repeating it"),
                (&actions::UPDATE_RULESET, "look with `vt-hunting livehunt rulesets` before repeating it"),
            ] {
                let hint = of(&failed, action).unwrap_or_default();
                assert_eq!(hint.contains(looks), *is_open, "{kind:?} {code} {status:?}: {hint}");
                assert!(!hint.is_empty() || action.ids_from.is_none(), "{kind:?} {code} {status:?}");
                // Nothing can be asked for in smaller pieces where something is changed.
                assert!(!hint.contains("--limit"), "{kind:?} {code}: {hint}");
                assert_eq!(hint.contains("send less"), *status == Some(413), "{kind:?} {code}: {hint}");
            }
            let hint = of(&failed, &actions::JOB).unwrap_or_default();
            assert!(!hint.contains("before repeating") && !hint.contains("send less"), "{kind:?} {code}: {hint}");
        }
    }

    #[test]
    fn a_call_that_the_host_ended_may_have_been_carried_out_and_one_that_did_not_begin_was_not() {
        let after = std::time::Duration::ZERO;
        for (failed, is_open) in [
            (CallError::Timeout { action: "create-retrohunt-job", after }, true),
            (CallError::Trap { action: "create-retrohunt-job", reason: String::new() }, true),
            (CallError::Busy { limit: vt_hunting_host::Limit::TenantCalls, after }, false),
            (CallError::Instantiate(String::new()), false),
            (CallError::Poisoned, false),
        ] {
            for (action, is_written) in
                [(&actions::CREATE_JOB, true), (&actions::ABORT_JOB, true), (&actions::JOB, false)]
            {
                let hint = crate::dispatch::failed(&failed, action).hint.unwrap_or_default();
                assert_eq!(hint.contains("before repeating it"), is_open && is_written, "{failed:?}: {hint}");
            }
        }
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
    fn a_user_who_is_not_there_is_no_ruleset_that_is_not_there() {
        let mut missing = error(ErrorKind::NotFound, "NotFoundError", Some(404));
        for action in [&actions::ACCOUNT, &actions::QUOTAS, &actions::USAGE, &actions::DELETE_ALL_RULESETS] {
            let hint = of(&missing, action).unwrap_or_default();
            assert!(hint.contains("check the name") && !hint.contains("rulesets"), "{hint}");
        }
        let actions =
            [&actions::TRANSFER_RULESET, &actions::ADD_EDITORS, &actions::REMOVE_EDITOR, &actions::CHECK_EDITOR];
        for action in actions {
            assert!(of(&missing, action).is_some_and(|hint| hint.contains("livehunt rulesets")));
        }
        for what in ["User", "Group"] {
            missing.message = format!("VirusTotal answered 404 Not Found, NotFoundError: {what} \"bob\" not found.");
            for action in actions {
                let hint = of(&missing, action).unwrap_or_default();
                assert!(hint.contains("check the name") && !hint.contains("rulesets"), "{hint}");
            }
        }
    }

    #[test]
    fn a_quota_that_is_used_up_names_the_command_that_shows_it() {
        let hint = of(&error(ErrorKind::QuotaExceeded, "QuotaExceededError", Some(429)), &actions::JOBS);
        assert!(hint.is_some_and(|hint| hint.contains("`vt-hunting account quotas USER`")));
    }

    #[test]
    fn a_proxy_that_only_others_read_is_named_where_nothing_is_reached() {
        for code in ["DnsError", "ConnectionRefused"] {
            let failed = error(ErrorKind::Transport, code, None);
            let hint = with_proxy(&failed, &actions::JOBS, Some("HTTPS_PROXY")).unwrap_or_default();
            assert!(hint.starts_with("HTTPS_PROXY is set, and is not read") && hint.contains("--proxy URL"), "{hint}");
            let hint = with_proxy(&failed, &actions::JOBS, None).unwrap_or_default();
            assert!(!hint.contains("PROXY is set"), "{hint}");
        }
    }

    #[test]
    fn what_the_message_says_of_a_certificate_the_hint_does_not_say_again() {
        let mut untrusted = error(ErrorKind::Transport, "TlsError", None);
        untrusted.message = "Its issuer is unknown; set `ca_file` to the certificate of the CA.".to_owned();
        assert_eq!(of(&untrusted, &actions::JOBS).as_deref(), Some("--ca-file FILE sets `ca_file`"));
        untrusted.message = "It has expired.".to_owned();
        assert!(of(&untrusted, &actions::JOBS).is_some_and(|hint| !hint.contains("ca-file")));
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
