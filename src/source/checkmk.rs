//! Checkmk 2.0 to 2.5 over its REST API (`/SITE/check_mk/api/1.0`): services that are not OK, hosts with
//! counts of their services, and the mail queue and web checks.
//!
//! Problems are read in full and the rest as counts of hosts, so an answer grows with what is wrong, not
//! with what is monitored.

mod ask;
mod columns;
mod graph;
mod intern;
pub mod perfdata;
mod read;
mod refusal;
mod sites;
mod version;
mod wire;

#[cfg(test)]
mod loopback;
#[cfg(test)]
mod loopback_tests;
#[cfg(test)]
mod recorded_tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::config::shape::Checkmk;
use crate::domain::check::{MonitoredHosts, MonitoredServices};
use crate::domain::failure::FailureKind;
use crate::domain::{Batch, Failure, Reading, Text};

use super::Answered;
use ask::Api;
use columns::Table;

pub use read::{parse_hosts, parse_services};

/// Larger answers are read on a thread of their own, so that nothing else waits for it.
const LARGE: usize = 256 * 1024;

/// How long a version is believed.
const VERSION_FOR: Duration = Duration::from_mins(10);

/// A Checkmk site.
pub struct Client {
    name: String,
    api: Api,
    /// Whether the site is there and takes the credential: asked once, before anything else.
    door: tokio::sync::Mutex<Door>,
    /// The last good answers, for sites that fall silent.
    hosts: Mutex<Arc<MonitoredHosts>>,
    problems: Mutex<Arc<MonitoredServices>>,
    checks: Mutex<Arc<MonitoredServices>>,
}

/// What is known about getting in.
#[derive(Default)]
struct Door {
    /// The version that answered last, and when.
    version: Option<(Option<Text>, Instant)>,
    /// The last try failed, then.
    failed: Option<(Failure, Instant)>,
}

impl Client {
    /// A client of the site that `settings` describe. Does no I/O.
    pub fn new(name: &str, settings: &Checkmk) -> Self {
        Self {
            name: name.to_owned(),
            api: Api::new(name, settings),
            door: tokio::sync::Mutex::default(),
            hosts: Mutex::default(),
            problems: Mutex::default(),
            checks: Mutex::default(),
        }
    }

    /// Goes through `/version` first: one small request tells whether host, site and credential are right,
    /// and readings that start together share its answer instead of each failing on its own (and locking
    /// the account a reading earlier).
    async fn enter(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut door = self.door.lock().await;
        if door.version.is_some() {
            return Ok(());
        }
        if let Some((failure, at)) = &door.failed
            && *at >= began
        {
            return Err(failure.clone());
        }
        match self.ask_version().await {
            Ok(version) => {
                door.version = Some((version, Instant::now()));
                Ok(())
            }
            // Whatever is wrong with `/version` alone need not be wrong with the rest.
            Err(failure) if is_about_version_alone(&failure) => {
                door.version = Some((None, Instant::now()));
                Ok(())
            }
            Err(failure) => {
                door.failed = Some((failure.clone(), Instant::now()));
                Err(failure)
            }
        }
    }

    async fn ask_version(&self) -> Result<Option<Text>, Failure> {
        let asked = self.api.version().await;
        if asked.as_ref().is_err_and(is_refusal) {
            self.api.forget_secret().await;
        }
        asked
    }

    /// The version, asked anew when it was asked long ago: an update shows within minutes.
    async fn version(&self) -> Option<Text> {
        let known = self.door.lock().await.version.clone();
        match known {
            Some((version, at)) if at.elapsed() < VERSION_FOR => version,
            known => {
                // The door stays open meanwhile. Where this fails, what was known stays: the lists just
                // worked.
                let asked = self.ask_version().await;
                let version = asked.unwrap_or_else(|_| known.and_then(|(version, _)| version));
                self.door.lock().await.version = Some((version.clone(), Instant::now()));
                version
            }
        }
    }

    async fn batch(&self, reading: Reading) -> Result<Batch, Failure> {
        let wrong = || {
            Failure::new(FailureKind::Bug {
                detail: Text::clean(&format!("{} are not read from Checkmk", reading.name())),
            })
        };
        if !matches!(
            reading,
            Reading::Problems | Reading::MonitoredHosts | Reading::Checks
        ) {
            return Err(wrong());
        }
        self.enter().await?;
        let batch = match reading {
            Reading::Problems => self
                .services(columns::PROBLEMS, &self.problems)
                .await
                .map(Batch::Problems),
            Reading::Checks => self
                .services(columns::CHECKS, &self.checks)
                .await
                .map(Batch::Checks),
            _ => self.hosts().await.map(Batch::MonitoredHosts),
        };
        if batch.as_ref().is_err_and(|f| is_refusal(f) || is_gone(f)) {
            // The credential was withdrawn or the site removed: the next try begins at the door again.
            self.door.lock().await.version = None;
        }
        batch
    }

    async fn hosts(&self) -> Result<Arc<MonitoredHosts>, Failure> {
        let mut hosts = self.all_hosts(columns::HOST).await?;
        sites::keep_silent_hosts(&recall(&self.hosts), &mut hosts);
        hosts.version = self.version().await;
        Ok(remember(&self.hosts, hosts))
    }

    async fn all_hosts(&self, columns: &[&'static str]) -> Result<MonitoredHosts, Failure> {
        let answer = self.api.list(Table::Hosts, columns, None).await?;
        parse(answer.body.clone(), parse_hosts)
            .await
            .map_err(|failure| failure.during(&answer.asked))
    }

    async fn services(
        &self,
        query: &str,
        last: &Mutex<Arc<MonitoredServices>>,
    ) -> Result<Arc<MonitoredServices>, Failure> {
        let answer = self
            .api
            .list(Table::Services, columns::SERVICE, Some(query))
            .await?;
        let mut services = parse(answer.body.clone(), parse_services)
            .await
            .map_err(|failure| failure.during(&answer.asked))?;
        let before = recall(last);
        if sites::is_any_missing(&before, &services) {
            // Everything is fine there now, or nothing is heard of it: its hosts tell.
            let hosts = self.all_hosts(columns::HOST_SITE).await?;
            sites::keep_silent_services(&before, &mut services, &hosts);
        }
        Ok(remember(last, services))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl super::Client for Client {
    async fn read(&self, reading: Reading) -> Answered {
        let outcome = self.batch(reading).await;
        Answered {
            outcome,
            traffic: self.api.take_traffic(),
        }
    }
}

/// Reads a body, a large one on a thread for such work.
async fn parse<T: Send + 'static>(
    body: Bytes,
    read: fn(&[u8]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if body.len() <= LARGE {
        return read(&body);
    }
    match tokio::task::spawn_blocking(move || read(&body)).await {
        Ok(read) => read,
        Err(error) => Err(Failure::new(FailureKind::Bug {
            detail: Text::clean(&format!("reading the answer: {error}")),
        })),
    }
}

fn recall<T>(last: &Mutex<Arc<T>>) -> Arc<T> {
    Arc::clone(&last.lock().unwrap_or_else(PoisonError::into_inner))
}

fn remember<T>(last: &Mutex<Arc<T>>, now: T) -> Arc<T> {
    let now = Arc::new(now);
    *last.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&now);
    now
}

const fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unauthorized { .. })
}

const fn is_gone(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Status { code: 404, .. })
}

/// Forbidden or broken for this one call; the lists may work all the same.
const fn is_about_version_alone(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Forbidden { .. }
            | FailureKind::Status {
                code: 400 | 405..=501,
                ..
            }
    )
}
