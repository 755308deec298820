//! What hangs on what: guests on nodes, sites and queues on guests, sources on sites.

use std::collections::HashMap;

use crate::domain::problem::{Problem, What};
use crate::domain::{Key, SourceKind, Text};
use crate::estate::join::{Machines, Match, Reason, host_of};
use crate::estate::things::{Thing, Things};
use crate::estate::{Estate, Joins};

use super::marks;

/// A set of ways in which one thing hangs on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ties(u16);

impl Ties {
    /// No way: the two are the same thing.
    pub const SAME: Self = Self(1);
    /// A guest is on a node.
    pub const ON_NODE: Self = Self(1 << 1);
    /// A site or queue runs on a guest or host.
    pub const RUNS_ON: Self = Self(1 << 2);
    /// A site's check is attached to that guest or host.
    pub const CHECKED_ON: Self = Self(1 << 3);
    /// A site is behind that guest.
    pub const BEHIND: Self = Self(1 << 4);
    /// A site needs that guest.
    pub const NEEDS: Self = Self(1 << 5);
    /// A source is reached through that site, guest or host.
    pub const SERVED_BY: Self = Self(1 << 6);
    /// A cluster has that node as a member.
    pub const MEMBER: Self = Self(1 << 7);
    /// A site shows the same certificate as that site.
    pub const SAME_CERTIFICATE: Self = Self(1 << 8);

    /// The monitor's check of a queue counts that queue.
    pub const TWIN: Self = Self(1 << 9);

    /// Both sets.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of them are in the other set.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Longest way from an effect to its cause: source, site, guest, node.
const FARTHEST: u8 = 4;
/// Most things looked at on the way up from one.
const MOST_ABOVE: usize = 64;

/// A thing above another, and the ties on the way there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Above {
    /// The thing.
    pub thing: Thing,
    /// Ties on the way, [`Ties::SAME`] for the thing itself.
    pub ties: Ties,
    /// Steps.
    pub steps: u8,
    /// The thing just before it on the way; the thing itself when there is no way.
    pub through: Thing,
}

/// The graph, as adjacency lists in both directions.
#[derive(Debug)]
pub struct Graph {
    up: Lists,
    down: Lists,
}

/// Neighbours of each thing, all in one vector.
#[derive(Debug)]
struct Lists {
    starts: Vec<u32>,
    all: Vec<(Thing, Ties)>,
}

impl Lists {
    fn new(things: usize, edges: &[(Thing, Thing, Ties)], from_child: bool) -> Self {
        let ends = |(child, parent, ties): &(Thing, Thing, Ties)| {
            if from_child {
                (*child, *parent, *ties)
            } else {
                (*parent, *child, *ties)
            }
        };
        let mut starts = vec![0_u32; things + 1];
        for edge in edges {
            if let Some(count) = starts.get_mut(ends(edge).0.0 as usize + 1) {
                *count += 1;
            }
        }
        for at in 1..starts.len() {
            if let Some([before, here]) = starts.get_mut(at - 1..=at) {
                *here += *before;
            }
        }
        let mut next = starts.clone();
        let mut all = vec![(Thing(0), Ties::default()); edges.len()];
        for edge in edges {
            let (from, to, ties) = ends(edge);
            if let Some(at) = next.get_mut(from.0 as usize) {
                if let Some(slot) = all.get_mut(*at as usize) {
                    *slot = (to, ties);
                }
                *at += 1;
            }
        }
        Self { starts, all }
    }

    fn of(&self, thing: Thing) -> &[(Thing, Ties)] {
        let at = thing.0 as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => self
                .all
                .get(*from as usize..*to as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }
}

impl Graph {
    /// The graph of an estate whose joins are made.
    pub(super) fn new(
        estate: &Estate,
        things: Things,
        machines: &Machines,
        by_key: &HashMap<Key, Thing>,
    ) -> Self {
        let mut edges = Vec::with_capacity(estate.guests.len() + 2 * estate.web.len());
        for (at, row) in estate.guests.iter().enumerate() {
            let node = estate
                .guest(row.place)
                .and_then(|guest| machines.node(row.place.source, &guest.node));
            if let Some(node) = node {
                edges.push((things.guest(at), node, Ties::ON_NODE));
            }
        }
        for (at, row) in estate.web.iter().enumerate() {
            let site = things.web(at);
            joined(&estate.joins, &row.key(), site, by_key, &mut edges);
        }
        for (at, row) in estate.queues.iter().enumerate() {
            let queue = things.queue(at);
            joined(&estate.joins, &row.key(), queue, by_key, &mut edges);
        }
        certificates(estate, things, &mut edges);
        twins(estate, things, by_key, &mut edges);
        sources(estate, things, machines, &mut edges);
        Self {
            up: Lists::new(things.count(), &edges, true),
            down: Lists::new(things.count(), &edges, false),
        }
    }

    /// The thing itself and everything above it, nearest first; once for each set of ties on the way.
    pub fn above(&self, thing: Thing) -> Vec<Above> {
        let mut all = vec![Above {
            thing,
            ties: Ties::SAME,
            steps: 0,
            through: thing,
        }];
        let mut at = 0;
        while let Some(here) = all.get(at).copied() {
            at += 1;
            if here.steps == FARTHEST {
                continue;
            }
            for (parent, tie) in self.up.of(here.thing) {
                let ties = if here.steps == 0 {
                    *tie
                } else {
                    here.ties.or(*tie)
                };
                let known = all.iter().any(|a| a.thing == *parent && a.ties == ties);
                if !known && *parent != thing && all.len() < MOST_ABOVE {
                    all.push(Above {
                        thing: *parent,
                        ties,
                        steps: here.steps + 1,
                        through: here.thing,
                    });
                }
            }
        }
        all
    }

