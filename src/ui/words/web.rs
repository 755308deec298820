//! Two eyes on a web service, and what is wrong with one that answers.

use std::fmt::Write as _;
use std::time::Duration;

use crate::domain::check::ServiceState;
use crate::domain::web::{Body, Eyes, Family, FlawKind, ProbeOutcome, Protocol, Timing, Upgrade};
use crate::domain::{Bytes, Failure, Moment};

use super::{bytes, duration, failure_short, milliseconds, probe};

/// How what is seen from here and what the monitor says stand to each other, in one line:
/// `Checkmk: critical for 6 minutes; from here: 200 in 80 ms, so look at the monitor's path`.
pub fn eyes(eyes: &Eyes, outcome: Option<&ProbeOutcome>, now: Moment) -> String {
    let here = outcome.map_or_else(|| "not probed".to_owned(), probe);
    let lasting = |since: &Option<Moment>| {
        since
            .and_then(|at| at.age(now))
            .map(|age| format!(" for {}", duration(age)))
            .unwrap_or_default()
    };
    match eyes {
        Eyes::Agree => "Checkmk and the probe from here say the same".to_owned(),
        Eyes::OnlyHere => "Checkmk does not look at its pages".to_owned(),
        Eyes::OnlyMonitor => "not probed from here, only by Checkmk".to_owned(),
        Eyes::Waiting => {
            "changed lately: Checkmk and the probe from here have not both looked since".to_owned()
        }
        Eyes::MonitorSees { since, .. } | Eyes::HereSees { since } => {
            contradiction(eyes, &here, &lasting(since))
        }
        Eyes::MonitorBlind { checked } => match checked.and_then(|at| at.age(now)) {
            Some(age) => format!(
                "Checkmk tells nothing of the present, its last check is {} old; from here: {here}",
                duration(age)
            ),
            None => format!("Checkmk tells nothing of the present; from here: {here}"),
        },
        Eyes::HereBlind => "the probe from here is late, so Checkmk is alone".to_owned(),
    }
}

/// A contradiction; `lasting` is empty or ` for 6m`.
fn contradiction(eyes: &Eyes, here: &str, lasting: &str) -> String {
    match eyes {
        Eyes::MonitorSees {
            state, host_down, ..
        } => {
            let monitor = match (host_down, state) {
                (true, _) => "its host down",
                (false, ServiceState::Warn) => "warning",
                (false, ServiceState::Unknown) => "unknown",
                (false, _) => "critical",
            };
            format!("Checkmk: {monitor}{lasting}; from here: {here}, so look at the monitor's path")
        }
        _ => format!(
            "from here{lasting}: {here}; Checkmk: ok, so look at the way from here to the site"
        ),
    }
}

/// What is wrong with a web service, without how long: that stands beside it.
pub fn web_trouble(outcome: &ProbeOutcome, eyes: &Eyes) -> String {
    if eyes.disagree() {
        return contradiction(eyes, &probe(outcome), "");
    }
    probe(outcome)
}

/// What is wrong with a site that answers all the same.
pub fn flaw(flaw: &FlawKind) -> String {
    match flaw {
        FlawKind::Family(protocol, failure) => {
            let other = match protocol {
                Protocol::V4 => Protocol::V6,
                Protocol::V6 => Protocol::V4,
            };
            format!(
                "{} does not work, {} does: {}",
                protocol.name(),
                other.name(),
                failure_short(&Failure::new(failure.clone()))
            )
        }
        FlawKind::Upgrade(upgrade) => upgrade_words(upgrade),
    }
}

/// What `http://` does.
pub fn upgrade_words(upgrade: &Upgrade) -> String {
    match upgrade {
        Upgrade::Done { to } => format!("http:// leads to {to}"),
        Upgrade::Elsewhere { to } => format!("http:// leads to {to}, not to https:// of the site"),
        Upgrade::Clear { status } => {
            format!("http:// answers {status} in the clear and does not lead to https://")
        }
        Upgrade::Failed(failure) => {
            format!(
                "http:// does not lead to https://: {}",
                failure_short(failure)
            )
        }
    }
}

/// How a family of addresses took the connection: `192.0.2.7:443 in 12 ms`.
pub fn family(family: &Family) -> String {
    match family {
        Family::Absent => "no such address".to_owned(),
        Family::Connected { address, took } => format!("{address} in {}", milliseconds(*took)),
        Family::Failed { failure, .. } => failure_short(&Failure::new(failure.clone())),
        Family::NoRoute { address } => {
            format!("{address} cannot be reached from this machine")
        }
    }
}

/// The phases of a probe: `name 2 ms, connect 12 ms, TLS 30 ms, first byte 80 ms, whole 130 ms`.
pub fn timing(timing: &Timing) -> String {
    let mut words = String::new();
    let mut add = |name: &str, length: Option<Duration>| {
        if let Some(length) = length {
            // Writing into a String does not fail.
            let _ = write!(words, "{name} {}, ", milliseconds(length));
        }
    };
    add("name", timing.resolve);
    add("connect", timing.connect);
    add("TLS", timing.tls);
    add("first byte", timing.first_byte);
    let _ = write!(words, "whole {}", milliseconds(timing.whole));
    words
}

