//! The actions: which function of the contract, which request and which command each is.
//!
//! One table, so that `vt-hunting actions`, the hints of failures and the documentation cannot disagree. Twelve of them are
//! the list that connector platforms know, and are marked.

use crate::{
    args::global::Format,
    failure::Failure,
    output::{
        Rendered, json,
        style::Style,
        table::{self, Fit},
    },
};

/// One action.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Action {
    /// The action's name, as connector platforms show those they know.
    pub(crate) action: &'static str,
    /// Whether it is among the twelve that connector platforms know.
    pub(crate) connector: bool,
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
    /// The command that lists what this action is about.
    #[serde(skip)]
    pub(crate) ids_from: Option<&'static str>,
}

impl Action {
    /// Whether a repeated call acts twice.
    pub(crate) fn creates(&self) -> bool {
        self.function.starts_with("create-")
    }

    /// The command that finds out whether a create arrived.
    pub(crate) fn reconcile(&self) -> Option<String> {
        self.creates().then(|| self.command.replacen("create-", "reconcile-", 1))
    }

    /// Whether the call changes something at VirusTotal.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }
}

const RULESET_IDS: Option<&str> = Some("livehunt rulesets");
const JOB_IDS: Option<&str> = Some("retrohunt jobs");
const NOTIFICATION_IDS: Option<&str> = Some("livehunt notifications --output json");
const STREAM_IDS: Option<&str> = Some("ioc-stream objects --descriptors-only");
const YARA_RULE_IDS: Option<&str> = Some("crowdsourced yara-rules");

macro_rules! actions {
    ($($list:literal { $($constant:ident: $action:literal, $interface:literal $function:literal, $method:literal $path:literal, $command:literal, $ids:expr;)* })*) => {
        $($(
            #[doc = $action]
            pub(crate) const $constant: Action = Action {
                action: $action,
                connector: $list,
                interface: $interface,
                function: $function,
                method: $method,
                path: concat!("/api/v3", $path),
                command: $command,
                ids_from: $ids,
            };
        )*)*
        /// All actions: those of the connector's list in the order of their names, then the others.
        pub(crate) const ALL: &[Action] = &[$($($constant),*),*];
    };
}

