//! What a certificate says of itself, in words for people.

use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::domain::Moment;

/// Most names listed in "it is for …".
const NAMES: usize = 4;

/// SHA-256 over the DER form, as browsers, Proxmox and `openssl x509 -fingerprint -sha256` show it.
pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    bytes
}

/// `AA:BB:…`.
pub fn show(fingerprint: &[u8; 32]) -> String {
    let pairs: Vec<String> = fingerprint.iter().map(|b| format!("{b:02X}")).collect();
    pairs.join(":")
}

/// Why a certificate is not trusted, with what it says itself. Foreign text: to be cleaned.
pub fn reason(error: &CertificateError, der: &[u8]) -> String {
    let parsed = X509Certificate::from_der(der).ok().map(|(_, c)| c);
    let certificate = parsed.as_ref();
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => dated(
            "expired",
            certificate.map(|c| c.validity().not_after.timestamp()),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => dated(
            "not valid before",
            certificate.map(|c| c.validity().not_before.timestamp()),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names = certificate.map(names).unwrap_or_default();
            match names.len() {
                0 => "it names no host".to_owned(),
                count if count > NAMES => format!(
                    "for other names: {} and {} more",
                    names.get(..NAMES).unwrap_or_default().join(", "),
                    count - NAMES
                ),
                _ => format!("for other names: {}", names.join(", ")),
            }
        }
        CertificateError::UnknownIssuer => match certificate {
            Some(c) if c.issuer() == c.subject() => "self-signed".to_owned(),
            Some(c) => format!("signed by an unknown issuer: {}", c.issuer()),
            None => "signed by an unknown issuer".to_owned(),
        },
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        CertificateError::Revoked => "revoked".to_owned(),
        CertificateError::BadEncoding => "not a certificate that can be read".to_owned(),
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "self-signed as an authority, so it counts only when its fingerprint is pinned"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// What is wrong with the chain of a certificate whose issuer is not known. Foreign text: to be cleaned.
pub fn chain(
    error: &CertificateError,
    der: &[u8],
    intermediates: &[CertificateDer<'_>],
) -> Option<String> {
    if !matches!(error, CertificateError::UnknownIssuer) {
        return None;
    }
    let (_, own) = X509Certificate::from_der(der).ok()?;
    if own.issuer() == own.subject() {
        return None;
    }
    let sent: Vec<X509Certificate<'_>> = intermediates
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| certificate)
        .collect();
    // Followed by name alone, only to say where it ends.
    let mut last = &own;
    for _ in &sent {
        match sent.iter().find(|c| c.subject() == last.issuer()) {
            Some(next) if next.issuer() != next.subject() => last = next,
            Some(root) => {
                return Some(format!(
                    "its chain ends at {}, which is no trusted root",
                    root.subject()
                ));
            }
            None => break,
        }
    }
    Some(if intermediates.is_empty() {
        "the server sends no other certificate: is the intermediate one missing?".to_owned()
    } else {
        format!(
            "its chain ends at {}, which is not sent and no trusted root",
            last.issuer()
        )
    })
}

/// `expired on 2026-01-02`.
fn dated(what: &str, seconds: Option<i64>) -> String {
    match seconds.and_then(Moment::from_unix) {
        Some(moment) => format!("{what} on {}", moment.timestamp().strftime("%Y-%m-%d")),
        None => what.to_owned(),
    }
}

/// Names and addresses a certificate is for.
pub fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match bytes.len() {
                4 => <[u8; 4]>::try_from(*bytes)
                    .ok()
                    .map(|b| std::net::Ipv4Addr::from(b).to_string()),
                16 => <[u8; 16]>::try_from(*bytes)
                    .ok()
                    .map(|b| std::net::Ipv6Addr::from(b).to_string()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
