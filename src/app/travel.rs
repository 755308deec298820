//! Travelling through the last day: the list of problems as it was.
//!
//! While it lasts, the estate of the model is that of the past, and so is its clock: whatever is drawn is drawn
//! of then. Only Triage is known of the past; going anywhere else goes back to now.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::Moment;
use crate::estate::Estate;
use crate::estate::timeline::{DAY, past};

use super::{App, Notice, Tab};

/// Changes nearer to each other than this are one step.
const STEP: Duration = Duration::from_secs(3);

/// Where in the past.
#[derive(Debug, Clone)]
pub struct Travel {
    /// The moment that is shown.
    pub at: Moment,
    /// The estate of now, which waits.
    pub present: Arc<Estate>,
}

impl Travel {
    /// Until when what is shown stayed so; nothing when it still is.
    pub fn until(&self) -> Option<Moment> {
        past::until(&self.present.timeline, self.at)
    }
}

impl App {
    /// The estate of now, whatever is shown.
    pub fn present(&self) -> &Arc<Estate> {
        self.travel.as_ref().map_or(&self.estate, |t| &t.present)
    }

    /// Shows the list of problems as it was.
    pub(super) fn travel_to(&mut self, at: Moment) {
        let present = Arc::clone(self.present());
        let was = past::estate(&present, at);
        self.layers.clear();
        self.chosen = None;
        self.tab = Tab::Triage;
        self.now = at;
        self.travel = Some(Travel { at, present });
        self.take_estate(Arc::new(was));
    }

    /// Shows now again; whether anything else was shown.
    pub(super) fn return_to_now(&mut self) -> bool {
        let Some(travel) = self.travel.take() else {
            return false;
        };
        self.now = self.clock;
        self.chosen = None;
        self.take_estate(travel.present);
        true
    }

    /// One change back.
    pub(super) fn go_earlier(&mut self) {
        let moments = self.moments();
        let at = match &self.travel {
            Some(travel) => travel.at,
            // What there is since the last change is there now.
            None => moments.last().copied().unwrap_or(self.clock),
        };
        match moments.iter().rev().find(|moment| **moment < at) {
            Some(before) => self.travel_to(*before),
            None => self.say(Notice::NothingEarlier),
        }
    }

    /// One change on; at last to now.
    pub(super) fn go_later(&mut self) {
        let Some(at) = self.travel.as_ref().map(|travel| travel.at) else {
            self.say(Notice::NothingLater);
            return;
        };
        let moments = self.moments();
        let last = moments.last().copied();
        match moments.into_iter().find(|moment| *moment > at) {
            Some(next) if Some(next) != last => self.travel_to(next),
            _ => {
                self.return_to_now();
                self.say(Notice::Now);
            }
        }
    }

    /// Just before or just after a moment at which something changed.
    pub(super) fn travel_around(&mut self, at: Moment, after: bool) {
        let moment = if after {
            at
        } else {
            at.minus(Duration::from_millis(1))
        };
        if past::is_watched(&self.present().timeline, moment) {
            self.travel_to(moment);
        } else {
            self.say(Notice::NothingEarlier);
        }
    }

    /// Moments to step through, oldest first.
    fn moments(&self) -> Vec<Moment> {
        let kept = &self.present().timeline;
        let start = self.clock.minus(DAY);
        let mut moments = past::moments(kept, self.clock);
        let begins = kept.watches.iter();
        moments.extend(begins.filter_map(|watch| {
            let begin = watch.from.max(start);
            watch.has(begin).then_some(begin)
        }));
        moments.sort_unstable();
        // Of several at once the last.
        let mut steps: Vec<Moment> = Vec::with_capacity(moments.len());
        for moment in moments {
            match steps.last_mut() {
                Some(last) if moment < last.plus(STEP) => *last = moment,
                _ => steps.push(moment),
            }
        }
        steps
    }
}
