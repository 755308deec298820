//! Screens as text, and what holds for all of them.

mod clicks;
mod private;
mod screens;
mod styles;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::app::fixture::{app, app_with};
use crate::app::{Message, Tab, update};
use crate::estate::{Estate, fixture};

/// A look with all signs, in the terminal's own colours.
fn look() -> Look {
    Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    }
}

fn screen(app: &App, look: &Look) -> (Buffer, Drawn) {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let mut buf = Buffer::empty(area);
    let (drawn, cursor) = draw_into(app, look, area, &mut buf);
    if let Some(cursor) = cursor {
        assert!(area.contains(cursor), "cursor at {cursor:?} of {area:?}");
    }
    (buf, drawn)
}

/// The screen as text. What a wide character hides is left out, as on a terminal.
fn lines(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut hidden = 0;
        for x in 0..buf.area.width {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            hidden = crate::ui::widget::fit::width(symbol).saturating_sub(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn text(app: &App) -> String {
    lines(&screen(app, &look()).0)
}

fn press(app: &mut App, keys: &[&str]) {
    for key in keys {
        if let Ok(key) = key.parse() {
            app.drawn = screen(app, &look()).1;
            update(app, Message::Key(key));
        }
    }
    update(app, Message::Rested);
    app.drawn = screen(app, &look()).1;
}

/// All estates that tests know.
fn estates() -> [Arc<Estate>; 7] {
    [
        fixture::estate(),
        fixture::nothing_read(),
        fixture::all_failing(),
        fixture::all_empty(),
        fixture::calm(),
        fixture::calm_but_late(),
        fixture::only_a_roster(),
    ]
}

/// Keys that put each layer on the screen.
const LAYERS: [&[&str]; 9] = [
    &[],
    &["enter"],
    &["?"],
    &["S"],
    &[":", "r", "e"],
    &["/", "w", "i"],
    &["enter", "?"],
    &["W"],
    &["C"],
];
