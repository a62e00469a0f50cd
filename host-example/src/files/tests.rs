use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::PathBuf;

use super::*;

/// A folder of this test's own, gone at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("vt-hunting-files-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// A file with this mode.
    fn file(&self, name: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, name).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// Why it is not opened, for reading and for writing.
fn reason(path: &Path) -> String {
    let written = open_own(path, &mut options()).unwrap_err();
    open_own(path, OpenOptions::new().read(true)).unwrap_err();
    assert!(check_replaceable(path).is_err());
    written.to_string()
}

#[test]
fn a_file_of_ones_own_is_opened_and_may_be_replaced() {
    let scratch = Scratch::new("own");
    for mode in [0o600, 0o644, 0o755] {
        let path = scratch.file("file", mode);
        assert!(open_own(&path, &mut options()).is_ok() && check_replaceable(&path).is_ok(), "{mode:o}");
    }
    let new = scratch.0.join("new");
    assert!(check_replaceable(&new).is_ok() && open_own(&new, &mut options()).is_ok());
}

#[test]
fn what_others_may_write_or_own_is_refused_with_what_to_do() {
    let scratch = Scratch::new("others");
    for mode in [0o620, 0o602, 0o666, 0o777] {
        let reason = reason(&scratch.file("file", mode));
        assert!(reason.contains("others may write it") && reason.contains("chmod go-w"), "{reason}");
    }
    if rustix::process::geteuid().is_root() {
        let path = scratch.file("theirs", 0o644);
        chown(&path, Some(1234), None).unwrap();
        assert!(reason(&path).contains("another user (1234, not 0)"), "{}", reason(&path));
    }
}

#[test]
fn a_link_is_refused_and_what_it_leads_to_stays_as_it_is() {
    let scratch = Scratch::new("links");
    let target = scratch.file("target", 0o600);
    let nothing = scratch.0.join("nothing");
    for (name, to) in [("good", &target), ("dangling", &nothing)] {
        let link = scratch.0.join(name);
        symlink(to, &link).unwrap();
        let refused = open_own(&link, &mut options()).unwrap_err().to_string();
        assert!(refused.contains("it is a link"), "{refused}");
        assert!(check_replaceable(&link).is_err());
    }
    assert!(!nothing.exists());
    fs::hard_link(&target, scratch.0.join("hard")).unwrap();
    assert!(reason(&target).contains("another name"), "{}", reason(&target));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let scratch = Scratch::new("kinds");
    let pipe = scratch.0.join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert!(reason(&pipe).contains("not a regular file"), "{}", reason(&pipe));
    // For writing alone a pipe that nobody reads has an error of its own.
    let alone = open_own(&pipe, OpenOptions::new().write(true)).unwrap_err().to_string();
    assert!(alone.contains("not a regular file"), "{alone}");
    assert!(reason(Path::new("/dev/null")).contains("not a regular file"));
    assert!(open_own(&scratch.0, OpenOptions::new().read(true)).is_err());
    let socket = scratch.0.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert!(open_own(&socket, &mut options()).is_err());
}
