//! What lies in the current folder, or next to the program, is never run: the components are in the program, and others are
//! run only where the user says which.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::{self, Said};
use crate::support::KEY;
use crate::support::world::World;

/// Where a component could be expected, seen from the current folder, the one above it, or the program's.
const PLACES: [&str; 10] = [
    "target/wasm32-wasip2/release/virustotal_hunting.wasm",
    "target/wasm32-wasip2/release/virustotal_yara_check.wasm",
    "target/components/virustotal-hunting-gateway.wasm",
    "target/embedded/virustotal_hunting.wasm",
    "target/embedded/virustotal_yara_check.wasm",
    "target/embedded/virustotal-hunting-gateway.wasm",
    "virustotal_hunting.wasm",
    "virustotal_yara_check.wasm",
    "virustotal-hunting-gateway.wasm",
    "components/virustotal-hunting-gateway.wasm",
];

/// What is planted: whoever loads it fails, and repeats its path.
const PLANTED: &[u8] = b"planted, and not a component";

/// A stranger's folder, with the program in it: `planted/bin/vt-hunting`, started in `planted/repository`.
struct Planted {
    folder: PathBuf,
}

impl Planted {
    fn new(name: &str) -> Planted {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("planted-{}-{name}", std::process::id()));
        for place in ["", "bin", "repository"] {
            for file in PLACES {
                plant(&folder.join(place).join(file));
            }
        }
        // A link to the same file and not a copy: a program that is still open for writing somewhere does not start.
        let program = program::command(&[], &[]);
        fs::hard_link(program.get_program(), folder.join("bin/vt-hunting")).expect("a link");
        fs::write(folder.join("repository/rules.yar"), "rule a { condition: true }").expect("rules");
        Planted { folder }
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = Command::new(self.folder.join("bin/vt-hunting"));
        command.args(arguments).current_dir(self.folder.join("repository"));
        command.env_clear().env("VT_RETRIES", "0").env("VT_HUNTING_CACHE", "off").envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        program::said(command.spawn().expect("it runs"))
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn plant(file: &Path) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, PLANTED).expect("a file");
}

#[test]
fn the_program_has_in_it_the_components_that_were_built_for_it() {
    let embedded = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("embedded");
    let program = fs::read(program::command(&[], &[]).get_program()).expect("the program");
    let begins = program.windows(8).enumerate().filter(|(_, bytes)| *bytes == b"\0asm\r\0\x01\0");
    let begins: Vec<usize> = begins.map(|(at, _)| at).collect();
    for file in ["virustotal_hunting.wasm", "virustotal_yara_check.wasm", "virustotal-hunting-gateway.wasm"] {
        let component =
            fs::read(embedded.join(file)).unwrap_or_else(|error| panic!("`cargo xtask build`: {file}: {error}"));
        let is_in_it = begins.iter().any(|at| program[*at..].starts_with(&component));
        assert!(is_in_it, "{file} is not in vt-hunting: build the program again, after the components");
    }
}

/// With the variables unset, and set to nothing.
const NOT_NAMED: [&[(&str, &str)]; 2] = [&[], &[("VT_HUNTING_COMPONENT", ""), ("VT_HUNTING_GATEWAY", "")]];

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_component_is_not_run() {
    let world = World::new();
    let url = world.simulator.http_url();
    let planted = Planted::new("component");
    for not_named in NOT_NAMED {
        let environment = [&[("VT_APIKEY", KEY), ("VT_URL", &*url), ("VT_ALLOW_HTTP", "true")], not_named].concat();
        let said = planted.run(&["livehunt", "rulesets"], &environment);
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
}

#[test]
fn a_planted_component_that_checks_rules_is_not_run() {
    let planted = Planted::new("rules-check");
    for not_named in NOT_NAMED {
        let said = planted.run(&["rules", "check", "rules.yar"], not_named);
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
}

#[test]
fn a_planted_gateway_is_not_run() {
    let planted = Planted::new("gateway");
    for not_named in NOT_NAMED {
        // An address that is not this machine's: the gateway is loaded and checked, and then there is nowhere to listen.
        let environment = [&[("VT_APIKEY", KEY), ("GATEWAY_TOKEN", "a-long-token-for-a-test")], not_named].concat();
        let said = planted.run(&["serve", "--addr", "192.0.2.1:1"], &environment);
        assert!(said.stderr.contains("192.0.2.1:1") && !said.stderr.contains(".wasm"), "{}", said.stderr);
    }
}

#[test]
fn what_the_user_names_is_run_and_nothing_in_its_place() {
    let planted = Planted::new("named");
    let key = [("VT_APIKEY", KEY), ("GATEWAY_TOKEN", "a-long-token-for-a-test")];
    let file = planted.folder.join("repository/virustotal_hunting.wasm");
    let file = file.to_str().expect("text");
    let rulesets: &[&str] = &["livehunt", "rulesets"];
    let check: &[&str] = &["rules", "check", "rules.yar"];
    let serve: &[&str] = &["serve", "--addr", "192.0.2.1:1"];
    for (words, flag, variable, loaded) in [
        (rulesets, "--component", "VT_HUNTING_COMPONENT", "virustotal_hunting.wasm"),
        (check, "--component", "VT_HUNTING_COMPONENT", "virustotal_yara_check.wasm"),
        (serve, "--gateway", "VT_HUNTING_GATEWAY", "virustotal_hunting.wasm"),
    ] {
        let by_flag = planted.run(&[words, &[flag, file]].concat(), &key);
        let by_variable = planted.run(words, &[&key[..], &[(variable, file)]].concat());
        for said in [by_flag, by_variable] {
            assert_ne!(said.code, 0, "{words:?}");
            assert!(said.stderr.contains(loaded), "{words:?}: {}", said.stderr);
        }
    }
}
