//! A course of values over time, several lines high, and the times below it.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use ratatui::text::Span;

use crate::domain::Moment;
use crate::domain::graph::{self, Point, Unit};
use crate::ui::widget::fit;
use crate::ui::words;

use super::sheet::Sheet;

/// Fewest cells that are worth a graph.
pub const LEAST: u16 = 12;
/// Eighths of a line's height.
const EIGHTHS: f64 = 8.0;
/// Blank cells between two times below a graph.
const BETWEEN: u16 = 3;
/// The word at the right end of the times.
const NOW: &str = "now";

/// What stands beside a line of a graph, and at which side of its column.
enum Label {
    Left(String),
    Right(String),
}

/// A graph to be drawn.
#[derive(Debug)]
pub struct Chart<'c> {
    /// Values, oldest first.
    pub points: &'c [Point],
    /// What they mean.
    pub unit: Unit,
    /// How long a value stands for what follows; after that there is a gap.
    pub holds: Duration,
    /// The left edge and the right edge.
    pub window: (Moment, Moment),
    /// Lines of the graph.
    pub high: u16,
}

impl Chart<'_> {
    /// Values within the window.
    fn seen(&self) -> impl Iterator<Item = &Point> {
        let (from, to) = self.window;
        self.points
            .iter()
            .filter(move |p| p.at.plus(self.holds) >= from && p.at <= to)
    }

    /// The greatest value.
    pub fn greatest(&self) -> Option<f64> {
        self.seen().map(|p| p.high).reduce(f64::max)
    }

    /// What the highest sign stands for: of parts a round one, so that little looks little.
    fn top(&self) -> f64 {
        let greatest = self.greatest().unwrap_or_default();
        if self.unit != Unit::Part {
            return greatest;
        }
        [0.05, 0.1, 0.25, 0.5, 1.0]
            .into_iter()
            .find(|top| *top >= greatest)
            .unwrap_or(greatest)
    }

    /// Writes it beside the column of the labels, its scale in that column. Returns whether there was room.
    pub fn write(&self, sheet: &mut Sheet<'_>) -> bool {
        let top = words::amount(self.top(), self.unit);
        self.write_lines(sheet, |line| match line {
            0 => Label::Right("0".to_owned()),
            line if line + 1 == self.high => Label::Right(top.clone()),
            _ => Label::Right(String::new()),
        })
    }

    /// As [`Self::write`], with words in the column of the labels, from the top down.
    pub fn write_named(&self, sheet: &mut Sheet<'_>, labels: [String; 2]) -> bool {
        let mut labels = labels.into_iter();
        self.write_lines(sheet, |_| Label::Left(labels.next().unwrap_or_default()))
    }

    fn write_lines(&self, sheet: &mut Sheet<'_>, mut label: impl FnMut(u16) -> Label) -> bool {
        let x = sheet.beside_label();
        let cells = sheet.width().saturating_sub(x);
        if cells < LEAST {
            return false;
        }
        let top = self.top();
        let values = spread(self.points, self.holds, self.window, usize::from(cells));
        for line in (0..self.high).rev() {
            let row: String = values
                .iter()
                .map(|value| self.sign(sheet, *value, top, line))
                .collect();
            let label = label(line);
            let style = if sheet.is_late() {
                sheet.theme().dim
            } else {
                sheet.theme().trend
            };
            let row = Span::styled(row, style);
            match label {
                Label::Right(label) => sheet.raw(&sheet.dim(label), x, &[row]),
                Label::Left(label) => {
                    let wide = usize::from(x.saturating_sub(1));
                    let label = format!("{label:<wide$}");
                    sheet.raw(&sheet.dim(label), x, &[row]);
                }
            }
        }
        true
    }

    /// The sign of a value in a line of the graph, 0 the lowest. A value above zero is always seen.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the eight signs"
    )]
    fn sign(&self, sheet: &Sheet<'_>, value: Option<f64>, top: f64, line: u16) -> &'static str {
        let glyphs = sheet.glyphs();
        let Some(value) = value else {
            return glyphs.trend_gap;
        };
        let all = f64::from(self.high) * EIGHTHS;
        let mut high = if top > 0.0 {
            (value / top * all).round()
        } else {
            0.0
        };
        if value > 0.0 {
            high = high.max(1.0);
        }
        let here = (high - f64::from(line) * EIGHTHS).clamp(0.0, EIGHTHS);
        match here as usize {
            // The ground is drawn: nothing is not the same as not known.
            0 if line == 0 => glyphs.trend.first().copied().unwrap_or(" "),
            0 => " ",
            eighths => glyphs.trend.get(eighths - 1).copied().unwrap_or(" "),
        }
    }
}

/// The greatest value of each of evenly long spans of time; where there is none, the one that still holds.
fn spread(
    points: &[Point],
    holds: Duration,
    (from, to): (Moment, Moment),
    cells: usize,
) -> Vec<Option<f64>> {
    let length = to.until(from);
    let mut next = points.partition_point(|p| p.at <= from);
    (1..=cells)
        .map(|cell| {
            let end = from.plus(length.mul_f64(cell as f64 / cells as f64));
            let before = next;
            while points.get(next).is_some_and(|p| p.at <= end) {
                next += 1;
            }
            let within = points.get(before..next).unwrap_or_default();
            if let Some(greatest) = within.iter().map(|p| p.high).reduce(f64::max) {
                return Some(greatest);
            }
            let last = points.get(next.checked_sub(1)?)?;
            (end.until(last.at) <= holds).then_some(last.mean)
        })
        .collect()
}

