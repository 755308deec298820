//! The timeline: what changed, what was done, and when somebody watched, newest first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::task::{Task, TaskEnd};
use crate::domain::{Key, Moment, Severity, SourceId, Text};
use crate::estate::Estate;

use super::{DAY, Kept, Turn};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it happened, as far as anybody can tell.
    pub at: Moment,
    /// What it is, stable over refreshes.
    pub key: Key,
    /// The row it happened to.
    pub about: Option<Key>,
    /// What it happened to.
    pub subject: Text,
    /// How bad it is now that it has happened; fine for what is over.
    pub severity: Severity,
    /// Who says so.
    pub source: Option<SourceId>,
    /// What happened.
    pub happened: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// Something went wrong.
    Wrong {
        /// How it stands since.
        turn: Arc<Turn>,
        /// It was the first of so many in its incident.
        first_of: Option<u32>,
        /// It was so already when watching began.
        found: bool,
    },
    /// Something that was wrong got worse, better, or is taken care of, or no longer is.
    Changed(Arc<Turn>, Course),
    /// Something is no longer wrong.
    Over {
        /// How it stood before.
        turn: Arc<Turn>,
        /// How long it had lasted, if known.
        lasted: Option<Duration>,
        /// Nobody watched at some time before: it may be over for longer.
        unwatched: bool,
    },
    /// A task of Proxmox began: its place among the tasks of its source.
    Task(u32),
    /// A ticket was written or changed: its place among the news.
    Ticket(u32),
    /// Watching began.
    Began,
    /// Watching ended.
    Ended,
}

/// How something that is wrong went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It is worse.
    Worse,
    /// It is better, but not over.
    Better,
    /// Somebody takes care of it.
    Handled,
    /// Nobody takes care of it any more.
    Unhandled,
    /// As bad as before, but something else is wrong.
    Otherwise,
}

impl Happened {
    /// One word for filters.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Wrong { .. } => "red",
            Self::Changed(_, Course::Worse) => "worse",
            Self::Changed(_, Course::Better) => "better",
            Self::Changed(_, Course::Handled) => "handled",
            Self::Changed(_, Course::Unhandled) => "unhandled",
            Self::Changed(_, Course::Otherwise) => "changed",
            Self::Over { .. } => "green",
            Self::Task(_) => "task",
            Self::Ticket(_) => "ticket",
            Self::Began | Self::Ended => "watch",
        }
    }

    /// What became of a problem, when that is what happened.
    pub const fn turn(&self) -> Option<&Arc<Turn>> {
        match self {
            Self::Wrong { turn, .. } | Self::Changed(turn, _) | Self::Over { turn, .. } => {
                Some(turn)
            }
            _ => None,
        }
    }
}

/// What happened over the last day, newest first.
pub fn of(estate: &Estate, now: Moment) -> Vec<Event> {
    let start = now.minus(DAY);
    let kept = &estate.timeline;
    let mut events = of_turns(kept, start);
    events.extend(of_watches(kept, start));
    for source in &estate.sources {
        let tasks = (0..).zip(estate.tasks(source.id));
        events.extend(tasks.filter_map(|(at, task)| of_task(source.id, at, task, start, now)));
    }
    // Newest first.
    let news = (0..).zip(&estate.news);
    let news = news.take_while(|(_, row)| row.at >= start);
    events.extend(news.map(|(at, row)| {
        Event {
            at: row.at.min(now),
            key: Key::Event(
                row.at,
                format!("ticket {} {}", row.ticket.id, row.id())
                    .as_str()
                    .into(),
            ),
            about: Some(Key::Ticket(row.source, row.ticket.id)),
            subject: row.ticket.subject.clone(),
            severity: Severity::Info,
            source: Some(row.source),
            happened: Happened::Ticket(at),
        }
    }));
    // Of what was seen at once the worst is above, the cause before what hangs on it.
    events.sort_by(|a, b| {
        (b.at.cmp(&a.at))
            .then(b.severity.cmp(&a.severity))
            .then(a.key.cmp(&b.key))
    });
    events
}

fn of_turns(kept: &Kept, start: Moment) -> Vec<Event> {
    let firsts = firsts(kept);
    let mut events = Vec::with_capacity(kept.turns.len());
    for (at, turn) in kept.turns.iter().enumerate() {
        let Some(standing) = turn.after.as_ref().or(turn.before.as_ref()) else {
            continue;
        };
        let happened = match (&turn.before, &turn.after) {
            (None, Some(_)) => Happened::Wrong {
                turn: Arc::clone(turn),
                first_of: firsts.get(&at).copied(),
                found: is_begin(kept, turn.at),
            },
            (Some(before), Some(after)) => {
                let course = match (before.is_handled(), after.is_handled()) {
                    (false, true) => Course::Handled,
                    (true, false) => Course::Unhandled,
                    _ => match after.severity.cmp(&before.severity) {
                        std::cmp::Ordering::Greater => Course::Worse,
                        std::cmp::Ordering::Less => Course::Better,
                        std::cmp::Ordering::Equal => {
                            if std::mem::discriminant(&after.what)
                                == std::mem::discriminant(&before.what)
                            {
                                // It only hangs on something else now.
                                continue;
                            }
                            Course::Otherwise
                        }
                    },
                };
                Happened::Changed(Arc::clone(turn), course)
            }
            (Some(before), None) => Happened::Over {
                turn: Arc::clone(turn),
                lasted: before
                    .since
                    .and_then(|since| turn.at.as_millis().checked_sub(since.as_millis()))
                    .and_then(|millis| u64::try_from(millis).ok())
                    .map(Duration::from_millis),
                unwatched: is_begin(kept, turn.at),
            },
            (None, None) => continue,
        };
        let when = began(turn);
        if when.max(turn.at) < start {
            continue;
        }
        events.push(Event {
            at: when,
            key: Key::Event(turn.at, problem_name(&turn.key)),
            about: standing.about.clone(),
            subject: standing.subject.clone(),
            severity: turn
                .after
                .as_ref()
                .map_or(Severity::Ok, |after| after.severity),
            source: Some(standing.source),
            happened,
        });
    }
    events
}

