//! The `vt` module: what VirusTotal knows about a thing, for rules that `import "vt"`.
//!
//! `vt.metadata.*` describes a file, `vt.net.{url,domain,ip}.*` a network location. What does not apply to the thing
//! scanned is undefined, as in YARA. `vt.behaviour` is not here: the corpus has no sandbox reports. Beside it stands a
//! small `magic` module, since the engine's own needs a C library.

use std::collections::HashMap;

use boreal::module::{EvalContext, Module, ModuleData, ModuleDataMap, ScanContext, StaticValue, Type, Value};

/// The `vt` module.
#[derive(Debug)]
pub(crate) struct Vt;

/// The `magic` module.
#[derive(Debug)]
pub(crate) struct Magic;

/// What is known about the thing being scanned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) file: Option<FileFacts>,
    pub(crate) net: Option<NetFacts>,
    /// What `file` says of it, and its media type.
    pub(crate) magic: (String, String),
}

/// About a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileFacts {
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) file_type: i64,
    pub(crate) type_tags: Vec<String>,
    pub(crate) md5: String,
    pub(crate) sha1: String,
    pub(crate) sha256: String,
    pub(crate) new_file: bool,
    pub(crate) malicious: i64,
    pub(crate) undetected: i64,
    pub(crate) unsupported: i64,
    pub(crate) first_submission: u64,
    pub(crate) last_submission: u64,
    pub(crate) times_submitted: i64,
    pub(crate) unique_sources: i64,
    pub(crate) tags: Vec<String>,
    pub(crate) signatures: Vec<(String, String)>,
    pub(crate) country: String,
    pub(crate) goodware: bool,
    pub(crate) family: String,
    pub(crate) vhash: String,
}

/// About a network location. A URL has all of it, a domain its domain, an address its address.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetFacts {
    pub(crate) url: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) new: bool,
    pub(crate) malicious: i64,
    pub(crate) country: String,
    pub(crate) asn: i64,
    pub(crate) owner: String,
    pub(crate) tags: Vec<String>,
    pub(crate) title: String,
}

/// The names of `vt.FileType`, in the order of their numbers.
pub(crate) const FILE_TYPES: [&str; 12] =
    ["UNKNOWN", "PE_EXE", "PE_DLL", "ELF", "PDF", "ZIP", "DOC", "XLS", "JAVASCRIPT", "POWERSHELL", "HTML", "ANDROID"];

const STATS: [&str; 7] =
    ["failure", "harmless", "malicious", "suspicious", "timeout", "type_unsupported", "undetected"];

impl Module for Vt {
    fn get_name(&self) -> &'static str {
        "vt"
    }

    fn get_static_values(&self) -> HashMap<&'static str, StaticValue> {
        let types = FILE_TYPES.iter().enumerate().map(|(number, name)| (*name, StaticValue::Integer(number as i64)));
        [("FileType", StaticValue::Object(types.collect()))].into()
    }

    fn get_dynamic_types(&self) -> HashMap<&'static str, Type> {
        let texts = || Type::array(Type::Bytes);
        let stats = || Type::Object(STATS.iter().map(|name| (*name, Type::Integer)).collect());
        let metadata = Type::object([
            ("analysis_stats", stats()),
            ("file_name", Type::Bytes),
            ("file_size", Type::Integer),
            ("file_type", Type::Integer),
            ("file_type_tags", texts()),
            ("first_submission_date", Type::Integer),
            ("last_submission_date", Type::Integer),
            ("goodware", Type::Boolean),
            ("magic", Type::Bytes),
            ("malware_families", texts()),
            ("md5", Type::Bytes),
            ("sha1", Type::Bytes),
            ("sha256", Type::Bytes),
            ("vhash", Type::Bytes),
            ("new_file", Type::Boolean),
            ("signatures", Type::dict(Type::Bytes)),
            ("subfile", Type::Boolean),
            ("submitter", Type::object([("city", Type::Bytes), ("country", Type::Bytes)])),
            ("tags", texts()),
            ("times_submitted", Type::Integer),
            ("unique_sources", Type::Integer),
        ]);
        let url = Type::object([
            ("analysis_stats", stats()),
            ("raw", Type::Bytes),
            ("scheme", Type::Bytes),
            ("hostname", Type::Bytes),
            ("port", Type::Integer),
            ("path", Type::Bytes),
            ("query", Type::Bytes),
            ("html_title", Type::Bytes),
            ("response_code", Type::Integer),
            ("new_url", Type::Boolean),
            ("tags", texts()),
        ]);
        let domain = Type::object([
            ("analysis_stats", stats()),
            ("raw", Type::Bytes),
            ("root", Type::Bytes),
            ("new_domain", Type::Boolean),
            ("tags", texts()),
        ]);
        let ip = Type::object([
            ("analysis_stats", stats()),
            ("raw", Type::Bytes),
            ("ip_as_int", Type::Integer),
            ("ip_asn", Type::Integer),
            ("ip_as_owner", Type::Bytes),
            ("ip_country", Type::Bytes),
            ("tags", texts()),
        ]);
        [("metadata", metadata), ("net", Type::object([("url", url), ("domain", domain), ("ip", ip)]))].into()
    }

    fn get_dynamic_values(&self, ctx: &mut ScanContext<'_, '_, '_>, out: &mut HashMap<&'static str, Value>) {
        let Some(facts) = user_facts::<Self>(ctx.module_data) else { return };
        if let Some(file) = &facts.file {
            out.insert("metadata", metadata(file, &facts.magic.0));
        }
        if let Some(net) = &facts.net {
            out.insert("net", net_values(net));
        }
    }
}

