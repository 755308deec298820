//! Web probes.

use std::fmt::Write as _;
use std::time::Duration;

use crate::domain::web::{Lack, ProbeOutcome};

use super::failure_short;

/// `200 in 80 ms`, `301 to https://…`, `502, wanted 200`, or why there was no answer.
pub fn probe(outcome: &ProbeOutcome) -> String {
    match outcome {
        ProbeOutcome::Answered {
            status,
            first_byte,
            redirect,
            wanted,
            lack,
            expected,
            ..
        } => {
            if let Some(Lack::Loop { hops }) = lack {
                return circle(*status, *hops);
            }
            let mut words = match redirect {
                Some(to) if (300..400).contains(status) => format!("{status} to {to}"),
                _ if *expected => format!("{status} in {}", milliseconds(*first_byte)),
                _ => status.to_string(),
            };
            // Writing into a String does not fail.
            match (lack, wanted) {
                (Some(Lack::TextMissing(text)), _) => {
                    let _ = write!(words, ", without \"{text}\"");
                }
                (Some(Lack::TextPresent(text)), _) => {
                    let _ = write!(words, ", with \"{text}\"");
                }
                (Some(Lack::Compressed(coding)), _) => {
                    let _ = write!(words, ", its text cannot be looked at: {coding}");
                }
                (_, Some(wanted)) if !expected => {
                    words.push_str(", wanted ");
                    words.push_str(wanted);
                }
                _ if !expected => words.push_str(", not as expected"),
                _ => {}
            }
            words
        }
        ProbeOutcome::Failed(failure) => failure_short(failure),
    }
}

/// Redirects that lead nowhere.
fn circle(status: u16, hops: u32) -> String {
    match hops {
        0 => format!("{status} to itself: a redirect loop, or it wants a cookie"),
        _ => format!(
            "{status} after {}: a redirect loop, or it wants a cookie",
            super::count(u64::from(hops), "redirect")
        ),
    }
}

/// A time to wait for an answer: `<1 ms`, `80 ms`, `2.4 s`, `31 s`.
pub fn milliseconds(length: Duration) -> String {
    match length.as_millis() {
        0 => "<1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        millis @ 1000..9950 if millis % 1000 >= 50 => format!("{:.1} s", length.as_secs_f64()),
        _ => format!("{:.0} s", length.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Failure;
    use crate::domain::failure::{FailureKind, Stage};

    fn answered(status: u16, redirect: Option<&str>, wanted: Option<&str>, fine: bool) -> String {
        probe(&ProbeOutcome::Answered {
            status,
            first_byte: Duration::from_millis(80),
            redirect: redirect.map(Into::into),
            expected: fine,
            cache: None,
            wanted: wanted.map(Into::into),
            lack: (!fine).then_some(Lack::Status),
        })
    }

    fn lacks(status: u16, lack: Lack) -> String {
        probe(&ProbeOutcome::Answered {
            status,
            first_byte: Duration::from_millis(80),
            redirect: Some("https://wiki.example.org/start".into()),
            expected: false,
            cache: None,
            wanted: None,
            lack: Some(lack),
        })
    }

    #[test]
    fn what_an_answer_lacks_in_words() {
        let table = [
            (
                lacks(200, Lack::TextMissing("Wiki".into())),
                "200, without \"Wiki\"",
            ),
            (
                lacks(200, Lack::TextPresent("Error".into())),
                "200, with \"Error\"",
            ),
            (
                lacks(200, Lack::Compressed("gzip".into())),
                "200, its text cannot be looked at: gzip",
            ),
            (
                lacks(302, Lack::Loop { hops: 0 }),
                "302 to itself: a redirect loop, or it wants a cookie",
            ),
            (
                lacks(302, Lack::Loop { hops: 5 }),
                "302 after 5 redirects: a redirect loop, or it wants a cookie",
            ),
        ];
        for (words, expected) in table {
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn answers_in_words() {
        assert_eq!(answered(200, None, None, true), "200 in 80 ms");
        assert_eq!(
            answered(301, Some("https://www.example.org/"), None, true),
            "301 to https://www.example.org/"
        );
        assert_eq!(
            answered(200, Some("https://wiki.example.org/start"), None, true),
            "200 in 80 ms",
            "where redirects within the site led stands elsewhere"
        );
        assert_eq!(answered(502, None, Some("200"), false), "502, wanted 200");
        assert_eq!(answered(502, None, None, false), "502, not as expected");
        assert_eq!(
            answered(
                302,
                Some("https://login.example.net/"),
                Some("a redirect to https://wiki.example.org/"),
                false
            ),
            "302 to https://login.example.net/, wanted a redirect to https://wiki.example.org/"
        );
    }

    #[test]
    fn no_answer_in_words() {
        let failure = Failure::new(FailureKind::TimedOut {
            stage: Stage::Connect,
            after: Duration::from_secs(4),
        });
        assert_eq!(
            probe(&ProbeOutcome::Failed(failure)),
            "no connection within 4 s"
        );
    }

    #[test]
    fn waits_in_words() {
        let table = [
            (0, "<1 ms"),
            (80, "80 ms"),
            (999, "999 ms"),
            (2_440, "2.4 s"),
            (4_000, "4 s"),
            (9_949, "9.9 s"),
            (31_000, "31 s"),
        ];
        for (millis, words) in table {
            assert_eq!(milliseconds(Duration::from_millis(millis)), words);
        }
    }
}
