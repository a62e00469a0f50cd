//! Whom to trust and as whom to appear.
//!
//! - Trust: the platform's certificate authorities, and those of `ca_file` besides (a network that inspects TLS has
//!   one of its own).
//! - `verify_ssl = false` holds for the configured origin's host and for nothing else, not even for an `https` proxy on
//!   the way to it.
//! - The client certificate is shown to the configured origin only.
//! - Each tenant's configuration has its own session cache, so tickets do not cross tenants.

use crate::settings::{Origin, Scheme, Settings, SettingsError};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub(crate) type Verifier = Arc<dyn ServerCertVerifier>;

/// The two configurations of a tenant.
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    verifier: Verifier,
    origin_verifier: Verifier,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Tls {
    pub(super) fn new(settings: &Settings, origin: &Origin) -> Result<Tls, SettingsError> {
        let provider = provider();
        let verifier = verifier(settings, origin, &provider)?;
        let mut origin_verifier = Arc::clone(&verifier);
        if !settings.verify_ssl {
            let host = origin.host.trim_start_matches('[').trim_end_matches(']').to_owned();
            // `origin` is a valid host already; should `rustls` disagree, the connection fails rather than is trusted.
            if let Ok(host) = ServerName::try_from(host) {
                origin_verifier = Arc::new(TrustingVerifier { host, inner: Arc::clone(&verifier) });
            }
        }
        let identity = match (&settings.client_cert, &settings.client_key) {
            (Some(certificate), Some(key)) => {
                Some((certificates("client_cert", certificate)?, private_key("client_key", key)?))
            }
            _ => None,
        };
        let tls = Tls { provider, verifier, origin_verifier, identity };
        // A key that does not fit its certificate should be heard of now.
        tls.config(true)?;
        Ok(tls)
    }

    /// For the configured origin, or for anything else.
    pub(super) fn config(&self, for_origin: bool) -> Result<ClientConfig, SettingsError> {
        let verifier = if for_origin { &self.origin_verifier } else { &self.verifier };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| SettingsError::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(verifier));
        let mut config = match self.identity.as_ref().filter(|_| for_origin) {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(|error| {
                SettingsError::refused(
                    "client_key",
                    format!("it does not fit the certificate in `client_cert`: {error}"),
                )
            })?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// `ring`, chosen here and not process-wide: an embedder may use another provider for its own connections.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// The platform's authorities. Reading them takes milliseconds to tens of them, and holding them some hundred kilobytes: once
/// for all tenants that add none of their own. A process picks up changes to them when it starts.
pub(crate) fn platform() -> Result<Verifier, rustls::Error> {
    static PLATFORM: OnceLock<Result<Verifier, rustls::Error>> = OnceLock::new();
    let read = || rustls_platform_verifier::Verifier::new(provider()).map(|verifier| Arc::new(verifier) as Verifier);
    PLATFORM.get_or_init(read).clone()
}

fn verifier(settings: &Settings, origin: &Origin, provider: &Arc<CryptoProvider>) -> Result<Verifier, SettingsError> {
    if let Some(path) = &settings.ca_file {
        let extra = certificates("ca_file", path)?;
        return rustls_platform_verifier::Verifier::new_with_extra_roots(extra, Arc::clone(provider))
            .map(|verifier| Arc::new(verifier) as Verifier)
            .map_err(|error| {
                SettingsError::refused("ca_file", format!("a certificate in it cannot be used: {error}"))
            });
    }
    match platform() {
        Ok(verifier) => Ok(verifier),
        Err(_) if origin.scheme == Scheme::Http || !settings.verify_ssl => Ok(Arc::new(TrustsNobody)),
        Err(error) => Err(SettingsError::Tls(format!(
            "{error}; install the system's certificate authorities (often the package ca-certificates), or set `ca_file`"
        ))),
    }
}

fn certificates(name: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let pem = read(name, path)?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => {
            Err(SettingsError::refused(name, format!("there is no certificate in {}; expected PEM", path.display())))
        }
        Err(_) => Err(SettingsError::refused(name, format!("{} is broken PEM", path.display()))),
    }
}

fn private_key(name: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, SettingsError> {
    let pem = read(name, path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        SettingsError::refused(name, format!("there is no unencrypted private key in {}; expected PEM", path.display()))
    })
}

fn read(name: &'static str, path: &Path) -> Result<Vec<u8>, SettingsError> {
    std::fs::read(path).map_err(|error| SettingsError::File { name, path: path.to_owned(), error })
}

/// Takes any certificate from one host, and asks the real verifier about all others.
#[derive(Debug)]
struct TrustingVerifier {
    host: ServerName<'static>,
    inner: Verifier,
}

impl ServerCertVerifier for TrustingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *server_name == self.host {
            return Ok(ServerCertVerified::assertion());
        }
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    // Signatures are checked for this host as well: it costs nothing, and a server that does not hold its certificate's
    // key is broken in a way that `verify_ssl = false` does not mean.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// For a system without any certificate authority, where none is needed (plain http) or asked (`verify_ssl = false`).
#[derive(Debug)]
struct TrustsNobody;

impl ServerCertVerifier for TrustsNobody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &provider().signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &provider().signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
