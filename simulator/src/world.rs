//! The state that requests read and change: one desk per user.

use std::collections::BTreeMap;

use crate::account::Usage;
use crate::corpus::Corpus;
use crate::ioc_stream::StreamEntry;
use crate::livehunt::{Notification, Ruleset};
use crate::operations::Operation;
use crate::options::Options;
use crate::retrohunt::Job;

/// All users, and how far the feed has come.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) desks: Vec<Desk>,
    /// The next sample the feed brings; beyond the corpus it starts over.
    pub(crate) feed_position: usize,
    /// Up to which second since the start samples have arrived by themselves; `None` while none may.
    pub(crate) fed_until: Option<u64>,
    sequence: u64,
}

/// One user's account and what it owns.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) user: String,
    pub(crate) key: String,
    pub(crate) rulesets: Vec<Ruleset>,
    /// In the order they were made, which is not that of their dates once the clock stepped back.
    pub(crate) notifications: Vec<Notification>,
    /// Likewise.
    pub(crate) jobs: Vec<Job>,
    /// Likewise.
    pub(crate) stream: Vec<StreamEntry>,
    pub(crate) operations: Vec<Operation>,
    /// Until when a deletion of the stream runs, in seconds since the start, and what it will remove.
    pub(crate) stream_deletion: Option<(u64, Vec<u64>)>,
    pub(crate) usage: Usage,
    /// Requests by day and endpoint.
    pub(crate) requests_by_day: BTreeMap<String, BTreeMap<String, u64>>,
}

impl World {
    pub(crate) fn new(keys: &[String], corpus: &Corpus, options: &Options) -> Self {
        let mut world =
            Self { desks: Vec::new(), feed_position: 0, fed_until: (!options.seeded).then_some(0), sequence: 0 };
        for (index, key) in keys.iter().enumerate() {
            let stream = crate::ioc_stream::history(corpus, options, index, || world.next_sequence());
            let desk = Desk {
                user: user_name(index),
                key: key.clone(),
                rulesets: Vec::new(),
                notifications: Vec::new(),
                jobs: Vec::new(),
                stream,
                operations: Vec::new(),
                stream_deletion: None,
                usage: Usage::default(),
                requests_by_day: BTreeMap::new(),
            };
            world.desks.push(desk);
        }
        world
    }

    /// A number that was never given out before: identity and order of everything here.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

/// The name of the user with that key, counted from 0. Real ones contain both `-` and `_`, which matters for job ids.
pub(crate) fn user_name(key: usize) -> String {
    match key {
        0 => "night-shift_lab".to_owned(),
        other => format!("night-shift_lab-{}", other + 1),
    }
}
