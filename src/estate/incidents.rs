//! Problems → incidents: one row a cause, with what hangs on it below.
//!
//! ```text
//!  problems ─► marks (what kind), thing (what it is about), onset (when it began)
//!  joins    ─► graph (what hangs on what)          rules (what explains what, as data)
//!                     └────────── fold ◄──────────────┘
//!                        roots ─► reach, why, handled ─► order
//! ```
//!
//! Nothing is lost: every problem is in exactly one incident, unless it is held back as a possible
//! flap, and then it is counted. A wrong fold is undone by keeping the effect apart.

mod fold;
pub mod folds;
pub mod graph;
pub mod marks;
pub mod onset;
pub mod reach;
pub mod rules;
#[cfg(test)]
mod tests;
mod why;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::problem::{Problem, What};
use crate::domain::{Key, Moment, Severity};

use super::join::Machines;
use super::things::{Kind, Thing, Things};
use super::{Estate, GuestRow};
use fold::{Fact, Parent};
use graph::{Graph, Ties};
pub use onset::{Onset, Past, Pasts};
pub use reach::Reach;
pub use why::Why;

/// A cause with what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// The cause's key: the row's identity.
    pub key: Key,
    /// The cause: its position in [`Estate::problems`].
    pub cause: u32,
    /// What is explained by it, directly or in steps, in the order of [`Estate::problems`].
    pub below: Vec<Below>,
    /// The worst among what nobody has handled; the worst of all when it is handled.
    pub severity: Severity,
    /// Since when the cause is there.
    pub since: Option<Moment>,
    /// Whether and how it is taken care of: shown dimmed, no alarm.
    pub handled: Option<Handled>,
    /// What it reaches.
    pub reach: Reach,
    /// What a task tells of it.
    pub why: Option<Why>,
}

/// A problem that is explained by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Below {
    /// Its position in [`Estate::problems`].
    pub problem: u32,
    /// Its direct cause, also in [`Estate::problems`].
    pub under: u32,
    /// Why, in words ([`rules::Rule::name`]).
    pub because: &'static str,
}

/// How an incident is taken care of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Handled {
    /// Somebody acknowledged it.
    Acknowledged,
    /// It is in a scheduled downtime.
    Downtime,
    /// It belongs to a task that runs or has just ended.
    Expected,
}

impl Incident {
    /// The problem that is the cause.
    pub fn cause<'a>(&self, estate: &'a Estate) -> Option<&'a Problem> {
        estate.problems.get(self.cause as usize)
    }

    /// The row that the cause is about.
    pub fn about<'a>(&self, estate: &'a Estate) -> Option<&'a Key> {
        self.cause(estate)?.about.as_ref()
    }
}

/// What folding needs beside the estate.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// Hosts and guests by name.
    pub machines: &'a Machines,
    /// What is remembered of each problem.
    pub past: Past,
    /// Problems that a person has taken out of their fold: each is a cause of its own.
    pub apart: &'a HashSet<Key>,
    /// How long possible flaps are held back.
    pub hold: Duration,
    /// Now.
    pub now: Moment,
}

/// What comes of folding.
#[derive(Debug, Default)]
pub struct Folded {
    /// Incidents in their order.
    pub incidents: Vec<Incident>,
    /// Problems that are held back.
    pub held_back: u32,
    /// Problems that were folded under something else before, or under nothing: what they are folded
    /// under now.
    pub under: Vec<(Key, Key)>,
}

