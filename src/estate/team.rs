//! The team: people of the roster, members in Redmine, joined by name.

use std::collections::HashMap;

use crate::domain::person::{Group, Shift};
use crate::domain::{Batch, Key, Reading, SourceId, SourceKind, Text};

use super::join::place;
use super::{Estate, Place, TicketRow};

/// A member of the team.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    /// Full name.
    pub name: Text,
    /// Login, where the roster tells.
    pub login: Option<Text>,
    /// The source that names the person: the roster, else Redmine.
    pub source: SourceId,
    /// Entry in the roster.
    pub roster: Option<Place>,
    /// Roles in Redmine's projects: project and roles. Empty when not a member anywhere.
    pub memberships: Vec<(Text, Text)>,
    /// Current and coming shifts, sorted by start.
    pub shifts: Vec<Shift>,
    /// Open tickets assigned.
    pub open_tickets: u32,
}

impl PersonRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Person(self.login.clone().unwrap_or_else(|| self.name.clone()))
    }
}

/// A group of the team and how many are in it.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// The group.
    pub group: Group,
    /// The roster it is in.
    pub source: SourceId,
    /// Members.
    pub members: u32,
}

impl GroupRow {
    /// Whether its size is within its own rule.
    pub fn size_is_right(&self) -> bool {
        self.group
            .at_least
            .is_none_or(|least| self.members >= least)
            && self.group.at_most.is_none_or(|most| self.members <= most)
    }
}

/// All people: the roster in its order, then members of Redmine projects that are not in it.
pub fn rows(estate: &Estate, tickets: &[TicketRow]) -> (Vec<PersonRow>, Vec<GroupRow>) {
    let mut open: HashMap<&str, u32> = HashMap::new();
    for row in tickets.iter().filter(|t| !t.closed) {
        if let Some(assignee) = &row.ticket.assignee {
            *open.entry(&assignee.name).or_default() += 1;
        }
    }
    let mut people: Vec<PersonRow> = Vec::new();
    let mut groups = Vec::new();
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Roster)
    {
        let Some(Batch::Roster(roster)) = source.feed(Reading::Roster).and_then(super::Feed::batch)
        else {
            continue;
        };
        for (index, person) in roster.people.iter().enumerate() {
            people.push(PersonRow {
                name: person.name.clone(),
                login: Some(person.login.clone()),
                source: source.id,
                roster: Some(place(source.id, index)),
                memberships: Vec::new(),
                shifts: roster
                    .shifts
                    .iter()
                    .filter(|s| s.login == person.login)
                    .cloned()
                    .collect(),
                open_tickets: 0,
            });
        }
        groups.extend(roster.groups.iter().map(|group| {
            GroupRow {
                group: group.clone(),
                source: source.id,
                members: count(
                    roster
                        .people
                        .iter()
                        .filter(|p| p.roles.iter().any(|r| r.group == group.id))
                        .count(),
                ),
            }
        }));
    }
    let mut by_name: HashMap<String, usize> = people
        .iter()
        .enumerate()
        .map(|(i, p)| (p.name.to_lowercase(), i))
        .collect();
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Redmine)
    {
        let Some(Batch::Projects(projects)) =
            source.feed(Reading::Projects).and_then(super::Feed::batch)
        else {
            continue;
        };
        for project in &projects.projects {
            for member in project.members.iter().flatten().filter(|m| !m.group) {
                let at = *by_name
                    .entry(member.who.name.to_lowercase())
                    .or_insert_with(|| {
                        people.push(PersonRow {
                            name: member.who.name.clone(),
                            login: None,
                            source: source.id,
                            roster: None,
                            memberships: Vec::new(),
                            shifts: Vec::new(),
                            open_tickets: 0,
                        });
                        people.len() - 1
                    });
                if let Some(person) = people.get_mut(at) {
                    let roles: Vec<&str> = member.roles.iter().map(Text::as_str).collect();
                    person
                        .memberships
                        .push((project.name.clone(), Text::clean(&roles.join(", "))));
                }
            }
        }
    }
    for person in &mut people {
        person.open_tickets = open.get(&*person.name).copied().unwrap_or(0);
    }
    (people, groups)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
