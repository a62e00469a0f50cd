//! The attributes of URL, domain and address objects.

use serde_json::{Value, json};

use super::engines;
use super::net::{NetEntity, NetKind};
use super::rng::Rng;

/// All attributes of one location.
pub(super) fn build(entity: &NetEntity, seed: u64) -> Value {
    let net = entity.net();
    let mut rng = Rng::new(seed);
    let engines = 95;
    let checked = 1_759_000_000 + rng.below(900_000);
    let mut attributes = json!({
        "last_analysis_date": checked,
        "last_analysis_results": engines::net_results(engines, net.malicious as usize, &mut rng),
        "last_analysis_stats": {
            "harmless": 60, "malicious": net.malicious, "suspicious": 0, "timeout": 0,
            "undetected": engines as i64 - 60 - net.malicious,
        },
        "last_modification_date": checked + 90,
        "reputation": -net.malicious,
        "tags": net.tags,
        // Like on files, the version drifts between number and text.
        "threat_severity": {
            "version": if seed.is_multiple_of(2) { json!("25") } else { json!(4) },
            "threat_severity_level": "SEVERITY_NONE", "threat_severity_data": {},
            "last_analysis_date": checked.to_string(), "level_description": "Severity from made-up detections",
        },
        "total_votes": {"harmless": rng.below(9), "malicious": rng.below(9)},
    });
    let more = match entity.kind {
        NetKind::Url => json!({
            "url": net.url, "last_final_url": net.url, "title": net.title, "last_http_response_code": 200,
            "last_http_response_content_sha256": rng.hex(64), "last_http_response_content_length": entity.body.len(),
            "last_http_response_headers": {"content-type": "text/html", "server": "made-up/1.0"},
            "first_submission_date": checked - 5_000, "last_submission_date": checked, "times_submitted": 3,
            "categories": {}, "outgoing_links": [], "has_content": false,
        }),
        NetKind::Domain => json!({
            "categories": {}, "popularity_ranks": {}, "tld": "example", "jarm": rng.hex(62),
            "last_dns_records": [{"type": "A", "ttl": 600, "value": "192.0.2.1"}, {"type": "MX", "ttl": 60, "value": "mail.example", "priority": 10}],
            "last_dns_records_date": checked, "last_https_certificate_date": checked,
            "last_https_certificate": certificate(&entity.id, &mut rng), "whois": whois(&entity.id, &mut rng),
        }),
        NetKind::Ip => json!({
            "as_owner": net.owner, "asn": net.asn, "country": net.country, "continent": "EU", "network": "192.0.2.0/24",
            "regional_internet_registry": "RIPE NCC", "jarm": rng.hex(62), "whois_date": checked,
            "last_https_certificate_date": checked, "last_https_certificate": certificate(&entity.id, &mut rng),
            "whois": whois(&entity.id, &mut rng),
        }),
    };
    if let (Value::Object(all), Value::Object(more)) = (&mut attributes, more) {
        all.extend(more);
    }
    attributes
}

fn certificate(name: &str, rng: &mut Rng) -> Value {
    json!({
        "cert_signature": {"signature_algorithm": "sha256RSA", "signature": rng.hex(512)},
        "extensions": {
            "CA": false, "subject_alternative_name": [name, format!("*.{name}")], "subject_key_identifier": rng.hex(40),
            "key_usage": ["digitalSignature", "keyEncipherment"], "extended_key_usage": ["serverAuth", "clientAuth"],
            "1.3.6.1.4.1.11129.2.4.2": rng.hex(240),
        },
        "issuer": {"C": "OI", "O": "Made Up", "CN": "Made Up TLS CA"},
        "public_key": {"algorithm": "RSA", "rsa": {"exponent": "010001", "key_size": 2048, "modulus": rng.hex(512)}},
        "serial_number": rng.hex(31), "size": 1_703, "subject": {"CN": name}, "thumbprint": rng.hex(40),
        "thumbprint_sha256": rng.hex(64), "version": "V3",
        "validity": {"not_after": "2026-01-21 23:59:59", "not_before": "2025-01-02 00:00:00"},
    })
}

fn whois(name: &str, rng: &mut Rng) -> String {
    (0..18).fold(format!("Name: {name}\n"), |text, _| format!("{text}{}: {}\n", rng.word(2), rng.word(6)))
}
