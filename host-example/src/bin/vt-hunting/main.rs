//! `vt-hunting`: the hunting actions on a command line, run by the sandboxed component.
//!
//! The way of a command: `args` (what was typed) → `settings` (what is in force) → `dispatch` (the function of the
//! contract) → `output` (how it is shown), and `failure` and `exit` where it goes wrong. `follow` and `wait` run one function
//! again and again; `quota` looks before a job is spent. `serve` is none of that: it runs another component, behind a
//! listener.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod actions;
mod args;
mod backoff;
mod completions;
mod dispatch;
mod embedded;
mod exists;
mod exit;
mod failure;
mod follow;
mod hint;
mod interrupts;
mod load;
mod log;
mod next;
mod output;
mod quota;
mod reconcile;
mod redaction;
mod rules;
mod serve;
mod settings;
mod suggest;
mod wait;

use std::process::ExitCode;

use clap::FromArgMatches as _;
use vt_hunting_host::{Settings, diagnostics::ResponseInfo};

use args::{
    Cli, Command,
    global::{Format, Global},
    value::Source,
};
use dispatch::{Call, ReadingCall, Work};
use exit::Kind;
use failure::Failure;
use next::Typed;
use output::{Rendered, style::Style};

fn main() -> ExitCode {
    let parsed = args::parse(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let global = Global::from_arg_matches(&parsed.matches).unwrap_or_else(|error| error.exit());
    // What is found in rules is for people, wherever it goes, unless JSON was asked for.
    let default = (parsed.matches.subcommand_name() == Some("rules")).then_some(Format::Table);
    let style = Style::new(&global.output, default);
    let done = next::resolved(&parsed, global).and_then(|(cli, typed)| {
        check(&cli, &typed);
        log::start(&cli.global.log, matches!(cli.command, Command::Serve(_)));
        run(cli, &typed, &style)
    });
    match done {
        Ok(code) => code,
        Err(failure) => {
            failure.report(style.failures_as_json);
            failure.kind.code().into()
        }
    }
}

/// What a single flag's grammar cannot say.
fn check(cli: &Cli, typed: &Typed) {
    let conflict =
        |message: &str| -> ! { args::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit() };
    if cli.global.output.envelope && matches!(cli.global.output.output, Some(Format::Table | Format::Jsonl)) {
        conflict("an envelope is one JSON document: --envelope goes with --output json");
    }
    if cli.global.connection.apikey_file == Some(Source::Stdin) && cli.command.rules() == Some(&Source::Stdin) {
        conflict("standard input can be read once: --apikey-file - and --rules - do not go together");
    }
    let command = typed.command();
    if cli.global.output.snippets && !args::usable::WITH_SNIPPETS.contains(&command) {
        conflict(&format!(
            "--snippets: `{command}` shows nothing that has one; these do: {}",
            args::usable::WITH_SNIPPETS.join(", ")
        ));
    }
    let lines_alone = matches!(cli.global.output.output, None | Some(Format::Jsonl)) && !cli.global.output.envelope;
    if cli.command.follows() && !lines_alone {
        conflict("follow writes JSON lines: it goes with --output jsonl alone");
    }
}

fn run(cli: Cli, typed: &Typed, style: &Style) -> Result<ExitCode, Failure> {
    let checked = rules::wanted(&cli.command);
    let mut rules_left = quota::RulesLeft::wanted(&cli.command);
    let mut work = match cli.command {
        Command::Config => {
            let layers = settings::layers(&cli.global.connection)?;
            tell(&settings::show(&layers, style)?)?;
            if layers.http_proxy.is_none()
                && let Some(variable) = hint::proxy_variable()
            {
                failure::note(style.failures_as_json, "ProxyNotRead", &hint::proxy_not_read(variable));
            }
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
            output::write(&completions::script(shell))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Snippet { dump } => {
            let dump = args::read_dump(&dump)?;
            return in_threads(snippet(&dump, &cli.global, style));
        }
        Command::Serve(args) => return serve::run(&args, &cli.global, style),
        Command::Rules(args::rules::Rules::Check(args)) => {
            in_threads(rules::check(&args, &cli.global, style))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Livehunt(command) => command.try_into()?,
        Command::Retrohunt(command) => command.try_into()?,
        Command::IocStream(command) => command.try_into()?,
        Command::Account(command) => command.into(),
        Command::Crowdsourced(command) => command.try_into()?,
        Command::Operation { id } => ReadingCall::Operation(id).into(),
    };
    if let (Some(from), Work::Call(call)) = (checked, &mut work)
        && let Some(upload) = rules::Upload::of(call, from)
        && let Some(known) = in_threads(rules::check_before_upload(upload, &cli.global, style))?
    {
        known.complete(call);
        if let Some(wanted) = &mut rules_left {
            wanted.count = Some(u64::from(known.number_of_rules));
        }
    }
    let settings = settings::layers(&cli.global.connection)?.resolve().map_err(settings::refused)?;
    match work {
        Work::Call(call) => in_threads(async {
            let sent = args::moment::now();
            tokio::select! {
                code = act(&call, rules_left.as_ref(), &cli.global, settings, typed, style) => code,
                _ = tokio::signal::ctrl_c() => Ok(interrupted(&call, sent)),
            }
        }),
        Work::Follow(follow) => {
            let following = follow.open()?;
            in_threads(async {
                let connector = load::connector(&cli.global, settings).await?;
                following.run(&connector, style).await
            })
        }
        Work::Wait(wait) => in_threads(async {
            let connector = load::connector(&cli.global, settings).await?;
            wait.run(&connector, style).await
        }),
    }
}

fn in_threads<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| load::not_loaded("NoThreads", &error))?;
    let code = threads.block_on(work);
    // A request that was given up must not hold the program.
    threads.shutdown_background();
    code
}

/// Runs the action and shows what came of it.
async fn act(
    call: &Call,
    rules_left: Option<&quota::RulesLeft>,
    global: &Global,
    settings: Settings,
    typed: &Typed,
    style: &Style,
) -> Result<ExitCode, Failure> {
    let connector = load::connector(global, settings).await?;
    let replaced = exists::instead(call, &connector).await?;
    let call = replaced.as_ref().unwrap_or(call);
    let action = call.action();
    if let Some(wanted) = call.job_quota() {
        quota::before_job(&connector, wanted, style.failures_as_json).await?;
    }
    if let (Some(wanted), Call::Livehunt(call)) = (rules_left, call) {
        wanted.before(call, &connector, style.failures_as_json).await?;
    }
    // One process is one call: one instance is enough.
    let mut hunting = connector.instance().await.map_err(|error| dispatch::failed(&error, action))?;
    let sent = args::moment::now();
    let result = call.run(&mut hunting).await;
    let response = if style.envelope { hunting.last_response().await } else { None };
    match result {
        Ok(answer) => {
            let next = answer.goes_on().filter(|_| style.is_table()).map(|(flag, value)| typed.going_on(flag, value));
            tell(&answer.render(response.as_ref(), style, next.as_deref())?)?;
            match answer.incomplete() {
                Some(error) => Err(Failure::action(error.clone(), action)),
                None => Ok(ExitCode::SUCCESS),
            }
        }
        Err(error) => {
            let mut failure = dispatch::failed(&error, action);
            if error.is_in_doubt()
                && let Some(command) = reconcile::command(&words(), action, sent)
            {
                failure.hint =
                    Some(format!("it may have reached VirusTotal: before repeating it, find out: {command}"));
            }
            Err(with_envelope(failure, response.as_ref(), style)?)
        }
    }
}

/// Shows a snippet's bytes: the component reads it, and needs neither key nor network for that.
async fn snippet(dump: &str, global: &Global, style: &Style) -> Result<ExitCode, Failure> {
    let connector = load::connector(global, Settings::default()).await?;
    let snippet = connector.parse_snippet(dump).await.map_err(|error| {
        let hint = "-vv shows what happened";
        Failure::host(Kind::Trap, "NotRead", error.to_string(), hint)
    })?;
    tell(&output::snippet_bytes::show(&snippet, style)?)?;
    Ok(ExitCode::SUCCESS)
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

/// What was typed, fit to be typed again.
fn words() -> Vec<String> {
    args::moment::pinned(std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect())
}

fn interrupted(call: &Call, sent: u64) -> ExitCode {
    let action = call.action();
    if action.writes() {
        let look = reconcile::command(&words(), action, sent)
            .unwrap_or_else(|| suggest::command(action.ids_from.unwrap_or(action.command), &[], &[]));
        failure::tell(&format!("interrupted; it may have reached VirusTotal: look with `{look}`\n"));
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

    /// Whether it is one of the followers.
    fn follows(&self) -> bool {
        use args::{ioc_stream::IocStream, livehunt::Livehunt};
        matches!(self, Self::Livehunt(Livehunt::Follow(_)) | Self::IocStream(IocStream::Follow(_)))
    }
}
