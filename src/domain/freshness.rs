//! How far what is shown can be trusted to be the present.

use std::time::Duration;

/// Age of what is shown, measured against how often it should be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// Younger than twice its interval.
    Fresh,
    /// Older than twice its interval.
    Late,
    /// Older than five intervals.
    Stale,
    /// Its source fails, repeatedly or for longer than two intervals.
    Lost,
    /// Nothing has ever been read.
    Never,
}

impl Freshness {
    /// Freshness by age alone. `slack` is how long an answer itself may take, so that a slow but
    /// healthy source is not called late.
    pub fn of(age: Duration, interval: Duration, slack: Duration) -> Self {
        if age <= interval * 2 + slack {
            Self::Fresh
        } else if age <= interval * 5 + slack {
            Self::Late
        } else {
            Self::Stale
        }
    }

    /// Whether a verdict may rest on it.
    pub fn is_trustworthy(self) -> bool {
        self == Self::Fresh
    }
}