impl ModuleData for Vt {
    type PrivateData = ();
    type UserData = Facts;
}

fn user_facts<'a, M>(data: &'a ModuleDataMap<'_>) -> Option<&'a Facts>
where
    M: ModuleData<UserData = Facts> + 'static,
{
    data.get_user_data::<M>()
}

fn text(value: &str) -> Value {
    Value::bytes(value.as_bytes())
}

fn texts(values: &[String]) -> Value {
    Value::Array(values.iter().map(|value| text(value)).collect())
}

fn stats(malicious: i64, undetected: i64, unsupported: i64) -> Value {
    Value::object([
        ("failure", 0.into()),
        ("harmless", 0.into()),
        ("malicious", malicious.into()),
        ("suspicious", 0.into()),
        ("timeout", 0.into()),
        ("type_unsupported", unsupported.into()),
        ("undetected", undetected.into()),
    ])
}

fn metadata(file: &FileFacts, magic: &str) -> Value {
    let signatures = file.signatures.iter().map(|(engine, found)| (engine.clone().into_bytes(), text(found)));
    let families = if file.family.is_empty() { Vec::new() } else { vec![file.family.clone()] };
    Value::object([
        ("analysis_stats", stats(file.malicious, file.undetected, file.unsupported)),
        ("file_name", text(&file.name)),
        ("file_size", (file.size as i64).into()),
        ("file_type", file.file_type.into()),
        ("file_type_tags", texts(&file.type_tags)),
        ("first_submission_date", (file.first_submission as i64).into()),
        ("last_submission_date", (file.last_submission as i64).into()),
        ("goodware", file.goodware.into()),
        ("magic", text(magic)),
        ("malware_families", texts(&families)),
        ("md5", text(&file.md5)),
        ("sha1", text(&file.sha1)),
        ("sha256", text(&file.sha256)),
        ("vhash", text(&file.vhash)),
        ("new_file", file.new_file.into()),
        ("signatures", Value::Dictionary(signatures.collect())),
        ("subfile", false.into()),
        ("submitter", Value::object([("city", text("simcity")), ("country", text(&file.country))])),
        ("tags", texts(&file.tags)),
        ("times_submitted", file.times_submitted.into()),
        ("unique_sources", file.unique_sources.into()),
    ])
}

