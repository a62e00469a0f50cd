//! The connector's action list: which function of the contract, which request and which command an action is.
//!
//! One table, so that `vt-hunting actions`, the hints of failures and the documentation cannot disagree.

use crate::{
    args::global::Format,
    failure::Failure,
    output::{
        Rendered, json,
        style::Style,
        table::{self, Fit},
    },
};

/// One action of the connector.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Action {
    /// The action's name, as connector platforms show it.
    pub(crate) action: &'static str,
    /// The interface of the contract.
    pub(crate) interface: &'static str,
    /// The function of the contract.
    pub(crate) function: &'static str,
    /// The request's method.
    pub(crate) method: &'static str,
    /// The request's path.
    pub(crate) path: &'static str,
    /// The command, without the program's name.
    pub(crate) command: &'static str,
    /// The command that lists what this action's id is of.
    #[serde(skip)]
    pub(crate) ids_from: Option<&'static str>,
}

impl Action {
    /// Whether a repeated call acts twice.
    pub(crate) fn creates(&self) -> bool {
        self.function.starts_with("create-")
    }

    /// Whether the call changes something at VirusTotal.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }
}

const RULESET_IDS: Option<&str> = Some("livehunt rulesets");
const JOB_IDS: Option<&str> = Some("retrohunt jobs");
const NOTIFICATION_IDS: Option<&str> = Some("ioc-stream objects --descriptors-only");

macro_rules! actions {
    ($($constant:ident: $action:literal, $interface:literal $function:literal, $method:literal $path:literal, $command:literal, $ids:expr;)*) => {
        $(
            #[doc = $action]
            pub(crate) const $constant: Action = Action {
                action: $action,
                interface: $interface,
                function: $function,
                method: $method,
                path: concat!("/api/v3", $path),
                command: $command,
                ids_from: $ids,
            };
        )*
        /// All actions, in the order of their names.
        pub(crate) const ALL: &[Action] = &[$($constant),*];
    };
}

actions! {
    ABORT_JOB: "Abort Retrohunt Job", "retrohunt" "abort-retrohunt-job", "POST" "/intelligence/retrohunt_jobs/{id}/abort", "retrohunt abort-job", JOB_IDS;
    CREATE_RULESET: "Create Livehunt Ruleset", "livehunt" "create-livehunt-ruleset", "POST" "/intelligence/hunting_rulesets", "livehunt create-ruleset", RULESET_IDS;
    CREATE_JOB: "Create Retrohunt Job", "retrohunt" "create-retrohunt-job", "POST" "/intelligence/retrohunt_jobs", "retrohunt create-job", JOB_IDS;
    DELETE_RULESET: "Delete Livehunt Ruleset", "livehunt" "delete-livehunt-ruleset", "DELETE" "/intelligence/hunting_rulesets/{id}", "livehunt delete-ruleset", RULESET_IDS;
    NOTIFICATION_FILES: "Get Livehunt Notification Files", "livehunt" "get-livehunt-notification-files", "GET" "/intelligence/hunting_notification_files", "livehunt notification-files", None;
    NOTIFICATIONS: "Get Livehunt Notifications", "livehunt" "get-livehunt-notifications", "GET" "/intelligence/hunting_notifications", "livehunt notifications", None;
    RULESETS: "Get Livehunt Rulesets", "livehunt" "get-livehunt-rulesets", "GET" "/intelligence/hunting_rulesets", "livehunt rulesets", None;
    JOB: "Get Retrohunt Job", "retrohunt" "get-retrohunt-job", "GET" "/intelligence/retrohunt_jobs/{id}", "retrohunt job", JOB_IDS;
    JOBS: "Get Retrohunt Jobs", "retrohunt" "get-retrohunt-jobs", "GET" "/intelligence/retrohunt_jobs", "retrohunt jobs", None;
    STREAM_NOTIFICATION: "Get an IOC Stream Notification", "ioc-stream" "get-ioc-stream-notification", "GET" "/ioc_stream_notifications/{id}", "ioc-stream notification", NOTIFICATION_IDS;
    STREAM_OBJECTS: "Get Objects from the IOC Stream", "ioc-stream" "get-ioc-stream-objects", "GET" "/ioc_stream", "ioc-stream objects", None;
    MATCHES: "Retrieve Matches for a Retrohunt Job", "retrohunt" "get-retrohunt-job-matches", "GET" "/intelligence/retrohunt_jobs/{id}/matching_files", "retrohunt matches", JOB_IDS;
}

/// What the table of all four takes, whole.
const WIDE: u16 = 160;

/// `vt-hunting actions`
pub(crate) fn show(style: &Style) -> Result<Rendered, Failure> {
    let text = match style.format {
        Format::Table if style.look.width.is_some_and(|width| width < WIDE) => ALL
            .iter()
            .map(|action| {
                let Action { action, function, method, path, command, .. } = action;
                format!("{action}\n  {function}\n  {method} {path}\n  vt-hunting {command}\n\n")
            })
            .collect(),
        Format::Table => {
            let columns = ["ACTION", "FUNCTION", "REQUEST", "COMMAND"].map(|title| (title, Fit::Whole));
            let rows = ALL.iter().map(|action| {
                let request = format!("{} {}", action.method, action.path);
                vec![action.action.into(), action.function.into(), request.into(), action.command.into()]
            });
            table::table(&columns, &rows.collect::<Vec<_>>(), style.look)
        }
        Format::Json | Format::Jsonl => json::list(ALL, style).map_err(json::unfit)?,
    };
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_a_command() {
        let grammar = crate::args::command();
        for action in ALL {
            let mut command = &grammar;
            for word in action.command.split(' ') {
                command = command.find_subcommand(word).unwrap_or_else(|| panic!("{} is no command", action.command));
            }
            assert!(command.get_after_help().is_some(), "{} has no examples", action.command);
        }
    }

    #[test]
    fn every_command_of_a_group_is_an_action() {
        let grammar = crate::args::command();
        let commands = ["livehunt", "retrohunt", "ioc-stream"]
            .iter()
            .filter_map(|group| grammar.find_subcommand(group))
            .map(|group| group.get_subcommands().count())
            .sum::<usize>();
        assert_eq!(commands, ALL.len());
        assert_eq!(ALL.len(), 12);
    }

    #[test]
    fn functions_are_unique() {
        let unique: std::collections::BTreeSet<_> = ALL.iter().map(|action| action.function).collect();
        assert_eq!(unique.len(), ALL.len());
    }
}
