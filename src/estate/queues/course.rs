//! The course of a queue: what was seen of it over time, and what that says of mails that come and leave.
//!
//! Pure: samples go in, figures come out. Where a queue tells how many mails it ever took in, arrivals and departures
//! are counted; where it tells only its depth, they are the least that explains it.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::queue::Sending;
use crate::domain::{Moment, PerMinute};

/// How long samples are kept.
const KEPT: Duration = Duration::from_hours(1);
/// Most samples kept.
const MOST: usize = 720;
/// Samples that another start is told.
const RECENT: usize = 60;
/// Least time between two marks, and most marks: a day of them.
const MARK: Duration = Duration::from_mins(1);
const MARKS: usize = 1440;

/// What was seen of a queue at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: Moment,
    /// Mails in all.
    pub depth: u64,
    /// Mails that should leave: all but those that wait on purpose.
    pub due: u64,
    /// Number of the first mail in line.
    pub head: Option<u64>,
    /// Mails taken in so far, from any origin ([`crate::domain::queue::Queue::enqueued`]).
    pub enqueued: Option<u64>,
    /// Mails that came since the sample before.
    pub arrived: u64,
    /// Mails that left since the sample before.
    pub left: u64,
}

impl Sample {
    /// A depth, and nothing more.
    pub const fn depth(at: Moment, depth: u64) -> Self {
        Self {
            at,
            depth,
            due: depth,
            head: None,
            enqueued: None,
            arrived: 0,
            left: 0,
        }
    }
}

/// Everything remembered of a queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    samples: VecDeque<Sample>,
    /// Since when nothing has left that should, as far as was seen; `None` when it cannot be told.
    still: Option<Moment>,
    /// How many had come by when, at most one a minute: tells when a numbered mail came in.
    marks: VecDeque<(Moment, u64)>,
}

impl Course {
    /// Takes a sample in; older ones than the last, and the last again, change nothing.
    pub fn take(&mut self, mut sample: Sample, sending: Sending) {
        let last = self.samples.back().copied();
        if last.is_some_and(|last| last.at >= sample.at) {
            return;
        }
        let moved = last.map(|last| passage(&last, &sample, sending.in_order));
        if let Some(moved) = moved {
            sample.arrived = moved.arrived;
            sample.left = moved.left;
        }
        self.still = match (self.still, moved, last) {
            // An empty queue stands still for nothing; the clock starts when a mail is seen.
            _ if sample.due == 0 => None,
            (Some(still), Some(moved), Some(last)) if moved.stood && last.due > 0 => Some(still),
            _ => Some(sample.at),
        };
        self.mark(&sample);
        self.samples.push_back(sample);
        while self.samples.len() > MOST
            || (self.samples.front()).is_some_and(|first| sample.at.until(first.at) > KEPT)
        {
            self.samples.pop_front();
        }
    }

    /// Takes in depths that were seen before everything else, in any order.
    pub fn seed(&mut self, mut older: Vec<(Moment, u64)>) {
        older.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let first = self.samples.front().map(|sample| sample.at);
        let before = self.samples.len();
        for (at, depth) in older {
            if first.is_some_and(|first| at >= first) || self.samples.len() >= MOST {
                continue;
            }
            self.samples.push_front(Sample::depth(at, depth));
        }
        // Depths alone tell the least that moved; the first sample of before has one before it now.
        for index in 1..=self.samples.len() - before {
            let last = self.samples.get(index - 1).copied();
            if let (Some(last), Some(sample)) = (last, self.samples.get_mut(index)) {
                let moved = passage(&last, sample, false);
                (sample.arrived, sample.left) = (moved.arrived, moved.left);
            }
        }
    }

    fn mark(&mut self, sample: &Sample) {
        let Some(enqueued) = sample.enqueued else {
            return;
        };
        match self.marks.back() {
            // Counted from another origin than before.
            Some((_, before)) if *before > enqueued => self.marks.clear(),
            Some((_, before)) if *before == enqueued => return,
            Some((at, _)) if sample.at.until(*at) < MARK => return,
            _ => {}
        }
        self.marks.push_back((sample.at, enqueued));
        if self.marks.len() > MARKS {
            self.marks.pop_front();
        }
    }

