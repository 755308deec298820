//! The table. Draws only the rows that are seen: 100,000 cost as much as 50.
//!
//! ```text
//!  ID   NAME↑       NODE    STATE      CPU
//!  101  proxy       golem   ● running  ██▌·····  31%   │
//! ▌105  wiki        golem   ■ stopped             ?    █
//!  110  mail        golem   ● running  ███████▌  92%■  │
//! ```
//!
//! The first column is the gutter: it shows marks and, without the focus, the cursor. The last one
//! is the scroll bar and exists only when there are more rows than lines.

mod cell;
mod hits;
mod widths;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::ui::theme::{Glyphs, Theme};

use super::fit::{Align, Field, width};
use super::{meter, scroll_bar, trend};

pub use cell::{Cell, Content};
pub use hits::{Hit, Hits};
pub use widths::Placed;

/// How wide a column is, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Always this.
    Fixed(u16),
    /// At least the first, and up to the second while there is room.
    Range(u16, u16),
    /// At least the first; takes what others leave, shared by the weights given second.
    Fill(u16, u16),
}

impl Width {
    const fn least(self) -> u16 {
        match self {
            Self::Fixed(least) | Self::Range(least, _) | Self::Fill(least, _) => least,
        }
    }
}

/// A column: everything about it but its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its head.
    pub title: &'a str,
    /// How wide it is.
    pub width: Width,
    /// Where its texts keep to.
    pub align: Align,
    /// When there is too little room the lowest goes first.
    pub priority: u8,
}

impl<'a> Column<'a> {
    /// A left-aligned column of middling priority.
    pub const fn new(title: &'a str, width: Width) -> Self {
        Self {
            title,
            width,
            align: Align::Left,
            priority: 100,
        }
    }

    /// The same for figures.
    pub const fn right(self) -> Self {
        Self {
            align: Align::Right,
            ..self
        }
    }

    /// The same, more or less important.
    pub const fn priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }
}

/// Which way rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Smallest first.
    Up,
    /// Greatest first.
    Down,
}

/// A row that is seen.
#[derive(Debug, Clone, Copy)]
pub struct Row<R> {
    /// What its cells are made of; they may borrow from it.
    pub data: R,
    /// Whether it is marked.
    pub marked: bool,
    /// Laid over all its cells, for example dimmed because it is handled.
    pub style: Style,
}

impl<R> Row<R> {
    /// A row without mark and style.
    pub const fn new(data: R) -> Self {
        Self {
            data,
            marked: false,
            style: Style::new(),
        }
    }
}

/// A table to draw.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// The columns, left to right.
    pub columns: &'a [Column<'a>],
    /// Number of rows in all.
    pub total: usize,
    /// First row that is seen.
    pub offset: usize,
    /// Row under the cursor.
    pub cursor: Option<usize>,
    /// Whether keys go here.
    pub focused: bool,
    /// Column by which rows are sorted.
    pub sort: Option<(usize, Order)>,
    /// What to mark as found, by column, in lower case; missing columns have none.
    pub needles: &'a [&'a [&'a str]],
    /// Styles.
    pub theme: &'a Theme,
    /// Signs.
    pub glyphs: &'a Glyphs,
}

/// From this width on columns stand two cells apart.
const AIRY: u16 = 100;

