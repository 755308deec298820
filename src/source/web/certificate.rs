//! What a server's certificate says.

use std::net::IpAddr;

use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

use super::super::http::certificate::{fingerprint, show};
use super::super::http::trust::Refusal;
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
        trouble: None,
    }
}

/// What a certificate says that was not trusted, and why it was not.
pub(super) fn refused(refusal: &Refusal) -> Certificate {
    let trouble = match &refusal.chain {
        Some(chain) => Text::clean(&format!("{}; {chain}", refusal.reason)),
        None => refusal.reason.clone(),
    };
    Certificate {
        trouble: Some(trouble),
        ..read(&refusal.der)
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
