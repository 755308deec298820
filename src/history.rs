//! What outlives the program: measured values over time, and the last known state.
//!
//! [`History`] keeps an SQLite file in the state directory: every sample for an hour, minutes for a day, hours
//! for a month. Several programs may write to it at once. It is written by a thread of its own; nobody ever
//! waits for a disk. Without it (a full disk, a read-only home, a file that is not ours) the dashboard goes on
//! and says so: [`State`].
//!
//! [`known`] is the estate as it was last, the first frame of the next start.

pub mod known;
pub mod marks;

mod book;
mod chronicle;
mod desk;
mod file;
mod observe;
mod place;
mod series;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::config::Places;
use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Key, Moment, SourceId, Text};
use crate::estate::strip::{Met, Span};
use crate::estate::timeline::Turn;
use crate::estate::{Recalled, SourceState};

pub use observe::Observer;
pub use series::{Change, Kind, Point, Range, Sample, Series};

use desk::{Desk, Order, Recent};

/// Orders that may wait for the disk. More are dropped: the present is worth more than the past.
const WAITING: usize = 64;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether history is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The file is being opened.
    Opening,
    /// It is kept.
    On,
    /// It is kept in a new file; the old one was damaged and moved aside.
    Anew(Failure),
    /// It is not, and why. Tried again every minute.
    Off(Failure),
}

impl State {
    /// What there is to say of it.
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Opening | Self::On => None,
            Self::Anew(failure) | Self::Off(failure) => Some(failure),
        }
    }
}

/// The history of what is measured. Clones share one file.
#[derive(Debug, Clone)]
pub struct History {
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<State>,
    dropped: Arc<AtomicU64>,
}

impl History {
    /// Begins to open the history file of these places, on a thread of its own. Never fails and never waits:
    /// how it went, [`Self::state`] tells.
    pub fn open(places: &Places) -> Self {
        Self::open_in(&places.state_dir)
    }

    fn open_in(directory: &Path) -> Self {
        let (orders, receiver) = mpsc::channel(WAITING);
        let (sender, state) = watch::channel(State::Opening);
        let told = sender.clone();
        let at = directory.to_owned();
        let started = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .and_then(|runtime| {
                std::thread::Builder::new()
                    .name("history".to_owned())
                    .spawn(move || runtime.block_on(Desk::new(at, sender).work(receiver)))
            });
        if let Err(error) = started {
            told.send_replace(State::Off(place::refused(
                &directory.join(file::NAME),
                "the system gives no thread for it",
                &error,
            )));
        }
        Self {
            orders,
            state,
            dropped: Arc::default(),
        }
    }

    /// Whether history is kept.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// As [`Self::state`], and every change of it.
    pub fn states(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Batches that were dropped because the disk was too slow.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes samples down, soon. Dropped when the disk does not keep up.
    pub fn record(&self, samples: Vec<Sample>) {
        if !samples.is_empty() {
            self.order(Order::Record(samples));
        }
    }

    /// Writes samples of any age down, for sample data: what is older than an hour in minutes and hours only.
    pub fn seed(&self, samples: Vec<Sample>) {
        if !samples.is_empty() {
            self.order(Order::Seed(samples));
        }
    }

    /// Writes changes of state down for the timeline, soon. What another program wrote down already is left out.
    pub fn record_changes(&self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.order(Order::RecordChanges(changes));
        }
    }

    /// As [`Self::record_changes`], for one.
    pub fn record_change(&self, change: Change) {
        self.record_changes(vec![change]);
    }

    /// Writes down what became of problems.
    pub fn record_turns(&self, turns: &[Turn], sources: &[SourceState]) {
        let rows = turns
            .iter()
            .filter_map(|turn| chronicle::row(turn, sources));
        self.record_changes(rows.collect());
    }

    /// Notes that this program has watched since `began` until now.
    pub fn watch(&self, began: Moment) {
        self.order(Order::Watch(began));
    }

    /// A series over time, oldest first.
    pub async fn series(&self, series: Series, range: Range) -> Result<Vec<Point>, Failure> {
        self.ask(|reply| Order::Series(series, range, reply)).await
    }

    /// Changes of state since then, newest first, at most so many.
    pub async fn changes(&self, since: Moment, most: u32) -> Result<Vec<Change>, Failure> {
        self.ask(|reply| Order::Changes(since, most, reply)).await
    }

    /// The recent past of these sources: depths of queues over an hour, what was met of web services and what went
    /// wrong over a day.
    pub async fn load_recent(&self, sources: &[SourceState]) -> Result<Recalled, Failure> {
        let recent = self.ask(Order::Recent).await?;
        Ok(recalled(recent, sources))
    }

    /// Has everything written down and closes the file. Waits no longer than `within`.
    pub async fn close(&self, within: Duration) {
        let (reply, done) = oneshot::channel();
        let closed = async {
            if self.orders.send(Order::Close(reply)).await.is_ok() {
                // Ends with the thread, however that ends.
                let _ = done.await;
            }
        };
        // What is not written by then is lost, which is all that a slow disk may cost.
        let _ = tokio::time::timeout(within, closed).await;
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn ask<T>(
        &self,
        order: impl FnOnce(oneshot::Sender<Result<T, Failure>>) -> Order,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.orders.send(order(reply)).await.ok()?;
            answer.await.ok()
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(match self.state() {
                State::Off(failure) => failure,
                _ => Failure::new(FailureKind::Bug {
                    detail: Text::clean("the history's thread has ended"),
                }),
            }),
            Err(_) => Err(Failure::new(FailureKind::File {
                path: Text::clean(file::NAME),
                detail: Text::clean("the disk does not answer"),
            })),
        }
    }
}

/// What was read, by the keys of rows. Series of sources that are no longer configured are left out.
fn recalled(recent: Recent, sources: &[SourceState]) -> Recalled {
    let ids: HashMap<&str, SourceId> = sources.iter().map(|s| (s.name.as_str(), s.id)).collect();
    let mut recalled = Recalled {
        timeline: chronicle::read(recent.changes, recent.watches, sources),
        ..Recalled::default()
    };
    for (source, name, at, depth) in recent.depths {
        let Some(id) = ids.get(&*source) else {
            continue;
        };
        let key = Key::Queue(*id, Text::clean(&name));
        let Some(depth) = whole(depth) else { continue };
        match recalled.depths.last_mut() {
            Some((last, depths)) if *last == key => depths.push((at, depth)),
            _ => recalled.depths.push((key, vec![(at, depth)])),
        }
    }
    for (source, name, at, best, worst) in recent.met {
        let Some((best, worst)) = Met::from_number(best).zip(Met::from_number(worst)) else {
            continue;
        };
        if !ids.contains_key(&*source) {
            continue;
        }
        let key = Key::Web(Text::clean(&name));
        let span = Span { at, best, worst };
        match recalled.met.last_mut() {
            Some((last, spans)) if *last == key => spans.push(span),
            _ => recalled.met.push((key, vec![span])),
        }
    }
    recalled
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a small whole number"
)]
fn whole(value: f64) -> Option<u64> {
    (0.0..1e15).contains(&value).then(|| value.round() as u64)
}
