//! `serve`: the gateway behind a listener, until a signal ends it.

use std::process::ExitCode;

use tokio::sync::Notify;
use vt_hunting_host::{
    LoadError, Secret, Settings,
    serve::{Ended, Gateway, GatewayOptions, Server, StartError},
    types::ErrorKind,
};

use crate::{
    args::{
        global::{Format, Global},
        serve::ServeArgs,
    },
    embedded,
    exit::{self, Kind},
    failure::{self, Failure},
    interrupts::Interrupts,
    load, output,
    output::style::Style,
    settings,
};

/// Serves.
pub(crate) fn run(args: &ServeArgs, global: &Global, style: &Style) -> Result<ExitCode, Failure> {
    let settings = settings::layers(&global.connection)?.resolve().map_err(settings::refused)?;
    // As many threads as there are processors: unlike everywhere else here, much happens at the same time.
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| load::not_loaded("NoThreads", &error))?;
    let code = threads.block_on(serve(args, settings, style));
    threads.shutdown_background();
    code
}

async fn serve(args: &ServeArgs, settings: Settings, style: &Style) -> Result<ExitCode, Failure> {
    // Before anything is announced: who reads the address may end this at once.
    let mut interrupts = Interrupts::listen()?;
    let mut options = GatewayOptions::default();
    // What is no text is none of those it takes.
    let text =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    options.variables = text.map(|(name, value)| (name, Secret::new(value))).collect();
    options.no_auth = args.no_auth;
    options.compiled = load::compiled();
    let file = args.gateway.clone().or_else(|| load::named_by("VT_HUNTING_GATEWAY"));
    let loading = tokio::task::spawn_blocking(move || {
        let loaded = match file {
            Some(path) => Gateway::load(path, settings, options),
            None => {
                let bytes = load::built_in(embedded::GATEWAY, "its gateway", "--gateway FILE")?;
                Gateway::from_bytes(bytes, settings, options)
            }
        };
        loaded.map_err(refused)
    });
    let gateway = loading.await.map_err(|error| load::not_loaded("NotLoaded", &error))??;
    gateway.check().await.map_err(refused)?;
    let asks_for_token = gateway.asks_for_token();
    let server = Server::bind(gateway, args.options()).await.map_err(refused)?;
    announce(&server, asks_for_token, style)?;

    let asked = Notify::new();
    let heard = || {
        failure::note(style.failures_as_json, "Ending", "what runs may end; once more ends it at once");
        asked.notify_one();
    };
    match interrupts.while_finishing(server.run(asked.notified()), heard).await {
        Ok(Ended::Finished) => Ok(ExitCode::SUCCESS),
        Ok(Ended::CutOff) => {
            let message = format!("what still ran after {} s was cut off", args.options().grace.as_secs());
            failure::note(style.failures_as_json, "CutOff", &message);
            Ok(ExitCode::SUCCESS)
        }
        Err(_) => Ok(exit::INTERRUPTED.into()),
    }
}

/// One line, for people or for programs.
fn announce(server: &Server, asks_for_token: bool, style: &Style) -> Result<(), Failure> {
    let address = server.address();
    let auth = if asks_for_token { "token" } else { "none" };
    output::write(&match style.format {
        Format::Table => format!("listening on http://{address}\n"),
        Format::Json | Format::Jsonl => {
            let url = format!("http://{address}");
            format!("{}\n", serde_json::json!({"address": address, "auth": auth, "url": url}))
        }
    })
}

/// Why it does not start.
fn refused(error: StartError) -> Failure {
    let message = error.to_string();
    let configuration = |code, hint| Failure::host(Kind::Action(ErrorKind::Configuration), code, message.clone(), hint);
    let load = |code| Failure::host(Kind::Load, code, message.clone(), "--gateway FILE runs another gateway");
    match error {
        StartError::Settings(error) => settings::refused(error),
        StartError::Load(LoadError::Read { .. }) => load("Unreadable"),
        StartError::Listen { .. } => Failure::host(Kind::Listen, "NotListening", message, "--addr 127.0.0.1:0"),
        StartError::MissingApiKey => configuration("MissingApiKey", "set VT_APIKEY, or give --apikey-file FILE"),
        StartError::MissingToken => configuration("MissingToken", "export GATEWAY_TOKEN=$(openssl rand -hex 32)"),
        StartError::TokenAndNoAuth => configuration("TokenAndNoAuth", "drop --no-auth, or unset GATEWAY_TOKEN"),
        StartError::NotLoopback(_) => configuration("NotLoopback", "export GATEWAY_TOKEN=$(openssl rand -hex 32)"),
        StartError::Refused(_) => configuration("InvalidGatewaySetting", "mend the variable and start it again"),
        _ => load("NotLoaded"),
    }
}
