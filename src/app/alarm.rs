//! Whether something new is worth telling the terminal of: new, unhandled, bad enough, not at a quiet time, and
//! not what was told before.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::config::shape::Notices;
use crate::domain::{Key, Moment, Severity, Text};
use crate::estate::{Estate, Incident};

/// How long at most the first answers are waited for: whatever they tell was so before, and is no news.
const START: Duration = Duration::from_mins(1);
/// How long after the start what began before it may come to light late: it was held back as a possible flap.
const EARLY: Duration = Duration::from_mins(4);
/// How long something must have been over before its return is news again.
const AGAIN: Duration = Duration::from_mins(10);

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// How bad the worst of it is.
    pub severity: Severity,
    /// What the worst is about.
    pub subject: Text,
    /// How many incidents are new.
    pub count: usize,
}

/// What was told, or needs no telling.
#[derive(Debug, Clone)]
pub struct Alarms {
    settings: Notices,
    began: Moment,
    /// The first answers are here.
    is_awake: bool,
    /// Problems that were told of as part of their incident, how bad that was, and since when they are no longer
    /// there.
    told: HashMap<Key, (Severity, Option<Moment>)>,
}

impl Alarms {
    /// Silent until the first answers are here.
    pub fn new(settings: Notices, now: Moment) -> Self {
        Self {
            settings,
            began: now,
            is_awake: false,
            told: HashMap::new(),
        }
    }

    /// What of an estate is to be told at `now`.
    pub fn news(
        &mut self,
        estate: &Estate,
        now: Moment,
        zone: &jiff::tz::TimeZone,
    ) -> Option<Alarm> {
        let mut new: Option<Alarm> = None;
        let mut there: HashSet<&Key> = HashSet::new();
        for incident in &estate.incidents {
            if incident.handled.is_some() || incident.severity < self.settings.from {
                continue;
            }
            if self.is_news(estate, incident, now) {
                let subject = incident.cause(estate).map(|cause| cause.subject.clone());
                match &mut new {
                    // The first is the worst: that is their order.
                    Some(alarm) => alarm.count += 1,
                    None => {
                        new = Some(Alarm {
                            severity: incident.severity,
                            subject: subject.unwrap_or_default(),
                            count: 1,
                        });
                    }
                }
            }
            for key in keys(estate, incident) {
                there.insert(key);
                let told = self.told.entry(key.clone());
                let told = told.or_insert((incident.severity, None));
                *told = (told.0.max(incident.severity), None);
            }
        }
        for (key, (_, gone)) in &mut self.told {
            if !there.contains(key) {
                gone.get_or_insert(now);
            }
        }
        self.told
            .retain(|_, (_, gone)| gone.is_none_or(|gone| gone.plus(AGAIN) > now));
        if !self.is_awake {
            self.is_awake = self.began.plus(START) <= now || is_read(estate);
            return None;
        }
        let is_wanted =
            self.settings.bell || self.settings.terminal != crate::config::shape::Telling::Off;
        new.filter(|_| is_wanted && !is_quiet(&self.settings, now, zone))
    }

    /// Whether nothing of it was told before, or it is worse than what was.
    fn is_news(&self, estate: &Estate, incident: &Incident, now: Moment) -> bool {
        let known = keys(estate, incident).filter_map(|key| self.told.get(key));
        let known = known.filter(|(_, gone)| gone.is_none_or(|gone| gone.plus(AGAIN) > now));
        known
            .map(|(severity, _)| *severity)
            .max()
            .is_none_or(|severity| severity < incident.severity)
            && !self.is_of_before(incident, now)
    }

    /// What was held back at the start, and began before it, is no news either.
    fn is_of_before(&self, incident: &Incident, now: Moment) -> bool {
        now < self.began.plus(EARLY) && incident.since.is_some_and(|since| since < self.began)
    }

    /// What the title of the terminal counts, when it is wanted: unhandled incidents that are bad enough, and
    /// how bad the worst is.
    pub fn counted(&self, estate: &Estate) -> Option<(usize, Severity)> {
        if !self.settings.title {
            return None;
        }
        let counted = || {
            let all = estate.incidents.iter().filter(|i| i.handled.is_none());
            all.filter(|i| i.severity >= self.settings.from)
        };
        let worst = counted().map(|i| i.severity).max();
        Some((counted().count(), worst.unwrap_or_default()))
    }
}

/// The problems of an incident.
fn keys<'a>(estate: &'a Estate, incident: &'a Incident) -> impl Iterator<Item = &'a Key> {
    let below = incident.below.iter().map(|below| below.problem);
    std::iter::once(incident.cause)
        .chain(below)
        .filter_map(|at| estate.problems.get(at as usize))
        .map(|problem| &problem.key)
}

/// Whether every source has said something, good or not, since this program began: what is known of before is
/// old by its age.
fn is_read(estate: &Estate) -> bool {
    let feeds = estate.sources.iter().flat_map(|source| &source.feeds);
    let mut feeds = feeds.filter(|feed| feed.interval < Duration::from_hours(1));
    feeds.all(|feed| feed.awaited_since.is_none())
}

/// Whether `now` is in a quiet time, by the screen's clock.
fn is_quiet(settings: &Notices, now: Moment, zone: &jiff::tz::TimeZone) -> bool {
    let time = now.timestamp().to_zoned(zone.clone()).time();
    let minute = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0);
    settings.quiet.iter().any(|quiet| quiet.has(minute))
}

#[cfg(test)]
mod tests;
