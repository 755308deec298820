//! Writes the last known state on a thread of its own.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{path, save};
use crate::config::Places;
use crate::domain::{Failure, Moment};
use crate::estate::Known;

/// How often it is written while nothing goes wrong or right.
const PACE: Duration = Duration::from_mins(1);
/// How soon what has gone wrong or right since is: whoever starts anew after a crash looks for that.
const SOON: Duration = Duration::from_secs(5);

/// Writes the last known state now and then. Dropping it lets a write under way end by itself.
#[derive(Debug)]
pub struct Saver {
    states: mpsc::SyncSender<Known>,
    said: watch::Receiver<Option<Failure>>,
    last: Instant,
}

impl Saver {
    /// Begins; the first write is due a minute from now.
    pub fn start(places: &Places) -> std::io::Result<Self> {
        let path = path(places);
        let (states, waiting) = mpsc::sync_channel::<Known>(1);
        let (say, said) = watch::channel(None);
        std::thread::Builder::new()
            .name("last-known".to_owned())
            .spawn(move || {
                for known in waiting {
                    let saved = save(&path, &known, Moment::now());
                    let words = saved.unwrap_or_else(Some);
                    say.send_if_modified(|said| {
                        let is_news = *said != words;
                        *said = words;
                        is_news
                    });
                }
            })?;
        Ok(Self {
            states,
            said,
            last: Instant::now(),
        })
    }

    /// Whether it is time to write; sooner when there are news.
    pub fn is_due(&self, news: bool) -> bool {
        self.last.elapsed() >= if news { SOON } else { PACE }
    }

    /// Has this state written. Left out when the disk has not even taken the one before.
    pub fn save(&mut self, known: Known) {
        self.last = Instant::now();
        // Full: the disk is slow, and the next state will be as good.
        let _ = self.states.try_send(known);
    }

    /// What there is to say of the last write: why it failed, or what there was no room for.
    pub fn said(&self) -> watch::Receiver<Option<Failure>> {
        self.said.clone()
    }

    /// Has this state written and waits until it is, no longer than `within`.
    pub async fn finish(self, known: Known, within: Duration) {
        let Self {
            states, mut said, ..
        } = self;
        let deadline = tokio::time::Instant::now() + within;
        let mut known = Some(known);
        // A write under way has room made for this one when it ends.
        while let Some(state) = known.take() {
            if let Err(mpsc::TrySendError::Full(state)) = states.try_send(state) {
                known = Some(state);
                if tokio::time::Instant::now() >= deadline {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        drop(states);
        // The thread ends, and with it what it says, when everything is written.
        let ended = async { while said.changed().await.is_ok() {} };
        // What is not written by then is the slow disk's doing; the state before is still there.
        let _ = tokio::time::timeout_at(deadline, ended).await;
    }
}
