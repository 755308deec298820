//! What went wrong on the way, from the errors of reqwest, hyper, rustls and the system.
//!
//! Their own words are not shown where a kind says more, and never with a URL: queries may hold secrets.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, InvalidMessage};
use url::Url;

use crate::domain::Text;
use crate::domain::failure::{FailureKind, Stage};

use super::place;
use super::trust::Refusal;

/// A failed exchange, and what that allows.
#[derive(Debug)]
pub(super) struct Fault {
    /// What happened.
    pub kind: FailureKind,
    /// Whether the request may have reached the server. If not, another address may be asked.
    pub sent: bool,
    /// The server closed the connection before it answered: a GET may be repeated.
    pub closed: bool,
}

impl Fault {
    /// Nothing reached the server.
    pub(super) const fn unsent(kind: FailureKind) -> Self {
        Self {
            kind,
            sent: false,
            closed: false,
        }
    }

    /// The server may have acted on it.
    pub(super) const fn sent(kind: FailureKind) -> Self {
        Self {
            kind,
            sent: true,
            closed: false,
        }
    }
}

/// A client that could not be made is a bug of ours: nothing foreign goes into it.
pub(super) fn built(client: reqwest::Result<reqwest::Client>) -> Result<reqwest::Client, Fault> {
    client.map_err(|error| {
        Fault::unsent(FailureKind::Bug {
            detail: Text::clean(&innermost(&error)),
        })
    })
}

/// Why no answer began. `connect` is the deadline that connecting had.
pub(super) fn explain(error: &reqwest::Error, url: &Url, connect: Duration) -> Fault {
    let unsent = error.is_connect();
    let causes = causes(error);
    if let Some(tls) = causes.iter().find_map(|e| e.downcast_ref()) {
        // TLS alerts may also come after the request, when a server wants a client certificate.
        let fault = if unsent { Fault::unsent } else { Fault::sent };
        return fault(in_tls(tls, url));
    }
    // Wrappers of other errors are of kind Other and say nothing.
    let system = causes
        .iter()
        .filter_map(|e| e.downcast_ref::<io::Error>())
        .find(|e| e.kind() != io::ErrorKind::Other);
    if unsent {
        return Fault::unsent(not_connected(error, system, url, connect));
    }
    let hyper = causes.iter().find_map(|e| e.downcast_ref::<hyper::Error>());
    if hyper.is_some_and(hyper::Error::is_parse) {
        return Fault::sent(FailureKind::Malformed {
            detail: Text::clean(&format!("no HTTP answer: {}", innermost(error))),
        });
    }
    let closed = system.is_some_and(is_closed)
        || hyper.is_some_and(|e| e.is_incomplete_message() || e.is_canceled() || e.is_closed());
    Fault {
        kind: FailureKind::Broken {
            detail: if closed {
                Text::clean("the server closed the connection without an answer")
            } else {
                Text::clean(&innermost(error))
            },
        },
        sent: true,
        closed,
    }
}

/// Why an answer that had begun did not end well.
pub(super) fn in_body(error: &reqwest::Error) -> Fault {
    let causes = causes(error);
    let ended = causes.iter().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(is_closed)
            || cause
                .downcast_ref::<hyper::Error>()
                .is_some_and(|e| e.is_incomplete_message() || e.is_body_write_aborted())
    });
    let kind = if ended {
        FailureKind::Broken {
            detail: Text::clean("the answer ends before its end"),
        }
    } else if error.is_decode() {
        FailureKind::Malformed {
            detail: Text::clean(&format!("broken compression: {}", innermost(error))),
        }
    } else {
        FailureKind::Broken {
            detail: Text::clean(&innermost(error)),
        }
    };
    Fault::sent(kind)
}

/// Name, route, port or handshake failed.
fn not_connected(
    error: &reqwest::Error,
    system: Option<&io::Error>,
    url: &Url,
    connect: Duration,
) -> FailureKind {
    let host = url.host_str().unwrap_or_default();
    if error.is_dns() {
        let words = innermost(error);
        // getaddrinfo's EAI_AGAIN: no name server answered, so the name may well exist.
        if words.contains("emporary failure") {
            return FailureKind::Unreachable {
                detail: Text::clean(&format!("no name server tells the address of {host}")),
            };
        }
        return FailureKind::NameNotFound {
            host: Text::clean(host),
        };
    }
    if error.is_timeout() {
        return FailureKind::TimedOut {
            stage: Stage::Connect,
            after: connect,
        };
    }
    match system {
        Some(system) if is_closed(system) => FailureKind::Broken {
            detail: Text::clean(&format!("{} closed the connection at once", place(url))),
        },
        _ => FailureKind::Unreachable {
            detail: Text::clean(&format!("{}: {}", place(url), system_words(error, system))),
        },
    }
}

/// What TLS says.
fn in_tls(error: &rustls::Error, url: &Url) -> FailureKind {
    use rustls::{Error as Tls, PeerIncompatible};
    if let Some(refusal) = Refusal::within(error) {
        return refusal.kind();
    }
    let detail = match error {
        Tls::InvalidCertificate(reason) => {
            return FailureKind::Certificate {
                reason: Text::clean(&reason.to_string()),
                offered: None,
                expected: Vec::new(),
            };
        }
        Tls::AlertReceived(AlertDescription::ProtocolVersion)
        | Tls::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "the server speaks only a TLS older than 1.2 (Proxmox VE 3.4 does): reach it through a tunnel"
            .to_owned(),
        Tls::AlertReceived(AlertDescription::HandshakeFailure) => {
            "the server and vigie have no TLS cipher in common (an old server?): reach it through a tunnel"
                .to_owned()
        }
        Tls::AlertReceived(alert) => format!("the server ended the TLS handshake: {alert:?}"),
        Tls::InvalidMessage(InvalidMessage::InvalidContentType) => {
            format!("{} does not speak TLS; is it a plain http port?", place(url))
        }
        other => other.to_string(),
    };
    FailureKind::Tls {
        detail: Text::clean(&detail),
    }
}

/// Whether the other side ended the connection.
fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

/// The system's words, without "(os error 111)".
fn system_words(error: &reqwest::Error, system: Option<&io::Error>) -> String {
    let words = match system.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => return "connection refused".to_owned(),
        Some(io::ErrorKind::HostUnreachable) => return "no route to host".to_owned(),
        Some(io::ErrorKind::NetworkUnreachable) => return "network is unreachable".to_owned(),
        _ => innermost(error),
    };
    words
        .split_once(" (os error")
        .map_or(words.clone(), |(said, _)| said.to_owned())
}

/// The words of the innermost cause, which say most.
fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

/// All causes. `io::Error::source` skips the error it wraps, so that is looked at by hand.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut all = Vec::new();
    // A loop of causes cannot be excluded by types.
    let mut next = error.source();
    while let Some(cause) = next.filter(|_| all.len() < 32) {
        all.push(cause);
        next = match cause.downcast_ref::<io::Error>() {
            Some(system) => system
                .get_ref()
                .map(|inner| inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    all
}
