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