impl Grid<'_> {
    /// Rows that fit into an area of this height: one line is the head.
    pub const fn rows_in(height: u16) -> u16 {
        height.saturating_sub(1)
    }

    /// Draws the table. `row` is asked once for each row that is seen (`None` leaves its line empty),
    /// `cell` once for each of its columns that is seen. Cells borrow from what `row` gave, so what
    /// else they show belongs into it.
    pub fn draw<R>(
        &self,
        buf: &mut Buffer,
        area: Rect,
        mut row: impl FnMut(usize) -> Option<Row<R>>,
        cell: impl for<'r> Fn(&'r R, usize) -> Cell<'r>,
    ) -> Hits {
        let area = area.intersection(buf.area);
        let lines = Self::rows_in(area.height);
        let bar = u16::from(self.total > usize::from(lines) && area.width > 2 && lines > 0);
        let gap = if area.width >= AIRY { 2 } else { 1 };
        let room = area.width.saturating_sub(1 + bar + bar * (gap - 1));
        let placed = widths::place(self.columns, area.x + 1, room, gap);
        let rows = Rect {
            y: area.y + (area.height - lines),
            height: lines,
            width: area.width - bar,
            ..area
        };
        let hits = Hits {
            head: Rect {
                height: area.height - lines,
                width: area.width - bar,
                ..area
            },
            rows,
            bar: (bar > 0).then(|| Rect::new(rows.right(), rows.y, 1, lines)),
            offset: self.offset,
            total: self.total,
            columns: placed,
        };
        if area.is_empty() {
            return hits;
        }
        self.draw_head(buf, &hits);
        let seen = usize::from(lines).min(self.total.saturating_sub(self.offset));
        for (y, index) in (rows.y..rows.bottom()).zip(self.offset..self.offset + seen) {
            if let Some(row) = row(index) {
                let line = Rect::new(rows.x, y, rows.width, 1);
                self.draw_row(buf, line, index, &row, &hits.columns, &cell);
            }
        }
        if let Some(bar) = hits.bar {
            scroll_bar::draw(buf, bar, self.total, self.offset, (self.theme, self.glyphs));
        }
        hits
    }

    fn draw_head(&self, buf: &mut Buffer, hits: &Hits) {
        buf.set_style(hits.head, self.theme.header);
        for placed in &hits.columns {
            let Some(column) = self.columns.get(placed.column) else {
                continue;
            };
            let sorted = self.sort.filter(|(sorted, _)| *sorted == placed.column);
            let marker = u16::from(sorted.is_some() && placed.width > 1);
            let field = Field {
                x: placed.x,
                y: hits.head.y,
                width: placed.width - marker,
                align: column.align,
                ellipsis: self.glyphs.ellipsis,
            };
            let title = field.draw(buf, column.title, self.theme.header);
            if let (Some((_, order)), 1) = (sorted, marker) {
                let sign = match order {
                    Order::Up => self.glyphs.up,
                    Order::Down => self.glyphs.down,
                };
                buf.set_stringn(title.end, field.y, sign, 1, self.theme.header);
            }
        }
    }

    fn draw_row<R>(
        &self,
        buf: &mut Buffer,
        line: Rect,
        index: usize,
        row: &Row<R>,
        placed: &[Placed],
        cell: impl for<'r> Fn(&'r R, usize) -> Cell<'r>,
    ) {
        let under_cursor = self.cursor == Some(index);
        let cursor = match (under_cursor, self.focused) {
            (true, true) => self.theme.cursor,
            (true, false) => self.theme.cursor_unfocused,
            (false, _) => Style::new(),
        };
        // A cursor without a colour of its own for text lets severities keep theirs.
        let kind = match cursor.fg {
            None | Some(Color::Reset) => without_foreground(cursor),
            Some(_) => cursor,
        };
        let base = self.theme.text;
        let over = meter::Over {
            plain: row.style.patch(cursor),
            severity: row.style.patch(kind),
        };
        for place in placed {
            let Some(column) = self.columns.get(place.column) else {
                continue;
            };
            let cell = cell(&row.data, place.column);
            let mut field = Field {
                x: place.x,
                y: line.y,
                width: place.width,
                align: column.align,
                ellipsis: self.glyphs.ellipsis,
            };
            if let Some((sign, own)) = cell.sign {
                let taken = width(sign).min(field.width);
                let style = base.patch(own).patch(over.severity);
                buf.set_stringn(field.x, field.y, sign, usize::from(taken), style);
                let step = (taken + 1).min(field.width);
                field.x += step;
                field.width -= step;
            }
            let area = Rect::new(field.x, field.y, field.width, 1);
            match cell.content {
                Content::Text(text) => {
                    let style = base.patch(cell.style).patch(over.plain);
                    let needles = self.needles.get(place.column).copied();
                    let needles = needles.unwrap_or_default();
                    field.draw_marked(buf, &text, style, needles, self.theme.match_);
                }
                Content::Meter(part, levels) => {
                    meter::draw(buf, area, part, levels, over, (self.theme, self.glyphs));
                }
                Content::Signs(signs) => {
                    for (x, (sign, own)) in (area.left()..area.right()).zip(signs) {
                        buf.set_stringn(x, area.y, sign, 1, base.patch(own).patch(over.severity));
                    }
                }
                Content::Trend(values, scale) => {
                    let style = self.theme.trend.patch(over.plain);
                    trend::draw(buf, area, values, scale, style, self.glyphs);
                }
            }
        }
        buf.set_style(line, without_foreground(cursor));
        self.draw_gutter(buf, line, row.marked, under_cursor);
    }

    fn draw_gutter(&self, buf: &mut Buffer, line: Rect, marked: bool, under_cursor: bool) {
        if marked {
            buf.set_stringn(line.x, line.y, self.glyphs.mark, 1, self.theme.mark);
        } else if under_cursor && !self.focused {
            let style = Style::new();
            buf.set_stringn(line.x, line.y, self.glyphs.chain, 1, style);
        }
    }
}

/// The cursor for what lies between cells: their own text has its colour already.
const fn without_foreground(style: Style) -> Style {
    Style { fg: None, ..style }
}

#[cfg(test)]
mod tests;
