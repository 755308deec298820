//! The way to a server: tunnel, name, connection, TLS, an answer without a credential, the clock.

use std::fmt::Write as _;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::header::DATE;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::config::shape::{Reach, Trust};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::{Failure, Moment, Text};
use crate::source::http::{Http, Request, trust};
use crate::source::tunnel::Tunnel;
use crate::ui::words;

use super::step::{Step, Steps, Verdict};

/// Days a certificate still runs below which it is worth a warning, as in the list of problems.
const CERTIFICATE_WARNING: i64 = 14;

/// Seconds by which clocks may differ before it is worth a word, and before tickets are refused.
const CLOCK_WARNING: i64 = 30;
const CLOCK_FAILS: i64 = 300;

/// Goes the way to a source; whether a server answers at its end.
pub async fn examine(name: &str, reach: &Reach, steps: &Steps) -> bool {
    if let Some(settings) = &reach.tunnel {
        let begun = Instant::now();
        let tunnel = Tunnel::new(settings);
        match tunnel.port().await {
            Ok(_) => steps.push(
                Step::new(
                    "tunnel",
                    Verdict::Ok,
                    &format!(
                        "ssh {} carries it to {}:{}",
                        settings.ssh, settings.to_host, settings.to_port
                    ),
                )
                .took(begun.elapsed()),
            ),
            Err(failure) => {
                steps.push(Step::failed("tunnel", &failure));
                return false;
            }
        }
    } else {
        let mut reached = false;
        for url in &reach.urls {
            reached |= address(url, reach, steps).await;
        }
        if !reached {
            return false;
        }
    }
    answer(name, reach, steps).await
}

/// Name, connection and TLS of one address.
async fn address(url: &Url, reach: &Reach, steps: &Steps) -> bool {
    let port = url.port_or_known_default().unwrap_or(443);
    let begun = Instant::now();
    let connect = reach.deadlines.connect;
    let addresses: Vec<SocketAddr> = match url.host() {
        Some(Host::Domain(host)) => {
            let looked = timeout(connect, tokio::net::lookup_host((host, port))).await;
            match looked {
                Ok(Ok(found)) => {
                    let found: Vec<SocketAddr> = found.collect();
                    let shown: Vec<String> = found.iter().map(|a| a.ip().to_string()).collect();
                    let what = format!("{host} is {}", shown.join(", "));
                    steps.push(Step::new("name", Verdict::Ok, &what).took(begun.elapsed()));
                    found
                }
                Ok(Err(_)) => {
                    let kind = FailureKind::NameNotFound {
                        host: Text::clean(host),
                    };
                    steps.push(Step::failed("name", &Failure::new(kind)).took(begun.elapsed()));
                    return false;
                }
                Err(_) => {
                    let what = format!("no name server tells the address of {host}");
                    let step = Step::new("name", Verdict::Fails, &what);
                    steps.push(step.next("look at /etc/resolv.conf and the name servers in it"));
                    return false;
                }
            }
        }
        Some(Host::Ipv4(ip)) => vec![SocketAddr::new(ip.into(), port)],
        Some(Host::Ipv6(ip)) => vec![SocketAddr::new(ip.into(), port)],
        None => Vec::new(),
    };
    let Some(stream) = connection(&addresses, connect, steps).await else {
        return false;
    };
    if url.scheme() == "https" {
        tls(url, reach, stream, steps).await
    } else {
        let what = "none: plain HTTP, which does not leave this machine";
        steps.push(Step::new("tls", Verdict::Ok, what));
        true
    }
}

/// Connects to all addresses at once and keeps the first that answers.
async fn connection(
    addresses: &[SocketAddr],
    within: Duration,
    steps: &Steps,
) -> Option<TcpStream> {
    let begun = Instant::now();
    let tried = addresses.iter().map(|address| async move {
        match timeout(within, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => Ok((stream, begun.elapsed())),
            Ok(Err(error)) => Err((*address, Some(error))),
            Err(_) => Err((*address, None)),
        }
    });
    let mut open = Vec::new();
    let mut shut = Vec::new();
    for outcome in join_all(tried).await {
        match outcome {
            Ok(connected) => open.push(connected),
            Err(failed) => shut.push(failed),
        }
    }
    let first = open.into_iter().min_by_key(|(_, took)| *took);
    let silent: Vec<String> = shut
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    match (first, shut.into_iter().next()) {
        (Some((stream, took)), None) => {
            let peer = stream
                .peer_addr()
                .map_or_else(|_| String::new(), |a| format!(" to {a}"));
            let what = format!("stands{peer}");
            steps.push(Step::new("connection", Verdict::Ok, &what).took(took));
            Some(stream)
        }
        (Some((stream, took)), Some(_)) => {
            let what = format!("stands, but not to {}", silent.join(", "));
            steps.push(
                Step::new("connection", Verdict::Warning, &what)
                    .took(took)
                    .next("an address that does not answer costs time at each new connection: take it out of the DNS, or open the firewall for it"),
            );
            Some(stream)
        }
        (None, Some((address, error))) => {
            let kind = match error {
                Some(error) => FailureKind::Unreachable {
                    detail: Text::clean(&format!("{address}: {}", in_words(&error))),
                },
                None => FailureKind::TimedOut {
                    stage: Stage::Connect,
                    after: within,
                },
            };
            steps.push(Step::failed("connection", &Failure::new(kind)).took(begun.elapsed()));
            None
        }
        (None, None) => {
            steps.push(Step::new(
                "connection",
                Verdict::Fails,
                "the name has no address",
            ));
            None
        }
    }
}

