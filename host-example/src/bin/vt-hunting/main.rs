//! `vt-hunting`: the hunting actions on a command line, run by the sandboxed component.
//!
//! The way of a command: `args` (what was typed) → `settings` (what is in force) → `dispatch` (the function of the
//! contract) → `output` (how it is shown), and `failure` and `exit` where it goes wrong.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod actions;
mod args;
mod dispatch;
mod exit;
mod failure;
mod log;
mod output;
mod settings;

use std::{path::Path, process::ExitCode};

use clap::FromArgMatches as _;
use vt_hunting_host::{
    CallError, Connector, Instance, LoadError, Runtime, RuntimeOptions, Settings, diagnostics::ResponseInfo,
};

use args::{
    Cli, Command,
    global::{Format, Global},
    value::Source,
};
use dispatch::Call;
use exit::Kind;
use failure::Failure;
use output::{Answer, Rendered, style::Style};

fn main() -> ExitCode {
    let cli = match Cli::from_arg_matches(&args::command().get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let style = Style::new(&cli.global.output);
    check(&cli);
    log::start(&cli.global.log);
    match run(cli, &style) {
        Ok(code) => code,
        Err(failure) => {
            failure.report(style.failures_as_json);
            failure.kind.code().into()
        }
    }
}

/// What a single flag's grammar cannot say.
fn check(cli: &Cli) {
    let conflict =
        |message: &str| -> ! { args::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit() };
    if cli.global.output.envelope && matches!(cli.global.output.output, Some(Format::Table | Format::Jsonl)) {
        conflict("an envelope is one JSON document: --envelope goes with --output json");
    }
    if cli.global.connection.apikey_file == Some(Source::Stdin) && cli.command.rules() == Some(&Source::Stdin) {
        conflict("standard input can be read once: --apikey-file - and --rules - do not go together");
    }
}

fn run(cli: Cli, style: &Style) -> Result<ExitCode, Failure> {
    let call = match cli.command {
        Command::Config => {
            let layers = settings::layers(&cli.global.connection)?;
            tell(&settings::show(&layers, style)?)?;
            for warning in layers.resolve().map_err(settings::refused)?.warnings() {
                tracing::warn!("{warning}");
            }
            return Ok(ExitCode::SUCCESS);
        }
        Command::Actions => {
            tell(&actions::show(style)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut args::command(), "vt-hunting", &mut script);
            output::write(&String::from_utf8_lossy(&script))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Livehunt(command) => Call::try_from(command)?,
        Command::Retrohunt(command) => Call::try_from(command)?,
        Command::IocStream(command) => Call::from(command),
    };
    let settings = settings::layers(&cli.global.connection)?.resolve().map_err(settings::refused)?;
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| not_loaded("NoThreads", &error))?;
    let code = threads.block_on(async {
        tokio::select! {
            code = act(&call, &cli.global, settings, style) => code,
            _ = tokio::signal::ctrl_c() => Ok(interrupted(&call)),
        }
    });
    // A request that was given up must not hold the program.
    threads.shutdown_background();
    code
}

/// Runs the action and shows what came of it.
async fn act(call: &Call, global: &Global, settings: Settings, style: &Style) -> Result<ExitCode, Failure> {
    let action = call.action();
    let mut hunting = match load(global, settings).await? {
        Ok(hunting) => hunting,
        Err(error) => return Err(dispatch::failed(error, action)),
    };
    let result = call.run(&mut hunting).await;
    let response = if style.envelope { hunting.last_response().await } else { None };
    match result {
        Ok(answer) => {
            tell(&answer.render(response.as_ref(), style, &typed())?)?;
            match answer.incomplete() {
                Some(error) => Err(Failure::action(error.clone(), action)),
                None => Ok(ExitCode::SUCCESS),
            }
        }
        Err(error) => Err(with_envelope(dispatch::failed(error, action), response.as_ref(), style)?),
    }
}

/// One process is one call: one instance is enough.
async fn load(global: &Global, settings: Settings) -> Result<Result<Instance, CallError>, Failure> {
    let path = global.connection.component.clone().unwrap_or_else(Runtime::default_path);
    let compiled = tokio::task::spawn_blocking(move || connect(&path, settings)).await;
    let connector = compiled.map_err(|error| not_loaded("NotLoaded", &error))??;
    Ok(connector.instance().await)
}

fn connect(path: &Path, settings: Settings) -> Result<Connector, Failure> {
    let mut options = RuntimeOptions::default();
    options.max_instances = 1;
    let runtime = Runtime::load_with(path, &options).map_err(|error| match error {
        LoadError::Settings(error) => settings::refused(error),
        LoadError::Read { .. } => not_loaded("Unreadable", &error),
        _ => not_loaded("NotLoaded", &error),
    })?;
    runtime.connector(settings).map_err(settings::refused)
}

fn not_loaded(code: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::host(Kind::Load, code, error.to_string(), "--component PATH runs another component")
}

/// A failure that VirusTotal answered with is an answer too, where envelopes are wanted.
fn with_envelope(failure: Failure, response: Option<&ResponseInfo>, style: &Style) -> Result<Failure, Failure> {
    if style.envelope
        && let Some(envelope) = output::failed_envelope(&failure, response, style)
    {
        output::write(&envelope)?;
    }
    Ok(failure)
}

fn tell(rendered: &Rendered) -> Result<(), Failure> {
    output::write(&rendered.answer)?;
    failure::tell(&rendered.hint);
    Ok(())
}

fn typed() -> Vec<String> {
    std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect()
}

fn interrupted(call: &Call) -> ExitCode {
    let action = call.action();
    if action.writes() {
        let look = action.ids_from.unwrap_or(action.command);
        failure::tell(&format!("interrupted; it may have reached VirusTotal: look with `vt-hunting {look}`\n"));
    }
    exit::INTERRUPTED.into()
}

impl Command {
    /// Where the rules come from, if the command has any.
    fn rules(&self) -> Option<&Source> {
        match self {
            Self::Livehunt(command) => command.rules(),
            Self::Retrohunt(command) => command.rules(),
            _ => None,
        }
    }
}

impl Answer {
    /// Why a page is not all there.
    fn incomplete(&self) -> Option<&vt_hunting_host::types::Error> {
        match self {
            Self::Page { page, .. } => page.incomplete.as_ref(),
            _ => None,
        }
    }
}