    /// Everything below a thing along these ties, each once, without the thing itself.
    pub fn below(&self, thing: Thing, along: Ties) -> Vec<Thing> {
        if self.down.of(thing).is_empty() {
            return Vec::new();
        }
        let mut seen = std::collections::HashSet::from([thing]);
        let mut all = vec![thing];
        let mut at = 0;
        while let Some(here) = all.get(at).copied() {
            at += 1;
            for (child, tie) in self.down.of(here) {
                if tie.within(along) && seen.insert(*child) {
                    all.push(*child);
                }
            }
        }
        all.remove(0);
        all
    }
}

/// Edges from the joins of a site or queue.
fn joined(
    joins: &Joins,
    key: &Key,
    from: Thing,
    by_key: &HashMap<Key, Thing>,
    edges: &mut Vec<(Thing, Thing, Ties)>,
) {
    for join in joins.sure(key) {
        let tie = match join.reason {
            Reason::Proxy => Ties::BEHIND,
            Reason::Needs => Ties::NEEDS,
            Reason::CheckedOn(_) => Ties::CHECKED_ON,
            _ => Ties::RUNS_ON,
        };
        if let Some(to) = by_key.get(&join.to) {
            edges.push((from, *to, tie));
        }
    }
}

/// A check of a queue hangs on the queue that is read at its own place on the same machine, when
/// there is just one there.
fn twins(
    estate: &Estate,
    things: Things,
    by_key: &HashMap<Key, Thing>,
    edges: &mut Vec<(Thing, Thing, Ties)>,
) {
    let machine = |row: &super::super::QueueRow| {
        let join = estate.joins.sure(&row.key()).next()?;
        by_key.get(&join.to).copied()
    };
    let mut own: HashMap<Thing, Option<Thing>> = HashMap::new();
    for (at, row) in estate.queues.iter().enumerate() {
        if let (true, Some(on)) = (row.queue.is_some(), machine(row)) {
            own.entry(on)
                .and_modify(|one| *one = None)
                .or_insert(Some(things.queue(at)));
        }
    }
    for (at, row) in estate.queues.iter().enumerate() {
        if row.queue.is_some() || own.is_empty() {
            continue;
        }
        if let Some(twin) = machine(row).and_then(|on| own.get(&on).copied().flatten()) {
            edges.push((things.queue(at), twin, Ties::TWIN));
        }
    }
}

/// Sites that show one certificate hang on the first of them.
fn certificates(estate: &Estate, things: Things, edges: &mut Vec<(Thing, Thing, Ties)>) {
    let mut first: HashMap<&Text, Thing> = HashMap::new();
    for (at, row) in estate.web.iter().enumerate() {
        let probe = row.probe.and_then(|at| estate.probe(at));
        let Some(certificate) = probe.and_then(|p| p.certificate.as_ref()) else {
            continue;
        };
        let site = things.web(at);
        let holder = *first.entry(&certificate.fingerprint).or_insert(site);
        if holder != site {
            edges.push((site, holder, Ties::SAME_CERTIFICATE));
        }
    }
}

/// What each source is reached through, by the host in its address; and members of clusters.
fn sources(
    estate: &Estate,
    things: Things,
    machines: &Machines,
    edges: &mut Vec<(Thing, Thing, Ties)>,
) {
    let mut sites: HashMap<String, Thing> = HashMap::new();
    for (at, row) in estate.web.iter().enumerate() {
        let url = row.probe.and_then(|p| estate.probe(p)).map(|p| &p.url);
        let host = url.and_then(|url| host_of(url)).unwrap_or(&row.name);
        sites.entry(host.to_lowercase()).or_insert(things.web(at));
    }
    for source in &estate.sources {
        let from = things.source(source.id);
        if source.kind == SourceKind::Proxmox
            && let Some(resources) = estate.resources(source.id)
        {
            for node in &resources.nodes {
                if let Some(node) = machines.node(source.id, &node.name) {
                    edges.push((from, node, Ties::MEMBER));
                }
            }
        }
        let Some(host) = host_of(&source.address) else {
            continue;
        };
        // Through a tunnel everything is on this machine, and says nothing.
        if matches!(host, "localhost" | "127.0.0.1" | "::1") {
            continue;
        }
        if let Some(site) = sites.get(&host.to_lowercase()) {
            edges.push((from, *site, Ties::SERVED_BY));
        }
        if let Match::One(machine, _) = machines.named(host) {
            edges.push((from, machine, Ties::SERVED_BY));
        }
    }
}

/// Node and kind of the task that a problem is about, from its UPID
/// (`UPID:node:pid:pstart:start:type:id:user:`).
pub fn task_of(problem: &Problem) -> Option<(&str, &str)> {
    let Key::Problem(key) = &problem.key else {
        return None;
    };
    let mut parts = key.strip_prefix("task/UPID:")?.split(':');
    let node = parts.next()?;
    Some((node, parts.nth(3)?))
}

/// The thing that a problem is about.
pub(super) fn thing_of(
    estate: &Estate,
    things: Things,
    machines: &Machines,
    by_key: &HashMap<Key, Thing>,
    problem: &Problem,
) -> Option<Thing> {
    if let Some(about) = &problem.about {
        return by_key.get(about).copied();
    }
    match &problem.what {
        What::Blind(_) if marks::is_standalone(estate, problem.source) => {
            let node = estate.resources(problem.source)?.nodes.first()?;
            machines.node(problem.source, &node.name)
        }
        What::Blind(_)
        | What::Late
        | What::NoQuorum
        | What::RightsMissing(_)
        | What::SiteSilent(_) => Some(things.source(problem.source)),
        What::TaskFailed(_) => machines.node(problem.source, &Text::clean(task_of(problem)?.0)),
        _ => None,
    }
}
