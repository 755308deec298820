//! Points in time, whole milliseconds of the Unix epoch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time. Server times are converted to it at the border; impossible ones become `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(i64);

/// Years 2000 to 2200: outside, a server's clock or field is broken and the time is unknown.
const PLAUSIBLE_SECONDS: std::ops::Range<i64> = 946_684_800..7_258_118_400;

impl Moment {
    /// From Unix seconds; `None` for 0 ("never" on every server we read) and implausible times.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        PLAUSIBLE_SECONDS
            .contains(&seconds)
            .then(|| Self(seconds * 1000))
    }

    /// From milliseconds of the Unix epoch, unchecked: for our own clock and tests.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From an RFC 3339 text such as `2026-11-21T20:06:19Z` or `…+00:00`.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let stamp: jiff::Timestamp = text.trim().parse().ok()?;
        Self::from_unix(stamp.as_second())
    }

    /// Now, by the system's clock. Only I/O rooms call this; the rest is given the moment.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// Milliseconds of the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds of the Unix epoch.
    pub const fn as_unix(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long ago this was at `now`; `None` when it lies in the future by more than a minute
    /// (a minute of clock difference is shown as "now").
    pub fn age(self, now: Self) -> Option<Duration> {
        let millis = now.0.saturating_sub(self.0);
        if millis < -60_000 {
            return None;
        }
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }

    /// How long until this at `now`; zero when it has passed.
    pub fn until(self, now: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(now.0)).unwrap_or(0))
    }

    /// This moment plus a duration.
    pub fn plus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment less a duration.
    pub fn minus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// For calendars: the same instant as a `jiff` timestamp.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// `2026-11-21T20:06:19Z`, as Redmine's filters want it.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.as_unix())
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_nonsense_are_never() {
        assert_eq!(Moment::from_unix(0), None);
        assert_eq!(Moment::from_unix(-5), None);
        assert_eq!(Moment::from_unix(i64::MAX), None);
    }

    #[test]
    fn the_future_has_no_age() {
        let now = Moment::from_millis(1_790_000_000_000);
        assert_eq!(
            now.plus(Duration::from_secs(30)).age(now),
            Some(Duration::ZERO)
        );
        assert_eq!(now.plus(Duration::from_mins(5)).age(now), None);
        assert_eq!(
            now.minus(Duration::from_secs(90)).age(now),
            Some(Duration::from_secs(90))
        );
    }

    #[test]
    fn rfc3339_round_trip() {
        let text = "2026-11-21T20:06:19Z";
        assert_eq!(
            Moment::from_rfc3339(text).map(Moment::rfc3339).as_deref(),
            Some(text)
        );
        assert_eq!(
            Moment::from_rfc3339("2026-11-21T21:06:19+01:00")
                .map(Moment::rfc3339)
                .as_deref(),
            Some(text)
        );
    }
}
