//! What the gateway may import: the connector's seven interfaces, and what Rust's standard library asks for beside them.
//!
//! Of those it gets nothing: standard input is empty, standard output and standard error go nowhere, no stream is a
//! terminal. A seed for hash tables and the end of the program are all that is real. There is no file system, no socket
//! and no wall clock: a component that imports one does not load.

use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::p2::bindings::{cli, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};

use crate::runtime;
use crate::state::HostState;

pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<HostState>> {
    let mut linker = runtime::linker(engine)?;
    let l = &mut linker;
    cli::exit::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::stdin::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::stdout::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::stderr::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, HostState::cli)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(l, HostState::random)?;
    Ok(linker)
}
