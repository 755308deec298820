//! Screens as text, and what holds for all of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::app::Tab;
use crate::app::fixture::{app, app_with};
use crate::estate::fixture;

fn look() -> Look {
    Look {
        theme: Theme::default(),
        glyphs: Glyphs::UNICODE,
    }
}

fn screen(app: &App, look: &Look) -> (Buffer, Drawn) {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let mut buf = Buffer::empty(area);
    let (drawn, _) = draw_into(app, look, area, &mut buf);
    (buf, drawn)
}

fn text(app: &App) -> String {
    lines(&screen(app, &look()).0)
}

fn lines(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            skip = crate::ui::widget::fit::width(symbol).saturating_sub(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn look_at_it() {
    let (w, h): (u16, u16) = (
        std::env::var("W").map_or(80, |w| w.parse().unwrap_or(80)),
        std::env::var("H").map_or(24, |w| w.parse().unwrap_or(24)),
    );
    for tab in Tab::ALL {
        println!("{}", text(&app((w, h), tab)));
    }
    for estate in [
        fixture::nothing_read(),
        fixture::all_failing(),
        fixture::all_empty(),
        fixture::calm(),
        fixture::calm_but_late(),
    ] {
        for tab in [Tab::Triage, Tab::Containers] {
            println!("{}", text(&app_with((w, h), tab, estate.clone())));
        }
    }
}
