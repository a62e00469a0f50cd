//! Exit codes: one per kind of failure, so that a script can branch without reading text.

use std::fmt::Write as _;

use vt_hunting_host::types::ErrorKind;

/// Why the program ends without the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A failure of the contract.
    Action(ErrorKind),
    /// The answer could not be written.
    Output,
    /// The call ran past the host's own deadline.
    HostTimeout,
    /// The component stopped abnormally.
    Trap,
    /// All instances are at work.
    Busy,
    /// The component could not be loaded.
    Load,
    /// The address cannot be listened on.
    Listen,
    /// The job that was waited for was aborted.
    Aborted,
    /// The job that was waited for goes on, and the time for waiting is over.
    StillRunning,
    /// Following cannot go on from where it is said to stand.
    State,
    /// Following ended well, but the service had deleted part of the stream before it was read.
    Lost,
}

/// Ctrl-C, as shells count it: 128 and the signal's number.
pub(crate) const INTERRUPTED: u8 = 130;

/// Every kind: its exit code, its name, what it means.
const KINDS: &[(Kind, u8, &str, &str)] = &[
    (Kind::Output, 1, "output", "the answer could not be written"),
    (
        Kind::Action(ErrorKind::InvalidArgument),
        10,
        "invalid-argument",
        "an argument is wrong; also rules that do not compile",
    ),
    (Kind::Action(ErrorKind::Configuration), 11, "configuration", "a setting is missing or wrong; nothing was sent"),
    (Kind::Action(ErrorKind::Authentication), 12, "authentication", "VirusTotal does not accept the API key"),
    (
        Kind::Action(ErrorKind::Forbidden),
        13,
        "forbidden",
        "the key lacks the privilege, or this host refused the request",
    ),
    (Kind::Action(ErrorKind::NotFound), 14, "not-found", "there is no such object"),
    (Kind::Action(ErrorKind::Conflict), 15, "conflict", "there is such an object already"),
    (Kind::Action(ErrorKind::QuotaExceeded), 16, "quota-exceeded", "a quota of the key is used up"),
    (Kind::Action(ErrorKind::RateLimited), 17, "rate-limited", "too many requests in a short time"),
    (Kind::Action(ErrorKind::Unavailable), 18, "unavailable", "the service cannot answer now"),
    (Kind::Action(ErrorKind::Timeout), 19, "timeout", "the call's deadline passed"),
    (Kind::Action(ErrorKind::Transport), 20, "transport", "the connection failed: name, refusal, TLS, cut short"),
    (Kind::Action(ErrorKind::Protocol), 21, "protocol", "the answer is not VirusTotal's API"),
    (Kind::Action(ErrorKind::TooLarge), 22, "too-large", "the answer is beyond the cap, or the request was"),
    (Kind::Action(ErrorKind::Other), 23, "other", "anything else of the service"),
    (Kind::HostTimeout, 30, "host-timeout", "the component did not return in time and was stopped"),
    (Kind::Trap, 31, "trap", "the component stopped abnormally"),
    (Kind::Busy, 32, "busy", "this host has no free instance"),
    (Kind::Load, 33, "load", "the component cannot be loaded"),
    (Kind::Listen, 34, "listen", "the address cannot be listened on"),
    (Kind::Aborted, 40, "aborted", "the job that was waited for was aborted"),
    (Kind::StillRunning, 41, "still-running", "the job had not ended when --timeout-total was over"),
    (Kind::State, 42, "state", "the state file is broken, in use, or of another query"),
    (Kind::Lost, 43, "lost", "part of the stream was deleted before `follow` read it"),
];

impl Kind {
    /// The program's exit code.
    pub(crate) fn code(self) -> u8 {
        self.row().0
    }

    /// The name, as in the contract.
    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (u8, &'static str) {
        KINDS
            .iter()
            .find(|(kind, ..)| *kind == self)
            // The contract's kinds are closed, and a test holds that all are listed.
            .map_or((23, "other"), |(_, code, name, _)| (*code, name))
    }
}

/// The table of the long help.
pub(crate) fn table() -> String {
    let mut table = String::from("    0  it worked\n");
    for (kind, code, name, meaning) in KINDS {
        if *kind == Kind::Action(ErrorKind::InvalidArgument) {
            table.push_str("    2  usage: the command line is wrong\n");
        }
        // Writing to a string cannot fail.
        let _ = writeln!(table, "  {code:>3}  {name}: {meaning}");
    }
    let _ = write!(table, "  {INTERRUPTED}  interrupted by Ctrl-C");
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const CONTRACT: [ErrorKind; 14] = [
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

    #[test]
    fn exit_codes_and_names_are_unique() {
        let codes: BTreeSet<_> = KINDS.iter().map(|(_, code, ..)| code).collect();
        let names: BTreeSet<_> = KINDS.iter().map(|(_, _, name, _)| name).collect();
        assert_eq!(codes.len(), KINDS.len());
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn no_failure_ends_like_success_usage_or_an_interrupt() {
        for (_, code, name, _) in KINDS {
            assert!(![0, 2, INTERRUPTED].contains(code), "{name}");
        }
    }

    #[test]
    fn every_kind_of_the_contract_has_its_code_in_order() {
        for (offset, kind) in (10..).zip(CONTRACT) {
            assert_eq!(Kind::Action(kind).code(), offset);
        }
    }

    #[test]
    fn the_documentation_lists_every_exit_code() {
        let documentation = include_str!("../../../../docs/cli.md");
        for (_, code, name, meaning) in KINDS {
            let row = format!("| {code} | `{name}` | {meaning} |");
            assert!(documentation.contains(&row), "docs/cli.md lacks {row}");
        }
    }

    #[test]
    fn the_table_has_every_code() {
        let table = table();
        assert_eq!(table.lines().count(), KINDS.len() + 3);
    }
}
