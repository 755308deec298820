//! Issues, projects and members in the words of the wire.

use serde_json::{Value, json};

use super::desk::{Desk, Issue, Journal, Project, day, stamp};
use super::{PRIORITIES, STATUSES, TRACKERS};

/// Words what is on the desk.
pub(super) struct Writer<'a> {
    pub(super) desk: &'a Desk,
    /// This text ends every name, subject and note.
    pub(super) hostile: Option<&'a str>,
}

impl Writer<'_> {
    /// An issue as lists have it. Unset fields are absent, not null, and so are empty custom fields.
    pub(super) fn row(&self, issue: &Issue, include: &str) -> Value {
        let (status, name, closed) = STATUSES
            .iter()
            .find(|(id, ..)| *id == issue.status)
            .copied()
            .unwrap_or((1, "New", false));
        let project = self
            .desk
            .projects
            .iter()
            .find(|project| project.id == issue.project);
        let mut row = json!({
            "id": issue.id,
            "project": {"id": issue.project, "name": project.map_or("", |project| project.name.as_str())},
            "tracker": named(&TRACKERS, issue.tracker),
            "status": {"id": status, "name": name, "is_closed": closed},
            "priority": named(&PRIORITIES, issue.priority),
            "author": self.person(issue.author),
            "subject": self.text(&issue.subject),
            // The web form sends CRLF.
            "description": issue.description.replace('\n', "\r\n"),
            "start_date": day(issue.created),
            "due_date": issue.due.map(day),
            "done_ratio": issue.done,
            "is_private": issue.private,
            "estimated_hours": null,
            "total_estimated_hours": null,
            "spent_hours": 0.0,
            "total_spent_hours": 0.0,
            "created_on": stamp(issue.created),
            "updated_on": stamp(issue.updated),
            "closed_on": issue.closed.map(stamp),
        });
        if let Some(assigned) = issue.assigned {
            row["assigned_to"] = self.person(assigned);
        }
        if !issue.fields.is_empty() {
            let fields = issue.fields.iter().enumerate();
            row["custom_fields"] = fields
                .map(
                    |(place, (name, value))| json!({"id": place + 1, "name": name, "value": value}),
                )
                .collect();
        }
        for part in ["attachments", "relations"] {
            if include.split(',').any(|wanted| wanted == part) {
                row[part] = json!([]);
            }
        }
        row
    }

    /// An issue on its own.
    pub(super) fn detail(&self, issue: &Issue, include: &str) -> Value {
        let mut detail = self.row(issue, "");
        let wants = |part: &str| include.split(',').any(|wanted| wanted == part);
        if wants("journals") {
            // Newest first: the preference of the key's user.
            detail["journals"] = issue
                .journals
                .iter()
                .rev()
                .map(|journal| self.journal(journal))
                .collect();
        }
        if wants("attachments") {
            detail["attachments"] = if issue.id == 482 {
                json!([{
                    "id": 31, "filename": "smartctl-sdb.txt", "filesize": 5120, "content_type": "text/plain",
                    "description": "", "content_url": "http://127.0.0.1/attachments/download/31/smartctl-sdb.txt",
                    "author": self.person(issue.author), "created_on": stamp(issue.created),
                }])
            } else {
                json!([])
            };
        }
        for part in ["children", "watchers"] {
            if wants(part) {
                detail[part] = json!([]);
            }
        }
        if wants("allowed_statuses") {
            detail["allowed_statuses"] = STATUSES
                .iter()
                .map(|(id, name, closed)| json!({"id": id, "name": name, "is_closed": closed}))
                .collect();
        }
        detail
    }

    fn journal(&self, journal: &Journal) -> Value {
        let details: Vec<Value> = journal
            .details
            .iter()
            .map(|(name, old, new)| {
                json!({"property": "attr", "name": name, "old_value": old, "new_value": new})
            })
            .collect();
        // Without a note it is null or empty, as it happens.
        let notes = match journal.notes.as_str() {
            "" if journal.id.is_multiple_of(2) => Value::Null,
            "" => json!(""),
            text => json!(self.text(text)),
        };
        json!({
            "id": journal.id,
            "user": self.person(journal.user),
            "notes": notes,
            "created_on": stamp(journal.at),
            "private_notes": journal.private,
            "details": details,
        })
    }

    /// A project.
    pub(super) fn project(&self, project: &Project) -> Value {
        json!({
            "id": project.id, "name": self.text(&project.name), "identifier": project.identifier,
            "description": project.description, "status": 1, "is_public": false, "inherit_members": false,
            "created_on": "2019-03-02T09:12:44Z", "updated_on": "2026-01-11T18:30:02Z",
        })
    }

    /// Members of a project, with the team itself as a group.
    pub(super) fn memberships(&self, project: &Project) -> Vec<Value> {
        let place = json!({"id": project.id, "name": self.text(&project.name)});
        let mut members = vec![json!({
            "id": project.id * 100, "project": place,
            "group": {"id": 90, "name": "Operators"}, "roles": [{"id": 5, "name": "Reporter"}],
        })];
        for (number, role) in &project.members {
            let id = match role.as_str() {
                "Manager" => 3,
                "Developer" => 4,
                _ => 5,
            };
            members.push(json!({
                "id": project.id * 100 + number, "project": place,
                "user": self.person(*number), "roles": [{"id": id, "name": role}],
            }));
        }
        members
    }

    /// An account as everybody sees it; those that are locked are shown to administrators only.
    pub(super) fn account(&self, id: u64) -> Option<Value> {
        let at = self
            .desk
            .people
            .iter()
            .position(|(login, _)| self.desk.person(login) == Some(id))?;
        let (login, name) = self.desk.people.get(at)?;
        let (first, last) = name.split_once(' ').unwrap_or(("", name));
        (!self.desk.locked.contains(&id)).then(|| {
            json!({
                "id": id, "login": login, "firstname": self.text(first), "lastname": self.text(last),
                "created_on": "2019-03-02T09:12:44Z", "updated_on": "2026-01-11T18:30:02Z",
                "last_login_on": "2026-01-11T18:30:02Z", "passwd_changed_on": "2026-01-11T18:30:02Z",
            })
        })
    }

    fn person(&self, id: u64) -> Value {
        json!({"id": id, "name": self.text(self.desk.name(id))})
    }

    fn text(&self, text: &str) -> String {
        format!("{text}{}", self.hostile.unwrap_or_default())
    }
}

fn named(names: &[&str], id: u64) -> Value {
    let place = usize::try_from(id).unwrap_or(1).saturating_sub(1);
    json!({"id": id, "name": names.get(place)})
}
