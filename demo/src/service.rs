//! Who answers: a simulator in this process, or the service at an address of the user's choice.

use anyhow::{Context, Result, ensure};
use virustotal_hunting_simulator::{Options, Simulator};
use vt_hunting_host::{ApiKey, PartialSettings, Settings, Source};

/// Retrohunt jobs that the simulator grants a month: as many as the story needs, so that one more is refused.
pub(crate) const RETROHUNT_QUOTA: u64 = 3;

/// The other side of the story.
pub(crate) enum Service {
    Simulated(Simulator),
    Real {
        /// Whether the story may create, abort and delete.
        write: bool,
    },
}

impl Service {
    /// Starts a simulator; nothing of the user's environment counts for it.
    pub(crate) async fn simulated() -> Result<(Self, Settings)> {
        let options = Options { monthly_retrohunt_quota: RETROHUNT_QUOTA, ..Options::default() };
        let simulator = Simulator::start(options).await.context("the simulator cannot start on 127.0.0.1")?;
        let key = ApiKey::new(simulator.key()).context("the simulator's own key is unusable")?;
        let settings = Settings { url: simulator.http_url(), retries: 0, ..Settings::new(key) };
        Ok((Self::Simulated(simulator), settings))
    }

    /// The service at `url`, with the key, proxy and certificates that the environment names.
    pub(crate) fn real(url: &str, write: bool) -> Result<(Self, Settings)> {
        let mut chosen = PartialSettings::default();
        chosen.set("url", url, Source::Flag("--url".into()))?;
        let settings = chosen.merge(PartialSettings::from_env(|name| std::env::var(name).ok())?).resolve()?;
        ensure!(
            settings.api_key.is_some(),
            "a story with --url needs an API key: set the environment variable VT_APIKEY (hunting needs a premium key)"
        );
        Ok((Self::Real { write }, settings))
    }

    /// The simulator, where time, samples and quotas obey the story.
    pub(crate) fn simulator(&self) -> Option<&Simulator> {
        match self {
            Self::Simulated(simulator) => Some(simulator),
            Self::Real { .. } => None,
        }
    }

    /// Whether the story may create, abort and delete.
    pub(crate) fn writes(&self) -> bool {
        matches!(self, Self::Simulated(_) | Self::Real { write: true })
    }
}
