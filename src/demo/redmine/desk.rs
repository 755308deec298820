//! The issues as they are now: the sample's, and what came in since the start.

use std::collections::BTreeMap;

use crate::demo::Scenario;
use crate::demo::sample::{Coming, Issue as Written, IssueFile, Journal as Entry, Sample};
use crate::domain::Moment;

use super::{PRIORITIES, STATUSES, TRACKERS};

/// Number of the key's own user.
pub(super) const ME: u64 = 4;

/// Number of the group that the key's own user is in.
pub(super) const OPERATORS: u64 = 90;

/// Number of the first person of the roster.
const FIRST: u64 = 5;

/// A change comes in this often.
const EVERY: i64 = 40;

/// Journals of an issue that are kept; a demo may run for days.
const KEPT: usize = 60;

/// Projects, people and issues.
#[derive(Debug)]
pub(in crate::demo) struct Desk {
    pub(super) projects: Vec<Project>,
    /// Logins and names; the place tells the number.
    pub(super) people: Vec<(String, String)>,
    /// Numbers of those whose accounts are locked.
    pub(super) locked: Vec<u64>,
    /// By number.
    pub(super) issues: BTreeMap<u64, Issue>,
    journals: u64,
    came: i64,
}

/// A project.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) id: u64,
    pub(super) identifier: String,
    pub(super) name: String,
    pub(super) description: String,
    /// Numbers of people and their role.
    pub(super) members: Vec<(u64, String)>,
}

/// An issue.
#[derive(Debug)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) project: u64,
    pub(super) tracker: u64,
    pub(super) status: u64,
    pub(super) priority: u64,
    pub(super) author: u64,
    pub(super) assigned: Option<u64>,
    pub(super) subject: String,
    pub(super) description: String,
    pub(super) private: bool,
    pub(super) done: u8,
    pub(super) fields: Vec<(String, String)>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) closed: Option<i64>,
    pub(super) due: Option<i64>,
    pub(super) parent: Option<u64>,
    /// Kind and the issue at the other end.
    pub(super) relations: Vec<(String, u64)>,
    pub(super) files: Vec<IssueFile>,
    /// Spent and estimated.
    pub(super) hours: Option<[f64; 2]>,
    pub(super) category: Option<String>,
    pub(super) version: Option<String>,
    /// By the key's own user.
    pub(super) watched: bool,
    /// Oldest first.
    pub(super) journals: Vec<Journal>,
}

/// An entry in an issue's history.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) id: u64,
    pub(super) user: u64,
    pub(super) at: i64,
    pub(super) notes: String,
    pub(super) private: bool,
    /// Attribute, old and new value, as Redmine keeps them.
    pub(super) details: Vec<(&'static str, Option<String>, Option<String>)>,
}

impl Desk {
    /// As it is at the start.
    pub(in crate::demo) fn new(sample: &Sample, start: i64, scenario: Scenario) -> Self {
        let people: Vec<(String, String)> = sample
            .team
            .iter()
            .chain(&sample.desk.person)
            .map(|member| (member.login.clone(), member.name.clone()))
            .collect();
        let mut desk = Self {
            projects: Vec::new(),
            people,
            locked: Vec::new(),
            issues: BTreeMap::new(),
            journals: 1200,
            came: 0,
        };
        let locked = sample.desk.locked.iter();
        desk.locked = locked.filter_map(|login| desk.person(login)).collect();
        for project in &sample.desk.project {
            let members = project.members.iter();
            desk.projects.push(Project {
                id: project.id,
                identifier: project.identifier.clone(),
                name: project.name.clone(),
                description: project.description.clone(),
                members: members
                    .filter_map(|(login, role)| Some((desk.person(login)?, role.clone())))
                    .collect(),
            });
        }
        for written in &sample.desk.issue {
            if written.outage && scenario == Scenario::Calm {
                continue;
            }
            let issue = desk.settle(written, start);
            desk.issues.insert(issue.id, issue);
        }
        desk
    }

    fn settle(&mut self, written: &Written, start: i64) -> Issue {
        let created = start - written.age.0;
        let mut journals = Vec::new();
        for entry in &written.journal {
            self.journals += 1;
            journals.push(self.journal(entry, start - entry.age.0));
        }
        let status = status(&written.status);
        let closes = STATUSES
            .iter()
            .any(|(id, _, closed)| *id == status && *closed);
        let updated = journals.last().map_or(created, |last| last.at);
        let project = self.project(&written.project);
        Issue {
            id: written.id,
            project: project.map_or(1, |project| project.id),
            tracker: number(&TRACKERS, written.tracker.as_deref().unwrap_or("Task")),
            status,
            priority: number(&PRIORITIES, written.priority.as_deref().unwrap_or("Normal")),
            author: self.person(&written.author).unwrap_or(ME),
            assigned: written
                .assigned
                .as_deref()
                .and_then(|login| self.person(login)),
            subject: written.subject.clone(),
            description: written.description.clone(),
            private: written.private,
            done: written.done,
            fields: written.field.clone().into_iter().collect(),
            created,
            updated,
            closed: closes.then_some(updated),
            due: written.due.map(|due| start - due.0),
            parent: written.parent,
            relations: (written.relation.iter())
                .flat_map(|(kind, others)| others.iter().map(|other| (kind.clone(), *other)))
                .collect(),
            files: written.file.clone(),
            hours: written.hours,
            category: written.category.clone(),
            version: written.version.clone(),
            watched: written.watched,
            journals,
        }
    }