actions! {
true {
    ABORT_JOB: "Abort Retrohunt Job", "retrohunt" "abort-retrohunt-job", "POST" "/intelligence/retrohunt_jobs/{id}/abort", "retrohunt abort-job", JOB_IDS;
    CREATE_RULESET: "Create Livehunt Ruleset", "livehunt" "create-livehunt-ruleset", "POST" "/intelligence/hunting_rulesets", "livehunt create-ruleset", RULESET_IDS;
    CREATE_JOB: "Create Retrohunt Job", "retrohunt" "create-retrohunt-job", "POST" "/intelligence/retrohunt_jobs", "retrohunt create-job", JOB_IDS;
    DELETE_RULESET: "Delete Livehunt Ruleset", "livehunt" "delete-livehunt-ruleset", "DELETE" "/intelligence/hunting_rulesets/{id}", "livehunt delete-ruleset", RULESET_IDS;
    NOTIFICATION_FILES: "Get Livehunt Notification Files", "livehunt" "get-livehunt-notification-files", "GET" "/intelligence/hunting_notification_files", "livehunt notification-files", None;
    NOTIFICATIONS: "Get Livehunt Notifications", "livehunt" "get-livehunt-notifications", "GET" "/intelligence/hunting_notifications", "livehunt notifications", None;
    RULESETS: "Get Livehunt Rulesets", "livehunt" "get-livehunt-rulesets", "GET" "/intelligence/hunting_rulesets", "livehunt rulesets", None;
    JOB: "Get Retrohunt Job", "retrohunt" "get-retrohunt-job", "GET" "/intelligence/retrohunt_jobs/{id}", "retrohunt job", JOB_IDS;
    JOBS: "Get Retrohunt Jobs", "retrohunt" "get-retrohunt-jobs", "GET" "/intelligence/retrohunt_jobs", "retrohunt jobs", None;
    STREAM_NOTIFICATION: "Get an IOC Stream Notification", "ioc-stream" "get-ioc-stream-notification", "GET" "/ioc_stream_notifications/{id}", "ioc-stream notification", STREAM_IDS;
    STREAM_OBJECTS: "Get Objects from the IOC Stream", "ioc-stream" "get-ioc-stream-objects", "GET" "/ioc_stream", "ioc-stream objects", None;
    MATCHES: "Retrieve Matches for a Retrohunt Job", "retrohunt" "get-retrohunt-job-matches", "GET" "/intelligence/retrohunt_jobs/{id}/matching_files", "retrohunt matches", JOB_IDS;
}
false {
    RULESET: "Get a Livehunt Ruleset", "livehunt" "get-livehunt-ruleset", "GET" "/intelligence/hunting_rulesets/{id}", "livehunt ruleset", RULESET_IDS;
    UPDATE_RULESET: "Update a Livehunt Ruleset", "livehunt" "update-livehunt-ruleset", "PATCH" "/intelligence/hunting_rulesets/{id}", "livehunt update-ruleset", RULESET_IDS;
    RECONCILE_RULESET: "Find a created Livehunt Ruleset", "livehunt" "reconcile-livehunt-ruleset", "GET" "/intelligence/hunting_rulesets", "livehunt reconcile-ruleset", None;
    DELETE_ALL_RULESETS: "Delete all Livehunt Rulesets", "livehunt" "delete-all-livehunt-rulesets", "DELETE" "/intelligence/hunting_rulesets", "livehunt delete-all-rulesets", RULESET_IDS;
    ADD_EDITORS: "Add editors to a Livehunt Ruleset", "livehunt" "add-livehunt-ruleset-editors", "POST" "/intelligence/hunting_rulesets/{id}/relationships/editors", "livehunt add-editors", RULESET_IDS;
    EDITORS: "Get a Livehunt Ruleset's editors", "livehunt" "get-livehunt-ruleset-editors", "GET" "/intelligence/hunting_rulesets/{id}/relationships/editors", "livehunt editors", RULESET_IDS;
    OWNER: "Get a Livehunt Ruleset's owner", "livehunt" "get-livehunt-ruleset-owner", "GET" "/intelligence/hunting_rulesets/{id}/relationships/owner", "livehunt owner", RULESET_IDS;
    CHECK_EDITOR: "Check an editor of a Livehunt Ruleset", "livehunt" "check-livehunt-ruleset-editor", "GET" "/intelligence/hunting_rulesets/{id}/relationships/editors/{editor}", "livehunt check-editor", RULESET_IDS;
    REMOVE_EDITOR: "Remove an editor of a Livehunt Ruleset", "livehunt" "remove-livehunt-ruleset-editor", "DELETE" "/intelligence/hunting_rulesets/{id}/relationships/editors/{editor}", "livehunt remove-editor", RULESET_IDS;
    TRANSFER_RULESET: "Transfer a Livehunt Ruleset", "livehunt" "transfer-livehunt-ruleset", "POST" "/intelligence/hunting_rulesets/{id}/relationships/owner", "livehunt transfer-ruleset", RULESET_IDS;
    RULESET_FILES: "Get the notification files of a Livehunt Ruleset", "livehunt" "get-livehunt-ruleset-notification-files", "GET" "/intelligence/hunting_rulesets/{id}/hunting_notification_files", "livehunt ruleset-notification-files", RULESET_IDS;
    NOTIFICATION: "Get a Livehunt Notification", "livehunt" "get-livehunt-notification", "GET" "/intelligence/hunting_notifications/{id}", "livehunt notification", NOTIFICATION_IDS;
    POLL_NOTIFICATIONS: "Follow Livehunt Notifications", "livehunt" "poll-livehunt-notifications", "GET" "/intelligence/hunting_notifications", "livehunt poll", None;
    DELETE_NOTIFICATION: "Delete a Livehunt Notification", "livehunt" "delete-livehunt-notification", "DELETE" "/intelligence/hunting_notifications/{id}", "livehunt delete-notification", NOTIFICATION_IDS;
    DELETE_NOTIFICATIONS: "Delete Livehunt Notifications", "livehunt" "delete-livehunt-notifications", "DELETE" "/intelligence/hunting_notifications", "livehunt delete-notifications", NOTIFICATION_IDS;
    CHECK_JOB: "Check a Retrohunt Job", "retrohunt" "check-retrohunt-job", "GET" "/intelligence/retrohunt_jobs/{id}", "retrohunt check-job", JOB_IDS;
    RECONCILE_JOB: "Find a created Retrohunt Job", "retrohunt" "reconcile-retrohunt-job", "GET" "/intelligence/retrohunt_jobs", "retrohunt reconcile-job", None;
    DELETE_JOB: "Delete Retrohunt Job", "retrohunt" "delete-retrohunt-job", "DELETE" "/intelligence/retrohunt_jobs/{id}", "retrohunt delete-job", JOB_IDS;
    POLL_STREAM: "Follow the IOC Stream", "ioc-stream" "poll-ioc-stream", "GET" "/ioc_stream", "ioc-stream poll", None;
    DELETE_STREAM_NOTIFICATION: "Delete an IOC Stream Notification", "ioc-stream" "delete-ioc-stream-notification", "DELETE" "/ioc_stream_notifications/{id}", "ioc-stream delete-notification", STREAM_IDS;
    DELETE_STREAM_OBJECTS: "Delete objects from the IOC Stream", "ioc-stream" "delete-ioc-stream-objects", "DELETE" "/ioc_stream", "ioc-stream delete-objects", STREAM_IDS;
    OPERATION: "Get an Operation", "operations" "get-operation", "GET" "/operations/{id}", "operation", None;
    ACCOUNT: "Get a User", "account" "get-account", "GET" "/users/{user}", "account show", None;
    QUOTAS: "Get a User's quotas", "account" "get-account-quotas", "GET" "/users/{user}/overall_quotas", "account quotas", None;
    USAGE: "Get a User's API usage", "account" "get-account-usage", "GET" "/users/{user}/api_usage", "account usage", None;
    YARA_RULES: "Get crowdsourced YARA rules", "crowdsourced" "get-crowdsourced-yara-rules", "GET" "/yara_rules", "crowdsourced yara-rules", None;
    YARA_RULE: "Get a crowdsourced YARA rule", "crowdsourced" "get-crowdsourced-yara-rule", "GET" "/yara_rules/{id}", "crowdsourced yara-rule", YARA_RULE_IDS;
}
}

