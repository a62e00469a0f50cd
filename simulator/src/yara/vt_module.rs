//! The `vt` module: what VirusTotal knows about a thing, for rules that `import "vt"`.
//!
//! `vt.metadata.*` describes a file, `vt.behaviour.*` what a sandbox saw of it, `vt.net.{url,domain,ip}.*` a network
//! location. Every field of the service compiles. What does not apply to the thing scanned, or is not known about it, is
//! undefined, as in YARA: the corpus has no sandbox reports, and `permutation_of` is not evaluated. Next to it is a small
//! `magic` module, since the engine's own needs a C library.

use std::{collections::HashMap, net::IpAddr};

use boreal::module::{EvalContext, Module, ModuleData, ModuleDataMap, ScanContext, StaticValue, Type, Value};
use ipnet::IpNet;

use super::Hunt;

/// The `vt` module, as one kind of hunt has it.
#[derive(Debug)]
pub(crate) struct Vt {
    pub(crate) hunt: Hunt,
}

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

/// The fields that rules can use: what the made-up objects do not have is undefined.
const FIELDS: &str = include_str!("vt_fields.txt");
const ENUMS: &str = include_str!("vt_enums.txt");

/// The words of each line of a table, without its comments.
fn lines(table: &'static str) -> impl Iterator<Item = impl Iterator<Item = &'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(str::split_whitespace)
}

/// Every constant of every enumeration: its path below `vt`, its name and its value.
fn constants() -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    lines(ENUMS).flat_map(|mut words| {
        let path = words.next().unwrap_or_default();
        let first = words.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        words.zip(first..).map(move |(name, value)| (path, name, value))
    })
}

/// The value of a constant of `vt.FileType`.
pub(crate) fn file_type(name: &str) -> i64 {
    let mut found = constants().filter(|(path, constant, _)| (*path, *constant) == ("FileType", name));
    found.next().map(|(_, _, value)| value).expect("a constant of vt.FileType")
}

impl Vt {
    /// The type of a structure of the table.
    fn structure(&self, name: &str) -> Type {
        let mut fields = HashMap::new();
        for mut words in lines(FIELDS) {
            if words.next() != Some(name) {
                continue;
            }
            let kind = words.next().unwrap_or_default();
            fields.extend(words.map(|field| (field, self.kind(kind))));
        }
        match name {
            "FileMetadata" if self.hunt == Hunt::Retrohunt => {
                fields.remove("submitter");
            }
            "EnrichedIP" => {
                fields.insert("in_range", Type::function(vec![vec![Type::Bytes]], Type::Boolean));
            }
            "EnrichedDomain" => {
                let arguments = vec![vec![Type::Bytes], vec![Type::Bytes, Type::Integer]];
                fields.insert("permutation_of", Type::function(arguments, Type::Boolean));
            }
            _ => {}
        }
        Type::Object(fields)
    }

    fn kind(&self, name: &str) -> Type {
        match name {
            "text" => Type::Bytes,
            "int" => Type::Integer,
            "bool" => Type::Boolean,
            "map" => Type::dict(Type::Bytes),
            _ => match name.strip_suffix("[]") {
                Some(item) => Type::array(self.kind(item)),
                None => self.structure(name),
            },
        }
    }
}

impl Module for Vt {
    fn get_name(&self) -> &'static str {
        "vt"
    }

    fn get_static_values(&self) -> HashMap<&'static str, StaticValue> {
        let mut enums: HashMap<&'static str, HashMap<&'static str, StaticValue>> = HashMap::new();
        for (path, name, value) in constants() {
            let value = StaticValue::Integer(value);
            let Some((outer, inner)) = path.split_once('.') else {
                enums.entry(path).or_default().insert(name, value);
                continue;
            };
            let nested = enums.entry(outer).or_default().entry(inner);
            if let StaticValue::Object(nested) = nested.or_insert_with(|| StaticValue::Object(HashMap::new())) {
                nested.insert(name, value);
            }
        }
        enums.into_iter().map(|(name, constants)| (name, StaticValue::Object(constants))).collect()
    }

    fn get_dynamic_types(&self) -> HashMap<&'static str, Type> {
        match self.structure("vt") {
            Type::Object(fields) => fields,
            _ => HashMap::new(),
        }
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
        let address = ip.parse().ok();
        let ip = Value::object([
            ("analysis_stats", stats(net.malicious, 60, 0)),
            ("raw", text(ip)),
            ("ip_as_int", number.into()),
            ("ip_asn", net.asn.into()),
            ("ip_as_owner", text(&net.owner)),
            ("ip_country", text(&net.country)),
            ("tags", texts(&net.tags)),
            ("in_range", in_range(address)),
        ]);
        values.insert("ip", ip);
    }
    Value::Object(values)
}

