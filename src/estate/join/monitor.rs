//! Nodes and guests ↔ Checkmk's hosts.

use std::collections::HashMap;

use crate::config::shape::ManualJoin;
use crate::domain::guest::GuestState;
use crate::domain::{Key, SourceId, SourceKind, Text};
use crate::estate::{Estate, Place};

use super::names::{How, Match, Names};
use super::{Joined, Reason, Strength, place};

/// Most rivals that are named.
const RIVALS: usize = 8;

/// What was found.
#[derive(Debug, Default)]
pub struct Monitored {
    guests: HashMap<Place, Place>,
    nodes: HashMap<Place, Place>,
    joined: Vec<(Key, Joined)>,
    dangling: Vec<(Text, Text)>,
}

impl Monitored {
    /// Checkmk's host for a guest.
    pub fn guest(&self, at: Place) -> Option<Place> {
        self.guests.get(&at).copied()
    }

    /// Checkmk's host for a node.
    pub fn node(&self, at: Place) -> Option<Place> {
        self.nodes.get(&at).copied()
    }

    /// Joins and near joins by the key of the node or guest.
    pub fn joined(&self) -> impl Iterator<Item = (&Key, &Joined)> {
        self.joined.iter().map(|(key, joined)| (key, joined))
    }

    /// Entries of `[joins]` that lead nowhere: what is written on the left, and on the right.
    pub fn dangling(&self) -> &[(Text, Text)] {
        &self.dangling
    }
}

/// A node or guest, and the host that it seems to be.
struct Claim {
    key: Key,
    is_node: bool,
    at: Place,
    to: Place,
    reason: Reason,
}

/// What `[joins]` says of a node or guest.
#[derive(Clone, Copy)]
enum Said<'a> {
    Host(&'a str),
    None,
}

/// Finds Checkmk's host for each node and guest. Templates have none: nobody monitors what never runs.
pub fn find(estate: &Estate, manual: &[ManualJoin]) -> Monitored {
    let mut found = Monitored::default();
    let said = manual_joins(estate, manual, &mut found);
    let mut claims: Vec<Claim> = Vec::new();
    for source in of_kind(estate, SourceKind::Checkmk) {
        let names = names_of(estate, source);
        for proxmox in of_kind(estate, SourceKind::Proxmox) {
            nodes(
                estate,
                proxmox,
                source,
                &names,
                &said,
                &mut claims,
                &mut found,
            );
            guests(
                estate,
                proxmox,
                source,
                &names,
                &said,
                &mut claims,
                &mut found,
            );
        }
    }
    settle(estate, &claims, &mut found);
    found
}

fn of_kind(estate: &Estate, kind: SourceKind) -> impl Iterator<Item = SourceId> {
    estate
        .sources
        .iter()
        .filter(move |s| s.kind == kind)
        .map(|s| s.id)
}

/// A Checkmk source's hosts by name, alias and address.
fn names_of(estate: &Estate, source: SourceId) -> Names {
    let mut names = Names::default();
    let mut index = 0;
    while let Some(host) = estate.monitored_host(place(source, index)) {
        let here = place(source, index);
        names.add(&host.name, here);
        if let Some(alias) = &host.alias {
            names.add_as(alias, here, How::Alias);
        }
        if let Some(address) = host.address.as_ref().filter(|a| **a != host.name) {
            names.add_as(address, here, How::Address);
        }
        index += 1;
    }
    names
}

fn nodes(
    estate: &Estate,
    proxmox: SourceId,
    checkmk: SourceId,
    names: &Names,
    said: &HashMap<(bool, Place), Said<'_>>,
    claims: &mut Vec<Claim>,
    found: &mut Monitored,
) {
    let Some(resources) = estate.resources(proxmox) else {
        return;
    };
    let members = estate.cluster(proxmox).map_or(&[][..], |c| &c.members);
    for (index, node) in resources.nodes.iter().enumerate() {
        let at = place(proxmox, index);
        let address = || {
            let member = members.iter().find(|m| m.name == node.name)?;
            member.address.as_deref()
        };
        let claimer = Claimer {
            key: Key::Host(proxmox, node.name.clone()),
            is_node: true,
            at,
        };
        let mut matched = names.lookup(&node.name);
        let mut by: &str = &node.name;
        // Only the very same address: its first label would be a number.
        if let (Match::None, Some(address)) = (&matched, address()) {
            matched = match names.lookup_whole(address) {
                Match::One(to, _) => Match::One(to, How::Address),
                other => other,
            };
            by = address;
        }
        let said = said.get(&(true, at)).copied();
        claimer.claim(estate, checkmk, matched, by, said, names, claims, found);
    }
}

fn guests(
    estate: &Estate,
    proxmox: SourceId,
    checkmk: SourceId,
    names: &Names,
    said: &HashMap<(bool, Place), Said<'_>>,
    claims: &mut Vec<Claim>,
    found: &mut Monitored,
) {
    let Some(resources) = estate.resources(proxmox) else {
        return;
    };
    for (index, guest) in resources.guests.iter().enumerate() {
        if guest.state == GuestState::Template {
            continue;
        }
        let at = place(proxmox, index);
        let said = if said.is_empty() {
            None
        } else {
            said.get(&(false, at)).copied()
        };
        let by = guest.name.as_deref().unwrap_or("");
        let matched = match by {
            "" => Match::None,
            name => names.lookup(name),
        };
        let claimer = Claimer {
            key: Key::Guest(proxmox, guest.vmid),
            is_node: false,
            at,
        };
        claimer.claim(estate, checkmk, matched, by, said, names, claims, found);
    }
}

