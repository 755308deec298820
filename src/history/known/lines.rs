//! The lines below the header: first the sources and what the keeper remembers, then one line for each feed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Batch, Failure, Key, Moment, Reading, SourceId, SourceKind};
use crate::estate::feed::{Good, Trouble};
use crate::estate::queues::Course;
use crate::estate::{Feed, Known, SourceState};

/// The first line: everything that is not a feed.
#[derive(Debug, Serialize, Deserialize)]
struct Index<'a> {
    saved: Moment,
    sources: Vec<Source<'a>>,
    ran: Vec<(SourceId, u32)>,
    since: Vec<(Key, Moment)>,
    /// This and what follows is not there in files of before.
    #[serde(default)]
    courses: Vec<(Key, Course)>,
    #[serde(default)]
    onsets: Vec<(Key, Moment, Option<Moment>)>,
    #[serde(default)]
    folds: Vec<(Key, Key)>,
}

/// A source, by what makes it the same at the next start.
#[derive(Debug, Serialize, Deserialize)]
struct Source<'a> {
    id: SourceId,
    name: Cow<'a, str>,
    kind: SourceKind,
    address: Cow<'a, str>,
}

/// A feed.
#[derive(Debug, Serialize)]
struct Written<'a> {
    source: SourceId,
    reading: Reading,
    took: Option<Duration>,
    good: Option<WrittenGood<'a>>,
    trouble: Option<WrittenTrouble<'a>>,
}

#[derive(Debug, Serialize)]
struct WrittenGood<'a> {
    at: Moment,
    fell_from: Option<usize>,
    batch: &'a Batch,
}

#[derive(Debug, Serialize)]
struct WrittenTrouble<'a> {
    since: Moment,
    times: u32,
    failure: &'a Failure,
}

/// The same, read.
#[derive(Debug, Deserialize)]
struct Line {
    source: SourceId,
    reading: Reading,
    took: Option<Duration>,
    good: Option<LineGood>,
    trouble: Option<LineTrouble>,
}

#[derive(Debug, Deserialize)]
struct LineGood {
    at: Moment,
    fell_from: Option<usize>,
    batch: Batch,
}

#[derive(Debug, Deserialize)]
struct LineTrouble {
    since: Moment,
    times: u32,
    failure: Failure,
}

/// The lines of a state, at most `cap` bytes; and which feeds there was no room for, in words.
pub(super) fn body(known: &Known, now: Moment, cap: usize) -> (Vec<u8>, Option<String>) {
    let index = Index {
        saved: now,
        sources: known.sources.iter().map(source).collect(),
        ran: known.ran.clone(),
        since: known.since.clone(),
        courses: known.courses.clone(),
        onsets: known.onsets.clone(),
        folds: known.folds.clone(),
    };
    // Writing to memory fails for maps with odd keys only, of which there are none.
    let mut body = serde_json::to_vec(&index).unwrap_or_default();
    body.push(b'\n');
    let mut feeds: Vec<(String, Vec<u8>)> = Vec::new();
    for state in &known.sources {
        for feed in &state.feeds {
            if feed.good.is_none() && feed.trouble.is_none() {
                continue;
            }
            if let Ok(line) = serde_json::to_vec(&written(state.id, feed)) {
                feeds.push((format!("{} of {}", feed.reading.name(), state.name), line));
            }
        }
    }
    // The smallest first, so that the largest is what there is no room for.
    feeds.sort_by_key(|(_, line)| line.len());
    let mut left_out = Vec::new();
    for (name, line) in feeds {
        if body.len() + line.len() < cap {
            body.extend_from_slice(&line);
            body.push(b'\n');
        } else {
            left_out.push(name);
        }
    }
    (body, (!left_out.is_empty()).then(|| left_out.join(", ")))
}

fn source(state: &SourceState) -> Source<'_> {
    Source {
        id: state.id,
        name: state.name.as_str().into(),
        kind: state.kind,
        address: state.address.as_str().into(),
    }
}

