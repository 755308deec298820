//! Mail queues.

use std::borrow::Cow;
use std::time::Duration;

use crate::domain::{Moment, PerMinute};
use crate::estate::queues::Verdict;

use super::{age, duration};

/// What to think of a queue: `empty`, `draining, about 21 min left`, `growing by 7 a minute`,
/// `not draining for 3 cycles (3m)`.
pub fn verdict(verdict: &Verdict, now: Moment) -> Cow<'static, str> {
    match verdict {
        Verdict::Empty => Cow::Borrowed("empty"),
        Verdict::Draining(left) => Cow::Owned(format!("draining, {}", time_left(*left))),
        Verdict::Growing(pace) => Cow::Owned(format!("growing by {} a minute", few(pace.0))),
        Verdict::Steady => Cow::Borrowed("steady"),
        Verdict::Waiting => Cow::Borrowed("all wait for another try"),
        Verdict::Watching => Cow::Borrowed("watching"),
        Verdict::NotDraining(stuck) => Cow::Owned(format!(
            "not draining for {}",
            cycles(stuck.cycles, stuck.cycle)
        )),
        Verdict::Down => Cow::Borrowed("mail system down"),
        Verdict::Unknown(None) => Cow::Borrowed("unknown"),
        Verdict::Unknown(seen) => Cow::Owned(format!("unknown, last seen {}", age(*seen, now))),
    }
}

/// Why a queue is judged so, where the verdict does not say it itself.
pub fn verdict_reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Empty => Some("no mail waits".to_owned()),
        Verdict::Steady => Some("mails come and go, and about as many wait".to_owned()),
        Verdict::Waiting => Some(
            "every mail here failed before or is held; Postfix tries again by itself".to_owned(),
        ),
        Verdict::Watching => Some("seen for too short a time to tell".to_owned()),
        Verdict::NotDraining(stuck) => Some(format!(
            "no mail has left for {} ({})",
            super::count(u64::from(stuck.cycles), "sending cycle"),
            duration(stuck.cycle * stuck.cycles)
        )),
        Verdict::Unknown(_) => Some("it cannot be read now".to_owned()),
        Verdict::Draining(_) | Verdict::Growing(_) | Verdict::Down => None,
    }
}

/// `12 cycles (12m)`.
pub fn cycles(number: u32, cycle: Duration) -> String {
    format!(
        "{} ({})",
        super::count(u64::from(number), "cycle"),
        duration(cycle * number)
    )
}

/// `less than a minute left`, `about 21 min left`, `about 3 h left`, `about 2 days left`.
fn time_left(left: Duration) -> String {
    let minutes = (left.as_secs_f64() / 60.0).round();
    if minutes < 1.0 {
        "less than a minute left".to_owned()
    } else if minutes < 120.0 {
        format!("about {minutes:.0} min left")
    } else if minutes < 48.0 * 60.0 {
        format!("about {:.0} h left", minutes / 60.0)
    } else {
        format!("about {:.0} days left", minutes / 1440.0)
    }
}

/// A pace in mails a minute, without the unit: `7`, `0.5`, `412`.
pub fn pace(pace: PerMinute) -> String {
    few(pace.0)
}

/// One decimal below ten.
fn few(pace: f64) -> String {
    if pace < 9.95 {
        let figure = format!("{pace:.1}");
        figure.strip_suffix(".0").unwrap_or(&figure).to_owned()
    } else {
        format!("{pace:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::queues::Stuck;

    #[test]
    fn verdicts_in_words() {
        let now = Moment::from_millis(1_790_000_000_000);
        let draining = |seconds| Verdict::Draining(Duration::from_secs(seconds));
        let table = [
            (Verdict::Empty, "empty"),
            (draining(1260), "draining, about 21 min left"),
            (draining(20), "draining, less than a minute left"),
            (draining(3 * 3600), "draining, about 3 h left"),
            (draining(4 * 86_400), "draining, about 4 days left"),
            (Verdict::Growing(PerMinute(7.0)), "growing by 7 a minute"),
            (Verdict::Growing(PerMinute(0.52)), "growing by 0.5 a minute"),
            (
                Verdict::Growing(PerMinute(412.4)),
                "growing by 412 a minute",
            ),
            (Verdict::Down, "mail system down"),
            (
                Verdict::NotDraining(Stuck {
                    since: now,
                    cycles: 3,
                    cycle: Duration::from_mins(1),
                }),
                "not draining for 3 cycles (3m)",
            ),
            (Verdict::Unknown(None), "unknown"),
            (
                Verdict::Unknown(Some(now.minus(Duration::from_mins(5)))),
                "unknown, last seen 5m ago",
            ),
        ];
        for (of, words) in table {
            assert_eq!(verdict(&of, now), words);
        }
    }
}
