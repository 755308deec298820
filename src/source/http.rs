//! The one hardened HTTP client: every request of every API source goes through [`Http::send`].
//!
//! What it keeps to: HTTP/1.1, no proxy, no cookies, no redirects, one layer of gzip with a cap on what it
//! expands to, deadlines for connecting, the first byte and the whole, every new connection's certificate
//! verified (no resumed sessions), one repetition of a GET when the server closed the connection under it.

mod answer;
pub mod certificate;
mod fault;
pub mod trust;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::config::shape::{Deadlines, Reach};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::observation::Traffic;
use crate::domain::{Failure, Text};

use super::tunnel::Tunnel;
use fault::Fault;

/// Proxmox VE drops idle connections after 5 s (`api/proxmox.md` §1), so ours are given up before.
const IDLE: Duration = Duration::from_secs(4);

/// Idle connections kept per address: a source asks for three readings at most at once.
const IDLE_CONNECTIONS: usize = 3;

/// Sent with every request.
const USER_AGENT: &str = concat!("vigie/", env!("CARGO_PKG_VERSION"));

/// A client of one source: its connections, trust, deadlines and caps. Cheap to share by reference.
pub struct Http {
    name: String,
    reach: Reach,
    tunnel: Option<Tunnel>,
    /// The address that answered last; the next request begins with it.
    preferred: AtomicUsize,
    /// Made by the first request, and made anew after a certificate was refused.
    client: tokio::sync::Mutex<Option<Client>>,
    traffic: Mutex<Traffic>,
}

/// A client with a pool, and what is needed to make one without.
#[derive(Clone)]
struct Client {
    pooled: reqwest::Client,
    tls: rustls::ClientConfig,
}

/// A request below the base URL of a source.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path and query below the base, beginning with `/`, already percent-encoded.
    pub path: String,
    /// Further headers; values with credentials must be marked sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Body and its content type.
    pub body: Option<(&'static str, Bytes)>,
    /// Other deadlines than the source's. The one for connecting stays the source's.
    pub deadlines: Option<Deadlines>,
}

/// Method of a request. A `Get` may be sent twice (once more on a connection the server closed), others never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Idempotent read.
    Get,
    /// Login, and reads that want a body.
    Post,
}

impl Method {
    /// As it is sent.
    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// An answer of any status, its body complete and within the cap. Errors of transport are [`Failure`]s.
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The reason phrase when it is not the canonical one (Proxmox puts its errors there).
    pub reason: Option<Text>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, decompressed.
    pub body: Bytes,
    /// What was asked, safe to show, for [`Failure::during`].
    pub asked: Text,
}

impl Request {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            deadlines: None,
        }
    }

    /// The path without query and fragment, where keys and names of people may stand.
    fn bare_path(&self) -> &str {
        self.path.split(['?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    /// Without query, header values and body: each may hold a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.bare_path())
            .field("headers", &headers)
            .field("body", &self.body.as_ref().map(|(_, body)| body.len()))
            .field("deadlines", &self.deadlines)
            .finish()
    }
}

impl fmt::Debug for Answer {
    /// Without header values and body: a login's answer holds the ticket.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("reason", &self.reason)
            .field("headers", &headers)
            .field("body", &self.body.len())
            .field("asked", &self.asked)
            .finish()
    }
}

impl fmt::Debug for Http {
    /// Hosts without the rest of their URLs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.reach.urls.iter().map(place).collect();
        f.debug_struct("Http")
            .field("name", &self.name)
            .field("places", &places)
            .field("tunnel", &self.reach.tunnel)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A client for one source. Does no I/O; CA files are read and tunnels are opened by the first request.
    pub fn new(name: &str, reach: &Reach) -> Self {
        Self {
            name: name.to_owned(),
            tunnel: reach.tunnel.as_ref().map(Tunnel::new),
            reach: reach.clone(),
            preferred: AtomicUsize::new(0),
            client: tokio::sync::Mutex::new(None),
            traffic: Mutex::new(Traffic::default()),
        }
    }

