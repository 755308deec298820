//! Frames around content, and what lies over the rest of the screen.
//!
//! ```text
//! ┌ Incidents ────────────────────────┬ golem/105 wiki ───────── 12m ┐
//! │                                   │                              │
//! └───────────────────────────────────┴──────────────────────────────┘
//! ```

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::theme::{Glyphs, Theme};

use super::fit::{Field, width};

/// Cells of a name that a note never takes.
const LEAST_TITLE: u16 = 16;

/// A frame with a name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Panel<'a> {
    /// Its name, in the upper line at the left.
    pub title: &'a str,
    /// A word in the upper line at the right: an age, a position.
    pub note: &'a str,
    /// Style of the note, `dim` unless given.
    pub note_style: Option<Style>,
    /// Whether keys go here.
    pub focused: bool,
    /// Its left line is the right line of the panel drawn before it: the two areas share a column.
    pub joined: bool,
}

impl<'a> Panel<'a> {
    /// A panel with a name.
    pub fn new(title: &'a str) -> Self {
        Self {
            title,
            ..Self::default()
        }
    }

    /// Draws the frame and returns what is inside.
    pub fn draw(self, buf: &mut Buffer, area: Rect, (theme, glyphs): (&Theme, &Glyphs)) -> Rect {
        let area = area.intersection(buf.area);
        if area.width < 2 || area.height < 2 {
            return Rect {
                width: 0,
                height: 0,
                ..area
            };
        }
        let style = if self.focused {
            theme.border_focus
        } else {
            theme.border
        };
        let b = glyphs.borders;
        let (left, right) = (area.x, area.right() - 1);
        let (top, bottom) = (area.y, area.bottom() - 1);
        for x in left + 1..right {
            buf.set_stringn(x, top, b.horizontal, 1, style);
            buf.set_stringn(x, bottom, b.horizontal, 1, style);
        }
        for y in top + 1..bottom {
            buf.set_stringn(left, y, b.vertical, 1, style);
            buf.set_stringn(right, y, b.vertical, 1, style);
        }
        let (top_left, bottom_left) = if self.joined {
            (b.tee_down, b.tee_up)
        } else {
            (b.top_left, b.bottom_left)
        };
        buf.set_stringn(left, top, top_left, 1, style);
        buf.set_stringn(left, bottom, bottom_left, 1, style);
        buf.set_stringn(right, top, b.top_right, 1, style);
        buf.set_stringn(right, bottom, b.bottom_right, 1, style);
        self.draw_names(buf, area, (theme, glyphs));
        Rect::new(left + 1, top + 1, area.width - 2, area.height - 2)
    }

    /// `┌ title ───── note ┐`: a line's cell stays beside each corner only where there is room.
    fn draw_names(self, buf: &mut Buffer, area: Rect, (theme, glyphs): (&Theme, &Glyphs)) {
        let room = area.width.saturating_sub(4);
        let note = width(self.note);
        let least = width(self.title).min(LEAST_TITLE);
        let title_room = if note == 0 || note + 3 + least > room {
            room
        } else {
            let x = area.right() - 2 - note;
            let field = Field::line(Rect::new(x, area.y, note, 1), glyphs.ellipsis);
            wipe(buf, x..x + note, area.y, theme.text);
            field.draw(buf, self.note, self.note_style.unwrap_or(theme.dim));
            pad(buf, x..x + note, area.y);
            room - note - 3
        };
        if self.title.is_empty() || title_room == 0 {
            return;
        }
        let line = Rect::new(area.x + 2, area.y, title_room, 1);
        wipe(
            buf,
            line.x..line.x + width(self.title).min(title_room),
            area.y,
            theme.text,
        );
        let field = Field::line(line, glyphs.ellipsis);
        let drawn = field.draw(buf, self.title, theme.title);
        pad(buf, drawn, area.y);
    }

    /// Draws a panel of at most this size over the middle of `screen`, with everything under it
    /// cleared, and returns what is inside.
    pub fn draw_over(
        self,
        buf: &mut Buffer,
        screen: Rect,
        size: (u16, u16),
        set: (&Theme, &Glyphs),
    ) -> Rect {
        let area = centered(screen, size).intersection(buf.area);
        clear(buf, area, set.0.text);
        self.draw(buf, area, set)
    }
}

/// Takes the line's style from where words will stand: styles add up.
fn wipe(buf: &mut Buffer, cells: std::ops::Range<u16>, y: u16, style: Style) {
    for x in cells {
        if let Some(cell) = buf.cell_mut((x, y)) {
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// Blanks beside what was written into a line, so that it does not touch it.
fn pad(buf: &mut Buffer, written: std::ops::Range<u16>, y: u16) {
    for x in [written.start - 1, written.end] {
        if let Some(cell) = buf.cell_mut((x, y)) {
            cell.set_symbol(" ");
        }
    }
}

/// The middle of `screen`, at most `size` (width, height); a little above the middle when there is room,
/// where eyes rest.
pub fn centered(screen: Rect, (width, height): (u16, u16)) -> Rect {
    let width = width.min(screen.width);
    let height = height.min(screen.height);
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) * 2 / 5,
        width,
        height,
    }
}

/// Clears an area. A wide character cut by its left edge goes too: half of it would stay.
pub fn clear(buf: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        if let Some(x) = area.x.checked_sub(1)
            && let Some(cell) = buf.cell_mut((x, y))
            && cell.cell_width() > 1
        {
            cell.set_symbol(" ");
        }
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(buf: &Buffer) -> String {
        let width = usize::from(buf.area.width).max(1);
        let rows = buf.content.chunks(width).map(|row| {
            let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            row
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn panels_side_by_side_and_one_over_them() {
        let theme = Theme::default();
        let mut out = String::new();
        for glyphs in [&Glyphs::UNICODE, &Glyphs::ASCII] {
            let mut buf = Buffer::empty(Rect::new(0, 0, 60, 9));
            let set = (&theme, glyphs);
            let left = Panel {
                note: "12 of 340",
                focused: true,
                ..Panel::new("Incidents")
            };
            assert_eq!(
                left.draw(&mut buf, Rect::new(0, 0, 35, 9), set),
                Rect::new(1, 1, 33, 7)
            );
            let right = Panel {
                joined: true,
                note: "14m",
                ..Panel::new("golem/105 wiki, the team's own")
            };
            right.draw(&mut buf, Rect::new(34, 0, 26, 9), set);
            buf.set_stringn(18, 3, "日本語日本語", 12, Style::new());
            let screen = buf.area;
            let inner = Panel::new("Help").draw_over(&mut buf, screen, (21, 5), set);
            assert_eq!(inner, Rect::new(20, 2, 19, 3));
            out.push_str(&lines(&buf));
            out.push('\n');
        }
        insta::assert_snapshot!(out);
    }

    #[test]
    fn no_size_is_too_small() {
        let theme = Theme::default();
        let set = (&theme, &Glyphs::UNICODE);
        for width in 0..12 {
            for height in 0..4 {
                let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
                let screen = buf.area;
                let panel = Panel {
                    note: "12m",
                    ..Panel::new("wiki")
                };
                let inner = panel.draw_over(&mut buf, screen, (30, 10), set);
                assert!(inner.width <= width.saturating_sub(2));
                assert!(inner.height <= height.saturating_sub(2));
            }
        }
    }
}
