//! The open tab's table in its frame.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::column::{self, Table};
use crate::app::drawn::Hit;
use crate::app::value::Value;
use crate::app::{App, Context, Drawn, Tab};
use crate::domain::{Freshness, Moment, Reading, SourceId};
use crate::estate::Estate;
use crate::ui::widget::fit::{self, Align, Field};
use crate::ui::widget::grid::{Column, Grid, Hits, Order, Row, Width};
use crate::ui::widget::panel::Panel;
use crate::ui::words;

use super::cell::{self, Setting};
use super::{Look, board, empty, past, region, sections, trust};

/// Over which time the column of a course goes, and in how many steps.
const COURSE: std::time::Duration = std::time::Duration::from_hours(1);
const STEPS: usize = 20;
/// Width from which meters have a bar, and the least width of a meter with one.
const ROOMY: u16 = 100;
const BAR: u16 = 11;
/// Cells for a word on what is not fresh before the title gets the rest.
const NOTE: u16 = 24;
/// For how many steps a value is taken to hold before a gap is shown.
const HOLDS: usize = 4;

/// A row that is seen. Its cells borrow from it.
struct Shown<'a> {
    estate: &'a Estate,
    context: Context<'a>,
    index: usize,
    own: Freshness,
    monitor: Freshness,
    trend: Vec<Option<f32>>,
}

/// Draws the open tab's table.
pub(super) fn draw(
    app: &App,
    look: &Look,
    area: Rect,
    focused: bool,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) {
    let table = app.table(app.tab);
    let rows = app.open_rows();
    drawn.hits.push((region(area), Hit::Table));
    let inside = draw_frame(app, look, table, area, focused, buf);
    let mut inside = draw_below(app, look, inside, buf, drawn);
    if app.tab == Tab::Tickets && !app.estate.sections.is_empty() && inside.height > 1 {
        let line = Rect {
            height: 1,
            ..inside
        };
        sections::draw(app, look, line, buf, drawn);
        inside.y += 1;
        inside.height -= 1;
    }
    if let Some(board) = app.board().filter(|_| rows.total() > 0) {
        board::draw(app, look, &board, inside, focused, buf, drawn);
        return;
    }
    if rows.total() == 0 {
        empty::draw(app, look, inside, buf);
        return;
    }
    // Without a scroll bar a blank keeps the last column off the frame.
    let all_seen = rows.len() <= usize::from(Grid::rows_in(inside.height));
    let inside = Rect {
        width: inside.width.saturating_sub(u16::from(all_seen)),
        ..inside
    };
    let roomy = inside.width >= ROOMY;
    let columns: Vec<Column<'_>> = (table.columns.iter())
        .map(|column| of_column(column, roomy))
        .collect();
    let found: Vec<Vec<&str>> = if rows.filter.is_empty() {
        Vec::new()
    } else {
        (0..columns.len())
            .map(|at| rows.filter.words(at).collect())
            .collect()
    };
    let needles: Vec<&[&str]> = found.iter().map(Vec::as_slice).collect();
    let grid = Grid {
        columns: &columns,
        total: rows.len(),
        offset: rows.offset(),
        cursor: (!rows.is_empty()).then(|| rows.position()),
        focused,
        sort: rows.sort.map(|(at, down)| {
            let order = if down { Order::Down } else { Order::Up };
            (at, order)
        }),
        needles: &needles,
        theme: &look.theme,
        glyphs: &look.glyphs,
    };
    let course = table.columns.iter().find(|c| c.id == "trend");
    let fresh = |of: Option<(SourceId, Reading)>| match of {
        // Of the past everything is as old as everything else, which the header says.
        Some((source, reading)) if app.travel.is_none() => {
            app.estate.freshness(source, reading, app.now)
        }
        _ => Freshness::Fresh,
    };
    let row = |position| {
        let index = rows.at(position)?;
        let own = fresh((table.own)(&app.estate, index));
        let key = (table.key)(&app.estate, index);
        let shown = Shown {
            estate: &app.estate,
            context: app.context(),
            index,
            own,
            monitor: fresh((table.monitor)(&app.estate, index)),
            trend: course.map_or_else(Vec::new, |c| trend(app, c, index)),
        };
        Some(Row {
            data: shown,
            marked: !rows.marks.is_empty() && key.is_some_and(|key| rows.marks.contains(&key)),
            style: cell::aged(own),
        })
    };
    let hits = grid.draw(buf, inside, row, |shown, at| {
        of_cell(look, table, shown, at)
    });
    if rows.is_empty() {
        empty::draw(app, look, hits.rows, buf);
    }
    push_hits(&hits, rows.len(), drawn);
}

