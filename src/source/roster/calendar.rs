//! Shifts from an iCalendar file (RFC 5545): who an event names is on call for as long as it lasts.
//!
//! `calcard` reads the file and repeats what repeats, all on the clock on the wall; which moment that is, is
//! reckoned here, so that a shift begins at eight before and after the clocks change. A repeated event
//! keeps its hours on that clock, as every calendar shows it; only a `DURATION` in hours is exact.

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry,
    ICalendarParameterName, ICalendarPeriod, ICalendarProperty, ICalendarStatus, ICalendarValue,
};
use calcard::{Entry, Parser};
use jiff::civil::{self, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan};

use crate::domain::person::{Person, Shift};
use crate::domain::{Moment, Text};

/// Most events in a file, and most that repeat.
const MOST_EVENTS: usize = 5_000;
const MOST_REPEATED: usize = 200;
/// Most instances of a file: an event every day for more than fifty years.
const MOST_INSTANCES: usize = 20_000;
/// Longest shift; what is longer is no shift but a mistake, and would be on the screen for ever.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// The events of a calendar.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Sorted by start.
    events: Vec<Event>,
    remarks: Vec<String>,
}

/// Somebody's time on call.
#[derive(Debug, PartialEq)]
struct Event {
    from: Moment,
    until: Moment,
    /// Whom it names: the summary, and addresses of those who attend.
    summary: String,
    attends: Vec<String>,
}

/// What a calendar tells about a group.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) shifts: Vec<Shift>,
    pub(super) remarks: Vec<String>,
}

impl Events {
    /// Reads a calendar. `zone` is that of whole days and of times without one; without it the calendar's
    /// own (`X-WR-TIMEZONE`), else UTC. What repeats is repeated up to `horizon`. The error is one line.
    pub(super) fn read(
        text: &str,
        zone: Option<&TimeZone>,
        horizon: Moment,
    ) -> Result<Self, String> {
        let mut this = Self::default();
        let text = text.trim_start_matches('\u{feff}').trim();
        let has = |line: Option<&str>, word: &str| {
            line.is_some_and(|line| line.trim().eq_ignore_ascii_case(word))
        };
        if !has(text.lines().next(), "BEGIN:VCALENDAR") {
            return Err("it is no calendar".to_owned());
        }
        // The library closes what is open at the end.
        if !has(text.lines().last(), "END:VCALENDAR") {
            return Err("it is not complete: its end is missing".to_owned());
        }
        let mut parser = Parser::new(text);
        let (mut calendars, mut events, mut repeated) = (0, 0, 0);
        loop {
            match parser.entry() {
                Entry::ICalendar(calendar) => {
                    calendars += 1;
                    let all = calendar.components.iter();
                    events += all.clone().filter(|c| is_event(c)).count();
                    repeated += all
                        .filter(|c| c.has_property(&ICalendarProperty::Rrule))
                        .count();
                    if events > MOST_EVENTS || repeated > MOST_REPEATED {
                        return Err(format!(
                            "more than {MOST_EVENTS} events, or more than {MOST_REPEATED} that repeat"
                        ));
                    }
                    Reader::new(&calendar, zone, horizon).read(&mut this)?;
                }
                Entry::Eof => break,
                Entry::UnterminatedComponent(_) => {
                    return Err("it is not complete: its end is missing".to_owned());
                }
                Entry::UnexpectedComponentEnd { .. } => {
                    return Err("a component ends that did not begin".to_owned());
                }
                _ => {
                    return Err("it is no calendar".to_owned());
                }
            }
        }
        if calendars == 0 {
            return Err("it is no calendar".to_owned());
        }
        this.events.sort_by_key(|event| (event.from, event.until));
        Ok(this)
    }

