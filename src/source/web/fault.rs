//! Why a probe got no answer.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, InvalidMessage, PeerIncompatible};

use super::super::http::trust::Refusal;
use super::certificate;
use crate::domain::Text;
use crate::domain::failure::FailureKind;
use crate::domain::web::Certificate;

/// The name of `host` could not be resolved.
pub(super) fn no_address(host: &str, error: &io::Error) -> FailureKind {
    // getaddrinfo's EAI_AGAIN: no name server answered, so the name may well exist.
    if error.to_string().contains("emporary failure") {
        return FailureKind::Unreachable {
            detail: Text::clean(&format!("no name server tells the address of {host}")),
        };
    }
    FailureKind::NameNotFound {
        host: Text::clean(host),
    }
}

/// `place` (host and port) took no connection.
pub(super) fn no_connection(place: &str, error: &io::Error) -> FailureKind {
    FailureKind::Unreachable {
        detail: Text::clean(&format!("{place}: {}", words(error))),
    }
}

/// A handshake that failed.
pub(super) struct Handshake {
    pub(super) kind: FailureKind,
    /// What the server offered, when it is its certificate that is not trusted.
    pub(super) certificate: Option<Certificate>,
}

/// The TLS handshake with `place` failed.
pub(super) fn no_handshake(place: &str, error: &io::Error) -> Handshake {
    let refusal = (error.get_ref())
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .and_then(Refusal::within);
    Handshake {
        certificate: refusal.map(certificate::refused),
        kind: match refusal {
            Some(refusal) => refusal.kind(),
            None => otherwise(place, error),
        },
    }
}

/// The handshake failed for another reason than an untrusted certificate.
fn otherwise(place: &str, error: &io::Error) -> FailureKind {
    let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return FailureKind::Broken {
            detail: Text::clean(&format!(
                "{place} closed the connection during the TLS handshake"
            )),
        };
    };
    let detail = match tls {
        rustls::Error::InvalidCertificate(reason) => {
            return FailureKind::Certificate {
                reason: Text::clean(&reason.to_string()),
                offered: None,
                expected: Vec::new(),
            };
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "the server speaks only a TLS older than 1.2".to_owned(),
        rustls::Error::AlertReceived(alert) => {
            format!("the server ended the TLS handshake: {alert:?}")
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            format!("{place} does not speak TLS; is it a plain http port?")
        }
        other => other.to_string(),
    };
    FailureKind::Tls {
        detail: Text::clean(&detail),
    }
}

/// The exchange of request and answer broke.
pub(super) fn broken(error: &hyper::Error, answer_began: bool) -> FailureKind {
    if error.is_parse() {
        return FailureKind::Malformed {
            detail: Text::clean(&format!("no HTTP answer: {error}")),
        };
    }
    let detail = if answer_began {
        "the answer ends before its end".to_owned()
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        "the server closed the connection without an answer".to_owned()
    } else {
        match error.source().and_then(|e| e.downcast_ref::<io::Error>()) {
            Some(system) => words(system),
            // It talks before it is asked, as mail servers do.
            None => {
                return FailureKind::Malformed {
                    detail: Text::clean(&format!("no HTTP answer: {error}")),
                };
            }
        }
    };
    FailureKind::Broken {
        detail: Text::clean(&detail),
    }
}

/// The system's words, without its number.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::HostUnreachable => "no route to host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network is unreachable".to_owned(),
        _ => {
            let said = error.to_string();
            match said.split_once(" (os error") {
                Some((said, _)) => said.to_lowercase(),
                None => said,
            }
        }
    }
}
