//! What all connections of one simulator share.

use std::fmt;
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_rustls::rustls;

use crate::clock::Clock;
use crate::compression::Gzipped;
use crate::corpus::{self, Corpus};
use crate::faults::Faults;
use crate::options::Options;
use crate::record::Recorder;
use crate::world::World;

/// Everything behind the listeners.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) keys: Vec<String>,
    pub(crate) clock: Clock,
    pub(crate) corpus: Arc<Corpus>,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    pub(crate) connections: AtomicU64,
    /// Every open connection holds a clone: the count is right whichever way a connection ends.
    pub(crate) open: Arc<()>,
    pub(crate) gzipped: Gzipped,
    /// Signs cursors, so that one made up or altered is told from our own.
    pub(crate) cursor_secret: [u8; 32],
    world: Mutex<World>,
}

impl Shared {
    pub(crate) fn new(options: Options) -> io::Result<Self> {
        let key = match &options.key {
            Some(key) => key.clone(),
            None => hex(&random()?),
        };
        let mut keys: Vec<String> = std::iter::once(key).chain(options.additional_keys.iter().cloned()).collect();
        if options.seeded && keys.len() < 2 {
            keys.push(hex(&random()?));
        }
        for key in &keys {
            if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "an API key is 64 hexadecimal digits"));
            }
        }
        let corpus = corpus::get(options.samples, options.start_time);
        let world = World::new(&keys, &corpus, &options);
        Ok(Self {
            keys,
            clock: Clock::new(options.start_time, options.real_time),
            corpus,
            faults: Faults::default(),
            recorder: Recorder::default(),
            connections: AtomicU64::new(0),
            open: Arc::new(()),
            gzipped: Gzipped::default(),
            cursor_secret: random()?,
            world: Mutex::new(world),
            options,
        })
    }

    /// Which key this is, counted from 0.
    pub(crate) fn number_of(&self, key: &str) -> Option<usize> {
        self.keys.iter().position(|known| known.eq_ignore_ascii_case(key))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    // The TLS provider is here anyway; another crate for randomness would add nothing.
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| io::Error::other("no randomness from the system"))?;
    Ok(bytes)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