    /// Shifts of a group that touch the time between `from` and `until`.
    pub(super) fn shifts(
        &self,
        group: &Text,
        people: &[Person],
        from: Moment,
        until: Moment,
    ) -> Found {
        let mut found = Found {
            shifts: Vec::new(),
            remarks: self.remarks.clone(),
        };
        let within = self
            .events
            .iter()
            .take_while(|event| event.from < until)
            .filter(|event| event.until > from);
        for event in within {
            let named = event.names(people);
            if named.is_empty() {
                let day = event.from.timestamp().strftime("%Y-%m-%d");
                let summary: String = event.summary.chars().take(40).collect();
                found.remarks.push(format!(
                    "the event \"{summary}\" of {day} names nobody of the roster"
                ));
            }
            found.shifts.extend(named.into_iter().map(|person| Shift {
                group: group.clone(),
                login: person.login.clone(),
                from: event.from,
                until: event.until,
            }));
        }
        found
    }
}

impl Event {
    /// Who attends by an address of the roster; else whose login or full name the summary is; else whose
    /// it has as words.
    fn names<'p>(&self, people: &'p [Person]) -> Vec<&'p Person> {
        let attends = |person: &&Person| {
            person.contacts.iter().any(|contact| {
                let is = |address: &String| address.eq_ignore_ascii_case(&contact.value);
                self.attends.iter().any(is)
            })
        };
        let named: Vec<&Person> = people.iter().filter(attends).collect();
        if !named.is_empty() {
            return named;
        }
        let summary = self.summary.trim().to_lowercase();
        let is = |name: &Text| name.to_lowercase() == summary;
        let exactly = |person: &&Person| is(&person.login) || is(&person.name);
        if let Some(person) = people.iter().find(exactly) {
            return vec![person];
        }
        let has = |name: &Text| {
            let name = name.to_lowercase();
            !name.is_empty()
                && summary.match_indices(&name).any(|(at, _)| {
                    let before = summary.get(..at).and_then(|s| s.chars().next_back());
                    let after = summary
                        .get(at + name.len()..)
                        .and_then(|s| s.chars().next());
                    !before.is_some_and(char::is_alphanumeric)
                        && !after.is_some_and(char::is_alphanumeric)
                })
        };
        people
            .iter()
            .filter(|person| has(&person.name) || has(&person.login))
            .collect()
    }
}

fn is_event(component: &ICalendarComponent) -> bool {
    component.component_type == ICalendarComponentType::VEvent
}

/// One `VCALENDAR`.
struct Reader<'a> {
    calendar: &'a ICalendar,
    zone: TimeZone,
    horizon: Moment,
    left: usize,
}

/// A time as an event writes it.
#[derive(Clone)]
struct Time {
    local: DateTime,
    zone: TimeZone,
    /// A day without a time.
    whole_day: bool,
}

impl Time {
    /// A time that the clocks skip is the one an hour later, of a time that comes twice it is the first.
    fn moment(&self) -> Option<Moment> {
        let zoned = self.local.to_zoned(self.zone.clone()).ok()?;
        Some(Moment::from_millis(zoned.timestamp().as_millisecond()))
    }

    /// The same moment on the clock of another zone.
    fn local_in(&self, zone: &TimeZone) -> Option<DateTime> {
        if self.zone == *zone {
            return Some(self.local);
        }
        let at = self.local.to_zoned(self.zone.clone()).ok()?;
        Some(at.with_time_zone(zone.clone()).datetime())
    }

    fn with(&self, local: DateTime) -> Self {
        Self {
            local,
            ..self.clone()
        }
    }
}

/// How long an event lasts.
enum Length {
    /// On the clock on the wall.
    Wall(SignedDuration),
    /// Days on the calendar, then time as it passes.
    Duration(Span),
}

impl Length {
    fn end(&self, begin: &Time) -> Option<Moment> {
        match self {
            Self::Wall(length) => begin.with(begin.local.checked_add(*length).ok()?).moment(),
            Self::Duration(span) => {
                let zoned = begin.local.to_zoned(begin.zone.clone()).ok()?;
                let end = zoned.checked_add(*span).ok()?;
                Some(Moment::from_millis(end.timestamp().as_millisecond()))
            }
        }
    }
}

