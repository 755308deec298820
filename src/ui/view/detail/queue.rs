//! Mail queues: how full, which way it goes, and why mails wait.

use std::borrow::Cow;
use std::time::Duration;

use crate::app::App;
use crate::domain::graph::{Point, Span, Subject, Unit};
use crate::domain::{Moment, Reading, Severity};
use crate::estate::queues::Verdict;
use crate::estate::{Estate, QueueRow};
use crate::ui::words;

use super::chart::{self, Chart};
use super::provenance::{self, Root};
use super::sheet::Sheet;
use super::ties::Ties;
use super::{deferred, graphs, monitored};

/// Its name and where it is.
pub fn title(estate: &Estate, index: usize) -> Option<String> {
    let row = estate.queues.get(index)?;
    Some(match &row.host {
        Some(host) => format!("{} on {host}", row.name),
        None => row.name.to_string(),
    })
}

/// The answers it rests on.
pub fn roots(estate: &Estate, index: usize) -> Vec<Root> {
    estate.queues.get(index).map(roots_of).unwrap_or_default()
}

fn roots_of(row: &QueueRow) -> Vec<Root> {
    let own = row.queue.map(|at| (at.source, Reading::Queues));
    let check = row.check.map(|at| (at.source, Reading::Checks));
    own.into_iter().chain(check).collect()
}

/// Writes all of it.
pub fn write(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    let Some(row) = app.estate.queues.get(index) else {
        return;
    };
    write_verdict(sheet, app, row);
    provenance::write(sheet, app, &roots_of(row));
    sheet.gap();
    write_numbers(sheet, app, row);
    Ties::of(&app.estate, &row.key()).write(sheet, app);
    write_course(sheet, app, row);
    let queue = row.queue.and_then(|at| app.estate.queue(at));
    if let Some(queue) = queue {
        rest(sheet, app, row);
        deferred::write(sheet, app, queue);
    }
    if let Some(at) = row.check
        && let Some(check) = app.estate.check(at)
    {
        sheet.heading("Checkmk");
        sheet.rests_on(provenance::freshness(app, (at.source, Reading::Checks)));
        monitored::write_check(sheet, app, "State", check);
    }
}

/// Writes what matters of it where something else is told.
pub fn write_short(sheet: &mut Sheet<'_>, app: &App, index: usize) {
    if let Some(row) = app.estate.queues.get(index) {
        write_verdict(sheet, app, row);
        write_numbers(sheet, app, row);
    }
}

fn rest(sheet: &mut Sheet<'_>, app: &App, row: &QueueRow) {
    if let Some(root) = roots_of(row).first() {
        sheet.rests_on(provenance::freshness(app, *root));
    }
}

/// `▲ growing by 4 a minute: 12 waited 50m ago, 214 wait now`.
fn write_verdict(sheet: &mut Sheet<'_>, app: &App, row: &QueueRow) {
    rest(sheet, app, row);
    let severity = row.severity(&app.estate);
    let word = match &row.verdict {
        // Its reason tells the rest.
        Verdict::NotDraining(_) => "not draining".into(),
        // In its own words: `Postfix is down`.
        Verdict::Down => down(app, row).unwrap_or_else(|| words::verdict(&row.verdict, app.now)),
        other => words::verdict(other, app.now),
    };
    let mut spans = sheet.state(severity, &word);
    if let Some(reason) = reason(app, row) {
        spans.push(sheet.text(format!(": {reason}")));
    }
    sheet.words(&spans);
}

/// What is down, as its own place says.
fn down<'a>(app: &'a App, row: &QueueRow) -> Option<Cow<'a, str>> {
    let queue = row.queue.and_then(|at| app.estate.queue(at))?;
    queue.down.as_deref().map(Cow::Borrowed)
}

/// Why it is judged so.
fn reason(app: &App, row: &QueueRow) -> Option<String> {
    match &row.verdict {
        Verdict::Draining(_) | Verdict::Growing(_) => {
            let ((at, first), (_, last)) = (row.trend.first()?, row.trend.last()?);
            let ago = words::age(Some(*at), app.now);
            Some(format!("{first} waited {ago}, {last} wait now"))
        }
        Verdict::Unknown(_) => match &row.failure {
            Some(failure) => Some(words::failure_short(failure)),
            None => words::verdict_reason(&row.verdict),
        },
        other => words::verdict_reason(other),
    }
}

