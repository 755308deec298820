//! When a problem began, as far as anybody can know.
//!
//! Checkmk and tasks tell when; of everything else only the answer is known in which it was seen
//! first, and the one before in which it was not. A problem that was there in the very first answer
//! may be as old as it likes.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::problem::{Problem, What};
use crate::domain::{Key, Moment, Reading, SourceId};
use crate::estate::Estate;

/// The time within which a problem began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Onset {
    /// Not before this; `None` when nobody looked before.
    pub earliest: Option<Moment>,
    /// Not after this.
    pub latest: Moment,
}

impl Onset {
    /// Whether what began then can be the cause of what began at `effect`: a cause is not later
    /// than its effect, but for `slack`.
    pub fn may_explain(self, effect: Self, slack: Duration) -> bool {
        self.earliest
            .is_none_or(|earliest| earliest <= effect.latest.plus(slack))
    }

    /// How long it has lasted at `now`, at least.
    pub fn lasted(self, now: Moment) -> Duration {
        now.until(self.latest).max(self.latest.until(now))
    }
}

#[derive(Debug, Clone)]
struct Seen {
    /// When it was first seen.
    first: Moment,
    /// The answer before, in which it was not.
    before: Option<Moment>,
    /// The last round in which it was there.
    round: u64,
    /// What it was folded under when it was folded last: what that was about. Kept as long as the
    /// problem lasts, because a cause may change its name while its effects go on.
    under: Option<Key>,
}

/// What is remembered of each problem, in the order of [`Estate::problems`].
#[derive(Debug, Default)]
pub struct Past {
    /// When it began.
    pub onsets: Vec<Onset>,
    /// What it was folded under: what that was about.
    pub under: Vec<Option<Key>>,
}

/// Remembers when each problem was seen first, and under what it was folded.
#[derive(Debug, Default)]
pub struct Pasts {
    seen: HashMap<Key, Seen>,
    /// The last two good answers of each reading.
    answers: HashMap<(SourceId, Reading), (Option<Moment>, Moment)>,
    round: u64,
}

impl Pasts {
    /// What another run needs to go on from here.
    pub fn known(&self) -> Vec<(Key, Moment, Option<Moment>)> {
        let seen = self.seen.iter();
        seen.map(|(key, seen)| (key.clone(), seen.first, seen.before))
            .collect()
    }

    /// Takes in what another run has seen.
    pub fn recall(&mut self, known: Vec<(Key, Moment, Option<Moment>)>) {
        for (key, first, before) in known {
            let round = self.round;
            let seen = Seen {
                first,
                before,
                round,
                under: None,
            };
            self.seen.entry(key).or_insert(seen);
        }
    }

    /// Problems that are folded under others, and what those are about: for another run.
    pub fn folds(&self) -> Vec<(Key, Key)> {
        let seen = self.seen.iter();
        seen.filter_map(|(key, seen)| Some((key.clone(), seen.under.clone()?)))
            .collect()
    }

    /// Notes under what problems are folded now.
    pub fn folded(&mut self, folds: impl IntoIterator<Item = (Key, Key)>) {
        for (problem, about) in folds {
            if let Some(seen) = self.seen.get_mut(&problem) {
                seen.under = Some(about);
            }
        }
    }

    /// Notes a good answer.
    pub fn answered(&mut self, source: SourceId, reading: Reading, at: Moment) {
        self.answers
            .entry((source, reading))
            .and_modify(|(before, last)| {
                if at > *last {
                    *before = Some(*last);
                    *last = at;
                }
            })
            .or_insert((None, at));
    }

    /// The past of each problem, in their order. What is over is forgotten.
    pub fn take(&mut self, estate: &Estate, now: Moment) -> Past {
        self.round += 1;
        let (round, answers) = (self.round, &self.answers);
        let mut past = Past {
            onsets: Vec::with_capacity(estate.problems.len()),
            under: Vec::with_capacity(estate.problems.len()),
        };
        for problem in &estate.problems {
            let fresh = || Seen {
                first: now,
                before: reading_of(&problem.what)
                    .and_then(|reading| answers.get(&(problem.source, reading)))
                    .and_then(|(before, _)| *before),
                round,
                under: None,
            };
            if let Some(seen) = self.seen.get_mut(&problem.key) {
                seen.round = round;
                past.onsets.push(onset(estate, problem, seen));
                past.under.push(seen.under.clone());
            } else {
                let seen = fresh();
                past.onsets.push(onset(estate, problem, &seen));
                past.under.push(None);
                self.seen.insert(problem.key.clone(), seen);
            }
        }
        if self.seen.len() > estate.problems.len() {
            self.seen.retain(|_, seen| seen.round == round);
        }
        past
    }
}

fn onset(estate: &Estate, problem: &Problem, seen: &Seen) -> Onset {
    // A since that moved on (critical, warning, critical again) is not when the trouble began.
    let latest = problem.since.map_or(seen.first, |at| at.min(seen.first));
    let earliest = match &problem.what {
        What::HostDown(_)
        | What::Service(_)
        | What::TaskFailed(_)
        | What::GuestStopped { task: Some(_), .. } => Some(latest),
        What::Blind(_) if problem.about.is_none() => last_good(estate, problem.source),
        _ => seen.before.map(|before| before.min(latest)),
    };
    Onset { earliest, latest }
}

/// The oldest last good answer among the readings of a source that fail now; `None` when one of them never
/// had any.
fn last_good(estate: &Estate, source: SourceId) -> Option<Moment> {
    estate
        .source(source)?
        .feeds
        .iter()
        .filter(|feed| feed.trouble.is_some())
        .map(|feed| feed.good.as_ref().map(|good| good.at))
        .min()
        .flatten()
}

/// The reading that such a problem is seen in.
pub const fn reading_of(what: &What) -> Option<Reading> {
    Some(match what {
        What::NodeOffline
        | What::NodeSilent
        | What::GuestStopped { .. }
        | What::GuestIoError
        | What::GuestCrashed
        | What::GuestUnseen
        | What::StorageFull(_)
        | What::StorageInactive => Reading::Resources,
        What::NoQuorum | What::RightsMissing(_) => Reading::Cluster,
        What::TaskFailed(_) => Reading::Tasks,
        What::HostDown(_) | What::SiteSilent(_) => Reading::MonitoredHosts,
        What::Service(_) => Reading::Problems,
        What::Probe(_)
        | What::Web(..)
        | What::WebFlaw(_)
        | What::Certificate(_)
        | What::Blind(_) => Reading::Probes,
        What::QueueDown(_) | What::QueueStuck { .. } | What::QueueDeep(_) | What::QueueOld(..) => {
            Reading::Queues
        }
        What::GroupSize(..) => Reading::Roster,
        What::Late => return None,
    })
}
