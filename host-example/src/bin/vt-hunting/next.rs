//! `--next`: a short name for the next page of a table. What it stands for, a query and a cursor of some hundred characters,
//! is kept in a file that only its owner can read.
//!
//! Kept are the flags of the list itself. The settings, and so everything secret, are given anew with every command.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, FromArgMatches as _, error::ErrorKind, parser::ValueSource};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    args::{self, Cli, Parsed, global::Global, moment},
    failure::Failure,
    settings, suggest,
};

const VERSION: u32 = 1;

/// How long a handle is good for. The service may drop a cursor before.
const KEPT_FOR: u64 = 7 * 86_400;

/// The most that are kept; the oldest go first.
const MOST: usize = 200;

/// A query is at most some kilobytes.
const LARGEST: u64 = 1 << 20;

/// The hexadecimal digits of a handle.
const DIGITS: usize = 8;

/// What was typed, taken apart: every flag as one word, `--flag=value`.
pub(crate) struct Typed {
    /// `livehunt rulesets`
    command: String,
    /// The flags of every command.
    global: Vec<String>,
    /// The command's own flags, and behind `--` what it is about.
    own: Vec<String>,
}

/// What a handle stands for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// Seconds since 1970.
    created: u64,
    command: String,
    words: Vec<String>,
    /// `--cursor` or `--checkpoint`
    flag: String,
    value: String,
}

/// The command that was typed, or the one that its `--next` stands for.
pub(crate) fn resolved(parsed: &Parsed, global: Global) -> Result<(Cli, Typed), Failure> {
    let (command, matches) = leaf(&parsed.matches);
    let handle = matches.try_get_one::<String>("next").ok().flatten();
    let Some(handle) = handle else {
        let cli = Cli::from_arg_matches(&parsed.matches).unwrap_or_else(|error| error.exit());
        return Ok((cli, typed(parsed)));
    };
    let given = typed(parsed);
    let limit = |word: &String| word.starts_with("--limit=") || word.starts_with("--limit-items=");
    if given.own.iter().any(|word| !limit(word) && !word.starts_with("--next=")) {
        let message = "--next stands for the whole query: give nothing else but --limit";
        args::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    let kept = read(handle, &command, moment::now())?;
    let mut words: Vec<OsString> = vec!["vt-hunting".into()];
    words.extend(command.split(' ').map(Into::into));
    words.push(format!("{}={}", kept.flag, kept.value).into());
    let limits: Vec<_> = given.own.into_iter().filter(limit).collect();
    let stays = |word: &String| limits.is_empty() || !limit(word);
    words.extend(limits.iter().map(Into::into));
    words.extend(kept.words.iter().filter(|word| stays(word)).map(Into::into));
    let again = args::parse(words.into_iter()).map_err(|error| damaged(handle, &error.to_string()))?;
    let cli = Cli::from_arg_matches(&again.matches).map_err(|error| damaged(handle, &error.to_string()))?;
    let typed = Typed { global: given.global, ..typed(&again) };
    Ok((Cli { global, ..cli }, typed))
}

impl Typed {
    /// The command, without the program's name.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// The command that goes on behind this cursor or checkpoint: by its handle, or by itself where nothing can be kept.
    pub(crate) fn going_on(&self, flag: &str, value: &str) -> String {
        let kept = Kept {
            version: VERSION,
            created: moment::now(),
            command: self.command.clone(),
            words: self.own.clone(),
            flag: flag.to_owned(),
            value: value.to_owned(),
        };
        let mut words = vec!["vt-hunting"];
        words.extend(self.global.iter().map(String::as_str));
        words.extend(self.command.split(' '));
        match folder().ok_or(()).and_then(|folder| keep(&folder, &kept).map_err(drop)) {
            Ok(handle) => {
                words.extend(["--next", &handle]);
                suggest::line(&words)
            }
            Err(()) => {
                words.extend([flag, value]);
                words.extend(self.own.iter().map(String::as_str));
                suggest::line(&words)
            }
        }
    }
}

/// The innermost command, and what was typed for it.
fn leaf(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut path, mut matches) = (Vec::new(), matches);
    while let Some((name, below)) = matches.subcommand() {
        path.push(name);
        matches = below;
    }
    (path.join(" "), matches)
}

fn typed(parsed: &Parsed) -> Typed {
    let (command, matches) = leaf(&parsed.matches);
    let grammar = command.split(' ').try_fold(&parsed.grammar, |grammar, name| grammar.find_subcommand(name));
    let arguments: Vec<_> = grammar.map(|grammar| grammar.get_arguments().collect()).unwrap_or_default();
    let words = |global: bool| {
        let (mut flags, mut about) = (Vec::new(), Vec::new());
        for argument in arguments.iter().filter(|argument| argument.is_global_set() == global) {
            // What the handle has a place of its own for.
            if ["cursor", "checkpoint"].contains(&argument.get_id().as_str()) {
                continue;
            }
            let words = if argument.is_positional() { &mut about } else { &mut flags };
            words.extend(given(argument, matches));
        }
        if !about.is_empty() {
            flags.push("--".to_owned());
            flags.append(&mut about);
        }
        // Typed again later they mean the same.
        moment::pinned(flags)
    };
    Typed { global: words(true), own: words(false), command }
}