/// What the table of all five takes, whole.
const WIDE: u16 = 210;

/// `vt-hunting actions`
pub(crate) fn show(style: &Style) -> Result<Rendered, Failure> {
    let mark = |action: &Action| if action.connector { "connector" } else { "" };
    let text = match style.format {
        Format::Table if style.look.width.is_some_and(|width| width < WIDE) => ALL
            .iter()
            .map(|entry| {
                let Action { action, function, method, path, command, .. } = entry;
                let mark = if entry.connector { " [connector]" } else { "" };
                format!("{action}{mark}\n  {function}\n  {method} {path}\n  vt-hunting {command}\n\n")
            })
            .collect(),
        Format::Table => {
            let columns = ["ACTION", "LIST", "FUNCTION", "REQUEST", "COMMAND"].map(|title| (title, Fit::Whole));
            let rows = ALL.iter().map(|action| {
                let request = format!("{} {}", action.method, action.path);
                let Action { action: name, function, command, .. } = *action;
                vec![name.into(), mark(action).into(), function.into(), request.into(), command.into()]
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
    fn every_command_of_a_group_is_an_action_or_repeats_one() {
        /// Commands that run an action again and again.
        const LOOPS: [&str; 3] = ["livehunt follow", "retrohunt wait", "ioc-stream follow"];
        let grammar = crate::args::command();
        for group in ["livehunt", "retrohunt", "ioc-stream", "account", "crowdsourced"] {
            for command in grammar.find_subcommand(group).expect("a group").get_subcommands() {
                let command = format!("{group} {}", command.get_name());
                let known = ALL.iter().any(|action| action.command == command) || LOOPS.contains(&&*command);
                assert!(known, "{command} is no action");
            }
        }
    }

    #[test]
    fn the_connectors_own_list_is_twelve() {
        assert_eq!(ALL.iter().filter(|action| action.connector).count(), 12);
        let command = crate::args::command();
        for action in ALL {
            if let Some(reconcile) = action.reconcile() {
                let words = reconcile.split(' ').collect::<Vec<_>>();
                let group = command.find_subcommand(words[0]).expect("a group");
                assert!(group.find_subcommand(words[1]).is_some(), "{reconcile} is no command");
            }
        }
    }

    #[test]
    fn the_documentation_lists_every_action() {
        let documentation = include_str!("../../../../docs/cli.md");
        for action in ALL {
            let Action { action, function, method, path, command, .. } = action;
            assert!(documentation.contains(&format!("| `{command}")), "docs/cli.md lacks {command}");
            let path = path.strip_prefix("/api/v3").expect("the API's prefix");
            let row = format!("| {action} | `{function}` | {method} `{path}` |");
            assert!(documentation.contains(&row), "docs/cli.md lacks {row}");
        }
    }

    #[test]
    fn what_writes_names_a_list_to_look_at() {
        for action in ALL.iter().filter(|action| action.writes()) {
            assert!(action.ids_from.is_some_and(|list| !list.contains("delete")), "{}", action.command);
        }
    }

    #[test]
    fn functions_are_unique() {
        let unique: std::collections::BTreeSet<_> = ALL.iter().map(|action| action.function).collect();
        assert_eq!(unique.len(), ALL.len());
    }
}
