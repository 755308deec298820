//! One probe of one URL: a fresh connection, one GET, nothing followed.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::certificate::{self, Look};
use super::fault;
use crate::config::shape::Deadlines;
use crate::domain::Text;
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::web::Certificate;

/// Sent with every probe, so that people find it in their logs.
const AGENT: &str = concat!("vigie/", env!("CARGO_PKG_VERSION"), " (probe)");

/// How long one of several addresses may take to answer before the next is tried.
const SHARE: Duration = Duration::from_secs(1);

/// Most of a body that is read: enough to see that the page comes.
const LONGEST_BODY: usize = 256 * 1024;

/// Largest head of an answer.
const LONGEST_HEAD: usize = 64 * 1024;

/// What a probe met.
pub(super) struct Met {
    /// The head of the answer, once its body came too; or why there is none.
    pub(super) answer: Result<Head, FailureKind>,
    /// The certificate of the connection.
    pub(super) certificate: Option<Certificate>,
    /// Bytes of the body that were read.
    pub(super) bytes: u64,
}

/// The head of an answer.
pub(super) struct Head {
    pub(super) status: u16,
    /// From the start of the probe (name, connection and TLS included) to the head of the answer.
    pub(super) first_byte: Duration,
    /// Headers, for `Location` and caches.
    headers: hyper::HeaderMap,
}

impl Head {
    /// A header's value, whatever bytes it holds.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// Where a URL leads.
struct Place<'u> {
    host: Host<&'u str>,
    port: u16,
}

impl Place<'_> {
    fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Deadlines of one probe as points in time.
#[derive(Clone, Copy)]
struct Limits {
    started: Instant,
    deadlines: Deadlines,
}

impl Limits {
    fn end(self) -> Instant {
        self.started + self.deadlines.whole
    }

    fn connected_by(self) -> Instant {
        self.end().min(self.started + self.deadlines.connect)
    }
}

/// Asks `url` once.
pub(super) async fn probe(url: &Url, tls: Option<&Arc<ClientConfig>>, deadlines: Deadlines) -> Met {
    let mut met = Met {
        answer: Err(FailureKind::WrongPlace {
            detail: Text::clean("only http and https addresses with a host can be probed"),
        }),
        certificate: None,
        bytes: 0,
    };
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return met;
    };
    let place = Place { host, port };
    let limits = Limits {
        started: Instant::now(),
        deadlines,
    };
    met.answer = match (url.scheme(), tls) {
        ("http", _) => match in_time(limits, connect(&place)).await {
            Ok(stream) => exchange(stream, url, limits, &mut met.bytes).await,
            Err(kind) => Err(kind),
        },
        ("https", Some(tls)) => {
            let opened = in_time(limits, encrypt(&place, Arc::clone(tls))).await;
            match opened {
                Ok(stream) => {
                    let certificates = stream.get_ref().1.peer_certificates();
                    let own = certificates.and_then(<[_]>::first);
                    met.certificate = own.map(|der| certificate::read(der));
                    exchange(stream, url, limits, &mut met.bytes).await
                }
                Err(kind) => {
                    if let FailureKind::Certificate { offered, .. } = &kind {
                        met.certificate = look(&place, limits)
                            .await
                            .filter(|seen| offered.as_ref().is_none_or(|o| *o == seen.fingerprint));
                    }
                    Err(kind)
                }
            }
        }
        _ => return met,
    };
    met
}

/// Name, connection and handshake have one deadline.
async fn in_time<T>(
    limits: Limits,
    connecting: impl Future<Output = Result<T, FailureKind>>,
) -> Result<T, FailureKind> {
    timeout_at(limits.connected_by(), connecting)
        .await
        .unwrap_or(Err(FailureKind::TimedOut {
            stage: Stage::Connect,
            after: limits.deadlines.connect.min(limits.deadlines.whole),
        }))
}

