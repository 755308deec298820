//! Takes observations in and publishes the estate.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::guest::GuestState;
use crate::domain::node::Resources;
use crate::domain::problem::Problem;
use crate::domain::{Batch, Key, Moment, Observation, Reading, SourceId, SourceKind};

use super::{Estate, SourceState, guests, hosts, problems, queues, team, tickets, web};

/// How long samples of a queue's depth are kept.
const SAMPLES_FOR: Duration = Duration::from_secs(3600);
/// Most samples kept of one queue.
const SAMPLES: usize = 720;

/// Owns the feeds; everything else is derived from them at each publication.
#[derive(Debug)]
pub struct Keeper {
    sources: Vec<SourceState>,
    revision: u64,
    memory: Memory,
    latest: Moment,
}

impl Keeper {
    /// A keeper that has seen nothing yet.
    pub fn new(mut sources: Vec<SourceState>, now: Moment) -> Self {
        for feed in sources.iter_mut().flat_map(|s| &mut s.feeds) {
            feed.awaited_since.get_or_insert(now);
        }
        Self {
            sources,
            revision: 0,
            memory: Memory::default(),
            latest: now,
        }
    }

    /// Takes an observation in. Nothing is derived until [`Self::publish`], so that many can be taken at once.
    pub fn apply(&mut self, observation: Observation) {
        self.latest = self.latest.max(observation.at);
        let source = observation.source;
        if let Ok(Batch::Resources(resources)) = &observation.outcome {
            self.memory.note_guests(source, resources);
        }
        let Some(state) = self.sources.get_mut(usize::from(source.0)) else {
            return;
        };
        if let Some(feed) = state
            .feeds
            .iter_mut()
            .find(|f| f.reading == observation.reading)
        {
            feed.apply(observation);
        }
    }

    /// Joins everything anew and hands it out.
    pub fn publish(&mut self) -> Arc<Estate> {
        let now = self.latest;
        self.revision += 1;
        let mut estate = Estate {
            revision: self.revision,
            sources: self.sources.clone(),
            ..Estate::default()
        };
        let monitored = hosts::monitored_names(&estate);
        estate.guests = guests::rows(&estate, &monitored);
        estate.hosts = hosts::rows(&estate, &estate.guests, &monitored);
        estate.web = web::rows(&estate, &estate.guests);
        estate.queues = queues::rows(&estate, now);
        self.memory.samples.take(&estate.queues, &estate, now);
        for row in &mut estate.queues {
            row.judge(self.memory.samples.of(&row.key()).collect());
        }
        estate.tickets = tickets::rows(&estate);
        (estate.people, estate.groups) = team::rows(&estate, &estate.tickets);
        estate.problems = problems::all(&estate, &mut self.memory, now);
        Arc::new(estate)
    }
}

/// What this program saw before and the present answers no longer tell.
#[derive(Debug, Default)]
pub struct Memory {
    running: HashSet<(SourceId, u32)>,
    known: HashSet<(SourceId, u32)>,
    since: HashMap<Key, Moment>,
    samples: Samples,
}

impl Memory {
    fn note_guests(&mut self, source: SourceId, resources: &Resources) {
        self.known.retain(|(s, _)| *s != source);
        for guest in &resources.guests {
            self.known.insert((source, guest.vmid));
            match guest.state {
                GuestState::Running => {
                    self.running.insert((source, guest.vmid));
                }
                // Made a template, or gone for good: no longer expected to run.
                GuestState::Template => {
                    self.running.remove(&(source, guest.vmid));
                }
                _ => {}
            }
        }
        let known = &self.known;
        self.running
            .retain(|at| at.0 != source || known.contains(at));
    }

    /// Whether this program saw the guest run.
    pub fn ran(&self, source: SourceId, vmid: u32) -> bool {
        self.running.contains(&(source, vmid))
    }

    /// Whether the guest is in the source's last answer.
    pub fn knows(&self, source: SourceId, vmid: u32) -> bool {
        self.known.contains(&(source, vmid))
    }

    /// When this program first saw a problem that does not tell itself.
    pub fn since(&mut self, key: &Key, now: Moment) -> Option<Moment> {
        Some(*self.since.entry(key.clone()).or_insert(now))
    }

    /// Forgets problems that are over.
    pub fn forget_but(&mut self, problems: &[Problem]) {
        if self.since.len() > problems.len() {
            let now: HashSet<&Key> = problems.iter().map(|p| &p.key).collect();
            self.since.retain(|key, _| now.contains(key));
        }
    }
}

/// Depths of queues over the last hour.
#[derive(Debug, Default)]
pub struct Samples {
    depths: HashMap<Key, VecDeque<(Moment, u64)>>,
}

impl Samples {
    /// Samples of a queue, oldest first.
    pub fn of<'a>(&'a self, key: &Key) -> impl Iterator<Item = (Moment, u64)> + use<'a> {
        self.depths.get(key).into_iter().flatten().copied()
    }

    /// Takes the present depths, once per answer.
    fn take(&mut self, rows: &[super::QueueRow], estate: &Estate, now: Moment) {
        for row in rows {
            let reading = if row.queue.is_some() {
                Reading::Queues
            } else {
                Reading::Checks
            };
            let read_at = estate
                .source(row.source)
                .and_then(|s| s.feed(reading))
                .and_then(|f| f.good.as_ref())
                .map(|g| g.at);
            let (Some(depth), Some(at)) = (row.depth, read_at) else {
                continue;
            };
            let samples = self.depths.entry(row.key()).or_default();
            if samples.back().is_some_and(|(last, _)| *last >= at) {
                continue;
            }
            samples.push_back((at, depth));
            while samples.len() > SAMPLES
                || samples
                    .front()
                    .is_some_and(|(first, _)| now.until(*first) > SAMPLES_FOR)
            {
                samples.pop_front();
            }
        }
    }
}

/// Sources before their first answer: a feed for each reading of each kind.
pub fn sources<'a>(
    configured: impl Iterator<Item = (&'a str, SourceKind, Duration, String)>,
    interval: impl Fn(SourceKind, Reading, Duration) -> Duration,
) -> Vec<SourceState> {
    configured
        .enumerate()
        .map(|(index, (name, kind, refresh, address))| SourceState {
            id: SourceId(u16::try_from(index).unwrap_or(u16::MAX)),
            name: name.into(),
            kind,
            address: address.as_str().into(),
            feeds: kind
                .readings()
                .iter()
                .map(|r| super::Feed::new(*r, interval(kind, *r, refresh)))
                .collect(),
        })
        .collect()
}
