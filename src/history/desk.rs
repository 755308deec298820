//! Where the file is written: on a thread of its own, one order after the other.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::book::{Book, Depth, MetRow};
use super::series::{Change, Point, Range, Sample, Series};
use super::{State, file};
use crate::domain::{Failure, Moment};

/// How long until a file that could not be used is tried again.
const AGAIN: Duration = Duration::from_mins(1);
/// How often old samples are forgotten.
const THIN: Duration = Duration::from_mins(5);

/// What is remembered of the recent past.
pub(super) struct Recent {
    pub(super) depths: Vec<Depth>,
    pub(super) met: Vec<MetRow>,
    pub(super) changes: Vec<Change>,
    pub(super) watches: Vec<(Moment, Moment)>,
}

/// What is to be done.
pub(super) enum Order {
    Record(Vec<Sample>),
    Seed(Vec<Sample>),
    RecordChanges(Vec<Change>),
    Watch(Moment),
    Series(Series, Range, oneshot::Sender<Result<Vec<Point>, Failure>>),
    Changes(Moment, u32, oneshot::Sender<Result<Vec<Change>, Failure>>),
    Recent(oneshot::Sender<Result<Recent, Failure>>),
    Close(oneshot::Sender<()>),
}

/// The one who writes.
pub(super) struct Desk {
    directory: PathBuf,
    state: watch::Sender<State>,
    book: Option<Book>,
    /// When the file is tried again, or thinned out.
    next: Instant,
}

impl Desk {
    pub(super) fn new(directory: PathBuf, state: watch::Sender<State>) -> Self {
        Self {
            directory,
            state,
            book: None,
            next: Instant::now(),
        }
    }

    /// Does what it is told until it is told to close, or nobody is left who could.
    pub(super) async fn work(mut self, mut orders: mpsc::Receiver<Order>) {
        self.open().await;
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Close(done)) => {
                        if let Some(book) = self.book.take() {
                            book.close().await;
                        }
                        // Whoever asked may have left.
                        let _ = done.send(());
                        return;
                    }
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                () = tokio::time::sleep_until(self.next) => self.look_after().await,
            }
        }
    }

    async fn open(&mut self) {
        match Book::open(&self.directory).await {
            Ok(book) => {
                self.state
                    .send_replace(book.moved().map_or(State::On, |f| State::Anew(f.clone())));
                self.book = Some(book);
                self.next = Instant::now() + THIN;
            }
            Err(failure) => self.off(failure),
        }
    }

    fn off(&mut self, failure: Failure) {
        self.state.send_if_modified(|state| {
            let is_news = *state != State::Off(failure.clone());
            if is_news {
                *state = State::Off(failure);
            }
            is_news
        });
        self.next = Instant::now() + AGAIN;
    }

    async fn look_after(&mut self) {
        match &mut self.book {
            Some(book) if book.is_in_place() => {
                self.next = Instant::now() + THIN;
                if let Err(error) = book.thin(Moment::now()).await {
                    self.failed(&error).await;
                }
            }
            // Moved or deleted by somebody: what is written there would be lost.
            _ => {
                if let Some(book) = self.book.take() {
                    book.close().await;
                }
                self.open().await;
            }
        }
    }

    /// A statement failed. What only waited too long is given up; anything else closes the file for a while.
    async fn failed(&mut self, error: &sqlx::Error) -> Failure {
        let Some(book) = &self.book else {
            return self.why_off();
        };
        let failure = book.in_words(error);
        if !file::is_busy(error) {
            if let Some(book) = self.book.take() {
                book.close().await;
            }
            self.off(failure.clone());
            if file::is_damage(error) {
                // Looked at anew, and moved aside if it is so.
                self.next = Instant::now();
            }
        }
        failure
    }

    fn why_off(&self) -> Failure {
        match &*self.state.borrow() {
            State::Off(failure) => failure.clone(),
            _ => super::place::failure(&self.directory.join(file::NAME), "it is not open yet"),
        }
    }

    async fn obey(&mut self, order: Order) {
        let now = Moment::now();
        let Some(book) = &mut self.book else {
            let failure = self.why_off();
            // Whoever asked may have left.
            match order {
                Order::Series(_, _, reply) => drop(reply.send(Err(failure))),
                Order::Changes(_, _, reply) => drop(reply.send(Err(failure))),
                Order::Recent(reply) => drop(reply.send(Err(failure))),
                Order::Record(_)
                | Order::Seed(_)
                | Order::RecordChanges(_)
                | Order::Watch(_)
                | Order::Close(_) => {}
            }
            return;
        };
        match order {
            Order::Record(samples) => {
                if let Err(error) = book.record(&samples, now).await {
                    self.failed(&error).await;
                }
            }
            Order::Seed(samples) => {
                if let Err(error) = book.seed(&samples, now).await {
                    self.failed(&error).await;
                }
            }
            Order::RecordChanges(changes) => {
                if let Err(error) = book.record_changes(&changes).await {
                    self.failed(&error).await;
                }
            }
            Order::Watch(began) => {
                if let Err(error) = book.watch(began, now).await {
                    self.failed(&error).await;
                }
            }
            Order::Series(series, range, reply) => {
                let read = book.series(&series, range, now).await;
                drop(reply.send(self.or_failed(read).await));
            }
            Order::Changes(since, most, reply) => {
                let read = book.changes(since, most).await;
                drop(reply.send(self.or_failed(read).await));
            }
            Order::Recent(reply) => {
                let read = recent(book, now).await;
                drop(reply.send(self.or_failed(read).await));
            }
            Order::Close(_) => {}
        }
    }

    async fn or_failed<T>(&mut self, read: sqlx::Result<T>) -> Result<T, Failure> {
        match read {
            Ok(read) => Ok(read),
            Err(error) => Err(self.failed(&error).await),
        }
    }
}

/// What is remembered of the recent past.
async fn recent(book: &mut Book, now: Moment) -> sqlx::Result<Recent> {
    /// A little more than the day that is shown.
    const BACK: Duration = Duration::from_hours(25);
    Ok(Recent {
        depths: book.depths(now).await?,
        met: book.met(now).await?,
        changes: book.timeline(now.minus(BACK)).await?,
        watches: book.watches(now.minus(BACK)).await?,
    })
}
