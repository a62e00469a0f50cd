//! The ways to the same answer: the component, the native client with its three readings, and other programs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use vt_hunting_host::ioc_stream::IocStreamQuery;
use vt_hunting_host::retrohunt::MatchesQuery;
use vt_hunting_host::{ApiKey, Connector, Runtime, RuntimeOptions, Settings};

use crate::native::{Native, Reading};
use crate::outside::{Outside, Rival};
use crate::server::Address;
use crate::work::{SNIPPET, Work};

/// A way that is within this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Inside {
    Component,
    Raw,
    Value,
    Records,
}

impl Inside {
    /// The ways that the component is compared with, in the order of the tables.
    pub(crate) const NATIVE: [Inside; 3] = [Inside::Raw, Inside::Records, Inside::Value];

    /// As in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Inside::Component => "component",
            Inside::Raw => "native, raw slices",
            Inside::Records => "native, same records",
            Inside::Value => "native, `Value`",
        }
    }

    /// What it does, in a sentence.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Inside::Component => "The component in the library `vt-hunting-host`: a fresh instance for every call.",
            Inside::Raw => {
                "`reqwest` and `flate2`, and `serde_json` for the envelope alone: each object is a slice (`RawValue`) of the \
                 answer. Less than the component gives, and the least that can be called reading."
            }
            Inside::Records => {
                "The same client; each object is also read into the contract's record, with its own text beside."
            }
            Inside::Value => "The same client; the whole answer as `serde_json::Value`.",
        }
    }

    /// Makes a tenant of it.
    pub(crate) fn tenant(self, runtime: &Arc<Runtime>, at: &Address) -> Result<Way> {
        match self.reading() {
            None => Ok(Way::Component(connector(runtime, at)?)),
            Some(reading) => native(reading, at),
        }
    }

    /// The same in a process that has loaded nothing yet.
    pub(crate) fn first_tenant(
        self,
        component: &Path,
        compiled: Option<&Path>,
        places: u32,
        at: &Address,
    ) -> Result<Way> {
        match self.reading() {
            None => {
                // As a program does that is started for one call: no more places than it needs.
                let mut options = RuntimeOptions::default();
                options.compiled = compiled.map(Path::to_owned);
                options.max_instances = places;
                Ok(Way::Component(connector(&Runtime::load_with(component, &options)?, at)?))
            }
            Some(reading) => native(reading, at),
        }
    }

    fn reading(self) -> Option<Reading> {
        match self {
            Inside::Component => None,
            Inside::Raw => Some(Reading::Raw),
            Inside::Value => Some(Reading::Value),
            Inside::Records => Some(Reading::Records),
        }
    }
}

/// Who takes part in a row.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Inside(Inside),
    Outside(Rival),
}

impl Who {
    pub(crate) fn name(&self) -> &str {
        match self {
            Who::Inside(inside) => inside.name(),
            Who::Outside(rival) => &rival.name,
        }
    }

    pub(crate) fn tenant(&self, runtime: &Arc<Runtime>, at: &Address) -> Result<Way> {
        match self {
            Who::Inside(inside) => inside.tenant(runtime, at),
            Who::Outside(rival) => Ok(Way::Outside(Outside::start(rival, at)?)),
        }
    }
}

/// One tenant, ready to work.
pub(crate) enum Way {
    Component(Connector),
    Native(Native),
    Outside(Outside),
}

fn native(reading: Reading, at: &Address) -> Result<Way> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let ca = at.authority().map(read).transpose()?;
    Ok(Way::Native(Native::new(&at.url, &at.key, ca.as_deref(), reading)?))
}

/// The library's defaults, but for what would have calls wait for each other where the native client has no such limit.
fn connector(runtime: &Arc<Runtime>, at: &Address) -> Result<Connector> {
    let settings = Settings {
        url: at.url.clone(),
        ca_file: at.authority().map(Path::to_owned),
        timeout: Duration::from_secs(60),
        max_concurrent_calls: 1000,
        pool_max_idle: 256,
        ..Settings::new(ApiKey::new(&at.key)?)
    };
    Ok(runtime.connector(settings)?)
}

/// The component, from its file.
pub(crate) fn load(component: &Path) -> Result<Arc<Runtime>> {
    Ok(Runtime::load(component)?)
}

/// Does a piece of work by the component; how many objects there were.
pub(crate) async fn by_component(connector: &Connector, work: Work, at: &Address) -> Result<usize> {
    let stream = |limit| IocStreamQuery { limit: Some(limit), descriptors_only: Some(true), ..Default::default() };
    Ok(match work {
        Work::Small => {
            std::hint::black_box(connector.get_retrohunt_job(&at.job).await?);
            1
        }
        Work::Large => {
            std::hint::black_box(connector.get_livehunt_ruleset(&at.ruleset).await?);
            1
        }
        Work::Page => {
            let query = MatchesQuery { limit: Some(40), ..Default::default() };
            std::hint::black_box(connector.get_retrohunt_job_matches(&at.job, &query).await?).items.len()
        }
        Work::Descriptors => std::hint::black_box(connector.get_ioc_stream_objects(&stream(40)).await?).items.len(),
        Work::ReadAll => {
            let page = connector.get_ioc_stream_objects(&stream(u32::MAX)).await?;
            if let Some(error) = page.page.incomplete {
                bail!("the list came to no end: {}", error.message);
            }
            std::hint::black_box(page.items).len()
        }
        Work::Snippet => std::hint::black_box(connector.parse_snippet(SNIPPET).await?).highlights.len(),
    })
}

/// The same by the native client.
pub(crate) async fn by_native(native: &Native, work: Work, at: &Address) -> Result<usize> {
    let target = work.target(at).context("the native client has no work without a request")?;
    native.perform(work, &target).await
}
