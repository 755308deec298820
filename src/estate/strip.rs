//! The availability strip: the last 24 hours of a web service in half hours, as probed from here.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::domain::graph::Point;
use crate::domain::web::{HARD, Probe, ProbeOutcome};
use crate::domain::{Key, Moment};

/// Number of slots in a strip: a day.
pub const SLOTS: usize = 48;
/// Length of a slot. Slots begin with the half hours of the Unix epoch.
pub const SLOT: Duration = Duration::from_mins(30);
const SLOT_MILLIS: i64 = 1_800_000;

/// Half an hour of a web service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Nothing is known of it.
    Unknown,
    /// Every probe was as expected.
    Ok,
    /// Some were not, or the failure was not confirmed by a third miss.
    Partly,
    /// None was, and that was confirmed.
    Down,
}

/// What came of a probe, for counting. The order is from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Met {
    /// As expected.
    Ok,
    /// Not, for the first or second time in a row.
    Soft,
    /// Not, for the third time in a row or more.
    Hard,
}

impl Met {
    /// What came of this probe.
    pub fn of(probe: &Probe) -> Self {
        match &probe.outcome {
            ProbeOutcome::Answered { expected: true, .. } => Self::Ok,
            _ if probe.misses >= HARD => Self::Hard,
            _ => Self::Soft,
        }
    }

    /// As the history file has it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Soft => 1,
            Self::Hard => 2,
        }
    }

    /// From the history file.
    pub fn from_number(number: f64) -> Option<Self> {
        [Self::Ok, Self::Soft, Self::Hard]
            .into_iter()
            .find(|met| (f64::from(met.number()) - number).abs() < f64::EPSILON)
    }
}

/// Best and worst of what was met within a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// A moment within the slot it belongs to.
    pub at: Moment,
    /// The best.
    pub best: Met,
    /// The worst.
    pub worst: Met,
}

/// What was met of each web service over the last day.
#[derive(Debug, Default)]
pub(super) struct Strips {
    slots: HashMap<Key, BTreeMap<i64, (Met, Met)>>,
}

impl Strips {
    /// Takes in what was met; the same twice changes nothing.
    pub(super) fn note(&mut self, key: &Key, span: Span) {
        let at = span.at.as_millis().div_euclid(SLOT_MILLIS);
        let slots = match self.slots.get_mut(key) {
            Some(slots) => slots,
            None => self.slots.entry(key.clone()).or_default(),
        };
        let slot = slots.entry(at).or_insert((span.best, span.worst));
        slot.0 = slot.0.min(span.best);
        slot.1 = slot.1.max(span.worst);
        while slots.len() > SLOTS {
            slots.pop_first();
        }
    }

    /// The strip of a web service that ends with the half hour of `now`, oldest first.
    pub(super) fn of(&self, key: &Key, now: Moment) -> Vec<Slot> {
        let last = now.as_millis().div_euclid(SLOT_MILLIS);
        let slots = self.slots.get(key);
        (0..SLOTS)
            .rev()
            .map(|back| last.saturating_sub(i64::try_from(back).unwrap_or(i64::MAX)))
            .map(|at| match slots.and_then(|slots| slots.get(&at)) {
                None => Slot::Unknown,
                Some((_, Met::Ok)) => Slot::Ok,
                Some((Met::Soft | Met::Hard, Met::Hard)) => Slot::Down,
                Some(_) => Slot::Partly,
            })
            .collect()
    }
}

/// How long a web service was as it should be, and when it was down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Availability {
    /// How much of the day is known at all.
    pub seen: Duration,
    /// How much of that it was not as it should be, unconfirmed misses included.
    pub missed: Duration,
    /// When it was down: confirmed, from the first miss on. Without an end it still is. Oldest first.
    pub downs: Vec<(Moment, Option<Moment>)>,
}

impl Availability {
    /// Over the 24 hours before `now`, by what was met ([`Met`] by its numbers); a point stands for what follows
    /// until the next one, for `holds` at most.
    pub fn of(points: &[Point], holds: Duration, now: Moment) -> Self {
        const EDGE: f64 = 0.5;
        let from = now.minus(SLOT * 48);
        let mut this = Self::default();
        // Since when every probe missed, whether that was confirmed, and where what is known of it ends.
        let mut down: Option<(Moment, bool, Moment)> = None;
        let end = |down: &mut Option<(Moment, bool, Moment)>, downs: &mut Vec<_>, at: Moment| {
            if let Some((since, true, _)) = down.take() {
                downs.push((since, Some(at)));
            }
        };
        for (index, point) in points.iter().enumerate() {
            let next = points.get(index + 1).map_or(now, |next| next.at);
            let until = next.min(point.at.plus(holds)).min(now);
            let begin = point.at.max(from);
            if until <= begin {
                continue;
            }
            let length = until.until(begin);
            this.seen += length;
            if point.low < EDGE {
                end(&mut down, &mut this.downs, begin);
                if point.high >= EDGE {
                    // Some were as they should be and some not.
                    this.missed += length / 2;
                }
                continue;
            }
            this.missed += length;
            // Nobody looked between: what is not known is not called down.
            if let Some((_, _, known)) = down.filter(|(_, _, known)| *known < begin) {
                end(&mut down, &mut this.downs, known);
            }
            let hard = point.high >= 1.0 + EDGE;
            down = Some(match down {
                Some((since, was, _)) => (since, was || hard, until),
                None => (begin, hard, until),
            });
        }
        if let Some((since, true, known)) = down {
            this.downs.push((since, (known < now).then_some(known)));
        }
        this
    }

