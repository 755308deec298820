//! Details of the usual estate, of private things, and of things that went wrong.

mod graphs;
mod private;
mod scenes;
mod screens;

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::app::fixture::app;
use crate::app::{Message, update};
use crate::domain::keypress::KeyPress;
use crate::ui::theme::{Glyphs, Theme};

/// A terminal with the detail over the table.
const NARROW: (u16, u16) = (80, 24);

fn look() -> Look {
    Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    }
}

/// The cursor on the row of that name.
fn at(mut app: App, name: &str) -> App {
    if app.tab == Tab::Triage {
        // A filter that every row passes shows what is folded below its cause, too.
        for key in ["/", "-", "z", "z", "z", "enter", "g"] {
            update(&mut app, Message::Key(key.parse().unwrap()));
        }
    }
    for _ in 0..app.open_rows().len() {
        let index = app.open_rows().current().unwrap();
        if title(&app, index).unwrap() == name {
            return app;
        }
        update(&mut app, Message::Key(KeyPress::char('j')));
    }
    let all: Vec<String> = app
        .estate
        .problems
        .iter()
        .map(|p| p.subject.to_string())
        .collect();
    panic!("no row called {name}: {all:?}");
}

/// The usual estate with the cursor on the row of that name.
fn on(tab: Tab, name: &str) -> App {
    at(app(NARROW, tab), name)
}

/// Draws the row under the cursor; its lines in all, and those seen.
fn draw(app: &App, look: &Look, area: Rect, buf: &mut Buffer, focused: bool) -> (usize, usize) {
    let mut drawn = Drawn::default();
    super::draw(app, look, Subject::Row, area, buf, focused, &mut drawn);
    drawn.detail
}

/// All of the detail at this width, as tall as it is.
fn tall(app: &App, look: &Look, width: u16) -> String {
    let mut area = Rect::new(0, 0, width, 3);
    let (lines, _) = draw(app, look, area, &mut Buffer::empty(area), false);
    area.height = u16::try_from(lines).unwrap() + 2;
    let mut buf = Buffer::empty(area);
    draw(app, look, area, &mut buf, false);
    text(&buf)
}

/// What the buffer shows.
fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut beyond = 0;
        for x in buf.area.left()..buf.area.right() {
            if beyond > 0 {
                beyond -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            beyond = crate::ui::widget::fit::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    out
}
