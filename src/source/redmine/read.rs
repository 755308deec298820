//! From what Redmine sends to tickets: pure functions.

pub(super) mod change;
pub(super) mod log;
mod parts;

use crate::domain::person::Date;
use crate::domain::ticket::{
    Account, Journal, Markup, Membership, Named, Project, Ticket, TicketDetail,
};
use crate::domain::{Moment, Prose, Text};

use super::feed::Page;
use super::names::Names;
use super::wire::{self, Ref, Words, row};

/// Most journals kept of an issue: the newest.
pub(super) const JOURNALS: usize = 200;

/// A page of issues. Rows of projects that were not asked for are left out without counting as broken.
pub(super) fn page(
    sent: &wire::Issues<'_>,
    projects: Option<&[Project]>,
    names: &mut Names,
) -> Page {
    let mut page = Page {
        rows: sent.issues.len() as u64,
        total: sent.total_count,
        ..Page::default()
    };
    for raw in &sent.issues {
        let Some(issue) = row::<wire::Issue<'_>>(raw) else {
            page.skipped += 1;
            continue;
        };
        let ticket = ticket(&issue, names);
        if projects.is_none_or(|wanted| wanted.iter().any(|p| p.id == ticket.project.id)) {
            page.tickets.push(ticket);
        }
    }
    page
}

/// An issue as lists show it. Names that it brings along are remembered.
pub(super) fn ticket(issue: &wire::Issue<'_>, names: &mut Names) -> Ticket {
    names.learn(issue);
    let status = issue.status.as_ref();
    Ticket {
        id: issue.id,
        project: issue.project.as_ref().map_or_else(unknown, named),
        tracker: issue.tracker.as_ref().map(named),
        status: status.map_or_else(unknown, named),
        closed: status.and_then(|status| {
            status
                .is_closed
                .or_else(|| names.closing.get(&status.id).copied())
        }),
        priority: issue.priority.as_ref().map(named),
        author: issue.author.as_ref().map(named),
        assignee: issue.assigned_to.as_ref().map(named),
        subject: issue
            .subject
            .as_deref()
            .map_or_else(|| Text::clean("?"), Text::clean),
        due: issue.due_date.as_deref().and_then(day),
        done: issue
            .done_ratio
            .and_then(|percent| u8::try_from(percent).ok())
            .filter(|&percent| percent <= 100),
        private: issue.is_private.unwrap_or(false),
        created: moment(issue.created_on.as_ref()),
        updated: moment(issue.updated_on.as_ref()),
        fields: fields(issue, names),
        parent: issue.parent.as_ref().map(|parent| parent.id),
    }
}