    /// What another start needs of it: the depths of before are in the history file.
    pub fn recent(&self) -> Self {
        let spare = self.samples.len().saturating_sub(RECENT);
        Self {
            samples: self.samples.iter().skip(spare).copied().collect(),
            still: self.still,
            marks: self.marks.clone(),
        }
    }

    /// When it was seen last.
    pub fn last(&self) -> Option<Moment> {
        self.samples.back().map(|sample| sample.at)
    }

    /// Samples, oldest first.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = &Sample> + ExactSizeIterator {
        self.samples.iter()
    }

    /// Depths, oldest first.
    pub fn depths(&self) -> Vec<(Moment, u64)> {
        self.samples.iter().map(|s| (s.at, s.depth)).collect()
    }

    /// Since when nothing has left although mails should; `None` when something moves, or nobody can tell.
    pub const fn still_since(&self) -> Option<Moment> {
        self.still
    }

    /// When the first mail in line came in, by its number, and whether that is only the least it can be.
    pub fn head_since(&self) -> Option<(Moment, bool)> {
        let head = self.samples.back()?.head?;
        let came = self
            .marks
            .iter()
            .position(|(_, enqueued)| *enqueued >= head)?;
        let (at, _) = self.marks.get(came)?;
        // When it was there at the very first look, it may be far older.
        Some((*at, came == 0))
    }

    /// Arrivals and departures a minute over the last `window`; `None` before anything can be said.
    pub fn pace(&self, window: Duration) -> Option<(PerMinute, PerMinute)> {
        let last = self.samples.back()?;
        let recent: Vec<&Sample> = self
            .samples
            .iter()
            .filter(|s| last.at.until(s.at) <= window)
            .collect();
        let first = recent.first()?;
        let minutes = last.at.until(first.at).as_secs_f64() / 60.0;
        if minutes < 0.5 {
            return None;
        }
        // What moved up to the first sample moved before the window.
        let moved = |of: fn(&Sample) -> u64| {
            let sum: u64 = recent.iter().skip(1).map(|s| of(s)).sum();
            PerMinute(sum as f64 / minutes)
        };
        Some((moved(|s| s.arrived), moved(|s| s.left)))
    }
}

/// What moved between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Passage {
    arrived: u64,
    left: u64,
    /// It is certain that nothing left.
    stood: bool,
}

