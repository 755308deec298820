//! One probe of one site: a fresh connection, one request, its phases measured apart. Redirects are
//! followed within the site only, each over a connection of its own.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{
    ACCEPT, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, LOCATION,
    USER_AGENT,
};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::certificate;
use super::fault::{self, Handshake};
use super::judge;
use super::route::{Place, Race};
use crate::config::shape::{Address, Deadlines, Method, Site};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::web::{Body, Certificate, Families, Timing, Upgrade};
use crate::domain::{Failure, Text};

/// Sent with every probe, so that people find it in their logs.
const AGENT: &str = concat!("vigie/", env!("CARGO_PKG_VERSION"), " (probe)");

/// Most of a body that is read: enough to see that the page comes.
const LONGEST_BODY: usize = 256 * 1024;

/// Largest head of an answer.
const LONGEST_HEAD: usize = 64 * 1024;

/// Most redirects that are followed.
const MOST_HOPS: u32 = 5;

/// The TLS configuration, or why there is none: without roots nothing can be trusted.
pub(super) type Tls = Result<Arc<ClientConfig>, Failure>;

/// What a probe met.
pub(super) struct Met {
    /// The last answer, once its page came too; or why there is none.
    pub(super) answer: Result<Head, FailureKind>,
    /// The certificate of the last encrypted connection.
    pub(super) certificate: Option<Certificate>,
    pub(super) timing: Timing,
    pub(super) families: Families,
    pub(super) body: Body,
    /// What `http://` does, where that is asked for.
    pub(super) upgrade: Option<Upgrade>,
    /// Requests that were sent, and bytes of bodies that were read.
    pub(super) requests: u32,
    pub(super) bytes: u64,
}

impl Met {
    fn new() -> Self {
        Self {
            answer: Err(FailureKind::WrongPlace {
                detail: Text::clean("only http and https addresses with a host can be probed"),
            }),
            certificate: None,
            timing: Timing::default(),
            families: Families::default(),
            body: Body::default(),
            upgrade: None,
            requests: 0,
            bytes: 0,
        }
    }

    /// It failed before anything was tried.
    pub(super) fn failed(kind: FailureKind) -> Self {
        Self {
            answer: Err(kind),
            ..Self::new()
        }
    }
}

/// An answer.
pub(super) struct Head {
    pub(super) status: u16,
    /// From the start of the probe (name, connection, TLS and redirects included) to its first byte.
    pub(super) first_byte: Duration,
    /// Where it came from.
    pub(super) url: Url,
    /// Redirects followed before it.
    pub(super) hops: u32,
    /// Its own redirect was not followed because it goes in a circle, or on and on.
    pub(super) circles: bool,
    /// What was read of the page, where its text matters.
    pub(super) page: Vec<u8>,
    headers: HeaderMap,
}

impl Head {
    /// A header's value, whatever bytes it holds.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// Where it redirects to.
    pub(super) fn location(&self) -> Option<String> {
        self.header(LOCATION.as_str())
    }

    /// How the page is packed, if it is.
    pub(super) fn coding(&self) -> Option<String> {
        self.header(CONTENT_ENCODING.as_str())
            .filter(|coding| !coding.trim().eq_ignore_ascii_case("identity"))
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

    /// Name, connection and handshake of a hop that begins now have one deadline.
    fn connected_by(self) -> Instant {
        self.end().min(Instant::now() + self.deadlines.connect)
    }

    fn first_byte_by(self) -> Instant {
        self.end().min(Instant::now() + self.deadlines.first_byte)
    }

    fn late(self, stage: Stage) -> FailureKind {
        let deadline = match stage {
            Stage::Resolve | Stage::Connect | Stage::Tls => self.deadlines.connect,
            Stage::FirstByte => self.deadlines.first_byte,
            Stage::Body => self.deadlines.whole,
        };
        FailureKind::TimedOut {
            stage,
            after: deadline.min(self.deadlines.whole),
        }
    }
}

/// One request of a probe.
struct Hop<'h> {
    url: &'h Url,
    instead: &'h [Address],
    method: Method,
    headers: Option<&'h HeaderMap>,
    tls: &'h Tls,
    limits: Limits,
    /// Whether the page is read, and whether it is kept.
    read: bool,
    keep: bool,
}

