//! The attributes of a file object: large, uneven, and with the drifting types of the real thing.

use serde_json::{Map, Value, json};

use super::engines;
use super::rng::Rng;
use super::samples::{Kind, Sample};

/// All attributes of one sample.
pub(super) fn build(sample: &Sample, seed: u64) -> Value {
    let file = sample.file();
    let mut rng = Rng::new(seed ^ 0x000F_11E0);
    let (magic, mime) = &sample.facts.magic;
    let extension = file.name.rsplit('.').next().unwrap_or_default();
    let names: Vec<String> =
        (0..12 + rng.below(30)).map(|_| format!("{}/{}.{extension}", rng.word(3), rng.word(4))).collect();
    let mut attributes = json!({
        "authentihash": rng.hex(64),
        "creation_date": file.first_submission - file.first_submission.min(86_400 * (1 + rng.below(400))),
        "downloadable": true,
        "exiftool": exiftool(sample, &mut rng),
        "first_seen_itw_date": file.first_submission,
        "first_submission_date": file.first_submission,
        "last_analysis_date": file.last_submission,
        "last_analysis_results": engines::file_results(&file.signatures, file.unsupported as usize, &mut rng),
        "last_analysis_stats": {
            "confirmed-timeout": 0, "failure": 0, "harmless": 0, "malicious": file.malicious, "suspicious": 0,
            "timeout": 0, "type-unsupported": file.unsupported, "undetected": file.undetected,
        },
        "last_modification_date": file.last_submission + rng.below(600),
        "last_submission_date": file.last_submission,
        "magic": magic,
        "magika": file.type_tags.last().map(|tag| tag.to_uppercase()),
        "md5": file.md5,
        "meaningful_name": file.name,
        "mime_type": mime,
        "names": names,
        "reputation": -(rng.below(80) as i64),
        "sandbox_verdicts": sandboxes(file.malicious > 0, &mut rng),
        "sha1": file.sha1,
        "sha256": file.sha256,
        "size": file.size,
        "ssdeep": format!("{}:{}:{}", 3 << rng.below(10), rng.hex(48), rng.hex(24)),
        "tags": file.tags,
        // The version drifts between number and text, and the date of the last analysis is a text of digits.
        "threat_severity": {
            "version": if seed.is_multiple_of(2) { json!(5) } else { json!("U5") },
            "threat_severity_level": if file.malicious > 0 { "SEVERITY_HIGH" } else { "SEVERITY_NONE" },
            "threat_severity_data": {"num_gav_detections": rng.below(5)},
            "last_analysis_date": file.last_submission.to_string(),
            "level_description": "Severity computed from made-up detections",
        },
        "times_submitted": file.times_submitted,
        "tlsh": format!("T1{}", rng.hex(70).to_uppercase()),
        "total_votes": {"harmless": rng.below(3), "malicious": rng.below(9)},
        "trid": [{"file_type": magic, "probability": 62.5}, {"file_type": "Generic data", "probability": 37.5}],
        "type_description": magic.split([',', ' ']).next(),
        "type_extension": extension,
        "type_tag": file.type_tags.last(),
        "type_tags": file.type_tags,
        "unique_sources": file.unique_sources,
        "vhash": file.vhash,
    });
    if seed.is_multiple_of(7) {
        attributes["first_seen_itw_date"] = Value::Null;
    }
    if !file.family.is_empty() {
        attributes["popular_threat_classification"] = json!({
            "popular_threat_category": [{"count": 21, "value": "trojan"}, {"count": 4, "value": "downloader"}],
            "popular_threat_name": [{"count": 17, "value": file.family}],
            "suggested_threat_label": format!("trojan.{}/sim", file.family),
        });
    }
    if sample.kind == Kind::Pe {
        attributes["pe_info"] = pe_info(&mut rng);
        attributes["signature_info"] = json!({
            "description": "A made-up program", "original name": file.name, "product": rng.word(3),
            "internal name": rng.word(2), "file version": "1.0.0.1", "copyright": "(c) nobody at all",
        });
    } else {
        attributes["bundle_info"] = parts(&mut rng);
    }
    attributes
}

