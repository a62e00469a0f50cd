//! `cargo xtask play`: a service to try things out against, for as long as one likes or for one command.

use std::ffi::OsString;
use std::process::{Command as Process, ExitCode};

use anstream::println;
use anyhow::{Context, Result};
use lexopt::prelude::*;

use super::Command;
use crate::play::{Clock, Playground};
use crate::style::{BOLD, DIM};
use crate::workspace::{self, Workspace};

pub(crate) const COMMAND: Command = Command {
    name: "play",
    usage: "[--port N] [--repeatable] [--built] [-- COMMAND…]",
    summary: "a simulated service in the middle of a hunt, to try the documents against; no key, no network",
    details: "
  --port N       where it listens; without it, a port that is free
  --repeatable   its clock moves five seconds with each request, and not otherwise: the same commands then always meet
                 the same service
  --built        takes what is built already
  -- COMMAND     runs this with the variables set, ends the service afterwards, and ends as the command did;
                 `-- bash` is a shell to play in

Without a command it prints what to paste into another terminal, and runs until Ctrl-C.",
    owns_help: false,
    run,
};

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    port: u16,
    clock: Clock,
    built: bool,
    command: Vec<OsString>,
}

fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<ExitCode> {
    let options = parse(arguments)?;
    if !options.built {
        Playground::build(workspace)?;
    }
    let mut playground = Playground::start(workspace, options.port, options.clock)?;
    let Some((program, arguments)) = options.command.split_first() else {
        introduce(&playground);
        playground.simulator.wait()?;
        return Ok(ExitCode::SUCCESS);
    };
    // Not in the root: a command that is given by hand belongs where it was given.
    let mut command = Process::new(program);
    command.args(arguments);
    playground.equip(&mut command)?;
    let code = workspace::status(&mut command)?.code().and_then(|code| u8::try_from(code).ok());
    // No code means that something ended it from outside.
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn introduce(playground: &Playground) {
    println!("{DIM}The service is there. In another terminal:{DIM:#}\n");
    println!("{}\n", playground.exports());
    println!("{DIM}Then, for instance:{DIM:#}\n");
    for (command, what) in [
        ("vt-hunting livehunt rulesets", "four rulesets, one of which has reached its limit"),
        ("vt-hunting livehunt notifications", "what they found in the last two days"),
        ("vt-hunting retrohunt jobs", "two that have ended; a new one takes seconds"),
        ("vt-hunting ioc-stream follow --state play.state --since 1h --interval 5", "a sample comes every 5 seconds"),
    ] {
        println!("{BOLD}{command}{BOLD:#}\n    {DIM}{what}{DIM:#}");
    }
    if let Some((user, key)) = playground.simulator.users.get(1) {
        println!("\nA second user is {user} (VT_APIKEY={key}); both are in the group simulated-lab.");
    }
    println!(
        "docs/hunting.md walks through a hunt. With VirusTotal itself only the key changes. Ctrl-C ends the service."
    );
}

fn parse(arguments: Vec<OsString>) -> Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse().context("a port is a number up to 65535")?,
            Long("built") => options.built = true,
            Long("repeatable") => options.clock = Clock::Requests,
            // After `--`, or without it: the first word that is not an option begins the command.
            Value(program) => {
                options.command = std::iter::once(program).chain(parser.raw_args()?).collect();
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options> {
        parse(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn a_command_keeps_its_own_options() -> Result<()> {
        let options = parsed(&["--repeatable", "--", "vt-hunting", "--port", "x", "--", "-y"])?;
        assert_eq!(options.command, ["vt-hunting", "--port", "x", "--", "-y"]);
        assert_eq!((options.port, options.clock), (0, Clock::Requests));
        Ok(())
    }

    #[test]
    fn a_port_is_a_number() -> Result<()> {
        assert_eq!(parsed(&["--port", "8080"])?.port, 8080);
        assert!(parsed(&["--port", "eighty"]).is_err());
        assert!(parsed(&["--prot", "80"]).is_err());
        Ok(())
    }
}
