//! Web services probed from here: one GET a site, with the time to its first byte, the certificate of the
//! very connection and where it redirects to.
//!
//! Nothing is followed and no credential is sent. A page counts as answered when its body came too (or the
//! first 256 KiB of it).

mod certificate;
mod fault;
mod judge;
mod probe;

#[cfg(test)]
mod loopback;
#[cfg(test)]
mod plain_tests;
#[cfg(test)]
mod tls_tests;

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use rustls::ClientConfig;

use super::Answered;
use super::http::trust;
use crate::config::shape::{Site, Web};
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::web::{Probe, ProbeOutcome};
use crate::domain::{Batch, Failure, Moment, Reading, Text};

/// Most probes at the same time: a bastion is no load generator.
const AT_ONCE: usize = 6;

/// A set of sites.
pub struct Client {
    name: String,
    settings: Web,
    /// Made by the first probe that needs it, and made anew after a certificate was refused.
    tls: tokio::sync::Mutex<Option<Arc<ClientConfig>>>,
    /// What was seen of each site so far, in the order of the configuration.
    tracks: Mutex<Vec<Track>>,
}

/// How a site has been.
#[derive(Debug, Clone, Copy, Default)]
struct Track {
    /// As wanted, at the last probe.
    good: Option<bool>,
    /// Since when it has been so.
    since: Option<Moment>,
    /// Misses in a row.
    misses: u32,
}

impl Track {
    fn note(&mut self, good: bool, at: Moment) -> Self {
        if self.good != Some(good) {
            self.since = Some(at);
        }
        self.good = Some(good);
        self.misses = if good {
            0
        } else {
            self.misses.saturating_add(1)
        };
        *self
    }
}

impl Client {
    /// A client of the sites of `settings`. Does no I/O.
    pub fn new(name: &str, settings: &Web) -> Self {
        Self {
            name: name.to_owned(),
            tracks: Mutex::new(vec![Track::default(); settings.sites.len()]),
            settings: settings.clone(),
            tls: tokio::sync::Mutex::default(),
        }
    }

    /// Probes all sites, in the order of the configuration.
    async fn probes(&self) -> (Vec<Probe>, Traffic) {
        let sites = &self.settings.sites;
        let tls = if sites.iter().any(|site| site.url.scheme() == "https") {
            self.tls().await.map(Some)
        } else {
            Ok(None)
        };
        let all: Vec<_> = sites
            .iter()
            .enumerate()
            .map(|(index, site)| self.one(index, site, tls.as_ref()))
            .collect();
        let mut done: Vec<(usize, Probe, u64)> = futures_util::stream::iter(all)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        done.sort_by_key(|(index, ..)| *index);
        let traffic = Traffic {
            requests: u32::try_from(done.len()).unwrap_or(u32::MAX),
            bytes: done.iter().map(|(.., bytes)| bytes).sum(),
            answered_by: None,
        };
        let probes: Vec<Probe> = done.into_iter().map(|(_, probe, _)| probe).collect();
        if probes.iter().any(is_untrusted) {
            // The CA file or the system's roots may have been renewed since they were read.
            *self.tls.lock().await = None;
        }
        (probes, traffic)
    }

    async fn one(
        &self,
        index: usize,
        site: &Site,
        tls: Result<&Option<Arc<ClientConfig>>, &Failure>,
    ) -> (usize, Probe, u64) {
        let encrypted = site.url.scheme() == "https";
        let met = match tls {
            // Without roots nothing can be trusted; sites without TLS do not care.
            Err(failure) if encrypted => probe::Met {
                answer: Err(failure.kind.clone()),
                certificate: None,
                bytes: 0,
            },
            Ok(Some(tls)) if encrypted => {
                probe::probe(&site.url, Some(tls), self.settings.deadlines).await
            }
            _ => probe::probe(&site.url, None, self.settings.deadlines).await,
        };
        let at = Moment::now();
        let outcome = outcome(site, met.answer);
        let good = matches!(outcome, ProbeOutcome::Answered { expected: true, .. });
        let track = self.note(index, good, at);
        let probe = Probe {
            name: Text::clean(&site.name),
            url: Text::clean(&judge::shown(&site.url, true)),
            at,
            outcome,
            certificate: met.certificate,
            misses: track.misses,
            since: track.since,
            runs_on: site.runs_on.as_deref().and_then(Text::clean_non_empty),
        };
        (index, probe, met.bytes)
    }

    fn note(&self, index: usize, good: bool, at: Moment) -> Track {
        let mut tracks = self.tracks.lock().unwrap_or_else(PoisonError::into_inner);
        match tracks.get_mut(index) {
            Some(track) => track.note(good, at),
            None => Track::default().note(good, at),
        }
    }

    /// The TLS configuration, made now if there is none.
    async fn tls(&self) -> Result<Arc<ClientConfig>, Failure> {
        let mut kept = self.tls.lock().await;
        if let Some(tls) = &*kept {
            return Ok(Arc::clone(tls));
        }
        let rule = self.settings.trust.clone();
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

fn outcome(site: &Site, answer: Result<probe::Head, FailureKind>) -> ProbeOutcome {
    match answer {
        Ok(head) => {
            let verdict = judge::judge(site, head.status, head.header("location").as_deref());
            ProbeOutcome::Answered {
                status: head.status,
                first_byte: head.first_byte,
                redirect: verdict.redirect,
                expected: verdict.expected,
                cache: judge::cache(|name| head.header(name)),
                wanted: verdict.wanted,
            }
        }
        Err(kind) => {
            let asked = format!("GET {}", judge::shown(&site.url, false));
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
            .field("sites", &self.settings.sites.len())
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
        let (probes, traffic) = self.probes().await;
        Answered {
            outcome: Ok(Batch::Probes(Arc::new(probes))),
            traffic,
        }
    }
}