    /// Sends one request to the preferred address and, when that cannot be reached, to the next.
    /// Answers of every status are `Ok`, except those that [`Answer`] cannot carry: see [`Failure`].
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let deadlines = request.deadlines.unwrap_or(self.reach.deadlines);
        let end = Instant::now() + deadlines.whole;
        let addresses = self.reach.urls.len();
        let preferred = self.preferred.load(Ordering::Relaxed);
        let mut first_failure = None;
        for step in 0..addresses {
            let index = (preferred + step) % addresses;
            let Some(url) = self.reach.urls.get(index) else {
                break;
            };
            let asked = self.asked(&request, url);
            let begun = Instant::now();
            let outcome = self.ask(url, &request, deadlines, end, &asked).await;
            let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            match &outcome {
                Ok(answer) => {
                    let (status, bytes) = (answer.status, answer.body.len());
                    tracing::debug!(asked, status, bytes, took_ms, "answered");
                }
                Err(fault) => tracing::debug!(asked, took_ms, why = ?fault.kind, "failed"),
            }
            match outcome {
                Ok(answer) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    if addresses > 1 {
                        self.count(|traffic| traffic.answered_by = Some(Text::clean(&place(url))));
                    }
                    return Ok(answer);
                }
                Err(fault) => {
                    if matches!(fault.kind, FailureKind::Certificate { .. }) {
                        // The CA file or the system's roots may have been renewed since they were read.
                        *self.client.lock().await = None;
                    }
                    let failure = Failure::new(fault.kind).during(&asked);
                    if fault.sent {
                        if let FailureKind::TimedOut { .. } = failure.kind {
                            // It takes connections but does not answer: the next request begins elsewhere.
                            self.preferred
                                .store((index + 1) % addresses, Ordering::Relaxed);
                        }
                        return Err(first_failure.unwrap_or(failure));
                    }
                    first_failure.get_or_insert(failure);
                    if Instant::now() >= end {
                        break;
                    }
                }
            }
        }
        Err(first_failure.unwrap_or_else(|| {
            Failure::new(FailureKind::Bug {
                detail: Text::clean("a source without an address"),
            })
        }))
    }

    /// What the requests since the last call cost.
    pub fn take_traffic(&self) -> Traffic {
        let mut cost = Traffic::default();
        self.count(|traffic| cost = std::mem::take(traffic));
        cost
    }

    /// Notes what a request cost.
    fn count(&self, note: impl FnOnce(&mut Traffic)) {
        // Plain numbers: a panic elsewhere cannot have left them half written.
        let mut traffic = self
            .traffic
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        note(&mut traffic);
    }

    /// `GET /cluster/resources on golem.example.org:8006`.
    fn asked(&self, request: &Request, url: &Url) -> String {
        let (method, path) = (request.method.name(), request.bare_path());
        match &self.reach.tunnel {
            Some(tunnel) => format!(
                "{method} {path} on {}:{} through ssh {}",
                tunnel.to_host, tunnel.to_port, tunnel.ssh
            ),
            None => format!("{method} {path} on {}", place(url)),
        }
    }

    /// Asks one address, a GET once more when the server closed the connection under it.
    async fn ask(
        &self,
        base: &Url,
        request: &Request,
        deadlines: Deadlines,
        end: Instant,
        asked: &str,
    ) -> Result<Answer, Fault> {
        // Files on a dead network share, or an ssh that waits, must not hold it longer than a server may.
        let late = |_| {
            Fault::unsent(FailureKind::TimedOut {
                stage: Stage::Connect,
                after: deadlines.whole,
            })
        };
        let client = timeout_at(end, self.client()).await.map_err(late)??;
        let port = match &self.tunnel {
            Some(tunnel) => {
                let opened = timeout_at(end, tunnel.port()).await.map_err(late)?;
                Some(opened.map_err(|failure| Fault::unsent(failure.kind))?)
            }
            None => None,
        };
        let url = join(base, port, &request.path)?;
        let limits = Limits { deadlines, end };
        let exchange = self.exchange(&client.pooled, &url, request, limits, asked);
        match exchange.await {
            Err(fault) if fault.closed && request.method == Method::Get => {
                let fresh = fault::built(builder(&self.reach, &client.tls, 0).build())?;
                self.exchange(&fresh, &url, request, limits, asked).await
            }
            Err(mut fault) => {
                if let (Some(tunnel), FailureKind::Broken { detail }) =
                    (&self.tunnel, &mut fault.kind)
                    && let Some(words) = tunnel.last_words()
                {
                    *detail = Text::clean(&format!("{detail} (ssh says: {words})"));
                }
                Err(fault)
            }
            done => done,
        }
    }

    /// The client, made now if there is none.
    async fn client(&self) -> Result<Client, Fault> {
        let mut kept = self.client.lock().await;
        if let Some(client) = &*kept {
            return Ok(client.clone());
        }
        let encrypted = self.reach.urls.iter().any(|url| url.scheme() == "https");
        let tls = if encrypted && self.tunnel.is_none() {
            let trust = self.reach.trust.clone();
            // Reads files: roots of the system or of the user.
            tokio::task::spawn_blocking(move || trust::client_config(&trust))
                .await
                .map_err(|error| {
                    Fault::unsent(FailureKind::Bug {
                        detail: Text::clean(&error.to_string()),
                    })
                })?
                .map_err(|failure| Fault::unsent(failure.kind))?
        } else {
            trust::nobody().map_err(|failure| Fault::unsent(failure.kind))?
        };
        let pooled = fault::built(builder(&self.reach, &tls, IDLE_CONNECTIONS).build())?;
        let client = Client { pooled, tls };
        *kept = Some(client.clone());
        Ok(client)
    }

    /// One request and its answer.
    async fn exchange(
        &self,
        client: &reqwest::Client,
        url: &Url,
        request: &Request,
        limits: Limits,
        asked: &str,
    ) -> Result<Answer, Fault> {
        let Limits { deadlines, end } = limits;
        self.count(|traffic| traffic.requests += 1);
        let first_byte = end.min(Instant::now() + deadlines.first_byte);
        let sending = client.execute(outgoing(url, request));
        let mut response = match timeout_at(first_byte, sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                return Err(fault::explain(&error, url, self.reach.deadlines.connect));
            }
            Err(_) => {
                return Err(Fault::sent(FailureKind::TimedOut {
                    stage: Stage::FirstByte,
                    after: deadlines.first_byte.min(deadlines.whole),
                }));
            }
        };
        let status = response.status().as_u16();
        let reason = response
            .extensions()
            .get::<hyper::ext::ReasonPhrase>()
            .and_then(|phrase| Text::clean_non_empty(&String::from_utf8_lossy(phrase.as_bytes())));
        let headers = std::mem::take(response.headers_mut());
        let mut body = BytesMut::new();
        loop {
            match timeout_at(end, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    self.count(|traffic| traffic.bytes += chunk.len() as u64);
                    if (body.len() + chunk.len()) as u64 > self.reach.body_cap.0 {
                        return Err(Fault::sent(FailureKind::TooLarge {
                            cap: self.reach.body_cap.0,
                        }));
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(Ok(None)) => break,
                // Old servers end an error's body by ending the connection, not always politely;
                // the status and its reason are what counts.
                Ok(Err(_)) if status >= 400 => break,
                Ok(Err(error)) => return Err(fault::in_body(&error)),
                Err(_) => {
                    return Err(Fault::sent(FailureKind::TimedOut {
                        stage: Stage::Body,
                        after: deadlines.whole,
                    }));
                }
            }
        }
        Ok(Answer {
            status,
            reason,
            headers,
            body: body.freeze(),
            asked: Text::clean(asked),
        })
    }
}

