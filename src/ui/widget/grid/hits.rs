//! What lies under the mouse.

use ratatui::layout::{Position, Rect};

use super::super::scroll_bar;
use super::widths::Placed;

/// Where a grid drew what, until the next frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The line of column heads.
    pub head: Rect,
    /// The lines of rows, also when there are none: room for a word about that.
    pub rows: Rect,
    /// The scroll bar.
    pub bar: Option<Rect>,
    /// First row that is seen.
    pub offset: usize,
    /// Number of rows in all.
    pub total: usize,
    /// The columns that are seen, left to right.
    pub columns: Vec<Placed>,
}

/// What a click met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// The head of this column.
    Head(usize),
    /// This row.
    Row(usize),
    /// The scroll bar: this row should become the first that is seen.
    Bar(usize),
}

impl Hits {
    /// What lies at a place of the screen.
    pub fn at(&self, x: u16, y: u16) -> Option<Hit> {
        let place = Position::new(x, y);
        if let Some(bar) = self.bar.filter(|bar| bar.contains(place)) {
            let offset = scroll_bar::offset_at(y - bar.y, bar.height, self.total);
            return Some(Hit::Bar(offset));
        }
        if self.head.contains(place) {
            // The gap behind a column belongs to it.
            let under = self.columns.iter().rev().find(|placed| placed.x <= x);
            return under.map(|placed| Hit::Head(placed.column));
        }
        if !self.rows.contains(place) {
            return None;
        }
        let index = self.offset.checked_add(usize::from(y - self.rows.y))?;
        (index < self.total).then_some(Hit::Row(index))
    }
}
