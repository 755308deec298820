//! Values → words for people and raw values for programs.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::app::value::Value;
use crate::domain::check::{Handling, HostState, ServiceCounts};
use crate::domain::{Moment, Severity};
use crate::estate::Slot;
use crate::ui::words;

/// A value, twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// In words.
    pub text: String,
    /// Raw: a number in `unit`, an RFC 3339 moment, a word; null where it is not known.
    pub raw: Json,
    /// Unit of a raw number.
    pub unit: Option<&'static str>,
    /// The words come from a server or a file, so a spreadsheet must not take them for a formula.
    pub foreign: bool,
    /// Nothing is there, and that is right.
    pub empty: bool,
}

impl Cell {
    fn word(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            raw: Json::from(text.as_str()),
            text,
            unit: None,
            foreign: false,
            empty: false,
        }
    }

    fn number(text: String, raw: impl Into<Json>, unit: &'static str) -> Self {
        Self {
            text,
            raw: raw.into(),
            unit: Some(unit),
            foreign: false,
            empty: false,
        }
    }

    fn foreign(text: impl Into<String>) -> Self {
        Self {
            foreign: true,
            ..Self::word(text)
        }
    }
}

/// What stands in the cell of the column `id`.
pub fn of(id: &str, value: &Value<'_>, now: Moment) -> Cell {
    match value {
        Value::Text(text) | Value::Said { words: text, .. } => Cell::foreign(text.as_ref()),
        Value::Severity(severity) => Cell::word(words::severity(*severity)),
        Value::What(what) => Cell::foreign(words::what(what)),
        Value::Handling(handling) => Cell::word(words::handling(handling)),
        Value::Count(number) => Cell::number(number.to_string(), *number, "count"),
        Value::OutOf(some, all) => Cell::word(format!("{some}/{all}")),
        Value::Meter(part) => {
            Cell::number(words::percent(Some(*part)), rounded(part.get()), "fraction")
        }
        Value::Size(size) => Cell::number(words::bytes(*size), size.0, "bytes"),
        Value::Cores(cores) => Cell::number(figure(cores.get()), rounded(cores.get()), "cores"),
        Value::Load(load, _) => Cell::number(figure(*load), rounded(*load), "load"),
        Value::Age(at) => Cell {
            raw: Json::from(at.rfc3339()),
            ..Cell::word(
                at.age(now)
                    .map_or_else(|| "future".to_owned(), words::duration_short),
            )
        },
        Value::Older(at) => Cell {
            raw: Json::from(at.rfc3339()),
            ..Cell::word(words::older(*at, now))
        },
        Value::Clock(at) => Cell {
            raw: Json::from(at.rfc3339()),
            ..Cell::word(at.rfc3339())
        },
        Value::Event(estate, event) => Cell::foreign(words::event(estate, event)),
        Value::Lack(lack) => Cell::word(words::lack(lack)),
        Value::Span(length) => {
            let text = if id == "time" {
                words::milliseconds(*length)
            } else {
                words::duration_short(*length)
            };
            Cell::number(text, rounded(length.as_secs_f64()), "seconds")
        }
        Value::Strip(slots) => Cell::word(strip(slots)),
        Value::Days(days, _) => Cell::number(format!("{days}d"), *days, "days"),
        Value::Day(day) => Cell::word(day.to_string()),
        Value::Percent(percent) => Cell::number(format!("{percent}%"), *percent, "percent"),
        Value::Guest(state) => Cell::word(words::guest_state(*state)),
        Value::Node(state) => Cell::word(words::node_state(*state)),
        Value::Monitored(state, handling, services) => {
            Cell::word(with_handling(monitored(*state, *services), *handling))
        }
        Value::Checked(state, handling) => {
            let word = Cow::Borrowed(words::service_state(*state));
            Cell::word(with_handling(word, *handling))
        }
        Value::Probe(outcome) => Cell::foreign(words::probe(outcome)),
        Value::Verdict(verdict) => Cell::word(words::verdict(verdict, now)),
        Value::Unread(_) => Cell::word(""),
        Value::News(row, privacy) => Cell::foreign(words::news(row, *privacy, "→")),
        Value::Pace(pace) => Cell::number(
            format!("{}/min", figure(pace.0)),
            rounded(pace.0),
            "per minute",
        ),
        Value::Trend(samples) => Cell {
            raw: samples.iter().map(|(_, depth)| *depth).collect(),
            ..Cell::word(trend(samples))
        },
        Value::LocalTime(hour, minute, _) => Cell::word(format!("{hour:02}:{minute:02}")),
        Value::Failure(failure) => Cell::foreign(words::failure_short(failure)),
        Value::Unknown => Cell {
            raw: Json::Null,
            ..Cell::word(words::UNKNOWN)
        },
        Value::Nothing => Cell {
            raw: Json::Null,
            empty: true,
            ..Cell::word("")
        },
    }
}

/// How many of the half hours that were seen were wholly as expected: `45/48`.
fn strip(slots: &[Slot]) -> String {
    let seen = slots.iter().filter(|slot| **slot != Slot::Unknown).count();
    let well = slots.iter().filter(|slot| **slot == Slot::Ok).count();
    format!("{well}/{seen}")
}

/// First and last depth of a course: `3 → 12`.
fn trend(samples: &[(Moment, u64)]) -> String {
    match samples {
        [] | [_] => String::new(),
        [(_, first), .., (_, last)] => format!("{first} → {last}"),
    }
}

/// The host's own state when that is the news, else its services that are not ok, the worst first.
fn monitored(state: HostState, services: ServiceCounts) -> Cow<'static, str> {
    if state != HostState::Up || services.total() == 0 {
        return Cow::Borrowed(words::host_state(state));
    }
    if services.worst() == Severity::Ok {
        return Cow::Owned(format!("{} ok", services.ok));
    }
    let ill = [
        (services.crit, "crit"),
        (services.unknown, "unkn"),
        (services.warn, "warn"),
    ];
    let ill: Vec<String> = ill
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    Cow::Owned(ill.join(" "))
}

/// `crit, ack`.
fn with_handling(mut words: Cow<'static, str>, handling: Handling) -> String {
    let done = words::handling(&handling);
    if !done.is_empty() {
        words.to_mut().push_str(", ");
        words.to_mut().push_str(&done);
    }
    words.into_owned()
}

/// Four decimals are more than any of these are worth.
fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// One decimal where it matters.
fn figure(number: f64) -> String {
    if number.fract() == 0.0 || number.abs() >= 9.95 {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    }
}
