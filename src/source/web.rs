//! Web services probed from here: one request a site, its phases measured apart, with the certificate of
//! the very connection, where it redirects to and what its page says.
//!
//! Every site has its own pace. A reading starts the probes that are due, waits a moment for them, and
//! gives the last outcome of every site: a site that hangs never holds up the others, and its own outcome
//! comes with a later reading. Only the first reading waits longer, so that no site is missing in it. A site that missed is asked again after 15 s until three misses in a row
//! make it certain.
//!
//! Redirects are followed within the site only, no credential is sent but in headers that the
//! configuration gives, and no more of a page is read than its first 256 KiB.

mod certificate;
mod fault;
mod judge;
mod probe;
mod route;
mod track;

#[cfg(test)]
mod loopback;
#[cfg(test)]
mod pace_tests;
#[cfg(test)]
mod plain_tests;
#[cfg(test)]
mod tls_tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName};
use rustls::ClientConfig;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use super::http::trust;
use super::{Answered, secret};
use crate::config::shape::{Method, Site, Trust, Web};
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::web::{Probe, ProbeOutcome};
use crate::domain::{Batch, Failure, Moment, Reading, Text};
use judge::Came;
use probe::{Met, Tls};
use track::Track;

/// How long a reading waits for the probes that it started. Slower ones are told by a later reading.
const GRACE: Duration = Duration::from_secs(2);

/// How long the first reading waits: rows of an earlier session may be on the screen, and a site that hangs
/// must not vanish from there until its own outcome comes. Longer than a first byte may take by default.
const FIRST: Duration = Duration::from_secs(15);

/// Probes that are due together begin spread over this long.
const SPREAD: Duration = Duration::from_millis(150);

/// A set of sites.
pub struct Client {
    name: String,
    trust: Trust,
    sites: Vec<Arc<Asked>>,
    permits: Arc<Semaphore>,
    /// Made by the first probe, and made anew after a certificate was refused.
    tls: Mutex<Option<Arc<ClientConfig>>>,
    /// Somebody wants to know now, due or not.
    hurry: AtomicBool,
    state: Mutex<State>,
}

/// A site, and its headers once they were fetched.
struct Asked {
    site: Site,
    headers: Mutex<Option<Arc<HeaderMap>>>,
}

/// Probes under way, and what was seen of each site so far, in the order of the configuration.
struct State {
    tracks: Vec<Track>,
    running: JoinSet<(Probe, Traffic)>,
    /// Which site a running probe is of.
    sites: HashMap<Id, usize>,
    /// A certificate was refused since the TLS configuration was made.
    untrusted: bool,
}

impl Client {
    /// A client of the sites of `settings`. Does no I/O.
    pub fn new(name: &str, settings: &Web) -> Self {
        let asked = |site: &Site| {
            Arc::new(Asked {
                site: site.clone(),
                headers: Mutex::default(),
            })
        };
        Self {
            name: name.to_owned(),
            trust: settings.trust.clone(),
            sites: settings.sites.iter().map(asked).collect(),
            permits: Arc::new(Semaphore::new(settings.parallel.max(1))),
            tls: Mutex::default(),
            hurry: AtomicBool::new(false),
            state: Mutex::new(State {
                tracks: settings.sites.iter().map(|_| Track::default()).collect(),
                running: JoinSet::new(),
                sites: HashMap::new(),
                untrusted: false,
            }),
        }
    }

