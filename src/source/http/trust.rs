//! Which certificates are trusted, and what is said of those that are not.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};

use crate::config::shape::Trust;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use super::certificate;

/// Largest CA file that is read: all of Debian's roots are 220 kB.
const LARGEST_CA_FILE: u64 = 4 * 1024 * 1024;

/// A TLS configuration that trusts what `trust` says. Reads files, so it is slow; never call it on the
/// async threads. Every connection is verified anew: sessions are not resumed.
pub fn client_config(trust: &Trust) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let rule = match trust {
        Trust::System => Rule::Chain(Arc::new(
            rustls_platform_verifier::Verifier::new(provider.clone()).map_err(|error| {
                Failure::new(FailureKind::Tls {
                    detail: Text::clean(&format!(
                        "the system's root certificates: {error}; is ca-certificates installed?"
                    )),
                })
            })?,
        )),
        Trust::CaFile(path) => Rule::Chain(
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots(path)?), provider.clone())
                .build()
                .map_err(|error| file_failure(path, &error.to_string()))?,
        ),
        Trust::Pins(pins) => Rule::Pins(pins.clone()),
    };
    configure(provider, rule)
}

/// A TLS configuration that trusts nobody, for sources that are reached without TLS.
pub(super) fn nobody() -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    configure(provider, Rule::Pins(Vec::new()))
}

fn configure(provider: Arc<CryptoProvider>, rule: Rule) -> Result<ClientConfig, Failure> {
    let verifier = Arc::new(Verifier {
        rule,
        provider: provider.clone(),
    });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            Failure::new(FailureKind::Bug {
                detail: Text::clean(&error.to_string()),
            })
        })?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    // A resumed session would be trusted by a verification of the past.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The certificates of a PEM file.
fn roots(path: &Path) -> Result<RootCertStore, Failure> {
    let size = std::fs::metadata(path)
        .map_err(|error| file_failure(path, &words(&error)))?
        .len();
    if size > LARGEST_CA_FILE {
        return Err(file_failure(path, "too large for a file of certificates"));
    }
    let pem = std::fs::read(path).map_err(|error| file_failure(path, &words(&error)))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate
            .map_err(|error| file_failure(path, &format!("not a PEM certificate: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| file_failure(path, &format!("unusable certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(file_failure(
            path,
            "no certificate in it; it should begin with -----BEGIN CERTIFICATE-----",
        ));
    }
    Ok(roots)
}

/// The system's words, without its number.
fn words(error: &std::io::Error) -> String {
    let said = error.to_string();
    match said.split_once(" (os error") {
        Some((said, _)) => said.to_lowercase(),
        None => said,
    }
}

fn file_failure(path: &Path, detail: &str) -> Failure {
    Failure::new(FailureKind::File {
        path: Text::clean(&path.display().to_string()),
        detail: Text::clean(detail),
    })
}

/// A certificate that was not trusted. Travels inside [`rustls::Error`] to whoever asked.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Why, in words.
    pub reason: Text,
    /// Fingerprint of what was offered.
    pub offered: [u8; 32],
    /// Fingerprints that were expected, when pinned.
    pub expected: Vec<[u8; 32]>,
    /// What was offered, in DER form, for people to look at.
    pub der: Vec<u8>,
    /// What is wrong with the chain, in words, where the reason leaves it open.
    pub chain: Option<Text>,
}

impl Refusal {
    /// The refusal that an error of TLS carries.
    pub fn within(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => {
                other.downcast_ref()
            }
            _ => None,
        }
    }

    /// As a kind of failure.
    pub fn kind(&self) -> FailureKind {
        let text = |print: &[u8; 32]| Text::clean(&certificate::show(print));
        FailureKind::Certificate {
            reason: self.reason.clone(),
            offered: Some(text(&self.offered)),
            expected: self.expected.iter().map(text).collect(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

#[derive(Debug)]
enum Rule {
    /// A chain to a trusted root, the right name, the right time.
    Chain(Arc<dyn ServerCertVerifier>),
    /// The very certificate, whatever it says.
    Pins(Vec<[u8; 32]>),
}

/// Verifies and remembers what was refused.
#[derive(Debug)]
struct Verifier {
    rule: Rule,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let offered = certificate::fingerprint(end_entity);
        let mut chain = None;
        let (reason, expected) = match &self.rule {
            Rule::Pins(pins) if pins.contains(&offered) => {
                return Ok(ServerCertVerified::assertion());
            }
            Rule::Pins(pins) => (
                "its fingerprint is not the pinned one".to_owned(),
                pins.clone(),
            ),
            Rule::Chain(roots) => match roots.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ) {
                Err(rustls::Error::InvalidCertificate(error)) => {
                    chain = certificate::chain(&error, end_entity, intermediates);
                    (certificate::reason(&error, end_entity), Vec::new())
                }
                done => return done,
            },
        };
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(
            OtherError(Arc::new(Refusal {
                reason: Text::clean(&reason),
                offered,
                expected,
                der: end_entity.to_vec(),
                chain: chain.map(|words| Text::clean(&words)),
            })),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
