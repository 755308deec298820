//! Everything that can break, numbered: joins and incidents count in small numbers, not in names.

use std::collections::HashMap;

use crate::domain::{Key, SourceId};

use super::Estate;

/// A host, guest, web service, queue or source of one estate, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thing(pub u32);

/// What a thing is, with its position in its list of the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Estate::hosts`]
    Host(usize),
    /// [`Estate::guests`]
    Guest(usize),
    /// [`Estate::web`]
    Web(usize),
    /// [`Estate::queues`]
    Queue(usize),
    /// [`Estate::sources`]
    Source(usize),
}

/// The numbering: hosts, guests, web services, queues, sources, each in its list's order.
#[derive(Debug, Default, Clone, Copy)]
pub struct Things {
    guests: u32,
    web: u32,
    queues: u32,
    sources: u32,
    end: u32,
}

impl Things {
    /// The numbering of an estate. Hosts and guests keep their numbers when web services and queues come in.
    pub fn of(estate: &Estate) -> Self {
        let guests = count(estate.hosts.len());
        let web = guests + count(estate.guests.len());
        let queues = web + count(estate.web.len());
        let sources = queues + count(estate.queues.len());
        Self {
            guests,
            web,
            queues,
            sources,
            end: sources + count(estate.sources.len()),
        }
    }

    /// How many things there are.
    pub const fn count(self) -> usize {
        self.end as usize
    }

    /// A host by its position.
    pub fn host(self, at: usize) -> Thing {
        Thing(count(at))
    }

    /// A guest by its position.
    pub fn guest(self, at: usize) -> Thing {
        Thing(self.guests + count(at))
    }

    /// A web service by its position.
    pub fn web(self, at: usize) -> Thing {
        Thing(self.web + count(at))
    }

    /// A queue by its position.
    pub fn queue(self, at: usize) -> Thing {
        Thing(self.queues + count(at))
    }

    /// A source.
    pub fn source(self, id: SourceId) -> Thing {
        Thing(self.sources + u32::from(id.0))
    }

    /// What a thing is.
    pub const fn kind(self, thing: Thing) -> Kind {
        let at = thing.0;
        if at < self.guests {
            Kind::Host(at as usize)
        } else if at < self.web {
            Kind::Guest((at - self.guests) as usize)
        } else if at < self.queues {
            Kind::Web((at - self.web) as usize)
        } else if at < self.sources {
            Kind::Queue((at - self.queues) as usize)
        } else {
            Kind::Source((at - self.sources) as usize)
        }
    }

    /// The key of a thing's row; a source has none.
    pub fn key(self, estate: &Estate, thing: Thing) -> Option<Key> {
        match self.kind(thing) {
            Kind::Host(at) => estate.hosts.get(at).map(super::HostRow::key),
            Kind::Guest(at) => estate.guests.get(at).map(super::GuestRow::key),
            Kind::Web(at) => estate.web.get(at).map(super::WebRow::key),
            Kind::Queue(at) => estate.queues.get(at).map(super::QueueRow::key),
            Kind::Source(_) => None,
        }
    }

    /// Things by key. Of several with the same key the first.
    pub fn by_key(self, estate: &Estate) -> HashMap<Key, Thing> {
        let mut map = HashMap::with_capacity(self.sources as usize);
        for at in (0..self.sources).map(Thing) {
            if let Some(key) = self.key(estate, at) {
                map.entry(key).or_insert(at);
            }
        }
        map
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