/// How much of a page was read: `24 KiB`, `the first 256 KiB of 200 MiB`.
pub fn body(body: Body) -> String {
    let read = bytes(Bytes(body.read));
    match body.announced {
        _ if body.complete => read,
        Some(announced) => format!("the first {read} of {}", bytes(Bytes(announced))),
        None => format!("the first {read}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;
    use crate::domain::web::Lack;

    const NOW: Moment = Moment::from_millis(1_790_000_000_000);

    fn answered(status: u16, expected: bool) -> ProbeOutcome {
        ProbeOutcome::Answered {
            status,
            first_byte: Duration::from_millis(80),
            redirect: None,
            expected,
            cache: None,
            wanted: (!expected).then(|| "200".into()),
            lack: (!expected).then_some(Lack::Status),
        }
    }

    #[test]
    fn two_eyes_in_words() {
        let ago = |seconds| Some(NOW.minus(Duration::from_secs(seconds)));
        let sees = |state, host_down, since| Eyes::MonitorSees {
            state,
            host_down,
            since,
        };
        let fine = answered(200, true);
        let broken = answered(502, false);
        let lines = [
            (Eyes::Agree, &fine),
            (Eyes::OnlyHere, &fine),
            (Eyes::Waiting, &fine),
            (sees(ServiceState::Crit, false, ago(360)), &fine),
            (sees(ServiceState::Warn, false, None), &fine),
            (sees(ServiceState::Ok, true, None), &fine),
            (Eyes::HereSees { since: ago(240) }, &broken),
            (Eyes::MonitorBlind { checked: ago(900) }, &broken),
            (Eyes::MonitorBlind { checked: None }, &fine),
            (Eyes::HereBlind, &fine),
        ]
        .map(|(seen, outcome)| eyes(&seen, Some(outcome), NOW))
        .join("\n");
        let alone = eyes(&Eyes::OnlyMonitor, None, NOW);
        insta::assert_snapshot!(format!("{lines}\n{alone}"));
    }

    #[test]
    fn a_problem_says_both_only_where_they_contradict_each_other() {
        let fine = answered(200, true);
        let broken = answered(502, false);
        assert_eq!(web_trouble(&broken, &Eyes::Agree), "502, wanted 200");
        assert_eq!(web_trouble(&broken, &Eyes::OnlyHere), "502, wanted 200");
        assert_eq!(
            web_trouble(&broken, &Eyes::HereSees { since: Some(NOW) }),
            "from here: 502, wanted 200; Checkmk: ok, so look at the way from here to the site"
        );
        let sees = Eyes::MonitorSees {
            state: ServiceState::Crit,
            host_down: false,
            since: Some(NOW),
        };
        assert_eq!(
            web_trouble(&fine, &sees),
            "Checkmk: critical; from here: 200 in 80 ms, so look at the monitor's path"
        );
    }

    #[test]
    fn flaws_in_words() {
        let refused = || FailureKind::Unreachable {
            detail: "[2001:db8::1]:443: connection refused".into(),
        };
        let table = [
            (
                FlawKind::Family(Protocol::V6, refused()),
                "IPv6 does not work, IPv4 does: unreachable: [2001:db8::1]:443: connection refused",
            ),
            (
                FlawKind::Upgrade(Upgrade::Clear { status: 200 }),
                "http:// answers 200 in the clear and does not lead to https://",
            ),
            (
                FlawKind::Upgrade(Upgrade::Elsewhere {
                    to: "http://www.example.org/".into(),
                }),
                "http:// leads to http://www.example.org/, not to https:// of the site",
            ),
            (
                FlawKind::Upgrade(Upgrade::Failed(Failure::new(refused()))),
                "http:// does not lead to https://: unreachable: [2001:db8::1]:443: connection refused",
            ),
        ];
        for (kind, words) in table {
            assert_eq!(flaw(&kind), words);
        }
    }

    #[test]
    fn phases_and_pages_in_words() {
        let mut phases = Timing {
            whole: Duration::from_millis(130),
            ..Timing::default()
        };
        assert_eq!(timing(&phases), "whole 130 ms");
        phases.connect = Some(Duration::from_millis(12));
        phases.tls = Some(Duration::from_millis(30));
        assert_eq!(timing(&phases), "connect 12 ms, TLS 30 ms, whole 130 ms");
        let page = |read, complete, announced| {
            body(Body {
                read,
                complete,
                announced,
            })
        };
        assert_eq!(page(24 << 10, true, None), "24 KiB");
        assert_eq!(
            page(256 << 10, false, Some(200 << 20)),
            "the first 256 KiB of 200 MiB"
        );
        assert_eq!(page(256 << 10, false, None), "the first 256 KiB");
    }
}