/// Asks a site once, with the redirects that lead on within it.
pub(super) async fn probe(site: &Site, headers: &HeaderMap, tls: &Tls) -> Met {
    let mut met = Met::new();
    let limits = Limits {
        started: Instant::now(),
        deadlines: site.deadlines,
    };
    let mut seen: Vec<Url> = vec![site.url.clone()];
    let mut url = site.url.clone();
    let mut hops = 0;
    loop {
        // Own headers may hold secrets: never in the clear, save to the very place they were given for.
        let same = url.origin() == site.url.origin();
        let hop = Hop {
            url: &url,
            instead: &site.address,
            method: site.method,
            headers: (same || url.scheme() == "https").then_some(headers),
            tls,
            limits,
            read: site.method == Method::Get,
            keep: site.must_contain.is_some() || site.must_not_contain.is_some(),
        };
        let answer = hop.ask(&mut met).await;
        let mut head = match answer {
            Ok(head) => head,
            Err(kind) => {
                met.answer = Err(kind);
                break;
            }
        };
        head.hops = hops;
        let location = head.location();
        let onward = judge::onward(site, &url, head.status, location.as_deref());
        let Some(target) = onward else {
            met.answer = Ok(head);
            break;
        };
        if hops >= MOST_HOPS || seen.contains(&target) {
            head.circles = true;
            met.answer = Ok(head);
            break;
        }
        seen.push(target.clone());
        url = target;
        hops += 1;
    }
    met.timing.whole = limits.started.elapsed();
    if let Some(asked) = &site.upgrade {
        met.upgrade = Some(upgrade(site, asked, tls, &mut met).await);
    }
    met
}

/// What `http://` does: asked beside the site itself, without own headers, where the name leads.
async fn upgrade(site: &Site, asked: &Url, tls: &Tls, met: &mut Met) -> Upgrade {
    let hop = Hop {
        url: asked,
        instead: &[],
        method: site.method,
        headers: None,
        tls,
        limits: Limits {
            started: Instant::now(),
            deadlines: site.deadlines,
        },
        read: false,
        keep: false,
    };
    let mut aside = Met::new();
    let answer = hop.ask(&mut aside).await;
    met.requests += aside.requests;
    match answer {
        Ok(head) => judge::upgrade(site, asked, head.status, head.location().as_deref()),
        Err(kind) => {
            let shown = format!("GET {}", judge::shown(asked, false));
            Upgrade::Failed(Failure::new(kind).during(&shown))
        }
    }
}

