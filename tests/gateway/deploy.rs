//! The manifests in `gateway/deploy/`: no field that its format does not have, and what they say agrees with each other, with
//! the documentation, and with what this repository builds. The platforms themselves do not run here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::program;

/// The files, which are all there are.
const FILES: [&str; 5] = ["kubernetes.yaml", "spin.toml", "spinkube.yaml", "vt-hunting.service", "wasmcloud.yaml"];
/// The one place that the component has to reach.
const API: &str = "https://www.virustotal.com";
/// What must not stand in a manifest.
const SECRETS: [&str; 2] = ["GATEWAY_TOKEN", "VT_APIKEY"];
const NAME: &str = "virustotal-hunting-gateway";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn text(file: &str) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(file: &str) -> String {
    text(&format!("gateway/deploy/{file}"))
}

fn documents(file: &str) -> Vec<Value> {
    let text = manifest(file);
    let documents = serde_yaml_ng::Deserializer::from_str(&text);
    documents.map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{file}: {error}"))).collect()
}

/// What a value may look like. A format's fields are those that its documentation lists.
enum Shape {
    /// A text that is not empty.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// Names of one's own, texts as values.
    Texts,
    /// A list.
    List(Box<Shape>),
    /// Names of one's own.
    Map(Box<Shape>),
    /// Fields: name, whether it has to be there, shape.
    Fields(Vec<(&'static str, bool, Shape)>),
}
use Shape::{Fields, Flag, List, Map, Number, Text, Texts};

fn list(shape: Shape) -> Shape {
    List(Box::new(shape))
}

impl Shape {
    /// Whether a value looks like this; what does not is named.
    fn hold(&self, value: &Value, at: &str) -> Result<(), String> {
        let fits = match self {
            Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Number => value.is_u64(),
            Flag => value.is_boolean(),
            Texts => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            List(of) => {
                let items = value.as_array().ok_or_else(|| format!("{at} is no list"))?;
                items.iter().enumerate().try_for_each(|(index, item)| of.hold(item, &format!("{at}[{index}]")))?;
                !items.is_empty()
            }
            Map(of) => {
                let map = value.as_object().ok_or_else(|| format!("{at} is no map"))?;
                map.iter().try_for_each(|(name, value)| of.hold(value, &format!("{at}.{name}")))?;
                !map.is_empty()
            }
            Fields(fields) => {
                let map = value.as_object().ok_or_else(|| format!("{at} is no map"))?;
                for (name, value) in map {
                    let field = fields.iter().find(|(field, ..)| field == name);
                    let (.., shape) = field.ok_or_else(|| format!("{at} has no field `{name}`"))?;
                    shape.hold(value, &format!("{at}.{name}"))?;
                }
                for (name, required, _) in fields {
                    if *required && !map.contains_key(*name) {
                        return Err(format!("{at} lacks `{name}`"));
                    }
                }
                true
            }
        };
        if fits { Ok(()) } else { Err(format!("{at} cannot be {value}")) }
    }

    fn assert(&self, value: &Value, file: &str) {
        self.hold(value, file).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Spin's manifest, version 2.
fn spin() -> Shape {
    let variable = vec![
        ("description", false, Text),
        ("default", false, Text),
        ("required", false, Flag),
        ("secret", false, Flag),
    ];
    let component = vec![
        ("description", false, Text),
        ("source", true, Text),
        ("files", false, list(Text)),
        ("exclude_files", false, list(Text)),
        ("allowed_outbound_hosts", false, list(Text)),
        ("key_value_stores", false, list(Text)),
        ("environment", false, Texts),
        ("variables", false, Texts),
    ];
    let application = vec![
        ("name", true, Text),
        ("version", false, Text),
        ("description", false, Text),
        ("authors", false, list(Text)),
    ];
    Fields(vec![
        ("spin_manifest_version", true, Number),
        ("application", true, Fields(application)),
        ("variables", false, Map(Box::new(Fields(variable)))),
        (
            "trigger",
            true,
            Fields(vec![("http", true, list(Fields(vec![("route", true, Text), ("component", true, Text)])))]),
        ),
        ("component", true, Map(Box::new(Fields(component)))),
    ])
}

/// A Kubernetes object with this `spec` (or what it has in its place).
fn object(field: &'static str, shape: Shape) -> Shape {
    let metadata = vec![("name", true, Text), ("namespace", false, Text), ("labels", false, Texts)];
    let mut fields = vec![("apiVersion", true, Text), ("kind", true, Text), ("metadata", true, Fields(metadata))];
    fields.push((field, true, shape));
    if field == "stringData" {
        fields.push(("type", true, Text));
    }
    Fields(fields)
}

fn named() -> Shape {
    Fields(vec![("name", true, Text)])
}

fn resources() -> Shape {
    Fields(vec![("requests", false, Texts), ("limits", false, Texts)])
}

/// SpinKube's `SpinApp`, `core.spinkube.dev/v1alpha1`.
fn spin_app() -> Shape {
    let probe = || {
        Fields(vec![
            ("httpGet", true, Fields(vec![("path", true, Text)])),
            ("initialDelaySeconds", false, Number),
            ("timeoutSeconds", false, Number),
            ("periodSeconds", false, Number),
            ("successThreshold", false, Number),
            ("failureThreshold", false, Number),
        ])
    };
    let spec = vec![
        ("executor", true, Text),
        ("image", true, Text),
        ("imagePullSecrets", false, list(named())),
        ("checks", false, Fields(vec![("readiness", false, probe()), ("liveness", false, probe())])),
        ("replicas", false, Number),
        ("enableAutoscaling", false, Flag),
        ("resources", false, resources()),
        ("components", false, list(Text)),
        ("serviceAccountName", false, Text),
        ("podLabels", false, Texts),
    ];
    object("spec", Fields(spec))
}

/// wasmCloud's `WorkloadDeployment`, `runtime.wasmcloud.dev/v1alpha1`.
fn workload_deployment() -> Shape {
    let environment =
        vec![("config", false, Texts), ("configFrom", false, list(named())), ("secretFrom", false, list(named()))];
    let local = vec![
        ("allowedHosts", false, list(Text)),
        ("allowedIpNameLookups", false, list(Text)),
        ("config", false, Texts),
        ("environment", false, Fields(environment)),
    ];
    let component = vec![
        ("name", true, Text),
        ("image", true, Text),
        ("imagePullPolicy", false, Text),
        ("imagePullSecret", false, named()),
        ("localResources", false, Fields(local)),
    ];
    let interface = vec![
        ("namespace", true, Text),
        ("package", true, Text),
        ("interfaces", true, list(Text)),
        ("version", false, Text),
        ("name", false, Text),
        ("config", false, Texts),
    ];
    let workload = vec![
        ("components", true, list(Fields(component))),
        ("hostInterfaces", false, list(Fields(interface))),
        ("hostSelector", false, Texts),
        ("hostId", false, Text),
        ("environment", false, Text),
    ];
    let template = vec![("spec", true, Fields(workload)), ("labels", false, Texts), ("annotations", false, Texts)];
    let spec = vec![("replicas", false, Number), ("deployPolicy", false, Text), ("template", true, Fields(template))];
    object("spec", Fields(spec))
}

/// Kubernetes' `Deployment`, as far as it is used.
fn deployment() -> Shape {
    let probe = || Fields(vec![("httpGet", true, Fields(vec![("path", true, Text), ("port", true, Text)]))]);
    let security = vec![
        ("allowPrivilegeEscalation", true, Flag),
        ("capabilities", true, Fields(vec![("drop", true, list(Text))])),
        ("readOnlyRootFilesystem", true, Flag),
        ("runAsNonRoot", true, Flag),
        ("runAsUser", true, Number),
        ("seccompProfile", true, Fields(vec![("type", true, Text)])),
    ];
    let container = vec![
        ("name", true, Text),
        ("image", true, Text),
        ("command", true, list(Text)),
        ("env", true, list(Fields(vec![("name", true, Text), ("value", true, Text)]))),
        ("envFrom", true, list(Fields(vec![("secretRef", true, named())]))),
        ("ports", true, list(Fields(vec![("name", true, Text), ("containerPort", true, Number)]))),
        ("livenessProbe", true, probe()),
        ("readinessProbe", true, probe()),
        ("resources", true, resources()),
        ("securityContext", true, Fields(security)),
    ];
    let pod = vec![
        ("automountServiceAccountToken", true, Flag),
        ("terminationGracePeriodSeconds", true, Number),
        ("containers", true, list(Fields(container))),
    ];
    let template = vec![("metadata", true, Fields(vec![("labels", true, Texts)])), ("spec", true, Fields(pod))];
    object(
        "spec",
        Fields(vec![
            ("replicas", true, Number),
            ("selector", true, Fields(vec![("matchLabels", true, Texts)])),
            ("template", true, Fields(template)),
        ]),
    )
}

fn service() -> Shape {
    let port = vec![("name", true, Text), ("port", true, Number), ("targetPort", true, Text)];
    object("spec", Fields(vec![("selector", true, Texts), ("ports", true, list(Fields(port)))]))
}

/// Checks the secret: both are there, and neither is filled in. Gives its name.
fn secret(document: &Value, file: &str) -> Value {
    object("stringData", Texts).assert(document, file);
    assert_eq!((&document["apiVersion"], &document["kind"]), (&json!("v1"), &json!("Secret")));
    assert_eq!(document["stringData"], json!({"VT_APIKEY": "", "GATEWAY_TOKEN": ""}), "{file}");
    document["metadata"]["name"].clone()
}

/// The variables that one of these parts reads.
fn is_documented(name: &str) -> bool {
    let row = format!("| `{name}` |");
    let other = format!("`{name}`");
    [text("docs/configuration.md"), text("gateway/README.md")].iter().any(|text| text.contains(&row))
        || (name.starts_with("VT_HUNTING_") && text("docs/serverless.md").contains(&other))
}

#[test]
fn there_is_no_manifest_that_is_not_looked_at() {
    let folder = std::fs::read_dir(root().join("gateway/deploy")).expect("the folder");
    let files: BTreeSet<String> =
        folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    assert_eq!(files, FILES.map(str::to_owned).into());
    let documentation = text("docs/serverless.md");
    for file in FILES {
        assert!(documentation.contains(&format!("gateway/deploy/{file}")), "docs/serverless.md lacks {file}");
    }
}

#[test]
fn a_field_that_a_format_does_not_have_is_found() {
    let mut spin_app_with = documents("spinkube.yaml").remove(0);
    spin_app_with["spec"]["image_pull_secrets"] = json!([]);
    let error = spin_app().hold(&spin_app_with, "spinkube.yaml").expect_err("it is none");
    assert_eq!(error, "spinkube.yaml.spec has no field `image_pull_secrets`");
    let mut without = documents("wasmcloud.yaml").remove(1);
    without["spec"]["template"]["spec"]["components"][0].as_object_mut().expect("a map").remove("image");
    let error = workload_deployment().hold(&without, "w").expect_err("it is needed");
    assert_eq!(error, "w.spec.template.spec.components[0] lacks `image`");
}

#[test]
fn spin_runs_the_built_gateway_and_lets_it_reach_virustotal_alone() {
    let manifest: toml::Table = manifest("spin.toml").parse().expect("TOML");
    let manifest = serde_json::to_value(manifest).expect("values");
    spin().assert(&manifest, "spin.toml");
    assert_eq!(manifest["spin_manifest_version"], 2);
    assert_eq!(manifest["application"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["trigger"]["http"], json!([{"route": "/...", "component": NAME}]));
    let component = &manifest["component"][NAME];
    let source = Path::new("gateway/deploy").join(component["source"].as_str().expect("text"));
    assert_eq!(source, Path::new("gateway/deploy/../../target/components").join(format!("{NAME}.wasm")));
    assert_eq!(component["allowed_outbound_hosts"], json!([format!("{API}:443")]));
    let environment = component["environment"].as_object().expect("a map");
    assert_eq!(environment["VT_URL"], API);
    for name in environment.keys() {
        assert!(is_documented(name) && !SECRETS.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn spinkube_runs_that_application_from_a_registry_that_asks_who_pulls() {
    let [document] = &documents("spinkube.yaml")[..] else { panic!("one document") };
    spin_app().assert(document, "spinkube.yaml");
    assert_eq!((&document["apiVersion"], &document["kind"]), (&json!("core.spinkube.dev/v1alpha1"), &json!("SpinApp")));
    let spec = &document["spec"];
    assert_eq!(spec["image"], format!("REGISTRY/{NAME}-app:{}", env!("CARGO_PKG_VERSION")));
    assert_eq!(spec["imagePullSecrets"], json!([{"name": "registry-login"}]));
    for check in ["liveness", "readiness"] {
        assert_eq!(spec["checks"][check]["httpGet"]["path"], "/healthz");
    }
}

#[test]
fn wasmcloud_gives_the_component_its_secrets_and_virustotal_alone() {
    let [first, document] = &documents("wasmcloud.yaml")[..] else { panic!("two documents") };
    let secret = secret(first, "wasmcloud.yaml");
    workload_deployment().assert(document, "wasmcloud.yaml");
    assert_eq!(document["apiVersion"], "runtime.wasmcloud.dev/v1alpha1");
    assert_eq!(document["kind"], "WorkloadDeployment");
    let workload = &document["spec"]["template"]["spec"];
    let [interface] = &workload["hostInterfaces"].as_array().expect("a list")[..] else { panic!("one interface") };
    assert_eq!((&interface["namespace"], &interface["package"]), (&json!("wasi"), &json!("http")));
    assert_eq!(interface["interfaces"], json!(["incoming-handler", "outgoing-handler"]));
    let [component] = &workload["components"].as_array().expect("a list")[..] else { panic!("one component") };
    assert_eq!(component["image"], format!("REGISTRY/{NAME}:{}", env!("CARGO_PKG_VERSION")));
    let local = &component["localResources"];
    assert_eq!(local["allowedHosts"], json!([API]));
    assert_eq!(local["environment"]["secretFrom"], json!([{"name": secret}]));
    let config = local["environment"]["config"].as_object().expect("a map");
    assert_eq!(config["VT_URL"], API);
    assert!(config.keys().all(|name| is_documented(name) && !SECRETS.contains(&name.as_str())), "{config:?}");
}

#[test]
fn kubernetes_runs_the_command_line_with_flags_that_it_has() {
    let [first, document, third] = &documents("kubernetes.yaml")[..] else { panic!("three documents") };
    let secret = secret(first, "kubernetes.yaml");
    deployment().assert(document, "kubernetes.yaml");
    service().assert(third, "kubernetes.yaml");
    assert_eq!((&document["apiVersion"], &document["kind"]), (&json!("apps/v1"), &json!("Deployment")));
    assert_eq!((&third["apiVersion"], &third["kind"]), (&json!("v1"), &json!("Service")));
    let spec = &document["spec"];
    let labels = &spec["template"]["metadata"]["labels"];
    assert_eq!((labels, labels), (&spec["selector"]["matchLabels"], &third["spec"]["selector"]));
    let container = &spec["template"]["spec"]["containers"][0];
    assert_eq!(container["envFrom"], json!([{"secretRef": {"name": secret}}]));
    for variable in container["env"].as_array().expect("a list") {
        let name = variable["name"].as_str().expect("text");
        assert!(is_documented(name) && !SECRETS.contains(&name), "{name}");
    }
    let command: Vec<&str> =
        container["command"].as_array().expect("a list").iter().map(|word| word.as_str().expect("text")).collect();
    let grace = takes(&command);
    assert_eq!(spec["template"]["spec"]["terminationGracePeriodSeconds"], grace + 5);
    let port = container["ports"][0]["containerPort"].as_u64().expect("a number");
    assert!(command.contains(&&*format!("0.0.0.0:{port}")), "{command:?}");
}

/// The command line takes this command; its grace in seconds.
fn takes(command: &[&str]) -> u64 {
    let [program, words @ ..] = command else { panic!("no command") };
    assert_eq!(Path::new(program).file_name(), Some("vt-hunting".as_ref()));
    assert_eq!(words[0], "serve");
    // It stops at what it lacks here: everything before was read.
    let said = program::run(words, &[("VT_APIKEY", crate::support::KEY)], "");
    assert_eq!(said.code, 11, "{}", said.stderr);
    assert!(said.stderr.contains("MissingToken"), "{}", said.stderr);
    let grace = words.iter().position(|word| *word == "--grace").expect("it is given");
    words[grace + 1].parse().expect("a number")
}

#[test]
fn systemd_runs_the_command_line_on_loopback_with_its_secrets_from_a_file() {
    let unit = manifest("vt-hunting.service");
    let mut section = "";
    let mut settings = Vec::new();
    for line in unit.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line} is no setting"));
            settings.push((section, name, value));
        }
    }
    // systemd.unit(5), systemd.exec(5), systemd.service(5).
    let known: &[(&str, &[&str])] = &[
        ("Unit", &["Description", "Wants", "After"]),
        (
            "Service",
            &[
                "EnvironmentFile",
                "Environment",
                "ExecStart",
                "TimeoutStopSec",
                "Restart",
                "DynamicUser",
                "CacheDirectory",
                "CacheDirectoryMode",
                "CapabilityBoundingSet",
                "LockPersonality",
                "NoNewPrivileges",
                "PrivateDevices",
                "PrivateTmp",
                "ProtectHome",
                "ProtectKernelModules",
                "ProtectKernelTunables",
                "ProtectSystem",
                "RestrictAddressFamilies",
                "RestrictNamespaces",
                "UMask",
            ],
        ),
        ("Install", &["WantedBy"]),
    ];
    for (section, name, _) in &settings {
        let names = known.iter().find(|(known, _)| known == section).unwrap_or_else(|| panic!("[{section}]")).1;
        assert!(names.contains(name), "[{section}] has no {name}");
    }
    let values = |name: &str| -> Vec<&str> {
        settings.iter().filter(|(_, other, _)| *other == name).map(|(.., value)| *value).collect()
    };
    for variable in values("Environment") {
        let (name, _) = variable.split_once('=').expect("a variable");
        assert!(is_documented(name) && !SECRETS.contains(&name), "{name}");
    }
    assert!(text("docs/serverless.md").contains(values("EnvironmentFile")[0]));
    let [start] = values("ExecStart")[..] else { panic!("one command") };
    let command: Vec<&str> = start.split(' ').collect();
    assert!(command.contains(&"127.0.0.1:8080"));
    assert_eq!(values("TimeoutStopSec"), [(takes(&command) + 5).to_string()]);
}