struct Claimer {
    key: Key,
    is_node: bool,
    at: Place,
}

impl Claimer {
    #[expect(
        clippy::too_many_arguments,
        reason = "one place for what is said by hand and what is found by name"
    )]
    fn claim(
        self,
        estate: &Estate,
        checkmk: SourceId,
        matched: Match<Place>,
        by: &str,
        said: Option<Said<'_>>,
        names: &Names,
        claims: &mut Vec<Claim>,
        found: &mut Monitored,
    ) {
        let (to, reason) = match (said, matched) {
            (Some(Said::None), _) | (None, Match::None) => return,
            (Some(Said::Host(host)), _) => match names.lookup_whole(host) {
                Match::One(to, _) => (to, Reason::Configured),
                _ => return,
            },
            (None, Match::One(to, how)) => (to, Reason::by_name(how, by)),
            (None, Match::Several(places, how)) => {
                let candidates = places
                    .iter()
                    .filter_map(|at| host_key(estate, checkmk, *at))
                    .collect();
                let reason = Reason::by_name(how, by);
                let joined = Joined::Ambiguous { candidates, reason };
                found.joined.push((self.key, joined));
                return;
            }
        };
        claims.push(Claim {
            key: self.key,
            is_node: self.is_node,
            at: self.at,
            to,
            reason,
        });
    }
}

fn host_key(estate: &Estate, checkmk: SourceId, at: Place) -> Option<Key> {
    let host = estate.monitored_host(at)?;
    Some(Key::Host(checkmk, host.name.clone()))
}

/// Where several claim a host, the surest has it; equally sure ones have it not.
fn settle(estate: &Estate, claims: &[Claim], found: &mut Monitored) {
    struct Best {
        strength: Strength,
        first: usize,
        others: Vec<usize>,
    }
    let mut best: HashMap<Place, Best> = HashMap::with_capacity(claims.len());
    for (index, claim) in claims.iter().enumerate() {
        let strength = claim.reason.strength();
        best.entry(claim.to)
            .and_modify(|b| {
                if strength > b.strength {
                    *b = Best {
                        strength,
                        first: index,
                        others: Vec::new(),
                    };
                } else if strength == b.strength && b.others.len() <= RIVALS {
                    b.others.push(index);
                }
            })
            .or_insert(Best {
                strength,
                first: index,
                others: Vec::new(),
            });
    }
    for (index, claim) in claims.iter().enumerate() {
        let Some(to) = host_key(estate, claim.to.source, claim.to) else {
            continue;
        };
        let Some(winner) = best.get(&claim.to) else {
            continue;
        };
        if claim.reason.strength() < winner.strength {
            continue;
        }
        let joined = if winner.others.is_empty() {
            let places = if claim.is_node {
                &mut found.nodes
            } else {
                &mut found.guests
            };
            places.entry(claim.at).or_insert(claim.to);
            Joined::one(to, claim.reason.clone())
        } else {
            let rivals = std::iter::once(&winner.first)
                .chain(&winner.others)
                .filter(|other| **other != index)
                .filter_map(|other| claims.get(*other))
                .map(|other| other.key.clone())
                .take(RIVALS)
                .collect();
            Joined::Contested {
                to,
                rivals,
                reason: claim.reason.clone(),
            }
        };
        found.joined.push((claim.key.clone(), joined));
    }
}

/// `[joins]` by the node or guest that each entry is about. What names nothing, or several things, dangles.
fn manual_joins<'a>(
    estate: &Estate,
    manual: &'a [ManualJoin],
    found: &mut Monitored,
) -> HashMap<(bool, Place), Said<'a>> {
    let mut said = HashMap::new();
    if manual.is_empty() {
        return said;
    }
    let mut things: Names<(bool, Place)> = Names::default();
    let mut hosts: Names<Place> = Names::default();
    let mut answered = (false, false);
    for source in of_kind(estate, SourceKind::Proxmox) {
        let Some(resources) = estate.resources(source) else {
            continue;
        };
        answered.0 = true;
        let name = estate.source_name(source);
        for (index, node) in resources.nodes.iter().enumerate() {
            let thing = (true, place(source, index));
            things.add(&node.name, thing);
            things.add(&format!("{name}/{}", node.name), thing);
        }
        for (index, guest) in resources.guests.iter().enumerate() {
            let thing = (false, place(source, index));
            things.add(&format!("{name}/{}", guest.vmid), thing);
            things.add(&format!("{}/{}", guest.node, guest.vmid), thing);
            things.add_as(&guest.vmid.to_string(), thing, How::Alias);
            if let Some(own) = &guest.name {
                things.add(own, thing);
            }
        }
    }
    for source in of_kind(estate, SourceKind::Checkmk) {
        let mut index = 0;
        while let Some(host) = estate.monitored_host(place(source, index)) {
            answered.1 = true;
            hosts.add(&host.name, place(source, index));
            index += 1;
        }
    }
    for join in manual {
        let thing = match things.lookup_whole(&join.thing) {
            Match::One(thing, _) => Some(thing),
            _ => None,
        };
        let host_is_there = join
            .host
            .as_deref()
            .is_none_or(|host| hosts.lookup_whole(host) != Match::None);
        if let Some(thing) = thing {
            let host = join.host.as_deref();
            said.insert(thing, host.map_or(Said::None, Said::Host));
        }
        // Before the answers are there, nothing can be said about what is not there.
        if answered == (true, true) && (thing.is_none() || !host_is_there) {
            let host = join.host.as_deref().unwrap_or("");
            found
                .dangling
                .push((Text::clean(&join.thing), Text::clean(host)));
        }
    }
    said
}