/// What stands below the people; returns what is left above.
fn draw_below(app: &App, look: &Look, inside: Rect, buf: &mut Buffer, drawn: &mut Drawn) -> Rect {
    if app.tab != Tab::Team {
        return inside;
    }
    let lines = u16::try_from(app.lines_below_team()).unwrap_or(0);
    let lines = lines.min(inside.height.saturating_sub(2));
    let above = Rect {
        height: inside.height - lines,
        ..inside
    };
    if lines > 0 {
        let below = Rect {
            y: above.bottom(),
            height: lines,
            ..inside
        };
        super::review::draw_below(app, look, below, buf, drawn);
    }
    above
}

/// A column as the grid wants it. In a roomy table meters get their bar before the least important
/// columns get anything.
fn of_column(column: &column::Column, roomy: bool) -> Column<'_> {
    let meter = cell::is_meter(column);
    let width = if meter && roomy {
        Width::Range(BAR, column.most)
    } else if column.most == u16::MAX {
        // What happened takes more words than what it happened to.
        let weight = if column.id == "change" { 3 } else { 1 };
        Width::Fill(column.least, weight)
    } else if column.most == column.least {
        Width::Fixed(column.least)
    } else {
        Width::Range(column.least, column.most)
    };
    Column {
        title: column.title,
        width,
        // Without a bar a meter is a figure.
        align: if column.right || (meter && !roomy) {
            Align::Right
        } else {
            Align::Left
        },
        priority: u8::MAX - column.rank,
    }
}

fn of_cell<'r>(
    look: &'r Look,
    table: &Table,
    shown: &'r Shown<'_>,
    at: usize,
) -> crate::ui::widget::grid::Cell<'r> {
    let Some(column) = table.columns.get(at) else {
        return crate::ui::widget::grid::Cell::empty();
    };
    let freshness = match column.id {
        "checkmk" => shown.monitor,
        // By whoever sees it worst, so as old as the older of the two.
        "severity" => shown.own.max(shown.monitor),
        _ => shown.own,
    };
    let setting = Setting {
        look,
        now: shown.context.now,
        zone: shown.context.zone,
        freshness,
        trend: &shown.trend,
    };
    let value = (column.value)(shown.estate, shown.index, &shown.context);
    let tone = (column.tone)(shown.estate, shown.index);
    let cell = cell::of(setting, column, value, tone);
    let style = cell.style.patch(cell::aged(freshness));
    cell.style(style)
}

/// The course of a row's values over the last hour, in steps; a gap where none is known.
fn trend(app: &App, column: &column::Column, index: usize) -> Vec<Option<f32>> {
    let Value::Trend(samples) = (column.value)(&app.estate, index, &app.context()) else {
        return Vec::new();
    };
    course(samples, app.now)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "eight signs need no more than f32, and an age is not negative"
)]
fn course(samples: &[(Moment, u64)], now: Moment) -> Vec<Option<f32>> {
    let mut steps: Vec<Option<f32>> = vec![None; STEPS];
    let step = COURSE.as_secs_f64() / STEPS as f64;
    for (at, value) in samples {
        let Some(age) = at.age(now).filter(|age| *age < COURSE) else {
            continue;
        };
        let back = ((age.as_secs_f64() / step) as usize).min(STEPS - 1);
        if let Some(slot) = steps.get_mut(STEPS - 1 - back) {
            *slot = Some(*value as f32);
        }
    }
    let (mut last, mut held) = (None, 0);
    for slot in &mut steps {
        if slot.is_some() {
            (last, held) = (*slot, 0);
        } else if held < HOLDS {
            *slot = last;
            held += 1;
        }
    }
    steps
}

