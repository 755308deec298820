//! Graphs of the rows that were looked at: which are wanted, which are here, which could not be read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::graph::{Graph, Span, Subject};
use crate::domain::{Failure, Key, Moment};
use crate::estate::Place;

use super::{App, Effect, Effects, Tab};

/// Most graphs kept at a time.
const MOST: usize = 48;
/// How long a failure stands before it is tried again by itself.
const AGAIN: Duration = Duration::from_mins(1);
/// How long an answer may take, whatever became of it.
const LOST: Duration = Duration::from_mins(3);

/// All graphs that are known.
#[derive(Debug, Clone, Default)]
pub struct Graphs {
    /// How far back they go on the screen.
    pub span: Span,
    kept: HashMap<(Subject, Span), Kept>,
}

/// A graph, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// What was read, and when.
    pub read: Option<(Arc<Graph>, Moment)>,
    /// Why the last try failed; what was read before stays.
    pub failure: Option<Failure>,
    /// It was asked for and has not come yet.
    asked: Option<Moment>,
    /// When the last try ended.
    tried: Option<Moment>,
}

impl Graphs {
    /// What is known of a subject over the span on the screen.
    pub fn of(&self, subject: &Subject) -> Option<&Kept> {
        self.kept.get(&(subject.clone(), self.span))
    }

    /// Takes an answer in.
    pub(super) fn take(
        &mut self,
        subject: Subject,
        span: Span,
        outcome: Result<Arc<Graph>, Failure>,
        now: Moment,
    ) {
        let kept = self.kept_or_new((subject, span));
        kept.asked = None;
        kept.tried = Some(now);
        match outcome {
            Ok(graph) => {
                kept.read = Some((graph, now));
                kept.failure = None;
            }
            Err(failure) => kept.failure = Some(failure),
        }
    }

    /// The cursor went on before it was asked for.
    pub(super) fn drop_wish(&mut self, subject: &Subject, span: Span) {
        if let Some(kept) = self.kept.get_mut(&(subject.clone(), span)) {
            kept.asked = None;
        }
    }

    /// Everything may be asked for again at once.
    pub(super) fn again(&mut self) {
        for kept in self.kept.values_mut() {
            kept.tried = None;
        }
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.kept.len()
    }

    fn kept_or_new(&mut self, key: (Subject, Span)) -> &mut Kept {
        if !self.kept.contains_key(&key) && self.kept.len() >= MOST {
            // The oldest goes; what is under way would be asked for twice.
            let oldest = self.kept.iter().filter(|(_, k)| k.asked.is_none());
            let oldest = oldest.min_by_key(|(_, k)| k.tried);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.kept.remove(&oldest);
            }
        }
        self.kept.entry(key).or_default()
    }

    /// Whether an answer is still waited for.
    fn is_asked(&self, subject: &Subject, now: Moment) -> bool {
        let asked = self.of(subject).and_then(|kept| kept.asked);
        asked.is_some_and(|at| now.until(at) < LOST)
    }

    /// Whether it is to be asked for now; then it counts as asked.
    fn is_due(&mut self, subject: &Subject, now: Moment) -> bool {
        let span = self.span;
        let kept = self.kept_or_new((subject.clone(), span));
        let stands = if kept.failure.is_some() {
            AGAIN
        } else {
            // As long as a graph has something new to tell.
            match span {
                Span::Hour => Duration::from_secs(30),
                Span::Day => Duration::from_mins(5),
                Span::Week => Duration::from_mins(15),
            }
        };
        let is_due = kept.tried.is_none_or(|at| now.until(at) >= stands);
        if is_due {
            kept.asked = Some(now);
        }
        is_due
    }
}

impl App {
    /// What the graphs of a row are made of: its own history first, the monitor's where that has nothing.
    pub fn subjects(&self) -> Vec<Subject> {
        let Some(index) = self.detailed() else {
            return Vec::new();
        };
        let estate = &self.estate;
        let (own, monitored): (Option<Subject>, Option<Place>) = match self.tab {
            Tab::Hosts => {
                let Some(row) = estate.hosts.get(index) else {
                    return Vec::new();
                };
                let node = row.node.map(|_| Subject::Node {
                    source: row.source,
                    node: row.name.clone(),
                });
                (node, row.monitored)
            }
            Tab::Containers => {
                let Some(row) = estate.guests.get(index) else {
                    return Vec::new();
                };
                let guest = estate.guest(row.place).map(|guest| Subject::Guest {
                    source: row.place.source,
                    node: guest.node.clone(),
                    kind: guest.kind,
                    vmid: guest.vmid,
                });
                (guest, row.monitored)
            }
            Tab::Web => {
                let row = estate.web.get(index);
                let probed = row.filter(|row| row.probe.is_some());
                (probed.map(|row| Subject::Web(row.source, row.key())), None)
            }
            Tab::Mail => {
                let key: Option<Key> = estate.queues.get(index).map(crate::estate::QueueRow::key);
                (key.map(Subject::Queue), None)
            }
            _ => return Vec::new(),
        };
        let is_told = own.as_ref().is_some_and(|own| match self.graphs.of(own) {
            // Not known yet whether there is more to ask for.
            None => true,
            Some(kept) => match &kept.read {
                Some((graph, _)) => !graph.courses.is_empty(),
                None => kept.failure.is_none(),
            },
        });
        let monitor = monitored
            .filter(|_| !is_told)
            .and_then(|at| Some((at, estate.monitored_host(at)?)))
            .map(|(at, host)| Subject::Monitored {
                source: at.source,
                host: host.name.clone(),
                site: host.site.clone(),
            });
        own.into_iter().chain(monitor).collect()
    }

    /// Asks for the graphs of the row under the cursor when they are on the screen and not known.
    pub(super) fn want_graphs(&mut self, effects: &mut Effects) {
        // Servers tell of the time up to now, so of a past moment what was read before is shown.
        if !self.shows_detail() || self.travel.is_some() {
            return;
        }
        let subjects = self.subjects();
        // One after the other: whoever reads them holds one wish, and the later would push the earlier out.
        if subjects.iter().any(|s| self.graphs.is_asked(s, self.now)) {
            return;
        }
        for subject in subjects {
            if self.graphs.is_due(&subject, self.now) {
                effects.push(Effect::FetchGraph(subject, self.graphs.span));
                return;
            }
        }
    }
}
