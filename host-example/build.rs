//! Puts the components into the program `vt-hunting`: an installed program then needs no file, and looks for none.
//!
//! `cargo xtask build` leaves them in `embedded` in cargo's target folder. Without them the program compiles all the same, and
//! reports that it lacks them.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::{env, error, fs, io};

/// The name that the program has for each, and its file.
const COMPONENTS: [(&str, &str); 3] = [
    ("CONNECTOR", "virustotal_hunting.wasm"),
    ("RULES_CHECK", "virustotal_yara_check.wasm"),
    ("GATEWAY", "virustotal-hunting-gateway.wasm"),
];

/// Another folder to take them from, by its whole path: for a cargo that does not build in its target folder.
const FOLDER_VARIABLE: &str = "VT_HUNTING_EMBED";

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FOLDER_VARIABLE}");
    // The library has no use for them: an embedder says which component it runs.
    if env::var_os("CARGO_FEATURE_CLI").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = match env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => default_folder(&out)?,
    };
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut source = String::new();
    for (name, file) in COMPONENTS {
        let value = match fs::read(folder.join(file)) {
            Ok(bytes) => {
                fs::write(out.join(file), bytes)?;
                format!("Some(include_bytes!({file:?}))")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => "None".to_owned(),
            Err(error) => return Err(format!("{}: {error}", folder.join(file).display()).into()),
        };
        source += &format!("pub(crate) static {name}: Option<&[u8]> = {value};\n");
    }
    fs::write(out.join("embedded.rs"), source)?;
    Ok(())
}

/// `embedded` in the target folder. It is made where it is missing: cargo cannot watch what is not there, and would run this
/// at every build.
fn default_folder(out: &std::path::Path) -> Result<PathBuf, Box<dyn error::Error>> {
    // TARGET-FOLDER/[TRIPLE/]PROFILE/build/PACKAGE/out
    let above = out.ancestors().nth(4).ok_or("the folder of this build script's output is not where cargo puts it")?;
    let of_a_triple = above.file_name().is_some_and(|name| Some(name.to_owned()) == env::var_os("TARGET"));
    let folder = if of_a_triple { above.parent().unwrap_or(above) } else { above }.join("embedded");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