impl<'a> Reader<'a> {
    fn new(calendar: &'a ICalendar, zone: Option<&TimeZone>, horizon: Moment) -> Self {
        let own = || {
            let root = calendar.components.first()?;
            let said = root.entries.iter().find_map(|entry| match &entry.name {
                ICalendarProperty::Other(name) if name.eq_ignore_ascii_case("X-WR-TIMEZONE") => {
                    entry.values.first()?.as_text()
                }
                _ => None,
            })?;
            TimeZone::get(said).ok()
        };
        Self {
            calendar,
            zone: zone.cloned().or_else(own).unwrap_or(TimeZone::UTC),
            horizon,
            left: MOST_INSTANCES,
        }
    }

    fn read(mut self, into: &mut Events) -> Result<(), String> {
        let calendar = self.calendar;
        let mut left_out = 0_u32;
        for component in calendar.components.iter().filter(|c| is_event(c)) {
            if is_cancelled(component) {
                continue;
            }
            match self.event(component, into) {
                Ok(()) => {}
                Err(Bad::Zone(name)) => {
                    let name: String = name.chars().take(60).collect();
                    let remark = format!(
                        "the time zone \"{name}\" is not known, so its events are left out"
                    );
                    if !into.remarks.contains(&remark) {
                        into.remarks.push(remark);
                    }
                }
                Err(Bad::Event) => left_out += 1,
                Err(Bad::TooMany) => {
                    return Err(format!("it has more than {MOST_INSTANCES} repetitions"));
                }
            }
        }
        if left_out > 0 {
            into.remarks.push(match left_out {
                1 => "1 event makes no sense and is left out".to_owned(),
                n => format!("{n} events make no sense and are left out"),
            });
        }
        Ok(())
    }

    fn event(&mut self, component: &ICalendarComponent, into: &mut Events) -> Result<(), Bad> {
        let begin = self
            .first_time(component, &ICalendarProperty::Dtstart)?
            .ok_or(Bad::Event)?;
        let length = self.length(component, &begin)?;
        let overridden = component.has_property(&ICalendarProperty::RecurrenceId);
        let mut begins = if overridden || !component.has_property(&ICalendarProperty::Rrule) {
            vec![begin.local]
        } else {
            self.repeated(component, &begin)?
        };
        if !overridden {
            let mut out = self.times(component, &ICalendarProperty::Exdate, &begin)?;
            out.extend(self.replaced(component, &begin)?);
            let more = self.times(component, &ICalendarProperty::Rdate, &begin)?;
            begins.extend(more.into_iter().map(|at| at.local));
            begins.sort_unstable();
            begins.dedup();
            begins.retain(|at| !is_out(*at, &out));
        }
        let summary = component
            .property(&ICalendarProperty::Summary)
            .and_then(|entry| entry.values.first()?.as_text())
            .unwrap_or_default();
        let attends: Vec<String> = component
            .properties(&ICalendarProperty::Attendee)
            .filter_map(address)
            .collect();
        self.left = self.left.checked_sub(begins.len()).ok_or(Bad::TooMany)?;
        for local in begins {
            let begin = begin.with(local);
            let (Some(from), Some(until)) = (begin.moment(), length.end(&begin)) else {
                return Err(Bad::Event);
            };
            if until <= from || until.timestamp().duration_since(from.timestamp()) > LONGEST {
                return Err(Bad::Event);
            }
            into.events.push(Event {
                from,
                until,
                summary: Text::clean(summary).to_string(),
                attends: attends.clone(),
            });
        }
        Ok(())
    }