/// A connection to the first of the host's addresses that takes one.
async fn connect(place: &Place<'_>) -> Result<TcpStream, FailureKind> {
    let addresses: Vec<IpAddr> = match place.host {
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
        Host::Domain(name) => tokio::net::lookup_host((name, place.port))
            .await
            .map_err(|error| fault::no_address(name, &error))?
            .map(|address| address.ip())
            .collect(),
    };
    let mut first = None;
    let last = addresses.len().saturating_sub(1);
    for (index, address) in addresses.into_iter().enumerate() {
        let connecting = TcpStream::connect((address, place.port));
        let connected = if index < last {
            // An address that swallows packets must not use up the time of the next one.
            timeout(SHARE, connecting)
                .await
                .unwrap_or_else(|late| Err(late.into()))
        } else {
            connecting.await
        };
        match connected {
            Ok(stream) => {
                // Only a matter of speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(match first {
        Some(error) => fault::no_connection(&place.shown(), &error),
        None => FailureKind::NameNotFound {
            host: Text::clean(&place.host.to_string()),
        },
    })
}

type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// An encrypted connection, its certificate verified.
async fn encrypt(place: &Place<'_>, tls: Arc<ClientConfig>) -> Result<TlsStream, FailureKind> {
    let name = match place.host {
        Host::Domain(name) => {
            ServerName::try_from(name.to_owned()).map_err(|_| FailureKind::NameNotFound {
                host: Text::clean(name),
            })?
        }
        Host::Ipv4(address) => ServerName::from(IpAddr::from(address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::from(address)),
    };
    let stream = connect(place).await?;
    TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .map_err(|error| fault::no_handshake(&place.shown(), &error))
}

/// What the server offers, for people to see: a second handshake that ends at the certificate.
async fn look(place: &Place<'_>, limits: Limits) -> Option<Certificate> {
    let (look, config) = Look::new()?;
    let by = limits.end().min(Instant::now() + limits.deadlines.connect);
    // It never succeeds, and that is no news.
    let _ = timeout_at(by, encrypt(place, Arc::new(config))).await;
    look.seen().map(|der| certificate::read(&der))
}

/// One GET over an open connection.
async fn exchange<S>(
    stream: S,
    url: &Url,
    limits: Limits,
    bytes: &mut u64,
) -> Result<Head, FailureKind>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LONGEST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| fault::broken(&error, false))?;
    let request = request(url)?;
    let mut connection = pin!(connection);
    let mut talk = pin!(async {
        let first_byte = limits
            .end()
            .min(Instant::now() + limits.deadlines.first_byte);
        let answer = timeout_at(first_byte, sender.send_request(request))
            .await
            .map_err(|_| {
                Miss::Kind(FailureKind::TimedOut {
                    stage: Stage::FirstByte,
                    after: limits.deadlines.first_byte.min(limits.deadlines.whole),
                })
            })?
            .map_err(Miss::Unanswered)?;
        let head = Head {
            status: answer.status().as_u16(),
            first_byte: limits.started.elapsed(),
            headers: answer.headers().clone(),
        };
        timeout_at(limits.end(), read_body(answer, bytes))
            .await
            .unwrap_or(Err(FailureKind::TimedOut {
                stage: Stage::Body,
                after: limits.deadlines.whole,
            }))
            .map_err(Miss::Kind)?;
        Ok(head)
    });
    let mut open = true;
    let mut ended = None;
    loop {
        // The connection moves the bytes while the talk waits for them; both end with this function.
        tokio::select! {
            biased;
            done = &mut talk => return done.map_err(|miss| match (miss, ended) {
                (Miss::Kind(kind), _) => kind,
                // What broke the connection says more than that the request was given up.
                (Miss::Unanswered(error), Some(cause)) if error.is_canceled() => {
                    fault::broken(&cause, false)
                }
                (Miss::Unanswered(error), _) => fault::broken(&error, false),
            }),
            done = &mut connection, if open => {
                open = false;
                ended = done.err();
            }
        }
    }
}

/// Why there is no whole answer.
enum Miss {
    /// The request got none.
    Unanswered(hyper::Error),
    /// Anything else.
    Kind(FailureKind),
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>, FailureKind> {
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Request::get(target)
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|error| FailureKind::WrongPlace {
            detail: Text::clean(&format!("an address that cannot be asked for: {error}")),
        })
}

/// Reads the body to its end or to the most that is read.
async fn read_body(answer: Response<Incoming>, bytes: &mut u64) -> Result<(), FailureKind> {
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| fault::broken(&error, true))?;
        *bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
        if *bytes >= LONGEST_BODY as u64 {
            break;
        }
    }
    Ok(())
}
