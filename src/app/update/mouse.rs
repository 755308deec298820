//! Clicks and the wheel, by what the last frame showed where.

use crate::app::drawn::Hit;
use crate::app::{Action, App, Effects, Layer};

use super::{edit, navigate, scroll_layer, select, tickets};

/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

/// A click.
pub fn click(app: &mut App, column: u16, line: u16) -> Effects {
    if !app.mouse {
        return Effects::none();
    }
    let hit = app.drawn.at(column, line);
    match hit {
        Some(Hit::Tab(tab)) => navigate::go(app, Action::of_tab(tab)),
        Some(Hit::Act(action)) => edit::run(app, action),
        Some(Hit::Entry(entry)) if matches!(app.layer(), Some(Layer::Contacts { .. })) => {
            super::contacts::copy(app, entry)
        }
        Some(Hit::Section(at)) if app.layers.is_empty() => {
            let section = at.checked_sub(1).and_then(|at| app.estate.sections.get(at));
            let name = section.map(|section| section.name.clone());
            tickets::open(app, name)
        }
        Some(Hit::Entry(entry)) if matches!(app.layer(), Some(Layer::Ways(_))) => {
            tickets::go(app, entry)
        }
        Some(Hit::Entry(entry)) => {
            let Some(Layer::Palette(palette)) = app.layers.last_mut() else {
                return Effects::none();
            };
            palette.selected = entry;
            let chosen = palette.chosen();
            app.layers.pop();
            chosen.map_or_else(Effects::redraw, |action| edit::run(app, action))
        }
        Some(Hit::Link(part)) => navigate::jump_along(app, part),
        Some(Hit::Layer) => Effects::none(),
        _ if app
            .layers
            .last()
            .is_some_and(|l| !matches!(l, Layer::Detail { .. } | Layer::Filter { .. })) =>
        {
            app.layers.pop();
            Effects::redraw()
        }
        Some(Hit::Row(position)) => {
            app.layers.clear();
            let again = app.open_rows().position() == position;
            app.with_rows(|rows, table, estate, _| rows.go(position, table, estate));
            // A second click on the row under the cursor opens it.
            if again {
                navigate::go(app, Action::Open)
            } else {
                Effects::redraw()
            }
        }
        Some(Hit::Heading(column)) => select::sort_by(app, column),
        Some(Hit::Detail) if app.layers.is_empty() => navigate::go(app, Action::Open),
        _ => Effects::none(),
    }
}

/// A turn of the wheel.
pub fn wheel(app: &mut App, column: u16, line: u16, up: bool) -> Effects {
    if !app.mouse {
        return Effects::none();
    }
    let by = if up { -NOTCH } else { NOTCH };
    if let Some(Layer::Palette(palette)) = app.layers.last_mut() {
        palette.step(by.signum());
        return Effects::redraw();
    }
    if !app.layers.is_empty() && scroll_layer(app, by) {
        return Effects::redraw();
    }
    match app.drawn.at(column, line) {
        Some(Hit::Row(_) | Hit::Table | Hit::Heading(_)) => {
            app.with_rows(|rows, table, estate, _| rows.wheel(by, table, estate));
            Effects::redraw()
        }
        _ => Effects::none(),
    }
}
