//! What numbers mean: journals tell changes by number, lists tell names.

use std::collections::{HashMap, HashSet};

use crate::domain::Text;
use crate::domain::section::same;

use super::wire::{Issue, Ref, Words};

/// Most names kept of a kind. A server has some hundred; a hostile one may send new ones for ever.
const MOST: usize = 5000;

/// Names of one kind by number.
#[derive(Debug, Default)]
pub(super) struct Terms(HashMap<u64, Text>);

impl Terms {
    /// Remembers a name.
    pub(super) fn learn(&mut self, id: u64, name: Option<&Words<'_>>) {
        let Some(name) = name else { return };
        if self.0.get(&id).is_some_and(|known| **known == **name) {
            return;
        }
        if self.0.len() < MOST || self.0.contains_key(&id) {
            self.0.insert(id, Text::clean(name));
        }
    }

    fn learn_ref(&mut self, named: Option<&Ref<'_>>) {
        if let Some(named) = named {
            self.learn(named.id, named.name.as_ref());
        }
    }

    /// The name of a number as journals write it: a text of digits.
    pub(super) fn of(&self, id: &str) -> Option<Text> {
        self.0.get(&id.trim().parse().ok()?).cloned()
    }

    /// The number of a name, as people write it.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let mut found: Vec<u64> = (self.0.iter())
            .filter(|(_, known)| same(known, name))
            .map(|(id, _)| *id)
            .collect();
        found.sort_unstable();
        found.first().copied()
    }
}

/// All names known of a Redmine.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Whether a status closes, by number: servers before 5.0 do not tell it in issues.
    pub(super) closing: HashMap<u64, bool>,
    pub(super) statuses: Terms,
    pub(super) trackers: Terms,
    pub(super) priorities: Terms,
    /// People and groups: they share their numbers.
    pub(super) people: Terms,
    /// Numbers that are known to be people: only these write and are members themselves.
    pub(super) persons: HashSet<u64>,
    /// Statuses, trackers and priorities have been listed.
    pub(super) listed: bool,
    pub(super) projects: Terms,
    pub(super) categories: Terms,
    pub(super) versions: Terms,
    /// Custom fields.
    pub(super) fields: Terms,
}

impl Names {
    /// Remembers a person.
    pub(super) fn person(&mut self, who: &Ref<'_>) {
        self.people.learn(who.id, who.name.as_ref());
        if self.persons.len() < MOST {
            self.persons.insert(who.id);
        }
    }

    /// Remembers the names that an issue brings along.
    pub(super) fn learn(&mut self, issue: &Issue<'_>) {
        self.projects.learn_ref(issue.project.as_ref());
        self.trackers.learn_ref(issue.tracker.as_ref());
        self.statuses.learn_ref(issue.status.as_ref());
        self.priorities.learn_ref(issue.priority.as_ref());
        if let Some(author) = &issue.author {
            self.person(author);
        }
        self.people.learn_ref(issue.assigned_to.as_ref());
        self.categories.learn_ref(issue.category.as_ref());
        self.versions.learn_ref(issue.fixed_version.as_ref());
    }
}
