//! Team: people.

use std::borrow::Cow;

use crate::app::column::{Column, Context, Table, dim, plain, strong, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::person::{Date, Person, Role};
use crate::domain::{Moment, Reading, Severity, SourceKind, Text};
use crate::estate::{Estate, Finding, PersonRow, call};

/// Hours before an absence from which it is told.
const SOON: i64 = 24 * 30;

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
    let words = |word: &str, at| Cow::Owned(format!("{word} {}", day_and_time(at, context)));
    let order = |at: Moment| at.as_millis() as f64;
    if let Some(shift) = row.on_call(context.now) {
        return Value::Said {
            sign: Some(Severity::Ok),
            words: words("until", shift.until),
            // Before everyone who is not on call now.
            order: order(shift.until) - 1e15,
        };
    }
    row.next_shift(context.now)
        .map_or(Value::Nothing, |shift| Value::Said {
            sign: None,
            words: words("from", shift.from),
            order: order(shift.from),
        })
}

/// How long until that changes.
fn hand_over<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let Some(row) = row(estate, index) else {
        return Value::Nothing;
    };
    let now = row.on_call(context.now).map(|shift| shift.until);
    now.or_else(|| row.next_shift(context.now).map(|shift| shift.from))
        .map_or(Value::Nothing, |at| Value::Span(at.until(context.now)))
}

/// The last day of an absence that goes on, or the first of one that comes within a month.
fn away<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let Some(person) = person(estate, index) else {
        return Value::Nothing;
    };
    let day = |day: Date| day.strftime("%-d %b").to_string();
    let order = |day: Date| day.duration_since(Date::ZERO).as_hours() as f64;
    if let Some(until) = call::away_until(person, context.now) {
        return Value::Said {
            sign: Some(Severity::Info),
            words: Cow::Owned(format!("to {}", day(until))),
            order: order(until) - 1e9,
        };
    }
    let today = context
        .now
        .timestamp()
        .to_zoned(call::zone_of(person))
        .date();
    let soon = |from: &&Date| today < **from && today.duration_until(**from).as_hours() <= SOON;
    person
        .away
        .iter()
        .map(|(from, _)| from)
        .filter(soon)
        .min()
        .map_or(Value::Nothing, |from| Value::Said {
            sign: None,
            words: Cow::Owned(format!("from {}", day(*from))),
            order: order(*from),
        })
}

/// The role whose term ends first, those that are over before all.
fn term(estate: &Estate, index: usize) -> Option<&Role> {
    let roles = person(estate, index)?.roles.iter();
    roles.min_by_key(|role| (role.until.unwrap_or(Date::MAX), role.elected.is_none()))
}

/// How long the term still runs; what is over is due for an election.
fn term_left<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let (Some(person), Some(until)) = (
        person(estate, index),
        term(estate, index).and_then(|role| role.until),
    ) else {
        return Value::Nothing;
    };
    let today = context
        .now
        .timestamp()
        .to_zoned(call::zone_of(person))
        .date();
    let days = i64::from(today.until(until).map_or(0, |span| span.get_days()));
    let length = |days: i64| match days {
        0..=99 => format!("{days}d"),
        100..=729 => format!("{}mo", days / 30),
        _ => format!("{}y", days / 365),
    };
    Value::Said {
        sign: (days < 0).then_some(Severity::Warning),
        words: Cow::Owned(match days {
            0 => "today".to_owned(),
            1.. => format!("in {}", length(days)),
            _ => format!("{} over", length(-days)),
        }),
        order: days as f64,
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

/// Whether people sleep at an hour.
pub fn is_night(hour: i8) -> bool {
    !(7..22).contains(&hour)
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
    Value::LocalTime(hour, minute, is_night(local.hour()))
}

/// How bad what is to be put right about somebody is.
fn severity(estate: &Estate, index: usize) -> Severity {
    let Some(key) = row(estate, index).map(PersonRow::key) else {
        return Severity::Ok;
    };
    estate
        .review
        .iter()
        .filter(|finding| finding.who().is_some_and(|who| who.key == key))
        .map(Finding::severity)
        .max()
        .unwrap_or(Severity::Ok)
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "severity",
            title: "",
            least: 1,
            most: 1,
            right: false,
            rank: 0,
            // That all is well needs no sign on every line.
            value: |e, i, _| match severity(e, i) {
                Severity::Ok | Severity::Info => Value::Nothing,
                severity => Value::Severity(severity),
            },
            tone: |e, i| Tone::Severity(severity(e, i)),
        },
        Column {
            id: "name",
            title: "NAME",
            least: 14,
            most: 22,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(&r.name)),
            tone: strong,
        },
        Column {
            id: "roles",
            title: "GROUPS AND ROLES",
            least: 13,
            most: 44,
            right: false,
            rank: 0,
            value: roles,
            tone: plain,
        },
        Column {
            id: "oncall",
            title: "ON CALL",
            least: 17,
            most: 20,
            right: false,
            rank: 0,
            value: on_call,
            tone: dim,
        },
        Column {
            id: "left",
            title: "IN",
            least: 3,
            most: 3,
            right: true,
            rank: 5,
            value: hand_over,
            tone: dim,
        },
        Column {
            id: "local",
            title: "LOCAL",
            least: 5,
            most: 5,
            right: false,
            rank: 0,
            value: local_time,
            tone: plain,
        },
        Column {
            id: "away",
            title: "AWAY",
            least: 11,
            most: 12,
            right: false,
            rank: 1,
            value: away,
            tone: dim,
        },
        Column {
            id: "open",
            title: "OPEN",
            least: 4,
            most: 4,
            right: true,
            rank: 1,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| match r.open_tickets {
                    0 => Value::Nothing,
                    open => Value::Count(u64::from(open)),
                })
            },
            tone: plain,
        },
        Column {
            id: "late",
            title: "LATE",
            least: 4,
            most: 4,
            right: true,
            rank: 1,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| match r.overdue_tickets {
                    0 => Value::Nothing,
                    late => Value::Count(u64::from(late)),
                })
            },
            tone: |_, _| Tone::Severity(Severity::Warning),
        },
        Column {
            id: "elected",
            title: "ELECTED",
            least: 10,
            most: 10,
            right: false,
            rank: 4,
            value: |e, i, _| {
                term(e, i)
                    .and_then(|r| r.elected)
                    .map_or(Value::Nothing, Value::Day)
            },
            tone: dim,
        },
        Column {
            id: "term",
            title: "TERM ENDS",
            least: 10,
            most: 10,
            right: false,
            rank: 2,
            value: term_left,
            tone: dim,
        },
        Column {
            id: "changed",
            title: "CHANGED",
            least: 7,
            most: 7,
            right: true,
            rank: 3,
            value: |e, i, _| {
                row(e, i)
                    .and_then(|r| r.changed)
                    .map_or(Value::Nothing, Value::Age)
            },
            tone: dim,
        },
        Column {
            id: "contact",
            title: "FIRST CONTACT",
            least: 14,
            most: 32,
            right: false,
            rank: 5,
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
    severity,
    readings: &[
        (SourceKind::Roster, Reading::Roster),
        (SourceKind::Redmine, Reading::Projects),
        (SourceKind::Redmine, Reading::Tickets),
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