    /// The part of what is known that it was as it should be, in tenths of a percent, rounded down: 1000 only when
    /// nothing was missed. `None` when nothing is known.
    pub fn per_mille(&self) -> Option<u32> {
        if self.seen.is_zero() {
            return None;
        }
        let good = self.seen.saturating_sub(self.missed);
        let part = good.as_millis() * 1000 / self.seen.as_millis().max(1);
        Some(u32::try_from(part).unwrap_or(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(minutes: u64, low: Met, high: Met) -> Point {
        Point {
            at: NOON.minus(Duration::from_mins(minutes)),
            low: f64::from(low.number()),
            high: f64::from(high.number()),
            mean: 0.0,
        }
    }

    #[test]
    fn availability_in_figures_and_times() {
        let mut points: Vec<Point> = (1..=24 * 60)
            .rev()
            .map(|minute| match minute {
                // One unconfirmed miss, then eleven minutes of a real one.
                600 => met(minute, Met::Soft, Met::Soft),
                170 => met(minute, Met::Soft, Met::Hard),
                160..=169 => met(minute, Met::Hard, Met::Hard),
                30 => met(minute, Met::Ok, Met::Soft),
                _ => met(minute, Met::Ok, Met::Ok),
            })
            .collect();
        let holds = Duration::from_mins(3);
        let seen = Availability::of(&points, holds, NOON);
        assert_eq!(seen.seen, Duration::from_hours(24));
        assert_eq!(seen.missed, Duration::from_secs(12 * 60 + 30));
        let at = |minutes| NOON.minus(Duration::from_mins(minutes));
        assert_eq!(seen.downs, [(at(170), Some(at(159)))]);
        assert_eq!(seen.per_mille(), Some(991));

        // Still down, and nobody looked for a while in between.
        points.retain(|p| p.at < at(300) || p.at >= at(168));
        points.retain(|p| p.at < at(159));
        let seen = Availability::of(&points, Duration::from_hours(24), NOON);
        assert_eq!(seen.downs, [(at(168), None)]);
        let seen = Availability::of(&points, holds, NOON);
        assert_eq!(seen.downs, [(at(168), Some(at(157)))]);
        assert_eq!(seen.seen, Duration::from_mins(24 * 60 - 300 + 2 + 11));
    }

    #[test]
    fn what_was_never_seen_is_no_availability() {
        let nothing = Availability::of(&[], Duration::from_mins(3), NOON);
        assert_eq!((nothing.per_mille(), nothing.downs.len()), (None, 0));
        let old = [met(3000, Met::Hard, Met::Hard)];
        let nothing = Availability::of(&old, Duration::from_mins(3), NOON);
        assert_eq!(nothing.per_mille(), None);
        let all = [met(10, Met::Ok, Met::Ok)];
        let all = Availability::of(&all, Duration::from_hours(1), NOON);
        assert_eq!(all.per_mille(), Some(1000));
    }

    const NOON: Moment = Moment::from_millis(1_790_000_000_000 / SLOT_MILLIS * SLOT_MILLIS);

    fn span(minutes: u64, best: Met, worst: Met) -> Span {
        Span {
            at: NOON.minus(Duration::from_secs(minutes * 60)),
            best,
            worst,
        }
    }

    #[test]
    fn half_hours_tell_what_was_met_in_them() {
        let mut strips = Strips::default();
        let key = Key::Web("wiki.example.org".into());
        for seen in [
            span(0, Met::Ok, Met::Ok),
            span(20, Met::Soft, Met::Hard),
            span(25, Met::Soft, Met::Soft),
            span(40, Met::Ok, Met::Ok),
            span(50, Met::Hard, Met::Hard),
            span(80, Met::Soft, Met::Soft),
            span(23 * 60 + 29, Met::Hard, Met::Hard),
            span(24 * 60, Met::Ok, Met::Ok),
        ] {
            strips.note(&key, seen);
            strips.note(&key, seen);
        }
        let strip = strips.of(&key, NOON.plus(Duration::from_mins(1)));
        assert_eq!(strip.len(), SLOTS);
        assert_eq!(
            strip[SLOTS - 5..],
            [
                Slot::Unknown,
                Slot::Partly,
                Slot::Partly,
                Slot::Down,
                Slot::Ok
            ]
        );
        assert_eq!(strip[0], Slot::Down, "the day before yesterday's is gone");
        assert_eq!(strip.iter().filter(|s| **s == Slot::Unknown).count(), 43);
    }

    #[test]
    fn nothing_seen_is_unknown() {
        let strip = Strips::default().of(&Key::Web("x".into()), NOON);
        assert_eq!(strip, [Slot::Unknown; SLOTS]);
    }
}
