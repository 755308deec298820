//! Choosing rows: filter, order, marks.

use crate::app::filter::Filter;
use crate::app::line_editor::LineEditor;
use crate::app::{Action, Apart, App, Effect, Effects, Layer, Notice, Tab};
use crate::domain::Key;
use crate::estate::Estate;

/// Acts on which rows are shown in what order.
pub fn act(app: &mut App, action: Action) -> Effects {
    match action {
        Action::Filter => {
            let before = app.open_rows().filter.text().to_owned();
            let row = app.open_rows().cursor().cloned();
            app.layers.clear();
            app.layers.push(Layer::Filter {
                editor: LineEditor::new(&before),
                before,
                row,
            });
            Effects::redraw()
        }
        Action::ClearFilter => clear(app),
        Action::ProblemsOnly => {
            app.with_rows(|rows, table, estate, context| {
                rows.problems_only = !rows.problems_only;
                rows.rebuild(table, estate, context);
            });
            Effects::redraw()
        }
        Action::SortPrevious => sort(app, -1),
        Action::SortNext => sort(app, 1),
        Action::SortReverse => {
            app.with_rows(|rows, table, estate, context| {
                let (column, down) = rows.sort.unwrap_or((0, false));
                rows.sort = Some((column, !down));
                rows.rebuild(table, estate, context);
            });
            Effects::redraw()
        }
        Action::Mark => mark(app),
        Action::ClearMarks => clear_marks(app),
        Action::Apart => apart(app),
        _ => Effects::none(),
    }
}

/// Sets the filter of the open tab, with the cursor on `row` where it is shown.
pub fn set_filter(app: &mut App, text: &str, row: Option<&Key>) {
    app.with_rows(|rows, table, estate, context| {
        rows.filter = Filter::parse(text, table);
        rows.rebuild(table, estate, context);
        if let Some(row) = row.filter(|row| rows.cursor() != Some(*row)) {
            rows.find(row, table, estate);
        }
    });
}

/// Shows all rows again.
pub fn clear(app: &mut App) -> Effects {
    app.with_rows(|rows, table, estate, context| {
        rows.filter = Filter::default();
        rows.problems_only = false;
        rows.rebuild(table, estate, context);
    });
    Effects::redraw()
}

/// Removes all marks.
pub fn clear_marks(app: &mut App) -> Effects {
    app.with_rows(|rows, _, _, _| rows.marks.clear());
    Effects::redraw()
}

/// Sorts by a column; once more the same way turns it around.
pub fn sort_by(app: &mut App, column: usize) -> Effects {
    app.with_rows(|rows, table, estate, context| {
        rows.sort = match rows.sort {
            Some((at, down)) if at == column => Some((column, !down)),
            _ => Some((column, false)),
        };
        rows.rebuild(table, estate, context);
    });
    Effects::redraw()
}

/// Goes to the next column, and past the ends to the estate's own order.
fn sort(app: &mut App, by: isize) -> Effects {
    app.with_rows(|rows, table, estate, context| {
        let last = table.columns.len();
        // Position 0 is the estate's own order, column n is at n + 1.
        let at = rows.sort.map_or(0, |(column, _)| column + 1);
        let next = if by > 0 {
            (at + 1) % (last + 1)
        } else {
            (at + last) % (last + 1)
        };
        rows.sort = next.checked_sub(1).map(|column| (column, false));
        rows.rebuild(table, estate, context);
    });
    Effects::redraw()
}

fn mark(app: &mut App) -> Effects {
    let marked = app.with_rows(|rows, table, estate, _| {
        if let Some(key) = rows.cursor().cloned()
            && !rows.marks.remove(&key)
        {
            rows.marks.insert(key);
        }
        rows.step(1, table, estate);
        rows.marks.len()
    });
    app.say(Notice::Marked(marked));
    Effects::redraw()
}

/// Takes the problem under the cursor out from under its cause, or puts it back.
fn apart(app: &mut App) -> Effects {
    if app.travel.is_some() {
        app.say(Notice::OnlyNow);
        return Effects::redraw();
    }
    let at = app.open_rows().current().filter(|_| app.tab == Tab::Triage);
    let Some((at, problem)) = at.and_then(|at| Some((at, app.estate.problems.get(at)?))) else {
        app.say(Notice::NotFolded);
        return Effects::redraw();
    };
    let (key, subject) = (problem.key.clone(), problem.subject.to_string());
    if app.apart.remove(&key).is_some() {
        app.say(Notice::Together(subject));
    } else if let Some(was) = folded_under(&app.estate, at) {
        app.apart.insert(key, was);
        app.say(Notice::Apart(subject));
    } else {
        app.say(Notice::NotFolded);
        return Effects::redraw();
    }
    let apart = app.apart.keys().cloned().collect();
    Effects::redraw().with(Effect::KeepApart(apart))
}

/// What a problem is folded under.
fn folded_under(estate: &Estate, at: usize) -> Option<Apart> {
    let incident = estate.incident_of(at)?;
    let below = incident.below.iter().find(|b| b.problem as usize == at)?;
    Some(Apart {
        cause: estate.problems.get(below.under as usize)?.subject.clone(),
        because: below.because,
    })
}
