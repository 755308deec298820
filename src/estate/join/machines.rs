//! Finding machines, sites and queues by what people write: `wiki`, `golem/105`, `105`.

use std::collections::HashMap;

use crate::domain::guest::GuestState;
use crate::domain::{SourceId, SourceKind, Text};
use crate::estate::Estate;
use crate::estate::things::{Kind, Thing, Things};

use super::names::{How, Match, Names};

/// Nearly always one; a list only where it must be.
#[derive(Debug)]
enum OneOrMore {
    One(Thing),
    More(Vec<Thing>),
}

/// Hosts and guests by name, VMID and by the monitor's name for them.
#[derive(Debug, Default)]
pub struct Machines {
    things: Things,
    names: Names<Thing>,
    sources: HashMap<String, SourceId>,
    guests: HashMap<(SourceId, u32), Thing>,
    /// Guests of a VMID over all sources.
    vmids: HashMap<u32, OneOrMore>,
    nodes: HashMap<(SourceId, Text), Thing>,
    /// The source of each node: `None` when several have one of that name.
    node_names: HashMap<Text, Option<SourceId>>,
    monitored: HashMap<(SourceId, Text), Thing>,
}

impl Machines {
    /// Those of an estate whose hosts and guests are known.
    pub fn new(estate: &Estate) -> Self {
        let things = Things::of(estate);
        let mut this = Self {
            things,
            ..Self::default()
        };
        for source in &estate.sources {
            if source.kind == SourceKind::Proxmox {
                this.sources.insert(source.name.to_lowercase(), source.id);
            }
        }
        for (at, row) in estate.hosts.iter().enumerate() {
            let thing = things.host(at);
            this.names.add(&row.name, thing);
            if row.node.is_some() {
                this.nodes.insert((row.source, row.name.clone()), thing);
                this.node_names
                    .entry(row.name.clone())
                    .and_modify(|known| *known = None)
                    .or_insert(Some(row.source));
            }
            this.add_monitored(estate, row.monitored, thing, Some(&row.name));
        }
        for (at, row) in estate.guests.iter().enumerate() {
            let thing = things.guest(at);
            this.guests.insert((row.place.source, row.vmid), thing);
            this.vmids
                .entry(row.vmid)
                .and_modify(|known| known.add(thing))
                .or_insert(OneOrMore::One(thing));
            let Some(guest) = estate.guest(row.place) else {
                continue;
            };
            // Nothing runs on a template, whatever it is called.
            if guest.state == GuestState::Template {
                continue;
            }
            if let Some(name) = &guest.name {
                this.names.add(name, thing);
            }
            this.add_monitored(estate, row.monitored, thing, guest.name.as_ref());
        }
        this
    }

    /// Notes the monitor's names for a machine.
    fn add_monitored(
        &mut self,
        estate: &Estate,
        place: Option<super::Place>,
        thing: Thing,
        own: Option<&Text>,
    ) {
        let Some((place, host)) = place.and_then(|at| Some((at, estate.monitored_host(at)?)))
        else {
            return;
        };
        self.monitored
            .insert((place.source, host.name.clone()), thing);
        for name in [Some(&host.name), host.alias.as_ref()]
            .into_iter()
            .flatten()
        {
            if own != Some(name) {
                self.names.add_as(name, thing, How::Alias);
            }
        }
    }

    /// A machine as people write it: `golem/105`, `golem/wiki`, `105`, `wiki`.
    pub fn find(&self, written: &str) -> Match<Thing> {
        if let Some(found) = self.by_path(written) {
            return found;
        }
        if let Ok(vmid) = written.parse::<u32>() {
            return match self.vmids.get(&vmid) {
                Some(OneOrMore::One(thing)) => Match::One(*thing, How::Name),
                Some(OneOrMore::More(things)) => Match::Several(things.clone(), How::Name),
                None => self.names.lookup(written),
            };
        }
        self.names.lookup(written)
    }

    /// `SOURCE/VMID`, `SOURCE/NODE`: nothing when it is no such path.
    pub fn by_path(&self, written: &str) -> Option<Match<Thing>> {
        let (before, after) = written.split_once('/')?;
        // On a standalone node people say its name, whatever the source is called.
        let source = match self.sources.get(&before.to_lowercase()) {
            Some(source) => *source,
            None => self.node_names.get(before).copied().flatten()?,
        };
        if let Ok(vmid) = after.parse::<u32>() {
            let thing = self.guests.get(&(source, vmid))?;
            return Some(Match::One(*thing, How::Name));
        }
        if let Some(node) = self.nodes.get(&(source, Text::clean(after))) {
            return Some(Match::One(*node, How::Name));
        }
        None
    }

    /// A machine by one of its names.
    pub fn named(&self, name: &str) -> Match<Thing> {
        self.names.lookup(name)
    }

    /// A node of a Proxmox source.
    pub fn node(&self, source: SourceId, name: &Text) -> Option<Thing> {
        self.nodes.get(&(source, name.clone())).copied()
    }

    /// A guest of a Proxmox source.
    pub fn guest(&self, source: SourceId, vmid: u32) -> Option<Thing> {
        self.guests.get(&(source, vmid)).copied()
    }

    /// The machine that a Checkmk source calls so.
    pub fn monitored(&self, source: SourceId, host: &Text) -> Option<Thing> {
        self.monitored.get(&(source, host.clone())).copied()
    }

    /// The numbering of hosts and guests.
    pub const fn things(&self) -> Things {
        self.things
    }
}

impl OneOrMore {
    fn add(&mut self, thing: Thing) {
        match self {
            Self::One(first) => *self = Self::More(vec![*first, thing]),
            // Eight say that it is ambiguous as well as eighty.
            Self::More(things) if things.len() < 8 => things.push(thing),
            Self::More(_) => {}
        }
    }
}

/// Machines, sites and queues by name: each family for itself, because `wiki` may well be a
/// container and the site on it.
#[derive(Debug)]
pub struct Finder<'a> {
    /// Hosts and guests.
    pub machines: &'a Machines,
    things: Things,
    sites: Names<Thing>,
    queues: Names<Thing>,
}

impl<'a> Finder<'a> {
    /// That of an estate whose rows are complete.
    pub fn new(estate: &Estate, machines: &'a Machines) -> Self {
        let things = Things::of(estate);
        let mut sites = Names::default();
        for (at, row) in estate.web.iter().enumerate() {
            sites.add(&row.name, things.web(at));
            let url = row.probe.and_then(|p| estate.probe(p)).map(|p| &p.url);
            if let Some(host) = url.and_then(|url| super::host_of(url)) {
                sites.add_as(host, things.web(at), How::Address);
            }
        }
        let mut queues = Names::default();
        for (at, row) in estate.queues.iter().enumerate() {
            queues.add(&row.name, things.queue(at));
        }
        Self {
            machines,
            things,
            sites,
            queues,
        }
    }

    /// What a name leads to in each family.
    pub fn find(&self, written: &str) -> [Match<Thing>; 3] {
        [
            self.machines
                .by_path(written)
                .unwrap_or_else(|| self.machines.named(written)),
            self.sites.lookup_whole(written),
            self.queues.lookup_whole(written),
        ]
    }

    /// The site that a host name in a link leads to.
    pub fn site(&self, host: &str) -> Match<Thing> {
        self.sites.lookup_whole(host)
    }

    /// The key of a thing's row.
    pub fn key(&self, estate: &Estate, thing: Thing) -> Option<crate::domain::Key> {
        match self.things.kind(thing) {
            Kind::Source(_) => None,
            _ => self.things.key(estate, thing),
        }
    }
}
