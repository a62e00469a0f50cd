//! What a published file says about itself, in the custom sections that registries and `wasm-tools metadata` read.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_metadata::{AddMetadata, AddMetadataField, Description, Licenses, Payload, Revision, Source, Version};

use super::manifest::Crate;
use super::origin::Origin;

/// Name, version, description, licence, and where it comes from as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) license: String,
    pub(crate) source: Option<String>,
    pub(crate) revision: Option<String>,
}

impl Label {
    /// From a manifest; the manifest's `repository` goes before what the command line says.
    pub(crate) fn of(krate: &Crate, origin: &Origin) -> Self {
        let repository = Some(krate.repository.clone()).filter(|url| !url.is_empty());
        Self {
            name: krate.name.clone(),
            version: krate.version.clone(),
            description: krate.description.clone(),
            license: krate.license.clone(),
            source: repository.or_else(|| origin.source.clone()),
            revision: origin.revision.clone(),
        }
    }

    /// The same about something else.
    pub(super) fn renamed(&self, name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), ..self.clone() }
    }

    /// `wasm` with these sections; what it does is the same.
    pub(crate) fn put_on(&self, wasm: &[u8]) -> Result<Vec<u8>> {
        let mut add = AddMetadata::default();
        add.name = AddMetadataField::Set(self.name.clone());
        add.version = AddMetadataField::Set(Version::new(self.version.clone()));
        add.description = AddMetadataField::Set(Description::new(self.description.clone()));
        add.licenses = AddMetadataField::Set(
            Licenses::new(&self.license).with_context(|| format!("the licence `{}` of {}", self.license, self.name))?,
        );
        if let Some(source) = &self.source {
            let url =
                Source::new(source).with_context(|| format!("the source `{source}` of {} is no URL", self.name))?;
            add.source = AddMetadataField::Set(url);
        }
        if let Some(revision) = &self.revision {
            add.revision = AddMetadataField::Set(Revision::new(revision.clone()));
        }
        add.to_wasm(wasm)
    }

    /// What the file says.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let payload = Payload::from_binary(&bytes).with_context(|| format!("{} is no WebAssembly", path.display()))?;
        let metadata = payload.metadata();
        let name = metadata.name.clone();
        Ok(Self {
            name: name.with_context(|| format!("{} says no name; `cargo xtask dist` writes one", path.display()))?,
            version: metadata.version.as_ref().map(ToString::to_string).unwrap_or_default(),
            description: metadata.description.as_ref().map(ToString::to_string).unwrap_or_default(),
            license: metadata.licenses.as_ref().map(ToString::to_string).unwrap_or_default(),
            source: metadata.source.as_ref().map(ToString::to_string),
            revision: metadata.revision.as_ref().map(ToString::to_string),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        Label {
            name: "thing".into(),
            version: "1.2.3".into(),
            description: "A thing".into(),
            license: "Apache-2.0".into(),
            source: Some("https://example.com/thing".into()),
            revision: Some("abc".into()),
        }
    }

    #[test]
    fn what_is_put_on_is_read_back() -> Result<()> {
        let path = std::env::temp_dir().join(format!("virustotal-hunting-label-{}.wasm", std::process::id()));
        std::fs::write(&path, label().put_on(&wat::parse_str("(component)")?)?)?;
        let read = Label::read(&path);
        std::fs::remove_file(&path)?;
        assert_eq!(read?, label());
        Ok(())
    }

    #[test]
    fn a_source_that_is_no_url_is_refused_by_name() -> Result<()> {
        let label = Label { source: Some("somewhere".into()), ..label() };
        let refused = label.put_on(&wat::parse_str("(component)")?);
        assert!(refused.is_err_and(|error| format!("{error:#}").contains("`somewhere`")));
        Ok(())
    }

    #[test]
    fn the_manifest_goes_before_the_command_line() {
        let origin = Origin { source: Some("https://example.com/given".into()), ..Origin::default() };
        assert_eq!(Label::of(&Crate::default(), &origin).source, origin.source);
        let written = Crate { repository: "https://example.com/written".into(), ..Crate::default() };
        assert_eq!(Label::of(&written, &origin).source.as_deref(), Some("https://example.com/written"));
    }
}
