//! Takes observations in and publishes the estate.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::guest::GuestState;
use crate::domain::node::Resources;
use crate::domain::problem::Problem;
use crate::domain::{Batch, Failure, Key, Moment, Observation, Reading, SourceId, SourceKind};

use super::incidents::{self, Circumstances, Pasts};
use super::join::{self, Machines, monitor};
use super::known::{Known, Recalled};
use super::note::{About, Note};
use super::queues::{Course, Verdict};
use super::strip::{Met, Span, Strips};
use super::timeline::{self, Log, Turn};
use super::{
    Estate, Settings, SourceState, guests, hosts, news, problems, queues, review, sections, team,
    tickets, web,
};

/// Owns the feeds; everything else is derived from them at each publication.
#[derive(Debug)]
pub struct Keeper {
    sources: Vec<SourceState>,
    revision: u64,
    memory: Memory,
    pasts: Pasts,
    settings: Settings,
    apart: HashSet<Key>,
    latest: Moment,
    notes: Vec<Note>,
    log: Log,
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
            pasts: Pasts::default(),
            settings: Settings::default(),
            apart: HashSet::new(),
            latest: now,
            notes: Vec::new(),
            log: Log::default(),
        }
    }

    /// A keeper that goes on where another one ended. Feeds keep the moments at which they were read,
    /// so what is old is seen to be.
    pub fn resume(known: Known, now: Moment) -> Self {
        let mut this = Self::new(known.sources, now);
        for state in &this.sources {
            for feed in &state.feeds {
                if let Some(good) = &feed.good {
                    this.pasts.answered(state.id, feed.reading, good.at);
                }
            }
            if let Some(Batch::Resources(resources)) =
                state.feed(Reading::Resources).and_then(super::Feed::batch)
            {
                this.memory.note_guests(state.id, resources);
            }
        }
        let known_guests = &this.memory.known;
        let ran = known.ran.into_iter().filter(|at| known_guests.contains(at));
        this.memory.running.extend(ran);
        this.memory.since.extend(known.since);
        this.pasts.recall(known.onsets);
        this.pasts.folded(known.folds);
        // A course that ends in the future was seen with a wrong clock: nothing could be added to it.
        let courses = known.courses.into_iter();
        let courses = courses.filter(|(_, course)| course.last().is_none_or(|at| at <= now));
        this.memory.courses.extend(courses);
        this
    }

    /// Begins at this moment, for tests that begin in the past.
    #[cfg(test)]
    pub(crate) const fn latest_is(&mut self, at: Moment) {
        self.latest = at;
    }

    /// What another keeper needs to go on from here.
    pub fn known(&self) -> Known {
        Known {
            sources: self.sources.clone(),
            ran: self.memory.running.iter().copied().collect(),
            since: (self.memory.since.iter())
                .map(|(key, at)| (key.clone(), *at))
                .collect(),
            onsets: self.pasts.known(),
            folds: self.pasts.folds(),
            courses: (self.memory.courses.iter())
                .map(|(key, course)| (key.clone(), course.recent()))
                .collect(),
        }
    }

    /// Takes in what the history remembers. It may come late: what was seen meanwhile stays.
    pub fn recall(&mut self, recalled: Recalled) {
        for (key, depths) in recalled.depths {
            self.memory.courses.entry(key).or_default().seed(depths);
        }
        for (key, spans) in recalled.met {
            for span in spans {
                self.memory.strips.note(&key, span);
            }
        }
        self.log.recall(recalled.timeline, self.latest);
    }

    /// Keeps the timeline waiting for what another run has seen: until [`Self::recall`] or
    /// [`Self::begin_timeline`].
    pub fn await_timeline(&mut self) {
        self.log.wait();
    }

    /// Begins a timeline without a past, if it still waits for one.
    pub fn begin_timeline(&mut self) {
        self.log.begin();
    }

    /// What the timeline has got since this was asked last, to be written down.
    pub fn take_turns(&mut self) -> Vec<Turn> {
        self.log.take_news()
    }

    /// Says, or no longer says, why something of the program's own is missing.
    pub fn note(&mut self, about: About, failure: Option<Failure>) {
        self.notes.retain(|note| note.about != about);
        self.notes
            .extend(failure.map(|failure| Note { about, failure }));
    }

    /// The same keeper with what the configuration says about how things hang together.
    #[must_use]
    pub fn with(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Problems that are no longer folded under a cause, because a person said so. For this session;
    /// takes the place of what was said before.
    pub fn keep_apart(&mut self, apart: HashSet<Key>) {
        self.apart = apart;
    }

    /// Takes an observation in. Nothing is derived until [`Self::publish`], so that many can be taken at once.
    pub fn apply(&mut self, observation: Observation) {
        self.latest = self.latest.max(observation.at);
        let source = observation.source;
        if let Ok(Batch::Resources(resources)) = &observation.outcome {
            self.memory.note_guests(source, resources);
        }
        if observation.outcome.is_ok() {
            self.pasts
                .answered(source, observation.reading, observation.at);
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
            notes: self.notes.clone(),
            ..Estate::default()
        };
        let monitored = monitor::find(&estate, &self.settings.joins);
        estate.guests = guests::rows(&estate, &monitored);
        estate.hosts = hosts::rows(&estate, &estate.guests, &monitored);
        let machines = Machines::new(&estate);
        estate.web = web::rows(&estate, &estate.guests, &machines, now);
        self.memory.note_probes(&estate);
        for row in &mut estate.web {
            row.strip = self.memory.strips.of(&row.key(), now);
        }
        estate.queues = queues::rows(&estate, now);
        self.memory.judge_queues(&mut estate, now);
        estate.tickets = tickets::rows(&estate);
        estate.news = news::rows(&estate);
        let (sections, today) = (&self.settings.sections, self.settings.today(now));
        estate.sections = sections::rows(&estate, sections, today, now);
        estate.statuses = sections::statuses(&estate);
        (estate.people, estate.groups) = team::rows(&estate, &estate.tickets, today);
        join::all(&mut estate, &monitored, &machines, &self.settings);
        estate.review = review::all(&estate, now);
        estate.problems = problems::all(&estate, &mut self.memory, now);
        let past = self.pasts.take(&estate, now);
        let circumstances = Circumstances {
            machines: &machines,
            past,
            apart: &self.apart,
            hold: self.settings.hold(),
            now,
        };
        let folded = incidents::fold(&estate, &circumstances);
        self.pasts.folded(folded.under);
        (estate.incidents, estate.held_back) = (folded.incidents, folded.held_back);
        estate.folds = incidents::folds::of(estate.problems.len(), &estate.incidents);
        estate.apart.clone_from(&self.apart);
        self.log.note(&estate, now);
        estate.timeline = self.log.kept();
        estate.events = timeline::events::of(&estate, now);
        Arc::new(estate)
    }
}