fn net_values(net: &NetFacts) -> Value {
    let mut values = HashMap::new();
    if let Some(url) = &net.url {
        values.insert("url", url_values(url, net));
    }
    if let Some(domain) = &net.domain {
        // The last two labels: good enough for made-up domains.
        let root = domain.rsplit('.').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(".");
        let domain = Value::object([
            ("analysis_stats", stats(net.malicious, 60, 0)),
            ("raw", text(domain)),
            ("root", text(&root)),
            ("new_domain", net.new.into()),
            ("tags", texts(&net.tags)),
        ]);
        values.insert("domain", domain);
    }
    if let Some(ip) = &net.ip {
        let number = ip.split('.').filter_map(|part| part.parse::<i64>().ok()).fold(0, |sum, part| sum << 8 | part);
        let ip = Value::object([
            ("analysis_stats", stats(net.malicious, 60, 0)),
            ("raw", text(ip)),
            ("ip_as_int", number.into()),
            ("ip_asn", net.asn.into()),
            ("ip_as_owner", text(&net.owner)),
            ("ip_country", text(&net.country)),
            ("tags", texts(&net.tags)),
        ]);
        values.insert("ip", ip);
    }
    Value::Object(values)
}

fn url_values(url: &str, net: &NetFacts) -> Value {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let port = if scheme == "https" { 443 } else { 80 };
    Value::object([
        ("analysis_stats", stats(net.malicious, 60, 0)),
        ("raw", text(url)),
        ("scheme", text(scheme)),
        ("hostname", text(host)),
        ("port", port.into()),
        ("path", text(path)),
        ("query", text(query)),
        ("html_title", text(&net.title)),
        ("response_code", 200.into()),
        ("new_url", net.new.into()),
        ("tags", texts(&net.tags)),
    ])
}

impl Module for Magic {
    fn get_name(&self) -> &'static str {
        "magic"
    }

    fn get_static_values(&self) -> HashMap<&'static str, StaticValue> {
        let function = |call| StaticValue::function(call, vec![vec![]], Type::Bytes);
        [("type", function(Self::file_type)), ("mime_type", function(Self::mime_type))].into()
    }
}

impl ModuleData for Magic {
    type PrivateData = ();
    type UserData = Facts;
}

impl Magic {
    fn file_type(ctx: &mut EvalContext<'_, '_, '_>, _: Vec<Value>) -> Option<Value> {
        user_facts::<Self>(ctx.module_data).map(|facts| text(&facts.magic.0))
    }

    fn mime_type(ctx: &mut EvalContext<'_, '_, '_>, _: Vec<Value>) -> Option<Value> {
        user_facts::<Self>(ctx.module_data).map(|facts| text(&facts.magic.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yara::compile;

    fn matches(condition: &str, facts: &Facts) -> bool {
        let rules = format!("import \"vt\" import \"magic\" rule a {{ condition: {condition} }}");
        !compile(&rules).expect(condition).scan(b"", facts).is_empty()
    }

    #[test]
    fn rules_see_the_documented_fields_of_a_file() {
        let file = FileFacts {
            size: 10,
            file_type: 1,
            malicious: 30,
            new_file: true,
            country: "LT".into(),
            tags: vec!["peexe".into()],
            signatures: vec![("Kaspersky".into(), "Trojan.Sim".into())],
            ..FileFacts::default()
        };
        let facts = Facts { file: Some(file), magic: ("PE32".into(), "application/x-dosexec".into()), net: None };
        assert!(matches("vt.metadata.new_file and vt.metadata.file_size == 10", &facts));
        assert!(matches("vt.metadata.file_type == vt.FileType.PE_EXE", &facts));
        assert!(matches("for any tag in vt.metadata.tags : ( tag == \"peexe\" )", &facts));
        assert!(matches("for any engine, found in vt.metadata.signatures : ( found contains \"Trojan\" )", &facts));
        assert!(matches("vt.metadata.submitter.country == \"LT\" and magic.type() contains \"PE32\"", &facts));
        assert!(!matches("vt.net.url.raw contains \"x\"", &facts));
    }

    #[test]
    fn rules_see_the_documented_fields_of_a_url() {
        let net = NetFacts {
            url: Some("https://a.b.example/login?x=1".into()),
            domain: Some("a.b.example".into()),
            ip: Some("192.0.2.1".into()),
            ..NetFacts::default()
        };
        let facts = Facts { net: Some(net), ..Facts::default() };
        assert!(matches("vt.net.url.path == \"/login\" and vt.net.url.query == \"x=1\"", &facts));
        assert!(matches("vt.net.domain.root == \"b.example\" and vt.net.ip.ip_as_int == 0xC0000201", &facts));
    }
}
