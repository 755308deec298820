//! A course of values over time, several lines high.

use std::time::Duration;

use ratatui::text::Span;

use crate::domain::Moment;

use super::sheet::Sheet;

/// Lines of the graph.
const HIGH: u16 = 5;
/// Fewest cells that are worth a graph.
const LEAST: u16 = 12;
/// Shortest time that the width stands for.
const SHORTEST: Duration = Duration::from_mins(10);
/// Eighths of a line's height.
const EIGHTHS: f64 = 8.0;

/// Writes the course of `samples`, oldest first, up to `now`. A sample holds until the next one, for at most
/// `holds`; after that there is a gap.
pub fn write(sheet: &mut Sheet<'_>, samples: &[(Moment, u64)], holds: Duration, now: Moment) {
    let (Some((first, _)), Some(top)) = (
        samples.first(),
        samples.iter().map(|(_, value)| *value).max(),
    ) else {
        return;
    };
    let x = sheet.beside_label();
    let cells = sheet.width().saturating_sub(x);
    if cells < LEAST || samples.len() < 2 {
        return;
    }
    let span = now.until(*first).max(SHORTEST);
    let values = spread(samples, holds, (now.minus(span), span), usize::from(cells));
    for line in (0..HIGH).rev() {
        let label = match line {
            0 => "0".to_owned(),
            line if line == HIGH - 1 => top.to_string(),
            _ => String::new(),
        };
        let row: String = values
            .iter()
            .map(|value| sign(sheet, *value, top.max(1), line))
            .collect();
        let label = sheet.dim(label);
        let style = if sheet.is_late() {
            sheet.theme().dim
        } else {
            sheet.theme().trend
        };
        sheet.raw(&label, x, &Span::styled(row, style));
    }
    let from = format!("{} ago", crate::ui::words::duration_short(span));
    let between = usize::from(cells).saturating_sub(from.len() + 3);
    let axis = format!("{from}{}now", " ".repeat(between));
    sheet.raw(&sheet.dim(""), x, &sheet.dim(axis));
}

/// The values that hold at evenly spaced moments.
fn spread(
    samples: &[(Moment, u64)],
    holds: Duration,
    (from, span): (Moment, Duration),
    cells: usize,
) -> Vec<Option<u64>> {
    let mut next = 0;
    (1..=cells)
        .map(|cell| {
            let at = from.plus(span.mul_f64(cell as f64 / cells as f64));
            while samples.get(next).is_some_and(|(sampled, _)| *sampled <= at) {
                next += 1;
            }
            let (sampled, value) = samples.get(next.checked_sub(1)?)?;
            (at.until(*sampled) <= holds).then_some(*value)
        })
        .collect()
}

/// The sign of a value in a line of the graph, 0 the lowest. A value above zero is always seen.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the eight signs"
)]
fn sign(sheet: &Sheet<'_>, value: Option<u64>, top: u64, line: u16) -> &'static str {
    let glyphs = sheet.glyphs();
    let Some(value) = value else {
        return glyphs.trend_gap;
    };
    let all = f64::from(HIGH) * EIGHTHS;
    let mut high = (value as f64 / top as f64 * all).round();
    if value > 0 {
        high = high.max(1.0);
    }
    let here = (high - f64::from(line) * EIGHTHS).clamp(0.0, EIGHTHS);
    match here as usize {
        // The ground is drawn: no mail is not the same as not known.
        0 if line == 0 => glyphs.trend.first().copied().unwrap_or(" "),
        0 => " ",
        eighths => glyphs.trend.get(eighths - 1).copied().unwrap_or(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_hold_until_they_do_not() {
        let at = |seconds: i64| Moment::from_millis(1_790_000_000_000 + seconds * 1000);
        let samples = [(at(0), 7), (at(10), 9), (at(60), 3)];
        let values = spread(
            &samples,
            Duration::from_secs(20),
            (at(-10), Duration::from_secs(80)),
            8,
        );
        assert_eq!(
            values,
            [
                Some(7),
                Some(9),
                Some(9),
                Some(9),
                None,
                None,
                Some(3),
                Some(3)
            ]
        );
    }
}
