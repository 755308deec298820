//! What outlives the program: what a keeper hands out at the end, and takes in at the next start.

use crate::domain::{Key, Moment, SourceId};

use super::SourceState;
use super::queues::Course;
use super::strip::Span;

/// Everything a keeper needs to go on where another one ended.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The sources with their feeds.
    pub sources: Vec<SourceState>,
    /// Guests that were seen running and are expected to.
    pub ran: Vec<(SourceId, u32)>,
    /// When problems that do not tell it themselves were first seen.
    pub since: Vec<(Key, Moment)>,
    /// When each problem was first seen, and the answer before in which it was not.
    pub onsets: Vec<(Key, Moment, Option<Moment>)>,
    /// Problems that are folded under others, and what those are about.
    pub folds: Vec<(Key, Key)>,
    /// What was seen of queues over time.
    pub courses: Vec<(Key, Course)>,
}

/// What the history remembers of the recent past.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recalled {
    /// Depths of queues over the last hour, oldest first.
    pub depths: Vec<(Key, Vec<(Moment, u64)>)>,
    /// What was met of web services over the last day.
    pub met: Vec<(Key, Vec<Span>)>,
    /// What went wrong and right over the last day.
    pub timeline: super::timeline::Remembered,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::Failure;
    use crate::domain::failure::FailureKind;
    use crate::estate::fixture::{self, MAIL, NOW, WEB};
    use crate::estate::note::About;
    use crate::estate::queues::Verdict;
    use crate::estate::strip::{Met, SLOTS};
    use crate::estate::{Keeper, Slot};

    #[test]
    fn a_queue_is_known_to_drain_right_after_a_restart() {
        let mut known = fixture::kept().known();
        // As after a crash long ago: only the history file remembers.
        known.courses.clear();
        let mut keeper = Keeper::resume(known, NOW);
        let first = keeper.publish();
        let row = first.queues.iter().find(|q| q.source == MAIL).unwrap();
        assert_eq!(row.trend.len(), 1, "only the last known answer");
        let (at, depth) = row.trend[0];
        assert!(depth > 0);

        let past: Vec<(Moment, u64)> = (1..=10)
            .rev()
            .map(|n| (at.minus(Duration::from_secs(60 * n)), depth + 10 * n))
            .chain([(at, depth)])
            .collect();
        keeper.recall(Recalled {
            depths: vec![(row.key(), past.clone())],
            ..Recalled::default()
        });
        let second = keeper.publish();
        let row = second.queues.iter().find(|q| q.source == MAIL).unwrap();
        assert_eq!(row.trend, past, "none twice");
        assert!(
            matches!(row.verdict, Verdict::Draining(_)),
            "{:?}",
            row.verdict
        );
    }

    #[test]
    fn strips_hold_the_recalled_and_the_present() {
        let mut keeper = fixture::kept();
        let row = keeper
            .publish()
            .web
            .iter()
            .find(|w| w.probe.is_some())
            .cloned();
        let row = row.unwrap();
        assert_eq!(row.source, WEB);
        assert_eq!(row.strip.len(), SLOTS);
        let known = |strip: &[Slot]| strip.iter().filter(|s| **s != Slot::Unknown).count();
        assert_eq!(known(&row.strip), 1);
        let yesterday = NOW.minus(Duration::from_hours(23));
        let span = Span {
            at: yesterday,
            best: Met::Soft,
            worst: Met::Hard,
        };
        keeper.recall(Recalled {
            met: vec![(row.key(), vec![span])],
            ..Recalled::default()
        });
        let estate = keeper.publish();
        let row = estate.web.iter().find(|w| w.name == row.name).unwrap();
        assert_eq!(known(&row.strip), 2);
        assert_eq!(row.strip[1], Slot::Down);
        // A site that is not probed from here is not known at all.
        let unprobed = estate.web.iter().find(|w| w.probe.is_none()).unwrap();
        assert_eq!(known(&unprobed.strip), 0);
    }

    #[test]
    fn notes_are_said_once_and_taken_back() {
        let mut keeper = fixture::keeper();
        let why = Failure::new(FailureKind::LoginPage);
        for _ in 0..2 {
            keeper.note(About::History, Some(why.clone()));
        }
        keeper.note(About::Keeping, Some(why.clone()));
        let about = |estate: &crate::estate::Estate| -> Vec<About> {
            estate.notes.iter().map(|note| note.about).collect()
        };
        assert_eq!(about(&keeper.publish()), [About::History, About::Keeping]);
        keeper.note(About::History, None);
        assert_eq!(about(&keeper.publish()), [About::Keeping]);
    }

    #[test]
    fn a_guest_that_was_seen_to_run_is_still_expected_to() {
        let mut known = fixture::kept().known();
        assert!(!known.ran.is_empty());
        let ran = known.ran.clone();
        // One that no answer knows any more is forgotten.
        known.ran.push((fixture::GOLEM, 4_000_000));
        let mut again = Keeper::resume(known, NOW).known().ran;
        let mut before = ran;
        before.sort();
        again.sort();
        assert_eq!(again, before);
    }
}
