//! Has the estate built on a thread of its own, so that joining 100,000 rows is never felt by a key.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::memory::{self, Memory, Remembered};
use crate::config::shape::{Database, Listens, MailStore, Reach, System};
use crate::config::{Config, Places};
use crate::domain::{Key, Moment, Observation};
use crate::estate::note::About;
use crate::estate::{Estate, Keeper, Settings, SourceState, keeper};
use crate::history::{History, known};
use crate::refresh::pace;

/// How long the end may take: joining once more, and writing down.
const ENDING: Duration = Duration::from_millis(800);

/// The sources of a configuration before their first answer.
pub fn sources(config: &Config) -> Vec<SourceState> {
    let configured = config
        .sources
        .iter()
        .map(|s| (&*s.name, s.kind(), s.refresh, address(&s.system)));
    keeper::sources(configured, pace::interval)
}

/// Where a source is, without anything secret: the base of its links.
fn address(system: &System) -> String {
    let first = |reach: &Reach| {
        reach
            .urls
            .first()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    match system {
        System::Proxmox(s) => first(&s.reach),
        System::Checkmk(s) => first(&s.reach),
        System::Redmine(s) => first(&s.reach),
        System::Web(s) => format!("{} sites, asked from here", s.sites.len()),
        System::Mail(s) => mail_address(&s.store),
        System::Roster(s) => s.file.display().to_string(),
    }
}

fn mail_address(store: &MailStore) -> String {
    match store {
        MailStore::Postfix { ssh: None, .. } => "postqueue on this machine".to_owned(),
        MailStore::Postfix { ssh: Some(to), .. } => format!("postqueue on {to}"),
        MailStore::Table(table) => match &table.database {
            Database::File(path) => path.display().to_string(),
            Database::Server { listens, name, .. } => match listens {
                Listens::Socket(path) => format!("{name} at {}", path.display()),
                Listens::Tcp {
                    host,
                    port,
                    tunnel: None,
                    ..
                } => format!("{name} on {host}:{port}"),
                Listens::Tcp {
                    tunnel: Some(tunnel),
                    ..
                } => format!(
                    "{name} on {}:{} through {}",
                    tunnel.to_host, tunnel.to_port, tunnel.ssh
                ),
            },
        },
    }
}

/// A keeper that waits for its first observation.
pub struct Waiting {
    keeper: Keeper,
    publish: watch::Sender<Arc<Estate>>,
    memory: Option<Memory>,
    wishes: mpsc::UnboundedReceiver<HashSet<Key>>,
    wish: Wishes,
}

/// What the user wants of the joining.
#[derive(Debug, Clone)]
pub struct Wishes(mpsc::UnboundedSender<HashSet<Key>>);

impl Wishes {
    /// Keeps these problems out from under their causes, and no others.
    pub fn keep_apart(&self, apart: HashSet<Key>) {
        // Nobody listens only when everything ends.
        let _ = self.0.send(apart);
    }
}

/// A keeper and what others need of it.
pub struct Begun {
    /// The keeper.
    pub waiting: Waiting,
    /// Where its estates come out.
    pub estates: watch::Receiver<Arc<Estate>>,
    /// The estate before the first answer.
    pub first: Arc<Estate>,
    /// The history, where one is kept.
    pub history: Option<History>,
}

/// A keeper of these sources, where its estates come out, and the estate before the first answer: the last known
/// one of these places. Without places nothing is remembered.
pub fn keep(sources: Vec<SourceState>, settings: Settings, places: Option<&Places>) -> Begun {
    let now = Moment::now();
    let mut keeper = match places {
        None => Keeper::new(sources, now),
        Some(places) => {
            let (known, said) = known::load(places, sources);
            let mut keeper = Keeper::resume(known, now);
            keeper.note(About::LastKnown, said);
            keeper.await_timeline();
            keeper
        }
    };
    keeper = keeper.with(settings);
    let first = keeper.publish();
    let memory = places.map(|places| Memory::begin(places, &first));
    let history = memory.as_ref().map(Memory::history);
    let (publish, estates) = watch::channel(Arc::clone(&first));
    let (wish, wishes) = mpsc::unbounded_channel();
    let waiting = Waiting {
        keeper,
        publish,
        memory,
        wishes,
        wish: Wishes(wish),
    };
    Begun {
        waiting,
        estates,
        first,
        history,
    }
}

impl Waiting {
    /// Where wishes are told.
    pub fn wishes(&self) -> Wishes {
        self.wish.clone()
    }

    /// Takes observations in and publishes until there are no more. When it breaks down, the estates end,
    /// and the loop says so: nothing old is shown as new.
    pub fn start(self, observations: mpsc::Receiver<Observation>) -> std::io::Result<Kept> {
        let stop = CancellationToken::new();
        let remembers = self.memory.is_some();
        let (end, ended) = oneshot::channel::<()>();
        let stopped = stop.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        std::thread::Builder::new()
            .name("estate".to_owned())
            .spawn(move || {
                // Told by being dropped, also when the work breaks down.
                let _end = end;
                runtime.block_on(self.work(observations, stopped));
            })?;
        Ok(Kept {
            stop,
            ended: remembers.then_some(ended),
        })
    }

    async fn work(
        mut self,
        mut observations: mpsc::Receiver<Observation>,
        stop: CancellationToken,
    ) {
        loop {
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                observation = observations.recv() => match observation {
                    Some(observation) => Event::Seen(observation),
                    None => break,
                },
                Some(apart) = self.wishes.recv() => Event::Apart(apart),
                remembered = next(self.memory.as_mut()) => Event::Remembered(remembered),
            };
            let begun = Instant::now();
            let is_seen = match event {
                Event::Seen(observation) => {
                    self.keeper.apply(observation);
                    while let Ok(more) = observations.try_recv() {
                        self.keeper.apply(more);
                    }
                    true
                }
                Event::Apart(apart) => {
                    self.keeper.keep_apart(apart);
                    false
                }
                Event::Remembered(remembered) => {
                    memory::tell(&mut self.keeper, remembered);
                    false
                }
            };
            let estate = self.keeper.publish();
            if let Some(memory) = self.memory.as_mut().filter(|_| is_seen) {
                memory.note(&mut self.keeper, &estate);
            }
            if self.publish.send(estate).is_err() {
                break;
            }
            // Half the time at most is spent joining, however many answers come.
            tokio::time::sleep(begun.elapsed()).await;
        }
        if let Some(memory) = self.memory.take() {
            memory.end(&self.keeper).await;
        }
    }
}

enum Event {
    Seen(Observation),
    Apart(HashSet<Key>),
    Remembered(Remembered),
}

async fn next(memory: Option<&mut Memory>) -> Remembered {
    match memory {
        Some(memory) => memory.next().await,
        None => std::future::pending().await,
    }
}

/// A keeper at work.
pub struct Kept {
    stop: CancellationToken,
    /// Nothing to wait for when nothing is written down.
    ended: Option<oneshot::Receiver<()>>,
}

impl Kept {
    /// Has what is known written down, in the time there is.
    pub async fn end(self) {
        self.stop.cancel();
        if let Some(ended) = self.ended {
            // Whatever it was at: the user does not wait longer for a slow disk.
            let _ = tokio::time::timeout(ENDING, ended).await;
        }
    }
}