    /// Probes the sites that are due; gives the last outcome of all, in the order of the configuration.
    async fn round(&self) -> (Vec<Probe>, Traffic) {
        let mut state = self.state.lock().await;
        let mut traffic = Traffic::default();
        while let Some(joined) = state.running.try_join_next_with_id() {
            self.take(&mut state, joined, &mut traffic);
        }
        self.start(&mut state).await;
        let all_known = state.tracks.iter().all(|track| track.last.is_some());
        let patience = Instant::now() + if all_known { GRACE } else { FIRST };
        loop {
            tokio::select! {
                joined = state.running.join_next_with_id() => match joined {
                    Some(joined) => self.take(&mut state, joined, &mut traffic),
                    None => break,
                },
                () = sleep_until(patience) => break,
            }
        }
        let probes: Vec<Probe> = (state.tracks.iter())
            .filter_map(|track| track.last.clone())
            .collect();
        if std::mem::take(&mut state.untrusted) {
            // The CA file or the system's roots may have been renewed since they were read.
            *self.tls.lock().await = None;
        }
        (probes, traffic)
    }

    /// Starts the probes that are due.
    async fn start(&self, state: &mut State) {
        let now = Instant::now();
        let hurry = self.hurry.swap(false, Ordering::AcqRel);
        let due: Vec<usize> = (state.tracks.iter().enumerate())
            .filter(|(_, track)| track.is_due(now) || (hurry && !track.busy))
            .map(|(index, _)| index)
            .collect();
        if due.is_empty() {
            return;
        }
        let tls = self.tls().await;
        let many = due.len() > 1;
        for index in due {
            let (Some(asked), Some(track)) = (self.sites.get(index), state.tracks.get_mut(index))
            else {
                continue;
            };
            track.busy = true;
            let (asked, tls) = (Arc::clone(asked), tls.clone());
            let permits = Arc::clone(&self.permits);
            let name = self.name.clone();
            let running = state.running.spawn(async move {
                if many {
                    sleep(SPREAD.mul_f64(fastrand::f64())).await;
                }
                // Never closed, so there is always one to wait for.
                let _permit = permits.acquire().await;
                one(&name, &asked, &tls).await
            });
            state.sites.insert(running.id(), index);
        }
    }

    /// Takes in a probe that is over.
    fn take(
        &self,
        state: &mut State,
        joined: Result<(Id, (Probe, Traffic)), JoinError>,
        traffic: &mut Traffic,
    ) {
        let (id, done) = match joined {
            Ok((id, done)) => (id, Ok(done)),
            Err(broken) => (broken.id(), Err(broken)),
        };
        let Some(index) = state.sites.remove(&id) else {
            return;
        };
        let (Some(asked), Some(track)) = (self.sites.get(index), state.tracks.get_mut(index))
        else {
            return;
        };
        let (probe, cost) = done.unwrap_or_else(|broken| {
            let kind = FailureKind::Bug {
                detail: Text::clean(&broken.to_string()),
            };
            (
                described(&asked.site, Met::failed(kind)),
                Traffic::default(),
            )
        });
        traffic.requests = traffic.requests.saturating_add(cost.requests);
        traffic.bytes = traffic.bytes.saturating_add(cost.bytes);
        state.untrusted |= is_untrusted(&probe);
        track.take(probe, Instant::now(), fastrand::f64());
    }

    /// The TLS configuration, made now if there is none.
    async fn tls(&self) -> Tls {
        let mut kept = self.tls.lock().await;
        if let Some(tls) = &*kept {
            return Ok(Arc::clone(tls));
        }
        let rule = self.trust.clone();
        // Reads files: roots of the system or of the user.
        let made = tokio::task::spawn_blocking(move || trust::client_config(&rule)).await;
        let mut config = made.map_err(|error| {
            Failure::new(FailureKind::Bug {
                detail: Text::clean(&error.to_string()),
            })
        })??;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::clone(kept.insert(Arc::new(config))))
    }
}

/// One probe of one site.
async fn one(name: &str, asked: &Asked, tls: &Tls) -> (Probe, Traffic) {
    let met = match asked.headers(name).await {
        Ok(headers) => probe::probe(&asked.site, &headers, tls).await,
        Err(failure) => Met::failed(failure.kind),
    };
    if (met.answer.as_ref()).is_ok_and(|head| matches!(head.status, 401 | 403)) {
        // A secret among them may have been renewed.
        *asked.headers.lock().await = None;
    }
    let traffic = Traffic {
        requests: met.requests,
        bytes: met.bytes,
        answered_by: None,
    };
    (described(&asked.site, met), traffic)
}

