//! What a server's certificate says.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

use super::super::http::certificate::{fingerprint, show};
use crate::domain::web::Certificate;
use crate::domain::{Moment, Text};

/// Most names kept of one certificate; some list hundreds.
const MOST_NAMES: usize = 100;

/// What a certificate in DER form says. One that cannot be read still has its fingerprint.
pub(super) fn read(der: &[u8]) -> Certificate {
    let parsed = X509Certificate::from_der(der)
        .ok()
        .map(|(_, parsed)| parsed);
    Certificate {
        expires: parsed
            .as_ref()
            .and_then(|c| Moment::from_unix(c.validity().not_after.timestamp())),
        issuer: parsed.as_ref().and_then(|c| name_of(c.issuer())),
        names: parsed.as_ref().map(names).unwrap_or_default(),
        fingerprint: Text::clean(&show(&fingerprint(der))),
    }
}

/// Common name, or else the organisation.
fn name_of(name: &X509Name<'_>) -> Option<Text> {
    name.iter_common_name()
        .chain(name.iter_organization())
        .filter_map(|part| part.as_str().ok())
        .find_map(Text::clean_non_empty)
}

/// Names and addresses it is for.
fn names(certificate: &X509Certificate<'_>) -> Vec<Text> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative
        .iter()
        .flat_map(|extension| &extension.value.general_names);
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Text::clean_non_empty(name),
            GeneralName::IPAddress(bytes) => {
                let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
                address
                    .ok()
                    .map(|address| Text::clean(&address.to_string()))
            }
            _ => None,
        })
        .take(MOST_NAMES)
        .collect()
}

/// Keeps the certificate it is shown and ends the handshake there: nothing is sent to a server that is
/// not trusted, yet people see what it offered.
#[derive(Debug)]
pub(super) struct Look {
    seen: Mutex<Option<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl Look {
    /// A look, and the TLS configuration that takes it.
    pub(super) fn new() -> Option<(Arc<Self>, ClientConfig)> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let look = Arc::new(Self {
            seen: Mutex::new(None),
            provider: Arc::clone(&provider),
        });
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(&look) as _;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Some((look, config))
    }

    /// The certificate that was shown.
    pub(super) fn seen(&self) -> Option<Vec<u8>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take()
    }
}

impl ServerCertVerifier for Look {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(end_entity.to_vec());
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
