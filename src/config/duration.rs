//! Durations as people write them: `"10s"`, `"500ms"`, `"2m"`, `"1h"`, `"1m30s"`.

use std::time::Duration;

/// Reads a duration; an error says what to write instead.
pub fn parse(written: &str) -> Result<Duration, String> {
    const GENERAL: &str = "write a number and ms, s, m or h: \"10s\", \"2m\"";
    let mut rest = written.trim();
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, next) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        let Ok(number) = number.parse::<u32>() else {
            return Err(GENERAL.to_owned());
        };
        let number = u64::from(number);
        total += match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number * 60),
            "h" => Duration::from_secs(number * 3600),
            "" if next.is_empty() && total.is_zero() => {
                return Err(format!("add its unit: \"{number}s\""));
            }
            "sec" | "secs" | "second" | "seconds" => return Err(format!("write \"{number}s\"")),
            "min" | "mins" | "minute" | "minutes" => return Err(format!("write \"{number}m\"")),
            "hour" | "hours" => return Err(format!("write \"{number}h\"")),
            _ => return Err(GENERAL.to_owned()),
        };
        rest = next.trim_start();
    }
    if written.trim().is_empty() {
        return Err(GENERAL.to_owned());
    }
    Ok(total)
}

/// As it is written in the configuration: `2s`, `500ms`.
pub fn written(duration: Duration) -> String {
    words(duration).replace(' ', "")
}

/// As it is said: `2 s`, `500 ms`, `5 m`.
pub(super) fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_millis() != 0 {
        format!("{} ms", duration.as_millis())
    } else if seconds.is_multiple_of(3600) && seconds > 0 {
        format!("{} h", seconds / 3600)
    } else if seconds.is_multiple_of(60) && seconds > 0 {
        format!("{} m", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood() {
        for (text, millis) in [
            ("10s", 10_000),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1m30s", 90_000),
            (" 10 s ", 10_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn nonsense_is_told_what_to_write() {
        assert_eq!(parse("10"), Err("add its unit: \"10s\"".to_owned()));
        assert_eq!(parse("5 min"), Err("write \"5m\"".to_owned()));
        for text in [
            "",
            "s",
            "-1s",
            "1.5s",
            "10x",
            "99999999999s",
            "1s1",
            "1 s s",
            "١s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_said_as_they_are_written() {
        assert_eq!(words(Duration::from_secs(2)), "2 s");
        assert_eq!(words(Duration::from_mins(5)), "5 m");
        assert_eq!(written(Duration::from_millis(500)), "500ms");
        assert_eq!(written(Duration::from_hours(24)), "24h");
    }
}
