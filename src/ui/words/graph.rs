//! Graphs: what is measured, how much, and how long a site was there.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::graph::{Measure, Span, Unit};
use crate::domain::{Bytes, Moment};
use crate::estate::Availability;

use super::{bytes, duration, milliseconds};

/// Most times told at which a site was down; of more, only the number and the longest.
const TOLD: usize = 3;

/// What is measured, for a label of twelve cells.
pub const fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Cpu => "CPU",
        Measure::IoWait => "I/O wait",
        Measure::Load => "Load",
        Measure::Memory => "Memory",
        Measure::Swap => "Swap",
        Measure::Disk => "Root disk",
        Measure::NetIn => "Network in",
        Measure::NetOut => "Network out",
        Measure::DiskRead => "Disk reads",
        Measure::DiskWrite => "Disk writes",
        Measure::Mails => "Waiting",
        Measure::FirstByte => "First byte",
        Measure::Met => "Seen",
    }
}

/// `the last hour`, `the last 24 hours`, `the last 7 days`.
pub const fn span(span: Span) -> &'static str {
    match span {
        Span::Hour => "last hour",
        Span::Day => "last 24 hours",
        Span::Week => "last 7 days",
    }
}

/// An amount in its unit: `12%`, `0.4%`, `1.25`, `1.2 MiB/s`, `540`, `80 ms`. At most ten cells for what is usual.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped, and courses hold no negative values"
)]
pub fn amount(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Part => {
            let percent = value * 100.0;
            if percent > 0.0 && percent < 9.95 {
                let figure = format!("{percent:.1}");
                format!("{}%", figure.strip_suffix(".0").unwrap_or(&figure))
            } else {
                format!("{percent:.0}%")
            }
        }
        Unit::Number if value < 9.995 => format!("{value:.2}"),
        Unit::Number => format!("{value:.1}"),
        Unit::BytesPerSecond => {
            format!("{}/s", bytes(Bytes(value.clamp(0.0, 1e18).round() as u64)))
        }
        Unit::Count => format!("{value:.0}"),
        Unit::Milliseconds => {
            milliseconds(Duration::from_millis(value.clamp(0.0, 1e12).round() as u64))
        }
    }
}

/// As [`amount`], with at most six cells for what is usual: `4.0M/s`.
pub fn amount_short(value: f64, unit: Unit) -> String {
    let words = amount(value, unit);
    match unit {
        Unit::BytesPerSecond => words.replace(' ', "").replace("iB", ""),
        _ => words,
    }
}

/// `09:21`, and the day before it when that is another: `Sat 09:21`.
fn clock(at: Moment, now: Moment, zone: &TimeZone) -> String {
    let (at, now) = (
        at.timestamp().to_zoned(zone.clone()),
        now.timestamp().to_zoned(zone.clone()),
    );
    if at.date() == now.date() {
        at.strftime("%H:%M").to_string()
    } else {
        at.strftime("%a %H:%M").to_string()
    }
}

/// How long a site was as it should be, and when not: `99.2% of the last 24 hours; down from 09:10 to 09:21`.
pub fn availability(seen: &Availability, now: Moment, zone: &TimeZone) -> String {
    let Some(part) = seen.per_mille() else {
        return "nothing is known of the last 24 hours".to_owned();
    };
    let figure = if part == 1000 {
        "100%".to_owned()
    } else {
        format!("{}.{}%", part / 10, part % 10)
    };
    let whole = Duration::from_hours(24);
    // A minute or two at the edges are nobody's business.
    let of = if seen.seen + Duration::from_mins(15) >= whole {
        "the last 24 hours".to_owned()
    } else {
        format!("the {} that were seen", duration(seen.seen))
    };
    let time = |at: Moment| clock(at, now, zone);
    let downs: Vec<String> = seen
        .downs
        .iter()
        .map(|(from, to)| match to {
            Some(to) if time(*from) == time(*to) => format!("at {}", time(*from)),
            Some(to) => format!("from {} to {}", time(*from), time(*to)),
            None => format!("since {}", time(*from)),
        })
        .collect();
    let said = match downs.as_slice() {
        [] if seen.missed.is_zero() => return format!("{figure} of {of}"),
        [] => "missed now and then, never three times in a row".to_owned(),
        [one] => format!("down {one}"),
        [first @ .., last] if downs.len() <= TOLD => {
            format!("down {} and {last}", first.join(", "))
        }
        all => {
            let length = |(from, to): &(Moment, Option<Moment>)| to.unwrap_or(now).until(*from);
            let longest = seen
                .downs
                .iter()
                .enumerate()
                .max_by_key(|(_, down)| length(down))
                .and_then(|(index, _)| all.get(index));
            match longest {
                Some(longest) => format!("down {} times, longest {longest}", all.len()),
                None => format!("down {} times", all.len()),
            }
        }
    };
    format!("{figure} of {of}; {said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Saturday, 21:33 in Berlin.
    const NOW: Moment = Moment::from_millis(1_795_293_220_000);

    #[test]
    fn amounts_in_their_units() {
        let table = [
            (0.0, Unit::Part, "0%"),
            (0.004, Unit::Part, "0.4%"),
            (0.03, Unit::Part, "3%"),
            (0.617, Unit::Part, "62%"),
            (1.3, Unit::Part, "130%"),
            (1.254, Unit::Number, "1.25"),
            (64.0, Unit::Number, "64.0"),
            (1_258_291.0, Unit::BytesPerSecond, "1.2 MiB/s"),
            (540.0, Unit::Count, "540"),
            (80.4, Unit::Milliseconds, "80 ms"),
            (2400.0, Unit::Milliseconds, "2.4 s"),
        ];
        for (value, unit, words) in table {
            assert_eq!(amount(value, unit), words);
        }
        assert_eq!(amount_short(1_258_291.0, Unit::BytesPerSecond), "1.2M/s");
    }

    #[test]
    fn availability_in_words() {
        let zone = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
        let ago = |minutes: u64| NOW.minus(Duration::from_mins(minutes));
        let day = Duration::from_hours(24);
        let said = |seen, missed, downs: &[(Moment, Option<Moment>)]| {
            let seen = Availability {
                seen,
                missed: Duration::from_mins(missed),
                downs: downs.to_vec(),
            };
            availability(&seen, NOW, &zone)
        };
        let down = |from, to| (ago(from), Some(ago(to)));
        let table = [
            (said(day, 0, &[]), "100% of the last 24 hours"),
            (
                said(day, 3, &[]),
                "99.7% of the last 24 hours; missed now and then, never three times in a row",
            ),
            (
                said(day, 11, &[down(100, 89)]),
                "99.2% of the last 24 hours; down from 19:53 to 20:04",
            ),
            (
                said(day, 12, &[down(23 * 60, 23 * 60 - 6), (ago(6), None)]),
                "99.1% of the last 24 hours; down from Fri 22:33 to Fri 22:39 and since 21:27",
            ),
            (
                said(
                    Duration::from_mins(372),
                    70,
                    &[down(100, 99), down(90, 50), down(40, 39), down(20, 19)],
                ),
                "81.1% of the 6h 12m that were seen; down 4 times, longest from 20:03 to 20:43",
            ),
            (
                said(Duration::ZERO, 0, &[]),
                "nothing is known of the last 24 hours",
            ),
        ];
        for (said, words) in table {
            assert_eq!(said, words);
        }
    }
}
