//! wassette, as the Python package index has it: a program that wants a newer C library than Debian 12 or Ubuntu 22.04 have.
//!
//! Where the system's is too old, that of Debian 13 is unpacked beside it, below the target directory, and wassette is started
//! with that library's own loader; nothing is installed. The packages come from the mirror that the system's apt uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anstream::println;
use anyhow::{Context, Result, ensure};

use crate::python::Venv;
use crate::workspace::{self, Workspace, on_build_server};

/// The release of Debian whose C library does.
const SUITE: &str = "trixie";
/// What wassette is linked with, but for itself.
const PACKAGES: [&str; 2] = ["libc6", "libgcc-s1"];
/// Where they unpack to.
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";
const LOADER: &str = "ld-linux-x86-64.so.2";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// How wassette is started.
pub(super) struct Wassette {
    /// The program and what goes before the arguments.
    pub(super) command: Vec<String>,
    /// What it says its version is.
    pub(super) version: String,
}

/// Finds it in the environment and makes it start. `Err` with the reason where that cannot be; on a build server that is an
/// error.
pub(super) fn find(workspace: &Workspace, venv: &Venv) -> Result<std::result::Result<Wassette, String>> {
    let mut ask = workspace.command(venv.python());
    // The package's own entry point runs the file as it is, and the package has it without the permission to be run.
    ask.args(["-c", "import pathlib, wassette_cli as w; print(pathlib.Path(w.__file__).with_name('wassette'))"]);
    let program = PathBuf::from(workspace::capture(&mut ask)?.trim());
    make_executable(&program)?;
    let direct = vec![program.display().to_string()];
    let why = match version(&direct)? {
        Ok(version) => return Ok(Ok(Wassette { command: direct, version })),
        Err(why) => why,
    };
    ensure!(why.contains("GLIBC_"), "wassette does not start: {why}");

    let folder = workspace.target.join("wassette").join(SUITE);
    let libraries = folder.join("root").join(LIBRARIES);
    if !libraries.join(LOADER).is_file()
        && let Some(why) = unpack(workspace, &folder)?
    {
        let why = format!("wassette needs a C library of version 2.39 or later, and {why}");
        ensure!(!on_build_server(), "{why} (skipped where the variable CI is not set)");
        return Ok(Err(why));
    }
    let loader = libraries.join(LOADER).display().to_string();
    let command = [loader, "--library-path".to_owned(), libraries.display().to_string()].into_iter().chain(direct);
    let command: Vec<_> = command.collect();
    match version(&command)? {
        Ok(version) => Ok(Ok(Wassette { command, version })),
        Err(why) => anyhow::bail!("wassette does not start with the C library of Debian {SUITE} either: {why}"),
    }
}

/// What `--version` says, or what the system says against it.
fn version(command: &[String]) -> Result<std::result::Result<String, String>> {
    let (program, arguments) = command.split_first().context("a command has a program")?;
    let output = Command::new(program).args(arguments).arg("--version").stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(Ok(said.split_whitespace().next().unwrap_or_default().to_owned()))
}

#[cfg(unix)]
fn make_executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = fs::Permissions::from_mode(0o755);
    fs::set_permissions(program, permissions).with_context(|| format!("cannot make {} executable", program.display()))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}

