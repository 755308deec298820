//! The availability strip: the last 24 hours of a web service in half hours, as probed from here.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

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

#[cfg(test)]
mod tests {
    use super::*;

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
