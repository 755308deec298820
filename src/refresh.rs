//! When each source is asked: one worker per source and reading.
//!
//! A worker has one request under way at most. It waits its interval with a little jitter, longer after
//! failures, as long as the server asks for, and not at all when told to go on now. It knows nothing of
//! what comes back.

pub mod pace;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::config::shape::{Config, Source, System};
use crate::domain::failure::FailureKind;
use crate::domain::graph::{Graph, Span, Subject};
use crate::domain::ticket::TicketDetail;
use crate::domain::{Failure, Observation, SourceId};
use crate::source::{Client, checkmk, mail, proxmox, redmine, roster, web};

/// Observations that may wait for the estate: more than readings exist, so no worker ever waits.
const WAITING: usize = 256;

/// All workers. Dropping it, or [`Self::stop`], ends them, whatever they wait for.
#[derive(Debug)]
pub struct Refresher {
    stop: CancellationToken,
    /// For each source, its workers' bells.
    bells: HashMap<SourceId, Vec<Arc<Notify>>>,
    redmines: HashMap<SourceId, Arc<redmine::Client>>,
    proxmoxes: HashMap<SourceId, Arc<proxmox::Client>>,
    checkmks: HashMap<SourceId, Arc<checkmk::Client>>,
}

impl Refresher {
    /// Starts a worker for each reading of each source. Must be called within a tokio runtime.
    pub fn start(config: &Config) -> (Self, mpsc::Receiver<Observation>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut this = Self {
            stop: CancellationToken::new(),
            bells: HashMap::new(),
            redmines: HashMap::new(),
            proxmoxes: HashMap::new(),
            checkmks: HashMap::new(),
        };
        for source in &config.sources {
            match &source.system {
                System::Proxmox(settings) => {
                    let client = Arc::new(proxmox::Client::new(&source.name, settings));
                    this.proxmoxes.insert(source.id, Arc::clone(&client));
                    this.add_shared(source, &client, &sender);
                }
                System::Checkmk(settings) => {
                    let client = Arc::new(checkmk::Client::new(&source.name, settings));
                    this.checkmks.insert(source.id, Arc::clone(&client));
                    this.add_shared(source, &client, &sender);
                }
                System::Redmine(settings) => {
                    let client = Arc::new(redmine::Client::new(&source.name, settings));
                    this.redmines.insert(source.id, Arc::clone(&client));
                    this.add_shared(source, &client, &sender);
                }
                System::Web(settings) => {
                    this.add(source, web::Client::new(&source.name, settings), &sender);
                }
                System::Mail(settings) => {
                    this.add(source, mail::Client::new(&source.name, settings), &sender);
                }
                System::Roster(settings) => {
                    this.add(source, roster::Client::new(&source.name, settings), &sender);
                }
            }
        }
        (this, receiver)
    }

    fn add<C: Client + 'static>(
        &mut self,
        source: &Source,
        client: C,
        sender: &mpsc::Sender<Observation>,
    ) {
        self.add_shared(source, &Arc::new(client), sender);
    }

    fn add_shared<C: Client + 'static>(
        &mut self,
        source: &Source,
        client: &Arc<C>,
        sender: &mpsc::Sender<Observation>,
    ) {
        for reading in source.kind().readings() {
            let bell = client.bell(*reading);
            self.bells
                .entry(source.id)
                .or_default()
                .push(Arc::clone(&bell));
            let worker = worker::Worker {
                client: Arc::clone(client),
                source: source.id,
                reading: *reading,
                interval: pace::interval(source.kind(), *reading, source.refresh),
                sender: sender.clone(),
                bell,
                stop: self.stop.clone(),
            };
            tokio::spawn(worker.run());
        }
    }

    /// Has these sources asked now. A reading under way is not asked twice.
    pub fn now(&self, sources: &[SourceId]) {
        for bell in sources.iter().filter_map(|id| self.bells.get(id)).flatten() {
            bell.notify_one();
        }
    }

    /// Has every source asked once: after the machine slept, say.
    pub fn all_now(&self) {
        self.bells
            .values()
            .flatten()
            .for_each(|bell| bell.notify_one());
    }

    /// Reads the history of a ticket, on a task of its own that ends with the workers.
    pub fn ticket<F>(&self, source: SourceId, id: u64, then: F)
    where
        F: FnOnce(Result<Arc<TicketDetail>, Failure>) + Send + 'static,
    {
        let client = self.redmines.get(&source).cloned();
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let Some(client) = client else { return };
            let read = tokio::spawn(async move { client.detail(id).await });
            tokio::select! {
                () = stop.cancelled() => {}
                outcome = read => {
                    let outcome = outcome.unwrap_or_else(|broken| Err(bug(&broken)));
                    then(outcome.map(Arc::new));
                }
            }
        });
    }

    /// Reads a graph from the history that a server keeps itself, on a task of its own that ends with the workers.
    pub fn graph<F>(&self, subject: Subject, span: Span, then: F)
    where
        F: FnOnce(Result<Graph, Failure>) + Send + 'static,
    {
        let server = subject.server();
        let proxmox = server.and_then(|id| self.proxmoxes.get(&id).cloned());
        let checkmk = server.and_then(|id| self.checkmks.get(&id).cloned());
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let read = tokio::spawn(async move {
                match (proxmox, checkmk) {
                    (Some(client), _) => client.graph(&subject, span).await,
                    (None, Some(client)) => client.graph(&subject, span).await,
                    // A row of a source that is not configured any more.
                    (None, None) => Ok(Graph::default()),
                }
            });
            tokio::select! {
                () = stop.cancelled() => {}
                outcome = read => then(outcome.unwrap_or_else(|broken| Err(bug(&broken)))),
            }
        });
    }

    /// Ends all workers.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A task that broke down, as a failure of its reading.
fn bug(broken: &tokio::task::JoinError) -> Failure {
    Failure::new(FailureKind::Bug {
        detail: crate::domain::Text::clean(&broken.to_string()),
    })
}

/// Longest wait after failures.
const LONGEST: Duration = Duration::from_mins(5);
