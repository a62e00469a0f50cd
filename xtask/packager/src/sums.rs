//! SHA-256 in the two forms in which packaging needs it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The list's own name, which it leaves out.
const LIST: &str = "SHA256SUMS";

/// The digest in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A line for every file in `folder`, sorted by name, as `sha256sum --check` takes it.
pub(crate) fn of(folder: &Path) -> Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name() != LIST {
            names.push(entry.file_name());
        }
    }
    names.sort();
    let mut lines = String::new();
    for name in names {
        let path = folder.join(&name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = name.to_str().with_context(|| format!("{} has a name that is not UTF-8", path.display()))?;
        writeln!(lines, "{}  {name}", hexadecimal(&bytes))?;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_leaves_itself_out() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("virustotal-hunting-sums-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        for name in ["b", "a", LIST] {
            fs::write(folder.join(name), "")?;
        }
        let lines = of(&folder)?;
        fs::remove_dir_all(&folder)?;
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(lines, format!("{empty}  a\n{empty}  b\n"));
        Ok(())
    }
}