/// The frame: name, what is shown of what, and how old it is.
fn draw_frame(
    app: &App,
    look: &Look,
    table: &Table,
    area: Rect,
    focused: bool,
    buf: &mut Buffer,
) -> Rect {
    let title = title(app, look, table);
    // The whole title where a word on what is not fresh fits beside it, else at least the name.
    let beside = |title: &str| area.width.saturating_sub(7 + fit::width(title));
    let room = beside(&title).max(NOTE.min(beside(app.tab.title())));
    let note = trust::note(app, look, app.tab, room);
    let worst = trust::doubts(app, app.tab).first().map(|s| s.freshness);
    let panel = Panel {
        note: &note,
        note_style: match app.travel {
            Some(_) => Some(look.theme.unknown),
            None => worst.map(|f| look.theme.freshness(f)),
        },
        focused,
        ..Panel::new(&title)
    };
    let inside = panel.draw(buf, area, look.set());
    let skipped: u32 = trust::sights(app, app.tab)
        .flat_map(|s| &s.source.feeds)
        .filter(|f| {
            table
                .readings
                .iter()
                .any(|(_, reading)| *reading == f.reading)
        })
        .filter_map(|f| f.batch())
        .map(crate::domain::Batch::skipped)
        .sum();
    let mut notes: Vec<String> = if app.tab == Tab::Tickets {
        said_of_section(app)
    } else {
        Vec::new()
    };
    if skipped > 0 {
        notes.push(format!(
            "{} skipped",
            words::count(u64::from(skipped), "row")
        ));
    }
    if let Some(folded) = app.board().and_then(|board| board::folded(look, &board)) {
        notes.push(folded);
    }
    if !notes.is_empty() && area.width > 30 {
        let words = format!(" {} ", notes.join(&format!(" {} ", look.glyphs.dot)));
        let line = Rect {
            x: area.x + 2,
            y: area.bottom() - 1,
            width: area.width - 4,
            height: 1,
        };
        Field::line(line, look.glyphs.ellipsis).draw(buf, &words, look.theme.late);
    }
    inside
}

/// What is wrong with the open section, and what is still to come.
fn said_of_section(app: &App) -> Vec<String> {
    let estate = &app.estate;
    let Some(name) = &app.desk.section else {
        let waiting = u64::from(crate::estate::news::waiting(estate));
        let words = || {
            format!(
                "changes of {} still to be read",
                words::count(waiting, "ticket")
            )
        };
        return (waiting > 0).then(words).into_iter().collect();
    };
    let section = estate.sections.iter().find(|section| section.name == *name);
    let doubts = section.into_iter().flat_map(|section| &section.doubts);
    let mut said: Vec<String> = doubts
        .map(|(source, doubt)| words::doubt(estate.source_name(*source), doubt))
        .collect();
    if section.is_some_and(|section| section.untold) {
        said.push("the server was not asked yet".to_owned());
    }
    if section.is_some_and(|section| section.more) {
        said.push("there are older ones".to_owned());
    }
    said
}

fn title(app: &App, look: &Look, table: &Table) -> String {
    use std::fmt::Write as _;
    let rows = app.open_rows();
    let dot = look.glyphs.dot;
    let mut title = match &app.travel {
        Some(travel) => format!("Triage at {}", past::clock(app, travel)),
        None => app.tab.title().to_owned(),
    };
    if app.tab == Tab::Tickets && !app.estate.sections.is_empty() {
        let name = app.desk.section.as_deref().unwrap_or("Feed");
        let _ = write!(title, " {dot} {name}");
    }
    if app.tab == crate::app::Tab::Timeline {
        title.push_str(" of the last 24 hours");
    }
    // Writing into a String cannot fail.
    let folds = table.shown.is_some() && rows.filter.is_empty();
    if folds && app.estate.held_back > 0 {
        let _ = write!(title, " {dot} {} held back", app.estate.held_back);
    }
    if rows.len() < rows.total() && !folds {
        let _ = write!(title, " {dot} {} of {}", rows.len(), rows.total());
    }
    if !rows.filter.is_empty() {
        let _ = write!(title, " {dot} /{}", rows.filter.text());
    }
    if rows.problems_only {
        let _ = write!(title, " {dot} problems only");
    }
    let usual = crate::app::Rows::new(table).sort;
    if rows.sort != usual {
        match rows
            .sort
            .and_then(|(at, down)| Some((table.columns.get(at)?, down)))
        {
            Some((column, down)) => {
                let sign = if down {
                    look.glyphs.down
                } else {
                    look.glyphs.up
                };
                let _ = write!(title, " {dot} by {} {sign}", column.id);
            }
            None => {
                let _ = write!(title, " {dot} not sorted");
            }
        }
    }
    if !rows.marks.is_empty() {
        let _ = write!(title, " {dot} {} marked", rows.marks.len());
    }
    title
}

fn push_hits(hits: &Hits, total: usize, drawn: &mut Drawn) {
    for (at, placed) in hits.columns.iter().enumerate() {
        let end = hits.columns.get(at + 1).map_or(hits.head.right(), |n| n.x);
        let head = Rect {
            x: placed.x,
            width: end.saturating_sub(placed.x),
            ..hits.head
        };
        drawn.hits.push((region(head), Hit::Heading(placed.column)));
    }
    let seen = usize::from(hits.rows.height).min(total.saturating_sub(hits.offset));
    for (y, position) in (hits.rows.y..).zip(hits.offset..hits.offset + seen) {
        let line = Rect {
            y,
            height: 1,
            ..hits.rows
        };
        drawn.hits.push((region(line), Hit::Row(position)));
    }
}
