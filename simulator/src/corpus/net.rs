//! URLs, domains and addresses. Names end in `.example`, addresses come from the documentation ranges, so that nothing
//! here can be mistaken for a real indicator.

use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::net_object;
use super::rng::Rng;
use crate::shared::hex;
use crate::yara::{Facts, NetFacts};

/// The three kinds of network location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetKind {
    Url,
    Domain,
    Ip,
}

impl NetKind {
    /// The object type.
    pub(crate) fn object_type(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Domain => "domain",
            Self::Ip => "ip_address",
        }
    }

    /// The collection its objects live in.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Url => "urls",
            Self::Domain => "domains",
            Self::Ip => "ip_addresses",
        }
    }
}

/// One made-up location.
#[derive(Debug)]
pub(crate) struct NetEntity {
    pub(crate) kind: NetKind,
    /// A URL's is the hash of the URL; the others are their own.
    pub(crate) id: String,
    pub(crate) facts: Facts,
    /// What the location answers: what a rule's strings are looked for in.
    pub(crate) body: Vec<u8>,
    attributes: OnceLock<Arc<str>>,
    seed: u64,
}

impl NetEntity {
    /// The attributes of its object, as JSON text.
    pub(crate) fn attributes(&self) -> Arc<str> {
        self.attributes.get_or_init(|| net_object::build(self, self.seed).to_string().into()).clone()
    }

    pub(crate) fn net(&self) -> &NetFacts {
        self.facts.net.as_ref().expect("every location has facts")
    }
}

/// Location number `index`: URL, domain and address in turn.
pub(super) fn make(index: usize, start_time: u64) -> NetEntity {
    let mut rng = Rng::new(index as u64 ^ 0x0E7E_7171);
    let kind = [NetKind::Url, NetKind::Domain, NetKind::Ip][index % 3];
    let domain = format!("{}-{index}.{}.example", rng.word(2), rng.word(2));
    let ip = format!("{}.{}", rng.pick(&["192.0.2", "198.51.100", "203.0.113"]), 1 + index % 250);
    let phishing = index.is_multiple_of(2);
    let page = if phishing { "login" } else { "about" };
    let url = format!("https://{domain}/{page}?id={}", rng.below(10_000));
    let body = match (kind, phishing) {
        (NetKind::Url, true) => format!("<html><title>Sign in</title><form id=\"login\" action=\"/{}\">", rng.word(3)),
        (NetKind::Url, false) => format!("<html><title>{}</title><p>{}</p></html>", rng.word(2), rng.word(9)),
        _ => String::new(),
    };
    let facts = NetFacts {
        ip: (kind != NetKind::Domain).then(|| ip.clone()),
        domain: (kind != NetKind::Ip).then(|| domain.clone()),
        url: (kind == NetKind::Url).then(|| url.clone()),
        new: index % 5 < 3,
        malicious: if phishing { 5 + rng.below(12) as i64 } else { 0 },
        country: rng.pick(&["LT", "OI", "DS", "BR"]).to_owned(),
        asn: 64_496 + rng.below(16) as i64,
        owner: format!("{} networks (made up)", rng.word(2)),
        tags: if phishing { vec!["phishing".to_owned()] } else { Vec::new() },
        title: if phishing { "Sign in".to_owned() } else { String::new() },
    };
    let id = match kind {
        NetKind::Url => hex(&Sha256::digest(url.as_bytes())),
        NetKind::Domain => domain,
        NetKind::Ip => ip,
    };
    let facts = Facts { file: None, net: Some(facts), magic: (String::new(), String::new()) };
    NetEntity { kind, id, facts, body: body.into_bytes(), attributes: OnceLock::new(), seed: index as u64 ^ start_time }
}
