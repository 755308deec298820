//! Sections of the tickets: which ticket belongs where. One rule for what a server is asked and for what its
//! answer is checked against, because Redmine ignores filters that it does not know.

use serde::{Deserialize, Serialize};

use super::person::Date;
use super::ticket::{Project, Ticket};
use super::{Moment, Text};

/// Which tickets a section holds. All that is said must hold; what is not said lets everything through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is called.
    pub name: String,
    /// Only what this saved query of the server finds.
    pub query: Option<u64>,
    /// Projects by identifier, name or number, with what is below them; empty: all.
    pub projects: Vec<String>,
    /// Trackers by name.
    pub trackers: Vec<String>,
    /// Statuses.
    pub status: Statuses,
    /// Priorities by name.
    pub priorities: Vec<String>,
    /// Whose it is.
    pub assignee: Option<Assignee>,
    /// Only what the key's user watches.
    pub watched: bool,
    /// Only what is due before today.
    pub overdue: bool,
    /// Only what nobody changed for so many days.
    pub untouched: Option<u32>,
}

/// Which statuses a section holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statuses {
    /// All that do not close.
    Open,
    /// All that close.
    Closed,
    /// All.
    Any,
    /// These, by name.
    Named(Vec<String>),
}

/// Whose tickets a section holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// The key's user, and the groups of that user.
    Me,
    /// Nobody.
    Nobody,
    /// A person or group by name.
    Named(String),
}

/// A condition of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Filter {
    /// [`Section::query`]
    Query,
    /// [`Section::projects`]
    Project,
    /// [`Section::trackers`]
    Tracker,
    /// [`Section::status`]
    Status,
    /// [`Section::priorities`]
    Priority,
    /// [`Section::assignee`]
    Assignee,
    /// [`Section::watched`]
    Watched,
    /// [`Section::overdue`]
    Overdue,
    /// [`Section::untouched`]
    Untouched,
}

/// What tickets are looked at with.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Number of the key's user.
    pub me: Option<u64>,
    /// Numbers of groups that the key's user may be in: what the server says is assigned to them counts.
    pub groups: &'a [u64],
    /// Projects with their identifiers.
    pub projects: &'a [Project],
    /// Today.
    pub today: Date,
    /// Now.
    pub now: Moment,
}

impl Section {
    /// A section that lets everything open through.
    pub fn open(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            query: None,
            projects: Vec::new(),
            trackers: Vec::new(),
            status: Statuses::Open,
            priorities: Vec::new(),
            assignee: None,
            watched: false,
            overdue: false,
            untouched: None,
        }
    }

    /// The sections of a Redmine for which none are configured.
    pub fn usual() -> Vec<Self> {
        let open = Self::open;
        vec![
            open("Open"),
            Self {
                assignee: Some(Assignee::Me),
                ..open("Mine")
            },
            Self {
                assignee: Some(Assignee::Nobody),
                ..open("Unassigned")
            },
            Self {
                overdue: true,
                ..open("Overdue")
            },
        ]
    }

    /// Whether only the server can tell what belongs here.
    pub fn is_told(&self) -> bool {
        self.query.is_some() || self.watched
    }

    /// The first condition that a ticket does not fulfil, of those that can be checked here. `closed`: whether its
    /// status closes it.
    pub fn misfit(&self, ticket: &Ticket, closed: bool, view: &View<'_>) -> Option<Filter> {
        let named = |names: &[String], name: Option<&Text>| {
            names.is_empty()
                || name.is_some_and(|name| names.iter().any(|wanted| same(wanted, name)))
        };
        let status = match &self.status {
            Statuses::Open => !closed,
            Statuses::Closed => closed,
            Statuses::Any => true,
            Statuses::Named(names) => named(names, Some(&ticket.status.name)),
        };
        let assignee = match (&self.assignee, &ticket.assignee) {
            (None, _) | (Some(Assignee::Nobody), None) => true,
            (Some(Assignee::Me), Some(who)) => {
                view.me == Some(who.id) || view.groups.contains(&who.id)
            }
            (Some(Assignee::Named(name)), Some(who)) => same(name, &who.name),
            (Some(_), _) => false,
        };
        let untouched = self
            .untouched
            .is_none_or(|days| (ticket.updated).is_some_and(|at| at <= since(view.now, days)));
        let overdue = !self.overdue || ticket.due.is_some_and(|due| due < view.today);
        [
            (Filter::Project, self.holds_project(ticket, view.projects)),
            (
                Filter::Tracker,
                named(&self.trackers, ticket.tracker.as_ref().map(|t| &t.name)),
            ),
            (Filter::Status, status),
            (
                Filter::Priority,
                named(&self.priorities, ticket.priority.as_ref().map(|p| &p.name)),
            ),
            (Filter::Assignee, assignee),
            (Filter::Overdue, overdue),
            (Filter::Untouched, untouched),
        ]
        .into_iter()
        .find_map(|(filter, fits)| (!fits).then_some(filter))
    }

    fn holds_project(&self, ticket: &Ticket, projects: &[Project]) -> bool {
        if self.projects.is_empty() {
            return true;
        }
        let wanted = |id: u64, name: &str| {
            let identifier = projects.iter().find(|p| p.id == id).map(|p| &p.identifier);
            self.projects.iter().any(|wanted| {
                same(wanted, name)
                    || identifier.is_some_and(|known| same(wanted, known))
                    || *wanted == id.to_string()
            })
        };
        if wanted(ticket.project.id, &ticket.project.name) {
            return true;
        }
        // Upwards; a server that sends a ring is left after as many steps as there are projects.
        let mut at = ticket.project.id;
        for _ in projects {
            let Some(parent) = (projects.iter().find(|p| p.id == at)).and_then(|p| p.parent) else {
                return false;
            };
            let name = projects.iter().find(|p| p.id == parent).map(|p| &p.name);
            if wanted(parent, name.map_or("", |name| name)) {
                return true;
            }
            at = parent;
        }
        false
    }
}

