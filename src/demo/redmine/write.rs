//! Issues, projects and members in the words of the wire.

use serde_json::{Value, json};

use super::desk::{Desk, Issue, Journal, OPERATORS, Project, day, stamp};
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
            "estimated_hours": issue.hours.map(|hours| hours[1]),
            "total_estimated_hours": issue.hours.map(|hours| hours[1]),
            "spent_hours": issue.hours.map_or(0.0, |hours| hours[0]),
            "total_spent_hours": issue.hours.map_or(0.0, |hours| hours[0]),
            "created_on": stamp(issue.created),
            "updated_on": stamp(issue.updated),
            "closed_on": issue.closed.map(stamp),
        });
        if let Some(parent) = issue.parent {
            row["parent"] = json!({ "id": parent });
        }
        for (part, name) in [
            ("category", &issue.category),
            ("fixed_version", &issue.version),
        ] {
            if let Some(name) = name {
                row[part] = json!({"id": name.len(), "name": self.text(name)});
            }
        }
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
            let files = issue.files.iter().zip(issue.id * 10..);
            detail["attachments"] = files
                .map(|(file, id)| {
                    json!({
                        "id": id, "filename": self.text(&file.name), "filesize": file.bytes,
                        "content_type": "text/plain", "description": self.text(&file.about),
                        "content_url": format!("http://127.0.0.1/attachments/download/{id}/{}", file.name),
                        "author": self.person(issue.author), "created_on": stamp(issue.created),
                    })
                })
                .collect();
        }
        // Without any it is absent.
        let relations = self.relations(issue.id);
        if wants("relations") && !relations.is_empty() {
            detail["relations"] = Value::Array(relations);
        }
        if wants("children") {
            detail["children"] = Value::Array(self.children(issue.id));
        }
        for part in ["watchers"] {
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

    /// Relations from and to an issue, each as it was made.
    fn relations(&self, id: u64) -> Vec<Value> {
        let all = self.desk.issues.values();
        let all = all.flat_map(|from| from.relations.iter().map(move |made| (from.id, made)));
        all.filter(|(from, (_, to))| *from == id || *to == id)
            .map(|(from, (kind, to))| {
                json!({
                    "id": from * 1000 + to, "issue_id": from, "issue_to_id": to,
                    "relation_type": kind, "delay": null,
                })
            })
            .collect()
    }

    /// Parts of an issue with their own parts. The sample has no ring.
    fn children(&self, id: u64) -> Vec<Value> {
        let parts = self
            .desk
            .issues
            .values()
            .filter(|issue| issue.parent == Some(id));
        parts
            .map(|issue| {
                let mut child = json!({
                    "id": issue.id, "tracker": named(&TRACKERS, issue.tracker),
                    "subject": self.text(&issue.subject),
                });
                let below = self.children(issue.id);
                if !below.is_empty() {
                    child["children"] = Value::Array(below);
                }
                child
            })
            .collect()
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
            "group": {"id": OPERATORS, "name": "Operators"}, "roles": [{"id": 5, "name": "Reporter"}],
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
