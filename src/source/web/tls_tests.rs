//! Probes with TLS, and what they tell of certificates.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::loopback::{always, answer, client, failed, listen, no_one, one, probes, said, site};
use crate::config::shape::{Deadlines, Expect, Trust};
use crate::domain::failure::FailureKind;
use crate::domain::web::{Certificate, Probe};
use crate::domain::{Moment, Text};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// An authority of the test's own, and its PEM file in `dir`.
fn authority(dir: &Path, name: &str) -> (Authority, Trust) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let file = dir.join("ca.pem");
    std::fs::write(&file, ca.pem()).unwrap();
    (ca, Trust::CaFile(file))
}

/// A TLS server with a certificate of `ca` for `names`, valid to the end of `year`.
async fn secure(ca: &Authority, names: &[&str], year: i32) -> (u16, Arc<AtomicUsize>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 12, 31);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let port = listen(move |stream| {
        let (acceptor, requests) = (acceptor.clone(), Arc::clone(&counted));
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let asked = answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            requests.fetch_add(usize::from(!asked.is_empty()), Ordering::Relaxed);
        }
    })
    .await;
    (port, requests)
}

async fn secured(port: u16, trust: &Trust) -> Probe {
    let url = format!("https://127.0.0.1:{port}/");
    let client = client(
        vec![site(&url, Expect::Fine)],
        trust.clone(),
        Deadlines::default(),
    );
    probes(&client).await.remove(0)
}

fn distrusted(probe: &Probe) -> (&str, Option<&Text>) {
    match failed(probe) {
        FailureKind::Certificate {
            reason, offered, ..
        } => (reason, offered.as_ref()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_certificate_of_the_connection_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (ca, trust) = authority(dir.path(), "Tortuga CA");
    let (port, requests) = secure(&ca, &["127.0.0.1", "wiki.example.org"], 2090).await;
    let probe = secured(port, &trust).await;
    assert!(said(&probe).expected);
    let Certificate {
        expires,
        issuer,
        names,
        fingerprint,
        trouble,
    } = probe.certificate.unwrap();
    assert_eq!(expires, Moment::from_rfc3339("2090-12-31T00:00:00Z"));
    assert_eq!(issuer.as_deref(), Some("Tortuga CA"));
    assert_eq!(
        names,
        [Text::clean("127.0.0.1"), Text::clean("wiki.example.org")]
    );
    assert_eq!(fingerprint.len(), 95);
    assert_eq!(trouble, None);
    assert!(probe.timing.tls.is_some());
    assert_eq!(requests.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_shown_and_nothing_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (ca, trust) = authority(dir.path(), "Tortuga CA");
    let other = tempfile::tempdir().unwrap();
    let (stranger, _) = authority(other.path(), "Nassau CA");

    let (port, expired) = secure(&ca, &["127.0.0.1"], 2021).await;
    let probe = secured(port, &trust).await;
    let (reason, offered) = distrusted(&probe);
    assert_eq!(reason, "expired on 2021-12-31");
    let seen = probe.certificate.as_ref().unwrap();
    assert_eq!(offered, Some(&seen.fingerprint));
    assert_eq!(seen.trouble.as_deref(), Some("expired on 2021-12-31"));
    assert_eq!(seen.expires, Moment::from_rfc3339("2021-12-31T00:00:00Z"));

    let (port, misnamed) = secure(&ca, &["wiki.example.org"], 2090).await;
    let probe = secured(port, &trust).await;
    assert_eq!(distrusted(&probe).0, "for other names: wiki.example.org");
    assert_eq!(
        probe.certificate.unwrap().names,
        [Text::clean("wiki.example.org")]
    );

    let (port, untrusted) = secure(&stranger, &["127.0.0.1"], 2090).await;
    let probe = secured(port, &trust).await;
    assert_eq!(
        distrusted(&probe).0,
        "signed by an unknown issuer: CN=Nassau CA"
    );
    let seen = probe.certificate.unwrap();
    assert_eq!(seen.issuer.as_deref(), Some("Nassau CA"));
    assert_eq!(
        seen.trouble.as_deref(),
        Some(
            "signed by an unknown issuer: CN=Nassau CA; the server sends no other certificate: \
             is the intermediate one missing?"
        )
    );

    for requests in [expired, misnamed, untrusted] {
        assert_eq!(requests.load(Ordering::Relaxed), 0);
    }
}

#[tokio::test]
async fn a_pin_replaces_chain_and_name() {
    let dir = tempfile::tempdir().unwrap();
    let (ca, _) = authority(dir.path(), "Tortuga CA");
    let (port, _) = secure(&ca, &["elsewhere.example.org"], 2021).await;
    let refused = secured(port, &no_one()).await;
    let fingerprint = refused.certificate.as_ref().unwrap().fingerprint.clone();
    assert_eq!(distrusted(&refused).1, Some(&fingerprint));
    let mut pin = [0; 32];
    for (byte, pair) in pin.iter_mut().zip(fingerprint.split(':')) {
        *byte = u8::from_str_radix(pair, 16).unwrap();
    }
    let probe = secured(port, &Trust::Pins(vec![pin])).await;
    assert!(said(&probe).expected);
    assert_eq!(probe.certificate.unwrap().fingerprint, fingerprint);
}

#[tokio::test]
async fn a_plain_port_does_not_speak_tls() {
    let port = listen(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .ok();
        // Stays open: what is read is the answer, not its end.
        tokio::time::sleep(Duration::from_mins(1)).await;
    })
    .await;
    let probe = one(&format!("https://127.0.0.1:{port}/"), Expect::Fine).await;
    assert_eq!(
        *failed(&probe),
        FailureKind::Tls {
            detail: Text::clean(&format!(
                "127.0.0.1:{port} does not speak TLS; is it a plain http port?"
            ))
        }
    );
}

#[tokio::test]
async fn without_a_ca_file_only_encrypted_sites_fail() {
    let plain = always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let dir = tempfile::tempdir().unwrap();
    let client = client(
        vec![
            site(&plain, Expect::Fine),
            site("https://127.0.0.1:1/", Expect::Fine),
        ],
        Trust::CaFile(dir.path().join("gone.pem")),
        Deadlines::default(),
    );
    let probes = probes(&client).await;
    assert!(said(&probes[0]).expected);
    assert!(matches!(failed(&probes[1]), FailureKind::File { .. }));
}
