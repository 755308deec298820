//! The roster's TOML: its shape, and what must hold in it.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::domain::person::{Contact, Group, Person, Role, Roster};
use crate::domain::{Moment, Text};

use super::rota::{HandOver, Rota, Stint};

/// Most mistakes told at once.
const TOLD: usize = 5;

/// A checked roster.
#[derive(Debug)]
pub(super) struct Plan {
    groups: Vec<Group>,
    people: Vec<Person>,
    rotas: Vec<Rota>,
}

impl Plan {
    /// The roster with the shifts that touch the time between `from` and `until`.
    pub(super) fn roster(&self, from: Moment, until: Moment) -> Roster {
        let mut shifts: Vec<_> = self
            .rotas
            .iter()
            .flat_map(|rota| rota.shifts(from, until))
            .collect();
        shifts.sort_by_key(|shift| shift.from);
        Roster {
            groups: self.groups.clone(),
            people: self.people.clone(),
            shifts,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterFile {
    #[serde(default)]
    group: Vec<GroupTable>,
    #[serde(default)]
    person: Vec<PersonTable>,
    #[serde(default)]
    on_call: Vec<OnCallTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupTable {
    id: Spanned<String>,
    name: Option<String>,
    at_least: Option<u32>,
    at_most: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonTable {
    login: Spanned<String>,
    name: Option<String>,
    zone: Option<Spanned<String>>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    roles: Vec<RoleTable>,
    #[serde(default)]
    contacts: Vec<ContactTable>,
    #[serde(default)]
    away: Vec<Spanned<Days>>,
    #[serde(default)]
    owns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTable {
    group: Spanned<String>,
    #[serde(default = "member")]
    title: String,
    elected: Option<Day>,
    until: Option<Day>,
}

fn member() -> String {
    "member".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactTable {
    kind: String,
    value: String,
}

/// First and last day, both inclusive.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    from: Day,
    to: Day,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnCallTable {
    group: Spanned<String>,
    hand_over: Spanned<String>,
    zone: Spanned<String>,
    order: Spanned<Vec<Spanned<String>>>,
    since: Day,
    #[serde(default, rename = "override")]
    overrides: Vec<Spanned<OverrideTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideTable {
    from: Day,
    to: Day,
    login: Spanned<String>,
}

/// A day as TOML writes it, without quotes: `2026-11-01`.
#[derive(Clone, Copy)]
struct Day(civil::Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let wrong = || D::Error::custom("expected a day such as 2026-11-01, without quotes");
        let value = toml::value::Datetime::deserialize(deserializer).map_err(|_| wrong())?;
        match (value.date, value.time) {
            (Some(date), None) => civil::Date::new(
                i16::try_from(date.year).map_err(|_| wrong())?,
                i8::try_from(date.month).map_err(|_| wrong())?,
                i8::try_from(date.day).map_err(|_| wrong())?,
            )
            .map(Self)
            .map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// What is wrong, with where.
#[derive(Default)]
struct Mistakes(Vec<(usize, String)>);

impl Mistakes {
    fn add<T>(&mut self, place: &Spanned<T>, what: String) {
        self.0.push((place.span().start, what));
    }

    /// One line: `3:9: what; 7:1: what`.
    fn told(mut self, text: &str) -> String {
        self.0.sort();
        let more = self.0.len().saturating_sub(TOLD);
        let mut told = String::new();
        for (at, what) in self.0.into_iter().take(TOLD) {
            if !told.is_empty() {
                told.push_str("; ");
            }
            let (line, column) = place(text, at);
            let _ = write!(told, "{line}:{column}: {what}");
        }
        if more > 0 {
            let _ = write!(told, "; and {more} more");
        }
        told
    }
}

/// Line and column, from 1, of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// Reads and checks a roster. The error is one line that names each place.
pub(super) fn parse(text: &str) -> Result<Plan, String> {
    let file: RosterFile = toml::from_str(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        format!("{line}:{column}: {}", error.message().replace('\n', ", "))
    })?;
    let mut mistakes = Mistakes::default();
    let groups = groups(&file, &mut mistakes);
    let logins: Vec<&str> = file
        .person
        .iter()
        .map(|person| person.login.get_ref().as_str())
        .collect();
    let people = people(&file, &mut mistakes);
    let rotas = file
        .on_call
        .iter()
        .filter_map(|table| rota(table, &file, &logins, &mut mistakes))
        .collect();
    if mistakes.0.is_empty() {
        Ok(Plan {
            groups,
            people,
            rotas,
        })
    } else {
        Err(mistakes.told(text))
    }
}

fn groups(file: &RosterFile, mistakes: &mut Mistakes) -> Vec<Group> {
    let mut seen = HashSet::new();
    let mut groups = Vec::with_capacity(file.group.len());
    for table in &file.group {
        let id = table.id.get_ref();
        if id.trim().is_empty() {
            mistakes.add(&table.id, "a group needs an id".to_owned());
        }
        if !seen.insert(id) {
            mistakes.add(&table.id, format!("there is another group {id:?} above"));
        }
        if let (Some(least), Some(most)) = (table.at_least, &table.at_most)
            && *most.get_ref() < least
        {
            mistakes.add(
                most,
                format!("at_most is less than at_least, which is {least}"),
            );
        }
        groups.push(Group {
            id: Text::clean(id),
            name: Text::clean(table.name.as_deref().unwrap_or(id)),
            at_least: table.at_least,
            at_most: table.at_most.as_ref().map(|most| *most.get_ref()),
        });
    }
    groups
}

fn people(file: &RosterFile, mistakes: &mut Mistakes) -> Vec<Person> {
    let mut seen = HashSet::new();
    let mut people = Vec::with_capacity(file.person.len());
    for table in &file.person {
        let login = table.login.get_ref();
        if login.trim().is_empty() {
            mistakes.add(&table.login, "a person needs a login".to_owned());
        }
        if !seen.insert(login) {
            mistakes.add(
                &table.login,
                format!("there is another person {login:?} above"),
            );
        }
        if let Some(name) = &table.zone {
            zone(name, mistakes);
        }
        for role in &table.roles {
            check_group(&role.group, file, mistakes);
        }
        for days in &table.away {
            if days.get_ref().to.0 < days.get_ref().from.0 {
                mistakes.add(days, "away ends before it begins".to_owned());
            }
        }
        people.push(Person {
            login: Text::clean(login),
            name: Text::clean(table.name.as_deref().unwrap_or(login)),
            roles: table
                .roles
                .iter()
                .map(|role| Role {
                    group: Text::clean(role.group.get_ref()),
                    title: Text::clean(&role.title),
                    elected: role.elected.map(|day| day.0),
                    until: role.until.map(|day| day.0),
                })
                .collect(),
            contacts: table
                .contacts
                .iter()
                .map(|contact| Contact {
                    kind: Text::clean(&contact.kind),
                    value: Text::clean(&contact.value),
                })
                .collect(),
            zone: table.zone.as_ref().map(|zone| Text::clean(zone.get_ref())),
            languages: texts(&table.languages),
            away: table
                .away
                .iter()
                .map(|days| (days.get_ref().from.0, days.get_ref().to.0))
                .collect(),
            owns: texts(&table.owns),
        });
    }
    people
}

fn texts(all: &[String]) -> Vec<Text> {
    all.iter().map(|text| Text::clean(text)).collect()
}

fn rota(
    table: &OnCallTable,
    file: &RosterFile,
    logins: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Rota> {
    check_group(&table.group, file, mistakes);
    let order = table.order.get_ref();
    if order.is_empty() {
        mistakes.add(&table.order, "an order needs at least one login".to_owned());
    }
    let overridden = table.overrides.iter().map(|stint| &stint.get_ref().login);
    for login in order.iter().chain(overridden) {
        if !logins.contains(&login.get_ref().as_str()) {
            let hint = meant(login.get_ref(), logins.iter().copied());
            mistakes.add(
                login,
                format!("no person has the login {:?}{hint}", login.get_ref()),
            );
        }
    }
    for stint in &table.overrides {
        if stint.get_ref().to.0 < stint.get_ref().from.0 {
            mistakes.add(stint, "this override ends before it begins".to_owned());
        }
    }
    let hand_over = HandOver::parse(table.hand_over.get_ref());
    if hand_over.is_none() {
        mistakes.add(
            &table.hand_over,
            format!(
                "{:?} is no hand-over; write \"Mon 08:00\" or \"daily 08:00\"",
                table.hand_over.get_ref()
            ),
        );
    }
    let zone = zone(&table.zone, mistakes);
    Some(Rota {
        group: Text::clean(table.group.get_ref()),
        hand_over: hand_over?,
        zone: zone?,
        order: order
            .iter()
            .map(|login| Text::clean(login.get_ref()))
            .collect(),
        since: table.since.0,
        stints: table
            .overrides
            .iter()
            .map(|stint| Stint {
                first: stint.get_ref().from.0,
                last: stint.get_ref().to.0,
                login: Text::clean(stint.get_ref().login.get_ref()),
            })
            .collect(),
    })
}

fn check_group(group: &Spanned<String>, file: &RosterFile, mistakes: &mut Mistakes) {
    let mut ids = file.group.iter().map(|group| group.id.get_ref().as_str());
    if !ids.clone().any(|id| id == group.get_ref()) {
        let hint = meant(group.get_ref(), &mut ids);
        mistakes.add(
            group,
            format!("there is no group {:?}{hint}", group.get_ref()),
        );
    }
}

fn zone(name: &Spanned<String>, mistakes: &mut Mistakes) -> Option<TimeZone> {
    let found = TimeZone::get(name.get_ref()).ok();
    if found.is_none() {
        let what = format!(
            "{:?} is no time zone; write one such as \"Europe/Berlin\"",
            name.get_ref()
        );
        mistakes.add(name, what);
    }
    found
}

/// `, did you mean "anne"?`, when one comes near.
fn meant<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| format!(", did you mean {name:?}?"))
        .unwrap_or_default()
}
