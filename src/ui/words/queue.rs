//! Mail queues.

use std::borrow::Cow;

use crate::estate::queues::Verdict;

use super::duration_short;

/// What to think of a queue: `empty`, `draining, empty in 12m`, `growing by 7 a minute`.
pub fn verdict(verdict: &Verdict) -> Cow<'static, str> {
    match verdict {
        Verdict::Empty => Cow::Borrowed("empty"),
        Verdict::Draining(left) => {
            Cow::Owned(format!("draining, empty in {}", duration_short(*left)))
        }
        Verdict::Growing(pace) => Cow::Owned(format!("growing by {} a minute", few(pace.0))),
        Verdict::Steady => Cow::Borrowed("steady"),
        Verdict::Watching => Cow::Borrowed("watching"),
        Verdict::Down => Cow::Borrowed("mail system down"),
        Verdict::Unknown => Cow::Borrowed("unknown"),
    }
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
    use std::time::Duration;

    use super::*;
    use crate::domain::PerMinute;

    #[test]
    fn verdicts_in_words() {
        let table = [
            (Verdict::Empty, "empty"),
            (
                Verdict::Draining(Duration::from_secs(725)),
                "draining, empty in 12m",
            ),
            (Verdict::Growing(PerMinute(7.0)), "growing by 7 a minute"),
            (Verdict::Growing(PerMinute(0.52)), "growing by 0.5 a minute"),
            (
                Verdict::Growing(PerMinute(412.4)),
                "growing by 412 a minute",
            ),
            (Verdict::Down, "mail system down"),
        ];
        for (of, words) in table {
            assert_eq!(verdict(&of), words);
        }
    }
}
