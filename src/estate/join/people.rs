//! People ↔ what they own.

use crate::domain::Text;
use crate::estate::Estate;

use super::machines::Finder;
use super::names::Match;
use super::{Joined, Joins, Reason};

/// Joins each person to what the roster says they own: a name may be that of a machine and of the
/// site on it, and then both are owned.
pub(super) fn join(estate: &Estate, finder: &Finder<'_>, joins: &mut Joins) {
    for row in &estate.people {
        let Some(person) = row.roster.and_then(|at| estate.person(at)) else {
            continue;
        };
        let key = row.key();
        for name in &person.owns {
            let all = finder.find(name);
            if all.iter().all(|found| matches!(found, Match::None)) {
                joins.nowhere.push((key.clone(), name.clone()));
            }
            for found in all {
                let reason = Reason::Owns(Text::clean(name));
                add(estate, finder, joins, &key, found, reason);
            }
        }
    }
}

/// Adds what a name led to.
pub(super) fn add(
    estate: &Estate,
    finder: &Finder<'_>,
    joins: &mut Joins,
    from: &crate::domain::Key,
    found: Match<crate::estate::things::Thing>,
    reason: Reason,
) {
    match found {
        Match::None => {}
        Match::One(thing, _) => {
            if let Some(to) = finder.key(estate, thing) {
                joins.add(from, Joined::one(to, reason));
            }
        }
        Match::Several(things, _) => {
            let candidates = things
                .into_iter()
                .filter_map(|thing| finder.key(estate, thing))
                .collect();
            joins.add(from, Joined::Ambiguous { candidates, reason });
        }
    }
}
