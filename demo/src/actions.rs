//! The hunting actions: what people call them, and what the contract does. The twelve of the connector, and what the story
//! shows beyond them.

/// A hunting action.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// As connector platforms show it.
    pub(crate) name: &'static str,
    /// The function of the contract.
    pub(crate) function: &'static str,
    /// The request behind it, below `/api/v3`.
    pub(crate) request: &'static str,
}

macro_rules! actions {
    ($($constant:ident $name:literal $function:literal $request:literal;)*) => {
        $(pub(crate) const $constant: Action = Action { name: $name, function: $function, request: $request };)*
    };
}

/// The twelve. The story is incomplete while one of these has not been told.
pub(crate) const ALL: [&Action; 12] = [
    &CREATE_RULESET,
    &GET_RULESETS,
    &GET_NOTIFICATIONS,
    &GET_NOTIFICATION_FILES,
    &GET_STREAM,
    &GET_STREAM_NOTIFICATION,
    &CREATE_JOB,
    &GET_JOB,
    &GET_MATCHES,
    &ABORT_JOB,
    &GET_JOBS,
    &DELETE_RULESET,
];

actions! {
    CREATE_RULESET "Create Livehunt Ruleset" "create-livehunt-ruleset" "POST /intelligence/hunting_rulesets";
    GET_RULESETS "Get Livehunt Rulesets" "get-livehunt-rulesets" "GET /intelligence/hunting_rulesets";
    GET_NOTIFICATIONS "Get Livehunt Notifications" "get-livehunt-notifications" "GET /intelligence/hunting_notifications";
    GET_NOTIFICATION_FILES "Get Livehunt Notification Files" "get-livehunt-notification-files" "GET /intelligence/hunting_notification_files";
    GET_STREAM "Get Objects from the IOC Stream" "get-ioc-stream-objects" "GET /ioc_stream";
    GET_STREAM_NOTIFICATION "Get an IOC Stream Notification" "get-ioc-stream-notification" "GET /ioc_stream_notifications/{id}";
    CREATE_JOB "Create Retrohunt Job" "create-retrohunt-job" "POST /intelligence/retrohunt_jobs";
    GET_JOB "Get Retrohunt Job" "get-retrohunt-job" "GET /intelligence/retrohunt_jobs/{id}";
    GET_MATCHES "Retrieve Matches for a Retrohunt Job" "get-retrohunt-job-matches" "GET /intelligence/retrohunt_jobs/{id}/matching_files";
    ABORT_JOB "Abort Retrohunt Job" "abort-retrohunt-job" "POST /intelligence/retrohunt_jobs/{id}/abort";
    GET_JOBS "Get Retrohunt Jobs" "get-retrohunt-jobs" "GET /intelligence/retrohunt_jobs";
    CHECK_RULES "Check rules before upload" "check-rules" "sends nothing";
    UPDATE_RULESET "Update a Livehunt Ruleset" "update-livehunt-ruleset" "PATCH /intelligence/hunting_rulesets/{id}";
    POLL_STREAM "Follow the IOC Stream" "poll-ioc-stream" "GET /ioc_stream";
    GET_QUOTAS "Get a User's quotas" "get-account-quotas" "GET /users/{user}/overall_quotas";
    RECONCILE_JOB "Find out whether a job was created" "reconcile-retrohunt-job" "GET /intelligence/retrohunt_jobs";
    DELETE_NOTIFICATIONS "Delete Livehunt Notifications" "delete-livehunt-notifications" "DELETE /intelligence/hunting_notifications";
    DELETE_RULESET "Delete Livehunt Ruleset" "delete-livehunt-ruleset" "DELETE /intelligence/hunting_rulesets/{id}";
}
