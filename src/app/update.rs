//! What a message does to the model: a plain function, one family of actions a file.

mod act;
pub mod contacts;
mod edit;
mod mouse;
mod navigate;
mod select;

use super::{App, Effects, History, Layer, Message};

/// Takes a message in.
pub fn update(app: &mut App, message: Message) -> Effects {
    let mut effects = match message {
        Message::Key(key) => edit::key(app, key),
        Message::Paste(text) => edit::paste(app, &text),
        Message::Click { column, line } => mouse::click(app, column, line),
        Message::Wheel { column, line, up } => mouse::wheel(app, column, line, up),
        Message::Resize(columns, lines) => {
            app.resize((columns, lines));
            Effects::redraw()
        }
        Message::Clock(now) => {
            app.now = now;
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
            if let Some((_, held)) = &mut app.frozen {
                // Counted in the header as waiting; nothing else moves.
                *held = estate;
            } else {
                app.take_estate(estate);
            }
            Effects::redraw()
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
            if matches!(app.histories.get(&(source, id)), Some(History::Loading)) {
                app.histories.remove(&(source, id));
            }
            return Effects::none();
        }
        Message::Copied(fits) => {
            if !fits {
                app.say(super::Notice::TooLong);
            }
            Effects::redraw()
        }
    };
    app.want_history(&mut effects);
    effects
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
        Some(Layer::Detail { .. }) => app.drawn.detail,
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
