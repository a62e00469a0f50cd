//! The content security policy of the page: its one style and its one script by their hashes, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::Result;

pub(crate) fn policy(page: &str) -> Result<String> {
    let (style, script) = (hash(within(page, "style")?), hash(within(page, "script")?));
    Ok(format!(
        "default-src 'none'; style-src {style}; script-src {script}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    ))
}

fn within<'a>(page: &'a str, element: &str) -> Result<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let mut parts = page.split(&open);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(rest), None) => Ok(rest.split(&close).next().unwrap_or_default()),
        _ => Err(format!("the page has not exactly one <{element}>").into()),
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
