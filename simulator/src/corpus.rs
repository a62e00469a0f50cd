//! The made-up world that hunting looks at: files, and URLs, domains and addresses.
//!
//! Everything follows from the number of samples and the start time, so two simulators set up alike show the same
//! world, and building one twice in a process can be saved. Hashes are real hashes of real bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

mod engines;
mod file_object;
mod net;
mod net_object;
mod rng;
mod samples;

pub(crate) use net::{NetEntity, NetKind};
pub(crate) use samples::Sample;

/// All samples and network locations, shared by all users.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) samples: Vec<Sample>,
    pub(crate) net: Vec<NetEntity>,
}

type Known = Mutex<HashMap<(usize, u64), Arc<Corpus>>>;

/// The corpus of that size.
pub(crate) fn get(samples: usize, start_time: u64) -> Arc<Corpus> {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Known::default).lock().unwrap_or_else(PoisonError::into_inner);
    // Tests share a few set-ups; somebody who tries many must not fill the memory.
    if known.len() > 8 {
        known.clear();
    }
    let make = || {
        let files = (0..samples).map(|index| samples::make(index, samples, start_time)).collect();
        let locations = (0..(samples / 2).clamp(24, 240)).map(|index| net::make(index, start_time)).collect();
        Arc::new(Corpus { samples: files, net: locations })
    };
    known.entry((samples, start_time)).or_insert_with(make).clone()
}
