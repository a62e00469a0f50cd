//! Files that a program may trust: those of its own user, which nobody else can have written or put there.
//!
//! The rules are one set, for the files of `follow` and for compiled components: a regular file, with one name, that belongs to
//! the user of this process and that only they may write; no link is followed, nothing is waited for (a named pipe would hold
//! the program), and what was opened is what is checked. On systems without owners and permissions as Unix has them only the
//! kind of the file is checked.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
pub(crate) use folder::Folder;

/// Opens a file of this user's own.
///
/// # Errors
///
/// What the system says; that it is a link, something else than a file, another user's, or writable for others; and what to do
/// about it.
pub fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;

        // Of what can be set here: links are refused, and a pipe does not wait for its other end.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits() as i32);
        let file = options.open(path).map_err(named)?;
        check(&file.metadata()?)?;
        Ok(file)
    }
    #[cfg(not(unix))]
    {
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(refused("it is not a regular file; name a file"));
        }
        options.open(path)
    }
}

/// Whether what a name stands for now may be replaced: nothing, or a file of this user's own.
///
/// # Errors
///
/// As [`open_own`].
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        #[cfg(unix)]
        Ok(metadata) => check(&metadata),
        #[cfg(not(unix))]
        Ok(metadata) if metadata.is_file() => Ok(()),
        #[cfg(not(unix))]
        Ok(_) => Err(refused("it is not a regular file; name a file")),
    }
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, reason)
}

/// What a link, or a pipe without another end, is refused with says little.
#[cfg(unix)]
fn named(error: io::Error) -> io::Error {
    use rustix::io::Errno;

    match Errno::from_io_error(&error) {
        Some(Errno::LOOP | Errno::MLINK) => refused("it is a link; name the file itself"),
        Some(Errno::NXIO) => refused("it is not a regular file; name a file"),
        _ => error,
    }
}

#[cfg(unix)]
fn check(metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    if metadata.is_symlink() {
        return Err(refused("it is a link; name the file itself"));
    }
    if !metadata.is_file() {
        return Err(refused("it is not a regular file; name a file"));
    }
    if metadata.nlink() > 1 {
        return Err(refused("it has another name, a hard link; copy it to a file of its own"));
    }
    check_owner(metadata.uid(), metadata.mode())
}

/// Whether something belongs to this user, and only they may write it.
#[cfg(unix)]
fn check_owner(owner: u32, mode: u32) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    if owner != own {
        let reason = format!("it belongs to another user ({owner}, not {own}); use one of your own");
        return Err(refused(&reason));
    }
    if mode & 0o022 != 0 {
        let reason = format!("others may write it (its mode is {:04o}); forbid that with `chmod go-w`", mode & 0o7777);
        return Err(refused(&reason));
    }
    Ok(())
}

#[cfg(unix)]
mod folder {
    use super::{check, check_owner, named, refused};
    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
    use rustix::io::Errno;
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io::{self, Read as _, Write as _};
    use std::path::{Component, Path};
    use std::time::{Duration, SystemTime};

    /// A folder of this user's own, held open: its files are found in it, whatever becomes of its path.
    pub(crate) struct Folder(OwnedFd);

    const ENTER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    const OPEN: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

    impl Folder {
        /// Goes to a folder from the root, one name at a time, and follows no link. Nobody else may have put any of the names
        /// there: each folder on the way is the system's or this user's, and is writable for nobody else, or, as `/tmp` is,
        /// protects what is in it. What is missing is made if that is asked for, for this user alone.
        pub(crate) fn open(path: &Path, make: bool) -> io::Result<Folder> {
            let path = std::path::absolute(path)?;
            let mut folder = rustix::fs::open("/", ENTER, Mode::empty())?;
            for name in path.components() {
                match name {
                    Component::RootDir => continue,
                    Component::Normal(name) => {
                        check_way(&folder)?;
                        folder = enter(&folder, name, make)?;
                    }
                    _ => return Err(refused("its path leads up again; write it without `..`")),
                }
            }
            let stat = rustix::fs::fstat(&folder)?;
            check_owner(stat.st_uid, stat.st_mode)?;
            Ok(Folder(folder))
        }

        /// A file's content.
        pub(crate) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
            let file = rustix::fs::openat(&self.0, name, OFlags::RDONLY | OPEN, Mode::empty());
            let mut file = File::from(file.map_err(|error| named(error.into()))?);
            check(&file.metadata()?)?;
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            Ok(content)
        }

        /// Writes a file aside, and renames it: nobody meets half of one.
        pub(crate) fn write(&self, name: &str, aside: &str, content: &[u8]) -> io::Result<()> {
            let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OPEN;
            let mut file = File::from(rustix::fs::openat(&self.0, aside, new, Mode::RUSR | Mode::WUSR)?);
            let written = file
                .write_all(content)
                .and_then(|()| rustix::fs::renameat(&self.0, aside, &self.0, name).map_err(io::Error::from));
            if written.is_err() {
                let _ = rustix::fs::unlinkat(&self.0, aside, AtFlags::empty());
            }
            written
        }

        /// Removes the files of this user's own that are old enough for their name, as far as that works. Others have none.
        pub(crate) fn clear(&self, oldest: impl Fn(&str) -> Option<Duration>) {
            let Ok(entries) = Dir::read_from(&self.0) else { return };
            for entry in entries.flatten() {
                let Ok(name) = entry.file_name().to_str() else { continue };
                let Some(oldest) = oldest(name) else { continue };
                let Ok(stat) = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
                let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
                let written = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
                let is_old = SystemTime::now().duration_since(written).is_ok_and(|age| age > oldest);
                if is_file && is_old && check_owner(stat.st_uid, 0).is_ok() {
                    let _ = rustix::fs::unlinkat(&self.0, name, AtFlags::empty());
                }
            }
        }
    }

    fn enter(folder: &OwnedFd, name: &OsStr, make: bool) -> io::Result<OwnedFd> {
        let entered = match rustix::fs::openat(folder, name, ENTER, Mode::empty()) {
            Err(Errno::NOENT) if make => {
                match rustix::fs::mkdirat(folder, name, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
                rustix::fs::openat(folder, name, ENTER, Mode::empty())
            }
            entered => entered,
        };
        entered.map_err(|error| named(error.into()))
    }

    /// Whether nobody else may change what a name in this folder stands for.
    fn check_way(folder: &OwnedFd) -> io::Result<()> {
        const STICKY: u32 = 0o1000;
        let stat = rustix::fs::fstat(folder)?;
        let own = rustix::process::geteuid().as_raw();
        if stat.st_uid != 0 && stat.st_uid != own {
            return Err(refused("a folder above it belongs to another user"));
        }
        if stat.st_mode & 0o022 != 0 && stat.st_mode & STICKY == 0 {
            return Err(refused("others may write to a folder above it"));
        }
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests;
