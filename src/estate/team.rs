//! The team: people of the roster, members in Redmine, joined by login.
//!
//! A locked account does not tell its login to anyone but administrators, so it is joined by name, and so is
//! whoever has the same full name under another login: that is told as a mismatch.

use std::collections::HashMap;

use crate::domain::person::{Date, Group, Shift};
use crate::domain::ticket::{Account, Projects};
use crate::domain::{Batch, Key, Moment, Reading, SourceId, SourceKind, Text};

use super::join::place;
use super::{Estate, Place, TicketRow};

/// A member of the team.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    /// Full name.
    pub name: Text,
    /// Login, where anybody tells: the roster, else Redmine.
    pub login: Option<Text>,
    /// The source that names the person: the roster, else Redmine.
    pub source: SourceId,
    /// Entry in the roster.
    pub roster: Option<Place>,
    /// Accounts in Redmine, one of each server.
    pub accounts: Vec<AccountRow>,
    /// Roles in Redmine's projects: project and roles. Empty when not a member anywhere.
    pub memberships: Vec<(Text, Text)>,
    /// Current and coming shifts, sorted by start.
    pub shifts: Vec<Shift>,
    /// Open tickets assigned.
    pub open_tickets: u32,
    /// Of those the ones whose due day is over.
    pub overdue_tickets: u32,
    /// Last change made in Redmine, as far as the changes read tell.
    pub changed: Option<Moment>,
}

/// An account in Redmine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The Redmine.
    pub source: SourceId,
    /// Number of the account.
    pub id: u64,
    /// Login there, where it is told.
    pub login: Option<Text>,
    /// It may not log in; `None` when nobody told.
    pub locked: Option<bool>,
    /// Groups there, where they are told.
    pub groups: Vec<Text>,
}