/// The moment so many days before.
pub fn since(now: Moment, days: u32) -> Moment {
    now.minus(std::time::Duration::from_hours(24) * days)
}

/// Whether two names are the same for people.
pub fn same(one: &str, other: &str) -> bool {
    one.trim() == other.trim() || one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// What a server answered about sections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sections {
    /// An answer for each section that it was asked about.
    pub answers: Vec<Answer>,
}

/// What a server answered about a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The section's name.
    pub section: Text,
    /// Tickets, those that do not belong there left out.
    pub tickets: Vec<std::sync::Arc<Ticket>>,
    /// There are more that were not read.
    pub more: bool,
    /// What is wrong with it.
    pub doubts: Vec<Doubt>,
}

/// Why a section may not show what it should.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Doubt {
    /// The server ignored a condition; so many of its rows do not fulfil it and were left out.
    Ignored(Filter, u32),
    /// The server ignored a condition that cannot be checked here: nothing is shown.
    Unchecked(Filter),
    /// There is nothing of this name.
    NoSuch(Filter, Text),
    /// It could not be asked.
    Failed(Box<super::Failure>),
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::domain::ticket::Named;

    fn named(id: u64, name: &str) -> Named {
        Named {
            id,
            name: Text::clean(name),
        }
    }

    fn ticket() -> Ticket {
        Ticket {
            id: 1,
            project: named(2, "Wiki"),
            tracker: Some(named(1, "Bug")),
            status: named(1, "New"),
            closed: Some(false),
            priority: Some(named(4, "Normal")),
            author: None,
            assignee: Some(named(7, "Anne Bonny")),
            subject: Text::clean("x"),
            due: Some(jiff::civil::date(2026, 11, 20)),
            done: None,
            private: false,
            created: None,
            updated: Moment::from_rfc3339("2026-11-01T12:00:00Z"),
            fields: Vec::new(),
            parent: None,
        }
    }

    fn project(id: u64, identifier: &str, parent: Option<u64>) -> Project {
        Project {
            id,
            identifier: Text::clean(identifier),
            name: Text::clean(&identifier.to_uppercase()),
            parent,
            members: None,
        }
    }

    fn misfit(section: &Section) -> Option<Filter> {
        // 3 and 4 are each other's parent: no way up may go round for ever.
        let projects = [
            project(1, "web", None),
            project(2, "wiki", Some(1)),
            project(3, "ring", Some(4)),
            project(4, "gnir", Some(3)),
        ];
        let view = View {
            me: Some(7),
            groups: &[],
            projects: &projects,
            today: jiff::civil::date(2026, 11, 21),
            now: Moment::from_rfc3339("2026-11-21T12:00:00Z").unwrap(),
        };
        let mut lost = ticket();
        lost.project = named(3, "Ring");
        assert!(!section.holds_project(&lost, &projects) || section.projects.is_empty());
        section.misfit(&ticket(), false, &view)
    }

    #[test]
    fn each_condition_is_checked() {
        let open = || Section::open("x");
        let list = |name: &str| vec![name.to_owned()];
        let cases: [(Section, Option<Filter>); 13] = [
            (open(), None),
            (
                Section {
                    projects: list("WEB"),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    projects: list("mail"),
                    ..open()
                },
                Some(Filter::Project),
            ),
            (
                Section {
                    trackers: list("bug"),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    trackers: list("Task"),
                    ..open()
                },
                Some(Filter::Tracker),
            ),
            (
                Section {
                    status: Statuses::Closed,
                    ..open()
                },
                Some(Filter::Status),
            ),
            (
                Section {
                    status: Statuses::Named(list("new")),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    assignee: Some(Assignee::Me),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    assignee: Some(Assignee::Nobody),
                    ..open()
                },
                Some(Filter::Assignee),
            ),
            (
                Section {
                    assignee: Some(Assignee::Named("anne bonny".to_owned())),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    overdue: true,
                    ..open()
                },
                None,
            ),
            (
                Section {
                    untouched: Some(20),
                    ..open()
                },
                None,
            ),
            (
                Section {
                    untouched: Some(21),
                    ..open()
                },
                Some(Filter::Untouched),
            ),
        ];
        for (section, expected) in cases {
            assert_eq!(misfit(&section), expected, "{section:?}");
        }
    }
}