impl Hop<'_> {
    /// Connects and asks; what it met on the way goes into `met`.
    async fn ask(&self, met: &mut Met) -> Result<Head, FailureKind> {
        met.timing = Timing::default();
        met.families = Families::default();
        met.body = Body::default();
        let place = Place::new(self.url, self.instead);
        let (Some(place), "http" | "https") = (place, self.url.scheme()) else {
            return Err(FailureKind::WrongPlace {
                detail: Text::clean("only http and https addresses with a host can be probed"),
            });
        };
        let tls = match (self.url.scheme(), self.tls) {
            ("https", Ok(tls)) => Some(Arc::clone(tls)),
            ("https", Err(failure)) => return Err(failure.kind.clone()),
            _ => None,
        };
        let by = self.limits.connected_by();
        let resolved = timeout_at(by, place.resolve())
            .await
            .unwrap_or_else(|_| Err(self.limits.late(Stage::Resolve)));
        let (addresses, took) = resolved?;
        met.timing.resolve = took;
        let deadlines = self.limits.deadlines;
        let mut race = Race::start(&addresses, by, deadlines.connect.min(deadlines.whole));
        let answer = match race.winner(&place.shown).await {
            Ok(way) => {
                met.timing.connect = Some(way.took);
                match tls {
                    Some(tls) => self.talk_encrypted(way.stream, tls, by, &place, met).await,
                    None => self.exchange(way.stream, met).await,
                }
            }
            Err(kind) => Err(kind),
        };
        met.families = race.end().await;
        answer
    }

    async fn talk_encrypted(
        &self,
        stream: TcpStream,
        tls: Arc<ClientConfig>,
        by: Instant,
        place: &Place,
        met: &mut Met,
    ) -> Result<Head, FailureKind> {
        let name = self.server_name()?;
        let began = Instant::now();
        let shaken = timeout_at(by, TlsConnector::from(tls).connect(name, stream))
            .await
            .map_err(|_| self.limits.late(Stage::Tls))?;
        let stream = shaken.map_err(|error| {
            let Handshake { kind, certificate } = fault::no_handshake(&place.shown, &error);
            met.certificate = certificate.or(met.certificate.take());
            kind
        })?;
        met.timing.tls = Some(began.elapsed());
        let certificates = stream.get_ref().1.peer_certificates();
        if let Some(own) = certificates.and_then(<[_]>::first) {
            met.certificate = Some(certificate::read(own));
        }
        self.exchange(stream, met).await
    }

    /// The name that the certificate must be for: that of the URL, wherever it is asked.
    fn server_name(&self) -> Result<ServerName<'static>, FailureKind> {
        match self.url.host() {
            Some(Host::Ipv4(address)) => Ok(ServerName::from(IpAddr::from(address))),
            Some(Host::Ipv6(address)) => Ok(ServerName::from(IpAddr::from(address))),
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(|_| FailureKind::NameNotFound {
                    host: Text::clean(name),
                })
            }
            None => Err(FailureKind::NameNotFound {
                host: Text::clean(""),
            }),
        }
    }

    /// One request over an open connection.
    async fn exchange<S>(&self, stream: S, met: &mut Met) -> Result<Head, FailureKind>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(LONGEST_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| fault::broken(&error, false))?;
        let request = self.request()?;
        met.requests += 1;
        let mut connection = pin!(connection);
        let mut talk = pin!(async {
            let asked = Instant::now();
            let answer = timeout_at(self.limits.first_byte_by(), sender.send_request(request))
                .await
                .map_err(|_| Miss::Kind(self.limits.late(Stage::FirstByte)))?
                .map_err(Miss::Unanswered)?;
            met.timing.first_byte = Some(asked.elapsed());
            let mut head = Head {
                status: answer.status().as_u16(),
                first_byte: self.limits.started.elapsed(),
                url: self.url.clone(),
                hops: 0,
                circles: false,
                page: Vec::new(),
                headers: answer.headers().clone(),
            };
            met.body.announced = head
                .header(CONTENT_LENGTH.as_str())
                .and_then(|length| length.trim().parse().ok());
            if self.read {
                timeout_at(self.limits.end(), self.body(answer, &mut head.page, met))
                    .await
                    .unwrap_or_else(|_| Err(self.limits.late(Stage::Body)))
                    .map_err(Miss::Kind)?;
            }
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

    fn request(&self) -> Result<Request<Empty<Bytes>>, FailureKind> {
        let url = self.url;
        let host = url.host_str().unwrap_or_default();
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let method = match self.method {
            Method::Get => hyper::Method::GET,
            Method::Head => hyper::Method::HEAD,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, host)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, HeaderValue::from_static("*/*"))
            .header(CONNECTION, HeaderValue::from_static("close"))
            .body(Empty::new())
            .map_err(|error| FailureKind::WrongPlace {
                detail: Text::clean(&format!("an address that cannot be asked for: {error}")),
            })?;
        for (name, value) in self.headers.into_iter().flatten() {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }

    /// Reads the page to its end or to the most that is read.
    async fn body(
        &self,
        answer: Response<Incoming>,
        page: &mut Vec<u8>,
        met: &mut Met,
    ) -> Result<(), FailureKind> {
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| fault::broken(&error, true))?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            met.body.read += data.len() as u64;
            met.bytes += data.len() as u64;
            if self.keep {
                let room = LONGEST_BODY.saturating_sub(page.len()).min(data.len());
                page.extend_from_slice(data.get(..room).unwrap_or_default());
            }
            if met.body.read >= LONGEST_BODY as u64 {
                met.body.complete = met.body.announced == Some(met.body.read);
                return Ok(());
            }
        }
        met.body.complete = true;
        Ok(())
    }
}

/// Why there is no whole answer.
enum Miss {
    /// The request got none.
    Unanswered(hyper::Error),
    /// Anything else.
    Kind(FailureKind),
}