impl Asked {
    /// The headers of the configuration; secrets among them are fetched when they are first needed.
    async fn headers(&self, name: &str) -> Result<Arc<HeaderMap>, Failure> {
        let mut kept = self.headers.lock().await;
        if let Some(headers) = &*kept {
            return Ok(Arc::clone(headers));
        }
        let mut headers = HeaderMap::new();
        for header in &self.site.headers {
            let what = format!("header {} of {name}", header.name);
            let value = secret::fetch(&what, &header.value).await?;
            let wrong = |words: &str| {
                Failure::new(FailureKind::Secret {
                    detail: Text::clean(&format!("{what}: {words}")),
                })
            };
            let name = HeaderName::from_bytes(header.name.as_bytes())
                .map_err(|_| wrong("no header can be called so"))?;
            let value = secret::header_value(value.expose())
                .map_err(|_| wrong("it has characters that no header may have"))?;
            headers.insert(name, value);
        }
        Ok(Arc::clone(kept.insert(Arc::new(headers))))
    }
}

/// What a probe met, in the words of the domain. What is counted in a row is added by its [`Track`].
fn described(site: &Site, met: Met) -> Probe {
    let address = site.address.first().map(|at| {
        let more = match site.address.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Text::clean(&format!("{}:{}{more}", at.host, at.port))
    });
    Probe {
        address,
        timing: met.timing,
        families: met.families,
        body: met.body,
        upgrade: met.upgrade,
        certificate: met.certificate,
        interval: site.interval,
        runs_on: site.runs_on.as_deref().and_then(Text::clean_non_empty),
        certificate_levels: site.certificate,
        ..Probe::new(
            Text::clean(&site.name),
            Text::clean(&judge::shown(&site.url, true)),
            Moment::now(),
            outcome(site, met.answer),
        )
    }
}

fn outcome(site: &Site, answer: Result<probe::Head, FailureKind>) -> ProbeOutcome {
    match answer {
        Ok(head) => {
            let (location, coding) = (head.location(), head.coding());
            let verdict = judge::judge(
                site,
                &Came {
                    status: head.status,
                    url: &head.url,
                    location: location.as_deref(),
                    hops: head.hops,
                    circles: head.circles,
                    coding: coding.as_deref(),
                    page: &head.page,
                },
            );
            ProbeOutcome::Answered {
                status: head.status,
                first_byte: head.first_byte,
                redirect: verdict.redirect,
                expected: verdict.lack.is_none(),
                cache: judge::cache(|name| head.header(name)),
                wanted: verdict.wanted,
                lack: verdict.lack,
            }
        }
        Err(kind) => {
            let method = match site.method {
                Method::Get => "GET",
                Method::Head => "HEAD",
            };
            let asked = format!("{method} {}", judge::shown(&site.url, false));
            ProbeOutcome::Failed(Failure::new(kind).during(&asked))
        }
    }
}

const fn is_untrusted(probe: &Probe) -> bool {
    matches!(
        &probe.outcome,
        ProbeOutcome::Failed(Failure {
            kind: FailureKind::Certificate { .. },
            ..
        })
    )
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("name", &self.name)
            .field("sites", &self.sites.len())
            .finish_non_exhaustive()
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        if reading != Reading::Probes {
            return Answered {
                outcome: Err(Failure::new(FailureKind::Bug {
                    detail: Text::clean(&format!("{} are not read by probes", reading.name())),
                })),
                traffic: Traffic::default(),
            };
        }
        let (probes, traffic) = self.round().await;
        Answered {
            outcome: Ok(Batch::Probes(Arc::new(probes))),
            traffic,
        }
    }

    fn hurry(&self) {
        self.hurry.store(true, Ordering::Release);
    }
}
