//! Tickets ↔ what they are about.

use std::collections::HashSet;

use crate::domain::Text;
use crate::estate::Estate;

use super::machines::Finder;
use super::names::Match;
use super::{Joins, Reason, host_of, people};

/// Words of a subject that are looked up; what comes later names nothing new.
const WORDS: usize = 64;
/// Shortest word taken for a name by itself.
const SHORTEST: usize = 2;

/// Joins each ticket by its custom fields and by what its subject names.
pub(super) fn join(estate: &Estate, finder: &Finder<'_>, joins: &mut Joins) {
    for row in &estate.tickets {
        let key = row.key();
        let ticket = &row.ticket;
        let mut add = |found: [Match<_>; 3], reason: Reason| {
            for found in found {
                people::add(estate, finder, joins, &key, found, reason.clone());
            }
        };
        for (field, value) in &ticket.fields {
            add(
                finder.find(value.trim()),
                Reason::Field(field.clone(), value.clone()),
            );
        }
        let mut seen: HashSet<&str> = HashSet::new();
        for word in ticket.subject.split_whitespace().take(WORDS) {
            if word.contains("://") {
                let Some(host) = host_of(word.trim_start_matches(['(', '<', '[', '"', '\'']))
                else {
                    continue;
                };
                let reason = Reason::Link(Text::clean(host));
                // A link to a site is about the site; without one, about the machine of that name.
                match finder.site(host) {
                    Match::None => add(
                        [Match::None, Match::None, finder.machines.named(host)],
                        reason,
                    ),
                    site => add([Match::None, site, Match::None], reason),
                }
                continue;
            }
            if let Some(name) = strip_tag(word) {
                add(
                    finder.find(trim(name)),
                    Reason::Tag(Text::clean(trim(name))),
                );
                continue;
            }
            for name in names_in(word) {
                if name.chars().count() >= SHORTEST && seen.insert(name) {
                    add(finder.find(name), Reason::Word(Text::clean(name)));
                }
            }
        }
    }
}

/// `wiki` of `host:wiki`.
fn strip_tag(word: &str) -> Option<&str> {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (tag, name) = word.split_once(':')?;
    (tag.eq_ignore_ascii_case("host") && !name.is_empty()).then_some(name)
}

/// Without the punctuation around it.
fn trim(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// A word as it stands, and its parts where something that no name holds stands between them.
/// `golem/105` is one name, `wiki,blog` two.
fn names_in(word: &str) -> impl Iterator<Item = &str> {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    word.split(move |c: char| !belongs(c))
        .flat_map(|part| {
            let whole = trim(part);
            // `wiki/blog` names both; `golem/105` is a guest and a node's name at once.
            let parts = whole.contains('/').then(|| whole.split('/')).into_iter();
            std::iter::once(whole).chain(parts.flatten().map(trim))
        })
        .filter(|name| !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit()))
}
