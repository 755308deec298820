//! "Is the site down or is the monitor blind?": the two eyes on one site, compared.

use crate::domain::check::{HostState, MonitoredService, ServiceState};
use crate::domain::web::{Eyes, Probe};
use crate::domain::{Moment, Reading};

use super::super::Estate;
use super::WebRow;

/// Compares what is seen from here with what the monitor says, as far as both tell of the present.
pub(super) fn compare(row: &WebRow, estate: &Estate, now: Moment) -> Eyes {
    let probe = row.probe(estate);
    let check = (row.check).and_then(|at| Some((at.source, estate.check(at)?)));
    match (probe, check) {
        (None, _) => Eyes::OnlyMonitor,
        (Some(_), None) => Eyes::OnlyHere,
        (Some(probe), Some((source, check))) => {
            let read = estate
                .freshness(source, Reading::Checks, now)
                .is_trustworthy();
            both(probe, check, read, now)
        }
    }
}

/// Compares a probe with a check; `read` says whether the monitor itself is read at present.
fn both(probe: &Probe, check: &MonitoredService, read: bool, now: Moment) -> Eyes {
    // The row says so too; here it is about the comparison.
    if !probe.freshness(now).is_trustworthy() {
        return Eyes::HereBlind;
    }
    if !read || check.handling.stale || check.state == ServiceState::Pending {
        return Eyes::MonitorBlind {
            checked: check.checked,
        };
    }
    // A host that is down leaves its checks in their last state.
    let host_down = matches!(check.host_state, HostState::Down | HostState::Unreachable);
    let theirs = host_down || check.state != ServiceState::Ok;
    if probe.is_good() != theirs {
        return Eyes::Agree;
    }
    let soft = if theirs {
        check.handling.soft
    } else {
        !probe.is_hard()
    };
    // Whoever looked before the other one changed has not contradicted it.
    let looked_since = |looked: Option<Moment>, changed: Option<Moment>| match (looked, changed) {
        (Some(looked), Some(changed)) => looked >= changed,
        _ => true,
    };
    // A down host's checks are not run, so their last run says nothing.
    let both_looked = (host_down || looked_since(check.checked, probe.since))
        && looked_since(Some(probe.at), check.since);
    if soft || !both_looked {
        return Eyes::Waiting;
    }
    if theirs {
        Eyes::MonitorSees {
            state: check.state,
            host_down,
            // That of the host is not told here, and that of the check is another.
            since: check.since.filter(|_| !host_down),
        }
    } else {
        Eyes::HereSees { since: probe.since }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::check::Handling;
    use crate::domain::web::{Lack, ProbeOutcome};

    /// Seconds after the beginning of the test.
    fn at(second: u64) -> Moment {
        Moment::from_millis(1_790_000_000_000).plus(Duration::from_secs(second))
    }

    /// A probe at second 1000 that has been so since second 500.
    fn probe(good: bool, misses: u32) -> Probe {
        let outcome = ProbeOutcome::Answered {
            status: if good { 200 } else { 502 },
            first_byte: Duration::from_millis(80),
            redirect: None,
            expected: good,
            cache: None,
            wanted: None,
            lack: (!good).then_some(Lack::Status),
        };
        let mut probe = Probe::new("wiki".into(), "https://wiki/".into(), at(1000), outcome);
        probe.misses = misses;
        probe.since = Some(at(500));
        probe
    }

    /// A check at second 960 that has been so since second 640.
    fn check(state: ServiceState) -> MonitoredService {
        MonitoredService {
            host: "web1".into(),
            name: "HTTPS wiki".into(),
            site: None,
            state,
            host_state: HostState::Up,
            handling: Handling::default(),
            since: Some(at(640)),
            checked: Some(at(960)),
            output: None,
            command: None,
            perfdata: Vec::new(),
        }
    }

    fn eyes(probe: &Probe, check: &MonitoredService) -> Eyes {
        both(probe, check, true, at(1010))
    }

    fn monitor_sees(state: ServiceState, host_down: bool) -> Eyes {
        Eyes::MonitorSees {
            state,
            host_down,
            since: (!host_down).then(|| at(640)),
        }
    }

    #[test]
    fn both_fine_or_both_not_is_agreement() {
        assert_eq!(eyes(&probe(true, 0), &check(ServiceState::Ok)), Eyes::Agree);
        assert_eq!(
            eyes(&probe(false, 1), &check(ServiceState::Crit)),
            Eyes::Agree
        );
        assert_eq!(
            eyes(&probe(false, 9), &check(ServiceState::Warn)),
            Eyes::Agree
        );
    }

    #[test]
    fn contradictions_say_who_sees_what() {
        for state in [
            ServiceState::Warn,
            ServiceState::Unknown,
            ServiceState::Crit,
        ] {
            assert_eq!(
                eyes(&probe(true, 0), &check(state)),
                monitor_sees(state, false)
            );
        }
        assert_eq!(
            eyes(&probe(false, 3), &check(ServiceState::Ok)),
            Eyes::HereSees {
                since: Some(at(500))
            }
        );
        let mut down = check(ServiceState::Ok);
        down.host_state = HostState::Down;
        down.checked = Some(at(10));
        assert_eq!(
            eyes(&probe(true, 0), &down),
            monitor_sees(ServiceState::Ok, true)
        );
    }

    #[test]
    fn what_is_not_confirmed_yet_contradicts_nothing() {
        assert_eq!(
            eyes(&probe(false, 2), &check(ServiceState::Ok)),
            Eyes::Waiting
        );
        let mut soft = check(ServiceState::Crit);
        soft.handling.soft = true;
        assert_eq!(eyes(&probe(true, 0), &soft), Eyes::Waiting);
    }

    #[test]
    fn whoever_has_not_looked_since_the_change_contradicts_nothing() {
        // It recovered from here after the monitor's last look.
        let mut recovered = probe(true, 0);
        recovered.since = Some(at(970));
        assert_eq!(eyes(&recovered, &check(ServiceState::Crit)), Eyes::Waiting);
        let mut fell = probe(false, 3);
        fell.since = Some(at(970));
        assert_eq!(eyes(&fell, &check(ServiceState::Ok)), Eyes::Waiting);
        // The monitor's state is younger than the own probe.
        let mut news = check(ServiceState::Crit);
        news.since = Some(at(1005));
        news.checked = Some(at(1005));
        assert_eq!(eyes(&probe(true, 0), &news), Eyes::Waiting);
    }

    #[test]
    fn who_does_not_see_is_said_to_be_blind() {
        let fine = probe(true, 0);
        let blind = Eyes::MonitorBlind {
            checked: Some(at(960)),
        };
        let crit = check(ServiceState::Crit);
        assert_eq!(both(&fine, &crit, false, at(1010)), blind);
        let mut stale = crit.clone();
        stale.handling.stale = true;
        assert_eq!(eyes(&fine, &stale), blind);
        assert_eq!(eyes(&fine, &check(ServiceState::Pending)), blind);
        assert_eq!(both(&fine, &crit, true, at(1000 + 121)), Eyes::HereBlind);
    }
}
