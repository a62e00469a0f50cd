//! A program that goes on: started, watched, sent signals, and killed in the middle of its work.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use virustotal_hunting_simulator::{Options, Simulator};

use super::{HANGS, KEY};
use crate::program::{self, Said};

/// A simulator that accepts [`KEY`], for programs.
pub(crate) fn simulator(options: Options) -> Simulator {
    Simulator::start_blocking(Options { key: Some(KEY.to_owned()), ..options }).expect("it starts")
}

/// Runs the command line against it, to its end, and looks for the key in what it says.
pub(crate) fn against(simulator: &Simulator, arguments: &[&str]) -> Said {
    let url = simulator.http_url();
    let said = program::run(arguments, &[("VT_APIKEY", KEY), ("VT_URL", &url)], "");
    for text in [&said.stdout, &said.stderr] {
        assert!(!text.contains(KEY), "{arguments:?} says the key: {text}");
    }
    said
}

/// The command line at work. Dropped, it is killed.
pub(crate) struct Process(Option<Child>);

impl Process {
    /// Starts it against a simulator.
    pub(crate) fn start(simulator: &Simulator, arguments: &[&str]) -> Process {
        let url = simulator.http_url();
        Process::of(program::command(arguments, &[("VT_APIKEY", KEY), ("VT_URL", &url)]))
    }

    /// Starts this command.
    pub(crate) fn of(mut command: Command) -> Process {
        Process(Some(command.spawn().expect("it runs")))
    }

    /// Waits until something is so. It is a failure if the program ends before.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            let child = self.0.as_mut().expect("it runs");
            if child.try_wait().expect("it is ours").is_some() && !is_so() {
                let said = program::said(self.0.take().expect("it ran"));
                panic!("it ended with {} before {what}: {}", said.code, said.stderr);
            }
            assert!(started.elapsed() < HANGS, "it hangs before {what}");
            std::thread::yield_now();
        }
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.0.as_mut().is_some_and(|child| child.try_wait().expect("it is ours").is_none())
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        self.0.as_mut().expect("it runs")
    }

    /// Sends a signal.
    pub(crate) fn signal(&mut self, signal: Signal) {
        kill_process(Pid::from_child(self.child()), signal).expect("it is ours");
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child().kill().expect("it is ours");
        self.child().wait().expect("it is ours");
    }

    /// What it says until its end.
    pub(crate) fn said(mut self) -> Said {
        program::said(self.0.take().expect("it runs"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A folder of its own, removed when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vt-hunting-tests-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a writable temporary directory");
        Folder(path)
    }

    /// A file in it, as a command line takes it.
    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("text").to_owned()
    }

    /// The same with this content.
    pub(crate) fn with(&self, name: &str, content: &str) -> String {
        let file = self.file(name);
        std::fs::write(&file, content).expect("a writable folder");
        file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
