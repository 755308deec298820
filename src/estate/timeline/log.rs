//! What changed from one estate to the next.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::problem::Problem;
use crate::domain::{Key, Moment};
use crate::estate::incidents::onset::reading_of;
use crate::estate::{Estate, Fold};

use super::{DAY, Kept, Lead, Remembered, Role, Standing, Turn, Watch};

/// Most turns kept in memory.
const TURNS: usize = 5_000;
/// Most problems followed; of a flood the worst incidents.
const STANDING: usize = 5_000;
/// A little longer than what is shown.
const KEPT_FOR: Duration = Duration::from_hours(25);
/// Watches nearer to each other than this are one: a program that starts anew takes a moment.
const PAUSE: Duration = Duration::from_mins(2);
/// How often the turns are looked through for old ones.
const TRIM: usize = 256;

/// Follows the problems from estate to estate.
#[derive(Debug, Default)]
pub struct Log {
    kept: Arc<Kept>,
    standing: HashMap<Key, Arc<Standing>>,
    /// Problems that another run has seen and this one not yet, and when that was: that they are over must be
    /// told by an answer, not by silence.
    unconfirmed: HashMap<Key, Moment>,
    /// What was not handed out for writing yet.
    news: Vec<Turn>,
    /// Nothing is noted until it is known what another run has seen.
    waits: bool,
}

impl Log {
    /// Notes nothing until [`Self::recall`] or [`Self::begin`].
    pub fn wait(&mut self) {
        self.waits = true;
    }

    /// Begins without a past, if it still waits for one.
    pub fn begin(&mut self) {
        self.waits = false;
    }

    /// What is kept, for an estate.
    pub fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.kept)
    }

    /// What was noted since this was asked last.
    pub fn take_news(&mut self) -> Vec<Turn> {
        std::mem::take(&mut self.news)
    }

    /// Takes in what another run has seen. It may come late: what was noted meanwhile stays.
    pub fn recall(&mut self, past: Remembered, now: Moment) {
        self.waits = false;
        if !self.kept.turns.is_empty() {
            return;
        }
        let start = now.minus(KEPT_FOR);
        let mut base: HashMap<Key, Arc<Standing>> = HashMap::new();
        let mut turns = Vec::new();
        // From the future: a clock was wrong.
        for turn in past.turns.into_iter().filter(|turn| turn.at <= now) {
            let before = self.standing.get(&turn.key).cloned();
            if let Some(after) = &turn.after {
                self.standing.insert(turn.key.clone(), Arc::clone(after));
                self.unconfirmed.insert(turn.key.clone(), turn.at);
            } else {
                self.standing.remove(&turn.key);
                self.unconfirmed.remove(&turn.key);
            }
            if turn.at < start {
                match turn.after {
                    Some(after) => drop(base.insert(turn.key, after)),
                    None => drop(base.remove(&turn.key)),
                }
            } else {
                turns.push(Arc::new(Turn { before, ..turn }));
            }
        }
        let mut watches: Vec<Watch> = self.kept.watches.clone();
        let known = past.watches.into_iter();
        watches.extend(known.filter(|w| w.from <= now && w.until.is_some_and(|at| at <= now)));
        self.kept = Arc::new(Kept {
            base: Arc::new(base),
            turns,
            watches: joined(watches),
            left_out: 0,
        });
    }

    /// Notes what has changed.
    pub fn note(&mut self, estate: &Estate, now: Moment) {
        if self.waits {
            return;
        }
        let mut turns = self.changed(estate, now);
        self.watch(now);
        if turns.is_empty() {
            return;
        }
        // Two observations may come at once; what is noted later is not earlier.
        let last = self.kept.turns.last().map(|turn| turn.at);
        for turn in &mut turns {
            turn.at = last.map_or(turn.at, |last| turn.at.max(last));
            match &turn.after {
                Some(after) => drop(self.standing.insert(turn.key.clone(), Arc::clone(after))),
                None => drop(self.standing.remove(&turn.key)),
            }
        }
        let kept = Arc::make_mut(&mut self.kept);
        kept.turns.extend(turns.iter().cloned().map(Arc::new));
        self.news.append(&mut turns);
        // Without anybody who writes them down they are not kept twice.
        if self.news.len() > TURNS {
            self.news.clear();
        }
        trim(kept, now);
    }

    fn changed(&mut self, estate: &Estate, now: Moment) -> Vec<Turn> {
        let mut turns = Vec::new();
        let mut there: HashSet<&Key> = HashSet::with_capacity(self.standing.len());
        let mut fresh: Vec<usize> = Vec::new();
        for (at, problem) in estate.problems.iter().enumerate() {
            let Some((key, before)) = self.standing.get_key_value(&problem.key) else {
                fresh.push(at);
                continue;
            };
            there.insert(key);
            self.unconfirmed.remove(key);
            // Held back for a moment it is neither over nor otherwise.
            let Some(after) = standing(estate, at, problem) else {
                continue;
            };
            if !after.is_as(before) {
                turns.push(Turn {
                    at: now,
                    key: problem.key.clone(),
                    before: Some(Arc::clone(before)),
                    after: Some(Arc::new(after)),
                });
            }
        }
        let over = self.standing.iter().filter(|(key, standing)| {
            !there.contains(*key) && is_over(estate, standing, self.unconfirmed.get(*key))
        });
        let over: Vec<Turn> = over
            .map(|(key, before)| Turn {
                at: now,
                key: key.clone(),
                before: Some(Arc::clone(before)),
                after: None,
            })
            .collect();
        let mut room = (STANDING + over.len()).saturating_sub(self.standing.len());
        // The worst incidents first, so that of a flood the causes are followed.
        fresh.sort_by_key(|at| match estate.folds.get(*at) {
            Some(Fold::Cause(incident)) => (0, *incident),
            Some(Fold::Below(incident)) => (1, *incident),
            _ => (2, 0),
        });
        let mut left_out = 0;
        for at in fresh {
            let Some(problem) = estate.problems.get(at) else {
                continue;
            };
            let Some(after) = standing(estate, at, problem) else {
                continue;
            };
            if room == 0 {
                left_out += 1;
                continue;
            }
            room -= 1;
            turns.push(Turn {
                at: now,
                key: problem.key.clone(),
                before: None,
                after: Some(Arc::new(after)),
            });
        }
        for turn in &over {
            self.unconfirmed.remove(&turn.key);
        }
        turns.extend(over);
        if self.kept.left_out != left_out {
            Arc::make_mut(&mut self.kept).left_out = left_out;
        }
        turns
    }

    /// Notes that this program watches.
    fn watch(&mut self, now: Moment) {
        if self.kept.watches.last().is_none_or(|w| w.until.is_some()) {
            let kept = Arc::make_mut(&mut self.kept);
            kept.watches.push(Watch {
                from: now,
                until: None,
            });
            kept.watches = joined(std::mem::take(&mut kept.watches));
        }
    }
}