/// Writes the times below a graph of so many cells: round ones where there is room for them, and `now`.
pub fn write_times(
    sheet: &mut Sheet<'_>,
    cells: u16,
    (from, to): (Moment, Moment),
    zone: &TimeZone,
) {
    let x = sheet.beside_label();
    if cells < LEAST {
        return;
    }
    let line = times(cells, (from, to), zone);
    sheet.raw(&sheet.dim(""), x, &[sheet.dim(line)]);
}

/// The line of times.
fn times(cells: u16, (from, to): (Moment, Moment), zone: &TimeZone) -> String {
    let length = to.until(from).as_secs_f64().max(1.0);
    let mut line = String::new();
    let last = cells.saturating_sub(fit::width(NOW));
    let mut free = 0_u16;
    for (at, label) in ticks(cells, (from, to), zone) {
        let part = at.until(from).as_secs_f64() / length;
        let wide = fit::width(&label);
        let middle = place(part, cells);
        let begin = middle.saturating_sub(wide / 2);
        if begin < free || begin + wide + BETWEEN > last {
            continue;
        }
        line.push_str(&" ".repeat(usize::from(begin - fit::width(&line))));
        line.push_str(&label);
        free = begin + wide + BETWEEN;
    }
    let blank = last.saturating_sub(fit::width(&line));
    line.push_str(&" ".repeat(usize::from(blank)));
    line.push_str(NOW);
    line
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of the cells there are"
)]
fn place(part: f64, cells: u16) -> u16 {
    (part.clamp(0.0, 1.0) * f64::from(cells)) as u16
}

/// Round times within the window, as far apart as their labels need.
fn ticks(cells: u16, (from, to): (Moment, Moment), zone: &TimeZone) -> Vec<(Moment, String)> {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let length = i64::try_from(to.until(from).as_secs())
        .unwrap_or(i64::MAX)
        .max(1);
    let (steps, format): (&[i64], &str) = if length <= 2 * HOUR {
        (
            &[5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE],
            "%H:%M",
        )
    } else if length <= 2 * DAY {
        (&[HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR], "%H:%M")
    } else {
        (&[DAY, 2 * DAY, 4 * DAY], "%a %-d")
    };
    let needed = 6 + i64::from(BETWEEN);
    let step = steps
        .iter()
        .find(|step| **step * i64::from(cells) / length >= needed)
        .or(steps.last());
    let Some(step) = step else { return Vec::new() };
    let start = from.timestamp().to_zoned(zone.clone());
    let Ok(mut at) = start.start_of_day() else {
        return Vec::new();
    };
    let mut ticks = Vec::new();
    // Days that are longer or shorter keep their midnights; the hours of such a day may be off by one.
    while at.timestamp() < to.timestamp() && ticks.len() < 64 {
        if at.timestamp() > from.timestamp() {
            let moment = Moment::from_millis(at.timestamp().as_millisecond());
            ticks.push((moment, at.strftime(format).to_string()));
        }
        let next = if *step >= DAY {
            at.checked_add((*step / DAY).days())
        } else {
            at.checked_add(step.seconds())
        };
        match next {
            Ok(next) => at = next,
            Err(_) => break,
        }
    }
    ticks
}

/// The window of a span that ends now.
pub fn window(span: graph::Span, now: Moment) -> (Moment, Moment) {
    (now.minus(span.length()), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(1_790_000_000_000 + seconds * 1000)
    }

    #[test]
    fn values_hold_until_they_do_not() {
        let points = [(0, 7.0), (10, 9.0), (60, 3.0)].map(|(s, v)| Point::one(at(s), v));
        let values = spread(&points, Duration::from_secs(20), (at(-10), at(70)), 8);
        assert_eq!(
            values,
            [
                Some(7.0),
                Some(9.0),
                Some(9.0),
                Some(9.0),
                None,
                None,
                Some(3.0),
                Some(3.0)
            ]
        );
    }

    #[test]
    fn a_short_peak_is_seen_in_a_long_span() {
        let points: Vec<Point> = (0..100)
            .map(|s| Point::one(at(s), if s == 42 { 90.0 } else { 1.0 }))
            .collect();
        let values = spread(&points, Duration::from_secs(5), (at(0), at(100)), 4);
        assert_eq!(values, [Some(1.0), Some(90.0), Some(1.0), Some(1.0)]);
    }

    #[test]
    fn times_are_round_and_never_touch() {
        let zone = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
        // Saturday, 21:33:40 in Berlin.
        let now = Moment::from_millis(1_795_293_220_000);
        let mut shown = String::new();
        for span in [graph::Span::Hour, graph::Span::Day, graph::Span::Week] {
            for cells in [12, 20, 34, 63, 100] {
                let line = times(cells, window(span, now), &zone);
                assert_eq!(fit::width(&line), cells, "{line:?}");
                assert!(line.ends_with("   now") || line.trim() == "now", "{line:?}");
                shown.push_str(&line);
                shown.push('\n');
            }
        }
        insta::assert_snapshot!(shown);
    }
}
