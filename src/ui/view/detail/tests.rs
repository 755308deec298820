use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::app::fixture::{app, app_with};
use crate::app::{History, Message, update};
use crate::domain::keypress::KeyPress;
use crate::ui::theme::{Glyphs, Theme};

const WIDE: (u16, u16) = (160, 50);

fn look() -> Look {
    Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    }
}

/// The app with the cursor on the row of that title.
fn at(mut app: App, title: &str) -> App {
    for _ in 0..app.open_rows().len() {
        if shown_title(&app) == title {
            return app;
        }
        update(&mut app, Message::Key(KeyPress::char('j')));
    }
    panic!("no row called {title}");
}

fn shown_title(app: &App) -> String {
    let index = app.open_rows().current().unwrap();
    title(app, index).unwrap()
}

fn on(tab: Tab, title: &str) -> App {
    at(app(WIDE, tab), title)
}

/// All of the detail at this width, as tall as it is.
fn tall(app: &App, look: &Look, width: u16) -> String {
    let area = Rect::new(0, 0, width, 400);
    let mut buf = Buffer::empty(area);
    let (lines, _) = draw(app, look, area, &mut buf, false);
    let area = Rect::new(0, 0, width, u16::try_from(lines).unwrap() + 2);
    let mut buf = Buffer::empty(area);
    draw(app, look, area, &mut buf, false);
    text(&buf)
}

fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buf.area.left()..buf.area.right() {
            let symbol = buf[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = crate::ui::widget::fit::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    out
}

#[test]
fn look_at_all() {
    for tab in Tab::ALL {
        let mut app = app((80, 24), tab);
        app.size = (80,24);
        let n = app.open_rows().len();
        for _ in 0..n {
            println!("{}", tall(&app, &look(), 62));
            update(&mut app, Message::Key(KeyPress::char('j')));
        }
    }
}