/// How a problem stands; nothing while it is held back.
fn standing(estate: &Estate, at: usize, problem: &Problem) -> Option<Standing> {
    let incident = estate.incident_of(at)?;
    let role = if incident.cause as usize == at {
        Role::Cause(Box::new(Lead {
            handled: incident.handled,
            reach: incident.reach.clone(),
            why: incident.why.clone(),
        }))
    } else {
        let own = u32::try_from(at).ok()?;
        let below = incident.below.binary_search_by_key(&own, |b| b.problem);
        let below = match below {
            Ok(found) => incident.below.get(found)?,
            Err(_) => incident.below.iter().find(|b| b.problem == own)?,
        };
        Role::Below {
            cause: incident.key.clone(),
            under: estate.problems.get(below.under as usize)?.key.clone(),
            because: below.because,
        }
    };
    Some(Standing {
        severity: problem.severity,
        subject: problem.subject.clone(),
        what: problem.what.clone(),
        since: problem.since,
        about: problem.about.clone(),
        handling: problem.handling,
        source: problem.source,
        role,
    })
}

/// Whether a problem that is not there is over. What only another run has seen may be missing because its
/// source has not been read: an answer after that tells.
fn is_over(estate: &Estate, standing: &Standing, unconfirmed: Option<&Moment>) -> bool {
    let Some(seen) = unconfirmed else { return true };
    // No longer configured: nobody will ever tell.
    let Some(source) = estate.source(standing.source) else {
        return true;
    };
    let after = |feed: &crate::estate::Feed| feed.good.as_ref().is_some_and(|good| good.at > *seen);
    match reading_of(&standing.what).filter(|_| !is_of_source(standing)) {
        Some(reading) => source.feed(reading).is_none_or(after),
        None => source.feeds.iter().all(after),
    }
}

/// Whether it is about a source itself: that it cannot be read, or is late.
pub(super) const fn is_of_source(standing: &Standing) -> bool {
    use crate::domain::problem::What;
    matches!(standing.what, What::Blind(_) | What::Late) && standing.about.is_none()
}

/// Forgets the oldest, so that what stood after them is the beginning.
fn trim(kept: &mut Kept, now: Moment) {
    let start = now.minus(KEPT_FOR);
    let by_age = kept.turns.partition_point(|turn| turn.at < start);
    let old = by_age.max(kept.turns.len().saturating_sub(TURNS));
    if old < TRIM && kept.turns.len() <= TURNS {
        return;
    }
    let old = old.max(TRIM).min(kept.turns.len());
    let base = Arc::make_mut(&mut kept.base);
    for turn in kept.turns.drain(..old) {
        match &turn.after {
            Some(after) => drop(base.insert(turn.key.clone(), Arc::clone(after))),
            None => drop(base.remove(&turn.key)),
        }
    }
    let first = kept.watches.iter();
    let gone = first
        .take_while(|w| w.until.is_some_and(|until| until < now.minus(DAY * 2)))
        .count();
    kept.watches.drain(..gone);
}

/// Watches in order, those that touch or overlap made one.
fn joined(mut watches: Vec<Watch>) -> Vec<Watch> {
    watches.sort_by_key(|watch| watch.from);
    let mut joined: Vec<Watch> = Vec::with_capacity(watches.len());
    for watch in watches {
        match joined.last_mut() {
            Some(last)
                if last
                    .until
                    .is_none_or(|until| watch.from <= until.plus(PAUSE)) =>
            {
                last.until = last.until.zip(watch.until).map(|(a, b)| a.max(b));
            }
            _ => joined.push(watch),
        }
    }
    joined
}