fn passage(before: &Sample, after: &Sample, in_order: bool) -> Passage {
    let rose = after.depth.saturating_sub(before.depth);
    let fell = before.depth.saturating_sub(after.depth);
    let same_head = match (before.head, after.head) {
        (Some(a), Some(b)) => Some(a == b),
        _ => None,
    };
    // The first in line is still there: nothing left, however many numbers were given out and not used.
    if in_order && same_head == Some(true) {
        return Passage {
            arrived: rose,
            left: fell,
            stood: fell == 0,
        };
    }
    if let (Some(a), Some(b)) = (before.enqueued, after.enqueued)
        && b >= a
        && b - a >= rose
    {
        let arrived = b - a;
        let left = arrived + before.depth - after.depth;
        return Passage {
            arrived,
            left,
            stood: left == 0,
        };
    }
    let passed = u64::from(same_head == Some(false) && fell == 0 && before.depth > 0);
    Passage {
        arrived: rose + passed,
        left: fell + passed,
        // Equal depths alone prove nothing: as many may have come as left.
        stood: false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_millis(1_790_000_000_000 + second * 1000)
    }

    const IN_ORDER: Sending = Sending {
        cycle: Some(Duration::from_mins(1)),
        batch: None,
        in_order: true,
        defers: false,
    };

    fn numbered(second: i64, depth: u64, head: u64, enqueued: u64) -> Sample {
        Sample {
            head: (depth > 0).then_some(head),
            enqueued: Some(enqueued),
            ..Sample::depth(at(second), depth)
        }
    }

    fn course(samples: &[Sample]) -> Course {
        let mut course = Course::default();
        for sample in samples {
            course.take(*sample, IN_ORDER);
        }
        course
    }

    fn last(course: &Course) -> (u64, u64) {
        let last = course.samples().next_back().unwrap();
        (last.arrived, last.left)
    }

    #[test]
    fn numbers_tell_what_came_and_left() {
        // 20 came and 30 left, though the depth only fell by 10.
        let seen = course(&[numbered(0, 100, 1, 100), numbered(30, 90, 31, 120)]);
        assert_eq!(last(&seen), (20, 30));
        assert_eq!(seen.still_since(), Some(at(30)), "the clock starts anew");
        // All left and others came: an empty queue between is not seen.
        let seen = course(&[numbered(0, 5, 1, 5), numbered(30, 5, 6, 10)]);
        assert_eq!(last(&seen), (5, 5));
    }

    #[test]
    fn numbers_that_were_given_out_and_not_used_are_no_departures() {
        let seen = course(&[numbered(0, 5, 1, 5), numbered(30, 5, 1, 9)]);
        assert_eq!(last(&seen), (0, 0));
        assert_eq!(seen.still_since(), Some(at(0)));
    }

    #[test]
    fn a_depth_alone_tells_the_least() {
        let seen = course(&[Sample::depth(at(0), 5), Sample::depth(at(30), 3)]);
        assert_eq!(last(&seen), (0, 2));
        let seen = course(&[Sample::depth(at(0), 5), Sample::depth(at(30), 5)]);
        assert_eq!(last(&seen), (0, 0));
        assert_eq!(seen.still_since(), Some(at(30)), "nothing is proven");
    }

    #[test]
    fn a_counter_that_starts_anew_is_not_believed() {
        let seen = course(&[numbered(0, 5, 1, 500), numbered(30, 4, 1, 4)]);
        assert_eq!(last(&seen), (0, 1));
        let seen = course(&[
            Sample {
                enqueued: Some(12),
                ..Sample::depth(at(0), 10)
            },
            Sample {
                enqueued: Some(300),
                ..Sample::depth(at(30), 300)
            },
        ]);
        assert_eq!(last(&seen), (290, 0), "its growth cannot explain the depth");
    }

    #[test]
    fn the_clock_runs_while_the_first_in_line_stays() {
        let mut seen = course(&[numbered(0, 0, 0, 7), numbered(30, 3, 8, 10)]);
        assert_eq!(
            seen.still_since(),
            Some(at(30)),
            "since the first mail was seen"
        );
        seen.take(numbered(60, 4, 8, 11), IN_ORDER);
        seen.take(numbered(90, 4, 8, 11), IN_ORDER);
        assert_eq!(seen.still_since(), Some(at(30)));
        seen.take(numbered(120, 3, 9, 11), IN_ORDER);
        assert_eq!(seen.still_since(), Some(at(120)));
        seen.take(numbered(150, 0, 0, 11), IN_ORDER);
        assert_eq!(seen.still_since(), None);
    }

    #[test]
    fn the_first_in_line_is_as_old_as_its_number() {
        let seen = course(&[numbered(0, 3, 1, 3)]);
        assert_eq!(
            seen.head_since(),
            Some((at(0), true)),
            "it was there before we looked"
        );
        let seen = course(&[
            numbered(0, 3, 1, 3),
            numbered(300, 203, 1, 203),
            numbered(400, 200, 4, 203),
        ]);
        assert_eq!(seen.head_since(), Some((at(300), false)));
        assert_eq!(course(&[Sample::depth(at(0), 3)]).head_since(), None);
    }

    #[test]
    fn the_pace_is_that_of_the_window() {
        let samples: Vec<Sample> = (0..=20_u32)
            .map(|n| {
                numbered(
                    i64::from(n) * 30,
                    200 - 5 * u64::from(n),
                    1 + 5 * u64::from(n),
                    200,
                )
            })
            .collect();
        let seen = course(&samples);
        let (arriving, leaving) = seen.pace(Duration::from_mins(5)).unwrap();
        assert_eq!((arriving, leaving), (PerMinute(0.0), PerMinute(10.0)));
        assert_eq!(course(&samples[..1]).pace(Duration::from_mins(5)), None);
    }

    #[test]
    fn older_depths_come_before() {
        let mut seen = course(&[numbered(0, 3, 1, 3)]);
        seen.seed(vec![(at(-60), 9), (at(-30), 7), (at(0), 99), (at(30), 1)]);
        assert_eq!(seen.depths(), [(at(-60), 9), (at(-30), 7), (at(0), 3)]);
    }

    #[test]
    fn an_hour_is_kept() {
        let mut seen = Course::default();
        for minute in 0..200 {
            seen.take(Sample::depth(at(minute * 60), 1), IN_ORDER);
        }
        assert_eq!(seen.samples().len(), 61);
    }
}
