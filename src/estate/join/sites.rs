//! Sites and queues ↔ what they run on, stand behind and need.

use std::collections::HashMap;

use crate::domain::{Key, Text};
use crate::estate::settings::Settings;
use crate::estate::things::{Kind, Thing};
use crate::estate::{Estate, SiteHint};

use super::names::{How, Match};
use super::{Joined, Joins, Machines, Reason, host_of};

/// Joins each site; one that is known to run on no guest yet gets the guest of its name.
pub(super) fn join(
    estate: &mut Estate,
    machines: &Machines,
    settings: &Settings,
    joins: &mut Joins,
) {
    let hints: HashMap<String, &SiteHint> = settings
        .sites
        .iter()
        .map(|hint| (hint.site.to_lowercase(), hint))
        .collect();
    let mut by_name: Vec<(usize, Key)> = Vec::new();
    for (at, row) in estate.web.iter().enumerate() {
        let key = row.key();
        let probe = row.probe.and_then(|at| estate.probe(at));
        let configured = probe.and_then(|p| p.runs_on.as_deref());
        if let Some(written) = configured {
            add(estate, machines, joins, &key, written, |_| {
                Reason::Configured
            });
        }
        if let Some(hint) = hints.get(&row.name.to_lowercase()) {
            if let Some(proxy) = &hint.proxy {
                add(estate, machines, joins, &key, proxy, |_| Reason::Proxy);
            }
            for need in &hint.needs {
                add(estate, machines, joins, &key, need, |_| Reason::Needs);
            }
        }
        if configured.is_some() {
            continue;
        }
        // The site's own name says more than where the monitor has put its check.
        let host = probe.and_then(|p| host_of(&p.url)).unwrap_or(&row.name);
        let named = add(estate, machines, joins, &key, host, |how| {
            Reason::by_name(how, host)
        });
        for check in [row.check, row.certificate].into_iter().flatten() {
            let Some(on) = estate.check(check).map(|c| &c.host) else {
                continue;
            };
            if let Some(thing) = machines.monitored(check.source, on)
                && let Some(to) = machines.things().key(estate, thing)
            {
                joins.add(&key, Joined::one(to, Reason::CheckedOn(on.clone())));
            }
        }
        if let (None, Some(guest @ Key::Guest(..))) = (&row.guest, named) {
            by_name.push((at, guest));
        }
    }
    for (at, guest) in by_name {
        if let Some(row) = estate.web.get_mut(at) {
            row.guest = Some(guest);
        }
    }
}

/// Joins each queue to the machine it is on.
pub(super) fn join_queues(estate: &Estate, machines: &Machines, joins: &mut Joins) {
    for row in &estate.queues {
        let Some(host) = &row.host else { continue };
        let key = row.key();
        let checked = row.check.and_then(|at| machines.monitored(at.source, host));
        match checked.and_then(|thing| machines.things().key(estate, thing)) {
            Some(to) => joins.add(&key, Joined::one(to, Reason::QueueOn(host.clone()))),
            None => {
                add(estate, machines, joins, &key, host, |_| {
                    Reason::QueueOn(Text::clean(host))
                });
            }
        }
    }
}

/// Joins `from` to the machine written so; the machine's key when there is exactly one.
fn add(
    estate: &Estate,
    machines: &Machines,
    joins: &mut Joins,
    from: &Key,
    written: &str,
    reason: impl Fn(How) -> Reason,
) -> Option<Key> {
    let key = |thing: Thing| match machines.things().kind(thing) {
        Kind::Host(_) | Kind::Guest(_) => machines.things().key(estate, thing),
        _ => None,
    };
    match machines.find(written) {
        Match::None => None,
        Match::One(thing, how) => {
            let to = key(thing)?;
            joins.add(from, Joined::one(to.clone(), reason(how)));
            Some(to)
        }
        Match::Several(things, how) => {
            let candidates = things.into_iter().filter_map(key).collect();
            let reason = reason(how);
            joins.add(from, Joined::Ambiguous { candidates, reason });
            None
        }
    }
}