/// A function: whether the address is in a network, `"192.0.2.0/24"`.
fn in_range(address: Option<IpAddr>) -> Value {
    Value::function(move |_, arguments| {
        let Ok(network) = Vec::<u8>::try_from(arguments.into_iter().next()?) else { return None };
        let network: Option<IpNet> = String::from_utf8(network).ok().and_then(|network| network.parse().ok());
        Some(network.zip(address).is_some_and(|(network, address)| network.contains(&address)).into())
    })
}

fn url_values(url: &str, net: &NetFacts) -> Value {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let port = if scheme == "https" { 443 } else { 80 };
    Value::object([
        ("analysis_stats", stats(net.malicious, 60, 0)),
        ("raw", text(url)),
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

    fn compiles(condition: &str, hunt: Hunt) -> bool {
        compile(&format!("import \"vt\" rule a {{ condition: {condition} }}"), hunt).is_ok()
    }

    fn matches(condition: &str, facts: &Facts) -> bool {
        let rules = format!("import \"vt\" import \"magic\" rule a {{ condition: {condition} }}");
        !compile(&rules, Hunt::Livehunt).expect(condition).scan(b"", facts).is_empty()
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

    #[test]
    fn every_structure_of_the_table_is_there() {
        let types = ["text", "int", "bool", "map"];
        let known: Vec<&str> = lines(FIELDS).filter_map(|mut words| words.next()).collect();
        for kind in lines(FIELDS).filter_map(|mut words| words.nth(1)) {
            let kind = kind.trim_end_matches("[]");
            assert!(types.contains(&kind) || known.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn what_is_not_known_about_a_thing_compiles_and_is_undefined() {
        let file = Facts { file: Some(FileFacts::default()), ..Facts::default() };
        for condition in [
            "for any c in vt.behaviour.command_executions : ( c contains \"made up\" )",
            "for any h in vt.behaviour.http_conversations : ( h.request_method == vt.Http.Method.POST )",
            "for any t in vt.behaviour.traits : ( t == vt.BehaviourTrait.LONG_SLEEPS )",
            "for any k in vt.behaviour.registry_keys_set : ( k.key contains \"Run\" and k.value contains \"x\" )",
            "for any name, value in vt.metadata.exiftool : ( name == \"CompanyName\" and value == \"x\" )",
            "vt.metadata.exiftool[\"CompanyName\"] == \"x\"",
            "vt.metadata.main_icon.dhash == \"x\" or vt.metadata.imphash == \"x\" or vt.metadata.tlsh == \"x\"",
            "vt.metadata.itw.domain.raw contains \"x\" or vt.metadata.goresym.build_info.path contains \"x\"",
            "vt.net.domain.https_certificate.issuer.common_name contains \"x\"",
            "vt.net.ip.jarm == \"x\" or vt.net.url.favicon.dhash == \"x\"",
            "vt.net.url.downloaded_file.file_type == vt.FileType.MSI",
            "vt.net.domain.permutation_of(\"made-up.example\", vt.Domain.Permutation.TYPO)",
        ] {
            assert!(!matches(condition, &file), "{condition}");
        }
        assert!(matches("not defined vt.behaviour.hosts_file and defined vt.metadata.file_name", &file));
    }

    #[test]
    fn what_the_service_does_not_have_does_not_compile() {
        for condition in [
            "vt.made_up",
            "vt.metadata.made_up",
            "vt.metadata.gti_assessment.verdict.value == 1",
            "vt.metadata.file_type == vt.FileType.MADE_UP",
            "vt.behaviour.command_executions contains \"x\"",
        ] {
            assert!(!compiles(condition, Hunt::Livehunt), "{condition}");
        }
    }

    #[test]
    fn the_submitter_is_known_in_livehunt_only() {
        let condition = "vt.metadata.submitter.country == \"LT\"";
        assert!(compiles(condition, Hunt::Livehunt) && !compiles(condition, Hunt::Retrohunt));
    }

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        let net = NetFacts { ip: Some("192.0.2.1".into()), ..NetFacts::default() };
        let facts = Facts { net: Some(net), ..Facts::default() };
        for (network, expected) in [("192.0.2.0/24", true), ("198.51.100.0/24", false), ("made up", false)] {
            assert_eq!(matches(&format!("vt.net.ip.in_range(\"{network}\")"), &facts), expected, "{network}");
        }
    }
}
