//! The roster's TOML: its shape, and what must hold in it.

use std::collections::HashSet;
use std::path::PathBuf;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::domain::person::{Contact, Group, Person, Role, Roster};
use crate::domain::{Moment, Text};

use super::calendar::Events;
use super::mistakes::{Mistakes, Told};
use super::rota::{HandOver, Rota, Stint};

/// A checked roster.
#[derive(Debug)]
pub(super) struct Plan {
    groups: Vec<Group>,
    people: Vec<Person>,
    rotas: Vec<Rota>,
    calendars: Vec<Calendar>,
}

/// A rotation that is kept in a calendar.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) group: Text,
    /// As written: relative to the roster.
    pub(super) path: PathBuf,
    /// Where whole days begin, and times that name no zone; `None`: where the calendar says.
    pub(super) zone: Option<TimeZone>,
}

impl Plan {
    /// Calendars that shifts are read from.
    pub(super) fn calendars(&self) -> &[Calendar] {
        &self.calendars
    }

    /// The roster with the shifts that touch the time between `from` and `until`; `events` are those of
    /// the calendars, in their order.
    pub(super) fn roster(&self, events: &[&Events], from: Moment, until: Moment) -> Roster {
        let mut shifts: Vec<_> = self
            .rotas
            .iter()
            .flat_map(|rota| rota.shifts(from, until))
            .collect();
        let mut remarks = Vec::new();
        for (calendar, events) in std::iter::zip(&self.calendars, events.iter()) {
            let name = calendar
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            let found = events.shifts(&calendar.group, &self.people, from, until);
            shifts.extend(found.shifts);
            for remark in found.remarks {
                let remark = Text::clean(&format!("{name}: {remark}"));
                if !remarks.contains(&remark) {
                    remarks.push(remark);
                }
            }
        }
        shifts.sort_by(|a, b| (a.from, &a.group, &a.login).cmp(&(b.from, &b.group, &b.login)));
        let mut on_call: Vec<Text> = Vec::new();
        let of_rotas = self.rotas.iter().map(|rota| &rota.group);
        for group in of_rotas.chain(self.calendars.iter().map(|c| &c.group)) {
            if !on_call.contains(group) {
                on_call.push(group.clone());
            }
        }
        Roster {
            groups: self.groups.clone(),
            people: self.people.clone(),
            shifts,
            on_call,
            told: Some((from, until)),
            remarks,
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
    on_call: Vec<Spanned<OnCallTable>>,
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
    until: Option<Spanned<Day>>,
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
    hand_over: Option<Spanned<String>>,
    zone: Option<Spanned<String>>,
    order: Option<Spanned<Vec<Spanned<String>>>>,
    since: Option<Day>,
    until: Option<Spanned<Day>>,
    calendar: Option<Spanned<String>>,
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

/// Reads and checks a roster.
pub(super) fn parse(text: &str) -> Result<Plan, Told> {
    let file: RosterFile =
        toml::from_str(text).map_err(|error| Mistakes::of_toml(&error).told(text))?;
    let mut mistakes = Mistakes::default();
    let groups = groups(&file, &mut mistakes);
    let logins: Vec<&str> = file
        .person
        .iter()
        .map(|person| person.login.get_ref().as_str())
        .collect();
    let people = people(&file, &mut mistakes);
    let (mut rotas, mut calendars) = (Vec::new(), Vec::new());
    for table in &file.on_call {
        match &table.get_ref().calendar {
            Some(path) => calendars.extend(calendar(table, path, &file, &mut mistakes)),
            None => rotas.extend(rota(table, &file, &logins, &mut mistakes)),
        }
    }
    if mistakes.is_empty() {
        Ok(Plan {
            groups,
            people,
            rotas,
            calendars,
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
        // Redmine takes them for the same whatever their case.
        if !seen.insert(login.to_lowercase()) {
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
            if let (Some(elected), Some(until)) = (role.elected, &role.until)
                && until.get_ref().0 < elected.0
            {
                mistakes.add(until, "this term ends before it begins");
            }
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
                    until: role.until.as_ref().map(|day| day.get_ref().0),
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

/// A rotation in a calendar.
fn calendar(
    table: &Spanned<OnCallTable>,
    path: &Spanned<String>,
    file: &RosterFile,
    mistakes: &mut Mistakes,
) -> Option<Calendar> {
    let on_call = table.get_ref();
    check_group(&on_call.group, file, mistakes);
    if path.get_ref().trim().is_empty() {
        mistakes.add(path, "write calendar = \"on-call.ics\"");
    }
    let turns = on_call.hand_over.is_some() || on_call.order.is_some() || on_call.since.is_some();
    if turns || on_call.until.is_some() || !on_call.overrides.is_empty() {
        let what = "with a calendar there is no hand_over, order, since, until or override: it tells all of that";
        mistakes.add(path, what);
    }
    let zone = match &on_call.zone {
        Some(name) => Some(zone(name, mistakes)?),
        None => None,
    };
    Some(Calendar {
        group: Text::clean(on_call.group.get_ref()),
        path: PathBuf::from(path.get_ref()),
        zone,
    })
}

fn rota(
    table: &Spanned<OnCallTable>,
    file: &RosterFile,
    logins: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Rota> {
    let place = table;
    let table = table.get_ref();
    check_group(&table.group, file, mistakes);
    for stint in &table.overrides {
        let login = &stint.get_ref().login;
        check_login(login, logins, mistakes);
        if stint.get_ref().to.0 < stint.get_ref().from.0 {
            mistakes.add(stint, "this override ends before it begins");
        }
    }
    let (Some(hand_over), Some(zoned), Some(order), Some(since)) =
        (&table.hand_over, &table.zone, &table.order, table.since)
    else {
        let lacks = [
            ("hand_over", table.hand_over.is_none()),
            ("zone", table.zone.is_none()),
            ("order", table.order.is_none()),
            ("since", table.since.is_none()),
        ];
        let lacks: Vec<&str> = lacks.iter().filter(|l| l.1).map(|l| l.0).collect();
        let what = format!(
            "this rotation lacks {}; or write calendar = \"on-call.ics\"",
            lacks.join(", ")
        );
        mistakes.add(place, what);
        return None;
    };
    if order.get_ref().is_empty() {
        mistakes.add(order, "an order needs at least one login");
    }
    for login in order.get_ref() {
        check_login(login, logins, mistakes);
    }
    if let Some(until) = table
        .until
        .as_ref()
        .filter(|until| until.get_ref().0 < since.0)
    {
        mistakes.add(until, "this rotation ends before it begins");
    }
    let parsed = HandOver::parse(hand_over.get_ref());
    if parsed.is_none() {
        let what = format!(
            "{:?} is no hand-over; write \"Mon 08:00\" or \"daily 08:00\"",
            hand_over.get_ref()
        );
        mistakes.add(hand_over, what);
    }
    let zone = zone(zoned, mistakes);
    Some(Rota {
        group: Text::clean(table.group.get_ref()),
        hand_over: parsed?,
        zone: zone?,
        order: order
            .get_ref()
            .iter()
            .map(|login| Text::clean(login.get_ref()))
            .collect(),
        since: since.0,
        until: table.until.as_ref().map(|until| until.get_ref().0),
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

fn check_login(login: &Spanned<String>, logins: &[&str], mistakes: &mut Mistakes) {
    if !logins.contains(&login.get_ref().as_str()) {
        let hint = meant(login.get_ref(), logins.iter().copied());
        let what = format!("no person has the login {:?}{hint}", login.get_ref());
        mistakes.add(login, what);
    }
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
