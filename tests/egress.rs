//! The way out, against real adversaries on loopback: servers, proxies, authorities, and a component gone bad.
//!
//! What the component may reach is decided in the host, so what it does when it is told no is tested with components
//! that do not do as they are told ([`rogue`]). The other binary (`integration.rs`) is about what the component makes
//! of answers.
#![forbid(unsafe_code)]

#[path = "support/logs.rs"]
mod logs;
#[path = "support/program.rs"]
mod program;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/rogue.rs"]
mod rogue;
mod support;

mod egress {
    mod addresses;
    mod allow_list;
    mod command_line;
    mod connecting;
    mod limits;
    mod logs;
    mod pool;
    mod proxy;
    mod rate;
    mod read_only;
    mod secrets;
    mod tls;

    use vt_hunting_host::{CallError, Connector, Settings, ioc_stream::IocStreamQuery};

    use crate::rogue;

    /// The smallest call there is.
    async fn get(connector: &Connector) -> Result<(), CallError> {
        connector.get_ioc_stream_objects(&IocStreamQuery::default()).await.map(|_| ())
    }

    /// A tenant whose component goes to `url` instead of where the settings say.
    fn turned_to(url: &str, settings: Settings) -> Connector {
        rogue::turned_to(url).connector(settings).expect("good settings")
    }
}