/// Folds the problems of an estate.
pub fn fold(estate: &Estate, with: &Circumstances<'_>) -> Folded {
    let things = Things::of(estate);
    let by_key = things.by_key(estate);
    let graph = Graph::new(estate, things, with.machines, &by_key);
    let mut names = marks::Names::default();
    let facts: Vec<Fact> = estate
        .problems
        .iter()
        .zip(&with.past.onsets)
        .map(|(problem, onset)| {
            let thing = graph::thing_of(estate, things, with.machines, &by_key, problem);
            Fact {
                thing,
                marks: marks::of(estate, things, problem, thing, &mut names),
                onset: *onset,
            }
        })
        .collect();
    let shared = shared_storages(estate, with.machines);
    let parents = fold::parents(
        estate,
        things,
        &graph,
        &facts,
        &shared,
        with.apart,
        &with.past.under,
    );
    let roots = fold::roots(&parents);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); roots.len()];
    for (at, root) in roots.iter().enumerate() {
        if let (true, Some(members)) = (at != *root, members.get_mut(*root)) {
            members.push(at);
        }
    }
    let maker = Maker {
        estate,
        things,
        graph: &graph,
        facts: &facts,
        parents: &parents,
        doings: why::Doings::new(estate, with.now),
    };
    let mut incidents = Vec::new();
    let mut held_back = 0;
    for (root, below) in members.iter().enumerate() {
        if roots.get(root) != Some(&root) {
            continue;
        }
        let all = || std::iter::once(&root).chain(below);
        if all().all(|at| maker.may_be_flap(*at, with)) {
            held_back += small(all().count());
            continue;
        }
        incidents.extend(maker.incident(root, below));
    }
    incidents.sort_by(order);
    Folded {
        incidents,
        held_back,
        under: new_folds(estate, things, &facts, &parents, &with.past.under),
    }
}

/// The order of incidents: unhandled first, then by severity, blast radius and age.
pub fn order(one: &Incident, other: &Incident) -> std::cmp::Ordering {
    let rank = |incident: &Incident| {
        (
            incident.handled.is_some(),
            Reverse(incident.severity),
            Reverse(incident.reach.sites),
            Reverse(incident.reach.queues),
            Reverse(incident.reach.people.len()),
            Reverse(incident.reach.guests),
            Reverse(incident.since),
            // Of equals the one whose cause comes first among the problems.
            incident.cause,
        )
    };
    rank(one).cmp(&rank(other))
}

/// What problems are folded under now, where it is not what they were folded under before.
fn new_folds(
    estate: &Estate,
    things: Things,
    facts: &[Fact],
    parents: &[Option<Parent>],
    before: &[Option<Key>],
) -> Vec<(Key, Key)> {
    let mut new = Vec::new();
    for ((problem, parent), before) in estate.problems.iter().zip(parents).zip(before) {
        let about = parent
            .and_then(|parent| facts.get(parent.problem)?.thing)
            .and_then(|thing| things.key(estate, thing));
        if about.is_some() && about != *before {
            new.extend(about.map(|about| (problem.key.clone(), about)));
        }
    }
    new
}

/// Makes incidents of what is folded.
struct Maker<'a> {
    estate: &'a Estate,
    things: Things,
    graph: &'a Graph,
    facts: &'a [Fact],
    parents: &'a [Option<Parent>],
    doings: why::Doings,
}