/// When it happened: what tells itself since when it is wrong is believed, unless that is not before it was seen.
fn began(turn: &Turn) -> Moment {
    match (&turn.before, &turn.after) {
        (None, Some(after)) => after.since.map_or(turn.at, |since| since.min(turn.at)),
        _ => turn.at,
    }
}

/// Whether watching had just begun: what is seen then may be older.
fn is_begin(kept: &Kept, at: Moment) -> bool {
    /// The first answers come one after the other.
    const FIRST: Duration = Duration::from_secs(20);
    let began = kept.watches.iter().rev().find(|watch| watch.from <= at);
    began.is_some_and(|watch| at <= watch.from.plus(FIRST))
}

fn problem_name(key: &Key) -> Text {
    match key {
        Key::Problem(name) => name.clone(),
        other => Text::clean(&format!("{other:?}")),
    }
}

/// Turns that were the first of an incident of several, by their position, and of how many.
fn firsts(kept: &Kept) -> HashMap<usize, u32> {
    struct Life {
        turn: Option<usize>,
        from: Moment,
        until: Option<Moment>,
        cause: Key,
    }
    let mut open: HashMap<&Key, Life> = HashMap::new();
    let mut lives: Vec<Life> = Vec::new();
    for (key, standing) in kept.base.iter() {
        let cause = standing.cause().unwrap_or(key).clone();
        let from = standing.since.unwrap_or(Moment::from_millis(0));
        open.insert(
            key,
            Life {
                turn: None,
                from,
                until: None,
                cause,
            },
        );
    }
    for (at, turn) in kept.turns.iter().enumerate() {
        match &turn.after {
            Some(after) => {
                // What it hangs on at last: the cause may have been seen after it.
                let cause = after.cause().unwrap_or(&turn.key).clone();
                let life = open.entry(&turn.key).or_insert_with(|| Life {
                    turn: Some(at),
                    from: began(turn),
                    until: None,
                    cause: cause.clone(),
                });
                life.cause = cause;
            }
            None => {
                if let Some(mut life) = open.remove(&turn.key) {
                    life.until = Some(turn.at);
                    lives.push(life);
                }
            }
        }
    }
    lives.extend(open.into_values());
    let mut by_cause: HashMap<Key, Vec<Life>> = HashMap::new();
    for life in lives {
        by_cause.entry(life.cause.clone()).or_default().push(life);
    }
    let mut firsts = HashMap::new();
    let mut close = |episode: &[&Life]| {
        if let [first, _, ..] = episode
            && let Some(turn) = first.turn
        {
            firsts.insert(turn, u32::try_from(episode.len()).unwrap_or(u32::MAX));
        }
    };
    for lives in by_cause.values_mut() {
        lives.sort_by_key(|life| (life.from, life.turn));
        let mut episode: Vec<&Life> = Vec::new();
        // Until when the episode lasts; nothing while it does.
        let mut end: Option<Moment> = Some(Moment::from_millis(i64::MIN));
        for life in lives.iter() {
            if end.is_some_and(|end| end < life.from) {
                close(&episode);
                episode.clear();
                end = life.until;
            } else {
                end = end.zip(life.until).map(|(a, b)| a.max(b));
            }
            episode.push(life);
        }
        close(&episode);
    }
    firsts
}

fn of_watches(kept: &Kept, start: Moment) -> impl Iterator<Item = Event> {
    let event = |at: Moment, name: &str, happened| Event {
        at,
        key: Key::Event(at, name.into()),
        about: None,
        subject: "vigie".into(),
        severity: Severity::Info,
        source: None,
        happened,
    };
    let watches = kept.watches.iter();
    watches
        .flat_map(move |watch| {
            let ended = watch.until.map(|at| event(at, "ended", Happened::Ended));
            [Some(event(watch.from, "began", Happened::Began)), ended]
        })
        .flatten()
        .filter(move |event| event.at >= start)
}

fn of_task(source: SourceId, at: u32, task: &Task, start: Moment, now: Moment) -> Option<Event> {
    let when = task.started.or(task.ended)?;
    if when < start || when > now.plus(Duration::from_mins(1)) {
        return None;
    }
    let about = match task.vmid() {
        Some(vmid) => Key::Guest(source, vmid),
        None => Key::Host(source, task.node.clone()),
    };
    let subject = match &task.subject {
        Some(subject) => format!("{}/{subject}", task.node),
        None => task.node.to_string(),
    };
    let severity = match task.end {
        TaskEnd::Failed(_) => Severity::Warning,
        _ => Severity::Info,
    };
    Some(Event {
        at: when,
        key: Key::Event(when, task.upid.clone()),
        about: Some(about),
        subject: Text::clean(&subject),
        severity,
        source: Some(source),
        happened: Happened::Task(at),
    })
}
