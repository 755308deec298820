//! Team: people.

use std::borrow::Cow;

use crate::app::column::{Column, Context, Table, dim, plain, strong, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::person::Person;
use crate::domain::{Moment, Reading, Severity, SourceKind, Text};
use crate::estate::{Estate, PersonRow};

fn row(estate: &Estate, index: usize) -> Option<&PersonRow> {
    estate.people.get(index)
}

fn person(estate: &Estate, index: usize) -> Option<&Person> {
    row(estate, index)?.roster.and_then(|at| estate.person(at))
}

/// Groups and titles, joined by commas; Redmine's projects for people who are not in the roster.
fn roles<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    let joined = match person(estate, index) {
        Some(person) => person
            .roles
            .iter()
            .map(|r| {
                if &*r.title == "member" {
                    r.group.to_string()
                } else {
                    format!("{} {}", r.group, r.title)
                }
            })
            .collect::<Vec<_>>()
            .join(", "),
        None => row(estate, index)
            .map(|r| {
                r.memberships
                    .iter()
                    .map(|(project, _)| project.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            })
            .unwrap_or_default(),
    };
    Value::Text(Cow::Owned(joined))
}

/// Until when the person is on call now, or from when next.
fn on_call<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let Some(row) = row(estate, index) else {
        return Value::Nothing;
    };
    match row.shifts.iter().find(|s| s.until > context.now) {
        Some(shift) if shift.from <= context.now => Value::Text(Cow::Owned(format!(
            "now, until {}",
            day_and_time(shift.until, context)
        ))),
        Some(shift) => Value::Text(Cow::Owned(format!(
            "next {}",
            day_and_time(shift.from, context)
        ))),
        None => Value::Nothing,
    }
}

/// `Mon 08:00` in the screen's zone, with the date when it is further away than a week.
pub fn day_and_time(at: Moment, context: &Context<'_>) -> String {
    let zoned = at.timestamp().to_zoned(context.zone.clone());
    let far = at.until(context.now) > std::time::Duration::from_hours(168)
        || context.now.until(at) > std::time::Duration::from_hours(168);
    zoned
        .strftime(if far { "%d %b %H:%M" } else { "%a %H:%M" })
        .to_string()
}

/// Local time where the person is.
fn local_time<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let Some(zone) = person(estate, index).and_then(|p| p.zone.as_ref()) else {
        return Value::Nothing;
    };
    let Ok(local) = context.now.timestamp().in_tz(zone) else {
        return Value::Unknown;
    };
    let (hour, minute) = (local.hour().unsigned_abs(), local.minute().unsigned_abs());
    Value::LocalTime(hour, minute, !(7..22).contains(&hour))
}

/// The day until which somebody is away now.
pub fn away_until(person: &Person, context: &Context<'_>) -> Option<crate::domain::person::Date> {
    let zone = person
        .zone
        .as_ref()
        .and_then(|z| jiff::tz::TimeZone::get(z).ok());
    let today = context
        .now
        .timestamp()
        .to_zoned(zone.unwrap_or_else(|| context.zone.clone()))
        .date();
    person
        .away
        .iter()
        .find(|(from, to)| (*from..=*to).contains(&today))
        .map(|(_, to)| *to)
}

fn elected(estate: &Estate, index: usize) -> Option<&crate::domain::person::Role> {
    person(estate, index)?
        .roles
        .iter()
        .find(|r| r.elected.is_some())
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "name",
            title: "NAME",
            least: 14,
            most: 20,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(&r.name)),
            tone: strong,
        },
        Column {
            id: "roles",
            title: "GROUPS AND ROLES",
            least: 16,
            most: 44,
            right: false,
            rank: 1,
            value: roles,
            tone: plain,
        },
        Column {
            id: "on-call",
            title: "ON CALL",
            least: 20,
            most: 24,
            right: false,
            rank: 0,
            value: on_call,
            tone: plain,
        },
        Column {
            id: "local",
            title: "LOCAL",
            least: 5,
            most: 7,
            right: true,
            rank: 1,
            value: local_time,
            tone: plain,
        },
        Column {
            id: "away",
            title: "AWAY UNTIL",
            least: 10,
            most: 10,
            right: false,
            rank: 2,
            value: |e, i, context| {
                person(e, i)
                    .and_then(|p| away_until(p, context))
                    .map_or(Value::Nothing, Value::Day)
            },
            tone: |_, _| Tone::Severity(Severity::Info),
        },
        Column {
            id: "open",
            title: "OPEN",
            least: 4,
            most: 5,
            right: true,
            rank: 2,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| {
                    if r.open_tickets == 0 {
                        Value::Nothing
                    } else {
                        Value::Count(u64::from(r.open_tickets))
                    }
                })
            },
            tone: plain,
        },
        Column {
            id: "elected",
            title: "ELECTED",
            least: 10,
            most: 10,
            right: false,
            rank: 3,
            value: |e, i, _| {
                elected(e, i)
                    .and_then(|r| r.elected)
                    .map_or(Value::Nothing, Value::Day)
            },
            tone: dim,
        },
        Column {
            id: "until",
            title: "TERM ENDS",
            least: 10,
            most: 10,
            right: false,
            rank: 3,
            value: |e, i, _| {
                elected(e, i)
                    .and_then(|r| r.until)
                    .map_or(Value::Nothing, Value::Day)
            },
            tone: dim,
        },
        Column {
            id: "contact",
            title: "FIRST CONTACT",
            least: 14,
            most: 32,
            right: false,
            rank: 3,
            value: |e, i, context| match person(e, i).and_then(|p| p.contacts.first()) {
                Some(_) if context.privacy => Value::str("(private)"),
                Some(contact) => {
                    Value::Text(Cow::Owned(format!("{} {}", contact.kind, contact.value)))
                }
                None => Value::Nothing,
            },
            tone: dim,
        },
        Column {
            id: "languages",
            title: "SPEAKS",
            least: 6,
            most: 12,
            right: false,
            rank: 5,
            value: |e, i, _| {
                let spoken = person(e, i).map(|p| {
                    p.languages
                        .iter()
                        .map(Text::as_str)
                        .collect::<Vec<_>>()
                        .join(" ")
                });
                spoken
                    .filter(|s| !s.is_empty())
                    .map_or(Value::Nothing, |s| Value::Text(Cow::Owned(s)))
            },
            tone: dim,
        },
        Column {
            id: "login",
            title: "LOGIN",
            least: 8,
            most: 14,
            right: false,
            rank: 4,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| Value::optional(r.login.as_ref()))
            },
            tone: dim,
        },
    ],
    len: |e| e.people.len(),
    key: |e, i| row(e, i).map(PersonRow::key),
    severity: |_, _| Severity::Ok,
    readings: &[
        (SourceKind::Roster, Reading::Roster),
        (SourceKind::Redmine, Reading::Projects),
    ],
    own: |e, i| {
        row(e, i).map(|r| match r.roster {
            Some(at) => (at.source, Reading::Roster),
            None => (r.source, Reading::Projects),
        })
    },
    monitor: unmonitored,
    shown: None,
    sort: None,
};
