//! What an incident reaches: the blast radius.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::check::{HostState, ServiceState};
use crate::domain::guest::GuestState;
use crate::domain::{Key, Moment, Reading, Severity};
use crate::estate::things::{Kind, Thing, Things};
use crate::estate::{Estate, Place};

/// What an incident reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reach {
    /// Guests that are hit, the cause among them.
    pub guests: u32,
    /// Web services that are hit.
    pub sites: u32,
    /// Mail queues that are hit.
    pub queues: u32,
    /// Guests, sites and queues that hang on the cause and have been seen well since: a node that is
    /// cut off while its guests go on.
    pub alive: u32,
    /// Who owns what is hit, or what it runs on, sorted.
    pub people: Vec<Key>,
}

/// Counts what is hit.
pub(super) struct Counter<'a> {
    pub(super) estate: &'a Estate,
    pub(super) things: Things,
}

impl Counter<'_> {
    /// What is hit of these: things in trouble for certain, and things that hang on the cause and are hit
    /// unless they were seen well after `since`.
    pub(super) fn reach(&self, hit: &[Thing], hanging: &[Thing], since: Moment) -> Reach {
        let mut reach = Reach::default();
        // By far most incidents are one problem.
        if let ([thing], []) = (hit, hanging) {
            self.add(*thing, &mut reach);
            reach.people.sort_unstable();
            reach.people.dedup();
            return reach;
        }
        let mut seen: HashSet<Thing> = HashSet::with_capacity(hit.len() + hanging.len());
        for thing in hit {
            if seen.insert(*thing) {
                self.add(*thing, &mut reach);
            }
        }
        for thing in hanging {
            if !seen.insert(*thing) {
                continue;
            }
            if seen_well(self.estate, self.things, *thing, since) {
                reach.alive += 1;
            } else {
                self.add(*thing, &mut reach);
            }
        }
        reach.people.sort_unstable();
        reach.people.dedup();
        reach
    }

    fn add(&self, thing: Thing, reach: &mut Reach) {
        match self.things.kind(thing) {
            Kind::Guest(at) => {
                let template = self
                    .estate
                    .guests
                    .get(at)
                    .and_then(|row| self.estate.guest(row.place))
                    .is_some_and(|guest| guest.state == GuestState::Template);
                reach.guests += u32::from(!template);
            }
            Kind::Web(_) => reach.sites += 1,
            Kind::Queue(_) => reach.queues += 1,
            Kind::Host(_) | Kind::Source(_) => {}
        }
        if let Some(key) = self.things.key(self.estate, thing) {
            reach.people.extend(self.estate.joins.owners(&key).cloned());
        }
    }
}

/// Whether somebody has seen the thing well after `since`: its monitor, its node, a probe.
pub fn seen_well(estate: &Estate, things: Things, thing: Thing, since: Moment) -> bool {
    match things.kind(thing) {
        Kind::Guest(at) => estate.guests.get(at).is_some_and(|row| {
            let runs = estate
                .guest(row.place)
                .is_some_and(|guest| guest.state == GuestState::Running)
                && read_after(estate, row.place, Reading::Resources, since);
            runs || up(estate, row.monitored, since)
        }),
        Kind::Host(at) => estate
            .hosts
            .get(at)
            .is_some_and(|row| up(estate, row.monitored, since)),
        Kind::Web(at) => estate.web.get(at).is_some_and(|row| {
            let probed = row
                .probe
                .and_then(|at| estate.probe(at))
                .is_some_and(|p| p.at > since && p.severity() == Severity::Ok);
            probed || checked(estate, row.check, since)
        }),
        Kind::Queue(at) => estate.queues.get(at).is_some_and(|row| {
            let own = row.queue.is_some_and(|at| {
                read_after(estate, at, Reading::Queues, since)
                    && estate.queue(at).is_some_and(|q| q.down.is_none())
            });
            own || checked(estate, row.check, since)
        }),
        Kind::Source(_) => false,
    }
}

fn read_after(estate: &Estate, place: Place, reading: Reading, since: Moment) -> bool {
    estate
        .source(place.source)
        .and_then(|s| s.feed(reading))
        .and_then(|f| f.good.as_ref())
        .is_some_and(|good| good.at > since)
}

fn up(estate: &Estate, place: Option<Place>, since: Moment) -> bool {
    place
        .and_then(|at| estate.monitored_host(at))
        .is_some_and(|host| {
            host.state == HostState::Up && host.checked.is_some_and(|at| at > since)
        })
}

fn checked(estate: &Estate, place: Option<Place>, since: Moment) -> bool {
    place.and_then(|at| estate.check(at)).is_some_and(|check| {
        check.state == ServiceState::Ok && check.checked.is_some_and(|at| at > since)
    })
}
