//! Certificates that are trusted, and those that are not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::super::certificate;
use super::*;

/// A certificate with its key.
struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Identity {
    fn fingerprint(&self) -> [u8; 32] {
        certificate::fingerprint(&self.certificate)
    }

    fn secret(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

/// An authority, as Proxmox has its own.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "PVE Cluster Manager CA");
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

fn signed(authority: &Issuer<'static, KeyPair>, change: fn(&mut CertificateParams)) -> Identity {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "golem");
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap().der().clone();
    Identity { certificate, key }
}

fn self_signed(is_ca: IsCa) -> Identity {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    Identity { certificate, key }
}

/// A server with this identity; counts the requests that it was sent.
async fn server(identity: &Identity) -> (SocketAddr, Arc<AtomicUsize>) {
    let provider = rustls::crypto::ring::default_provider();
    let chain = vec![identity.certificate.clone()];
    let key = CertifiedKey::from_der(chain, identity.secret(), &provider).unwrap();
    serve_tls(Arc::new(SingleCertAndKey::from(key))).await
}

async fn serve_tls(keys: Arc<dyn ResolvesServerCert>) -> (SocketAddr, Arc<AtomicUsize>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(keys);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = requests.clone();
    let address = serve(move |_, stream| {
        let (acceptor, seen) = (acceptor.clone(), seen.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            if !head(&mut stream).await.is_empty() {
                seen.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(fine("1").as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await;
    (address, requests)
}

fn trusting(address: SocketAddr, trust: Trust) -> Http {
    Http::new(
        "golem",
        &reach(&[format!("https://{address}")], trust, LONG),
    )
}

async fn ask(address: SocketAddr, trust: Trust) -> Result<u16, FailureKind> {
    let http = trusting(address, trust);
    let answer = http.send(Request::get("/version")).await;
    answer.map(|a| a.status).map_err(|failure| failure.kind)
}

/// Why this identity is refused; nothing may have been sent to it.
async fn refused(identity: &Identity, trust: Trust) -> String {
    let (address, requests) = server(identity).await;
    let kind = ask(address, trust).await.unwrap_err();
    assert_eq!(requests.load(Ordering::SeqCst), 0);
    match kind {
        FailureKind::Certificate {
            reason, offered, ..
        } => {
            let print = certificate::show(&identity.fingerprint());
            assert_eq!(offered.as_deref(), Some(print.as_str()));
            reason.to_string()
        }
        other => unreachable!("{other:?}"),
    }
}

fn written(dir: &Path, pem: &str) -> PathBuf {
    let path = dir.join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    path
}

#[test]
fn fingerprints_look_as_everywhere() {
    // SHA-256 of "abc", FIPS 180-2 appendix B.1.
    assert_eq!(
        certificate::show(&certificate::fingerprint(b"abc")),
        "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD"
    );
}

#[tokio::test]
async fn a_pinned_certificate_needs_neither_chain_nor_name_nor_time() {
    for identity in [
        self_signed(IsCa::NoCa),
        self_signed(IsCa::Ca(BasicConstraints::Unconstrained)),
        signed(&authority().0, |params| {
            params.subject_alt_names.clear();
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }),
    ] {
        let (address, requests) = server(&identity).await;
        let pins = vec![[1; 32], identity.fingerprint()];
        assert_eq!(ask(address, Trust::Pins(pins)).await, Ok(200));
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_is_refused_and_both_are_shown() {
    let identity = self_signed(IsCa::NoCa);
    let (address, requests) = server(&identity).await;
    let kind = ask(address, Trust::Pins(vec![[0xab; 32]]))
        .await
        .unwrap_err();
    assert_eq!(
        kind,
        FailureKind::Certificate {
            reason: "its fingerprint is not the pinned one".into(),
            offered: Some(certificate::show(&identity.fingerprint()).as_str().into()),
            expected: vec![certificate::show(&[0xab; 32]).as_str().into()],
        }
    );
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_ca_file_trusts_what_it_signed() {
    let dir = tempfile::tempdir().unwrap();
    let (issuer, pem) = authority();
    let trust = Trust::CaFile(written(dir.path(), &pem));
    let (address, requests) = server(&signed(&issuer, |_| {})).await;
    assert_eq!(ask(address, trust.clone()).await, Ok(200));
    assert_eq!(requests.load(Ordering::SeqCst), 1);

    let stranger = signed(&authority().0, |_| {});
    let reason = refused(&stranger, trust.clone()).await;
    // Of the same name, but with another key.
    assert!(
        reason.contains("signature") || reason.contains("unknown issuer"),
        "{reason}"
    );
    let expired = signed(&issuer, |params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 5, 17);
    });
    assert_eq!(
        refused(&expired, trust.clone()).await,
        "expired on 2020-05-17"
    );
    let early = signed(&issuer, |params| {
        params.not_before = rcgen::date_time_ymd(2095, 3, 1);
        params.not_after = rcgen::date_time_ymd(2096, 1, 1);
    });
    assert_eq!(
        refused(&early, trust.clone()).await,
        "not valid before on 2095-03-01"
    );
    let other = signed(&issuer, |params| {
        params.subject_alt_names = ["wiki.example.org", "192.0.2.7"]
            .map(|name| {
                CertificateParams::new([name.to_owned()])
                    .unwrap()
                    .subject_alt_names
                    .remove(0)
            })
            .to_vec();
    });
    assert_eq!(
        refused(&other, trust.clone()).await,
        "for other names: wiki.example.org, 192.0.2.7"
    );
    assert_eq!(
        refused(&self_signed(IsCa::NoCa), trust).await,
        "self-signed"
    );
}

#[tokio::test]
async fn the_system_does_not_know_a_private_authority() {
    let identity = signed(&authority().0, |_| {});
    let (address, requests) = server(&identity).await;
    match ask(address, Trust::System).await.unwrap_err() {
        FailureKind::Certificate { reason, .. } => {
            assert_eq!(
                &*reason,
                "signed by an unknown issuer: CN=PVE Cluster Manager CA"
            );
        }
        // A machine without any root certificates.
        FailureKind::Tls { detail } => assert!(detail.contains("ca-certificates"), "{detail}"),
        other => unreachable!("{other:?}"),
    }
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_ca_file_is_read_again_after_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    let (issuer, pem) = authority();
    let (address, _) = server(&signed(&issuer, |_| {})).await;
    let http = trusting(address, Trust::CaFile(path.clone()));
    let ask = async || http.send(Request::get("/version")).await.map(|a| a.status);
    let file_failure = async || match ask().await.unwrap_err().kind {
        FailureKind::File {
            path: named,
            detail,
        } => {
            assert_eq!(&*named, path.to_str().unwrap());
            detail.to_string()
        }
        other => unreachable!("{other:?}"),
    };
    assert_eq!(file_failure().await, "no such file or directory");
    std::fs::write(&path, "no certificate").unwrap();
    assert!(file_failure().await.starts_with("no certificate in it"));
    std::fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(file_failure().await.starts_with("unusable certificate"));
    std::fs::write(&path, authority().1).unwrap();
    assert!(matches!(
        ask().await.unwrap_err().kind,
        FailureKind::Certificate { .. }
    ));
    std::fs::write(&path, &pem).unwrap();
    assert_eq!(ask().await, Ok(200));
}

/// Shows the first certificate to the first connection and the second to all others.
#[derive(Debug)]
struct Changing {
    connections: AtomicUsize,
    keys: [Arc<CertifiedKey>; 2],
}

impl ResolvesServerCert for Changing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        self.keys.get(number.min(1)).cloned()
    }
}

#[tokio::test]
async fn every_connection_is_verified_anew() {
    let (good, bad) = (self_signed(IsCa::NoCa), self_signed(IsCa::NoCa));
    let keys = [&good, &bad].map(|identity| {
        let provider = rustls::crypto::ring::default_provider();
        let chain = vec![identity.certificate.clone()];
        Arc::new(CertifiedKey::from_der(chain, identity.secret(), &provider).unwrap())
    });
    let connections = AtomicUsize::new(0);
    // One configuration, so that it would resume the first session if it were asked to.
    let (address, requests) = serve_tls(Arc::new(Changing { connections, keys })).await;
    let http = trusting(address, Trust::Pins(vec![good.fingerprint()]));
    assert_eq!(
        http.send(Request::get("/version")).await.unwrap().status,
        200
    );
    let kind = http.send(Request::get("/version")).await.unwrap_err().kind;
    assert!(matches!(kind, FailureKind::Certificate { .. }), "{kind:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_old_server_is_told_from_a_broken_one() {
    let alert = async |bytes: &'static [u8]| {
        let address = serve(move |_, mut stream| async move {
            let mut hello = [0; 1024];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(bytes).await;
            // Closing with unread bytes would reset the connection before the alert is read.
            let _ = stream.read(&mut hello).await;
        })
        .await;
        ask(address, Trust::Pins(vec![[1; 32]])).await.unwrap_err()
    };
    // Record type 21 (alert), TLS 1.0, length 2, fatal, 70 protocol_version or 40 handshake_failure (RFC 5246 7.2).
    let kind = alert(&[21, 3, 1, 0, 2, 2, 70]).await;
    assert!(
        matches!(&kind, FailureKind::Tls { detail } if detail.contains("older than 1.2") && detail.contains("tunnel")),
        "{kind:?}"
    );
    let kind = alert(&[21, 3, 1, 0, 2, 2, 40]).await;
    assert!(
        matches!(&kind, FailureKind::Tls { detail } if detail.contains("cipher")),
        "{kind:?}"
    );
    let kind = alert(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(
        matches!(&kind, FailureKind::Tls { detail } if detail.contains("does not speak TLS")),
        "{kind:?}"
    );
}

#[tokio::test]
async fn a_connection_closed_during_the_handshake_is_broken() {
    let address = serve(|_, mut stream| async move {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello).await;
    })
    .await;
    let kind = ask(address, Trust::Pins(vec![[1; 32]])).await.unwrap_err();
    assert_eq!(
        kind,
        FailureKind::Broken {
            detail: format!("{address} closed the connection at once")
                .as_str()
                .into()
        }
    );
}
