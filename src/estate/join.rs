//! How rows of different sources are found to belong together, and why.
//!
//! ```text
//!  guest, node ── Checkmk host      configured, name, alias, address, first label
//!  site ── guest or host            runs on (configured), name, the check's host; proxy, needs
//!  queue ── guest or host           host it is on
//!  ticket ── anything               custom field, host: tag, link, whole word
//!  person ── anything               owns
//! ```
//!
//! Each join says its reason. What fits several things equally well is kept as that and joined to
//! none of them. Only hash tables: the time grows with the number of rows, not with their square.

pub mod machines;
pub mod monitor;
pub mod names;
mod people;
mod sites;
#[cfg(test)]
mod tests;
mod tickets;
pub mod unmatched;

use std::collections::HashMap;

use crate::domain::{Key, SourceId, Text};

use super::settings::Settings;
use super::{Estate, Place};
pub use machines::Machines;
pub use names::{How, Match, Names};
pub use unmatched::{Lack, Unmatched};

/// One thing belongs to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// What it belongs to. A Checkmk host that has no row of its own is named by `Key::Host` all the same.
    pub to: Key,
    /// Why this is thought.
    pub reason: Reason,
    /// How sure it is.
    pub strength: Strength,
}

/// A join, or why there is none although there nearly was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// It belongs to one thing.
    One(Join),
    /// It might belong to any of these, at most eight of them, all equally likely.
    Ambiguous {
        /// What it might belong to.
        candidates: Vec<Key>,
        /// Why to each.
        reason: Reason,
    },
    /// Others claim the same thing with equal right.
    Contested {
        /// What is claimed.
        to: Key,
        /// Who else claims it, at most eight.
        rivals: Vec<Key>,
        /// Why.
        reason: Reason,
    },
}

impl Joined {
    fn one(to: Key, reason: Reason) -> Self {
        let strength = reason.strength();
        Self::One(Join {
            to,
            reason,
            strength,
        })
    }

    /// The join, when there is one.
    pub const fn join(&self) -> Option<&Join> {
        match self {
            Self::One(join) => Some(join),
            Self::Ambiguous { .. } | Self::Contested { .. } => None,
        }
    }
}

/// Why two things are thought to belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The configuration says so (`[joins]`, `runs_on`).
    Configured,
    /// Both have this name.
    SameName(Text),
    /// The name of one is the alias of the other.
    Alias(Text),
    /// The name or address of one is the address of the other.
    Address(Text),
    /// Their names have the same first label.
    FirstLabel(Text),
    /// The monitor's check of it is attached to that host.
    CheckedOn(Text),
    /// The queue is on that machine.
    QueueOn(Text),
    /// That guest stands before it (`proxy`).
    Proxy,
    /// It cannot work without (`needs`).
    Needs,
    /// A custom field of the ticket has its name: field and name.
    Field(Text, Text),
    /// The ticket's subject says `host:NAME`.
    Tag(Text),
    /// A link in the ticket's subject leads there.
    Link(Text),
    /// The ticket's subject has its name as a word.
    Word(Text),
    /// The person owns it, by this name in the roster.
    Owns(Text),
}

impl Reason {
    /// How sure a join for this reason is.
    pub const fn strength(&self) -> Strength {
        match self {
            Self::Configured | Self::Proxy | Self::Needs | Self::Owns(_) => Strength::Sure,
            Self::SameName(_) | Self::Field(..) | Self::Tag(_) | Self::QueueOn(_) => {
                Strength::Strong
            }
            Self::Alias(_) | Self::Address(_) | Self::Link(_) => Strength::Fair,
            Self::FirstLabel(_) | Self::CheckedOn(_) | Self::Word(_) => Strength::Weak,
        }
    }

    fn by_name(how: How, name: &str) -> Self {
        let name = Text::clean(name);
        match how {
            How::Name => Self::SameName(name),
            How::Alias => Self::Alias(name),
            How::Address => Self::Address(name),
            How::Label => Self::FirstLabel(name),
        }
    }
}

/// How sure a join is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// May be chance: a word in a subject, the first label of a name.
    Weak,
    /// Likely.
    Fair,
    /// Next to certain.
    Strong,
    /// Somebody said so.
    Sure,
}

/// All joins of an estate.
#[derive(Debug, Clone, Default)]
pub struct Joins {
    of: HashMap<Key, Vec<Joined>>,
    onto: HashMap<Key, Vec<Key>>,
    /// People and the names in the roster that lead nowhere.
    nowhere: Vec<(Key, Text)>,
}

impl Joins {
    /// What people are said to own and is not there: the person, the name as written.
    pub fn nowhere(&self) -> &[(Key, Text)] {
        &self.nowhere
    }

    /// What a thing belongs to, and what it nearly belonged to.
    pub fn of(&self, key: &Key) -> &[Joined] {
        self.of.get(key).map_or(&[], Vec::as_slice)
    }

    /// What a thing belongs to, without what is ambiguous.
    pub fn sure(&self, key: &Key) -> impl Iterator<Item = &Join> {
        self.of(key).iter().filter_map(Joined::join)
    }

    /// What belongs to a thing: its sites, queues, tickets, people; its guest or node for a Checkmk host.
    pub fn onto(&self, key: &Key) -> &[Key] {
        self.onto.get(key).map_or(&[], Vec::as_slice)
    }

    /// People who own a thing themselves, in the roster's order.
    pub fn owners(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.onto(key)
            .iter()
            .filter(|key| matches!(key, Key::Person(_)))
    }

    /// Adds a join; a second one to the same thing for a weaker reason is left out.
    fn add(&mut self, from: &Key, joined: Joined) {
        let all = self.of.entry(from.clone()).or_default();
        if let Joined::One(join) = &joined {
            let known = all
                .iter()
                .filter_map(Joined::join)
                .any(|j| j.to == join.to && kind_of_tie(&j.reason) == kind_of_tie(&join.reason));
            if known {
                return;
            }
            let onto = self.onto.entry(join.to.clone()).or_default();
            if onto.last() != Some(from) {
                onto.push(from.clone());
            }
        }
        all.push(joined);
    }
}

/// A site may run on its proxy and need it too: different ties to the same thing are all kept.
const fn kind_of_tie(reason: &Reason) -> u8 {
    match reason {
        Reason::Proxy => 1,
        Reason::Needs => 2,
        _ => 0,
    }
}

/// Joins everything that has rows. `monitored` is what [`monitor::find`] found.
pub fn all(
    estate: &mut Estate,
    monitored: &monitor::Monitored,
    machines: &Machines,
    settings: &Settings,
) {
    let mut joins = Joins::default();
    for (key, joined) in monitored.joined() {
        joins.add(key, joined.clone());
    }
    sites::join(estate, machines, settings, &mut joins);
    sites::join_queues(estate, machines, &mut joins);
    let finder = machines::Finder::new(estate, machines);
    people::join(estate, &finder, &mut joins);
    tickets::join(estate, &finder, &mut joins);
    estate.unmatched = unmatched::all(estate, monitored, &joins);
    estate.joins = joins;
}

/// A place from its parts.
pub fn place(source: SourceId, index: usize) -> Place {
    Place {
        source,
        index: u32::try_from(index).unwrap_or(u32::MAX),
    }
}

/// The host in a URL, lower or upper case as written; `None` for what is no URL.
pub fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}
