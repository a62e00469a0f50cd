use std::fs::{Permissions, create_dir_all, remove_file, rename, set_permissions, write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::*;

/// A component that answers this number.
fn answering(number: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "f") (result i32) i32.const {number}))
            (core instance $i (instantiate $m))
            (func (export "f") (result u32) (canon lift (core func $i "f"))))"#
    );
    wat::parse_str(text).unwrap()
}

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vt-hunting-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Folder(std::env::temp_dir().join(name).join("compiled"));
        create_dir_all(folder.above()).unwrap();
        folder
    }

    fn above(&self) -> &Path {
        self.0.parent().expect("it has one")
    }

    fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    }

    fn file(&self) -> PathBuf {
        let [file] = self.files().try_into().expect("one file");
        file
    }

    /// What the component that answers 7 answers, taken through the folder.
    fn answer(&self) -> u32 {
        answer_through(&Engine::default(), &self.0)
    }

    /// Which file it is: another one has another number.
    fn inode(&self) -> u64 {
        std::fs::metadata(self.file()).unwrap().ino()
    }

    /// The code of another component under the name of the one that answers 7.
    fn plant(&self, folder: &Path) -> PathBuf {
        let engine = Engine::default();
        let file = folder.join(format!("{}.cwasm", kept::digest(&engine, &answering(7))));
        create_dir_all(folder).unwrap();
        write(&file, engine.precompile_component(&answering(666)).unwrap()).unwrap();
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.above());
    }
}

fn answer_through(engine: &Engine, folder: &Path) -> u32 {
    let component = component(engine, &answering(7), Some(folder)).unwrap();
    let mut store = wasmtime::Store::new(engine, ());
    let linker = wasmtime::component::Linker::new(engine);
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let f = instance.get_typed_func::<(), (u32,)>(&mut store, "f").unwrap();
    f.call(&mut store, ()).unwrap().0
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn a_component_is_compiled_once_and_then_taken_from_the_file() {
    let folder = Folder::new();
    assert_eq!(folder.answer(), 7);
    let first = folder.inode();
    assert_eq!((folder.answer(), folder.inode()), (7, first));
    assert_eq!((mode(&folder.0), mode(&folder.file())), (0o700, 0o600));
}

#[test]
fn the_plant_of_these_tests_would_be_taken_if_it_were_its_own_users() {
    let folder = Folder::new();
    create_dir_all(&folder.0).unwrap();
    set_permissions(&folder.0, Permissions::from_mode(0o700)).unwrap();
    folder.plant(&folder.0);
    assert_eq!(folder.answer(), 666);
}

#[test]
fn a_file_that_others_may_write_or_own_is_not_trusted() {
    let folder = Folder::new();
    folder.answer();
    for mode in [0o620, 0o602, 0o622, 0o666, 0o777] {
        let planted = folder.plant(&folder.0);
        set_permissions(&planted, Permissions::from_mode(mode)).unwrap();
        assert_eq!(folder.answer(), 7, "{mode:o}");
        assert_eq!(self::mode(&folder.file()), 0o600, "it was not replaced");
    }
    if is_root() {
        chown(folder.plant(&folder.0), Some(1234), None).unwrap();
        assert_eq!(folder.answer(), 7);
        assert_eq!(std::fs::metadata(folder.file()).unwrap().uid(), 0, "it was not replaced");
    }
}

#[test]
fn a_folder_that_others_may_write_or_own_is_not_trusted_and_nothing_is_kept_there() {
    for mode in [0o720, 0o702, 0o777, 0o1777] {
        let folder = Folder::new();
        let planted = folder.plant(&folder.0);
        set_permissions(&folder.0, Permissions::from_mode(mode)).unwrap();
        assert_eq!(folder.answer(), 7, "{mode:o}");
        remove_file(planted).unwrap();
        assert_eq!((folder.answer(), folder.files().len()), (7, 0), "{mode:o}");
    }
    if is_root() {
        let folder = Folder::new();
        let planted = folder.plant(&folder.0);
        chown(&folder.0, Some(1234), None).unwrap();
        assert_eq!(folder.answer(), 7);
        remove_file(planted).unwrap();
        assert_eq!((folder.answer(), folder.files().len()), (7, 0));
    }
}

#[test]
fn a_folder_above_that_others_may_write_or_own_is_not_trusted() {
    for mode in [0o720, 0o702, 0o777] {
        let folder = Folder::new();
        set_permissions(folder.above(), Permissions::from_mode(mode)).unwrap();
        assert_eq!((folder.answer(), folder.files().len()), (7, 0), "{mode:o}");
        folder.plant(&folder.0);
        set_permissions(&folder.0, Permissions::from_mode(0o700)).unwrap();
        assert_eq!(folder.answer(), 7, "{mode:o}");
        // As in `/tmp`: nobody may put another folder in the place of one's own.
        set_permissions(folder.above(), Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(folder.answer(), 666, "{mode:o}");
    }
    if is_root() {
        let folder = Folder::new();
        folder.plant(&folder.0);
        set_permissions(&folder.0, Permissions::from_mode(0o700)).unwrap();
        chown(folder.above(), Some(1234), None).unwrap();
        assert_eq!(folder.answer(), 7);
    }
}

#[test]
fn no_link_is_followed_at_any_level() {
    let folder = Folder::new();
    let elsewhere = folder.above().join("elsewhere");
    let planted = folder.plant(&elsewhere);
    set_permissions(&elsewhere, Permissions::from_mode(0o700)).unwrap();

    // The folder itself.
    symlink(&elsewhere, &folder.0).unwrap();
    assert_eq!(folder.answer(), 7);
    // One above it.
    create_dir_all(elsewhere.join("below")).unwrap();
    folder.plant(&elsewhere.join("below"));
    assert_eq!(answer_through(&Engine::default(), &folder.0.join("below")), 7);
    assert_eq!(answer_through(&Engine::default(), &elsewhere.join("..").join("elsewhere")), 7);
    remove_file(&folder.0).unwrap();

    // The file: a link, one to nothing, and another name.
    folder.answer();
    let file = folder.file();
    for target in [planted.clone(), folder.above().join("nothing")] {
        remove_file(&file).unwrap();
        symlink(target, &file).unwrap();
        assert_eq!(folder.answer(), 7);
        assert!(!file.symlink_metadata().unwrap().is_symlink(), "the link was not replaced");
    }
    remove_file(&file).unwrap();
    std::fs::hard_link(&planted, &file).unwrap();
    assert_eq!(folder.answer(), 7);
    assert!(!folder.above().join("nothing").exists());
}

#[test]
fn a_pipe_or_a_folder_in_the_files_place_holds_nothing_up() {
    let folder = Folder::new();
    folder.answer();
    let file = folder.file();
    remove_file(&file).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &file,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert_eq!(folder.answer(), 7);
    assert!(file.symlink_metadata().unwrap().is_file(), "the pipe was not replaced");
    remove_file(&file).unwrap();
    create_dir_all(&file).unwrap();
    assert_eq!(folder.answer(), 7);
}

#[test]
fn a_folder_that_is_swapped_while_it_is_read_lets_nothing_in() {
    let folder = Folder::new();
    folder.answer();
    let (good, bad) = (folder.above().join("good"), folder.above().join("bad"));
    folder.plant(&bad);
    set_permissions(&bad, Permissions::from_mode(0o777)).unwrap();
    if is_root() {
        chown(&bad, Some(1234), None).unwrap();
    }
    let engine = Engine::default();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                // Whichever is in the way is taken away: by a folder, by a link, and by nothing.
                let _ = rename(&folder.0, &good).and_then(|()| rename(&bad, &folder.0));
                let _ = rename(&folder.0, &bad).and_then(|()| symlink(&bad, &folder.0));
                let _ = remove_file(&folder.0).and_then(|()| rename(&good, &folder.0));
            }
        });
        let answers: Vec<_> = (0..300).map(|_| answer_through(&engine, &folder.0)).collect();
        ended.store(true, Ordering::Relaxed);
        assert!(answers.iter().all(|answer| *answer == 7), "{answers:?}");
    });
}

