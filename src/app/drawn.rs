//! What the last frame showed, told back by drawing: where clicks lead, how far panels scroll.

use super::keys::Action;
use super::tab::Tab;

/// What the last frame showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Regions that react to a click, the topmost last.
    pub hits: Vec<(Region, Hit)>,
    /// Lines of the detail panel in all, and of those on the screen.
    pub detail: (usize, usize),
    /// Cards of a column of the board that fit.
    pub cards: usize,
    /// Links of the screen: where their words stand, and where they lead.
    pub links: Vec<(Region, String)>,
    /// Lines of the layer on top in all, and of those on the screen.
    pub layer: (usize, usize),
}

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

impl Region {
    /// Whether a cell is in it.
    pub const fn contains(self, column: u16, line: u16) -> bool {
        column >= self.x
            && line >= self.y
            && column - self.x < self.width
            && line - self.y < self.height
    }
}

/// What a click on a region means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// Opens a tab.
    Tab(Tab),
    /// Opens a section of the tickets by its place; 0 is the feed.
    Section(usize),
    /// Row of the table, as a position in the order shown.
    Row(usize),
    /// Heading of a column, by its position among all columns.
    Heading(usize),
    /// The detail panel.
    Detail,
    /// A part of the chain in the detail.
    Link(usize),
    /// Does an action (a key of the footer).
    Act(Action),
    /// Entry of the palette.
    Entry(usize),
    /// The table as a whole, for the wheel.
    Table,
    /// The layer on top: a click there does nothing, beside it closes it.
    Layer,
}

impl Drawn {
    /// What is at a cell.
    pub fn at(&self, column: u16, line: u16) -> Option<Hit> {
        self.hits
            .iter()
            .rev()
            .find(|(region, _)| region.contains(column, line))
            .map(|(_, hit)| *hit)
    }
}
