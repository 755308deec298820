//! What a message does to the model: a plain function, one family of actions a file.

mod act;
pub mod contacts;
mod edit;
mod mouse;
mod navigate;
mod select;
mod tickets;

use super::{App, Effect, Effects, History, Layer, Message, geometry};

/// Takes a message in.
pub fn update(app: &mut App, message: Message) -> Effects {
    let is_move = matches!(message, Message::Key(_) | Message::Wheel { .. });
    let before = (app.tab, app.detailed(), app.open_rows().current());
    let estate = std::sync::Arc::clone(&app.estate);
    let mut effects = react(app, message);
    let is_on_its_way = is_move
        && app.tab == before.0
        // A position means nothing in another estate: that of the past.
        && std::sync::Arc::ptr_eq(&estate, &app.estate)
        && app.layers.is_empty()
        && geometry::has_side_panel(app.size)
        && app.open_rows().current() != before.2;
    if is_on_its_way {
        app.trailing = before.1;
        effects.push(Effect::Rest);
    } else if app.tab != before.0 || !app.layers.is_empty() {
        app.trailing = None;
    }
    app.want_history(&mut effects);
    app.want_graphs(&mut effects);
    effects
}

fn react(app: &mut App, message: Message) -> Effects {
    match message {
        Message::Key(key) => edit::key(app, key),
        Message::Paste(text) => edit::paste(app, &text),
        Message::Click { column, line } => mouse::click(app, column, line),
        Message::Wheel { column, line, up } => mouse::wheel(app, column, line, up),
        Message::Resize(columns, lines) => {
            app.resize((columns, lines));
            Effects::redraw()
        }
        Message::Clock(now) => {
            app.set_clock(now);
            if app
                .notice
                .as_ref()
                .is_some_and(|(notice, since)| since.plus(notice.stays()) <= now)
            {
                app.notice = None;
            }
            Effects::redraw()
        }
        Message::Estate(estate) => {
            // Whatever the screen shows.
            let mut begun = Effects::redraw();
            let alarm = app.alarms.news(&estate, app.clock, &app.zone);
            if let Some((_, held)) = &mut app.frozen {
                // Counted in the header as waiting; nothing else moves.
                *held = estate;
            } else if let Some(travel) = &mut app.travel {
                // The past does not change.
                travel.present = estate;
            } else {
                begun = app.take_estate(estate);
                tickets::settle(app);
            }
            let mut effects = begun;
            effects.list.extend(alarm.map(super::Effect::Alarm));
            effects
        }
        Message::Ticket(source, id, outcome) => {
            let history = match outcome {
                Ok(detail) => History::Read(detail),
                Err(failure) => History::Failed(failure),
            };
            app.histories.insert((source, id), history);
            Effects::redraw()
        }
        Message::TicketDropped(source, id) => {
            app.asked.remove(&(source, id));
            if matches!(app.histories.get(&(source, id)), Some(History::Loading)) {
                app.histories.remove(&(source, id));
            }
            Effects::none()
        }
        Message::Graph(subject, span, outcome) => {
            app.graphs.take(subject, span, outcome, app.now);
            Effects::redraw()
        }
        Message::GraphDropped(subject, span) => {
            app.graphs.drop_wish(&subject, span);
            Effects::none()
        }
        Message::Kept(trouble) => {
            if let Some(failure) = trouble {
                app.say(super::Notice::NotKept(failure));
            }
            Effects::redraw()
        }
        Message::Copied(fits) => {
            if !fits {
                app.say(super::Notice::TooLong);
            }
            Effects::redraw()
        }
        Message::Reloaded(fresh) => {
            let fresh = *fresh;
            app.keymap = fresh.keymap;
            app.zone = fresh.zone;
            let sources = fresh.estate.map(|(estate, seen)| {
                // Sources have other numbers now, so what was kept by number is nobody's.
                app.return_to_now();
                app.frozen = None;
                app.histories.clear();
                app.graphs = super::Graphs::default();
                app.seen = seen;
                app.trailing = None;
                let count = estate.sources.len();
                app.take_estate(estate);
                count
            });
            app.say(super::Notice::Reloaded(sources));
            Effects::redraw()
        }
        Message::NotReloaded(why) => {
            app.say(super::Notice::NotReloaded(why));
            Effects::redraw()
        }
        Message::Rested => {
            app.trailing = None;
            Effects::redraw()
        }
    }
}

/// Keeps a panel's first line within what the last frame showed.
fn clamp(scroll: usize, by: isize, (lines, height): (usize, usize)) -> usize {
    scroll
        .saturating_add_signed(by)
        .min(lines.saturating_sub(height))
}

/// Scrolls the layer on top; whether it scrolls at all.
fn scroll_layer(app: &mut App, by: isize) -> bool {
    let drawn = match app.layers.last() {
        Some(Layer::Detail { .. } | Layer::Ticket { .. }) => app.drawn.detail,
        _ => app.drawn.layer,
    };
    let Some(scroll) = app.layers.last_mut().and_then(Layer::scroll_mut) else {
        return false;
    };
    *scroll = clamp(*scroll, by, drawn);
    true
}

#[cfg(test)]
mod tests;
