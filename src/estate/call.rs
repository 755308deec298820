//! Who to call about a row: owner, then who is on call, then the group; nobody who is away.

use std::collections::HashSet;

use crate::domain::person::{Date, Person};
use crate::domain::{Key, Moment, Text};

use super::{Estate, PersonRow};

/// Somebody to call, and why this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The person.
    pub person: Key,
    /// Full name.
    pub name: Text,
    /// Why.
    pub because: Because,
}

/// Why somebody is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Owns the thing, by this name in the roster.
    Owns(Text),
    /// Owns what the thing runs on: that, and its name in the roster.
    OwnsBelow(Key, Text),
    /// Is on call now for this group, until then.
    OnCall(Text, Moment),
    /// Is in the group of the owner, or of those on call, with this title.
    InGroup(Text, Text),
}

/// Who answers for a row: those to call, and those who would be if they were not away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// First to last, each once.
    pub calls: Vec<Call>,
    /// Owners and people on call who are away, with their last day of it.
    pub away: Vec<(Call, Date)>,
}

/// Who to call about a row, first to last, each once. People who are away today, in their own time
/// zone, are left out.
pub fn who(estate: &Estate, key: &Key, now: Moment) -> Vec<Call> {
    ask(estate, Some(key), now).calls
}

/// Who answers for a row; without one, whoever is on call and their groups.
pub fn ask(estate: &Estate, key: Option<&Key>, now: Moment) -> Answer {
    let mut calls = Calls {
        estate,
        now,
        named: HashSet::new(),
        answer: Answer::default(),
    };
    let things = key.map_or_else(Vec::new, |key| super::chain::ground(estate, key));
    let mut groups: Vec<Text> = Vec::new();
    for (at, thing) in things.iter().enumerate() {
        for owner in estate.joins.owners(thing) {
            let Some(row) = calls.row(owner) else {
                continue;
            };
            // The owner's group answers for it also while the owner is away.
            let of_owner = calls.person(row).map(|p| &p.roles[..]).unwrap_or_default();
            for role in of_owner {
                if !groups.contains(&role.group) {
                    groups.push(role.group.clone());
                }
            }
            let name = owned_as(estate, owner, thing);
            let because = if at == 0 {
                Because::Owns(name)
            } else {
                Because::OwnsBelow(thing.clone(), name)
            };
            calls.add(row, because);
        }
    }
    calls.on_call(|group| groups.contains(group));
    calls.on_call(|_| true);
    if groups.is_empty() {
        let with_shifts = estate.people.iter().flat_map(|p| &p.shifts);
        for shift in with_shifts {
            if !groups.contains(&shift.group) {
                groups.push(shift.group.clone());
            }
        }
    }
    for group in &groups {
        calls.members(group);
    }
    calls.answer
}

/// Whether somebody is away at `now`, by the calendar of their own time zone.
pub fn is_away(person: &Person, now: Moment) -> bool {
    away_until(person, now).is_some()
}

/// The last day of the absence that goes on at `now`, by the calendar of their own time zone.
pub fn away_until(person: &Person, now: Moment) -> Option<Date> {
    let today = now.timestamp().to_zoned(zone_of(person)).date();
    person
        .away
        .iter()
        .filter(|(from, to)| (*from..=*to).contains(&today))
        .map(|(_, to)| *to)
        .max()
}

/// Where somebody lives; UTC when nobody told.
pub fn zone_of(person: &Person) -> jiff::tz::TimeZone {
    person
        .zone
        .as_deref()
        .and_then(|zone| jiff::tz::TimeZone::get(zone).ok())
        .unwrap_or(jiff::tz::TimeZone::UTC)
}

/// The name by which somebody owns a thing.
fn owned_as(estate: &Estate, owner: &Key, thing: &Key) -> Text {
    estate
        .joins
        .sure(owner)
        .find(|join| join.to == *thing)
        .and_then(|join| match &join.reason {
            super::Reason::Owns(name) => Some(name.clone()),
            _ => None,
        })
        .unwrap_or_else(|| Text::clean(""))
}

struct Calls<'a> {
    estate: &'a Estate,
    now: Moment,
    named: HashSet<Key>,
    answer: Answer,
}

impl<'a> Calls<'a> {
    fn row(&self, key: &Key) -> Option<&'a PersonRow> {
        self.estate.people.iter().find(|row| row.key() == *key)
    }

    fn person(&self, row: &PersonRow) -> Option<&'a Person> {
        row.roster.and_then(|at| self.estate.person(at))
    }

    fn add(&mut self, row: &PersonRow, because: Because) {
        if !self.named.insert(row.key()) {
            return;
        }
        let in_group = matches!(because, Because::InGroup(..));
        let call = Call {
            person: row.key(),
            name: row.name.clone(),
            because,
        };
        match self.person(row).and_then(|p| away_until(p, self.now)) {
            None => self.answer.calls.push(call),
            // That one of many in a group is away is no news.
            Some(_) if in_group => {}
            Some(until) => self.answer.away.push((call, until)),
        }
    }

    /// Who is on call now for the groups that are wanted.
    fn on_call(&mut self, wanted: impl Fn(&Text) -> bool) {
        let estate = self.estate;
        for row in &estate.people {
            let shift = row
                .shifts
                .iter()
                .find(|s| wanted(&s.group) && s.from <= self.now && self.now < s.until);
            if let Some(shift) = shift {
                self.add(row, Because::OnCall(shift.group.clone(), shift.until));
            }
        }
    }

    /// Members of a group: those with an office first, in the roster's order.
    fn members(&mut self, group: &Text) {
        let estate = self.estate;
        for plain in [false, true] {
            for row in &estate.people {
                let role = self
                    .person(row)
                    .and_then(|p| p.roles.iter().find(|r| r.group == *group));
                if let Some(role) = role.filter(|r| (&*r.title == "member") == plain) {
                    self.add(row, Because::InGroup(group.clone(), role.title.clone()));
                }
            }
        }
    }
}