impl PersonRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Person(self.login.clone().unwrap_or_else(|| self.name.clone()))
    }

    /// Whether an account is locked.
    pub fn is_locked(&self) -> bool {
        self.accounts.iter().any(|a| a.locked == Some(true))
    }

    /// The shift that goes on now; the one that ends last when there are several.
    pub fn on_call(&self, now: Moment) -> Option<&Shift> {
        self.shifts
            .iter()
            .filter(|shift| shift.from <= now && now < shift.until)
            .max_by_key(|shift| shift.until)
    }

    /// The next shift to come.
    pub fn next_shift(&self, now: Moment) -> Option<&Shift> {
        self.shifts.iter().find(|shift| shift.from > now)
    }

    fn new(name: &Text, source: SourceId) -> Self {
        Self {
            name: name.clone(),
            login: None,
            source,
            roster: None,
            accounts: Vec::new(),
            memberships: Vec::new(),
            shifts: Vec::new(),
            open_tickets: 0,
            overdue_tickets: 0,
            changed: None,
        }
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

/// All people: the roster in its order, then members of Redmine projects that are not in it. Tickets are overdue when
/// their due day lies before `today`.
pub fn rows(
    estate: &Estate,
    tickets: &[TicketRow],
    today: Date,
) -> (Vec<PersonRow>, Vec<GroupRow>) {
    let mut team = Team::default();
    for source in &estate.sources {
        if let Some(Batch::Roster(roster)) =
            source.feed(Reading::Roster).and_then(super::Feed::batch)
        {
            team.add_roster(source.id, roster);
        }
    }
    for source in &estate.sources {
        if source.kind == SourceKind::Redmine
            && let Some(Batch::Projects(projects)) =
                source.feed(Reading::Projects).and_then(super::Feed::batch)
        {
            team.add_redmine(source.id, projects);
        }
    }
    team.count_tickets(tickets, today);
    team.note_changes(estate);
    (team.people, team.groups)
}

#[derive(Default)]
struct Team {
    people: Vec<PersonRow>,
    groups: Vec<GroupRow>,
    /// Positions in `people` by login and by name, in lower case. Of namesakes none is meant.
    by_login: HashMap<String, usize>,
    by_name: HashMap<String, Option<usize>>,
    by_account: HashMap<(SourceId, u64), usize>,
}

impl Team {
    fn add_roster(&mut self, source: SourceId, roster: &crate::domain::person::Roster) {
        for (index, person) in roster.people.iter().enumerate() {
            let shifts = roster.shifts.iter().filter(|s| s.login == person.login);
            self.push(PersonRow {
                login: Some(person.login.clone()),
                roster: Some(place(source, index)),
                shifts: shifts.cloned().collect(),
                ..PersonRow::new(&person.name, source)
            });
        }
        self.groups.extend(roster.groups.iter().map(|group| {
            let is_in =
                |roles: &[crate::domain::person::Role]| roles.iter().any(|r| r.group == group.id);
            GroupRow {
                group: group.clone(),
                source,
                members: count(roster.people.iter().filter(|p| is_in(&p.roles)).count()),
            }
        }));
    }

    fn push(&mut self, row: PersonRow) -> usize {
        let at = self.people.len();
        if let Some(login) = &row.login {
            self.by_login.entry(login.to_lowercase()).or_insert(at);
        }
        self.by_name
            .entry(row.name.to_lowercase())
            .and_modify(|known| *known = None)
            .or_insert(Some(at));
        self.people.push(row);
        at
    }

    fn add_redmine(&mut self, source: SourceId, projects: &Projects) {
        let accounts: HashMap<u64, &Account> =
            projects.accounts.iter().map(|a| (a.id, a)).collect();
        let me = projects.me.as_ref().map(|me| me.id);
        for project in &projects.projects {
            for member in project.members.iter().flatten().filter(|m| !m.group) {
                // The dashboard's own account is nobody of the team, unless the roster says so.
                let account = accounts.get(&member.who.id).copied();
                let Some(at) = self.person_of(source, &member.who, account, me) else {
                    continue;
                };
                if let Some(person) = self.people.get_mut(at) {
                    let roles: Vec<&str> = member.roles.iter().map(Text::as_str).collect();
                    let mut roles = roles.join(", ");
                    if member.inherited {
                        roles.push_str(" (by a group)");
                    }
                    person
                        .memberships
                        .push((project.name.clone(), Text::clean(&roles)));
                }
            }
        }
    }

    /// The position of the person whom an account belongs to; added when nobody fits.
    fn person_of(
        &mut self,
        source: SourceId,
        who: &crate::domain::ticket::Named,
        account: Option<&Account>,
        me: Option<u64>,
    ) -> Option<usize> {
        if let Some(at) = self.by_account.get(&(source, who.id)) {
            return Some(*at);
        }
        let login = account.and_then(|a| a.login.as_ref());
        let has_none_here = |at: &usize| {
            let row = self.people.get(*at);
            row.is_some_and(|row| row.accounts.iter().all(|a| a.source != source))
        };
        let by_login = login.and_then(|login| self.by_login.get(&login.to_lowercase()));
        let by_name = || {
            self.by_name
                .get(&who.name.to_lowercase())
                .copied()
                .flatten()
        };
        let found = by_login.copied().or_else(by_name).filter(has_none_here);
        if found.is_none() && me == Some(who.id) {
            return None;
        }
        let at = found.unwrap_or_else(|| {
            self.push(PersonRow {
                login: login.cloned(),
                ..PersonRow::new(&who.name, source)
            })
        });
        self.by_account.insert((source, who.id), at);
        if let Some(row) = self.people.get_mut(at) {
            row.accounts.push(AccountRow {
                source,
                id: who.id,
                login: login.cloned(),
                locked: account.and_then(|a| a.locked),
                groups: account.map(|a| a.groups.clone()).unwrap_or_default(),
            });
        }
        Some(at)
    }

    fn count_tickets(&mut self, tickets: &[TicketRow], today: Date) {
        for row in tickets {
            if let Some(author) = &row.ticket.author
                && let Some(person) = self.known(row.source, author)
            {
                person.changed = person.changed.max(row.ticket.created);
            }
            if row.closed {
                continue;
            }
            if let Some(assignee) = &row.ticket.assignee
                && let Some(person) = self.known(row.source, assignee)
            {
                person.open_tickets += 1;
                if row.ticket.due.is_some_and(|due| due < today) {
                    person.overdue_tickets += 1;
                }
            }
        }
    }

    /// Who changed something last, as the logs of tickets tell.
    fn note_changes(&mut self, estate: &Estate) {
        for source in &estate.sources {
            let Some(Batch::Changes(changes)) =
                source.feed(Reading::Changes).and_then(super::Feed::batch)
            else {
                continue;
            };
            for entry in changes.logs.iter().flat_map(|log| &log.entries) {
                if let Some(author) = &entry.author
                    && let Some(person) = self.known(source.id, author)
                {
                    person.changed = person.changed.max(entry.at);
                }
            }
        }
    }

    /// The person of an account; by name where no account was told.
    fn known(
        &mut self,
        source: SourceId,
        who: &crate::domain::ticket::Named,
    ) -> Option<&mut PersonRow> {
        let at = match self.by_account.get(&(source, who.id)) {
            Some(at) => *at,
            None => (*self.by_name.get(&who.name.to_lowercase())?)?,
        };
        self.people.get_mut(at)
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