/// The system's words without its number.
fn in_words(error: &std::io::Error) -> String {
    let words = error.to_string().to_lowercase();
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

/// The handshake as the source's client does it. What is wrong with it is left to that client's own words.
async fn tls(url: &Url, reach: &Reach, stream: TcpStream, steps: &Steps) -> bool {
    let begun = Instant::now();
    let rule = reach.trust.clone();
    let made = tokio::task::spawn_blocking(move || trust::client_config(&rule)).await;
    let config = match made {
        Ok(Ok(config)) => config,
        Ok(Err(failure)) => {
            steps.push(Step::failed("tls", &failure));
            return false;
        }
        Err(_) => return false,
    };
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let Ok(name) = ServerName::try_from(host) else {
        return true;
    };
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = timeout(reach.deadlines.connect, connector.connect(name, stream)).await;
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            let refusal = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
                .and_then(trust::Refusal::within);
            if let Some(refusal) = refusal {
                steps
                    .push(Step::failed("tls", &Failure::new(refusal.kind())).took(begun.elapsed()));
                return false;
            }
            // Wrong versions, plain HTTP and the like: the client says it best.
            let failure = Http::new("", reach).send(Request::get("/")).await.err();
            let failure = failure.unwrap_or_else(|| {
                Failure::new(FailureKind::Tls {
                    detail: Text::clean(&error.to_string()),
                })
            });
            steps.push(Step::failed("tls", &failure).took(begun.elapsed()));
            return false;
        }
        Err(_) => {
            let kind = FailureKind::TimedOut {
                stage: Stage::Connect,
                after: reach.deadlines.connect,
            };
            steps.push(Step::failed("tls", &Failure::new(kind)));
            return false;
        }
    };
    let took = begun.elapsed();
    let session = stream.get_ref().1;
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let chain = session.peer_certificates().unwrap_or_default();
    let days = chain.first().and_then(|leaf| days_left(leaf));
    let trusted = match &reach.trust {
        Trust::System => "trusted by the system's roots".to_owned(),
        Trust::CaFile(path) => format!("signed by {}", path.display()),
        Trust::Pins(_) => "the pinned certificate".to_owned(),
    };
    let certificates = words::count(chain.len() as u64, "certificate");
    let mut what = format!("{version}, {certificates}, {trusted}");
    let step = match days {
        None => Step::new("tls", Verdict::Ok, &what),
        Some(days) if days >= CERTIFICATE_WARNING => {
            let _ = write!(what, ", {days} days left");
            Step::new("tls", Verdict::Ok, &what)
        }
        Some(days) if days >= 0 => {
            let _ = write!(
                what,
                ", only {} left",
                words::count(days.unsigned_abs(), "day")
            );
            Step::new("tls", Verdict::Warning, &what).next("renew the certificate")
        }
        Some(days) => {
            let _ = write!(
                what,
                ", ended {} ago",
                words::count(days.unsigned_abs(), "day")
            );
            Step::new("tls", Verdict::Warning, &what)
                .next("a pin trusts it all the same; renew the certificate and pin the new one")
        }
    };
    steps.push(step.took(took));
    true
}

fn days_left(der: &[u8]) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let end = certificate.validity().not_after.timestamp();
    Some((end - Moment::now().as_unix()).div_euclid(86_400))
}

/// Asks for the start page, without a credential: what answers, how fast, and what time it has.
async fn answer(name: &str, reach: &Reach, steps: &Steps) -> bool {
    let begun = Instant::now();
    match Http::new(name, reach).send(Request::get("/")).await {
        Ok(answer) => {
            let took = begun.elapsed();
            let what = format!("HTTP {}", answer.status);
            let step = if took > Duration::from_secs(3) {
                Step::new("answer", Verdict::Warning, &what)
                    .next("the server is slow: look at its load")
            } else {
                Step::new("answer", Verdict::Ok, &what)
            };
            steps.push(step.took(took));
            let date = answer.headers.get(DATE).and_then(|date| date.to_str().ok());
            steps.push(clock(date));
            true
        }
        Err(failure) => {
            let step = Step::failed("answer", &failure).took(begun.elapsed());
            let is_plain =
                reach.tunnel.is_none() && reach.urls.iter().any(|url| url.scheme() == "http");
            let is_no_answer = matches!(
                failure.kind,
                FailureKind::Malformed { .. } | FailureKind::Broken { .. }
            );
            steps.push(if is_plain && is_no_answer {
                step.also("if the server speaks TLS, write https:// in its address")
            } else {
                step
            });
            false
        }
    }
}

/// How far the server's clock is from ours.
fn clock(date: Option<&str>) -> Step {
    let ahead = date
        .and_then(|date| crate::source::proxmox::read::cluster::clock_ahead(date, Moment::now()));
    let Some(ahead) = ahead else {
        return Step::new(
            "clock",
            Verdict::Skipped,
            "the server does not tell its time",
        );
    };
    let apart = Duration::from_secs(ahead.unsigned_abs());
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let what = format!(
        "the server is {} {side} this machine",
        words::duration(apart)
    );
    match ahead.abs() {
        0..=2 => Step::new("clock", Verdict::Ok, "the server and this machine agree"),
        ..=CLOCK_WARNING => Step::new("clock", Verdict::Ok, &what),
        far => {
            let verdict = if far > CLOCK_FAILS {
                Verdict::Fails
            } else {
                Verdict::Warning
            };
            Step::new("clock", verdict, &what)
                .next("ages are wrong by as much, and tickets may be refused: let both take their time from NTP (timedatectl set-ntp true)")
        }
    }
}