fn write_numbers(sheet: &mut Sheet<'_>, app: &App, row: &QueueRow) {
    rest(sheet, app, row);
    let mut waiting = vec![match row.depth {
        Some(depth) => sheet.strong(words::count(depth, "mail")),
        None => sheet.dim("not known how many"),
    }];
    let queue = row.queue.and_then(|at| app.estate.queue(at));
    if let Some(size) = queue.and_then(|q| q.size).filter(|size| size.0 > 0) {
        waiting.push(sheet.dim(format!(", {}", words::bytes(size))));
    }
    sheet.fact("Waiting", &waiting);
    let parts: Vec<Vec<ratatui::text::Span<'_>>> = [
        (row.active, "active"),
        (row.incoming, "incoming"),
        (row.deferred, "deferred"),
        (row.hold, "held"),
    ]
    .into_iter()
    .filter_map(|(number, word)| Some(vec![sheet.text(format!("{} {word}", number?))]))
    .collect();
    if !parts.is_empty() {
        let comma = sheet.dim(", ");
        sheet.row_fact("Of these", &parts, &comma);
    }
    if let Some(oldest) = row.oldest {
        let said = match oldest.age(app.now) {
            Some(age) if row.oldest_at_least => format!(
                "came in at least {} ago: it was there at the first look",
                words::duration(age)
            ),
            Some(age) => format!("came in {} ago", words::duration(age)),
            None => "came in in the future: a clock is wrong".to_owned(),
        };
        sheet.fact("Oldest", &[sheet.text(said)]);
    }
    if let (Some(arriving), Some(leaving)) = (row.arriving, row.leaving) {
        let said = format!("{} in, {} out", words::pace(arriving), words::pace(leaving));
        sheet.fact("A minute", &[sheet.text(said)]);
    }
    if let Some(tries) = queue.and_then(|q| q.tries) {
        sheet.fact("Most tries", &[sheet.text(tries.to_string())]);
    }
    if let Some(apart) = &row.disagreement {
        let said = format!(
            "{} counts {} of it, its own place {}",
            app.estate.source_name(apart.source),
            words::count(apart.other, "mail"),
            apart.own
        );
        sheet.fact("Disagreement", &[sheet.severe(Severity::Info, said)]);
    }
    let levels = match row.levels {
        (Some(warn), Some(crit)) => Some(format!("warning from {warn}, critical from {crit}")),
        (Some(warn), None) => Some(format!("warning from {warn}")),
        (None, Some(crit)) => Some(format!("critical from {crit}")),
        (None, None) => None,
    };
    sheet.fact_if("Levels", levels);
    if let Some(queue) = queue {
        sheet.fact("Kind", &[sheet.text(queue.kind.as_str())]);
    }
}

/// How many waited, over the span on the screen. The last hour is known without the history file.
fn write_course(sheet: &mut Sheet<'_>, app: &App, row: &QueueRow) {
    let span = app.graphs.span;
    sheet.heading(&format!("Mails waiting, {}", words::span(span)));
    rest(sheet, app, row);
    let kept = app.graphs.of(&Subject::Queue(row.key()));
    let course = kept
        .and_then(|kept| kept.read.as_ref())
        .and_then(|(graph, _)| graph.courses.first());
    let trend: Vec<Point>;
    let (points, holds) = match (span, course) {
        (Span::Hour, _) => {
            trend = row.trend.iter().map(point).collect();
            (&*trend, holds(app, row))
        }
        (_, Some(course)) => (&*course.points, course.holds),
        (_, None) => {
            graphs::write_state(sheet, app, kept, "nothing was written down of it yet");
            return;
        }
    };
    let window = chart::window(span, app.now);
    let chart = Chart {
        points,
        unit: Unit::Count,
        holds,
        window,
        high: graphs::TALL,
    };
    match chart.greatest() {
        None => sheet.words(&[sheet.dim("nothing was seen of it yet")]),
        Some(0.0) => sheet.words(&[sheet.dim("none, as far as it was seen")]),
        Some(_) => {
            if chart.write(sheet) {
                let cells = sheet.width().saturating_sub(sheet.beside_label());
                chart::write_times(sheet, cells, window, &app.zone);
            }
        }
    }
    if span != Span::Hour && kept.is_some_and(|kept| kept.failure.is_some()) {
        graphs::write_state(sheet, app, kept, "");
    }
}

const fn point((at, depth): &(Moment, u64)) -> Point {
    Point::one(*at, *depth as f64)
}

/// How long a depth stands for what follows: an answer that is missed once makes no gap.
fn holds(app: &App, row: &QueueRow) -> Duration {
    let interval = roots_of(row)
        .first()
        .and_then(|(source, reading)| app.estate.source(*source)?.feed(*reading))
        .map_or(Duration::from_mins(1), |feed| feed.interval);
    (interval * 3).max(typical(&row.trend) * 3)
}

/// The usual time between two samples.
fn typical(trend: &[(Moment, u64)]) -> Duration {
    let (Some((first, _)), Some((last, _))) = (trend.first(), trend.last()) else {
        return Duration::ZERO;
    };
    let gaps = u32::try_from(trend.len().saturating_sub(1)).unwrap_or(u32::MAX);
    last.until(*first) / gaps.max(1)
}