/// An issue with its history, oldest first. Its markup is not told: the caller knows it.
pub(super) fn detail(issue: &wire::Issue<'_>, names: &mut Names) -> TicketDetail {
    let ticket = ticket(issue, names);
    let sent = issue.journals.as_deref().unwrap_or_default();
    // By number: the order of the answer is a preference of the key's user.
    let mut journals: Vec<wire::Journal<'_>> = sent.iter().filter_map(|raw| row(raw)).collect();
    journals.sort_by_key(|journal| journal.id);
    let newest = journals.split_off(journals.len().saturating_sub(JOURNALS));
    for journal in &newest {
        if let Some(user) = &journal.user {
            names.person(user);
        }
    }
    TicketDetail {
        ticket,
        description: Prose::clean(
            issue
                .description
                .and_then(row::<Words<'_>>)
                .as_deref()
                .unwrap_or_default(),
        ),
        left_out: u32::try_from(sent.len() - newest.len()).unwrap_or(u32::MAX),
        journals: newest.iter().map(|entry| journal(entry, names)).collect(),
        markup: Markup::Textile,
        attachments: parts::attachments(issue),
        relations: parts::relations(issue),
        children: parts::children(issue),
        category: issue.category.as_ref().map(|category| named(category).name),
        version: issue
            .fixed_version
            .as_ref()
            .map(|version| named(version).name),
        start: issue.start_date.as_deref().and_then(day),
        estimated: parts::hours(issue.total_estimated_hours.or(issue.estimated_hours)),
        spent: parts::hours(issue.total_spent_hours.or(issue.spent_hours)),
    }
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// A project, its members not read.
pub(super) fn project(project: &wire::Project<'_>, names: &mut Names) -> Project {
    names.projects.learn(project.id, project.name.as_ref());
    Project {
        id: project.id,
        identifier: project
            .identifier
            .as_deref()
            .map_or_else(|| Text::clean(&project.id.to_string()), Text::clean),
        name: name_of(project.id, project.name.as_ref()),
        parent: project.parent.as_ref().map(|parent| parent.id),
        members: None,
    }
}

/// A member of a project; nothing when it is neither person nor group.
pub(super) fn membership(raw: &wire::Membership<'_>, names: &mut Names) -> Option<Membership> {
    let (who, group) = match (&raw.user, &raw.group) {
        (Some(user), _) => (user, false),
        (None, Some(group)) => (group, true),
        (None, None) => return None,
    };
    if group {
        names.people.learn(who.id, who.name.as_ref());
    } else {
        names.person(who);
    }
    let mut roles: Vec<Text> = Vec::new();
    let mut own = false;
    for raw in raw.roles.iter().flatten() {
        let Some(role) = row(raw) else { continue };
        own |= row::<wire::RoleOf>(raw).is_none_or(|of| of.inherited != Some(true));
        let role = named(&role).name;
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    Some(Membership {
        who: named(who),
        group,
        inherited: !own && !roles.is_empty(),
        roles,
    })
}

/// Status of an account that may log in.
const ACTIVE: u64 = 1;

/// The account of somebody else.
pub(super) fn account(user: &wire::Account<'_>) -> Account {
    Account {
        id: user.id,
        login: Text::clean_non_empty(user.login.as_deref().unwrap_or_default()),
        // Who is not active is not found, but by administrators, who are told.
        locked: Some(user.status.is_some_and(|status| status != ACTIVE)),
        groups: user
            .groups
            .iter()
            .flatten()
            .filter_map(|raw| row(raw))
            .map(|group| named(&group).name)
            .collect(),
    }
}

/// A person as the key's own: the full name, else the login.
pub(super) fn me(user: &wire::User<'_>) -> Named {
    let full = [&user.firstname, &user.lastname]
        .into_iter()
        .flatten()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let name = Text::clean_non_empty(&full)
        .or_else(|| Text::clean_non_empty(user.login.as_deref().unwrap_or_default()))
        .unwrap_or_else(|| numbered(user.id));
    Named { id: user.id, name }
}

/// A thing with its name, or its number when it has none.
pub(super) fn named(thing: &Ref<'_>) -> Named {
    Named {
        id: thing.id,
        name: name_of(thing.id, thing.name.as_ref()),
    }
}

fn name_of(id: u64, name: Option<&Words<'_>>) -> Text {
    name.and_then(|name| Text::clean_non_empty(name))
        .unwrap_or_else(|| numbered(id))
}

fn numbered(id: u64) -> Text {
    Text::clean(&format!("#{id}"))
}

fn unknown() -> Named {
    Named {
        id: 0,
        name: Text::clean("?"),
    }
}

fn moment(text: Option<&Words<'_>>) -> Option<Moment> {
    Moment::from_rfc3339(text?)
}

/// Custom fields with a value; several values are joined with commas.
fn fields(issue: &wire::Issue<'_>, names: &mut Names) -> Vec<(Text, Text)> {
    let mut fields = Vec::new();
    for field in issue
        .custom_fields
        .iter()
        .flatten()
        .filter_map(|raw| row::<wire::Field<'_>>(raw))
    {
        names.fields.learn(field.id, field.name.as_ref());
        let Some(raw) = field.value else { continue };
        let value = if let Some(one) = row::<Words<'_>>(raw) {
            Text::clean_non_empty(&one)
        } else if let Some(several) = row::<Vec<Words<'_>>>(raw) {
            let texts: Vec<&str> = several.iter().map(|text| &**text).collect();
            Text::clean_non_empty(&texts.join(", "))
        } else if raw.get() == "null" {
            None
        } else {
            Text::clean_non_empty(raw.get())
        };
        if let Some(value) = value {
            fields.push((name_of(field.id, field.name.as_ref()), value));
        }
    }
    fields
}

fn journal(journal: &wire::Journal<'_>, names: &Names) -> Journal {
    Journal {
        id: journal.id,
        author: journal.user.as_ref().map(named),
        at: moment(journal.created_on.as_ref()),
        note: journal
            .notes
            .as_deref()
            .map(Prose::clean)
            .filter(|note| !note.is_empty()),
        private: journal.private_notes.unwrap_or(false),
        changes: journal
            .details
            .iter()
            .flatten()
            .filter_map(|raw| row::<wire::Detail<'_>>(raw))
            .map(|detail| change::Raw::of(&detail).change(names))
            .collect(),
    }
}
