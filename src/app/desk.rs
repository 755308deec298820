//! How the tickets are looked at: the feed, a section as a list, or a section as a board.

use super::columns;
use super::rows::Rows;

/// How the tickets are looked at.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The open section; `None` is the feed.
    pub section: Option<String>,
    /// Sections are boards.
    pub board: bool,
    /// The board shows statuses that close.
    pub closed: bool,
    /// The rows of the feed.
    pub(super) feed: Rows,
}

impl Desk {
    /// The feed.
    pub fn new() -> Self {
        Self {
            section: None,
            board: false,
            closed: false,
            feed: Rows::new(&columns::feed::TABLE),
        }
    }

    /// Whether the feed is open.
    pub const fn is_feed(&self) -> bool {
        self.section.is_none()
    }

    /// Whether a board is open.
    pub const fn is_board(&self) -> bool {
        self.board && self.section.is_some()
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}
