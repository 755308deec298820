//! Graphs of a row: what was measured of it over the last hour, day or week.

use crate::app::App;
use crate::app::graphs::Kept;
use crate::domain::Severity;
use crate::domain::graph::{Course, Measure, Subject};
use crate::ui::words;

use super::chart::{self, Chart};
use super::sheet::Sheet;

/// Lines of a graph among several: one beside its name, one beside its greatest value.
const LOW: u16 = 2;
/// Lines of a graph that stands alone.
pub const TALL: u16 = 5;

/// Writes what is known of the row under the cursor: its own graphs, else the monitor's.
pub fn write(sheet: &mut Sheet<'_>, app: &App) {
    let subjects = app.subjects();
    // The last one has something to tell, or is still to be asked; what was before it had nothing.
    let Some(subject) = subjects.last() else {
        return;
    };
    sheet.rests_on(crate::domain::Freshness::Fresh);
    let by = match subject {
        Subject::Monitored { source, .. } => format!(", by {}", app.estate.source_name(*source)),
        _ => String::new(),
    };
    let span = words::span(app.graphs.span);
    sheet.heading(&format!("{}{by}", capital(span)));
    for earlier in subjects.iter().rev().skip(1) {
        if let Some(failure) = app
            .graphs
            .of(earlier)
            .and_then(|kept| kept.failure.as_ref())
        {
            let name = earlier.server().map_or("", |id| app.estate.source_name(id));
            let said = format!("{name} tells nothing: {}", words::failure_short(failure));
            sheet.words(&[sheet.dim(said)]);
        }
    }
    let kept = app.graphs.of(subject);
    write_state(sheet, app, kept, "nothing was written down of it");
    let graph = kept.and_then(|kept| kept.read.as_ref());
    let Some((graph, _)) = graph else { return };
    if !graph.courses.is_empty() {
        write_courses(sheet, app, &graph.courses);
    }
}

/// `last hour` → `Last hour`.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Says why there is no graph, or why it is old. `nothing` is what to say of an empty one.
pub fn write_state(sheet: &mut Sheet<'_>, app: &App, kept: Option<&Kept>, nothing: &str) {
    let Some(kept) = kept else {
        let reading = format!("reading{}", sheet.glyphs().ellipsis);
        sheet.words(&[sheet.dim(reading)]);
        return;
    };
    let read = kept.read.as_ref();
    match (&kept.failure, read) {
        (Some(failure), _) => {
            let why = words::failure_short(failure).replace('…', sheet.glyphs().ellipsis);
            let said = match read {
                Some((_, at)) => format!(
                    "as read {}, since then: {why}",
                    words::age(Some(*at), app.now)
                ),
                None => format!("could not be read: {why}"),
            };
            sheet.words(&[
                sheet.sign(Severity::Unknown),
                sheet.severe(Severity::Unknown, said),
            ]);
        }
        (None, None) => {
            let reading = format!("reading{}", sheet.glyphs().ellipsis);
            sheet.words(&[sheet.dim(reading)]);
        }
        (None, Some((graph, _))) if graph.courses.is_empty() => {
            sheet.words(&[sheet.dim(nothing)]);
        }
        (None, Some(_)) => {}
    }
}

/// Writes graphs one below the other, and the times below the last.
fn write_courses(sheet: &mut Sheet<'_>, app: &App, courses: &[Course]) {
    let window = chart::window(app.graphs.span, app.now);
    let mut drawn = false;
    for course in courses.iter().filter(|c| is_worth(c)) {
        let chart = Chart {
            points: &course.points,
            unit: course.measure.unit(),
            holds: course.holds,
            window,
            high: LOW,
        };
        let Some(greatest) = chart.greatest() else {
            continue;
        };
        let unit = course.measure.unit();
        let labels = [
            words::measure(course.measure).to_owned(),
            format!("max {}", words::amount_short(greatest, unit)),
        ];
        if chart.write_named(sheet, labels) {
            drawn = true;
        } else {
            let said = format!("{} at most", words::amount(greatest, unit));
            sheet.fact(words::measure(course.measure), &[sheet.text(said)]);
        }
    }
    if drawn {
        let cells = sheet.width().saturating_sub(sheet.beside_label());
        chart::write_times(sheet, cells, window, &app.zone);
    }
}

/// A swap that is never used needs no graph.
fn is_worth(course: &Course) -> bool {
    course.measure != Measure::Swap || course.points.iter().any(|p| p.high > 0.0)
}
