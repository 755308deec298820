//! Problems under their causes.

use std::collections::{HashMap, HashSet};

use crate::domain::Key;
use crate::estate::Estate;
use crate::estate::things::{Kind, Thing, Things};

use super::graph::{Above, Graph};
use super::marks::Marks;
use super::onset::Onset;
use super::reach::seen_well;
use super::rules::{RULES, Rule};

/// What is known of each problem, in the order of [`Estate::problems`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    /// What it is about.
    pub(super) thing: Option<Thing>,
    /// What kind of trouble it is.
    pub(super) marks: Marks,
    /// When it began.
    pub(super) onset: Onset,
}

/// The cause of a problem.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent {
    /// Position of the cause.
    pub(super) problem: usize,
    /// Why it is the cause.
    pub(super) rule: &'static Rule,
}

/// Possible causes at each thing: of each rule the one that began first, since no other fits
/// where it does not.
struct Causes(Vec<Vec<(usize, usize)>>);

impl Causes {
    fn new(things: Things, facts: &[Fact], more_places: &HashMap<usize, Vec<Thing>>) -> Self {
        let mut this: Vec<Vec<(usize, usize)>> = vec![Vec::new(); things.count()];
        for (at, fact) in facts.iter().enumerate() {
            let others = more_places.get(&at).into_iter().flatten().copied();
            for thing in fact.thing.into_iter().chain(others) {
                for (number, rule) in RULES.iter().enumerate() {
                    if !fact.marks.meets(rule.cause) {
                        continue;
                    }
                    let Some(here) = this.get_mut(thing.0 as usize) else {
                        continue;
                    };
                    let begun =
                        |at: usize| facts.get(at).map(|f| (f.onset.earliest, f.onset.latest));
                    match here.iter_mut().find(|(known, _)| *known == number) {
                        Some((_, known)) if begun(at) < begun(*known) => *known = at,
                        Some(_) => {}
                        None => here.push((number, at)),
                    }
                }
            }
        }
        Self(this)
    }

    fn at(&self, thing: Thing) -> &[(usize, usize)] {
        self.0.get(thing.0 as usize).map_or(&[], Vec::as_slice)
    }
}

/// The direct cause of each problem; none for those that stand by themselves or are kept apart.
pub(super) fn parents(
    estate: &Estate,
    things: Things,
    graph: &Graph,
    facts: &[Fact],
    more_places: &HashMap<usize, Vec<Thing>>,
    apart: &HashSet<Key>,
    was_under: &[Option<Key>],
) -> Vec<Option<Parent>> {
    let causes = Causes::new(things, facts, more_places);
    let mut ways: Vec<Option<Vec<Above>>> = vec![None; things.count()];
    let mut parents: Vec<Option<Parent>> = vec![None; facts.len()];
    for (at, fact) in facts.iter().enumerate() {
        let (Some(thing), Some(problem)) = (fact.thing, estate.problems.get(at)) else {
            continue;
        };
        let may_be_effect = RULES.iter().any(|rule| fact.marks.meets(rule.effect));
        if !may_be_effect || (!apart.is_empty() && apart.contains(&problem.key)) {
            continue;
        }
        let Some(ways) = ways.get_mut(thing.0 as usize) else {
            continue;
        };
        let ways = ways.get_or_insert_with(|| {
            let mut all = graph.above(thing);
            all.retain(|above| !causes.at(above.thing).is_empty());
            all
        });
        let was_under = was_under.get(at).and_then(Option::as_ref);
        let mut best: Option<((u8, usize), Parent)> = None;
        for above in ways.iter() {
            for (number, cause) in causes.at(above.thing) {
                let rank = (above.steps, *number);
                if best.as_ref().is_some_and(|(known, _)| *known <= rank) {
                    continue;
                }
                let (Some(rule), Some(begun)) = (RULES.get(*number), facts.get(*cause)) else {
                    continue;
                };
                // Its service failed first, then the machine: what hangs on it goes on hanging on it.
                let same_trouble = || {
                    was_under
                        .is_some_and(|was| things.key(estate, above.thing).as_ref() == Some(was))
                };
                let fits = *cause != at
                    && fact.marks.meets(rule.effect)
                    && above.ties.within(rule.along)
                    && (begun.onset.may_explain(fact.onset, rule.slack) || same_trouble())
                    && !(rule.spreads && is_contradicted(estate, things, above, begun));
                if fits {
                    let parent = Parent {
                        problem: *cause,
                        rule,
                    };
                    best = Some((rank, parent));
                }
            }
        }
        if let Some(slot) = parents.get_mut(at) {
            *slot = best.map(|(_, parent)| parent);
        }
    }
    break_circles(&mut parents, facts);
    parents
}

/// A node that is said to be gone does not explain what hangs on a guest that was seen well since.
fn is_contradicted(estate: &Estate, things: Things, above: &Above, cause: &Fact) -> bool {
    above.steps > 0
        && matches!(things.kind(above.thing), Kind::Host(_))
        && matches!(things.kind(above.through), Kind::Guest(_))
        && seen_well(estate, things, above.through, cause.onset.latest)
}

/// Two that explain each other: the one that began first is the cause.
fn break_circles(parents: &mut [Option<Parent>], facts: &[Fact]) {
    // 0: not looked at, otherwise the round in which it was.
    let mut round_of: Vec<usize> = vec![0; parents.len()];
    for start in 0..parents.len() {
        let round = start + 1;
        let mut at = start;
        loop {
            match round_of.get_mut(at) {
                Some(seen) if *seen == 0 => *seen = round,
                Some(seen) if *seen == round => {
                    cut(parents, facts, at);
                    break;
                }
                _ => break,
            }
            match parents.get(at).copied().flatten() {
                Some(parent) => at = parent.problem,
                None => break,
            }
        }
    }
}

/// Cuts the circle that `on` is in before its first member.
fn cut(parents: &mut [Option<Parent>], facts: &[Fact], on: usize) {
    let mut first = on;
    let mut at = on;
    while let Some(parent) = parents.get(at).copied().flatten() {
        at = parent.problem;
        let begun = |at: usize| facts.get(at).map(|f| (f.onset.latest, at));
        if begun(at) < begun(first) {
            first = at;
        }
        if at == on {
            break;
        }
    }
    if let Some(slot) = parents.get_mut(first) {
        *slot = None;
    }
}

/// The cause at the top of each problem: itself when it has none.
pub(super) fn roots(parents: &[Option<Parent>]) -> Vec<usize> {
    let mut roots: Vec<Option<usize>> = vec![None; parents.len()];
    let mut way = Vec::new();
    for start in 0..parents.len() {
        let mut at = start;
        let root = loop {
            if let Some(known) = roots.get(at).copied().flatten() {
                break known;
            }
            match parents.get(at).copied().flatten() {
                // Without circles this ends; the length is watched all the same.
                Some(parent) if way.len() <= parents.len() => {
                    way.push(at);
                    at = parent.problem;
                }
                _ => break at,
            }
        };
        for passed in way.drain(..).chain([at, start]) {
            if let Some(slot) = roots.get_mut(passed) {
                *slot = Some(root);
            }
        }
    }
    roots
        .into_iter()
        .enumerate()
        .map(|(at, root)| root.unwrap_or(at))
        .collect()
}
