//! The availability strip: a sign for each half hour of the last day, and what it comes to in words.

use std::time::Duration;

use ratatui::text::Span;

use crate::app::App;
use crate::domain::graph::{self, Measure, Subject};
use crate::estate::strip::SLOTS;
use crate::estate::{Availability, Slot, WebRow};
use crate::ui::words;

use super::chart::{self, Chart};
use super::graphs;
use super::sheet::Sheet;
use crate::ui::view::strip::{fitted, sign};

/// Writes the last 24 hours of a site as probed from here, and how long its first byte took.
pub fn write(sheet: &mut Sheet<'_>, app: &App, row: &WebRow) {
    if row.probe.is_none() || row.strip.is_empty() {
        return;
    }
    sheet.heading("Last 24 hours, seen from here");
    sheet.rests_on(crate::domain::Freshness::Fresh);
    let x = sheet.beside_label();
    let room = sheet.width().saturating_sub(x);
    let slots = fitted(&row.strip, usize::from(room).min(SLOTS));
    let spans: Vec<Span<'_>> = slots
        .iter()
        .map(|slot| sign(*slot, sheet.theme(), sheet.glyphs()))
        .map(|(sign, style)| Span::styled(sign, style))
        .collect();
    sheet.raw(&sheet.dim(""), x, &spans);
    let cells = u16::try_from(slots.len()).unwrap_or(room);
    chart::write_times(
        sheet,
        cells,
        chart::window(graph::Span::Day, app.now),
        &app.zone,
    );
    let kept = app.graphs.of(&Subject::Web(row.source, row.key()));
    let courses = kept
        .and_then(|kept| kept.read.as_ref())
        .map(|(graph, _)| &graph.courses[..])
        .unwrap_or_default();
    let met = courses.iter().find(|c| c.measure == Measure::Met);
    let said = match met {
        Some(met) => {
            let seen = Availability::of(&met.points, met.holds, app.now);
            words::availability(&seen, app.now, &app.zone)
        }
        None => coarse(&row.strip),
    };
    sheet.fact("", &[sheet.text(said)]);
    if kept.is_some_and(|kept| kept.failure.is_some()) {
        graphs::write_state(sheet, app, kept, "");
    }
}

/// What the half hours alone tell, where there is no history of the minutes.
fn coarse(slots: &[Slot]) -> String {
    let count = |wanted: Slot| slots.iter().filter(|slot| **slot == wanted).count();
    let known = slots.len() - count(Slot::Unknown);
    let half_hours = |number: usize| Duration::from_mins(30) * u32::try_from(number).unwrap_or(0);
    let length = |number: usize| words::duration(half_hours(number));
    match (known, count(Slot::Down), count(Slot::Partly)) {
        (0, _, _) => "nothing was seen yet".to_owned(),
        (_, 0, 0) => format!("as expected for all of the {} seen", length(known)),
        (_, down, partly) => {
            let mut said = Vec::new();
            if down > 0 {
                said.push(format!("down for {}", length(down)));
            }
            if partly > 0 {
                said.push(format!("now and then in {}", length(partly)));
            }
            format!("{} of the {} seen", said.join(", "), length(known))
        }
    }
}

/// Writes how long the first byte took, where it was written down.
pub fn write_first_byte(sheet: &mut Sheet<'_>, app: &App, row: &WebRow) {
    let kept = app.graphs.of(&Subject::Web(row.source, row.key()));
    let graph = kept.and_then(|kept| kept.read.as_ref());
    let course = graph.and_then(|(graph, _)| {
        let mut courses = graph.courses.iter();
        courses.find(|c| c.measure == Measure::FirstByte)
    });
    let Some(course) = course else { return };
    let window = chart::window(app.graphs.span, app.now);
    let chart = Chart {
        points: &course.points,
        unit: course.measure.unit(),
        holds: course.holds,
        window,
        high: 3,
    };
    if chart.greatest().is_none() {
        return;
    }
    sheet.heading(&format!("First byte, {}", words::span(app.graphs.span)));
    sheet.rests_on(crate::domain::Freshness::Fresh);
    if chart.write(sheet) {
        let cells = sheet.width().saturating_sub(sheet.beside_label());
        chart::write_times(sheet, cells, window, &app.zone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_hours_in_words() {
        let mut slots = vec![Slot::Unknown; SLOTS];
        assert_eq!(coarse(&slots), "nothing was seen yet");
        slots[40..].fill(Slot::Ok);
        assert_eq!(coarse(&slots), "as expected for all of the 4h seen");
        slots[41] = Slot::Down;
        slots[42] = Slot::Partly;
        assert_eq!(
            coarse(&slots),
            "down for 30m, now and then in 30m of the 4h seen"
        );
    }
}
