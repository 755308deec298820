//! `vigie status --watch`: a line of JSON for everything that changes, until the reader goes or a signal comes.
//!
//! The first line is the whole state (`"event":"status"`, the document of `-o json`); then
//! `appeared`, `changed` and `resolved` with the problem, and `source` when a reading begins or ceases to
//! answer or grows old. A problem whose source fails is not resolved: what was last known stays.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior};

use crate::app::Context;
use crate::cli::{SIGNAL, write_out};
use crate::config::shape::Config;
use crate::domain::{Freshness, Moment, Observation, Reading, SourceId};
use crate::estate::Keeper;
use crate::refresh::Refresher;
use crate::runtime::estates;

use super::document::{self, Problem, State};
use super::table::Wanted;
use super::verdict::Verdict;
use super::{Asked, SOFTWARE, UNWRITTEN, once};

/// Ages turn data old without any answer: how often is looked.
const LOOK: Duration = Duration::from_secs(1);

/// Watches until the reader closes the pipe (exit code 0) or a signal ends it.
pub async fn run(config: &Config, end: Instant) -> u8 {
    let signals = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals.map(signal) else {
        return SOFTWARE;
    };
    let (refresher, mut observations) = Refresher::start(config);
    let mut watch = Watch {
        keeper: Keeper::new(estates::sources(config), Moment::now()),
        waiting: once::readings(config),
        begun: Instant::now(),
        before: None,
        zone: super::zone(config),
    };
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let code = loop {
        let written = tokio::select! {
            _ = interrupt.recv() => break SIGNAL + 2,
            _ = terminate.recv() => break SIGNAL + 15,
            _ = hangup.recv() => break SIGNAL + 1,
            observed = observations.recv() => {
                let Some(observation) = observed else { break SOFTWARE };
                watch.take(observation);
                while let Ok(more) = observations.try_recv() {
                    watch.take(more);
                }
                if watch.waiting.is_empty() || Instant::now() >= end {
                    watch.tell()
                } else {
                    Ok(())
                }
            }
            _ = ticks.tick() => if watch.before.is_some() || Instant::now() >= end {
                watch.tell()
            } else {
                Ok(())
            },
        };
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break 0,
            Err(error) => {
                crate::cli::complain(&format!("the output cannot be written: {error}"));
                break UNWRITTEN;
            }
        }
    };
    refresher.stop();
    code
}

struct Watch {
    keeper: Keeper,
    waiting: std::collections::BTreeSet<(SourceId, Reading)>,
    begun: Instant,
    /// What was told last.
    before: Option<Told>,
    zone: jiff::tz::TimeZone,
}

#[derive(Default)]
struct Told {
    problems: HashMap<String, Problem>,
    readings: HashMap<(SourceId, Reading), (State, Freshness)>,
}

impl Watch {
    fn take(&mut self, observation: Observation) {
        self.waiting
            .remove(&(observation.source, observation.reading));
        self.keeper.apply(observation);
    }

    /// Writes what changed since the last time.
    fn tell(&mut self) -> std::io::Result<()> {
        let asked = Asked {
            estate: self.keeper.publish(),
            now: Moment::now(),
            unanswered: self.waiting.clone(),
            took: self.begun.elapsed(),
        };
        let now = told(&asked);
        let mut lines = Vec::new();
        match &self.before {
            None => {
                let context = Context {
                    now: asked.now,
                    privacy: false,
                    zone: &self.zone,
                    seen: None,
                };
                let verdict = Verdict::of(&asked, None);
                let whole =
                    document::document(&asked, &verdict, &Wanted::default(), &context, false);
                lines
                    .push(json!({ "event": "status", "at": asked.now.rfc3339(), "status": whole }));
            }
            Some(before) => changes(before, &now, &asked, &mut lines),
        }
        self.before = Some(now);
        for line in lines {
            write_out(&format!("{line}\n"))?;
        }
        Ok(())
    }
}

fn told(asked: &Asked) -> Told {
    let estate = &asked.estate;
    let problems = estate.problems.iter().map(|p| {
        let problem = document::problem(estate, p, asked.now);
        (problem.key.clone(), problem)
    });
    let readings = estate.sources.iter().flat_map(|source| {
        source.feeds.iter().map(|feed| {
            let state = State::of(asked, source.id, feed);
            (
                (source.id, feed.reading),
                (state, feed.freshness(asked.now)),
            )
        })
    });
    Told {
        problems: problems.collect(),
        readings: readings.collect(),
    }
}

fn changes(before: &Told, now: &Told, asked: &Asked, lines: &mut Vec<Json>) {
    let at = asked.now.rfc3339();
    let mut event = |event: &str, problem: &Problem| {
        lines.push(json!({ "event": event, "at": at, "problem": problem }));
    };
    for problem in &asked.estate.problems {
        let key = super::table::named(&problem.key, &asked.estate);
        let Some(problem) = now.problems.get(&key) else {
            continue;
        };
        match before.problems.get(&key) {
            None => event("appeared", problem),
            Some(earlier) if earlier.differs(problem) => event("changed", problem),
            Some(_) => {}
        }
    }
    let mut gone: Vec<_> = before
        .problems
        .iter()
        .filter(|(key, _)| !now.problems.contains_key(*key))
        .collect();
    gone.sort_by_key(|(key, _)| *key);
    for (_, problem) in gone {
        event("resolved", problem);
    }
    for source in &asked.estate.sources {
        let changed = |feed: &&crate::estate::Feed| {
            let at = (source.id, feed.reading);
            before.readings.get(&at) != now.readings.get(&at)
        };
        if source.feeds.iter().any(|feed| changed(&feed)) {
            let source = document::source(asked, source);
            lines.push(json!({ "event": "source", "at": at, "source": source }));
        }
    }
}
