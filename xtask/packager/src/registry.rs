//! Components and WIT packages to and from OCI registries, in the layout of the CNCF's Wasm OCI artifact: one layer
//! `application/wasm`, the configuration `application/vnd.wasm.config.v0+json`. Every client of that layout can pull them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SecondsFormat};
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use oci_wasm::{WasmClient, WasmConfig};

use crate::sums;

/// What `wkg` takes as well.
const USER: &str = "WKG_OCI_USERNAME";
const PASSWORD: &str = "WKG_OCI_PASSWORD";

/// A registry that is silent for this long has failed.
const SILENCE: Duration = Duration::from_secs(60);

/// Pushes `file` and gives back `sha256:…`, the digest of the manifest under which it can be pulled for ever. The same
/// file and timestamp give the same digest.
pub(crate) fn push(file: &Path, reference: &str, timestamp: Option<i64>, plain_http: bool) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let created = DateTime::from_timestamp(timestamp.unwrap_or(0), 0).context("the timestamp is out of range")?;
    let annotations = annotations(&bytes, timestamp.map(|_| created.to_rfc3339_opts(SecondsFormat::Secs, true)))
        .with_context(|| format!("cannot read the metadata of {}", file.display()))?;
    let (mut config, layer) = WasmConfig::from_raw_component(bytes, None)
        .with_context(|| format!("{} is neither a component nor a WIT package", file.display()))?;
    config.created = created;
    if let Some(component) = &mut config.component {
        // The library lists what a WIT package has in no order.
        component.exports.sort();
        component.imports.sort();
    }
    let reference = parse(reference)?;
    block_on(async {
        let client = client(plain_http);
        let annotations = (!annotations.is_empty()).then_some(annotations);
        let pushed = client.push(&reference, &authentication()?, layer, config, annotations).await;
        let pushed = pushed.with_context(|| format!("cannot push to {reference}"))?;
        // The registry answers with where the manifest is; the digest is what names it.
        let digest = client.fetch_manifest_digest(&reference, &authentication()?).await;
        digest.with_context(|| format!("pushed to {}, but its digest cannot be read", pushed.manifest_url))
    })
}

/// Pulls the one layer of `reference` into `file` and gives back the digest of its manifest. What comes is held to the
/// digests that the manifest has, and to the one in `reference` if it has one.
pub(crate) fn pull(reference: &str, file: &Path, plain_http: bool) -> Result<String> {
    let reference = parse(reference)?;
    block_on(async {
        let client = client(plain_http);
        let image = client.pull(&reference, &authentication()?).await;
        let image = image.with_context(|| format!("cannot pull {reference}"))?;
        let digest = image.digest.context("the registry said no digest")?;
        if let Some(wanted) = reference.digest() {
            ensure!(wanted == digest, "{reference} was answered with {digest}");
        }
        let manifest = image.manifest.context("the registry sent no manifest")?;
        let layer = image.layers.first().context("the artifact has no layer")?;
        let (sum, wanted) = (sums::hexadecimal(&layer.data), manifest.layers.first().map(|layer| layer.digest.clone()));
        ensure!(wanted == Some(format!("sha256:{sum}")), "the layer of {reference} is not what its manifest says");
        fs::write(file, &layer.data).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(digest)
    })
}

/// What the file says about itself, under the names that registries show.
fn annotations(bytes: &[u8], created: Option<String>) -> Result<BTreeMap<String, String>> {
    let payload = wasm_metadata::Payload::from_binary(bytes)?;
    let metadata = payload.metadata();
    let said = [
        ("title", metadata.name.clone()),
        ("description", metadata.description.as_ref().map(ToString::to_string)),
        ("version", metadata.version.as_ref().map(ToString::to_string)),
        ("licenses", metadata.licenses.as_ref().map(ToString::to_string)),
        ("source", metadata.source.as_ref().map(ToString::to_string)),
        ("revision", metadata.revision.as_ref().map(ToString::to_string)),
        ("created", created),
    ];
    let said = said.into_iter().filter_map(|(key, value)| Some((key, value?)));
    Ok(said.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)).collect())
}

fn parse(reference: &str) -> Result<Reference> {
    reference.parse().with_context(|| format!("`{reference}` is no reference such as HOST/NAMESPACE/NAME:TAG"))
}

fn client(plain_http: bool) -> WasmClient {
    // Two providers would be an error, and there is only this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    WasmClient::new(Client::new(ClientConfig {
        protocol: if plain_http { ClientProtocol::Http } else { ClientProtocol::Https },
        read_timeout: Some(SILENCE),
        connect_timeout: Some(SILENCE),
        ..ClientConfig::default()
    }))
}

fn authentication() -> Result<RegistryAuth> {
    match (std::env::var(USER), std::env::var(PASSWORD)) {
        (Ok(user), Ok(password)) => Ok(RegistryAuth::Basic(user, password)),
        (Err(_), Err(_)) => Ok(RegistryAuth::Anonymous),
        _ => anyhow::bail!("only one of {USER} and {PASSWORD} is set; logging in takes both"),
    }
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_says_about_itself_becomes_its_annotations() -> Result<()> {
        let mut metadata = wasm_metadata::AddMetadata::default();
        metadata.name = wasm_metadata::AddMetadataField::Set("thing".to_owned());
        metadata.version = wasm_metadata::AddMetadataField::Set(wasm_metadata::Version::new("1.2.3"));
        let wasm = metadata.to_wasm(b"\0asm\x0d\0\x01\0")?;
        let annotations = annotations(&wasm, None)?;
        assert_eq!(annotations.get("org.opencontainers.image.title").map(String::as_str), Some("thing"));
        assert_eq!(annotations.get("org.opencontainers.image.version").map(String::as_str), Some("1.2.3"));
        assert_eq!(annotations.len(), 2);
        Ok(())
    }

    #[test]
    fn a_reference_that_is_none_is_refused_by_name() {
        assert!(parse("not a reference").is_err_and(|error| format!("{error:#}").contains("not a reference")));
    }
}
