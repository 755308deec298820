//! Lets the keeper remember over restarts: the history file and the last known state, tied to it.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::config::Places;
use crate::domain::{Failure, Moment};
use crate::estate::note::About;
use crate::estate::{Estate, Keeper, Recalled, SourceState};
use crate::history::known::Saver;
use crate::history::{History, Observer, State};

/// How long the end may take: a slow disk costs what is not written by then.
const ENDING: Duration = Duration::from_millis(500);

/// How often it is written down that somebody watches.
const WATCHING: Duration = Duration::from_secs(30);

type Recall = Pin<Box<dyn Future<Output = Result<Recalled, Failure>> + Send>>;

/// What is remembered, and by whom.
pub(super) struct Memory {
    history: History,
    observer: Observer,
    sources: Vec<SourceState>,
    states: Option<watch::Receiver<State>>,
    recall: Option<Recall>,
    is_recalled: bool,
    saver: Option<Saver>,
    said: Option<watch::Receiver<Option<Failure>>>,
    /// When this program began to watch, and when that was last written down.
    watch: Option<(Moment, Instant)>,
    /// Something went wrong or right since the last known state was written.
    has_news: bool,
    /// Something is known: a state without anything must not take the place of one that has.
    is_worth_keeping: bool,
}

/// What came to mind.
pub(super) enum Remembered {
    /// The recent past, from the history file.
    Past(Recalled),
    /// Whether history is kept has changed.
    History(State),
    /// How the last known state could be written has changed.
    Keeping(Option<Failure>),
    /// The recent past could not be read.
    NoPast,
}

impl Memory {
    /// Opens the history of these places. What is in `first` was written down before.
    pub(super) fn begin(places: &Places, first: &Estate) -> Self {
        let history = History::open(places);
        // Without a thread for it nothing is kept; the history's own thread will say the same.
        let saver = Saver::start(places).ok();
        Self {
            observer: Observer::after(first),
            sources: first.sources.clone(),
            states: Some(history.states()),
            recall: None,
            is_recalled: false,
            said: saver.as_ref().map(Saver::said),
            saver,
            history,
            watch: None,
            has_news: false,
            is_worth_keeping: false,
        }
    }

    /// The history, to be asked.
    pub(super) fn history(&self) -> History {
        self.history.clone()
    }

    /// Waits for what comes to mind next. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Remembered {
        tokio::select! {
            past = recalled(&mut self.recall) => {
                self.recall = None;
                match past {
                    Ok(past) => {
                        self.is_recalled = true;
                        Remembered::Past(past)
                    }
                    // The file's state tells why.
                    Err(_) => Remembered::NoPast,
                }
            }
            () = changed(&mut self.states) => {
                let state = self.history.state();
                if matches!(state, State::On | State::Anew(_)) && !self.is_recalled {
                    let (history, sources) = (self.history.clone(), self.sources.clone());
                    self.recall = Some(Box::pin(async move {
                        history.load_recent(&sources).await
                    }));
                }
                Remembered::History(state)
            }
            () = changed(&mut self.said) => {
                let said = self.said.as_mut().and_then(|said| said.borrow_and_update().clone());
                Remembered::Keeping(said)
            }
        }
    }

    /// Writes down what an estate has that the one before had not.
    pub(super) fn note(&mut self, keeper: &mut Keeper, estate: &Estate) {
        let mut feeds = estate.sources.iter().flat_map(|source| &source.feeds);
        self.is_worth_keeping = feeds.any(|feed| feed.good.is_some());
        self.history.record(self.observer.samples(estate));
        let turns = keeper.take_turns();
        self.has_news |= !turns.is_empty();
        self.history.record_turns(&turns, &estate.sources);
        self.watch(estate);
        let has_news = self.has_news;
        let saver = self.saver.as_mut().filter(|saver| saver.is_due(has_news));
        if let Some(saver) = saver.filter(|_| self.is_worth_keeping) {
            self.has_news = false;
            saver.save(keeper.known());
        }
    }

    /// Writes down now and then that somebody watches, so that it is known later when nobody did.
    fn watch(&mut self, estate: &Estate) {
        let watching = estate.timeline.watches.last();
        let Some(from) = watching.filter(|w| w.until.is_none()).map(|w| w.from) else {
            return;
        };
        let is_due = self
            .watch
            .is_none_or(|(_, told)| told.elapsed() >= WATCHING);
        if is_due {
            let began = self.watch.map_or(from, |(began, _)| began);
            self.watch = Some((began, Instant::now()));
            self.history.watch(began);
        }
    }

    /// Writes down what is left, in the time there is.
    pub(super) async fn end(self, keeper: &Keeper) {
        if let Some((began, _)) = self.watch {
            self.history.watch(began);
        }
        let saved = async {
            if let Some(saver) = self.saver.filter(|_| self.is_worth_keeping) {
                saver.finish(keeper.known(), ENDING).await;
            }
        };
        tokio::join!(saved, self.history.close(ENDING));
    }
}

/// Lets the keeper know.
pub(super) fn tell(keeper: &mut Keeper, remembered: Remembered) {
    match remembered {
        Remembered::Past(past) => keeper.recall(past),
        Remembered::History(state) => {
            if matches!(state, State::Off(_)) {
                keeper.begin_timeline();
            }
            keeper.note(About::History, state.failure().cloned());
        }
        Remembered::Keeping(said) => keeper.note(About::Keeping, said),
        Remembered::NoPast => keeper.begin_timeline(),
    }
}

async fn recalled(recall: &mut Option<Recall>) -> Result<Recalled, Failure> {
    match recall {
        Some(recall) => recall.await,
        None => std::future::pending().await,
    }
}

/// Waits for a change; for ever when there can be none any more.
async fn changed<T>(receiver: &mut Option<watch::Receiver<T>>) {
    if let Some(watched) = receiver
        && watched.changed().await.is_ok()
    {
        return;
    }
    *receiver = None;
    std::future::pending::<()>().await;
}
