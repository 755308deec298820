//! The frame: header, table, detail, footer, layers.
//!
//! ```text
//!  header     tabs with what is wrong there, sources with their age, the clock
//! ┌ table ───────────────┬ detail ──────────┐
//! │                      │                  │   detail and the other layers lie over the table
//! └──────────────────────┴──────────────────┘   where there is no room beside it
//!  footer     keys that do something here, what was just done, what must never be forgotten
//! ```

mod board;
mod cell;
mod contacts;
mod detail;
mod empty;
mod footer;
mod header;
mod help;
mod keys;
mod notice;
mod page;
mod palette;
mod past;
mod review;
mod sections;
mod small;
mod sources;
mod strip;
mod table;
mod trust;
mod ways;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::drawn::{Hit, Region};
use crate::app::{App, Drawn, Layer, geometry};

use super::theme::{Glyphs, Theme};
use detail::Subject;

/// How everything looks.
#[derive(Debug, Clone)]
pub struct Look {
    /// Styles by role.
    pub theme: Theme,
    /// Glyphs that the terminal has.
    pub glyphs: Glyphs,
}

impl Look {
    /// Styles and glyphs, as widgets take them.
    const fn set(&self) -> (&Theme, &Glyphs) {
        (&self.theme, &self.glyphs)
    }
}

/// Draws the model. Tells back what was shown where.
pub fn draw(app: &App, look: &Look, frame: &mut Frame<'_>) -> Drawn {
    let area = frame.area();
    let (drawn, cursor) = draw_into(app, look, area, frame.buffer_mut());
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    drawn
}

/// Draws into a buffer; also tells where the terminal's cursor belongs while text is written.
fn draw_into(app: &App, look: &Look, area: Rect, buf: &mut Buffer) -> (Drawn, Option<Position>) {
    let mut drawn = Drawn::default();
    buf.set_style(area, look.theme.text);
    if area.width < geometry::LEAST.0 || area.height < geometry::LEAST.1 {
        small::draw(look, area, buf);
        return (drawn, None);
    }
    let line = |y| Rect {
        y,
        height: 1,
        ..area
    };
    let body = Rect {
        y: area.y + 1,
        height: area.height - 2,
        ..area
    };
    header::draw(app, look, line(area.y), buf, &mut drawn);
    draw_body(app, look, body, buf, &mut drawn);
    let written = footer::draw(app, look, line(area.bottom() - 1), buf, &mut drawn);
    let chosen = draw_layers(app, look, body, buf, &mut drawn);
    (drawn, chosen.or(written))
}

/// The table, and the detail beside it where there is room.
fn draw_body(app: &App, look: &Look, body: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    let in_detail = matches!(app.layer(), Some(Layer::Detail { .. }));
    if !geometry::has_side_panel(app.size) {
        table::draw(app, look, body, !in_detail, buf, drawn);
        return;
    }
    let side = geometry::side_panel_width(app.size).min(body.width / 2);
    let left = Rect {
        // The two share the line between them.
        width: body.width - side + 1,
        ..body
    };
    let right = Rect {
        x: body.right() - side,
        width: side,
        ..body
    };
    table::draw(app, look, left, !in_detail, buf, drawn);
    let parts = detail::draw(app, look, Subject::Row, right, buf, in_detail, drawn);
    drawn.hits.push((region(right), Hit::Detail));
    drawn.hits.extend(parts);
}

/// Where a detail belongs: beside the table where there is room, else over it.
fn detail_area(app: &App, body: Rect) -> Rect {
    if !geometry::has_side_panel(app.size) {
        return body;
    }
    let side = geometry::side_panel_width(app.size).min(body.width / 2);
    Rect {
        x: body.right() - side,
        width: side,
        ..body
    }
}

/// What lies over the body, from the bottom up.
fn draw_layers(
    app: &App,
    look: &Look,
    body: Rect,
    buf: &mut Buffer,
    drawn: &mut Drawn,
) -> Option<Position> {
    let mut cursor = None;
    for layer in &app.layers {
        if !matches!(layer, Layer::Detail { .. } | Layer::Filter { .. }) {
            // What lies below is no link any more.
            drawn.links.clear();
        }
        match layer {
            Layer::Detail { .. } => {
                if !geometry::has_side_panel(app.size) {
                    super::widget::panel::clear(buf, body, look.theme.text);
                    let focused = app.layer() == Some(layer);
                    drawn.links.clear();
                    let parts = detail::draw(app, look, Subject::Row, body, buf, focused, drawn);
                    drawn.hits.push((region(body), Hit::Layer));
                    drawn.hits.extend(parts);
                }
            }
            Layer::Ticket { source, id, scroll } => {
                let area = detail_area(app, body);
                super::widget::panel::clear(buf, area, look.theme.text);
                let focused = app.layer() == Some(layer);
                let subject = Subject::Ticket(*source, *id, *scroll);
                let parts = detail::draw(app, look, subject, area, buf, focused, drawn);
                drawn.hits.push((region(area), Hit::Layer));
                drawn.hits.extend(parts);
            }
            Layer::Ways(ways) => ways::draw(app, look, ways, body, buf, drawn),
            Layer::Help { scroll } => help::draw(app, look, *scroll, body, buf, drawn),
            Layer::Sources { scroll } => sources::draw(app, look, *scroll, body, buf, drawn),
            Layer::Review { scroll } => review::draw(app, look, *scroll, body, buf, drawn),
            Layer::Contacts { person, at } => {
                contacts::draw(app, look, (person, *at), body, buf, drawn);
            }
            Layer::Palette(palette) => {
                cursor = palette::draw(app, look, palette, body, buf, drawn);
            }
            Layer::Filter { .. } => {}
        }
    }
    cursor
}

/// A rectangle as the model knows it.
const fn region(area: Rect) -> Region {
    Region {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
    }
}

#[cfg(test)]
mod tests;