impl Maker<'_> {
    /// Whether a problem may be over before anybody has read it.
    fn may_be_flap(&self, at: usize, with: &Circumstances<'_>) -> bool {
        let (Some(problem), Some(fact)) = (self.estate.problems.get(at), self.facts.get(at)) else {
            return false;
        };
        problem.handling.soft && fact.onset.lasted(with.now) < with.hold
    }

    fn incident(&self, root: usize, below: &[usize]) -> Option<Incident> {
        let estate = self.estate;
        let cause = estate.problems.get(root)?;
        let fact = self.facts.get(root)?;
        let why = self.why(cause, fact);
        let handled = self.handled(root, cause, below, why.as_ref());
        let problems = || {
            std::iter::once(&root)
                .chain(below)
                .filter_map(|at| estate.problems.get(*at))
        };
        let severity = problems()
            .filter(|p| handled.is_some() || !p.handling.is_handled())
            .map(|p| p.severity)
            .max();
        let hit: Vec<Thing> = std::iter::once(&root)
            .chain(below)
            .filter_map(|at| self.facts.get(*at)?.thing)
            .collect();
        let spread = rules::RULES
            .iter()
            .filter(|rule| rule.spreads && fact.marks.meets(rule.cause))
            .fold(Ties::default(), |along, rule| along.or(rule.along));
        let hanging = match fact.thing {
            Some(thing) if !spread.is_empty() => self.graph.below(thing, spread),
            _ => Vec::new(),
        };
        let counter = reach::Counter {
            estate,
            things: self.things,
        };
        Some(Incident {
            key: cause.key.clone(),
            cause: small(root),
            below: below
                .iter()
                .filter_map(|at| {
                    let parent = self.parents.get(*at)?.as_ref()?;
                    Some(Below {
                        problem: small(*at),
                        under: small(parent.problem),
                        because: parent.rule.name,
                    })
                })
                .collect(),
            severity: severity.unwrap_or(cause.severity),
            since: cause.since,
            handled,
            reach: counter.reach(&hit, &hanging, fact.onset.latest),
            why,
        })
    }

    /// What a task tells of the guest that the cause is about or runs on.
    fn why(&self, cause: &Problem, fact: &Fact) -> Option<Why> {
        let thing = fact.thing?;
        let by_task = matches!(cause.what, What::GuestStopped { task: Some(_), .. });
        if matches!(cause.what, What::TaskFailed(_)) || (!by_task && self.doings.is_empty()) {
            return None;
        }
        let rows = self
            .graph
            .above(thing)
            .into_iter()
            .filter(|above| above.ties.within(Ties::SAME.or(Ties::RUNS_ON)))
            .filter_map(|above| self.guest_row(above.thing));
        rows.into_iter().find_map(|row| {
            self.doings
                .why(self.estate, row, cause, fact.marks, fact.onset)
        })
    }

    fn guest_row(&self, thing: Thing) -> Option<&GuestRow> {
        match self.things.kind(thing) {
            Kind::Guest(at) => self.estate.guests.get(at),
            _ => None,
        }
    }

    /// Whether the whole is taken care of. What is acknowledged does not cover what came of it later
    /// and is worse; a planned downtime and a running task do.
    fn handled(
        &self,
        root: usize,
        cause: &Problem,
        below: &[usize],
        why: Option<&Why>,
    ) -> Option<Handled> {
        let of = |problem: &Problem| {
            let handling = problem.handling;
            if handling.downtime {
                Some(Handled::Downtime)
            } else {
                handling.acknowledged.then_some(Handled::Acknowledged)
            }
        };
        let thing = self.facts.get(root)?.thing;
        let problems = || {
            below
                .iter()
                .filter_map(|at| Some((self.estate.problems.get(*at)?, self.facts.get(*at)?)))
        };
        // What the monitor calls the same machine may carry the word for it: a node of Proxmox has
        // no acknowledgement of its own.
        let same = || {
            problems()
                .filter(|(p, f)| {
                    thing.is_some() && f.thing == thing && matches!(p.what, What::HostDown(_))
                })
                .find_map(|(p, _)| of(p))
        };
        let handled = of(cause).or_else(same).or_else(|| {
            why.filter(|why| why.is_expected())
                .map(|_| Handled::Expected)
        })?;
        let worse = handled == Handled::Acknowledged
            && problems().any(|(p, _)| !p.handling.is_handled() && p.severity > cause.severity);
        (!worse).then_some(handled)
    }
}

/// Nodes beside the first that see a shared storage in the same trouble, by the problem's position.
fn shared_storages(estate: &Estate, machines: &Machines) -> HashMap<usize, Vec<Thing>> {
    let mut more = HashMap::new();
    for (at, problem) in estate.problems.iter().enumerate() {
        let inactive = match problem.what {
            What::StorageInactive => true,
            What::StorageFull(_) => false,
            _ => continue,
        };
        let (Some(Key::Host(source, node)), Some((_, name))) =
            (&problem.about, problem.subject.split_once(": storage "))
        else {
            continue;
        };
        let nodes: Vec<Thing> = estate
            .resources(*source)
            .into_iter()
            .flat_map(|resources| &resources.storages)
            .filter(|s| {
                s.shared
                    && &*s.name == name
                    && s.node != *node
                    && (!inactive || s.active == Some(false))
            })
            .filter_map(|s| machines.node(*source, &s.node))
            .collect();
        if !nodes.is_empty() {
            more.insert(at, nodes);
        }
    }
    more
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