fn exiftool(sample: &Sample, rng: &mut Rng) -> Value {
    // Everything is text here, numbers too.
    let mut tool = Map::new();
    for (name, value) in [
        ("MIMEType", sample.facts.magic.1.clone()),
        ("FileType", sample.file().type_tags[1].to_uppercase()),
        ("FileTypeExtension", sample.file().name.rsplit('.').next().unwrap_or_default().to_owned()),
        ("CodeSize", rng.below(900_000).to_string()),
        ("EntryPoint", format!("0x{:x}", rng.below(65_536))),
        ("ImageVersion", "0.0".to_owned()),
        ("LinkerVersion", "14.0".to_owned()),
        ("MachineType", "Intel 386 or later, and compatibles".to_owned()),
        ("TimeStamp", format!("20{:02}:0{}:1{} 08:00:00+00:00", 15 + rng.below(10), 1 + rng.below(9), rng.below(9))),
        ("UninitializedDataSize", "0".to_owned()),
        ("WordCount", rng.below(90).to_string()),
    ] {
        tool.insert(name.to_owned(), value.into());
    }
    Value::Object(tool)
}

fn sandboxes(malicious: bool, rng: &mut Rng) -> Value {
    let mut verdicts = Map::new();
    for name in ["Simulated Box", "Made-Up Observer", "Imaginary Lab"] {
        let category = if malicious { "malicious" } else { "harmless" };
        let verdict = json!({
            "category": category, "sandbox_name": name, "confidence": 50 + rng.below(50),
            "malware_classification": [category.to_uppercase()],
        });
        verdicts.insert(name.to_owned(), verdict);
    }
    Value::Object(verdicts)
}

fn pe_info(rng: &mut Rng) -> Value {
    let sections: Vec<Value> = [".text", ".rdata", ".data", ".rsrc", ".reloc"]
        .iter()
        .enumerate()
        .map(|(index, name)| {
            json!({
                "name": name, "chi2": rng.below(9_000_000) as f64 / 100.0, "entropy": rng.below(800) as f64 / 100.0,
                "flags": "rx", "md5": rng.hex(32), "raw_size": 512 * (1 + rng.below(900)),
                "virtual_address": 4096 * (index as u64 + 1), "virtual_size": rng.below(400_000),
            })
        })
        .collect();
    let imports: Vec<Value> = ["KERNEL32.dll", "USER32.dll", "ADVAPI32.dll", "WS2_32.dll", "ole32.dll", "SHELL32.dll"]
        .iter()
        .map(|library| {
            let functions: Vec<String> = (0..14 + rng.below(10))
                .map(|_| format!("{}{}W", rng.pick(&["Get", "Set", "Open", "Create"]), rng.word(4)))
                .collect();
            json!({"library_name": library, "imported_functions": functions})
        })
        .collect();
    json!({
        "compilation_timestamp": 1_500_000_000 + rng.below(250_000_000),
        "entry_point": 4096,
        "imphash": rng.hex(32),
        "import_list": imports,
        "machine_type": 332,
        "resource_langs": {"ENGLISH US": rng.below(20), "NEUTRAL": 2},
        "resource_types": {"RT_ICON": rng.below(12), "RT_MANIFEST": 1, "RT_VERSION": 1},
        "rich_pe_header_hash": rng.hex(32),
        "sections": sections,
    })
}

fn parts(rng: &mut Rng) -> Value {
    let contained: Vec<Value> = (0..22 + rng.below(16))
        .map(|_| {
            let (name, hash) = (rng.word(5), rng.hex(64));
            json!({"name": name, "sha256": hash, "size": rng.below(90_000), "entropy": rng.below(800) as f64 / 100.0})
        })
        .collect();
    json!({"num_children": contained.len(), "children": contained, "uncompressed_size": rng.below(9_000_000)})
}