/// Unpacks the newer C library into `folder`; the reason where this system is no Debian to get it from.
fn unpack(workspace: &Workspace, folder: &Path) -> Result<Option<String>> {
    let Some(source) = sources().iter().find_map(|text| debian(text)) else {
        return Ok(Some(
            "this system's is older and its apt knows no mirror of Debian to get one from; run this step on Debian 12 or \
             later, or on Ubuntu 24.04 or later"
                .to_owned(),
        ));
    };
    println!("Unpacking the C library of Debian {SUITE} into {}", workspace.relative(folder).display());
    // An apt of its own: its lists, its one source, nothing of the system's written. It still checks the signatures.
    for part in ["lists/partial", "cache/archives/partial", "packages", "root.new"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).with_context(|| format!("cannot create {}", part.display()))?;
    }
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("sources.list", format!("deb [signed-by={}] {} {SUITE} main\n", source.keyring, source.mirror))?;
    write("status", String::new())?;
    let (root, at) = (folder.display(), |name: &str| folder.join(name).display().to_string());
    write(
        "apt.conf",
        format!(
            "Dir::State \"{root}\";\nDir::State::status \"{}\";\nDir::Cache \"{}\";\nDir::Etc::sourcelist \"{}\";\n\
             Dir::Etc::sourceparts \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\nAPT::Sandbox::User \"\";\n\
             APT::Architecture \"amd64\";\nAcquire::Languages \"none\";\n",
            at("status"),
            at("cache"),
            at("sources.list"),
        ),
    )?;
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["--quiet=2", "-o", "Acquire::Retries=3"]).args(arguments);
        apt.env("APT_CONFIG", folder.join("apt.conf")).current_dir(folder.join("packages"));
        workspace::capture(&mut apt).map(drop)
    };
    apt(&["update"]).context("cannot read Debian's list of packages; this needs the mirror once")?;
    apt(&[&["download"], &PACKAGES[..]].concat()).context("cannot get the C library from Debian's mirror")?;
    for package in fs::read_dir(folder.join("packages"))? {
        let mut dpkg = Command::new("dpkg-deb");
        dpkg.arg("--extract").arg(package?.path()).arg(folder.join("root.new"));
        workspace::run(&mut dpkg)?;
    }
    // Renamed last: half an unpacking is none.
    fs::rename(folder.join("root.new"), folder.join("root")).context("cannot put the C library in its place")?;
    Ok(None)
}

/// A mirror of Debian, and the keys that its lists are signed with.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    mirror: String,
    keyring: String,
}

/// What apt is told to use, file by file.
fn sources() -> Vec<String> {
    let parts = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|part| part.path());
    let mut files: Vec<_> = parts.collect();
    files.sort();
    files.push("/etc/apt/sources.list".into());
    files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

/// The first mirror of Debian's main archive in one file, which is in either of apt's two formats.
fn debian(text: &str) -> Option<Source> {
    stanza(text).or_else(|| line(text))
}

/// Of `URIs: …` among other fields.
fn stanza(text: &str) -> Option<Source> {
    text.split("\n\n").find_map(|stanza| {
        let field = |name: &str| {
            let mut lines = stanza.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            lines.next().map(str::trim)
        };
        let mirror = field("URIs")?.split_whitespace().find(|uri| is_debian(uri))?;
        let keyring = field("Signed-By").filter(|keys| keys.starts_with('/')).unwrap_or(KEYRING);
        Some(Source { mirror: mirror.to_owned(), keyring: keyring.to_owned() })
    })
}

/// Of `deb [options] URI suite …`.
fn line(text: &str) -> Option<Source> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mirror = rest.split_whitespace().next().filter(|uri| is_debian(uri))?;
        let keyring = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
        Some(Source { mirror: mirror.to_owned(), keyring: keyring.unwrap_or(KEYRING).to_owned() })
    })
}

/// Whether this is where a mirror has the archive, and not its security updates or somebody else's packages.
fn is_debian(uri: &str) -> bool {
    uri.contains("://") && uri.trim_end_matches('/').ends_with("/debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(keyring: &str) -> Option<Source> {
        Some(Source { mirror: "http://mirror.example/debian".into(), keyring: keyring.into() })
    }

    #[test]
    fn the_mirror_is_found_in_the_format_with_fields() {
        let text = "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\n\n\
                    Types: deb\n# A remark\nURIs: http://mirror.example/debian\nSuites: bookworm\nSigned-By: /keys/debian.gpg\n";
        assert_eq!(debian(text), source("/keys/debian.gpg"));
    }

    #[test]
    fn the_mirror_is_found_in_the_format_with_lines() {
        let text = "# deb http://other.example/debian bookworm main\n\
                    deb http://mirror.example/debian-security bookworm-security main\n\
                    deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main\n";
        assert_eq!(debian(text), source("/keys/debian.gpg"));
        assert_eq!(debian("deb http://mirror.example/debian bookworm main"), source(KEYRING));
    }

    #[test]
    fn keys_that_are_written_out_are_not_taken_for_a_path() {
        let text = "URIs: http://mirror.example/debian\nSigned-By: -----BEGIN PGP PUBLIC KEY BLOCK-----\n";
        assert_eq!(debian(text), source(KEYRING));
    }

    #[test]
    fn another_distributions_sources_are_no_mirror_of_debian() {
        assert_eq!(debian("Types: deb\nURIs: http://archive.example/ubuntu/\nSuites: jammy\n"), None);
        assert_eq!(debian("deb https://packages.example/apt stable main\n"), None);
    }
}
