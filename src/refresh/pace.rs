//! How long to wait: intervals, jitter, back-off.

use std::time::Duration;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Reading, SourceKind};

/// How often is looked which web sites are due.
const DUE: Duration = Duration::from_secs(5);

/// How often a reading is renewed when its source's quickest one has the interval `refresh`.
pub fn interval(kind: SourceKind, reading: Reading, refresh: Duration) -> Duration {
    if reading == Reading::Probes {
        // Each site has its own pace; this is how often is looked which one is due.
        return refresh.min(DUE);
    }
    let times = match (kind, reading) {
        // Version, quorum and rights change rarely.
        (_, Reading::Cluster) => 6,
        (_, Reading::MonitoredHosts | Reading::Checks) => 2,
        // Projects, members and statuses change by the week.
        (_, Reading::Projects) => 20,
        // A search for each.
        (_, Reading::Sections) => 4,
        _ => 1,
    };
    refresh * times
}

/// What a worker knows of its past when it decides how long to wait.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past {
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Refusals of the credential in a row, this one included.
    pub refusals: u32,
}

/// Refusals after which nobody asks any more by himself: accounts get locked.
const REFUSALS: u32 = 2;

/// How long to wait after an outcome; `None` until told to go on. `jitter` is 0 to 1.
pub fn wait(
    interval: Duration,
    failure: Option<&Failure>,
    past: Past,
    jitter: f64,
) -> Option<Duration> {
    let Some(failure) = failure else {
        // A tenth to either side, so that the workers of many vigies do not march in step.
        return Some(interval.mul_f64(0.9 + jitter.clamp(0.0, 1.0) * 0.2));
    };
    if !failure.is_worth_retrying() && past.refusals >= REFUSALS {
        return None;
    }
    if let FailureKind::Busy {
        retry_after: Some(asked),
        ..
    } = failure.kind
    {
        return Some(asked.max(interval));
    }
    let doubled = interval.saturating_mul(1 << past.failures.saturating_sub(1).min(8));
    let longest = super::LONGEST.max(interval);
    Some(
        doubled
            .min(longest)
            .mul_f64(0.75 + jitter.clamp(0.0, 1.0) * 0.5),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;

    const TEN: Duration = Duration::from_secs(10);

    fn refused() -> Failure {
        Failure::new(FailureKind::Unauthorized {
            credential: Text::clean("token"),
            reason: None,
        })
    }

    #[test]
    fn a_good_answer_keeps_the_pace() {
        assert_eq!(wait(TEN, None, Past::default(), 0.5), Some(TEN));
        assert_eq!(
            wait(TEN, None, Past::default(), 0.0),
            Some(Duration::from_secs(9))
        );
    }

    #[test]
    fn failures_double_the_wait_up_to_five_minutes() {
        let failure = Failure::new(FailureKind::LoginPage);
        let after = |failures| {
            wait(
                TEN,
                Some(&failure),
                Past {
                    failures,
                    refusals: 0,
                },
                0.5,
            )
        };
        assert_eq!(after(1), Some(TEN));
        assert_eq!(after(3), Some(TEN * 4));
        assert_eq!(after(30), Some(Duration::from_mins(5)));
    }

    #[test]
    fn a_refused_credential_is_tried_twice_and_no_more() {
        assert!(
            wait(
                TEN,
                Some(&refused()),
                Past {
                    failures: 1,
                    refusals: 1
                },
                0.5
            )
            .is_some()
        );
        assert_eq!(
            wait(
                TEN,
                Some(&refused()),
                Past {
                    failures: 2,
                    refusals: 2
                },
                0.5
            ),
            None
        );
    }

    #[test]
    fn a_server_that_asks_for_peace_gets_it() {
        let busy = Failure::new(FailureKind::Busy {
            retry_after: Some(Duration::from_mins(2)),
            code: 503,
        });
        assert_eq!(
            wait(
                TEN,
                Some(&busy),
                Past {
                    failures: 1,
                    refusals: 0
                },
                0.5
            ),
            Some(Duration::from_mins(2))
        );
    }
}