fn written(source: SourceId, feed: &Feed) -> Written<'_> {
    Written {
        source,
        reading: feed.reading,
        took: feed.took,
        good: feed.good.as_ref().map(|good| WrittenGood {
            at: good.at,
            fell_from: good.fell_from,
            batch: &good.batch,
        }),
        trouble: feed.trouble.as_ref().map(|trouble| WrittenTrouble {
            since: trouble.since,
            times: trouble.times,
            failure: &trouble.failure,
        }),
    }
}

/// What these lines tell of these sources, and how many of them made no sense, in words. `None` when the first
/// makes none.
pub(super) fn known(body: &[u8], sources: &[SourceState]) -> Option<(Known, Option<String>)> {
    let mut lines = body.split(|byte| *byte == b'\n').filter(|l| !l.is_empty());
    let index: Index<'_> = serde_json::from_slice(lines.next()?).ok()?;
    let now = Now::of(&index, sources);
    let mut known = Known {
        sources: sources.to_vec(),
        ran: (index.ran.iter())
            .filter_map(|(source, vmid)| Some((now.source(*source)?, *vmid)))
            .collect(),
        since: (index.since.into_iter())
            .filter_map(|(key, at)| Some((now.key(key)?, at)))
            .collect(),
        courses: (index.courses.into_iter())
            .filter_map(|(key, course)| Some((now.key(key)?, course)))
            .collect(),
        onsets: (index.onsets.into_iter())
            .filter_map(|(key, first, before)| Some((now.key(key)?, first, before)))
            .collect(),
        folds: (index.folds.into_iter())
            .filter_map(|(key, about)| Some((now.key(key)?, now.key(about)?)))
            .collect(),
    };
    let mut senseless = 0;
    for line in lines {
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            senseless += 1;
            continue;
        };
        let feed = now
            .source(line.source)
            .and_then(|id| known.sources.get_mut(usize::from(id.0)))
            .and_then(|state| state.feeds.iter_mut().find(|f| f.reading == line.reading));
        if let Some(feed) = feed {
            fill(feed, line);
        }
    }
    let said = match senseless {
        0 => None,
        1 => Some("one reading".to_owned()),
        n => Some(format!("{n} readings")),
    };
    Some((known, said))
}

fn fill(feed: &mut Feed, line: Line) {
    feed.took = line.took;
    feed.good = line
        .good
        .filter(|good| good.batch.reading() == line.reading)
        .map(|good| Good {
            batch: good.batch,
            at: good.at,
            fell_from: good.fell_from,
        });
    feed.trouble = line.trouble.map(|trouble| Trouble {
        failure: trouble.failure,
        since: trouble.since,
        times: trouble.times,
    });
}

/// Where the sources of the file are in the present configuration.
struct Now(HashMap<SourceId, SourceId>);

impl Now {
    fn of(index: &Index<'_>, sources: &[SourceState]) -> Self {
        let same = |then: &Source<'_>| {
            sources.iter().find(|now| {
                (now.name.as_str(), now.kind, now.address.as_str())
                    == (&*then.name, then.kind, &*then.address)
            })
        };
        Self(
            (index.sources.iter())
                .filter_map(|then| Some((then.id, same(then)?.id)))
                .collect(),
        )
    }

    fn source(&self, then: SourceId) -> Option<SourceId> {
        self.0.get(&then).copied()
    }

    fn key(&self, then: Key) -> Option<Key> {
        Some(match then {
            Key::Host(source, name) => Key::Host(self.source(source)?, name),
            Key::Guest(source, vmid) => Key::Guest(self.source(source)?, vmid),
            Key::Queue(source, name) => Key::Queue(self.source(source)?, name),
            Key::Ticket(source, id) => Key::Ticket(self.source(source)?, id),
            Key::Change(source, id, journal) => Key::Change(self.source(source)?, id, journal),
            Key::Web(_) | Key::Person(_) | Key::Problem(_) | Key::Event(..) => then,
        })
    }
}
