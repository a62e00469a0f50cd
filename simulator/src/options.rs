//! What a caller can choose about a simulator before it starts.
//!
//! Everything has a default that suits a test: free ports, a random key, a corpus that scans in milliseconds.

/// How a [`Simulator`](crate::Simulator) is set up.
///
/// ```
/// use virustotal_hunting_simulator::Options;
/// let options = Options { samples: 40, ..Options::default() };
/// assert_eq!(options.http_port, 0);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// Port for plain HTTP on 127.0.0.1; 0 (the default) lets the system choose.
    pub http_port: u16,
    /// Port for HTTPS on 127.0.0.1; 0 (the default) lets the system choose.
    pub https_port: u16,
    /// The API key to accept: 64 hexadecimal digits. `None` (the default) makes a random one.
    pub key: Option<String>,
    /// More keys, each with a user and data of its own.
    pub additional_keys: Vec<String>,
    /// How many samples the made-up corpus holds. Default 240, of which 120 are PE files.
    pub samples: usize,
    /// Where the clock starts, in seconds since the Unix epoch. Default 1 760 000 000 (October 2025).
    pub start_time: u64,
    /// Whether `/_simulator/` answers. Off by default: a test inside the process has the same by method calls.
    pub control: bool,
    /// Whether the clock follows real time on top of [`advance_clock`](crate::Simulator::advance_clock). Off by default.
    pub real_time: bool,
    /// How many seconds pass with each request, whatever real time does: the same requests then always meet the same
    /// service, and yet time passes. Default 0.
    pub seconds_per_request: u64,
    /// After how many seconds of the clock a sample arrives by itself, as
    /// [`advance_feed`](crate::Simulator::advance_feed) lets it. `None` (the default) leaves the feed to the caller.
    pub feed_seconds: Option<u64>,
    /// Whether the first user is in the middle of a hunt, with rulesets, notifications and jobs, and shares it with a
    /// second one, instead of at its very beginning. The second user's key is a random one unless
    /// [`additional_keys`](Self::additional_keys) has one. Off by default.
    pub seeded: bool,
    /// How many entries every user's IoC stream holds before anything happened. Default 96.
    pub history: usize,
    /// Whether a cursor first leads to an empty page that carries another cursor, and only that one to the next entries.
    /// Off by default: it is on record, but VirusTotal's own Python client does not survive it.
    pub empty_pages: bool,
    /// How many empty pages come in a row, with [`empty_pages`](Self::empty_pages). Default 1.
    pub empty_pages_in_a_row: usize,
    /// What a cursor means when the listing changes under it. Default [`Cursors::AfterEntry`].
    pub cursors: Cursors,
    /// Pages of that many entries, whatever `limit` says, as some services cut them: more than 40 too, but a `limit` that
    /// is not valid is still refused. `None` (the default) keeps to `limit`.
    pub ignores_limit: Option<usize>,
    /// Whether every last page carries a cursor with nothing behind it: an empty page without a cursor. Off by default,
    /// when only a last page that is full carries one.
    pub trailing_cursor: bool,
    /// Whether a walk never ends: the last page carries a cursor, which answers an empty page that carries the same cursor
    /// again, and so on until something new comes to stand behind it. Off by default: a client that only looks whether
    /// there is a cursor asks for ever.
    pub repeats_cursor: bool,
    /// Retrohunt jobs a user may create in a calendar month. Default 50.
    pub monthly_retrohunt_quota: u64,
    /// Retrohunt jobs a user may have running at once. Default 10, as at VirusTotal.
    pub concurrent_retrohunt_jobs: usize,
    /// How long a job takes to start, and to stop when it is aborted, in simulated seconds. Default 5.
    pub retrohunt_transition_seconds: u64,
    /// How long a job over the `main` corpus runs, in simulated seconds. Default 120.
    pub retrohunt_main_seconds: u64,
    /// How long a job over the `goodware` corpus runs, in simulated seconds. Default 20.
    pub retrohunt_goodware_seconds: u64,
    /// How far back a retrohunt reaches, by a file's last submission: 90 days (the default), 180 or 365, as licences have it.
    pub retrohunt_window_days: u64,
    /// Livehunt rules a user may have in all enabled rulesets together. Default 5 000.
    pub hunting_rules_quota: u64,
    /// API requests an hour. The default is beyond 32 bits, as premium allowances are.
    pub hourly_request_quota: u64,
    /// API requests a day.
    pub daily_request_quota: u64,
    /// API requests a calendar month.
    pub monthly_request_quota: u64,
}

/// What a cursor means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cursors {
    /// On after the last entry served, wherever that stands or stood. What comes or goes before it shifts nothing.
    #[default]
    AfterEntry,
    /// On at the n-th entry. One that is deleted before it makes the next page skip an entry, one that arrives before it
    /// makes the next page repeat one.
    Offset,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http_port: 0,
            https_port: 0,
            key: None,
            additional_keys: Vec::new(),
            samples: 240,
            start_time: 1_760_000_000,
            control: false,
            real_time: false,
            seconds_per_request: 0,
            feed_seconds: None,
            seeded: false,
            history: 96,
            empty_pages: false,
            empty_pages_in_a_row: 1,
            cursors: Cursors::AfterEntry,
            ignores_limit: None,
            trailing_cursor: false,
            repeats_cursor: false,
            monthly_retrohunt_quota: 50,
            concurrent_retrohunt_jobs: 10,
            retrohunt_transition_seconds: 5,
            retrohunt_main_seconds: 120,
            retrohunt_goodware_seconds: 20,
            retrohunt_window_days: 90,
            hunting_rules_quota: 5_000,
            hourly_request_quota: 60_000_000_000,
            daily_request_quota: 1_000_000_000,
            monthly_request_quota: 1_000_000_000,
        }
    }
}