/// A flag or positional argument as it was given, if it was.
fn given(argument: &Arg, matches: &ArgMatches) -> Vec<String> {
    let id = argument.get_id().as_str();
    if matches.value_source(id) != Some(ValueSource::CommandLine) {
        return Vec::new();
    }
    let flag = argument.get_long().map(|long| format!("--{long}"));
    match (argument.get_action(), flag) {
        (ArgAction::SetTrue | ArgAction::SetFalse, Some(flag)) => vec![flag],
        (ArgAction::Count, Some(flag)) => vec![flag; matches.get_count(id).into()],
        (_, flag) => {
            let values = matches.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy());
            values
                .map(|value| flag.as_ref().map_or_else(|| value.to_string(), |flag| format!("{flag}={value}")))
                .collect()
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(settings::usual_folder("XDG_STATE_HOME", ".local/state")?.join("next"))
}

/// Puts it into the folder, and gives its handle. The same place of the same query has the same one.
fn keep(folder: &Path, kept: &Kept) -> io::Result<String> {
    let place = serde_json::to_vec(&(&kept.command, &kept.words, &kept.flag, &kept.value))?;
    let mut handle: String = Sha256::digest(place).iter().map(|byte| format!("{byte:02x}")).collect();
    handle.truncate(DIGITS);
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    folders.create(folder)?;
    remove_old(folder, kept.created);
    // A new file takes the place of what is there: that may be a link to elsewhere.
    let new = folder.join(format!("{handle}.{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut file| file.write_all(&serde_json::to_vec(kept)?));
    written.and_then(|()| fs::rename(&new, folder.join(&handle))).inspect_err(|_| drop(fs::remove_file(&new)))?;
    Ok(handle)
}

/// Removes what is no longer good, and the oldest beyond what is kept. What cannot be removed is in nobody's way.
fn remove_old(folder: &Path, now: u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let modified = entry.metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some((modified.as_secs(), entry.path()))
        })
        .collect();
    files.sort();
    let beyond = files.len().saturating_sub(MOST - 1);
    for (index, (modified, path)) in files.iter().enumerate() {
        if index < beyond || modified.saturating_add(KEPT_FOR) < now {
            let _ = fs::remove_file(path);
        }
    }
}

/// What a handle stands for, if it is one of this command's.
fn read(handle: &str, command: &str, now: u64) -> Result<Kept, Failure> {
    let unknown = || {
        refused(
            "NextUnknown",
            format!(
                "next: {handle:?} is not a handle that is kept here. A handle is kept for 7 days, for the user who was given it."
            ),
            command,
        )
    };
    let is_one = handle.len() == DIGITS && handle.bytes().all(|byte| byte.is_ascii_hexdigit());
    let folder = folder().filter(|_| is_one).ok_or_else(unknown)?;
    let text = match text(&folder.join(handle.to_ascii_lowercase())) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unknown()),
        Err(error) => return Err(damaged(handle, &error.to_string())),
    };
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| damaged(handle, &error.to_string()))?;
    if kept.version != VERSION || !["--cursor", "--checkpoint"].contains(&kept.flag.as_str()) {
        return Err(damaged(handle, "it is of another version of this program"));
    }
    if kept.command != command {
        let message = format!("next: {handle:?} belongs to `{}`, not to `{command}`.", kept.command);
        let right = suggest::command(&kept.command, &["--next", handle], &[]);
        return Err(Failure::argument("NextOfAnotherCommand", message, &right));
    }
    if kept.created.saturating_add(KEPT_FOR) < now {
        let message = format!("next: {handle:?} has expired: a handle is kept for 7 days.");
        return Err(refused("NextExpired", message, command));
    }
    Ok(kept)
}

/// A file's bytes, if it is the user's own and nobody else could have written it.
fn text(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let about = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if about.uid() != rustix::process::geteuid().as_raw() || about.mode() & 0o022 != 0 {
            return Err(io::Error::other("another user owns it or may write to it"));
        }
    }
    if !about.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = Vec::new();
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

fn refused(code: &str, message: String, command: &str) -> Failure {
    let first = suggest::command(command, &[], &[]);
    Failure::argument(code, message, &format!("ask for the first page again, with `{first}` and what selects"))
}

fn damaged(handle: &str, why: &str) -> Failure {
    let why = why.lines().next().unwrap_or_default();
    let message = format!("next: what {handle:?} stands for cannot be read: {why}.");
    Failure::argument("NextDamaged", message, "ask for the first page again")
}