    /// Where an event that repeats begins, on the clock of its zone.
    fn repeated(&self, component: &ICalendarComponent, begin: &Time) -> Result<Vec<DateTime>, Bad> {
        let mut master = ICalendarComponent::new(ICalendarComponentType::VEvent);
        let mut start = ICalendarEntry::new(ICalendarProperty::Dtstart);
        start
            .values
            .push(ICalendarValue::PartialDateTime(Box::new(partial(
                begin.local,
            ))));
        master.entries.push(start);
        let rules: Vec<_> = component.properties(&ICalendarProperty::Rrule).collect();
        let [rule] = rules.as_slice() else {
            return Err(Bad::Event);
        };
        let Some(ICalendarValue::RecurrenceRule(rule)) = rule.values.first() else {
            return Err(Bad::Event);
        };
        let mut rule = rule.clone();
        let horizon = self.horizon.timestamp().to_zoned(begin.zone.clone());
        let mut last = horizon.datetime();
        if let Some(until) = &rule.until {
            // It is UTC, or a day, and must be on the clock of the others.
            let until = self.time(until, None)?;
            last = last.min(if until.whole_day {
                until.local.date().to_datetime(civil::time(23, 59, 59, 0))
            } else {
                until.local_in(&begin.zone).ok_or(Bad::Event)?
            });
        }
        if last < begin.local {
            return Ok(Vec::new());
        }
        rule.until = Some(partial(last));
        let mut repeats = ICalendarEntry::new(ICalendarProperty::Rrule);
        repeats.values.push(ICalendarValue::RecurrenceRule(rule));
        master.entries.push(repeats);
        let alone = ICalendar {
            components: vec![master],
        };
        let expanded = alone.expand_dates(Tz::Floating, self.left + 1);
        if !expanded.errors.is_empty() {
            return Err(Bad::Event);
        }
        if expanded.events.len() > self.left {
            return Err(Bad::TooMany);
        }
        expanded
            .events
            .iter()
            .map(|event| {
                let local = event.start.naive_local().to_string();
                local.replace(' ', "T").parse().map_err(|_| Bad::Event)
            })
            .collect()
    }

    /// Instances that an event of their own takes the place of: where they would begin.
    fn replaced(&self, master: &ICalendarComponent, begin: &Time) -> Result<Vec<Written>, Bad> {
        let Some(own) = uid(master) else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for component in self.calendar.components.iter().filter(|c| is_event(c)) {
            if uid(component) == Some(own) {
                out.extend(self.times(component, &ICalendarProperty::RecurrenceId, begin)?);
            }
        }
        Ok(out)
    }

    /// All times of a property, on the clock of the event's zone.
    fn times(
        &self,
        component: &ICalendarComponent,
        property: &ICalendarProperty,
        begin: &Time,
    ) -> Result<Vec<Written>, Bad> {
        let mut times = Vec::new();
        for entry in component.properties(property) {
            for value in &entry.values {
                let written = match value {
                    ICalendarValue::PartialDateTime(written) => &**written,
                    ICalendarValue::Period(
                        ICalendarPeriod::Range { start, .. }
                        | ICalendarPeriod::Duration { start, .. },
                    ) => start,
                    _ => return Err(Bad::Event),
                };
                let time = self.time(written, entry.tz_id())?;
                times.push(Written {
                    local: time.local_in(&begin.zone).ok_or(Bad::Event)?,
                    whole_day: time.whole_day,
                });
            }
        }
        Ok(times)
    }

    fn first_time(
        &self,
        component: &ICalendarComponent,
        property: &ICalendarProperty,
    ) -> Result<Option<Time>, Bad> {
        let Some(entry) = component.property(property) else {
            return Ok(None);
        };
        let Some(ICalendarValue::PartialDateTime(written)) = entry.values.first() else {
            return Err(Bad::Event);
        };
        self.time(written, entry.tz_id()).map(Some)
    }

    /// A time of the file: with a zone, in UTC, or on whichever clock is the calendar's.
    fn time(&self, written: &PartialDateTime, zone: Option<&str>) -> Result<Time, Bad> {
        let local = civil_time(written).ok_or(Bad::Event)?;
        let whole_day = !written.has_time();
        let zone = match (written.tz_hour, zone) {
            (Some(0), _) if written.tz_minute.unwrap_or(0) == 0 => TimeZone::UTC,
            (Some(_), _) => return Err(Bad::Event),
            (None, Some(name)) => self.zone_called(name)?,
            (None, None) => self.zone.clone(),
        };
        Ok(Time {
            local,
            zone,
            whole_day,
        })
    }

