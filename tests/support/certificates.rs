//! Certificates made for one test: an authority, and what it vouches for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// An authority, its certificate in a file that goes with it.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("Authority {number}"));
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a certificate");
        let file = std::env::temp_dir().join(format!("vt-hunting-tests-{}-{number}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).expect("a writable temporary directory");
        Authority { issuer, file }
    }

    /// The authority's certificate in PEM.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// What answers TLS handshakes with a certificate for `host`.
    pub(crate) fn acceptor(&self, host: &str) -> TlsAcceptor {
        self.sign(CertificateParams::new(vec![host.to_owned()]).expect("a name"))
    }

    /// The same with a certificate whose time is over.
    pub(crate) fn expired_acceptor(&self, host: &str) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        self.sign(params)
    }

    /// The same with a certificate whose time is yet to come.
    pub(crate) fn early_acceptor(&self, host: &str) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2901, 1, 1);
        params.not_after = rcgen::date_time_ymd(2902, 1, 1);
        self.sign(params)
    }

    /// What also offers these protocols, the best one first.
    pub(crate) fn acceptor_offering(&self, host: &str, protocols: &[&[u8]]) -> TlsAcceptor {
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        let mut config = self.server(params, Clients::Anyone);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    /// What asks its clients for a certificate of this same authority: of those that must have one, or of all.
    pub(crate) fn acceptor_asking_clients(&self, host: &str, must_have_one: bool) -> TlsAcceptor {
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        let clients = if must_have_one { Clients::Known } else { Clients::Asked };
        TlsAcceptor::from(Arc::new(self.server(params, clients)))
    }

    /// A client's certificate and its key.
    pub(crate) fn identity(&self, name: &str) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let file = |end, text: String| {
            let path = self.file.with_extension(format!("{name}.{end}"));
            std::fs::write(&path, text).expect("a writable temporary directory");
            path
        };
        Identity { certificate: file("pem", certificate.pem()), key: file("key", key.serialize_pem()) }
    }

    fn sign(&self, params: CertificateParams) -> TlsAcceptor {
        TlsAcceptor::from(Arc::new(self.server(params, Clients::Anyone)))
    }

    fn server(&self, params: CertificateParams, clients: Clients) -> ServerConfig {
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("an authority");
        let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let builder = match clients {
            Clients::Anyone => builder.with_no_client_auth(),
            Clients::Asked => {
                builder.with_client_cert_verifier(known.allow_unauthenticated().build().expect("an authority"))
            }
            Clients::Known => builder.with_client_cert_verifier(known.build().expect("an authority")),
        };
        builder.with_single_cert(vec![certificate], key).expect("a key that fits")
    }
}

/// Whom a server lets in.
enum Clients {
    Anyone,
    Asked,
    Known,
}

/// A client's certificate and key, in files that go with it.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.certificate);
        let _ = std::fs::remove_file(&self.key);
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key pair")
}
