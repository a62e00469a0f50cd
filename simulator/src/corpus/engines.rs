//! The scanners, and what each says. Most of a real object's size is this.

use serde_json::{Map, Value, json};

use super::rng::Rng;

/// Those that scan files.
pub(super) const FILE_ENGINES: [&str; 72] = [
    "ALYac",
    "APEX",
    "AVG",
    "Acronis",
    "AhnLab-V3",
    "Alibaba",
    "Antiy-AVL",
    "Arcabit",
    "Avast",
    "Avast-Mobile",
    "Avira",
    "Baidu",
    "BitDefender",
    "BitDefenderFalx",
    "Bkav",
    "CAT-QuickHeal",
    "CMC",
    "CTX",
    "ClamAV",
    "CrowdStrike",
    "Cylance",
    "Cynet",
    "DeepInstinct",
    "DrWeb",
    "ESET-NOD32",
    "Elastic",
    "Emsisoft",
    "F-Secure",
    "Fortinet",
    "GData",
    "Google",
    "Gridinsoft",
    "Ikarus",
    "Jiangmin",
    "K7AntiVirus",
    "K7GW",
    "Kaspersky",
    "Kingsoft",
    "Lionic",
    "Malwarebytes",
    "MaxSecure",
    "McAfee",
    "McAfeeD",
    "MicroWorld-eScan",
    "Microsoft",
    "NANO-Antivirus",
    "Paloalto",
    "Panda",
    "Rising",
    "SUPERAntiSpyware",
    "Sangfor",
    "SentinelOne",
    "Skyhigh",
    "Sophos",
    "Symantec",
    "SymantecMobileInsight",
    "TACHYON",
    "Tencent",
    "Trapmine",
    "TrendMicro",
    "TrendMicro-HouseCall",
    "Trustlook",
    "VBA32",
    "VIPRE",
    "Varist",
    "ViRobot",
    "VirIT",
    "Webroot",
    "Xcitium",
    "Yandex",
    "Zillya",
    "huorong",
];

/// What the engines that detect a family call it.
pub(super) fn signatures(family: &str, malicious: usize) -> Vec<(String, String)> {
    FILE_ENGINES
        .iter()
        .take(malicious)
        .enumerate()
        .map(|(index, engine)| {
            let name = match index % 4 {
                0 => format!("Trojan.Sim.{family}.{index}"),
                1 => format!("Win32/{family}.A!sim"),
                2 => format!("malicious (score: {})", 60 + index),
                _ => format!("Gen:Variant.{family}.{}", index * 37),
            };
            ((*engine).to_owned(), name)
        })
        .collect()
}

/// `last_analysis_results` of a file.
pub(super) fn file_results(signatures: &[(String, String)], unsupported: usize, rng: &mut Rng) -> Value {
    let mut results = Map::new();
    for (index, engine) in FILE_ENGINES.iter().enumerate() {
        let found = signatures.iter().find(|(known, _)| known == engine).map(|(_, name)| name);
        let category = match found {
            Some(_) => "malicious",
            None if index >= FILE_ENGINES.len() - unsupported => "type-unsupported",
            None => "undetected",
        };
        // One engine never tells its version, as in the wild.
        let version =
            (*engine != "Trustlook").then(|| format!("{}.{}.{}.0", rng.below(30), rng.below(20), rng.below(9_999)));
        let result = json!({
            "method": "blacklist",
            "engine_name": engine,
            "engine_version": version,
            "engine_update": format!("2025{:02}{:02}", 1 + rng.below(9), 1 + rng.below(28)),
            "category": category,
            "result": found,
        });
        results.insert((*engine).to_owned(), result);
    }
    Value::Object(results)
}

/// `last_analysis_results` of a URL, domain or address, from that many made-up scanners.
pub(super) fn net_results(engines: usize, malicious: usize, rng: &mut Rng) -> Value {
    let mut results = Map::new();
    for index in 0..engines {
        let engine = format!("{} {}", ["Threat", "Web", "Url", "Phish", "Safe"][index % 5], rng.word(2 + index % 2));
        let (category, result) = match index {
            _ if index < malicious => ("malicious", "phishing"),
            _ if index % 3 == 0 => ("undetected", "unrated"),
            _ => ("harmless", "clean"),
        };
        let entry = json!({"method": "blacklist", "engine_name": engine, "category": category, "result": result});
        results.insert(format!("{engine} {index}"), entry);
    }
    Value::Object(results)
}