/// Until when an exchange may last.
#[derive(Clone, Copy)]
struct Limits {
    deadlines: Deadlines,
    /// When the whole request is over, repetition and other addresses included.
    end: Instant,
}

/// `host:port`, without anything that could hold a credential.
fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The address of a path below a base; `port` is the near end of a tunnel.
fn join(base: &Url, port: Option<u16>, path: &str) -> Result<Url, Fault> {
    let origin = match port {
        Some(port) => format!("http://127.0.0.1:{port}"),
        None => format!("{}://{}", base.scheme(), place(base)),
    };
    let below = base.path().trim_end_matches('/');
    Url::parse(&format!("{origin}{below}{path}")).map_err(|error| {
        Fault::unsent(FailureKind::Bug {
            detail: Text::clean(&format!("an address that cannot be: {error}")),
        })
    })
}

/// The request as reqwest sends it.
fn outgoing(url: &Url, request: &Request) -> reqwest::Request {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut outgoing = reqwest::Request::new(method, url.clone());
    for (name, value) in &request.headers {
        outgoing.headers_mut().append(name, value.clone());
    }
    if let Some((content_type, body)) = &request.body {
        outgoing.headers_mut().insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static(content_type),
        );
        *outgoing.body_mut() = Some(body.clone().into());
    }
    outgoing
}

/// Everything that makes a client ours. `idle` is how many unused connections it keeps.
fn builder(reach: &Reach, tls: &rustls::ClientConfig, idle: usize) -> reqwest::ClientBuilder {
    let mut usual = HeaderMap::new();
    usual.insert(ACCEPT, HeaderValue::from_static("application/json"));
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(USER_AGENT)
        .default_headers(usual)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .retry(reqwest::retry::never())
        .http1_only()
        .gzip(true)
        .connect_timeout(reach.deadlines.connect)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
}
