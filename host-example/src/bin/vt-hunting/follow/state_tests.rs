use super::*;

/// A folder of its own, removed when it is dropped.
pub(in crate::follow) struct Folder(pub(in crate::follow) PathBuf);

impl Folder {
    pub(in crate::follow) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vt-hunting-follow-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(in crate::follow) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn query() -> Query {
    Query { kind: "ioc-stream".to_owned(), filter: Some("origin:hunting".to_owned()), descriptors_only: true }
}

fn refusal(path: &Path, query: Query) -> Failure {
    let failure = StateFile::open(path, query).err().unwrap();
    assert_eq!(failure.kind.code(), 42);
    failure
}

#[test]
fn what_is_stored_is_read_again() {
    let folder = Folder::new("stored");
    let path = folder.file("state");
    let mut file = StateFile::open(&path, query()).unwrap();
    assert_eq!(file.state.checkpoint, None);
    file.state.checkpoint = Some("abc".to_owned());
    file.state.output = Some(Output { file: "/var/out.jsonl".into(), bytes: 7 });
    file.store().unwrap();
    let stored = file.state.clone();
    drop(file);
    assert_eq!(StateFile::open(&path, query()).unwrap().state, stored);
    let value: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((value["version"].as_u64(), value["checkpoint"].as_str()), (Some(1), Some("abc")));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let path = folder.file("state");
    let file = StateFile::open(&path, query()).unwrap();
    file.store().unwrap();
    file.store().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_second_follower_is_refused_until_the_first_is_gone() {
    let folder = Folder::new("lock");
    let path = folder.file("state");
    let first = StateFile::open(&path, query()).unwrap();
    first.store().unwrap();
    assert_eq!(refusal(&path, query()).code, "StateInUse");
    drop(first);
    assert!(StateFile::open(&path, query()).is_ok());
}

#[test]
fn another_query_is_refused_and_the_difference_named() {
    let folder = Folder::new("query");
    let path = folder.file("state");
    StateFile::open(&path, query()).unwrap().store().unwrap();
    for (other, says) in [
        (Query { filter: None, ..query() }, "its filter is `origin:hunting`, not none"),
        (Query { descriptors_only: false, ..query() }, "its descriptors-only is true"),
        (Query { kind: "livehunt".to_owned(), ..query() }, "it follows ioc-stream, not livehunt"),
    ] {
        let failure = refusal(&path, other);
        assert_eq!(failure.code, "StateOfAnotherQuery");
        assert!(failure.message.contains(says), "{}", failure.message);
    }
}

#[test]
fn a_corrupt_file_is_an_error_and_stays_as_it_is() {
    let folder = Folder::new("corrupt");
    let path = folder.file("state");
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"\xff\xfe",
        b"{\"version\":1}",
        b"{\"version\":2,\"query\":{}}",
        b"{\"version\":1,\"query\":{\"kind\":\"ioc-stream\",\"filter\":null,\"descriptors_only\":1}}",
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(refusal(&path, query()).code, "StateCorrupt", "{bytes:?}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn what_a_killed_follower_left_is_in_nobodys_way() {
    let folder = Folder::new("left");
    let path = folder.file("state");
    let file = StateFile::open(&path, query()).unwrap();
    file.store().unwrap();
    fs::write(beside(&path, ".new"), "{\"ver").unwrap();
    file.store().unwrap();
    assert!(!beside(&path, ".new").exists());
}

/// A case's name, what makes it at a path, and what the refusal says.
#[cfg(unix)]
type Untrusted = (&'static str, fn(&Path), &'static str);

/// What must not be trusted.
#[cfg(unix)]
fn untrusted() -> Vec<Untrusted> {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    fn with_mode(path: &Path, mode: u32) {
        fs::write(path, "{}").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut all: Vec<Untrusted> = vec![
        ("a link", |path| symlink(path.with_file_name("victim"), path).unwrap(), "it is a link"),
        ("a dangling link", |path| symlink(path.with_file_name("nothing"), path).unwrap(), "it is a link"),
        ("a hard link", |path| fs::hard_link(path.with_file_name("victim"), path).unwrap(), "another name"),
        ("a pipe", pipe, "not a regular file"),
        (
            "a link to a pipe",
            |path| {
                pipe(&path.with_file_name("pipe"));
                symlink(path.with_file_name("pipe"), path).unwrap();
            },
            "it is a link",
        ),
        ("a folder", |path| fs::create_dir(path).unwrap(), ""),
        ("a file of the group's", |path| with_mode(path, 0o660), "chmod go-w"),
        ("a file of everybody's", |path| with_mode(path, 0o606), "chmod go-w"),
    ];
    let folder = Folder::new("whose");
    fs::write(folder.file("f"), "").unwrap();
    // Only root can give a file away.
    if chown(folder.file("f"), Some(1234), None).is_ok() {
        all.push((
            "a file of somebody else's",
            |path| {
                with_mode(path, 0o644);
                chown(path, Some(1234), None).unwrap();
            },
            "another user (1234",
        ));
    }
    all
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_state_a_lock_or_an_output_that_others_may_have_put_there_is_refused_and_stays_as_it_is() {
    use std::os::unix::fs::MetadataExt as _;
    for (kind, make, says) in untrusted() {
        for suffix in ["", ".lock"] {
            let folder = Folder::new(&format!("untrusted{suffix}"));
            fs::write(folder.file("victim"), "victim").unwrap();
            let path = beside(&folder.file("state"), suffix);
            make(&path);
            let before = path.symlink_metadata().unwrap().ino();
            let failure = refusal(&folder.file("state"), query());
            assert_eq!(failure.code, "Unusable", "{kind}");
            assert!(failure.message.contains(says) && failure.message.contains("state"), "{kind}: {}", failure.message);
            assert_eq!(path.symlink_metadata().unwrap().ino(), before, "{kind}");
            assert_eq!(fs::read_to_string(folder.file("victim")).unwrap(), "victim", "{kind}");
            assert!(!folder.file("nothing").exists(), "{kind}");
        }
        // One that comes while it runs is not replaced.
        let folder = Folder::new("untrusted-later");
        fs::write(folder.file("victim"), "victim").unwrap();
        let file = StateFile::open(&folder.file("state"), query()).unwrap();
        make(&folder.file("state"));
        assert_eq!(file.store().unwrap_err().code, "Unusable", "{kind}");
        assert_eq!(fs::read_to_string(folder.file("victim")).unwrap(), "victim", "{kind}");
        // Nor is an output file cut or written to, whatever a state says.
        let folder = Folder::new("untrusted-output");
        fs::write(folder.file("victim"), "victim").unwrap();
        let path = folder.file("out");
        make(&path);
        for known in [None, Some(Output { file: path.clone(), bytes: 0 })] {
            let failure = super::super::sink::Sink::open(Some(&path), known.as_ref()).err().unwrap();
            assert!(failure.code == "Unusable" && failure.message.contains(says), "{kind}: {}", failure.message);
        }
        assert_eq!(fs::read_to_string(folder.file("victim")).unwrap(), "victim", "{kind}");
    }
}