    /// A zone by its name in the database, or by what other programs call it.
    fn zone_called(&self, name: &str) -> Result<TimeZone, Bad> {
        if let Ok(zone) = TimeZone::get(name) {
            return Ok(zone);
        }
        self.calendar
            .build_tz_resolver()
            .resolve(name)
            .and_then(|zone| TimeZone::get(&zone.name()?).ok())
            .ok_or_else(|| Bad::Zone(Text::clean(name).to_string()))
    }

    fn length(&self, component: &ICalendarComponent, begin: &Time) -> Result<Length, Bad> {
        if let Some(end) = self.first_time(component, &ICalendarProperty::Dtend)? {
            let end = end.local_in(&begin.zone).ok_or(Bad::Event)?;
            return Ok(Length::Wall(end.duration_since(begin.local)));
        }
        if let Some(entry) = component.property(&ICalendarProperty::Duration) {
            let Some(ICalendarValue::Duration(duration)) = entry.values.first() else {
                return Err(Bad::Event);
            };
            return span(duration).map(Length::Duration).ok_or(Bad::Event);
        }
        // RFC 5545, 3.6.1: a day lasts a day, a time no time at all.
        if begin.whole_day {
            Ok(Length::Duration(1.day()))
        } else {
            Err(Bad::Event)
        }
    }
}

/// A time in a list of exceptions.
struct Written {
    local: DateTime,
    whole_day: bool,
}

/// Why an event is left out.
enum Bad {
    /// Nobody knows its time zone.
    Zone(String),
    /// It makes no sense.
    Event,
    /// The file repeats too much.
    TooMany,
}

fn is_out(at: DateTime, out: &[Written]) -> bool {
    out.iter()
        .any(|out| out.local == at || (out.whole_day && out.local.date() == at.date()))
}

fn uid(component: &ICalendarComponent) -> Option<&str> {
    let entry = component.property(&ICalendarProperty::Uid)?;
    entry.values.first()?.as_text()
}

fn is_cancelled(component: &ICalendarComponent) -> bool {
    let status = component.property(&ICalendarProperty::Status);
    status.is_some_and(|entry| {
        matches!(
            entry.values.first(),
            Some(ICalendarValue::Status(ICalendarStatus::Cancelled))
        )
    })
}

/// The address of who attends, unless they declined.
fn address(entry: &ICalendarEntry) -> Option<String> {
    let declined = entry
        .parameters(&ICalendarParameterName::Partstat)
        .any(|said| {
            said.as_text()
                .is_some_and(|s| s.eq_ignore_ascii_case("DECLINED"))
        });
    let address = entry.calendar_address()?;
    (!declined).then(|| address.to_owned())
}

fn civil_time(written: &PartialDateTime) -> Option<DateTime> {
    let small = |part: Option<u8>| i8::try_from(part.unwrap_or(0)).ok();
    DateTime::new(
        i16::try_from(written.year?).ok()?,
        i8::try_from(written.month?).ok()?,
        i8::try_from(written.day?).ok()?,
        small(written.hour)?,
        small(written.minute)?,
        // A leap second is the one before it.
        small(written.second)?.min(59),
        0,
    )
    .ok()
}

/// A time without a zone, as the library takes it.
fn partial(at: DateTime) -> PartialDateTime {
    PartialDateTime {
        year: u16::try_from(at.year()).ok(),
        month: Some(at.month().unsigned_abs()),
        day: Some(at.day().unsigned_abs()),
        hour: Some(at.hour().unsigned_abs()),
        minute: Some(at.minute().unsigned_abs()),
        second: Some(at.second().unsigned_abs()),
        ..PartialDateTime::default()
    }
}

fn span(duration: &ICalendarDuration) -> Option<Span> {
    if duration.neg {
        return None;
    }
    Span::new()
        .try_weeks(duration.weeks)
        .and_then(|span| span.try_days(duration.days))
        .and_then(|span| span.try_hours(duration.hours))
        .and_then(|span| span.try_minutes(duration.minutes))
        .and_then(|span| span.try_seconds(duration.seconds))
        .ok()
}