/// What this program saw before and the present answers no longer tell.
#[derive(Debug, Default)]
pub struct Memory {
    running: HashSet<(SourceId, u32)>,
    known: HashSet<(SourceId, u32)>,
    since: HashMap<Key, Moment>,
    courses: HashMap<Key, Course>,
    strips: Strips,
}

impl Memory {
    /// Adds what was read of the queues to their courses, and judges them by those.
    fn judge_queues(&mut self, estate: &mut Estate, now: Moment) {
        let mut rows = std::mem::take(&mut estate.queues);
        for row in &mut rows {
            let course = self.courses.entry(row.key()).or_default();
            // Numbers that are no longer true are no news.
            if !matches!(row.verdict, Verdict::Unknown(_))
                && let Some(sample) = row.sample(estate)
            {
                course.take(sample, row.sending);
            }
            row.judge(course, now);
            row.disagreement = queues::disagreement(row, course, estate);
        }
        estate.queues = rows;
    }

    fn note_probes(&mut self, estate: &Estate) {
        for row in &estate.web {
            if let Some(probe) = row.probe.and_then(|at| estate.probe(at)) {
                let met = Met::of(probe);
                let span = Span {
                    at: probe.at,
                    best: met,
                    worst: met,
                };
                self.strips.note(&row.key(), span);
            }
        }
    }

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
