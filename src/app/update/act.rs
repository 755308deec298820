//! Acting on data and on the program.

use crate::app::palette::Palette;
use crate::app::value::Value;
use crate::app::{Action, App, Effect, Effects, Layer, Notice, Tab, link};
use crate::domain::SourceId;

/// Does an action that neither moves nor chooses.
pub fn act(app: &mut App, action: Action) -> Effects {
    match action {
        Action::Quit => quit(app),
        Action::Suspend => Effects::none().with(Effect::Suspend),
        Action::Repaint => Effects::redraw().with(Effect::Repaint),
        Action::Reload => Effects::none().with(Effect::Reload),
        Action::Help => toggle(app, Layer::Help { scroll: 0 }),
        Action::Review => toggle(app, Layer::Review { scroll: 0 }),
        Action::CopyContact => super::contacts::open(app),
        Action::Sources => {
            app.return_to_now();
            toggle(app, Layer::Sources { scroll: 0 })
        }
        Action::Reasons => {
            app.reasons = !app.reasons;
            app.say(Notice::Reasons(app.reasons));
            Effects::redraw()
        }
        Action::Palette => toggle(app, Layer::Palette(Palette::new())),
        Action::Privacy => {
            app.privacy = !app.privacy;
            app.layers
                .retain(|layer| !matches!(layer, Layer::Contacts { .. }));
            // What is masked is not found by a filter, and sorts elsewhere.
            let _ = app.take_estate(std::sync::Arc::clone(&app.estate));
            app.say(Notice::Privacy(app.privacy));
            Effects::redraw()
        }
        Action::Mouse => {
            app.mouse = !app.mouse;
            app.say(Notice::Mouse(app.mouse));
            Effects::redraw().with(Effect::Mouse(app.mouse))
        }
        Action::Freeze => freeze(app),
        Action::Refresh => {
            let sources = sources_of(app, app.tab);
            refresh(app, sources)
        }
        Action::RefreshAll => {
            let sources = app.estate.sources.iter().map(|s| s.id).collect();
            refresh(app, sources)
        }
        Action::Span => {
            app.graphs.span = app.graphs.span.next();
            app.say(Notice::Span(app.graphs.span));
            Effects::redraw()
        }
        Action::CopyValue => copy_value(app),
        Action::CopyLink => match current_link(app) {
            Some(link) => {
                app.say(Notice::Sent(link.clone()));
                Effects::redraw().with(Effect::Copy(link))
            }
            None => no_link(app),
        },
        Action::OpenLink => match current_link(app) {
            Some(link) => {
                app.say(Notice::Link(link));
                Effects::redraw()
            }
            None => no_link(app),
        },
        _ => Effects::none(),
    }
}

/// Leaves the layer on top; without one, the program.
fn quit(app: &mut App) -> Effects {
    let reads = matches!(
        app.layer(),
        Some(
            Layer::Help { .. }
                | Layer::Sources { .. }
                | Layer::Detail { .. }
                | Layer::Review { .. }
                | Layer::Contacts { .. }
                | Layer::Ticket { .. }
                | Layer::Ways(_)
        )
    );
    if reads {
        app.layers.pop();
        return Effects::redraw();
    }
    // So does the past.
    if app.return_to_now() {
        return Effects::redraw();
    }
    Effects::none().with(Effect::Quit)
}

/// Opens a layer, or closes it when it is the one on top.
fn toggle(app: &mut App, layer: Layer) -> Effects {
    let same = app
        .layer()
        .is_some_and(|top| std::mem::discriminant(top) == std::mem::discriminant(&layer));
    if same {
        app.layers.pop();
    } else {
        app.layers.push(layer);
    }
    Effects::redraw()
}

fn freeze(app: &mut App) -> Effects {
    app.return_to_now();
    match app.frozen.take() {
        Some((_, held)) => {
            let effects = app.take_estate(held);
            super::tickets::settle(app);
            return effects;
        }
        None => app.frozen = Some((app.now, std::sync::Arc::clone(&app.estate))),
    }
    Effects::redraw()
}

/// Sources that a tab shows.
fn sources_of(app: &App, tab: Tab) -> Vec<SourceId> {
    let readings = app.table(tab).readings;
    app.estate
        .sources
        .iter()
        .filter(|s| readings.iter().any(|(kind, _)| *kind == s.kind))
        .map(|s| s.id)
        .collect()
}

fn refresh(app: &mut App, sources: Vec<SourceId>) -> Effects {
    app.say(Notice::Asking(sources.len()));
    // A history that failed may be asked for again.
    app.histories
        .retain(|_, history| !matches!(history, crate::app::History::Failed(_)));
    app.graphs.again();
    Effects::redraw().with(Effect::Refresh(sources))
}

fn current_link(app: &App) -> Option<String> {
    link::of(&app.estate, &app.focus()?)
}

fn no_link(app: &mut App) -> Effects {
    app.say(Notice::NoLink);
    Effects::redraw()
}

/// The names of the marked rows, or of the one under the cursor.
fn copy_value(app: &mut App) -> Effects {
    let table = app.table(app.tab);
    let rows = app.open_rows();
    let context = app.context();
    let ticket = |ticket: &crate::domain::ticket::Ticket| {
        if ticket.private && app.privacy {
            return format!("#{}", ticket.id);
        }
        format!("#{} {}", ticket.id, ticket.subject)
    };
    let name = |index: usize| -> Option<String> {
        if app.tab == Tab::Tickets && app.desk.is_feed() {
            return app.estate.news.get(index).map(|row| ticket(&row.ticket));
        }
        if app.tab == Tab::Tickets {
            return app.estate.tickets.get(index).map(|row| ticket(&row.ticket));
        }
        let column = table
            .columns
            .iter()
            .find(|c| matches!(c.id, "name" | "subject"))?;
        match (column.value)(&app.estate, index, &context) {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    };
    let chosen: Vec<String> = if let Some(Layer::Ticket { source, id, .. }) = app.layer() {
        let shown = app.shown_ticket(*source, *id);
        vec![shown.map_or_else(|| format!("#{id}"), |row| ticket(&row.ticket))]
    } else if rows.marks.is_empty() {
        rows.current().and_then(name).into_iter().collect()
    } else {
        let marked =
            |i: &usize| (table.key)(&app.estate, *i).is_some_and(|key| rows.marks.contains(&key));
        (0..rows.len())
            .filter_map(|p| rows.at(p))
            .filter(marked)
            .filter_map(name)
            .collect()
    };
    if chosen.is_empty() {
        return Effects::none();
    }
    let text = chosen.join("\n");
    app.say(Notice::Sent(chosen.join(", ")));
    Effects::redraw().with(Effect::Copy(text))
}
