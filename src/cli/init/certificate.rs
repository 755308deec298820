//! A certificate that the system does not trust: shown, and trusted only when somebody says so.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::desk::Desk;
use super::form::Form;
use super::given::Given;
use super::talk::{Stop, choice};
use crate::config::shape::Trust;
use crate::domain::{Moment, SourceKind, Text};
use crate::source::http::{certificate, trust};

/// How long a server may take to show its certificate.
const WITHIN: Duration = Duration::from_secs(8);

/// What a server shows.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its fingerprint, in pairs.
    pub fingerprint: String,
    /// What it says of itself, a line each.
    pub lines: Vec<String>,
}

/// How the question about trust was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It is trusted; the way is to be tried anew.
    Trusted,
    /// Another address.
    Address,
    /// The source is left out.
    Leave,
}

/// The certificate that is shown at an address; `None` when none comes. Nothing is sent there.
pub async fn offered(url: &Url) -> Option<Offered> {
    let error = shaken(url, Trust::Pins(Vec::new())).await?.err()?;
    let refusal = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .and_then(trust::Refusal::within)?;
    Some(Offered {
        fingerprint: certificate::show(&refusal.offered),
        lines: described(&refusal.der),
    })
}

/// Whether what is shown at an address is trusted so. Nothing is sent there.
pub async fn is_trusted(url: &Url, rule: &Trust) -> bool {
    shaken(url, rule.clone())
        .await
        .is_some_and(|shaken| shaken.is_ok())
}

/// A handshake; `None` when it did not come to one.
async fn shaken(url: &Url, rule: Trust) -> Option<std::io::Result<()>> {
    let made = tokio::task::spawn_blocking(move || trust::client_config(&rule)).await;
    let config = made.ok()?.ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default()?;
    let stream = timeout(WITHIN, TcpStream::connect((host.as_str(), port))).await;
    let stream = stream.ok()?.ok()?;
    let name = ServerName::try_from(host).ok()?;
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = timeout(WITHIN, connector.connect(name, stream))
        .await
        .ok()?;
    Some(shaken.map(|_| ()))
}

fn described(der: &[u8]) -> Vec<String> {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return vec!["it cannot be read".to_owned()];
    };
    let names = certificate::names(&parsed);
    let day = |seconds| {
        Moment::from_unix(seconds).map_or_else(
            || "?".to_owned(),
            |moment| moment.timestamp().strftime("%Y-%m-%d").to_string(),
        )
    };
    let by = if parsed.issuer() == parsed.subject() {
        "signed by itself".to_owned()
    } else {
        format!("signed by {}", parsed.issuer())
    };
    let lines = [
        match names.as_slice() {
            [] => "for no host by name".to_owned(),
            names => format!("for {}", names.join(", ")),
        },
        by,
        format!(
            "from {} to {}",
            day(parsed.validity().not_before.timestamp()),
            day(parsed.validity().not_after.timestamp())
        ),
    ];
    lines
        .iter()
        .map(|line| Text::clean(line).to_string())
        .collect()
}

/// Shows what is offered at the form's first address and asks whether to trust it.
pub fn decide(
    desk: &Desk<'_>,
    form: &mut Form,
    given: &mut Given,
    offered: &Offered,
) -> Result<Decided, Stop> {
    let mut said = String::from("  The certificate that is shown there:\n");
    for line in &offered.lines {
        said.push_str(&format!("    {line}\n"));
    }
    said.push_str(&format!("    SHA-256 {}\n", offered.fingerprint));
    desk.talk.say(&said);
    form.table.remove("ca");
    form.table.remove("fingerprint");
    if let Some(ca) = given.ca.take() {
        return by_ca(desk, form, &ca.to_string_lossy());
    }
    if let Some(pin) = given.pin.take() {
        let is_offered = pin == "offered";
        let pin = if is_offered {
            &offered.fingerprint
        } else {
            &pin
        };
        form.set("fingerprint", pin);
        return Ok(Decided::Trusted);
    }
    if !desk.talk.asks() {
        return Err(Stop::Missing {
            flag: "--ca FILE or --pin FINGERPRINT",
            what: "how that certificate shall be trusted".to_owned(),
        });
    }
    let (authority, itself) = match form.kind {
        SourceKind::Proxmox => (
            "by the authority that signed it: a copy of /etc/pve/pve-root-ca.pem of the server",
            "by its fingerprint; the server's own word: openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem",
        ),
        _ => (
            "by the authority that signed it: a PEM file",
            "by its fingerprint, when you have compared it with the server's own word",
        ),
    };
    let at = desk.talk.pick(
        "How shall it be trusted?",
        &[
            choice("ca", authority),
            choice("pin", itself),
            choice("address", "not at all: another address"),
            choice("leave", "not at all: leave this source out"),
        ],
        None,
        "--pin",
    )?;
    match at {
        0 => {
            let path = desk.talk.line("Path of the PEM file", None, "--ca")?;
            by_ca(desk, form, &path)
        }
        1 => {
            form.set("fingerprint", &offered.fingerprint);
            Ok(Decided::Trusted)
        }
        2 => Ok(Decided::Address),
        _ => Ok(Decided::Leave),
    }
}

fn by_ca(desk: &Desk<'_>, form: &mut Form, path: &str) -> Result<Decided, Stop> {
    let path = absolute(path);
    if let Err(failure) = trust::client_config(&Trust::CaFile(Path::new(&path).to_owned())) {
        let said = crate::ui::words::failure(&failure);
        if !desk.talk.asks() {
            return Err(Stop::Refused(said.what));
        }
        desk.talk.wrong(
            &said.what,
            "name the file that holds the authority's certificate",
        );
        return Ok(Decided::Trusted);
    }
    form.set("ca", &path);
    Ok(Decided::Trusted)
}

/// A path as it was typed from where we are, for a file that may be read from elsewhere.
pub fn absolute(path: &str) -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let path = match path.strip_prefix("~/") {
        Some(rest) if !home.is_empty() => format!("{home}/{rest}"),
        _ => path.to_owned(),
    };
    std::path::absolute(&path).map_or(path, |path| path.to_string_lossy().into_owned())
}
