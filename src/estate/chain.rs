//! The chain of a row: node › guest › site › ticket › person, each a row to jump to.

use crate::domain::{Key, Moment, Severity};

use super::join::Reason;
use super::{Estate, Strength, call};

/// A part of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The row.
    pub key: Key,
    /// What ties it to the chain; nothing for the row itself and where Proxmox itself says so.
    pub by: Option<Tie>,
    /// How many more there are of its kind that would fit as well.
    pub more: u32,
}

/// What ties a part to the chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Tie {
    /// A join.
    Joined(Reason, Strength),
    /// This person is to be called.
    Call(call::Because),
}

/// The chain of a row. Parts that are not known are left out; the row itself is always in it.
pub fn chain(estate: &Estate, key: &Key, now: Moment) -> Vec<Link> {
    let key = &subject(estate, key);
    if matches!(key, Key::Problem(_)) {
        return Vec::new();
    }
    let mut links: Vec<Link> = Vec::new();
    let mut below = ground(estate, key);
    below.reverse();
    // A person or ticket is not in the ground it stands on.
    for part in &below {
        links.push(Link {
            key: part.clone(),
            by: (part != key).then(|| tie(estate, key, part)).flatten(),
            more: 0,
        });
    }
    if matches!(key, Key::Guest(..)) {
        links.extend(worst_on(estate, key));
    }
    if !matches!(key, Key::Ticket(..) | Key::Person(_)) {
        // A ticket about the node is about everything on it, and tells nothing of a guest.
        let of_chain: Vec<Key> = (links.iter().rev())
            .map(|link| link.key.clone())
            .filter(|part| !matches!(part, Key::Host(..)) || part == key)
            .collect();
        links.extend(ticket(estate, &of_chain));
    }
    if !matches!(key, Key::Person(_)) {
        let calls = call::who(estate, key, now);
        let more = u32::try_from(calls.len().saturating_sub(1)).unwrap_or(u32::MAX);
        links.extend(calls.into_iter().next().map(|call| Link {
            key: call.person,
            by: Some(Tie::Call(call.because)),
            more,
        }));
    }
    links
}

/// The row that a problem is about; any other key is itself.
fn subject(estate: &Estate, key: &Key) -> Key {
    match key {
        Key::Problem(_) => estate
            .problems
            .iter()
            .find(|p| p.key == *key)
            .and_then(|p| p.about.clone())
            .unwrap_or_else(|| key.clone()),
        _ => key.clone(),
    }
}

/// What a row stands on: itself, the guest it runs on, the node of that; for a ticket the thing it
/// is about and what that stands on.
pub fn ground(estate: &Estate, key: &Key) -> Vec<Key> {
    let mut parts = vec![subject(estate, key)];
    // Ticket, site, guest, node: never longer.
    while let (Some(last), true) = (parts.last(), parts.len() < 4) {
        match step(estate, last) {
            Some(next) if !parts.contains(&next) => parts.push(next),
            _ => break,
        }
    }
    parts
}

/// One step down.
fn step(estate: &Estate, key: &Key) -> Option<Key> {
    match key {
        Key::Guest(source, vmid) => {
            let row = estate
                .guests
                .iter()
                .find(|g| g.place.source == *source && g.vmid == *vmid)?;
            let node = &estate.guest(row.place)?.node;
            Some(Key::Host(*source, node.clone()))
        }
        Key::Web(_) | Key::Queue(..) | Key::Ticket(..) => estate
            .joins
            .sure(key)
            .filter(|join| !matches!(join.reason, Reason::Proxy | Reason::Needs))
            .reduce(|best, join| {
                if join.strength > best.strength {
                    join
                } else {
                    best
                }
            })
            .map(|join| join.to.clone()),
        _ => None,
    }
}

fn tie(estate: &Estate, from: &Key, to: &Key) -> Option<Tie> {
    let join = estate.joins.sure(from).find(|join| join.to == *to)?;
    Some(Tie::Joined(join.reason.clone(), join.strength))
}

/// The worst site or queue on a guest.
fn worst_on(estate: &Estate, guest: &Key) -> Option<Link> {
    let on: Vec<&Key> = estate
        .joins
        .onto(guest)
        .iter()
        .filter(|key| matches!(key, Key::Web(_) | Key::Queue(..)))
        .collect();
    let severity = |key: &Key| -> Severity {
        match key {
            Key::Web(_) => estate
                .web
                .iter()
                .find(|row| row.key() == *key)
                .map_or(Severity::Ok, |row| row.severity(estate)),
            _ => estate
                .queues
                .iter()
                .find(|row| row.key() == *key)
                .map_or(Severity::Ok, |row| row.severity(estate)),
        }
    };
    let worst = on
        .iter()
        .map(|key| (severity(key), *key))
        .reduce(|best, other| if other.0 > best.0 { other } else { best })?
        .1;
    Some(Link {
        key: worst.clone(),
        by: tie(estate, worst, guest),
        more: u32::try_from(on.len().saturating_sub(1)).unwrap_or(u32::MAX),
    })
}

/// The open ticket that changed last and is about any part of the chain: what is broken now was written down last,
/// be it about the guest or about the site on it.
fn ticket(estate: &Estate, parts: &[Key]) -> Option<Link> {
    let about: Vec<&[Key]> = parts.iter().map(|part| estate.joins.onto(part)).collect();
    let mut open = (estate.tickets.iter())
        .filter(|row| !row.closed && about.iter().any(|keys| keys.contains(&row.key())));
    let key = open.next()?.key();
    let more = u32::try_from(open.count()).unwrap_or(u32::MAX);
    let mut of = parts.iter().zip(&about);
    let part = of.find_map(|(part, keys)| keys.contains(&key).then_some(part))?;
    Some(Link {
        by: tie(estate, &key, part),
        key,
        more,
    })
}
