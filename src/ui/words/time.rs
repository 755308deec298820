//! Lengths and ages.

use std::time::Duration;

use crate::domain::Moment;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const YEAR: u64 = 365 * DAY;

/// One unit, at most four cells up to a thousand years: `12s`, `59m`, `23h`, `13d`, `52w`, `3y`.
/// Rounded down: an age is never shown greater than it is.
pub fn duration_short(length: Duration) -> String {
    let seconds = length.as_secs();
    let (unit, letter) = match seconds {
        0..MINUTE => (1, 's'),
        MINUTE..HOUR => (MINUTE, 'm'),
        HOUR..DAY => (HOUR, 'h'),
        DAY..=1_209_599 => (DAY, 'd'),
        // 53 weeks are more than a year, so that no "0y" comes up.
        1_209_600..=32_054_399 => (WEEK, 'w'),
        _ => (YEAR, 'y'),
    };
    format!("{}{letter}", seconds / unit)
}

/// Two units: `45s`, `12m`, `2h 5m`, `3d 4h`, `41d`, `1y 36d`. Minutes beside hours and hours beside
/// days; a second unit of zero is left out, and beyond 30 days hours no longer matter.
pub fn duration(length: Duration) -> String {
    let seconds = length.as_secs();
    let (first, first_letter, second, second_letter) = match seconds {
        0..MINUTE => return format!("{seconds}s"),
        MINUTE..HOUR => return format!("{}m", seconds / MINUTE),
        HOUR..DAY => (HOUR, 'h', MINUTE, 'm'),
        DAY..YEAR => (DAY, 'd', HOUR, 'h'),
        _ => (YEAR, 'y', DAY, 'd'),
    };
    let whole = seconds / first;
    let rest = seconds % first / second;
    if rest == 0 || (first == DAY && whole > 30) {
        format!("{whole}{first_letter}")
    } else {
        format!("{whole}{first_letter} {rest}{second_letter}")
    }
}

/// How long ago: `now`, `12m ago`, `in the future` (a clock is wrong somewhere), `never`.
pub fn age(then: Option<Moment>, now: Moment) -> String {
    let Some(then) = then else {
        return "never".to_owned();
    };
    match then.age(now) {
        None => "in the future".to_owned(),
        Some(age) if age.as_secs() == 0 => "now".to_owned(),
        Some(age) => format!("{} ago", duration_short(age)),
    }
}

/// How long until: `now` when it has come, else `in 12m`. Rounded up: what is due in 59.9 s is not
/// due in 59.
pub fn until(then: Moment, now: Moment) -> String {
    let left = then.until(now);
    if left.is_zero() {
        return "now".to_owned();
    }
    let whole = left + Duration::from_nanos(999_999_999);
    format!(
        "in {}",
        duration_short(Duration::from_secs(whole.as_secs()))
    )
}

/// The least age of something that was there before anybody looked: `>22s`.
pub fn older(than: Moment, now: Moment) -> String {
    than.age(now).map_or_else(
        || "future".to_owned(),
        |age| format!(">{}", duration_short(age)),
    )
}

/// The time of day to the second, as far back as yesterday with the day: `14:02:31`, `Sat 14:02:31`.
pub fn clock(at: Moment, now: Moment, zone: &jiff::tz::TimeZone) -> String {
    let at = at.timestamp().to_zoned(zone.clone());
    let today = now.timestamp().to_zoned(zone.clone()).date() == at.date();
    at.strftime(if today { "%H:%M:%S" } else { "%a %H:%M:%S" })
        .to_string()
}

/// The same in at most nine cells: `14:02:31`, `Sat 14:02`.
pub fn clock_short(at: Moment, now: Moment, zone: &jiff::tz::TimeZone) -> String {
    let at = at.timestamp().to_zoned(zone.clone());
    let today = now.timestamp().to_zoned(zone.clone()).date() == at.date();
    at.strftime(if today { "%H:%M:%S" } else { "%a %H:%M" })
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_is_older_than_that() {
        let seen = Moment::from_millis(0);
        assert_eq!(older(seen, Moment::from_millis(22_000)), ">22s");
        assert_eq!(older(Moment::from_millis(86_400_000), seen), "future");
    }

    #[test]
    fn one_unit() {
        let table = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (86_399, "23h"),
            (86_400, "1d"),
            (1_209_599, "13d"),
            (1_209_600, "2w"),
            (32_054_399, "52w"),
            (32_054_400, "1y"),
            (94_608_000, "3y"),
        ];
        for (seconds, words) in table {
            assert_eq!(duration_short(Duration::from_secs(seconds)), words);
        }
        assert_eq!(duration_short(Duration::from_millis(1999)), "1s");
        assert_eq!(duration_short(Duration::MAX), "584942417355y");
    }

    #[test]
    fn two_units() {
        let table = [
            (45, "45s"),
            (725, "12m"),
            (7_200, "2h"),
            (7_500, "2h 5m"),
            (273_600, "3d 4h"),
            (259_200, "3d"),
            (3_600_000, "41d"),
            (34_646_400, "1y 36d"),
        ];
        for (seconds, words) in table {
            assert_eq!(duration(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn ages_are_never_negative() {
        let now = Moment::from_millis(1_790_000_000_000);
        let at = |seconds: i64| Some(Moment::from_millis(now.as_millis() - seconds * 1000));
        assert_eq!(age(None, now), "never");
        assert_eq!(age(at(0), now), "now");
        assert_eq!(age(at(-30), now), "now", "clocks may differ by a minute");
        assert_eq!(age(at(-600), now), "in the future");
        assert_eq!(age(at(720), now), "12m ago");
    }

    #[test]
    fn what_is_due_counts_down_to_now() {
        let now = Moment::from_millis(1_790_000_000_000);
        assert_eq!(until(now, now), "now");
        assert_eq!(until(now.minus(Duration::from_secs(9)), now), "now");
        assert_eq!(until(now.plus(Duration::from_millis(300)), now), "in 1s");
        assert_eq!(until(now.plus(Duration::from_secs(59)), now), "in 59s");
        assert_eq!(until(now.plus(Duration::from_mins(15)), now), "in 15m");
    }
}
