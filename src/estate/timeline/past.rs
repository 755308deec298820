//! The list of problems as it was at a moment.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::problem::{Problem, What};
use crate::domain::{Key, Moment, Severity, Text};
use crate::estate::incidents::{Below, folds};
use crate::estate::{Estate, Incident, SourceState};

use super::{DAY, Kept, Lead, Role, Standing};

/// The moments of the last day at which something changed, oldest first.
pub fn moments(kept: &Kept, now: Moment) -> Vec<Moment> {
    let start = now.minus(DAY);
    let mut moments: Vec<Moment> = kept
        .turns
        .iter()
        .map(|turn| turn.at)
        .filter(|at| *at >= start && *at <= now)
        .collect();
    moments.dedup();
    moments
}

/// Until when what was there at `at` stayed so, as far as anybody watched; nothing when it still is.
pub fn until(kept: &Kept, at: Moment) -> Option<Moment> {
    let next = kept.turns.partition_point(|turn| turn.at <= at);
    let next = kept.turns.get(next).map(|turn| turn.at);
    let watched = kept.watches.iter().find(|watch| watch.has(at));
    match (next, watched.and_then(|watch| watch.until)) {
        (Some(next), Some(watched)) => Some(next.min(watched)),
        (next, watched) => next.or(watched),
    }
}

/// Whether somebody watched at a moment.
pub fn is_watched(kept: &Kept, at: Moment) -> bool {
    kept.watches.iter().any(|watch| watch.has(at))
}

/// The estate with the problems as they stood at `at`, and nothing else: no row of another tab is known of the
/// past, and none of now is shown as if it were.
pub fn estate(present: &Estate, at: Moment) -> Estate {
    let standing = standing(&present.timeline, at);
    let mut all: Vec<(&Key, &Arc<Standing>)> = standing.iter().collect();
    all.sort_by(|a, b| {
        let rank = |s: &Standing| (s.is_handled(), std::cmp::Reverse(s.severity));
        let age = |s: &Standing| std::cmp::Reverse(s.since);
        (rank(a.1).cmp(&rank(b.1)))
            .then(age(a.1).cmp(&age(b.1)))
            .then(a.0.cmp(b.0))
    });
    let places: HashMap<&Key, u32> = all.iter().map(|(key, _)| *key).zip(0..).collect();
    let problems: Vec<Problem> = all.iter().map(|(key, s)| problem(key, s)).collect();
    let mut incidents: HashMap<u32, Incident> = HashMap::new();
    // First the causes, then what hangs on them. What hung on a cause that is not known stands for itself.
    for ((key, s), place) in all.iter().zip(0..) {
        let lead = match &s.role {
            Role::Cause(lead) => Some((**lead).clone()),
            Role::Below { cause, .. } if !places.contains_key(cause) => Some(Lead::default()),
            Role::Below { .. } => None,
        };
        if let Some(lead) = lead {
            incidents.insert(place, incident(key, place, s, lead));
        }
    }
    for ((_, s), place) in all.iter().zip(0..) {
        let Role::Below {
            cause,
            under,
            because,
        } = &s.role
        else {
            continue;
        };
        let Some(root) = root(&standing, &places, cause) else {
            continue;
        };
        if let Some(incident) = incidents.get_mut(&root).filter(|i| i.cause != place) {
            incident.below.push(Below {
                problem: place,
                under: places.get(under).copied().unwrap_or(root),
                because,
            });
            let counts = incident.handled.is_some() || !s.handling.is_handled();
            if counts {
                incident.severity = incident.severity.max(s.severity);
            }
        }
    }
    let mut incidents: Vec<Incident> = incidents.into_values().collect();
    for incident in &mut incidents {
        // All of it is handled: as bad as its cause.
        if incident.severity == Severity::Ok
            && let Some(cause) = problems.get(incident.cause as usize)
        {
            incident.severity = cause.severity;
        }
    }
    incidents.sort_by(crate::estate::incidents::order);
    let folds = folds::of(problems.len(), &incidents);
    Estate {
        revision: present.revision,
        sources: present.sources.iter().map(named).collect(),
        problems,
        incidents,
        folds,
        timeline: Arc::clone(&present.timeline),
        ..Estate::default()
    }
}

/// Sources that could not be seen at a moment, by the problems that stood.
pub fn unseen(past: &Estate) -> Vec<&Text> {
    let of_source =
        |p: &&Problem| p.about.is_none() && matches!(p.what, What::Blind(_) | What::Late);
    let mut names: Vec<&Text> = past
        .problems
        .iter()
        .filter(of_source)
        .filter_map(|p| past.source(p.source))
        .map(|source| &source.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Problems that stood at a moment.
fn standing(kept: &Kept, at: Moment) -> HashMap<Key, Arc<Standing>> {
    let mut standing = HashMap::clone(&kept.base);
    for turn in kept.turns.iter().take_while(|turn| turn.at <= at) {
        match &turn.after {
            Some(after) => drop(standing.insert(turn.key.clone(), Arc::clone(after))),
            None => drop(standing.remove(&turn.key)),
        }
    }
    standing
}

/// The cause of the incident that `cause` is or was in: it may have come to hang on another itself.
fn root(
    standing: &HashMap<Key, Arc<Standing>>,
    places: &HashMap<&Key, u32>,
    cause: &Key,
) -> Option<u32> {
    let mut at = cause;
    // A circle cannot be, but what is read from a file may be anything.
    for _ in 0..8 {
        match standing.get(at).map(|s| &s.role) {
            Some(Role::Below { cause, .. }) if standing.contains_key(cause) => at = cause,
            _ => break,
        }
    }
    places.get(at).copied()
}

fn problem(key: &Key, s: &Standing) -> Problem {
    Problem {
        key: key.clone(),
        severity: s.severity,
        about: s.about.clone(),
        subject: s.subject.clone(),
        what: s.what.clone(),
        since: s.since,
        handling: s.handling,
        source: s.source,
    }
}

fn incident(key: &Key, place: u32, s: &Standing, lead: Lead) -> Incident {
    let counts = lead.handled.is_some() || !s.handling.is_handled();
    Incident {
        key: key.clone(),
        cause: place,
        below: Vec::new(),
        severity: if counts { s.severity } else { Severity::Ok },
        since: s.since,
        handled: lead.handled,
        reach: lead.reach,
        why: lead.why,
    }
}

/// A source by its name: what was read of it then is not kept.
fn named(source: &SourceState) -> SourceState {
    SourceState {
        id: source.id,
        name: source.name.clone(),
        kind: source.kind,
        address: source.address.clone(),
        feeds: Vec::new(),
    }
}
