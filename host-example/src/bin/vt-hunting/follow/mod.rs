//! `follow`: one step after the other, for ever, each item on its way before the place behind it is stored.
//!
//! A step is: read what is new, write it, store the checkpoint. Killed before the first, nothing is lost; before the second,
//! the same items are read again; before the third, they are written again, or with an output file cut away and written
//! again. [`pace`] decides what comes after a step, [`state`] stores, [`sink`] writes.
//!
//! What the service deleted before it was read is said when it is noticed; following goes on, and then ends with a code of
//! its own.

mod feed;
mod pace;
mod sink;
mod state;

use std::{io::IsTerminal as _, path::Path, process::ExitCode, time::Duration};

use vt_hunting_host::{CallError, Connector};

pub(crate) use feed::Feed;

use crate::{
    args::following::FollowArgs,
    dispatch,
    exit::{self, Kind},
    failure::{self, Failure},
    interrupts::Interrupts,
    output::{
        self,
        style::Style,
        text::{plain, utc},
    },
};
use feed::{Query, Step};
use pace::{Next, Outcome, Pace};
use sink::{Sink, Written};
use state::{State, StateFile};

/// What to follow, and how.
pub(crate) struct Follow {
    pub(crate) args: FollowArgs,
    pub(crate) feed: Feed,
}

/// The same with its files in hand.
pub(crate) struct Following {
    follow: Follow,
    files: Files,
}

/// Where the items go, and where it is stored how far it got.
struct Files {
    state: StateFile,
    sink: Sink,
}

impl Follow {
    /// Takes hold of the files: what is wrong with them is found before anything is loaded or sent.
    pub(crate) fn open(self) -> Result<Following, Failure> {
        let output = self.args.output_file.as_deref();
        if output.is_some_and(|output| output == self.args.state) {
            return Err(broken(
                "SameFile",
                "--state and --output-file name the same file.".to_owned(),
                "give each a file of its own",
            ));
        }
        let mut state = StateFile::open(&self.args.state, self.feed.query())?;
        let sink = Sink::open(output, state.state.output.as_ref())?;
        state.state.output = sink.output();
        // Before the first step: a file that is cut back later must not lose what it had before.
        state.store()?;
        Ok(Following { follow: self, files: Files { state, sink } })
    }
}

impl Following {
    /// Follows until it ends.
    pub(crate) async fn run(self, connector: &Connector, style: &Style) -> Result<ExitCode, Failure> {
        let Following { follow: Follow { args, feed }, mut files } = self;
        let mut interrupts = Interrupts::listen()?;
        if !style.failures_as_json && std::io::stderr().is_terminal() {
            failure::tell(&format!("{}\n", plain(&beginning(&args, &feed.query(), &files.state.state))));
        }
        let mut pace = Pace::new(args.once, args.interval());
        let budget = args.step.budget();
        let as_json = style.failures_as_json;
        let mut has_lost = false;
        let heard = || failure::note(as_json, "Ending", "ending after this step; once more ends it at once");
        loop {
            let checkpoint = files.state.state.checkpoint.clone();
            let step = feed.step(connector, checkpoint.as_deref(), &budget, style.raw);
            let Ok(mut step) = interrupts.while_finishing(step, heard).await else { return Ok(at_once()) };
            if let Ok(step) = &mut step {
                if let Some(gap) = &step.gap {
                    has_lost = true;
                    failure::note(as_json, "Lost", &output::lost(gap));
                }
                // A reader may take its time, and signals are to be heard meanwhile.
                let (lines, checkpoint) = (std::mem::take(&mut step.lines), step.checkpoint.clone());
                let saving = tokio::task::spawn_blocking(move || files.save(&lines, checkpoint));
                let Ok(saved) = interrupts.while_finishing(saving, heard).await else { return Ok(at_once()) };
                let (back, written) = saved.map_err(|error| broken("NotSaved", error.to_string(), "start it again"))?;
                files = back;
                if written? == Written::NobodyReads {
                    return Ok(well(has_lost));
                }
            }
            match pace.next(&outcome(&step), interrupts.asked()) {
                Next::GoOn => {}
                Next::Sleep(usual) => {
                    let pause = args.pause.or(usual);
                    if let Some(failure) = failed(&step, &feed) {
                        tell(as_json, &failure, pause);
                    }
                    interrupts.while_sleeping(pause).await;
                    if interrupts.asked() {
                        return Ok(well(has_lost));
                    }
                }
                Next::Stop => return Ok(well(has_lost)),
                Next::Fail => return failed(&step, &feed).map_or(Ok(well(has_lost)), Err),
            }
        }
    }
}

/// What it is about to do, for who watches: nothing comes until there is something new.
fn beginning(args: &FollowArgs, query: &Query, state: &State) -> String {
    let what = match query.kind.as_str() {
        "livehunt" => "livehunt notifications",
        _ => "objects of the IoC stream",
    };
    let which = query.filter.as_ref().map(|filter| format!(" with the filter `{filter}`")).unwrap_or_default();
    let from = match (&state.checkpoint, args.step.since) {
        (Some(_), _) => "on from where the state file stands".to_owned(),
        (None, Some(since)) => format!("since {}", utc(since)),
        (None, None) => "from now on".to_owned(),
    };
    let output =
        args.output_file.as_deref().map_or_else(|| "standard output".to_owned(), |file| file.display().to_string());
    let pace = match args.once {
        true => "ends when there is nothing more to read".to_owned(),
        false => format!("looks every {} s; Ctrl-C ends it", args.interval().as_secs()),
    };
    format!("following {what}{which} {from}; written to {output}; state in {}; {pace}", args.state.display())
}

impl Files {
    /// The items first, then the place behind them.
    fn save(mut self, lines: &str, checkpoint: String) -> (Self, Result<Written, Failure>) {
        let written = self.sink.write(lines).and_then(|written| {
            if written == Written::Yes {
                self.state.state.checkpoint = Some(checkpoint);
                self.state.state.output = self.sink.output();
                self.state.store()?;
            }
            Ok(written)
        });
        (self, written)
    }
}

fn outcome(step: &Result<Step, CallError>) -> Outcome<'_> {
    match step {
        Ok(step) => Outcome::Step { more: step.more, incomplete: step.incomplete.as_ref() },
        Err(error) => Outcome::Failed(error),
    }
}

/// What was wrong with a step, if anything.
fn failed(step: &Result<Step, CallError>, feed: &Feed) -> Option<Failure> {
    match step {
        Ok(step) => step.incomplete.clone().map(|error| Failure::action(error, feed.action())),
        Err(error) => Some(dispatch::failed(error, feed.action())),
    }
}

/// A failure that is waited out.
pub(crate) fn tell(as_json: bool, failure: &Failure, pause: Duration) {
    let message = format!("{} Trying again in {} s.", failure.message, pause.as_secs());
    failure::note(as_json, &failure.code, &message);
}

/// It ends well, or would have, had nothing been lost.
fn well(has_lost: bool) -> ExitCode {
    if has_lost { Kind::Lost.code().into() } else { ExitCode::SUCCESS }
}

/// Asked twice: whatever it was at is repeated by the next start.
fn at_once() -> ExitCode {
    exit::INTERRUPTED.into()
}

fn broken(code: &str, message: String, hint: &str) -> Failure {
    Failure::host(Kind::State, code, message, hint)
}

fn unusable(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    broken(
        "Unusable",
        format!("The {what} {} cannot be used: {error}.", path.display()),
        "check the folder, its permissions, and the room on the disk",
    )
}