#[test]
fn only_old_files_of_its_own_are_cleared() {
    let folder = Folder::new();
    create_dir_all(&folder.0).unwrap();
    set_permissions(&folder.0, Permissions::from_mode(0o700)).unwrap();
    let digest = "0f".repeat(32);
    let days = |days: u64| SystemTime::now() - Duration::from_secs(days * 86_400);
    let names = [
        (format!("{digest}.cwasm"), 91, false),
        (format!("{digest}.4711.new"), 2, false),
        (format!("1{}.cwasm", &digest[1..]), 89, true),
        (format!("{digest}.4712.new"), 0, true),
        // Others'.
        ("notes.cwasm".to_owned(), 1000, true),
        ("notes.new".to_owned(), 1000, true),
        (format!("{digest}.cwasm.bak"), 1000, true),
        (format!("{digest}..new"), 1000, true),
        (format!("{digest}.x.new"), 1000, true),
        (format!("{}.cwasm", digest.to_uppercase()), 1000, true),
    ];
    for (name, age, _) in &names {
        let file = std::fs::File::create(folder.0.join(name)).unwrap();
        file.set_modified(days(*age)).unwrap();
    }
    assert_eq!(folder.answer(), 7);
    for (name, _, stays) in names {
        assert_eq!(folder.0.join(&name).exists(), stays, "{name}");
    }
}

#[test]
fn half_a_file_is_compiled_anew() {
    let folder = Folder::new();
    folder.answer();
    let file = folder.file();
    let whole = std::fs::read(&file).unwrap();
    for length in [0, 10, whole.len() / 2] {
        remove_file(&file).unwrap();
        write(&file, &whole[..length]).unwrap();
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(folder.answer(), 7, "{length}");
    }
    assert_eq!(std::fs::metadata(&file).unwrap().len(), whole.len() as u64);
}

#[test]
fn what_is_no_component_is_refused_with_a_folder_too() {
    let folder = Folder::new();
    assert!(component(&Engine::default(), b"no component", Some(&folder.0)).is_err());
    assert_eq!(folder.files().len(), 0);
}