    fn journal(&self, entry: &Entry, at: i64) -> Journal {
        let filled = |text: String| (!text.is_empty()).then_some(text);
        let mut details = Vec::new();
        if let Some([old, new]) = &entry.status {
            let id = |name: &str| Some(status(name).to_string());
            details.push(("status_id", id(old), id(new)));
        }
        if let Some([old, new]) = &entry.assigned {
            let id = |login: &str| {
                let number = self.person(login).map(|number| number.to_string());
                filled(number.unwrap_or_default())
            };
            details.push(("assigned_to_id", id(old), id(new)));
        }
        if let Some([old, new]) = entry.done {
            details.push(("done_ratio", Some(old.to_string()), Some(new.to_string())));
        }
        Journal {
            id: self.journals,
            user: self.person(&entry.by).unwrap_or(ME),
            at,
            notes: entry.note.clone(),
            private: entry.private,
            details,
        }
    }

    /// Lets come in what is due by now.
    pub(super) fn advance(&mut self, sample: &Sample, start: i64, now: i64) {
        let due = (now - start).max(0) / EVERY;
        // After a long sleep only the last few are of interest.
        self.came = self.came.max(due - 200);
        while self.came < due {
            self.came += 1;
            let coming = &sample.desk.coming;
            let place = usize::try_from(self.came - 1).unwrap_or(0) % coming.len().max(1);
            if let Some(coming) = coming.get(place) {
                self.apply(coming, start + self.came * EVERY);
            }
        }
    }

    fn apply(&mut self, coming: &Coming, at: i64) {
        let user = self.person(&coming.by).unwrap_or(ME);
        let assigned = coming.assigned.as_deref().map(|login| self.person(login));
        self.journals += 1;
        let id = self.journals;
        let Some(issue) = self.issues.get_mut(&coming.issue) else {
            return;
        };
        let mut details = Vec::new();
        if let Some(new) = coming.status.as_deref().map(status)
            && new != issue.status
        {
            details.push((
                "status_id",
                Some(issue.status.to_string()),
                Some(new.to_string()),
            ));
            issue.status = new;
            let closes = STATUSES.iter().any(|(id, _, closed)| *id == new && *closed);
            // It stays after reopening.
            issue.closed = if closes { Some(at) } else { issue.closed };
        }
        if let Some(new) = assigned
            && new != issue.assigned
        {
            let text = |id: Option<u64>| id.map(|id| id.to_string());
            details.push(("assigned_to_id", text(issue.assigned), text(new)));
            issue.assigned = new;
        }
        if let Some(new) = coming.done
            && new != issue.done
        {
            details.push((
                "done_ratio",
                Some(issue.done.to_string()),
                Some(new.to_string()),
            ));
            issue.done = new;
        }
        issue.updated = at;
        if coming.note.is_empty() && details.is_empty() {
            // As an empty PUT: the moment moves, nothing is written down.
            return;
        }
        issue.journals.push(Journal {
            id,
            user,
            at,
            notes: coming.note.clone(),
            private: false,
            details,
        });
        if issue.journals.len() > KEPT {
            issue.journals.remove(0);
        }
    }

    /// An issue by number.
    pub(super) fn issue(&self, id: u64) -> Option<&Issue> {
        self.issues.get(&id)
    }

    /// A project by identifier or number.
    pub(super) fn project(&self, name: &str) -> Option<&Project> {
        self.projects
            .iter()
            .find(|project| project.identifier == name || project.id.to_string() == name)
    }

    /// Number of a person.
    pub(super) fn person(&self, login: &str) -> Option<u64> {
        if login == "operators" {
            return Some(OPERATORS);
        }
        let place = self.people.iter().position(|(known, _)| known == login)?;
        Some(FIRST + u64::try_from(place).ok()?)
    }

    /// Name of a person.
    pub(super) fn name(&self, id: u64) -> &str {
        if id == OPERATORS {
            return "Operators";
        }
        id.checked_sub(FIRST)
            .and_then(|place| self.people.get(usize::try_from(place).ok()?))
            .map_or("Vigie Dashboard", |(_, name)| name)
    }
}

fn status(name: &str) -> u64 {
    STATUSES
        .iter()
        .find(|(_, known, _)| *known == name)
        .map_or(1, |(id, ..)| *id)
}

fn number(names: &[&str], name: &str) -> u64 {
    let place = names.iter().position(|known| *known == name).unwrap_or(0);
    u64::try_from(place + 1).unwrap_or(1)
}

/// `2026-11-21T20:06:19Z`
pub(super) fn stamp(seconds: i64) -> String {
    Moment::from_millis(seconds * 1000).rfc3339()
}

/// `2026-11-21`
pub(super) fn day(seconds: i64) -> String {
    let stamp = Moment::from_millis(seconds * 1000).timestamp();
    stamp.strftime("%Y-%m-%d").to_string()
}
