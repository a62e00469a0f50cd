//! The flags of `serve`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;

/// Where to listen, and how much to take.
#[derive(Args, Debug)]
#[command(after_help = "\
The gateway asks for the token in GATEWAY_TOKEN (`authorization: Bearer …`).
Examples:
  GATEWAY_TOKEN=$(openssl rand -hex 32) vt-hunting serve --addr 0.0.0.0:8080
  vt-hunting serve --no-auth --addr 127.0.0.1:0 --output json")]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; port 0 takes any that is free, and the first line says which
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) addr: SocketAddr,
    /// Ask for no token: on loopback addresses alone, and without GATEWAY_TOKEN
    #[arg(long)]
    pub(crate) no_auth: bool,
    /// The gateway to run [VT_HUNTING_GATEWAY; default: the one in this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) gateway: Option<PathBuf>,
    /// The most connections at the same time; one more makes the idlest leave
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_connections: u32,
    /// The most connections from one address [default: seven eighths of --max-connections]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), hide_short_help = true)]
    max_connections_per_peer: Option<u32>,
    /// The most bytes of requests' bodies in memory at the same time; more wait unread
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20, value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true)]
    max_body_bytes: u32,
    /// How long a connection may take to send a request's head, or stay idle between two
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = seconds(), hide_short_help = true)]
    header_timeout: u64,
    /// How long a request's body may take to come
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds(), hide_short_help = true)]
    body_timeout: u64,
    /// How long a client may not read what it is sent
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds(), hide_short_help = true)]
    stall_timeout: u64,
    /// How long what runs may go on after SIGINT or SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds())]
    grace: u64,
}

fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=3600)
}

impl ServeArgs {
    /// As the library takes them.
    pub(crate) fn options(&self) -> vt_hunting_host::serve::ServeOptions {
        let mut options = vt_hunting_host::serve::ServeOptions::default();
        options.address = self.addr;
        options.max_connections = self.max_connections;
        options.max_connections_per_peer = self.max_connections_per_peer;
        options.max_body_bytes = self.max_body_bytes as usize;
        options.header_timeout = Duration::from_secs(self.header_timeout);
        options.body_timeout = Duration::from_secs(self.body_timeout);
        options.stall_timeout = Duration::from_secs(self.stall_timeout);
        options.grace = Duration::from_secs(self.grace);
        options
    }
}
